"""What facts said before is kept: each version once, with the span in which the hub knew it so."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from alembic import command
from sqlalchemy import Connection

from hub.store.database import Database
from hub.store.migrate import config, migrate
from tests.store import sync_source as source
from tests.store.sync_source import COUNTY, JANUARY, MARCH, MAY, County, batch, elder, rows
from tests.support.postgres import fresh_database

NEWS = {"since": 1}
VERSIONS = """
    select ends_on, known_from < known_until, observed_at from category_membership_history
    order by beneficiary_id, known_from"""
ENDED = dt.date(2026, 2, 28)


@pytest.fixture
async def county(db: Database) -> County:
    await source.empty(db)
    await db.owner.execute("truncate withdrawn_record")
    county = County(db)
    await county.register()
    return county


async def moments(county: County) -> dict[str, int]:
    """How many facts there are of each moment the hub knows them from, and former versions."""
    return {
        "moments": await county.one("select count(distinct known_from) from category_membership"),
        "facts": await county.one("select count(*) from category_membership"),
        "history": await county.one("select count(*) from category_membership_history"),
    }


async def test_what_is_said_again_leaves_nothing(county: County) -> None:
    people = [elder(n) for n in range(1, 6)]
    await county.sync(batch("elder", people, at=JANUARY))
    before = await moments(county)
    assert before == {"moments": 1, "facts": 5, "history": 0}
    known = await county.one("select max(known_from) from category_membership")
    await county.sync(batch("elder", people, at=JANUARY))
    await county.sync(batch("elder", people, at=MARCH))
    assert await county.one("select count(*) from category_membership where observed_at = $1", MARCH) == 5
    assert await moments(county) == before
    assert await county.one("select max(known_from) from category_membership") == known


async def test_what_changed_leaves_one_version_each(county: County) -> None:
    people = [elder(n) for n in range(1, 6)]
    await county.sync(batch("elder", people, at=JANUARY))
    await county.sync(batch("elder", [*people[:3], *(elder(n, 终止日期="2026-02-28") for n in (4, 5))]))
    assert await moments(county) == {"moments": 2, "facts": 5, "history": 2}
    assert await county.all(VERSIONS) == [(None, True, JANUARY)] * 2
    gap = """
        select count(*) from category_membership f join category_membership_history h using (county_code, id)
        where f.known_from = h.known_until and f.ends_on = $1"""
    assert await county.one(gap, ENDED) == 2, "a version begins when the one before ends"


async def test_what_was_taken_back_is_history(county: County) -> None:
    told = [elder(1), elder(2)]
    await county.sync(batch("elder", told, checkpoint=NEWS))
    gone = replace(batch("elder", [], at=MAY, checkpoint=NEWS), deleted=rows([elder(1)]))
    await county.sync(gone)
    assert await moments(county) == {"moments": 1, "facts": 1, "history": 1}
    await county.sync(batch("elder", [elder(1)], at=MAY + dt.timedelta(1), checkpoint=NEWS))
    assert await moments(county) == {"moments": 2, "facts": 2, "history": 1}, "said again it is a new fact"


async def test_what_no_transaction_has_shown_was_never_known(county: County) -> None:
    await county.sync(batch("elder", [elder(1)]))
    async with county.db.transaction() as connection:
        for ends_on in (ENDED, dt.date(2026, 3, 31), dt.date(2026, 4, 30)):
            await connection.execute("update category_membership set ends_on = $1", ends_on)
        await connection.execute("delete from category_membership")
    assert await county.all("select ends_on from category_membership_history") == [(None,)]


async def test_versions_follow_each_other_whatever_began_first(county: County) -> None:
    """A transaction that began before another and writes after it does not lose the other's version."""
    await county.sync(batch("elder", [elder(1)]))
    async with county.db.transaction() as slow:
        await slow.execute("select now()")
        async with county.db.transaction() as quick:
            await quick.execute("update category_membership set ends_on = '2026-02-28'")
        await slow.execute("update category_membership set ends_on = '2026-03-31'")
    assert [version[:2] for version in await county.all(VERSIONS)] == [(None, True), (ENDED, True)]
    spans = "select known_from, known_until from category_membership_history order by 1"
    (_, first_until), (second_from, second_until) = await county.all(spans)
    assert first_until == second_from
    assert await county.one("select known_from from category_membership") == second_until


async def test_who_is_erased_has_no_history(county: County) -> None:
    await county.sync(batch("elder", [elder(1), elder(2)]))
    await county.db.owner.execute("update category_membership set ends_on = '2026-02-28'")
    await county.db.owner.execute("""
        delete from category_membership using beneficiary b where b.id = beneficiary_id and b.name = '测试1';
        delete from beneficiary where name = '测试1'""")
    assert await moments(county) == {"moments": 1, "facts": 1, "history": 1}


async def test_a_version_that_ends_while_its_person_moves_follows_the_person(county: County) -> None:
    await county.sync(batch("elder", [elder(1)]))
    async with county.db.transaction() as one:
        await one.execute("update category_membership set ends_on = '2026-02-28'")
        moving = asyncio.create_task(
            county.db.owner.execute("update beneficiary set division_code = $1", source.ELSEWHERE)
        )
        async with asyncio.timeout(20):
            while not await county.one("select exists (select from pg_locks where not granted)"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    await moving
    for table in ("category_membership", "category_membership_history"):
        assert await county.all(f"select division_code from {table}") == [(source.ELSEWHERE,)]


async def test_what_stood_there_is_known_from_when_it_was_received() -> None:
    def down(connection: Connection) -> None:
        alembic = config()
        alembic.attributes["connection"] = connection
        command.downgrade(alembic, "0039")
        command.downgrade(alembic, "-1")

    async def all_of(db: Database, query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in await db.owner.fetch(query)]

    async with fresh_database(source.tables) as db:
        county = County(db)
        await county.register()
        await county.sync(batch("elder", [elder(1)]))
        async with db.engine.begin() as connection:
            await connection.run_sync(down)
        await db.owner.execute("update category_membership set received_at = $1", JANUARY)
        await migrate(db)
        assert await all_of(db, "select county_code, known_from from category_membership") == [
            (COUNTY, JANUARY)
        ]
        await db.owner.execute("update category_membership set ends_on = '2026-02-28'")
        assert await all_of(db, "select known_from from category_membership_history") == [(JANUARY,)]
