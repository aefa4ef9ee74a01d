"""PostgreSQL that lets nobody in, or comes to a halt: every path says so, and none waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from joserfc.jwk import ECKey

from hub.oauth.metadata import TOKEN_PATH
from hub.oauth.tokens import make_assertion, token_form
from hub.store.database import Database
from tests.support.halting import Wire, halting
from tests.support.postgres import server
from tests.support.reading import small_world
from tests.support.serving import Served, served
from tests.support.trusted import DIVISION, ask, eventually, register

PATIENCE = 0.3
ENOUGH = 60.0
"""Seconds for all paths together: many times what they take, and less than for ever."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def reached() -> AsyncIterator[tuple[Served, Wire]]:
    with pytest.MonkeyPatch.context() as patch:
        for module in ("hub.store.lender", "hub.store.database", "hub.read.audit"):
            patch.setattr(f"{module}.PATIENCE", PATIENCE)
        patch.setattr("hub.store.lender.LOOK_SECONDS", PATIENCE / 3)
        patch.setattr("hub.oauth.server.SECONDS", PATIENCE)
        patch.setattr("hub.web.health.PATIENCE_SECONDS", PATIENCE)
        patch.setattr(Database.fetch, "__kwdefaults__", {"seconds": PATIENCE})
        async with small_world() as world:
            settings = (await server()).settings(world.database.name)
            async with halting(settings) as (wire, by_wire):
                database = await Database.open(by_wire)
                # Not of the logins, which other databases share: how long the hub waits for a statement.
                database._settings = by_wire.model_copy(update={"statement_timeout_ms": 100})
                try:
                    async with served(world, database) as hub:
                        await register(world.database, "bureau", division=DIVISION)
                        yield hub, wire
                finally:
                    await database.close()


def token(hub: Served) -> Awaitable[httpx.Response]:
    url = f"{hub.settings.base_url}{TOKEN_PATH}"
    key = ECKey.generate_key("P-256", auto_kid=True).as_dict(private=True)
    return hub.http.post(TOKEN_PATH, data=token_form(make_assertion("bureau", key, url), None))


def stream(hub: Served) -> Awaitable[httpx.Response]:
    query = "subscription { stationChanges { position } }"
    headers = {**hub.bearer(), "Accept": "text/event-stream"}
    return hub.http.post("/graphql", json={"query": query}, headers=headers)


PATHS: dict[str, tuple[Callable[[Served], Awaitable[httpx.Response]], str]] = {
    "query": (lambda hub: hub.ask("{ stations { totalCount } }"), "UNAVAILABLE"),
    "query of another client": (lambda hub: hub.ask("{ divisions { totalCount } }", "agency"), "UNAVAILABLE"),
    "query of a contractor": (lambda hub: hub.ask("{ visits { totalCount } }", "contractor"), "UNAVAILABLE"),
    "trusted document": (lambda hub: ask(hub, documentId="division"), "UNAVAILABLE"),
    "endpoint": (lambda hub: hub.http.get("/documents/division", headers=hub.bearer()), "UNAVAILABLE"),
    "list": (lambda hub: hub.http.get("/documents", headers=hub.bearer()), "UNAVAILABLE"),
    "OpenAPI": (lambda hub: hub.http.get("/documents/openapi.json", headers=hub.bearer()), "UNAVAILABLE"),
    "token": (token, "temporarily_unavailable"),
    "stream": (stream, "UNAVAILABLE"),
    "health": (lambda hub: hub.http.get("/health/ready"), "unavailable"),
    "metrics": (lambda hub: hub.http.get("/metrics"), "hub_database_up 0.0"),
}
ANSWERED_ALL_THE_SAME = {"stream", "metrics"}
"""An event stream tells an error as its event."""


async def all_say_so(hub: Served) -> None:
    async with asyncio.timeout(ENOUGH):
        answers = await asyncio.gather(*(asked(hub) for asked, _ in PATHS.values()))
    for (path, (_, word)), answer in zip(PATHS.items(), answers, strict=True):
        status = 200 if path in ANSWERED_ALL_THE_SAME else 503
        assert (path, answer.status_code) == (path, status), answer.text
        assert word in answer.text, path


async def all_is_well_again(hub: Served) -> None:
    for path in ("query", "list", "endpoint", "trusted document", "health"):
        answer = await eventually(lambda asked=PATHS[path][0]: asked(hub), 200)  # type: ignore[misc]
        assert (path, answer.status_code) == (path, 200), answer.text


@pytest.mark.parametrize("warm", [True, False], ids=["in the middle", "from the beginning"])
async def test_a_halt_is_told_in_time(reached: tuple[Served, Wire], warm: bool) -> None:
    """``warm``: with connections that were used before."""
    hub, wire = reached
    if warm:
        await all_is_well_again(hub)
    with wire.halted():
        await all_say_so(hub)
    await all_is_well_again(hub)


async def test_a_refused_connection_is_told(reached: tuple[Served, Wire]) -> None:
    hub, wire = reached
    name = hub.world.database.name
    superior: Any = await asyncpg.connect((await server()).dsn())
    try:
        await superior.execute(f"alter database {name} allow_connections false")
        wire.cut()
        await all_say_so(hub)
    finally:
        await superior.execute(f"alter database {name} allow_connections true")
        await superior.close()
    await all_is_well_again(hub)
