"""A run that is killed, anywhere: nothing is lost, nothing is there twice, and the next one goes on."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest

from connectors.emulators import mariadb
from connectors.emulators.exchange import Exchange, in_gbk
from connectors.emulators.world import build_world
from tests.connectors.hub_of import CODE, TODAY, Filled, hub_of, moment
from tests.connectors.roster_files import dibao, person, save
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


async def run(hub: Filled, kill_after: float | None = None) -> None:
    """``hub sync`` as a process of its own, to its end, or to ``kill -9`` so long after the run has begun."""
    environment = {
        **os.environ,
        "HUB_DATABASE_URL": (await server()).dsn(hub.database.name),
        "HUB_FIELD_KEY": FIELD_KEY,
        "HUB_LOG_LEVEL": "error",
    }
    runs = await hub.one("select count(*) from sync_run")
    process = await asyncio.create_subprocess_exec(
        HUB, "sync", CODE, "--accept-losses", env=environment, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    if kill_after is not None:
        while await hub.one("select count(*) from sync_run") == runs and process.returncode is None:  # noqa: ASYNC110
            await asyncio.sleep(0.005)
        await asyncio.sleep(kill_after)
        with suppress(ProcessLookupError):
            process.kill()
    await process.wait()
    assert kill_after is not None or process.returncode == 0


async def free(hub: Filled) -> None:
    """PostgreSQL needs a moment to see that whoever held the lock of the source is gone."""
    held = "select exists (select from pg_locks where locktype = 'advisory' and objsubid = 2)"
    async with asyncio.timeout(30):
        while await hub.one(held):  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def test_a_roster_whenever_it_is_killed(tmp_path: Path) -> None:
    """The same list with another row each time; most of it is known, and comes as lines."""
    people = [person(number, household="") for number in range(1, 201)]
    async with hub_of(COUNTY) as hub, hub_of(COUNTY) as undisturbed:
        for each in (hub, undisturbed):
            await each.register("roster", str(tmp_path))
            await each.open_stations()
        killed = 0
        for step in range(4):
            people[step][7] = 600 + step
            save(tmp_path, dibao(*(each for place, each in enumerate(people, 1) if place % 50 or step > 1)))
            await run(undisturbed)
            await run(hub, kill_after=0.15 * step)
            await free(hub)
            killed += await hub.one("select last_status <> 'SUCCEEDED' from source") or 0
        await run(hub)
        assert killed >= 1, "runs were to be killed in the middle"
        assert await hub.benefits() == await undisturbed.benefits()
        assert len(await hub.benefits()) == len(people)
        report = await hub.sync()
        assert (report.changed, report.unchanged) == (0, len(people))


async def test_whenever_it_is_killed(exchange: Exchange) -> None:
    people = list(exchange.people)
    steps = [people[: 40 + 12 * step] if step % 3 else people[step * 2 :] for step in range(KILLS)]
    async with hub_of(COUNTY) as hub, hub_of(COUNTY) as undisturbed:
        for each in (hub, undisturbed):
            await each.register("social-assistance", exchange.location, password=mariadb.PASSWORD)
            await each.open_stations()
        killed = 0
        for step, listed in enumerate(steps):
            exchange.truth.clear()
            await exchange.publish(moment(1 + step), listed)
            await run(undisturbed)
            await free(hub)
            await run(hub, kill_after=0.05 * step)
            killed += await hub.one("select last_status <> 'SUCCEEDED' from source") or 0
        await free(hub)
        await run(hub)
        assert await hub.benefits() == await undisturbed.benefits()
        assert await hub.benefits() == exchange.truth.facts()
        assert await hub.reasons() == {}
        assert killed >= 2, "runs were to be killed in the middle"
        assert (await hub.sync()).changed == 0
