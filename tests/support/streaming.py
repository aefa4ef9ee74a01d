"""The hub on a port of the loopback, with a small county that can change, and clients that follow it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final

import httpx
from starlette.types import ASGIApp, Receive, Scope, Send
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from hub.store.database import Database
from hub.web.messages import PROTOCOL
from tests.support.serving import Served, serving
from tests.support.wire import Listening, listening

LIVE: Final = (
    "update contract set status = 'ACTIVE', starts_on = '2020-01-01', ends_on = '2099-12-31' where id ="
    " (select min(id) from contract where contractor_id = 1)"
)
"""The contractor has a contract today; and by this it has it no longer:"""
ENDED: Final = LIVE.replace("2099", "2021")
WAIT: Final = 10.0
"""Seconds any single step may take; none is a measure of speed."""

FIELDS: Final = "position operation id node { id }"


def following(name: str = "beneficiaryChanges", chosen: str = FIELDS, given: str = "") -> str:
    return f"subscription Follow($after: String) {{ {name}(after: $after{given}) {{ {chosen} }} }}"


@dataclass
class Followed:
    """A hub that listens."""

    served: Served
    wire: Listening

    @property
    def database(self) -> Database:
        return self.served.world.database

    @property
    def http_url(self) -> str:
        return f"http://127.0.0.1:{self.wire.port}/graphql"

    @asynccontextmanager
    async def sse(
        self, query: str, role: str = "bureau", headers: dict[str, str] | None = None, **variables: Any
    ) -> AsyncIterator[Sse]:
        given = {"Accept": "text/event-stream", **self.served.bearer(role), **(headers or {})}
        body = {"query": query, "variables": variables}
        async with (
            httpx.AsyncClient(trust_env=False, timeout=WAIT) as http,
            http.stream("POST", self.http_url, json=body, headers=given) as answer,
        ):
            yield Sse(answer)

    @asynccontextmanager
    async def socket(
        self,
        role: str | None = "bureau",
        *,
        protocol: str | None = PROTOCOL,
        origin: str | None = None,
        headers: dict[str, str] | None = None,
    ) -> AsyncIterator[Socket]:
        """With a ``role``: after ``connection_ack``."""
        offered = [Subprotocol(protocol)] if protocol else None
        url = self.http_url.replace("http", "ws", 1)
        given: Any = {"origin": origin, "additional_headers": headers, "proxy": None}
        async with connect(url, subprotocols=offered, compression=None, **given) as raw:
            socket = Socket(raw)
            if role is not None:
                await socket.init(self.served.bearer(role))
            yield socket


@dataclass
class Sse:
    answer: httpx.Response
    lines: AsyncIterator[str] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = self.answer.aiter_lines()

    async def event(self) -> tuple[str, Any]:
        """Kind and data of the next event; pings are passed over. EOFError at the end."""
        said: dict[str, str] = {}
        async with asyncio.timeout(WAIT):
            async for line in self.lines:
                if line and not line.startswith(":"):
                    name, _, value = line.partition(":")
                    said[name] = value.removeprefix(" ")
                elif said:
                    return said["event"], json.loads(said["data"]) if said["data"] else None
        raise EOFError

    async def next(self) -> Any:
        """The one field of the next event."""
        kind, payload = await self.event()
        assert kind == "next", payload
        ((_, event),) = payload["data"].items()
        return event

    async def ids(self, count: int) -> list[tuple[str, str]]:
        events = [await self.next() for _ in range(count)]
        return [(event["operation"], event["id"]) for event in events]


@dataclass
class Socket:
    raw: ClientConnection

    async def say(self, **message: Any) -> None:
        await self.raw.send(json.dumps(message))

    async def hear(self) -> Any:
        async with asyncio.timeout(WAIT):
            return json.loads(await self.raw.recv())

    async def init(self, payload: Any) -> None:
        await self.say(type="connection_init", payload=payload)
        assert await self.hear() == {"type": "connection_ack"}

    async def subscribe(self, name: str, query: str, **variables: Any) -> None:
        await self.say(type="subscribe", id=name, payload={"query": query, "variables": variables})

    async def next(self, name: str) -> Any:
        message = await self.hear()
        assert (message["type"], message["id"]) == ("next", name), message
        ((_, event),) = message["payload"]["data"].items()
        return event

    async def code(self) -> tuple[int, str]:
        """How the hub closes it; messages before that are passed over."""
        async with asyncio.timeout(WAIT):
            with suppress(ConnectionClosed):
                while True:
                    await self.raw.recv()
        assert self.raw.close_code is not None
        return self.raw.close_code, self.raw.close_reason or ""


@asynccontextmanager
async def streaming(**options: Any) -> AsyncIterator[Followed]:
    """``options``: more settings."""
    async with serving(**options) as served, listening(begun(served.app)) as wire:
        yield Followed(served, wire)


def begun(app: ASGIApp) -> ASGIApp:
    """``app``, whose life began before the server's."""

    async def same(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "lifespan":
            await app(scope, receive, send)
            return
        while (await receive())["type"] == "lifespan.startup":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})

    return same


async def commit(database: Database, *statements: str, **changed: Iterable[int]) -> None:
    """``statements``, then what a run would note: the numbers of rows of each table, in the first county."""
    async with database.transaction() as connection:
        for statement in statements:
            await connection.execute(statement)
        for table, numbers in changed.items():
            for number in numbers:
                await connection.execute(
                    "insert into change (entity, county_code, entity_id, operation)"
                    " values ($1, $2, $3, 'U')",
                    table, None if table == "contractor" else "450305", number,
                )  # fmt: skip
        await connection.execute("select pg_notify('hub_change', 'test')")
