"""The worker's loop: every source once per interval, however many workers there are."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import pytest

from hub.errors import SourceError
from hub.store.database import Database
from hub.sync.connector import Batch, Place
from hub.sync.run import LOCK
from hub.sync.schedule import work
from tests.store import sync_source as source
from tests.store.sync_source import County, Told, batch, dibao
from tests.support.postgres import fresh_database


@pytest.fixture(scope="module")
async def db() -> AsyncIterator[Database]:
    async with fresh_database(source.tables, pool_size=8) as database:
        yield database


class Slow(Told):
    """Takes a moment; fails at the location told to."""

    async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
        await asyncio.sleep(0.02)
        if place.location == "broken":
            raise SourceError("The folder does not answer.")
        yield batch("dibao", [dibao(1)])


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(10):
        while not await condition():  # noqa: ASYNC110
            await asyncio.sleep(0.02)


@pytest.fixture
async def counties(db: Database) -> list[County]:
    await source.empty(db)
    found = [County(db, f"source-{n}") for n in range(6)]
    for county in found:
        await county.register()
    await db.owner.execute("update source set location = 'broken' where code = 'source-0'")
    return found


async def test_two_workers_share_the_sources(db: Database, counties: list[County]) -> None:
    stop = asyncio.Event()
    one = counties[0].one

    async def all_ended() -> bool:
        return bool(await one("select count(*) = 6 from sync_run where status <> 'RUNNING'"))

    connectors = {"told": Slow()}
    workers = [asyncio.create_task(work(db, counties[0].vault, connectors, 3600, stop)) for _ in range(2)]
    await until(all_ended)
    await asyncio.sleep(0.1)
    stop.set()
    await asyncio.wait_for(asyncio.gather(*workers), 5)
    runs = await counties[0].all("select code, status from sync_run r join source s on s.id = source_id")
    assert sorted(tuple(r) for r in runs) == [
        ("source-0", "FAILED"),
        *((f"source-{n}", "SUCCEEDED") for n in range(1, 6)),
    ]


async def test_a_source_comes_again_after_the_interval(db: Database, counties: list[County]) -> None:
    await db.owner.execute("delete from source where code <> 'source-1'")
    stop = asyncio.Event()

    async def three_runs() -> bool:
        return bool(await counties[0].one("select count(*) >= 3 from sync_run where status = 'SUCCEEDED'"))

    worker = asyncio.create_task(work(db, counties[0].vault, {"told": Slow()}, 0.1, stop))
    await until(three_runs)
    stop.set()
    await asyncio.wait_for(worker, 5)
    gaps = await counties[0].one(
        "select min(gap) from (select started_at - lag(started_at) over (order by id) as gap from sync_run) g"
    )
    assert gaps.total_seconds() > 0.09


async def test_stop_ends_an_idle_worker(db: Database) -> None:
    await source.empty(db)
    stop = asyncio.Event()
    worker = asyncio.create_task(work(db, County(db).vault, {}, 3600, stop))
    await asyncio.sleep(0.05)
    stop.set()
    await asyncio.wait_for(worker, 2)


async def test_a_source_that_somebody_else_runs_tells_that_run(db: Database, counties: list[County]) -> None:
    await db.owner.execute("delete from source where code <> 'source-1'")
    number = await counties[1].one("select id from source")
    began = await counties[1].one(
        "insert into sync_run (source_id, started_at, status)"
        " values ($1, now() - interval '2 hours', 'RUNNING') returning started_at",
        number,
    )
    stop = asyncio.Event()

    async def told_the_run() -> bool:
        return bool(await counties[1].one("select last_run_at from source") == began)

    async with db.owner.acquire() as connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1, $2)", LOCK, number)
        worker = asyncio.create_task(work(db, counties[1].vault, {"told": Slow()}, 86_400, stop))
        await until(told_the_run)
        stop.set()
        await asyncio.wait_for(worker, 5)
    assert await counties[1].one("select count(*) from sync_run") == 1
