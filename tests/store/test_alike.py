"""Who may be one person is found, linked where the rule is sure, and asked about where it is not."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import asyncpg
import pytest

from hub.domain.id_number import make_id_number
from hub.store.database import Database
from hub.store.linking import regroup
from hub.store.rotation import MERGING
from hub.sync import alike
from hub.sync.alike import Found, Rule, compare_county
from tests.store import sync_source as source
from tests.store.sync_source import COUNTY, VILLAGE, County, batch
from tests.support.postgres import fresh_database

RULE: Final = Rule(0.9, 0.1)
ANOTHER: Final = "450305002000"
READINGS: Final = {
    "张": "zhang", "章": "zhang", "建": "jian", "国": "guo", "李": "li", "娜": "na", "静": "jing",
}  # fmt: skip


@pytest.fixture(scope="module")
async def db() -> AsyncIterator[Database]:
    async with fresh_database(source.tables) as database:
        await database.owner.execute("truncate character_reading")
        await database.owner.executemany(
            "insert into character_reading values ($1, $2, $2)", [(c, [s]) for c, s in READINGS.items()]
        )
        yield database


@pytest.fixture
async def county(db: Database) -> County:
    await source.empty(db)
    await db.owner.execute("truncate identity_review, identity_checked, beneficiary_apart restart identity")
    county = County(db)
    await county.register()
    return county


def numbered(name: str, born: str, sequence: int = 1, **more: str) -> dict[str, str]:
    number = make_id_number("459999", dt.date.fromisoformat(born), sequence)
    return {"姓名": name, "身份证号": number, "出生日期": born, "区划代码": VILLAGE, **more}


def unnumbered(name: str, file: str, born: str | None = None, **more: str) -> dict[str, Any]:
    """``区划代码`` of another township makes it less likely."""
    return {"姓名": name, "档案编号": file, "出生日期": born, "区划代码": VILLAGE, **more}


async def told(county: County, *people: Mapping[str, Any]) -> None:
    """Among two dozen others, so that a name is something."""
    others = [numbered(f"李娜{chr(0x4E00 + n)}", f"19{50 + n}-05-05") for n in range(24)]
    await county.sync(batch("elder", [*others, *people]))


async def reviews(county: County) -> list[tuple[Any, ...]]:
    return await county.all("""
        select (select p.name from (
                select id, name from beneficiary union select id, name from beneficiary_apart) p
            where p.id = r.first_id limit 1), r.status, r.by_rule, r.reasons
        from identity_review r order by r.first_id, r.second_id""")


async def test_the_same_person_without_a_number_is_linked(county: County) -> None:
    await told(county, numbered("张建国", "1950-03-04"), unnumbered("张建国", "LL1", "1950-03-04"))
    found = await compare_county(county.db, COUNTY, RULE)
    assert found == Found(26, 1, 0, 1)
    assert await reviews(county) == [
        ("张建国", "LINKED", True, [
            "姓名相同 / Name: the same",
            "出生日期相同 / Day of birth: the same",
            "居住地相同 / Residence: the same",
        ])
    ]  # fmt: skip
    assert await county.one("select count(*) from beneficiary") == 25
    # Of the one that stays nothing has changed that is compared.
    assert await compare_county(county.db, COUNTY, RULE) == Found()


async def test_one_that_only_sounds_so_is_asked_about(county: County) -> None:
    await told(
        county, numbered("张建国", "1950-03-04"), unnumbered("章建国", "LL1", "1950-01-01", 区划代码=ANOTHER)
    )
    assert (await compare_county(county.db, COUNTY, RULE))[2:] == (1, 0)
    assert [row[:3] for row in await reviews(county)] == [("张建国", "PENDING", False)]
    assert await county.one("select count(*) from beneficiary") == 26


@pytest.mark.parametrize("name", ["无名氏", "不详", "张某"])
async def test_who_says_no_name_is_like_nobody(county: County, name: str) -> None:
    await told(
        county,
        numbered("张建国", "1950-03-04"),
        unnumbered(name, "LL1", "1950-03-04"),
        unnumbered(name, "LL2", "1950-03-04"),
    )
    assert (await compare_county(county.db, COUNTY, RULE))[1:] == (0, 0, 0)


async def test_of_two_that_are_as_likely_neither_is_linked(county: County) -> None:
    await told(
        county,
        numbered("张建国", "1950-03-04", 1),
        numbered("张建国", "1950-03-04", 3),
        unnumbered("张建国", "LL1", "1950-03-04"),
    )
    # And that the two with a number may be one, somebody has to say.
    assert (await compare_county(county.db, COUNTY, RULE))[1:] == (3, 3, 0)


async def test_one_that_comes_later_and_is_as_likely_is_not_linked(county: County) -> None:
    people = [numbered("张建国", "1950-03-04", n) for n in (1, 3, 5)]
    here = unnumbered("张建国", "LL1", "1950-03-04")
    await told(county, *people[:2], here)
    await compare_county(county.db, COUNTY, RULE)
    await told(county, *people, here)
    assert (await compare_county(county.db, COUNTY, RULE)).linked == 0
    assert await county.one("select count(*) from beneficiary") == 28


async def test_a_birth_that_contradicts_is_no_link(county: County) -> None:
    await told(county, numbered("张建国", "1950-03-04"), unnumbered("张建国", "LL1", "1990-07-08"))
    assert (await compare_county(county.db, COUNTY, RULE))[3] == 0


async def test_who_was_told_apart_comes_back_only_with_news(county: County) -> None:
    people = numbered("张建国", "1950-03-04"), unnumbered("章建国", "LL1", "1950-01-01", 区划代码=ANOTHER)
    await told(county, *people)
    await compare_county(county.db, COUNTY, RULE)
    await county.db.owner.execute("update identity_review set status = 'DIFFERENT', decided_at = now()")
    await county.db.owner.execute("delete from identity_checked")
    assert (await compare_county(county.db, COUNTY, RULE))[1:] == (1, 0, 0)
    assert [row[1] for row in await reviews(county)] == ["DIFFERENT"]
    await told(county, people[0], unnumbered("章建国", "LL1", "1950-01-02", 区划代码=ANOTHER))
    assert (await compare_county(county.db, COUNTY, RULE))[1:3] == (1, 1)
    assert [row[1] for row in await reviews(county)] == ["PENDING"]


async def test_the_rule_links_nobody_whom_somebody_has_told_apart(county: County) -> None:
    """News make it a question again, as often as there are any."""
    people = numbered("张建国", "1950-03-04"), unnumbered("张建国", "LL1", "1950-03-04")
    await told(county, *people)
    assert (await compare_county(county.db, COUNTY, RULE)).linked == 1
    ids = await county.all("select id from beneficiary_apart order by id")
    await county.db.owner.execute(
        "update identity_review set status = 'DIFFERENT', by_rule = false, decided_by = 'bureau'"
    )
    async with county.db.transaction() as connection:
        await regroup(connection, COUNTY, [row[0] for row in ids])
    for phone in ("13800000000", "13900000000"):
        await told(county, {**people[0], "联系电话": phone}, people[1])
        assert (await compare_county(county.db, COUNTY, RULE))[2:] == (1, 0)
        assert [row[1] for row in await reviews(county)] == ["PENDING"]
    await told(county, people[0], unnumbered("李静", "LL1", "1990-03-04"))  # not alike any more
    await compare_county(county.db, COUNTY, RULE)
    assert [row[1] for row in await reviews(county)] == ["DIFFERENT"]
    await told(county, *people)
    assert (await compare_county(county.db, COUNTY, RULE))[2:] == (1, 0)


async def test_a_new_key_for_numbers_is_no_news(county: County) -> None:
    await told(county, numbered("张建国", "1950-03-04"), unnumbered("张建国", "LL1", "1950-03-04"))
    assert (await compare_county(county.db, COUNTY, RULE)).linked == 1
    for table in ("beneficiary", "beneficiary_apart"):
        await county.db.owner.execute(f"update {table} set id_number_hash = sha256(id_number_hash)")
    assert await compare_county(county.db, COUNTY, RULE) == Found()
    assert [row[1] for row in await reviews(county)] == ["LINKED"]


async def test_a_link_of_the_rule_ends_when_its_ground_goes(county: County) -> None:
    await told(county, numbered("张建国", "1950-03-04"), unnumbered("张建国", "LL1", "1950-03-04"))
    await compare_county(county.db, COUNTY, RULE)
    await told(county, numbered("张建国", "1950-03-04"), unnumbered("李静", "LL1", "1990-03-04"))
    found = await compare_county(county.db, COUNTY, RULE)
    assert found.linked == 0
    assert await county.one("select count(*) from beneficiary") == 26
    assert await county.one("select count(*) from identity_review where status = 'LINKED'") == 0


async def test_a_county_that_fails_keeps_no_other_waiting(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    await told(county, numbered("张建国", "1950-03-04"), unnumbered("张建国", "LL1", "1950-03-04"))
    first = County(county.db, "roster-110101")
    await first.register("110101000000")

    async def compare(database: Database, code: str, rule: Rule) -> Found:
        if code == "110101":
            raise asyncpg.DeadlockDetectedError
        return await compare_county(database, code, rule)

    monkeypatch.setattr(alike, "compare_county", compare)
    assert (await alike.compare_all(county.db, RULE)).linked == 1


async def test_a_round_waits_for_no_run(county: County) -> None:
    await told(county, numbered("张建国", "1950-03-04"))
    async with county.db.transaction() as connection:
        await connection.execute(f"select pg_advisory_xact_lock({MERGING}, hashtext($1))", COUNTY)
        assert await compare_county(county.db, COUNTY, RULE) == Found()
