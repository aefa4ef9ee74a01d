"""Who had seen a row is told by what it was before a transaction, whatever happens within it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest

from hub.store.apart import Apart
from hub.store.database import Connection, Database
from hub.store.linking import regroup
from tests.support.reading import small_world

COUNTY: Final = "450305"
HERE, THERE = "450305001000", "450305200000"
GROWN, HIDDEN, OTHER = 901, 902, 903
"""Somebody grown up, a child that was harmed, and somebody else."""
BORN: Final = dt.date(1950, 1, 1)
SHOWN: Final = dt.date(1964, 1, 1)
NEVER: Final = dt.date.max

PEOPLE: Final = f"""
    insert into beneficiary (county_code, id, name, name_masked, division_code, birth_on)
    overriding system value
    select '{COUNTY}', id, '甲', '甲*', '{HERE}', '{BORN}'
    from unnest(array[{GROWN}, {HIDDEN}, {OTHER}]) id"""
ANEW: Final = {"division_code": None, "shown_from_on": None}


def fact(table: str, id: int, **values: Any) -> tuple[str, str]:
    """What is not said is as of any other."""
    said = {"county_code": COUNTY, "id": id, "beneficiary_id": id, "record_key": f"n{id}", **ANEW, **values}
    return (
        f"insert into {table} overriding system value select (jsonb_populate_record(o.f, $1::jsonb ||"
        f" jsonb_build_object('made_at', now()))).* from (select f from {table} f limit 1) o",
        json.dumps(said, default=str),
    )


FACTS: Final = [
    fact("assignment", GROWN, starts_on=BORN, ends_on=None, contract_id=1),
    fact("assignment", HIDDEN, starts_on=BORN, ends_on=None, contract_id=1),
    fact("category_membership", GROWN, category="DIBAO"),
    fact("category_membership", HIDDEN, category="HARMED_CHILD"),
]
NEW: Final = PEOPLE.replace(f"{GROWN}, {HIDDEN}, {OTHER}", "904")
"""In the transaction itself."""


def edit(table: str, id: int, **values: str) -> str:
    sets = ", ".join(f"{name} = {value}" for name, value in values.items())
    return f"update {table} set {sets} where county_code = '{COUNTY}' and id = {id}"


def drop(table: str, column: str, id: int) -> str:
    return f"delete from {table} where county_code = '{COUNTY}' and {column} = {id}"


CHILD: Final = "now()::date - 3000"
HIDE: Final = edit("beneficiary", GROWN, birth_on=CHILD)
SHOW: Final = drop("category_membership", "beneficiary_id", HIDDEN)
HARM: Final = edit("category_membership", GROWN, category="'HARMED_CHILD'")

Left = tuple[str, int, int, dt.date]
"""Entity, number, what it was of, and from which day it was shown."""


def all_of(person: int, shown: dt.date) -> set[Left]:
    """What leaves with a person."""
    return {
        ("beneficiary", person, 0, shown),
        ("beneficiary", person, person, shown),
        ("assignment", person, 0, shown),
        ("category_membership", person, 0, shown),
    }


GONE: Final = all_of(GROWN, SHOWN)
NOBODY: Final[set[Left]] = set()

CASES: Final[dict[str, tuple[list[str], set[Left]]]] = {
    "hidden": ([HIDE], GONE),
    "changed, then hidden": ([edit("beneficiary", GROWN, risk_level="'LEVEL_1'"), HIDE], GONE),
    "moved, then hidden": ([edit("beneficiary", GROWN, division_code=f"'{THERE}'"), HIDE], GONE),
    "facts changed, then hidden": (
        [
            edit("assignment", GROWN, station_id="station_id"),
            edit("category_membership", GROWN, monthly_amount="7"),
            HIDE,
        ],
        GONE,
    ),
    "hidden by a category, after a change": ([edit("beneficiary", GROWN, phone="'1'"), HARM], GONE),
    "hidden twice": ([HARM, HIDE], GONE),
    "hidden, and shown for good": ([HARM, edit("category_membership", GROWN, category="'DIBAO'")], GONE),
    "hidden in a savepoint that was taken back": (
        ["savepoint s", HIDE, "rollback to savepoint s", edit("beneficiary", GROWN, phone="'1'"), HARM],
        GONE,
    ),
    "a hidden child, shown for a moment and deleted": (
        [SHOW, drop("assignment", "beneficiary_id", HIDDEN), drop("beneficiary", "id", HIDDEN)],
        all_of(HIDDEN, NEVER),
    ),
    "a hidden child, shown for a moment and moved": (
        [
            edit("category_membership", HIDDEN, category="'DIBAO'"),
            edit("beneficiary", HIDDEN, division_code=f"'{THERE}'"),
            edit("category_membership", HIDDEN, category="'HARMED_CHILD'"),
        ],
        all_of(HIDDEN, NEVER),
    ),
    "new, changed, hidden and deleted": (
        [
            NEW,
            edit("beneficiary", 904, division_code=f"'{THERE}'"),
            edit("beneficiary", 904, birth_on=CHILD),
            drop("beneficiary", "id", 904),
        ],
        NOBODY,
    ),
    "new in a savepoint": (
        ["savepoint s", NEW, "release savepoint s", edit("beneficiary", 904, birth_on=CHILD)],
        NOBODY,
    ),
    "an assignment that wanders": (
        [
            edit("assignment", GROWN, beneficiary_id=str(OTHER)),
            edit("assignment", GROWN, beneficiary_id=str(HIDDEN)),
        ],
        {("assignment", GROWN, 0, SHOWN), ("beneficiary", GROWN, GROWN, SHOWN)},
    ),
}


@pytest.fixture(scope="module")
async def db() -> AsyncIterator[Database]:
    async with small_world() as world:
        await world.database.owner.execute("truncate identity_review, beneficiary_apart")
        await world.database.owner.execute(PEOPLE)
        for statement, values in FACTS:
            await world.database.owner.execute(statement, values)
        yield world.database


async def left(connection: Connection) -> set[Left]:
    rows = await connection.fetch(
        "select entity, entity_id, was_of, was_shown_from_on from change"
        " where operation = 'L' and xact = pg_current_xact_id()::text::bigint"
    )
    assert len(rows) == len({tuple(row) for row in rows})
    return {tuple(row) for row in rows}


@asynccontextmanager
async def undone(db: Database) -> AsyncIterator[Connection]:
    async with db.owner.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            yield connection
        finally:
            await transaction.rollback()


@pytest.mark.parametrize("name", CASES)
async def test_what_left_is_noted_as_it_was_before_the_transaction(db: Database, name: str) -> None:
    statements, expected = CASES[name]
    async with undone(db) as connection:
        for statement in statements:
            await connection.execute(statement)
        assert await left(connection) == expected


# ── runs, which take linked files apart and put them together again ──────────────────────────────────


async def together(db: Database, status: str) -> None:
    """The file of somebody else, with what is known of somebody grown up, is that person's; or is not."""
    async with db.transaction() as connection:
        await connection.execute(
            "insert into identity_review (county_code, id, first_id, second_id, status, score, reasons,"
            " found_at, first_print, second_print) overriding system value values ($1, 9000, $2, $3, $4, 1,"
            " '{}', now(), '', '') on conflict (county_code, id) do update set status = excluded.status",
            COUNTY, GROWN, OTHER, status,
        )  # fmt: skip
        if status == "LINKED":
            await give(connection, OTHER)
        await regroup(connection, COUNTY, (GROWN, OTHER))
        if status != "LINKED":
            await give(connection, GROWN)


