"""Two ``hub serve`` processes over one database and one pair of keys, as behind a load balancer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
from joserfc.jwk import ECKey

from hub.oauth.clients import register_client
from hub.oauth.tokens import make_assertion, token_form
from hub.store.database import Database
from tests.support.postgres import FIELD_KEY, server
from tests.support.process import free_port, serve
from tests.support.reading import QIXING, small_world

ASKED: Final = {"query": "{ viewer { role } }"}


@dataclass
class Hubs:
    """``https``: a client of each process. Tokens are for ``base_url``, whoever is asked."""

    database: Database
    base_url: str
    data_dir: Path
    https: list[httpx.AsyncClient]
    keys: dict[str, ECKey]
    dsn: str

    @property
    def environment(self) -> dict[str, str]:
        """For ``hub`` commands."""
        return {
            "HUB_DATABASE_URL": self.dsn,
            "HUB_DATA_DIR": str(self.data_dir),
            "HUB_FIELD_KEY": FIELD_KEY,
            "HUB_BASE_URL": self.base_url,
        }

    async def register(self, client_id: str, **options: Any) -> None:
        key = self.keys[client_id] = ECKey.generate_key("P-256", auto_kid=True)
        jwks = {"keys": [key.as_dict(private=False)]}
        given = {"name": "民政局", "role": "bureau", "division_code": QIXING, "jwks": jwks, **options}
        await register_client(self.database, client_id, **given)

    def assertion(self, client_id: str) -> str:
        return make_assertion(client_id, self.keys[client_id].as_dict(private=True), self.base_url)

    async def post(self, which: int, path: str, client_id: str, **fields: str) -> httpx.Response:
        """A form, with the client's proof of who it is."""
        form = {**token_form(self.assertion(client_id)), **fields}
        if path != "/oauth/token":
            del form["grant_type"]
        return await self.https[which].post(path, data=form)

    async def token(self, which: int, client_id: str) -> str:
        answer = await self.post(which, "/oauth/token", client_id)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    async def ask(self, which: int, token: str) -> httpx.Response:
        return await self.https[which].post(
            "/graphql", json=ASKED, headers={"Authorization": f"Bearer {token}"}
        )


@asynccontextmanager
async def two_hubs() -> AsyncIterator[Hubs]:
    here, ports = await server(), [free_port(), free_port()]
    async with small_world() as world, AsyncExitStack() as stack:
        base_url = f"http://127.0.0.1:{ports[0]}"
        data_dir = here.directory / f"hubs-{ports[0]}"
        hubs = Hubs(world.database, base_url, data_dir, [], {}, here.dsn(world.database.name))
        starting = (serve(port, hubs.environment) for port in ports)
        await asyncio.gather(*(stack.enter_async_context(each) for each in starting))
        for port in ports:
            client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=30)
            hubs.https.append(await stack.enter_async_context(client))
        yield hubs
