"""A run that is killed, anywhere: nothing is lost, nothing is there twice, and the next one goes on."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from typing import Final

import pytest

from connectors.emulators import mariadb
from connectors.emulators.exchange import Exchange, in_gbk
from connectors.emulators.world import build_world
from tests.connectors.hub_of import CODE, TODAY, Filled, hub_of, moment
from tests.support.needs import need
from tests.support.postgres import FIELD_KEY, server
from tests.support.process import HUB

COUNTY: Final = "450305"
KILLS: Final = 8


@pytest.fixture
async def exchange() -> AsyncIterator[Exchange]:
    if not mariadb.is_there():
        need("mariadbd")
    world = build_world(seed=5, people=1200, today=TODAY)
    people = [person for person in world.people(COUNTY) if "?" not in in_gbk(person.name)]
    async with mariadb.served() as port:
        yield Exchange(people, port, mariadb.PASSWORD)


async def run(hub: Filled, kill_after: float | None = None) -> float:
    """``hub sync`` as a process of its own, to its end or to ``kill -9``; the seconds it took."""
    environment = {
        **os.environ,
        "HUB_DATABASE_URL": (await server()).dsn(hub.database.name),
        "HUB_FIELD_KEY": FIELD_KEY,
        "HUB_LOG_LEVEL": "error",
    }
    started = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        HUB, "sync", CODE, "--accept-losses", env=environment, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        await asyncio.wait_for(process.wait(), kill_after)
        assert kill_after is not None or process.returncode == 0
    except TimeoutError:
        process.kill()
        await process.wait()
    return time.monotonic() - started


async def free(hub: Filled) -> None:
    """PostgreSQL needs a moment to see that whoever held the lock of the source is gone."""
    held = "select exists (select from pg_locks where locktype = 'advisory' and objsubid = 2)"
    async with asyncio.timeout(30):
        while await hub.one(held):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_whenever_it_is_killed(exchange: Exchange) -> None:
    people = list(exchange.people)
    steps = [people[: 40 + 12 * step] if step % 3 else people[step * 2 :] for step in range(KILLS)]
    async with hub_of(COUNTY) as hub, hub_of(COUNTY) as undisturbed:
        for each in (hub, undisturbed):
            await each.register("social-assistance", exchange.location, password=mariadb.PASSWORD)
            await each.open_stations()
        killed = 0
        length = 0.0
        for step, listed in enumerate(steps):
            exchange.truth.clear()
            await exchange.publish(moment(1 + step), listed)
            length = max(length, await run(undisturbed))
            await free(hub)
            await run(hub, kill_after=length * (0.3 + 0.7 * step / KILLS))
            killed += await hub.one("select last_status <> 'SUCCEEDED' from source") or 0
        await free(hub)
        await run(hub)
        assert await hub.benefits() == await undisturbed.benefits()
        assert await hub.benefits() == {(n, str(c)) for n, c in exchange.truth.values()}
        assert await hub.reasons() == {}
        assert killed >= KILLS // 4, "most runs were to be killed in the middle"
        assert (await hub.sync()).changed == 0