async def give(connection: Connection, person: int) -> None:
    for table in ("assignment", "category_membership"):
        await connection.execute(edit(table, GROWN, beneficiary_id=str(person)))


RUNS: Final[dict[str, tuple[str, set[Left], set[int]]]] = {
    "nothing": ("select", NOBODY, set()),
    "the end of an assignment of the file that is away": (
        edit("assignment", GROWN, ends_on="'2020-02-02'"),
        {("assignment", GROWN, 0, SHOWN), ("beneficiary", GROWN, GROWN, SHOWN)},
        set(),
    ),
    "a membership of it that is taken back": (
        drop("category_membership", "id", GROWN),
        {("category_membership", GROWN, 0, SHOWN)},
        {GROWN},
    ),
    "that it is a harmed child's": (HARM, GONE, set()),
}
"""What a run does between, who left by it, and who has lost a fact."""


@asynccontextmanager
async def linked_before(db: Database) -> AsyncIterator[Connection]:
    """By a transaction that is taken back in the end, too."""
    await together(db, "LINKED")
    try:
        async with undone(db) as connection:
            yield connection
    finally:
        await together(db, "DIFFERENT")


@pytest.mark.parametrize("name", RUNS)
async def test_a_run_tells_of_whom_stands_and_of_nothing_else(db: Database, name: str) -> None:
    statement, expected, lost = RUNS[name]
    async with linked_before(db) as connection:
        apart = Apart(connection, COUNTY, again=True)
        groups = await apart.all()
        assert groups == {GROWN: GROWN, OTHER: GROWN}
        await apart.unfold(groups.values())
        await connection.execute(statement)
        await apart.fold(groups)
        assert await left(connection) == expected
        told = await connection.fetch(
            "select entity_id from change where operation = 'F' and xact = pg_current_xact_id()::text::bigint"
        )
        assert {row["entity_id"] for row in told} == lost
