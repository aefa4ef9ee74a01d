"""The whole application over a small county, with a registered client of every role."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx
from joserfc.jwk import ECKey
from pydantic import SecretStr
from starlette.applications import Starlette

from hub.app import create
from hub.oauth.clients import register_client, resume_client
from hub.oauth.metadata import TOKEN_PATH
from hub.oauth.tokens import fetch_token
from hub.settings import Settings
from hub.store.database import Database
from tests.support.logs import Captured, captured_logs
from tests.support.postgres import FIELD_KEY, server
from tests.support.reading import DONGJIANG, QIXING, World, small_world

CLIENTS: Final[dict[str, dict[str, Any]]] = {
    "bureau": {"division_code": QIXING},
    "township": {"division_code": DONGJIANG},
    "contractor": {"organisation_id": 1},
    "agency": {"division_code": QIXING},
    "operator": {},
}


@dataclass
class Served:
    """``tokens`` by role."""

    http: httpx.AsyncClient
    world: World
    settings: Settings
    tokens: dict[str, str]
    logs: Captured
    app: Starlette
    keys: dict[str, ECKey]

    def bearer(self, role: str = "bureau") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens[role]}"}

    async def sign_in(self, role: str) -> None:
        """With another token from now on."""
        url, key = f"{self.settings.base_url}{TOKEN_PATH}", self.keys[role].as_dict(private=True)
        self.tokens[role] = await fetch_token(self.http, url, role, key)

    async def resume(self, role: str) -> None:
        """After a suspension, which ended the token there was."""
        await resume_client(self.world.database, role)
        await self.sign_in(role)

    async def post(
        self, content: Any, *, role: str = "bureau", headers: dict[str, str] | None = None
    ) -> httpx.Response:
        """``content`` as it stands, as JSON unless ``headers`` say otherwise."""
        given = {"Content-Type": "application/json", **self.bearer(role), **(headers or {})}
        return await self.http.post("/graphql", content=content, headers=given)

    async def ask(self, query: str, role: str = "bureau", **variables: Any) -> httpx.Response:
        body = {"query": query, "variables": variables}
        return await self.http.post("/graphql", json=body, headers=self.bearer(role))


@asynccontextmanager
async def serving(**options: Any) -> AsyncIterator[Served]:
    """``options``: more settings."""
    async with small_world() as world, served(world, world.database, **options) as made:
        yield made


@asynccontextmanager
async def served(world: World, database: Database, **options: Any) -> AsyncIterator[Served]:
    """The application over ``database``, which reaches the world's."""
    data_dir = (await server()).directory / "served"
    settings = Settings(data_dir=data_dir, field_key=SecretStr(FIELD_KEY), **options)
    app = create(settings, database)
    async with app.router.lifespan_context(app):  # which configures logging itself
        with captured_logs(settings) as logs:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url=settings.base_url) as http:
                keys = {role: ECKey.generate_key("P-256", auto_kid=True) for role in CLIENTS}
                made = Served(http, world, settings, {}, logs, app, keys)
                for role, key in keys.items():
                    jwks: Any = {"keys": [key.as_dict(private=False)]}
                    await register_client(
                        world.database, role, name=role, role=role, jwks=jwks, **CLIENTS[role]
                    )
                    await made.sign_in(role)
                yield made
