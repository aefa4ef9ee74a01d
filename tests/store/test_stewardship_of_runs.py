"""Runs beside what stewards decided and asked: a decision stands, and a source that gives in is heard."""

from __future__ import annotations

from typing import Any

import pytest

from hub.store.database import Database
from hub.store.overrides import put, take
from hub.tables import beneficiary
from tests.store import sync_source as source
from tests.store.sync_source import COUNTY, MAY, TODAY, County, batch, dibao, elder, person

ROW = "select name, phone, address, deceased_on from beneficiary where id = 1"
SAID = "select record_key, phone, address from beneficiary_record where overrides is null order by record_key"


@pytest.fixture
async def county(db: Database) -> County:
    """One person of whom a list says something."""
    await source.empty(db)
    county = County(db)
    await county.register()
    await county.sync(batch("dibao", [dibao(1, 联系电话="1")]))
    await db.owner.execute(
        "insert into source (code, name, connector, location, max_age_hours)"
        " values ('hub', '本系统', 'hub', '', 0)"
    )
    return county


async def decide(county: County, **values: Any) -> None:
    async with county.db.transaction() as connection:
        hub = await connection.fetchval("select id from source where code = 'hub'")
        await put(connection, beneficiary, hub, COUNTY, 1, 7, values)


async def test_runs_leave_a_decision_and_what_sources_say_alone(county: County) -> None:
    await decide(county, phone="8", address=None)
    assert await county.all(ROW) == [("测试1", "8", None, None)]
    report = await county.sync(batch("dibao", [dibao(1, 联系电话="2", 姓名="测试甲")]))
    assert (report.accepted, report.changed) == (1, 1)
    assert await county.all(ROW) == [("测试甲", "8", None, None)]
    report = await county.sync(
        batch("dibao", [dibao(1, 联系电话="3", 姓名="测试甲")]),
        batch("elder", [elder(1, 联系电话="4")], at=MAY),
    )
    assert await county.all(ROW) == [("测试甲", "8", None, None)]
    assert sorted(row[1:] for row in await county.all(SAID)) == [("3", "一号"), ("4", None)]
    async with county.db.transaction() as connection:
        assert await take(connection, beneficiary, COUNTY, [7], ["phone", "address"]) == [1]
    assert await county.all(ROW) == [("测试甲", "3", "一号", None)]


async def test_an_unchanged_list_stays_unchanged_beside_a_decision(county: County) -> None:
    await decide(county, phone="8")
    report = await county.sync(batch("dibao", [dibao(1, 联系电话="1")]))
    assert (report.unchanged, report.changed) == (1, 0)


async def test_a_person_of_whom_only_the_steward_speaks_stays_as_it_is(county: County) -> None:
    await decide(county, phone="8")
    corrected = dibao(2, 联系电话="1", 姓名="测试2")  # the row is about somebody else now
    await county.db.owner.execute("update beneficiary_record set entity_id = 99 where overrides is null")
    await county.sync(batch("dibao", [corrected]))
    assert await county.all(ROW) == [("测试1", "8", "一号", None)]
    async with county.db.transaction() as connection:
        assert await take(connection, beneficiary, COUNTY, [7], ["phone"]) == []


async def ask(county: County, field: str, value: str | None, status: str = "OPEN") -> None:
    seal = county.vault.seal
    await county.db.owner.execute(
        "insert into correction_request (county_code, beneficiary_id, source_id, source_code, field, value,"
        " reason, status, asked_by, asked_at, due_on)"
        " values ($1, 1, 1, $2, $3, $4, $5, $6, '某方', now(), $7)",
        COUNTY,
        county.code,
        field,
        None if value is None else seal(value),
        seal("理由"),
        status,
        TODAY,
    )


async def states(county: County) -> list[Any]:
    return await county.all("select field, status, done_at is not null from correction_request order by id")


async def test_a_request_is_done_when_the_source_states_the_value(county: County) -> None:
    await ask(county, "PHONE", "5", "ACCEPTED")
    await ask(county, "ADDRESS", "二号")
    await ask(county, "ID_NUMBER", person(1))
    await ask(county, "BIRTH_ON", "1950-01-02")
    await ask(county, "NAME", "测试甲", "REFUSED")
    await county.db.owner.execute("truncate change restart identity")
    await county.sync(batch("dibao", [dibao(1, 联系电话="5", 姓名="测试甲", 出生日期="1950-01-02")]))
    assert await states(county) == [
        ("PHONE", "DONE", True),
        ("ADDRESS", "OPEN", False),
        ("ID_NUMBER", "DONE", True),
        ("BIRTH_ON", "DONE", True),
        ("NAME", "REFUSED", False),
    ]
    told = "select entity_id, operation from change where entity = 'correction_request' order by entity_id"
    assert [row[1] for row in await county.all(told)] == ["U"] * 3


async def test_a_request_waits_while_another_list_of_the_source_stands_before(county: County) -> None:
    lists = [batch("dibao", [dibao(1, 联系电话="1")]), batch("elder", [elder(1, 联系电话="1")])]
    await county.sync(*lists)
    await ask(county, "PHONE", "5")
    lists[1] = batch("elder", [elder(1, 联系电话="5")], at=MAY)  # newer, and of less weight
    await county.sync(*lists)
    assert (await county.one("select phone from beneficiary"), await states(county)) == (
        "1",
        [("PHONE", "OPEN", False)],
    )
    await county.sync(batch("dibao", [dibao(1, 联系电话="5")], at=MAY), lists[1])
    assert await states(county) == [("PHONE", "DONE", True)]


async def test_a_value_that_should_go_is_gone(county: County) -> None:
    await ask(county, "PHONE", None)
    await county.sync(batch("dibao", [dibao(1, 联系电话="1", 住址="二号")]))
    assert await states(county) == [("PHONE", "OPEN", False)]
    await county.sync(batch("dibao", [dibao(1, 联系电话=None, 住址="二号")]))
    assert await states(county) == [("PHONE", "DONE", True)]


async def test_what_another_source_says_ends_no_request(county: County) -> None:
    await ask(county, "PHONE", "5")
    other = County(county.db, "elderly-450305")
    await other.register()
    await other.sync(batch("elder", [elder(1, 联系电话="5")], at=MAY))
    assert await states(county) == [("PHONE", "OPEN", False)]
