"""Two files of one person are shown as one; the link ends, and all is as if it had never been."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import replace
from typing import Any, Final

import pytest

from hub.store.apart import Apart
from hub.store.database import Database
from hub.store.linking import components, regroup
from hub.store.overrides import put, take
from hub.sync.rules import add_rule, enforce
from hub.tables import LINKABLE, metadata
from tests.store import sync_source as source
from tests.store.sync_source import COUNTY, MAY, TOWNSHIP, County, batch, dibao, elder, person

FILED: Final = {"档案编号": "LL1", "姓名": "测试1"}
ANOTHER_TIME: Final = "{received_at,opened_at,ends_at,made_at,known_from,known_until}"
ON_STREET: Final = 7
"""A file without a number, after those of six numbers."""


@pytest.fixture
async def county(db: Database) -> County:
    await source.empty(db)
    await db.owner.execute(
        "truncate identity_review, beneficiary_apart, emergency_access, withdrawn_record restart identity"
    )
    county = County(db)
    await county.register()
    await county.sync(*told())
    await db.owner.execute(f"""
        insert into emergency_access (client_id, opener_role, opener_name, county_code, division_code,
            person_ids, people, reason, note, opened_at, ends_at)
        select 'a', 'bureau', '', '{COUNTY}', '{COUNTY}000000', ids, names, 'MISSING', '', now(), now()
        from (values ('{{7}}'::bigint[], '{{Beneficiary:450305:7}}'::text[]),
            ('{{2,7}}', '{{Beneficiary:450305:2,Beneficiary:450305:7}}')) e (ids, names)""")
    return county


def told(**more: Any) -> list[Any]:
    """Six people with a number, and the second of them once more on the street."""
    return [
        batch("station", source.STATIONS),
        batch("contractor", source.CONTRACTORS),
        batch("contract", source.CONTRACTS),
        batch("dibao", [dibao(n, f"H{n}", 服务站区划代码=TOWNSHIP) for n in range(6)]),
        batch("elder", [elder(2, 联系电话="1380")]),
        batch("filed", [{**FILED, **more}]),
        batch("visit", [visit("V1", 身份证号=person(1)), visit("V2", 档案编号="LL1")]),
    ]


def visit(number: str, day: str = "2026-01-01", **whom: str) -> dict[str, str]:
    return {"探访编号": number, "探访日期": day, "合同编号": "C1", **whom}


async def link(county: County, first: int, second: int, status: str = "LINKED") -> None:
    async with county.db.transaction() as connection:
        await connection.execute(
            """
            insert into identity_review (county_code, first_id, second_id, status, score, reasons, found_at,
                first_print, second_print)
            values ($1, $2, $3, $4, 1, '{}', now(), '', '')
            on conflict (county_code, first_id, second_id) do update set status = excluded.status""",
            COUNTY, first, second, status,
        )  # fmt: skip
        await regroup(connection, COUNTY, (first, second))


async def unlink(county: County, first: int, second: int) -> None:
    await link(county, first, second, "DIFFERENT")


async def state(
    county: County, later: str = "{received_at,opened_at,ends_at,made_at}"
) -> dict[str, list[str]]:
    """Every row that a person may be found in, without the time it came."""
    names = [LINKABLE.golden.name, LINKABLE.record.name, "household", "emergency_access", *LINKABLE.referring]
    found = {
        name: [
            text
            for (text,) in await county.all(
                f"select (to_jsonb(t) - '{later}'::text[])::text from {name} t order by 1"
            )
        ]
        for name in names
    }
    tally = "select county_code, division_code, risk_level, station_id, sum(count) from beneficiary_tally"
    found["tally"] = [
        str(row) for row in await county.all(f"{tally} group by 1, 2, 3, 4 having sum(count) <> 0")
    ]
    return found


async def test_what_hangs_on_a_file_follows_the_link_and_returns(county: County) -> None:
    before = await state(county)
    statements = await county.all("select source_id, record_key, name, content_hash from beneficiary_record")
    await link(county, 2, ON_STREET)
    assert await county.one("select array_agg(id order by id) from beneficiary") == [1, 2, 3, 4, 5, 6]
    assert await county.all("select record_key is not null, beneficiary_id from visit") == [
        (True, 2),
        (True, 2),
    ]
    assert await county.all("select id, linked_to from beneficiary_apart order by id") == [
        (2, 2),
        (ON_STREET, 2),
    ]
    # What the street knows is known of the person, and the number stays.
    assert await county.all("select name, file_number, id_number is null from beneficiary where id = 2") == [
        ("测试1", "LL1", False)
    ]
    assert await county.all("select person_ids, people from emergency_access order by id") == [
        ([2], ["Beneficiary:450305:2"]),
        ([2, 7], ["Beneficiary:450305:2", "Beneficiary:450305:7"]),
    ]
    after = await county.all("select source_id, record_key, name, content_hash from beneficiary_record")
    assert sorted(after) == sorted(statements)
    assert await county.one("select sum(count) from beneficiary_tally") == 6
    await unlink(county, 2, ON_STREET)
    assert await state(county) == before
    assert await county.one("select count(*) from beneficiary_apart") == 0


async def test_syncs_meet_every_file_as_it_is_alone(county: County, db: Database) -> None:
    """As many people, records and facts as there would be without the link, after any sync."""
    news = [
        *told(姓名="测试一"),
        batch(
            "visit",
            [visit("V3", 档案编号="LL1"), visit("V2", "2026-02-02", 档案编号="LL1")],
            at=MAY,
            file="b",
        ),
        batch("phones", [{"身份证号": person(1), "联系电话": "1390"}]),
        batch("filed", [{"档案编号": "LL2", "姓名": "测试9"}], file="other"),
    ]
    await link(county, 2, ON_STREET)
    report = await county.sync(*told())
    assert (report.accepted, report.changed) == (0, 0)
    await county.sync(*news)
    assert await county.all(
        "select count(*), count(distinct beneficiary_id), min(beneficiary_id) from visit"
    ) == [(3, 1, 2)]
    assert await county.one("select phone from beneficiary where id = 2") == "1390"
    await unlink(county, 2, ON_STREET)
    linked = await state(county, ANOTHER_TIME)
    await source.empty(db)
    other = County(db)
    await other.register()
    await other.sync(*told())
    await other.sync(*told())
    await other.sync(*news)
    alone = await state(other, ANOTHER_TIME)
    assert {k: v for k, v in linked.items() if k != "emergency_access"} == {
        k: v for k, v in alone.items() if k != "emergency_access"
    }
    assert len(alone["visit"]) == 3


async def test_a_run_that_changes_a_linked_file_tells_of_the_one_that_stands(county: County) -> None:
    await link(county, 2, ON_STREET)
    last = await county.one("select max(sequence) from change")
    await county.sync(*told(身份证号=person(40)))
    changes = await county.all(
        "select entity, entity_id, operation from change where sequence > $1 order by 1, 2", last
    )
    assert changes == [("beneficiary", 2, "U")]
    # The file has a number of its own now, and the person keeps the one that is shown.
    assert await county.one("select count(*) from beneficiary where id_number_hash is not null") == 6
    assert await county.one("select count(*) from beneficiary_apart where id_number_hash is not null") == 2


async def test_a_complete_list_that_says_the_same_takes_nothing_apart(county: County) -> None:
    await link(county, 2, ON_STREET)
    complete = [replace(each, ends=True) for each in told()]
    await county.sync(*complete)
    written = (
        "select xmin::text from beneficiary_apart union all select xmin::text from beneficiary order by 1"
    )
    before = await county.all(written)
    assert (await county.sync(*complete)).withdrawn == 0
    assert sorted(await county.all(written)) == sorted(before)
    report = await county.sync(*complete[:5], replace(batch("filed", []), ends=True), complete[6])
    assert report.withdrawn == 1
    assert await county.all("select entity_id from beneficiary_record where list_kind = 'filed'") == []


async def test_who_is_linked_through_others_stays_when_one_link_ends(county: County) -> None:
    before = await state(county)
    await link(county, 2, ON_STREET)
    await link(county, 1, 2)
    assert await county.all("select id, linked_to from beneficiary_apart order by id") == [
        (1, 1),
        (2, 1),
        (7, 1),
    ]
    await unlink(county, 1, 2)
    assert await county.all("select id, linked_to from beneficiary_apart order by id") == [(2, 2), (7, 2)]
    await unlink(county, 2, ON_STREET)
    assert await state(county) == before


async def test_a_link_is_told_to_those_who_follow_changes(county: County) -> None:
    last = await county.one("select max(sequence) from change")
    await link(county, 2, ON_STREET)
    changes = "select entity, entity_id, operation from change where sequence > $1 order by 1, 2, 3"
    assert await county.all(changes, last) == [
        ("beneficiary", 2, "U"),
        ("beneficiary", 7, "D"),
        ("beneficiary", 7, "F"),
        ("beneficiary", 7, "L"),
        ("emergency_access", 1, "U"),
        ("visit", 2, "L"),
        ("visit", 2, "U"),
    ]
    last = await county.one("select max(sequence) from change")
    await unlink(county, 2, ON_STREET)
    assert ("beneficiary", 7, "I") in await county.all(changes, last)


async def with_a_number_and_without(county: County) -> int:
    """Two linked files, of whom the one without a number is on a list that goes before the other's."""
    unnumbered = {**dibao(20), "身份证号": None, "档案编号": "LL9", "出生日期": "1990-01-01"}
    await county.sync(batch("elder", [elder(20, 出生日期="1950-01-21")]), batch("dibao", [unnumbered]))
    numbered, other = (
        row[0]
        for row in await county.all("select id from beneficiary where birth_on is not null order by birth_on")
    )
    await link(county, *sorted((numbered, other)))
    return int(numbered)


