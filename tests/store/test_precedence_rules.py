"""Rules of precedence: another list wins for a field, in its county only, from its day to its end."""

from __future__ import annotations

import datetime as dt
from typing import Any

import orjson
import pytest

from hub.errors import BadArgument, NotFound
from hub.store.database import Database
from hub.sync.rules import add_rule, all_rules, end_rule, enforce, field_of
from tests.store import sync_source as source
from tests.store.sync_source import ELSEWHERE, JANUARY, MAY, TODAY, County, batch, dibao, elder, person

TOMORROW = TODAY + dt.timedelta(days=1)
VALUES = "select county_code, name, name_masked, phone, address from beneficiary order by county_code, name"


@pytest.fixture
async def counties(db: Database) -> tuple[County, County]:
    """Two counties whose lists disagree: dibao (3) says one thing and elder (5) later another."""
    await db.owner.execute("truncate precedence_rule restart identity cascade")
    await source.empty(db)
    here, there = County(db), County(db, "roster-350582")
    await here.register()
    await there.register("350582000000")
    await here.sync(*disagreeing())
    await there.sync(*disagreeing(区划代码=ELSEWHERE))
    await db.owner.execute("truncate change restart identity")
    return here, there


def disagreeing(**more: Any) -> list[Any]:
    return [
        batch(
            "dibao", [dibao(n, f"H{n}", 联系电话=f"d{n}", 住址="低保", **more) for n in (1, 2)], at=JANUARY
        ),
        batch(
            "elder",
            [elder(n, 联系电话=f"e{n}", 住址="老年", 姓名=f"老人{n}", **more) for n in (1, 2)],
            at=MAY,
        ),
    ]


async def rule(db: Database, field: str = "beneficiary.phone", **given: Any) -> int:
    """Of the lists of the elderly, where nothing else is said."""
    about = {} if {"source", "connector", "list_kind"} & given.keys() else {"list_kind": "elder"}
    usual = {"division": "450305", "rank": 1, "reason": "桂民发〔2026〕1 号", "starts_on": TODAY, **about}
    return await add_rule(db, field, **{**usual, **given})


async def phones(county: County) -> list[Any]:
    return [tuple(row[::3])[:2] for row in await county.all(VALUES)]


async def test_a_rule_counts_in_its_county_and_for_its_field_only(counties: tuple[County, County]) -> None:
    here, _ = counties
    before = await here.all(VALUES)
    await rule(here.db)
    assert await here.all(VALUES) == before  # nothing counts before it is enforced
    assert await enforce(here.db, TODAY) == 2
    assert await phones(here) == [("350582", "d1"), ("350582", "d2"), ("450305", "e1"), ("450305", "e2")]
    assert [(r[0], r[1], r[4]) for r in await here.all(VALUES)] == [(r[0], r[1], r[4]) for r in before]
    told = "select entity, county_code, operation, count(*) from change group by 1, 2, 3"
    assert await here.all(told) == [("beneficiary", "450305", "U", 2)]
    assert await enforce(here.db, TODAY) is None


async def test_runs_keep_to_the_rule_and_its_end_brings_back_what_stood(
    counties: tuple[County, County],
) -> None:
    here, there = counties
    number = await rule(here.db)
    await enforce(here.db, TODAY)
    lists = disagreeing()
    lists[0].rows[0].values["联系电话"] = "d9"
    report = await here.sync(*lists)
    assert (report.accepted, report.changed) == (1, 0)
    await there.sync(*disagreeing(区划代码=ELSEWHERE))
    assert await phones(here) == [("350582", "d1"), ("350582", "d2"), ("450305", "e1"), ("450305", "e2")]
    await end_rule(here.db, number, TODAY)
    assert await enforce(here.db, TODAY) == 2
    assert sorted(p for _, p in await phones(here)) == ["d1", "d2", "d2", "d9"]
    with pytest.raises(NotFound):
        await end_rule(here.db, number, TODAY)


