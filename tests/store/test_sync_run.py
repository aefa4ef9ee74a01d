"""A run is all or nothing, one at a time, and says how it ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from hub.errors import ConfigurationError, NotFound, SourceError, Unavailable
from hub.store.database import Database
from hub.sync.connector import Batch, Place
from hub.sync.history import explain
from hub.sync.run import LOCK, run_source
from tests.store import sync_source as source
from tests.store.sync_source import JANUARY, MARCH, County, Told, batch, dibao, elder


class Breaks(Told):
    """Delivers, then fails."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
        yield batch("dibao", [dibao(1), dibao(2, 身份证号="1")], checkpoint={"at": 1})
        raise self.error


@asynccontextmanager
async def stuck(county: County, rows: Batch) -> AsyncIterator[tuple[asyncio.Task[Any], int]]:
    """A run that has written people and waits to write their memberships, and the process it runs in."""
    async with county.db.transaction() as other:
        await other.execute("lock table category_membership in exclusive mode")
        task = asyncio.create_task(county.sync(rows))
        waiting = "select count(*) from pg_locks where not granted and locktype = 'relation'"
        while not await county.one(waiting):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        pid = await county.one(
            "select pid from pg_locks where locktype = 'advisory' and classid = $1 and objid = 1", LOCK
        )
        yield task, pid


async def last_run(county: County) -> dict[str, Any]:
    row = await county.db.owner.fetchrow("select * from sync_run order by id desc limit 1")
    return dict(row or {})


async def test_registering_again_brings_up_to_date(county: County, db: Database) -> None:
    first = await county.one("select id from source")
    county.code = "roster-450305"
    await county.register()
    assert await county.all("select id, code from source") == [(first, "roster-450305")]
    with pytest.raises(ConfigurationError):
        await county.register("4503")


async def test_a_good_run_is_told(county: County) -> None:
    await county.sync(batch("dibao", [dibao(1), dibao(2), dibao(3, 身份证号="1")], checkpoint={"at": 7}))
    run = await last_run(county)
    assert run["status"] == "SUCCEEDED"
    counts = ("read_count", "unchanged_count", "accepted_count", "quarantined_count", "changed_count")
    assert [run[name] for name in counts] == [3, 0, 2, 1, 5]
    assert run["finished_at"] > run["started_at"]
    told = await county.db.owner.fetchrow("select * from source")
    assert told is not None
    assert told["last_status"] == "SUCCEEDED"
    assert told["last_success_at"] >= told["last_run_at"]
    await county.sync()
    assert county.connector.asked == [None, {"at": 7}]


async def test_a_source_is_asked_for_everything_again(county: County) -> None:
    """Of a source that tells news: what it said stays, and its checkpoint moves as with any run."""
    await county.sync(batch("dibao", [dibao(1), dibao(2)], checkpoint={"at": 7}))
    before = await county.one("select count(*) from category_membership")
    report = await county.sync(batch("dibao", [dibao(2), dibao(3)], checkpoint={"at": 8}), anew=True)
    assert (report.read, report.unchanged, report.accepted, report.withdrawn) == (2, 1, 1, 0)
    assert await county.one("select count(*) from category_membership") == before + 1
    await county.sync()
    assert county.connector.asked == [None, None, {"at": 8}]


@pytest.mark.parametrize("of_a_row", [True, False])
async def test_a_time_without_its_zone_is_told(county: County, of_a_row: bool) -> None:
    """Of the batch, or of a row."""
    told = batch("dibao", [dibao(1)])
    bare = told.observed_at.replace(tzinfo=None)
    told = (
        replace(told, rows=[replace(row, observed_at=bare) for row in told.rows])
        if of_a_row
        else replace(told, observed_at=bare)
    )
    with pytest.raises(ConfigurationError, match="zone"):
        await county.sync(told)


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (SourceError("The folder does not answer."), "SOURCE_ERROR: The folder does not answer."),
        (ValueError("张三 459999195001010001"), "INTERNAL_ERROR: ValueError"),
    ],
)
async def test_a_failed_run_leaves_only_its_reason(county: County, error: Exception, told: str) -> None:
    before = await county.state()
    county.connector = Breaks(error)
    with pytest.raises(type(error)):
        await county.sync()
    assert await county.state() == before
    run = await last_run(county)
    assert (run["status"], run["error"], run["read_count"]) == ("FAILED", told, 0)
    assert await county.one("select count(*) from quarantined_row") == 0
    assert await county.all("select checkpoint, last_success_at, last_status from source") == [
        (None, None, "FAILED")
    ]