async def born(county: County, person: int) -> str:
    return str(await county.one("select birth_on from beneficiary where id = $1", person))


async def test_what_a_number_tells_stays_when_a_decision_on_it_ends(county: County) -> None:
    numbered = await with_a_number_and_without(county)
    async with county.db.transaction() as connection:
        await put(connection, LINKABLE.golden, 1, COUNTY, numbered, 7, {"birth_on": dt.date(1960, 1, 1)})
    assert await born(county, numbered) == "1960-01-01"
    async with county.db.transaction() as connection:
        assert await take(connection, LINKABLE.golden, COUNTY, [7], ["birth_on"]) == [numbered]
    assert await born(county, numbered) == "1950-01-21"


async def test_what_a_number_tells_stays_when_a_rule_begins(county: County) -> None:
    numbered = await with_a_number_and_without(county)
    await add_rule(
        county.db, "beneficiary.birth_on", division="450305", rank=0, reason="-", starts_on=source.TODAY,
        list_kind="dibao",
    )  # fmt: skip
    assert await enforce(county.db, source.TODAY) == 0
    assert await born(county, numbered) == "1950-01-21"
    await county.db.owner.execute("truncate precedence_rule")


async def test_a_child_without_a_day_of_birth_is_one_again(county: County) -> None:
    """Its category alone hides it from who may not see children."""
    child = {**elder(21), "身份证号": None, "档案编号": "LL8", "类别": "LEFT_BEHIND_CHILD"}
    lists = [batch("dibao", [dibao(21, 出生日期="1950-01-22")]), batch("elder", [child])]
    await county.sync(*lists)
    hidden = "select count(*) from {} where shown_from_on = 'infinity'"
    tables = ("beneficiary", "category_membership")
    assert [await county.one(hidden.format(name)) for name in tables] == [1, 1]
    before = await state(county)
    ends = await county.all(
        "select id from beneficiary where shown_from_on = 'infinity' or birth_on is not null"
    )
    await link(county, *sorted(row[0] for row in ends))
    await county.sync(*lists)
    await unlink(county, *sorted(row[0] for row in ends))
    assert [await county.one(hidden.format(name)) for name in tables] == [1, 1]
    assert await state(county) == before


