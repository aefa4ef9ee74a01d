"""The day from which everybody is shown a person, whatever statement changes what it follows from."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any, Final

import pytest

from hub.store.database import Connection
from tests.support.noted import TABLES
from tests.support.reading import small_world

FACTS: Final = (
    "category_membership",
    "assignment",
    "visit",
    "warning",
    "relief_episode",
    *TABLES,
    "referral",
    "deletion_duty_person",
)
CHANGES: Final = (
    "update beneficiary set birth_on = date '2020-02-29' - 400 * (id % 40)::int where id % 5 = $1 % 5",
    "update beneficiary set birth_on = null where id % 7 = $1 % 7",
    "update category_membership set category = case when id % 4 = 1 then 'HARMED_CHILD' else 'DIBAO' end"
    " where id % 3 = $1 % 3",
    "update category_membership set beneficiary_id = (select max(id) from beneficiary b"
    " where b.county_code = category_membership.county_code) where id % 11 = $1 % 11",
    "update beneficiary set division_code = '450305001000' where county_code = '450305' and id % 3 = $1 % 3",
    "update visit set beneficiary_id = (select min(id) from beneficiary b"
    " where b.county_code = visit.county_code) where id % 9 = $1 % 9",
    "delete from category_membership where id % 13 = $1 % 13",
)


@pytest.mark.parametrize(
    ("born", "shown"),
    [("2012-06-15", "2026-06-15"), ("2012-02-29", "2026-03-01"), ("2010-03-01", "2024-03-01")],
)
async def test_a_child_is_shown_on_its_fourteenth_birthday(born: str, shown: str) -> None:
    async with small_world() as world:
        found = await world.database.owner.fetchval(
            "select shown_from($1, '{DIBAO}')", dt.date.fromisoformat(born)
        )
    assert found == dt.date.fromisoformat(shown)


async def wrong(connection: Connection) -> list[Any]:
    """People, and facts, with another day than they should have."""
    found = await connection.fetch(
        """select id from beneficiary b where shown_from_on is distinct from shown_from(birth_on, array(
            select category from category_membership m
            where m.county_code = b.county_code and m.beneficiary_id = b.id))"""
    )
    for fact in FACTS:
        found += await connection.fetch(
            f"select f.id from {fact} f join beneficiary b on b.county_code = f.county_code"
            " and b.id = f.beneficiary_id where f.shown_from_on is distinct from b.shown_from_on"
        )
    for fact in ("warning", "relief_episode", *TABLES):
        found += await connection.fetch(
            f"select f.id from {fact} f join beneficiary b on b.county_code = f.county_code"
            " and b.id = f.beneficiary_id where f.division_code is distinct from b.division_code"
        )
    found += await connection.fetch(
        "select f.id from street_encounter f left join beneficiary b on b.county_code = f.county_code"
        " and b.id = f.beneficiary_id where f.shown_from_on is distinct from"
        " case when f.is_minor then 'infinity' else coalesce(b.shown_from_on, '-infinity') end"
    )
    return found


async def test_every_statement_is_followed() -> None:
    rng = random.Random(5)
    async with small_world() as world, world.database.transaction() as connection:
        assert not await wrong(connection)
        kinds = "select count(distinct shown_from_on) from visit"
        assert await connection.fetchval(kinds) > 5
        for step in range(20):
            statement = rng.choice(CHANGES)
            await connection.execute(statement, *([step] if "$1" in statement else []))
            assert not await wrong(connection), (step, statement)
