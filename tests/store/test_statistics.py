"""What the hub knows of its tables, from PostgreSQL's own statistics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from math import inf
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from hub.read import statistics
from hub.read.statistics import Column, Part, Places, Statistics, StatisticsReader, gathered
from hub.store.database import Database
from tests.support.postgres import fresh_database, nothing
from tests.support.reading import World, small_world

CONTRACTORS = "insert into contractor (credit_code, name) select $1 || n, 'x' from generate_series(1, {}) n"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        await made.database.owner.execute("vacuum analyze")
        yield made


async def read(database: Database) -> Statistics:
    return await StatisticsReader(database).newest()


async def test_rows_are_those_of_the_tables(world: World) -> None:
    found = await read(world.database)
    for table in ("station", "beneficiary", "visit", "assignment"):
        assert found.rows[table] == pytest.approx(len(world.rows[table]), rel=0.01)


async def test_nobody_has_more_children_than_the_statistics_say(world: World) -> None:
    found = await read(world.database)
    for child, column, parent in (
        ("visit", "beneficiary_id", "beneficiary"),
        ("beneficiary", "station_id", "station"),
    ):
        of = [row[column] for row in world.rows[child] if row[column] is not None]
        most = max(of.count(value) for value in set(of))
        average = len(of) / len(set(of))
        assert average - 0.01 <= found.children(child, ["county_code", column], parent) <= most + 0.01


async def test_counties_have_their_share(world: World) -> None:
    found = await read(world.database)
    people = [row["county_code"] for row in world.rows["visit"]]
    whole = {"lo": "45", "hi": "46", "lo6": "45", "hi6": "46", "contracts": ()}
    expected = sum(code.startswith("45") for code in people) / len(people)
    # Of the largest table; the others are spread alike.
    assert found.part(whole).counties == pytest.approx(expected, abs=0.2)
    assert found.part(whole) is found.part(whole)


async def test_a_database_without_rows_has_none() -> None:
    async with fresh_database() as database:
        found = await read(database)
        assert found.rows["beneficiary"] == 0
        assert found.children("visit", ["beneficiary_id"], "beneficiary") == 0
        assert found.places == Places()


async def test_a_table_never_analysed_is_guessed_from_its_size() -> None:
    async with fresh_database() as database:
        await database.owner.execute("alter table contractor set (autovacuum_enabled = off)")
        await database.owner.execute(CONTRACTORS.format(2_000), "A")
        assert 500 < (await read(database)).rows["contractor"] < 8_000


async def test_growth_is_seen_before_it_is_analysed() -> None:
    async with fresh_database() as database:
        add = CONTRACTORS.format(3000)
        await database.owner.execute("alter table contractor set (autovacuum_enabled = off)")
        await database.owner.execute(add, "A")
        await database.owner.execute("analyze contractor")
        assert (await read(database)).rows["contractor"] == pytest.approx(3_000, rel=0.1)
        await database.owner.execute(add, "B")
        assert (await read(database)).rows["contractor"] == pytest.approx(6_000, rel=0.1)


async def test_a_database_without_tables_is_known_by_nothing() -> None:
    async with fresh_database(nothing) as database:
        found = await read(database)
        assert not found.rows
        assert found.children("visit", ["beneficiary_id"], "beneficiary") == inf


async def test_they_are_read_again_when_they_are_old(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1_000.0
    monkeypatch.setattr(statistics, "monotonic", lambda: now)
    reader = StatisticsReader(world.database)
    first = await reader.newest()
    assert await reader.newest() is first
    now += statistics.SECONDS
    assert await reader.newest() is first  # and others are on their way
    for _ in range(200):
        await asyncio.sleep(0.01)
        if await reader.newest() is not first:
            break
    assert await reader.newest() is not first


class Silent:
    """A database that does not answer."""

    asked = 0

    @property
    def owner(self) -> Silent:
        return self

    async def fetch(self, *_: Any) -> list[Any]:
        self.asked += 1
        raise asyncpg.InterfaceError("gone")


async def test_without_a_database_nothing_is_known_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    now, silent = 1_000.0, Silent()
    monkeypatch.setattr(statistics, "monotonic", lambda: now)
    reader = StatisticsReader(silent)  # type: ignore[arg-type]
    for _ in range(3):
        assert (await reader.newest()).rows == {}
    assert silent.asked == 1
    now += statistics.RETRY
    await reader.newest()
    assert silent.asked == 2


def row(table: str, rows: float, column: str | None, distinct: float = 0.0, **more: Any) -> dict[str, Any]:
    found = {"name": table, "rows": rows, "column": column, "n_distinct": distinct, "null_frac": 0.0}
    return {**found, "largest": None, "vals": None, "shares": None, **more}


def test_shares_and_counts_of_values() -> None:
    found = gathered([
        row("a", 1000, "parent_id", -0.5, null_frac=0.2),
        row("a", 1000, "other_id", 10, largest=0.3),
        row("a", 1000, "empty_id", 0, null_frac=1.0),
        row("b", 50, None),
    ])  # fmt: skip
    assert found.columns["a", "parent_id"] == Column(500, 0, 0.8)
    assert found.children("a", ["parent_id"], "b") == pytest.approx(1.6)
    assert found.children("a", ["other_id"], "b") == 300
    assert found.children("a", ["empty_id"], "b") == 0
    assert found.children("a", ["unknown"], "b") == 20
    assert found.distinct("a", "other_id") == 10
    assert found.distinct("a", "unknown") == 1


def values(lo: str, lo6: str, hi6: str, *contracts: int) -> dict[str, Any]:
    return {"lo": lo, "hi": "", "lo6": lo6, "hi6": hi6, "contracts": contracts}


def test_places() -> None:
    found = gathered([
        row("a", 1000, "county_code", 4, vals=["450305", "350582"], shares=[0.5, 0.3]),
        row("a", 1000, "division_code", 40),
        row("a", 1000, "contract_id", 10),
        row("b", 10, "county_code", 1, vals=["110101"], shares=[1.0]),
    ])  # fmt: skip
    assert found.part(values("450305000000", "450305", "450306")) == Part(0.5, 1.0)
    assert found.part(values("", "35", "46")) == Part(0.8, 1.0)
    for who, expected in (
        (values("110101000000", "110101", "110102"), (0.1, 1.0)),
        (values("450305001000", "450305", "450306"), (0.5, 0.1)),
        (values("~", "450305", "450306~", 1), (0.5, 0.2)),
        (values("~", "450305", "450306~", *range(9)), (0.5, 1.0)),
    ):
        assert found.part(who) == pytest.approx(expected)