async def test_a_backend_killed_in_the_middle_changes_nothing(county: County) -> None:
    await county.sync(batch("dibao", [dibao(1)], at=JANUARY))
    before = await county.state()
    rows = batch("dibao", [dibao(n, f"H{n}") for n in range(50)], at=MARCH)
    async with stuck(county, rows) as (task, pid):
        await county.one("select pg_terminate_backend($1)", pid)
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, ConnectionError)):
            await task
        assert await county.state() == before
        assert (await last_run(county))["status"] == "FAILED"
    report = await county.sync(rows)
    assert (report.accepted, report.unchanged) == (50, 0)
    assert await county.one("select count(*) from category_membership") == 50


async def test_a_cancelled_run_changes_nothing(county: County) -> None:
    before = await county.state()
    rows = batch("dibao", [dibao(n) for n in range(50)])
    async with stuck(county, rows) as (task, _):
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await county.state() == before
        assert (await last_run(county))["error"] == "INTERNAL_ERROR: CancelledError"
    assert (await county.sync(rows)).accepted == 50


async def test_one_run_of_a_source_at_a_time(county: County, db: Database) -> None:
    async with stuck(county, batch("dibao", [dibao(1)])) as (task, _):
        assert (await last_run(county))["status"] == "RUNNING"
        with pytest.raises(Unavailable):
            await County(db).sync(batch("dibao", [dibao(2)]))
        assert await county.one("select count(*) from sync_run") == 1
    await task


async def test_two_sources_of_one_county_at_a_time_make_one_person(county: County, db: Database) -> None:
    other = County(db, "api-450305")
    await other.register()
    people = list(range(200))
    await asyncio.gather(
        county.sync(batch("dibao", [dibao(n) for n in people])),
        other.sync(batch("elder", [elder(n) for n in people])),
    )
    assert await county.one("select count(*) from beneficiary") == 200
    assert await county.one("select count(*) from beneficiary_record") == 400


async def test_a_run_whose_process_died_is_called_failed(county: County) -> None:
    await county.db.owner.execute(
        "insert into sync_run (source_id, started_at, status) values (1, now(), 'RUNNING')"
    )
    await county.sync(batch("dibao", [dibao(1)]))
    assert await county.all("select status, left(error, 11) from sync_run order by id") == [
        ("FAILED", "INTERRUPTED"),
        ("SUCCEEDED", None),
    ]


async def test_unknown_source_and_connector(county: County) -> None:
    with pytest.raises(NotFound):
        await run_source(county.db, county.vault, {}, "nobody", today=source.TODAY)
    with pytest.raises(ConfigurationError):
        await run_source(county.db, county.vault, {}, county.code, today=source.TODAY)
    assert (await last_run(county))["error"].startswith("CONFIGURATION_ERROR: ")


def test_errors_of_the_database_are_told_by_their_state() -> None:
    error = asyncpg.UniqueViolationError("duplicate key (459999195001010001)")
    assert explain(error) == "INTERNAL_ERROR: UniqueViolationError (23505)"


async def test_a_run_tells_how_far_it_is(county: County, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.sync.history.TELL_SECONDS", 0.0)
    seen = []

    class Watched(Told):
        async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
            for number in range(3):
                yield batch("dibao", [dibao(number)])
                seen.append(await county.one("select read_count from sync_run order by id desc limit 1"))

    county.connector = Watched()
    await county.sync()
    assert seen == [1, 2, 3]
