"""What the hub knows of its tables, from PostgreSQL's own statistics."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from math import inf
from typing import Any

import pytest
import pytest_asyncio

from hub.errors import Unavailable
from hub.read import statistics
from hub.read.statistics import FEW, Column, Places, Statistics, StatisticsReader, coarse, gathered
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


async def test_rows_are_those_of_the_tables_in_steps(world: World) -> None:
    found = await read(world.database)
    for table in ("station", "personnel", "contract"):
        assert len(world.rows[table]) <= found.rows[table] < 2 * len(world.rows[table])
    for table in ("beneficiary", "visit", "assignment"):
        assert found.rows[table] == coarse(FEW)


@pytest.mark.parametrize(
    ("number", "step"), [(0, 0), (0.3, 0.5), (1, 1), (2, 2), (3, 4), (1000, 1024), (1024, 1024), (1025, 2048)]
)
def test_steps(number: float, step: float) -> None:
    assert coarse(number) == step


async def test_nobody_has_more_children_than_the_statistics_say(world: World) -> None:
    found = await read(world.database)
    for child, column, parent in (
        ("visit", "beneficiary_id", "beneficiary"),
        ("beneficiary", "station_id", "station"),
    ):
        of = [row[column] for row in world.rows[child] if row[column] is not None]
        most = max(of.count(value) for value in set(of))
        average = len(of) / len(set(of))
        assert average - 0.01 <= found.children(child, ["county_code", column], parent) <= coarse(most)


async def test_counties_have_their_share(world: World) -> None:
    found = await read(world.database)
    people = [row["county_code"] for row in world.rows["visit"]]
    whole = {"lo": "45", "hi": "46", "lo6": "45", "hi6": "46", "contracts": ()}
    expected = sum(code.startswith("45") for code in people) / len(people)
    assert 0.3 < expected < 0.8
    assert found.part(whole).counties == 1.0, "of so few people none are told apart"
    async with fresh_database() as database:
        await database.owner.execute(
            """insert into household (county_code, id, household_number, division_code, address)
            select code || '', n, n, code || '001000', '' from unnest('{450305,350582,350582,350582}'::text[])
            with ordinality c (code, i), generate_series(i, 8000, 4) n"""
        )
        await database.owner.execute("analyze household")
        assert (await read(database)).part(whole).counties == 0.25
    assert found.part(whole) is found.part(whole)


async def test_a_database_without_rows_is_like_a_small_one() -> None:
    async with fresh_database() as database:
        found = await read(database)
        assert (found.rows["contract"], found.rows["beneficiary"]) == (0, coarse(FEW))
        assert found.children("visit", ["beneficiary_id"], "beneficiary") == 1
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
        assert (await read(database)).rows["contractor"] == 4_096
        await database.owner.execute(add, "B")
        assert (await read(database)).rows["contractor"] == 8_192


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

    async def fetch(self, *_: Any) -> list[Any]:
        self.asked += 1
        raise Unavailable


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
        row("station", 1000, "parent_id", -0.5, null_frac=0.2),
        row("station", 1000, "other_id", 10, largest=0.3),
        row("station", 1000, "empty_id", 0, null_frac=1.0),
        row("contract", 50, None),
    ])  # fmt: skip
    assert found.columns["station", "parent_id"] == Column(256, 2)
    assert found.children("station", ["parent_id"], "contract") == 2
    assert found.children("station", ["other_id"], "contract") == 512
    assert found.children("station", ["other_id", "parent_id"], "contract") == 2
    assert found.children("station", ["empty_id"], "contract") == 0
    assert found.children("station", ["unknown"], "contract") == 1024 / 64
    assert found.distinct("station", "other_id") == 8
    assert found.distinct("station", "unknown") == 1


def values(lo: str, lo6: str, hi6: str, *contracts: int) -> dict[str, Any]:
    return {"lo": lo, "hi": "", "lo6": lo6, "hi6": hi6, "contracts": contracts}


def test_places() -> None:
    found = gathered([
        row("visit", 10_000, "county_code", 4, vals=["450305", "350582"], shares=[0.5, 0.3]),
        row("visit", 10_000, "division_code", 40),
        row("visit", 10_000, "contract_id", 10),
        row("household", 10, "county_code", 1, vals=["110101"], shares=[1.0]),
    ])  # fmt: skip
    assert found.rows["household"] == coarse(FEW)
    for who, expected in (
        (values("450305000000", "450305", "450306"), (0.5, 20_000, 1.0)),
        (values("350582000000", "350582", "350583"), (0.5, 20_000, 1.0)),
        (values("", "35", "46"), (1.0, 20_000, 1.0)),
        (values("450000000000", "450000", "460000"), (0.5, 400_000, 1.0)),
        (values("450300000000", "450300", "450400"), (0.5, 100_000, 1.0)),
        (values("110101000000", "110101", "110102"), (0.125, 20_000, 1.0)),
        (values("450305001000", "450305", "450306"), (0.5, 20_000, 1 / 16)),
        (values("~", "450305", "450306~", 1), (0.5, 20_000, 1 / 8)),
        (values("~", "450305", "450306~", *range(9)), (0.5, 20_000, 1.0)),
    ):
        assert found.part(who) == expected


def test_a_county_of_few_is_priced_as_one_of_more() -> None:
    shares = {"450305": 0.9, "450306": 0.001, "450307": 0.02}
    rows = [row("visit", 10_000, "county_code", 3, vals=list(shares), shares=list(shares.values()))]
    parts = [gathered(rows).part(values("", code, code + "~")).counties for code in shares]
    assert parts == [1.0, 0.125, 0.125]


async def test_divisions_are_known_before_anybody_asks() -> None:
    async with fresh_database() as made:
        assert (await read(made)).children("division", ["parent_code"], "division") > 10
