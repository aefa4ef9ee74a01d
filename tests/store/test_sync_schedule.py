"""The worker's loop: every source once per interval, however many workers there are."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import pytest

from hub.errors import SourceError
from hub.store.database import Database
from hub.sync.connector import Batch, Place
from hub.sync.run import LOCK
from hub.sync.schedule import _claim, work
from tests.store import sync_source as source
from tests.store.sync_source import TODAY, County, Told, batch, dibao
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


# --- when a source is due ----------------------------------------------------------------------


async def claimed(county: County) -> bool:
    """Whether a worker would take the one source now."""
    return await _claim(county.db, dt.timedelta(hours=1)) is not None


@pytest.fixture
async def alone(db: Database) -> County:
    await source.empty(db)
    county = County(db, "source-1")
    await county.register()
    return county


async def changed(county: County, what: str) -> None:
    await county.db.owner.execute(f"update source set {what}")


async def test_a_source_has_an_interval_of_its_own(alone: County) -> None:
    assert await claimed(alone)
    assert not await claimed(alone)
    await changed(alone, "last_run_at = now() - interval '10 minutes', every_minutes = 5")
    assert await claimed(alone)
    await changed(alone, "last_run_at = now() - interval '2 hours', every_minutes = 1440")
    assert not await claimed(alone)


@pytest.mark.parametrize(
    ("begin", "end", "now", "is_open"),
    [
        ("22:00", "06:00", "23:30", True),
        ("22:00", "06:00", "05:59", True),
        ("22:00", "06:00", "12:00", False),
        ("08:00", "18:00", "08:00", True),
        ("08:00", "18:00", "18:00", False),
    ],
)
async def test_a_system_is_asked_in_its_window(
    alone: County, monkeypatch: pytest.MonkeyPatch, begin: str, end: str, now: str, is_open: bool
) -> None:
    await changed(alone, f"window_from = '{begin}', window_until = '{end}'")
    clock = dt.datetime.combine(TODAY, dt.time.fromisoformat(now), source.CHINA)
    monkeypatch.setattr("hub.sync.schedule.china_now", lambda: clock)
    assert await claimed(alone) is is_open


async def test_a_source_that_fails_is_asked_less_and_less_and_then_as_before(alone: County) -> None:
    alone.connector = Slow()
    await changed(alone, "location = 'broken'")
    waits = []
    for _ in range(9):
        with pytest.raises(SourceError):
            await alone.sync()
        waits.append(
            await alone.one("select extract(epoch from retry_at - last_run_at)::float8 / 60 from source")
        )
    for place, wait in enumerate(waits):
        assert 0.75 * min(2**place, 60) <= wait <= 1.25 * min(2**place, 60)
    assert not await claimed(alone)
    await changed(alone, "retry_at = now()")
    assert await claimed(alone)
    await changed(alone, "location = '/'")
    await alone.sync()
    assert await alone.all("select failure_count, retry_at from source") == [(0, None)]
    assert not await claimed(alone), "its turn comes after the interval"


async def test_what_is_being_run_is_not_due_though_it_failed_before(alone: County) -> None:
    await changed(alone, "failure_count = 1, retry_at = now() - interval '1 hour'")
    number = await alone.one("select id from source")
    async with alone.db.owner.acquire() as connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1, $2)", LOCK, number)
        await changed(alone, "last_status = 'RUNNING', last_run_at = now() - interval '2 minutes'")
        assert not await claimed(alone)
        await changed(alone, "last_status = 'FAILED'")
        assert await claimed(alone)


async def test_a_run_that_died_with_its_worker_is_taken_up_at_once(alone: County) -> None:
    number = await alone.one("select id from source")
    await changed(alone, "last_run_at = now() - interval '2 minutes', last_status = 'RUNNING'")
    async with alone.db.owner.acquire() as connection, connection.transaction():
        await connection.execute("select pg_advisory_xact_lock($1, $2)", LOCK, number)
        assert not await claimed(alone), "it is under way"
    assert await claimed(alone)