async def test_two_counties_with_different_rules(counties: tuple[County, County]) -> None:
    here, there = counties
    await rule(here.db)
    await rule(here.db, division="350582000000", list_kind="dibao", rank=9)  # below the elder list's own 5
    await rule(here.db, "Beneficiary.address", division="350582")
    assert await enforce(here.db, TODAY) == 4
    assert [(r[0], r[3], r[4]) for r in await there.all(VALUES)] == [
        ("350582", "e1", "老年"),
        ("350582", "e2", "老年"),
        ("450305", "e1", "低保"),
        ("450305", "e2", "低保"),
    ]


async def test_the_closer_rule_counts(counties: tuple[County, County]) -> None:
    here, _ = counties
    await rule(here.db, division="45", rank=1)
    await rule(here.db, division="4503", rank=8)
    await rule(here.db, division="", rank=0)
    await enforce(here.db, TODAY)
    assert await phones(here) == [("350582", "e1"), ("350582", "e2"), ("450305", "d1"), ("450305", "d2")]
    await rule(here.db, division="4503", source=here.code, list_kind="elder", rank=2)
    await enforce(here.db, TODAY)
    assert [p for county, p in await phones(here) if county == "450305"] == ["e1", "e2"]


async def test_what_is_made_of_a_field_comes_from_the_same_statement(counties: tuple[County, County]) -> None:
    here, _ = counties
    await rule(here.db, "beneficiary.name")
    assert await enforce(here.db, TODAY) == 2
    assert [r[1:3] for r in await here.all(VALUES) if r[0] == "450305"] == [
        ("老人1", "老**"),
        ("老人2", "老**"),
    ]


async def test_a_rule_begins_and_ends_on_its_day(counties: tuple[County, County]) -> None:
    here, _ = counties
    number = await rule(here.db, starts_on=TOMORROW)
    assert await enforce(here.db, TODAY) is None
    assert await enforce(here.db, TOMORROW) == 2
    await end_rule(here.db, number, TOMORROW + dt.timedelta(days=1))
    assert await enforce(here.db, TOMORROW) is None
    assert await enforce(here.db, TOMORROW + dt.timedelta(days=1)) == 2
    assert [r.is_in_force for r in await all_rules(here.db, ended=True)] == [False]
    assert await all_rules(here.db) == []


async def test_an_empty_field_still_never_wins(counties: tuple[County, County]) -> None:
    here, _ = counties
    await rule(here.db)
    await here.sync(batch("elder", [elder(3)], at=MAY), batch("dibao", [dibao(3, "H3", 联系电话="d3")]))
    await enforce(here.db, TODAY)
    assert (
        await here.one("select phone from beneficiary where id_number_hash = $1", here.vault.blind(person(3)))
        == "d3"
    )


@pytest.mark.parametrize(
    "field",
    ["beneficiary.id_number", "beneficiary.name_masked", "beneficiary.station_id", "phone",
     "visit.visited_on", "contractor.credit_code", "household.household_number", "beneficiary.name_keys"],
)  # fmt: skip
def test_keys_and_what_is_derived_take_no_rule(field: str) -> None:
    with pytest.raises(BadArgument):
        field_of(field)


@pytest.mark.parametrize(
    "given",
    [{"division": "450305001000"}, {"division": "4"}, {"rank": 100}, {"reason": " "}, {"list_kind": None}],
)
async def test_a_rule_that_says_too_little_or_too_much(
    counties: tuple[County, County], given: dict[str, Any]
) -> None:
    with pytest.raises(BadArgument):
        await rule(counties[0].db, **given)


async def test_of_a_source_that_is_none(counties: tuple[County, County]) -> None:
    with pytest.raises(NotFound):
        await rule(counties[0].db, source="nobody")


async def test_who_sets_a_rule_stands_in_the_access_log(counties: tuple[County, County]) -> None:
    db = counties[0].db
    async with db.transaction() as connection:
        await connection.execute("set local application_name = 'hub by officer'")
        await connection.execute(
            "insert into precedence_rule (division_prefix, table_name, column_name, list_kind, rank, reason,"
            " starts_on) values ('45', 'beneficiary', 'phone', 'elder', 1, '理由', $1)",
            TODAY,
        )
        content = await connection.fetchval(
            "select s.content from access_entry e join access_shape s on s.digest = e.shape"
            " order by e.sequence desc"
        )
    act = orjson.loads(content)["act"]
    assert (act["as"], act["after"]["column_name"], act["before"]) == ("hub by officer", "phone", None)
