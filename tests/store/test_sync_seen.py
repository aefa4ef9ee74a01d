"""What a run knows of rows is the same whether it stands loose or packed, and lines are rows."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import blake2b
from typing import Any

import orjson
import pytest
from alembic import command
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from hub.store.database import Database
from hub.store.migrate import config
from hub.sync import seen
from hub.sync.connector import Batch, Row
from hub.sync.lines import Lines
from hub.sync.seen import EPOCH, MICROSECOND, Seen
from hub.write.deciding import HEAR_AGAIN
from tests.store import sync_source as source
from tests.store.sync_source import JANUARY, MARCH, County, batch, elder
from tests.support.postgres import fresh_database

SOURCE = 1
MODES = {"loose": seen.FEW, "packed": 0, "both": 3}


@pytest.fixture
async def county(db: Database) -> County:
    await _empty(db)
    county = County(db)
    await county.register()
    return county


async def _empty(db: Database) -> None:
    await source.empty(db)
    await db.owner.execute("truncate seen_pack")


@pytest.fixture(params=MODES)
def mode(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(seen, "FEW", MODES[request.param])
    monkeypatch.setattr(seen, "MANY", 2)
    return str(request.param)


@contextmanager
def _few(number: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(seen, "FEW", number)
        yield


def lines(cells: Sequence[dict[str, Any]], made: list[int], file: str = "elder.csv") -> Lines:
    def make(told: Sequence[bytes], numbers: Sequence[int]) -> list[Row]:
        made.extend(number - 2 for number in numbers)
        found = map(orjson.loads, told)
        return [Row(file, "", n, values, values) for n, values in zip(numbers, found, strict=True)]

    return Lines(file, "", "cells", list(map(orjson.dumps, cells)), range(2, len(cells) + 2), make)


# --- lines ---------------------------------------------------------------------------------------


async def test_lines_become_rows_only_where_they_are_new(county: County, mode: str) -> None:
    cells = [elder(number) for number in range(1, 8)]
    made: list[int] = []
    first = await county.sync(Batch("elder", MARCH, lines(cells, made)))
    assert (first.read, first.accepted, made) == (7, 7, [*range(7)])
    made.clear()
    again = await county.sync(Batch("elder", MARCH, lines(cells, made)))
    assert (again.unchanged, again.changed, made) == (7, 0, [])
    cells[4] = elder(5, 联系电话="1")
    report = await county.sync(Batch("elder", MARCH, lines(cells, made)))
    assert (report.unchanged, report.changed, made) == (6, 1, [4])
    assert await county.one("select count(*) from beneficiary where phone = '1'") == 1


async def test_no_lines_deliver_no_file(county: County) -> None:
    await county.sync(batch("elder", [elder(1, 身份证号="1")], file="elder.csv"))
    open_ones = "select count(*) from quarantined_row where resolved_at is null"
    for rows in (lines([], []), ()):
        report = await county.sync(Batch("elder", MARCH, rows))
        assert (report.read, await county.one(open_ones)) == (0, 1)
    await county.sync(Batch("elder", MARCH, lines([elder(1)], [])))
    assert await county.one(open_ones) == 0


async def test_lines_say_what_rows_say(county: County, mode: str) -> None:
    cells = [elder(1), elder(2, 身份证号="1"), elder(3, 终止日期="2025-12-31")]
    await county.sync(batch("elder", cells, file="elder.csv"))
    held = "select record_key, name, phone from beneficiary_record order by 1"
    refused = "select file, row_number, reason_codes from quarantined_row"
    as_rows = await county.all(held), await county.all(refused)
    report = await county.sync(Batch("elder", MARCH, lines(cells, [])))
    assert (report.changed, report.quarantined) == (0, 1)
    assert (await county.all(held), (await county.all(refused))[:1]) == as_rows


async def test_a_slice_of_lines_is_lines() -> None:
    made: list[int] = []
    some = lines([elder(n) for n in range(6)], made)[2:]
    assert isinstance(some, Lines)
    assert [row.number for row in some[1:3]] == [5, 6]
    assert (some[-1].number, [row.number for row in some.take([0])], made) == (7, [4], [3, 4, 5, 2])
    assert [*some.runs()] == [(4, 4)]
    assert [*some[:0].runs()] == []
    gaps = Lines("a.csv", "", "", [b""] * 4, [3, 4, 7, 9], lambda told, numbers: ())
    assert [*gaps.runs()] == [(3, 2), (7, 1), (9, 1)]


async def test_a_line_under_another_form_or_without_a_column_is_another(county: County) -> None:
    given = lines([elder(1)], [])
    await county.sync(Batch("elder", MARCH, given))
    other = Lines(given.file, "", "other", given.told, given.numbers, given._make)
    assert (await county.sync(Batch("elder", MARCH, other))).unchanged == 0
    assert (await county.sync(Batch("elder", MARCH, other, absent=("联系电话",)))).unchanged == 0


# --- what is known -------------------------------------------------------------------------------


async def test_what_is_packed_is_known_and_forgotten(county: County, mode: str) -> None:
    everybody = [elder(number) for number in range(1, 9)]
    await county.sync(batch("elder", everybody))
    counts = [await county.one(f"select count(*) from {table}") for table in ("seen_row", "seen_pack")]
    assert (counts[0] == 0, counts[1] == 0) == (mode != "loose", mode == "loose")
    assert (await county.sync(batch("elder", everybody))).unchanged == 8
    assert (await county.sync(batch("elder", everybody[:5]))).unchanged == 5
    report = await county.sync(batch("elder", everybody))
    assert (report.unchanged, report.accepted, report.changed) == (5, 3, 0)


async def test_a_newer_date_is_read_and_an_older_one_is_not(county: County, mode: str) -> None:
    rows = batch("elder", [elder(number) for number in range(1, 6)], at=JANUARY)
    await county.sync(rows)
    assert (await county.sync(replace(rows, observed_at=MARCH))).accepted == 5
    assert (await county.sync(replace(rows, observed_at=JANUARY))).unchanged == 5


async def test_news_that_was_replaced_is_heard_again(county: County, mode: str) -> None:
    before, after = batch("elder", [elder(1)]), batch("elder", [elder(1, 联系电话="1")])
    others = batch("elder", [elder(number) for number in range(2, 8)])
    for rows in (others, before, after):
        await county.sync(replace(rows, checkpoint={"at": 1}))
    report = await county.sync(replace(before, checkpoint={"at": 2}, observed_at=MARCH + dt.timedelta(1)))
    assert (report.accepted, report.changed) == (1, 1)
    assert (await county.sync(replace(others, checkpoint={"at": 3}))).unchanged == 6


async def test_a_row_that_the_hub_wants_to_hear_is_read_again(county: County, mode: str) -> None:
    rows = batch("elder", [elder(number) for number in range(1, 6)])
    await county.sync(rows)
    row_hash = await county.one("select min(content_hash) from category_membership")
    await county.db.owner.execute(HEAR_AGAIN, SOURCE, row_hash)
    assert (await county.sync(rows)).unchanged == 4
    assert (await county.sync(rows)).unchanged == 5


async def test_packs_are_unpacked_where_an_older_hub_shall_read_them() -> None:
    def down(connection: Connection) -> None:
        alembic = config()
        alembic.attributes["connection"] = connection
        command.downgrade(alembic, "0033-1")

    async with fresh_database(source.tables) as db:
        hashes = [blake2b(bytes([n]), digest_size=16).digest() for n in range(200)]
        times = [MARCH + dt.timedelta(days=n - 10_000, microseconds=n) for n in range(200)]
        async with db.transaction() as connection:
            known = Seen(connection, SOURCE)
            await known.open()
            known.stage(b"".join(hashes), [(time - EPOCH) // MICROSECOND for time in times])
            with _few(0):
                await known.settle(whole=True, replaced=[], unsettled=[7])
        await db.owner.execute(HEAR_AGAIN, SOURCE, hashes[0])
        async with db.engine.begin() as engine:
            await engine.run_sync(down)
        rows = await db.owner.fetch("select row_hash, observed_at from seen_row")
        wanted = dict(zip(hashes, times, strict=True))
        del wanted[hashes[0]], wanted[hashes[6]]
        assert {row["row_hash"]: row["observed_at"] for row in rows} == wanted


STEP = st.tuples(
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 2)), min_size=1, max_size=8),
    st.sets(st.integers(0, 9), max_size=3),
    st.sets(st.integers(0, 7), max_size=2),
)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.generate,))
@given(few=st.integers(0, 12), steps=st.lists(STEP, min_size=1, max_size=5))
async def test_it_is_as_if_each_row_was_kept_by_itself(db: Database, few: int, steps: list[Any]) -> None:
    await _empty(db)
    hashes = [blake2b(bytes([n]), digest_size=16).digest() for n in range(10)]
    kept: dict[int, int] = {}
    with _few(few):
        for whole, asked, replaced, unsettled in steps:
            await _step(db, hashes, kept, whole, asked, replaced, unsettled)


async def _step(
    db: Database,
    hashes: list[bytes],
    kept: dict[int, int],
    whole: bool,
    asked: list[tuple[int, int]],
    replaced: set[int],
    unsettled: set[int],
) -> None:
    """One run, beside ``kept``, which is what stood in a table of one row each."""
    async with db.transaction() as connection:
        known = Seen(connection, SOURCE)
        await known.open()
        places = await known.fresh(
            b"".join([hashes[n] for n, _ in asked]), [at for _, at in asked], dated=True
        )
        assert places == [i for i, (n, at) in enumerate(asked) if kept.get(n, -1) < at]
        fresh = [asked[place] for place in places]
        known.stage(b"".join([hashes[n] for n, _ in fresh]), [at for _, at in fresh])
        bad = [number for number in sorted(unsettled) if number < len(fresh)]
        await known.settle(
            whole=whole, replaced=[hashes[n] for n in replaced], unsettled=[number + 1 for number in bad]
        )
    if whole:
        for n in kept.keys() - {n for n, _ in asked}:
            del kept[n]
    for n in replaced:
        kept.pop(n, None)
    settled = [each for number, each in enumerate(fresh) if number not in bad]
    for n, _ in settled:
        kept.pop(n, None)
    for n, at in settled:
        kept[n] = max(at, kept.get(n, at))


def test_looking_up_imports_no_masked_arrays() -> None:
    """They cost a fresh process as much as tens of thousands of rows."""
    work = (
        'import sys; from hub.sync import seen; rows = seen._of(bytes(16) + b"1" * 16, 0);'
        " assert len(list(seen._packs(seen._last(rows)))) == 2;"
        " assert seen._parts(seen._part(rows)) == [0, 0x313];"
        " assert seen._are_among(rows['high'], rows['high'][1:]).tolist() == [False, True];"
        " assert 'numpy.ma' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", work], check=True)