async def test_a_former_version_is_seen_where_its_person_is(county: County) -> None:
    """Of a child the past is hidden as well, also what was said of the file that is linked to the child's."""
    child = dibao(22, 出生日期="2020-01-01")
    other = {**elder(23, 区划代码="450305002000"), "身份证号": None, "档案编号": "LL7"}
    for end in (None, "2027-01-01"):
        await county.sync(batch("elder", [{**other, "终止日期": end}]), batch("dibao", [child]))
    before = await state(county)
    place = """
        select p.division_code = h.division_code and p.shown_from_on = h.shown_from_on
        from {} h join beneficiary p on p.id = h.beneficiary_id"""
    ends = await county.all("select id from beneficiary where birth_on is not null or file_number = 'LL7'")
    await link(county, *sorted(row[0] for row in ends))
    assert await county.all(place.format("category_membership_history")) == [(True,)]
    for table in LINKABLE.referring:
        if {"division_code", "shown_from_on"} <= {*metadata.tables[table].c.keys()}:
            assert (False,) not in await county.all(place.format(table)), table
    await unlink(county, *sorted(row[0] for row in ends))
    assert await state(county) == before


async def test_what_somebody_is_adding_to_a_file_is_waited_for(county: County) -> None:
    add = """
        insert into correction_request (county_code, beneficiary_id, source_id, source_code, field, reason,
            status, asked_by, asked_at, due_on)
        values ($1, $2, 1, '-', 'PHONE', '\\x00', 'OPEN', '-', now(), now())"""
    async with county.db.transaction() as connection:
        await connection.execute(add, COUNTY, ON_STREET)
        linking = asyncio.create_task(link(county, 2, ON_STREET))
        await asyncio.sleep(0.3)
        assert not linking.done()
    await linking
    assert await county.all("select beneficiary_id from correction_request") == [(2,)]
    await unlink(county, 2, ON_STREET)
    assert await county.all("select beneficiary_id from correction_request") == [(ON_STREET,)]


async def test_nothing_is_moved_where_nothing_is_linked(county: County) -> None:
    async with county.db.transaction() as connection:
        assert await Apart(connection, COUNTY).unfold([1, 2]) == {}
        await Apart(connection, COUNTY).fold({})


def test_pairs_make_groups() -> None:
    assert sorted(map(sorted, components([(1, 2), (3, 4), (2, 3), (8, 9)]))) == [[1, 2, 3, 4], [8, 9]]
