"""The whole application over a real database, asked through ASGI with real tokens of real clients."""

from __future__ import annotations

import datetime as dt
import io
import logging
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
from joserfc.jwk import ECKey

from hub.app import create
from hub.domain.dates import CHINA
from hub.log import Lines
from hub.oauth.clients import register_client
from hub.oauth.metadata import Issuer
from hub.oauth.tokens import ACCESS_TOKEN_SECONDS, fetch_token
from hub.personas import read_demo
from hub.settings import Settings
from hub.store.database import Database
from tests.support.logs import captured_logs
from tests.support.postgres import FIELD_KEY

NUMBERS: Final = re.compile(r"459999[0-9]{11}[0-9X]")
"""Whole identity numbers of the world; nobody alive has one of this region."""

KEY: Final = ECKey.generate_key("P-256", auto_kid=True)


@dataclass(slots=True)
class Clock:
    """The day the hub believes it is."""

    day: dt.date

    def __call__(self) -> dt.datetime:
        return dt.datetime.combine(self.day, dt.time(12), CHINA)


@dataclass(slots=True)
class Hub:
    """``clients``: identifier and private key by persona. ``may_see``: identity numbers a persona may be
    told, None for any; everybody else may be told none."""

    http: httpx.AsyncClient
    database: Database
    settings: Settings
    clock: Clock
    log: io.StringIO
    clients: dict[str, tuple[str, Mapping[str, Any]]] = field(default_factory=dict)
    may_see: dict[str, frozenset[str] | None] = field(default_factory=dict)
    tokens: dict[str, tuple[float, str]] = field(default_factory=dict)

    async def register(self, name: str, role: str, **options: Any) -> None:
        jwks = {"keys": [KEY.as_dict(private=False)]}
        await register_client(self.database, name, name=name, role=role, jwks=jwks, **options)
        self.clients[name] = name, KEY.as_dict(private=True)

    async def new_token(self, name: str, scope: str | None = None) -> str:
        client_id, key = self.clients[name]
        token_url = Issuer.of(self.settings.base_url).token_url
        return await fetch_token(self.http, token_url, client_id, key, scope)

    async def token(self, name: str) -> str:
        made, token = self.tokens.get(name, (0.0, ""))
        if not token or time.monotonic() - made > ACCESS_TOKEN_SECONDS / 2:
            token = await self.new_token(name)
            self.tokens[name] = time.monotonic(), token
        return token

    async def post(self, name: str, query: str, variables: Mapping[str, Any] | None = None) -> httpx.Response:
        """Whatever the answer is, no number of a person stands in it whom the persona may not see."""
        answer = await self.http.post(
            "/graphql",
            headers={"Authorization": f"Bearer {await self.token(name)}"},
            json={"query": query, "variables": dict(variables or {})},
        )
        known = self.may_see.get(name, frozenset())
        assert known is None or set(NUMBERS.findall(answer.text)) <= known, f"{name} was told of others"
        return answer

    async def ask(self, name: str, query: str, variables: Mapping[str, Any] | None = None) -> dict[str, Any]:
        answer = await self.post(name, query, variables)
        body: dict[str, Any] = orjson.loads(answer.content)
        assert answer.status_code == 200, answer.text[:500]
        assert "errors" not in body, answer.text[:500]
        data: dict[str, Any] = body["data"]
        return data

    async def everything(self, name: str, query: str, root: str, first: int = 80) -> dict[str, Any]:
        """A root list read page by page; ``query`` takes ``$first`` and ``$after`` and asks for pageInfo."""
        after, nodes, total = None, [], 0
        while True:
            page = (await self.ask(name, query, {"first": first, "after": after}))[root]
            nodes += page["nodes"]
            total = page["totalCount"]
            if not page["pageInfo"]["hasNextPage"]:
                return {"totalCount": total, "nodes": nodes}
            after = page["pageInfo"]["endCursor"]
            assert len(nodes) <= total, "the pages never end"

    async def refuses(
        self, name: str, query: str, variables: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """The errors of a request that is not executed."""
        answer = await self.post(name, query, variables)
        body = orjson.loads(answer.content)
        assert answer.status_code == 422, answer.text[:500]
        assert "data" not in body
        errors: list[dict[str, Any]] = body["errors"]
        return errors


@asynccontextmanager
async def application(database: Database, settings: Settings, today: dt.date) -> AsyncIterator[Hub]:
    """On a day of our choice."""
    clock = Clock(today)
    app = create(settings, database, clock)
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url=settings.base_url) as http:
            yield Hub(http, database, settings, clock, said())


def said() -> io.StringIO:
    """What the hub logs from here on."""
    stream = io.StringIO()
    for handler in logging.getLogger().handlers:
        if isinstance(handler, logging.StreamHandler) and type(handler) in (logging.StreamHandler, Lines):
            handler.setStream(stream)
    return stream


@asynccontextmanager
async def running(database: Database, data_dir: Path, today: dt.date) -> AsyncIterator[Hub]:
    """The application in a directory that ``hub demo`` filled, with its personas as clients."""
    settings = settings_in(data_dir, demo=True)
    with captured_logs(settings):
        async with application(database, settings, today) as hub:
            for who in read_demo(data_dir)["personas"]:
                hub.clients[who["name"]] = who["client_id"], who["private_key_jwk"]
            yield hub
            assert '"request"' in hub.log.getvalue()
            assert not NUMBERS.search(hub.log.getvalue()), "a log holds an identity number"


def settings_in(data_dir: Path, *, demo: bool = False) -> Settings:
    """With room for whoever asks for all of a world at once."""
    return Settings(
        data_dir=data_dir,
        field_key=FIELD_KEY,
        demo=demo,
        questions_per_minute=1_000_000,
        questions_per_day=1_000_000_000,
        questions_alike=1000,
        cost_per_request=1_000_000_000,
        cost_per_minute=2_000_000_000,
    )
