"""When the list of divisions changes, what names one that ended names the one it lives on as."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import AsyncIterator

import pytest

from graphql_schema.schema import EXECUTOR, audience
from hub.domain.division_changes import history
from hub.read.run import Engine
from hub.store.database import Database
from hub.store.divisions import store_divisions
from hub.store.vault import Vault
from tests.support.county import TODAY
from tests.support.postgres import fresh_database
from tests.support.reading import World, viewer

OLD, NEW, VILLAGE = "350212106000", "350212003000", "350212106201"
FARM = "640221400000"
"""Ended without a successor."""
PEOPLE = 40
OLD_LIST = """
    insert into division (code, name, full_name, level, kind, depth, parent_code) values
        ('350212106000', '新民镇', '福建省厦门市同安区新民镇', 'TOWNSHIP', 'TOWN', 3, '350212000000'),
        ('350212106201', '旧村', '福建省厦门市同安区新民镇旧村', 'VILLAGE', 'VILLAGE', 4, '350212106000'),
        ('640221400000', '前进农场', '前进农场', 'TOWNSHIP', 'TOWNSHIP_LIKE', 3, '640221000000');
    insert into source (code, name, connector, division_code, max_age_hours, location)
        values ('roster', '名单', 'roster', '350212106000', 24, '/');
    insert into station (county_code, division_code, name, kind, status)
        values ('350212', '350212106000', '旧站', 'CIVIL_AFFAIRS', 'OPERATING');
    insert into station_record (source_id, record_key, entity_id, precedence, content_hash, observed_at,
        received_at, run_id, county_code, division_code)
        select 1, 's', id, 1, '', now(), now(), 1, county_code, division_code from station;
    insert into household (county_code, household_number, division_code)
        values ('350212', 'H', '350212106201');
    insert into hub_user (login, display_name, role, scopes, status, password_hash, division_code)
        values ('office', '乡镇', 'township', '{}', 'ACTIVE', '', '350212106000');
    insert into oauth_client (client_id, name, role, jwks, division_code)
        values ('office', '乡镇', 'township', '{}', '350212106000');"""
LIVING = """
    insert into beneficiary (county_code, name, name_masked, division_code, shown_from_on)
        select left(code, 6), '测试' || n, '测*', code, '-infinity'
        from unnest($1::text[]) with ordinality lives (code, n);"""
FACTS = """
    insert into beneficiary_record (source_id, record_key, entity_id, precedence, content_hash, observed_at,
        received_at, run_id, county_code, division_code, name, name_masked)
        select 1, id::text, id, 1, '', now(), now(), 1, county_code, division_code, name, name_masked
        from beneficiary;
    insert into category_membership (county_code, beneficiary_id, category, starts_on, source_id, record_key,
        content_hash, observed_at, received_at, run_id)
        select county_code, id, 'DIBAO', '2026-01-01', 1, id::text, '', now(), now(), 1 from beneficiary"""


async def older(db: Database, lives: list[str]) -> None:
    await db.owner.execute(OLD_LIST)
    await db.owner.execute(LIVING, lives)
    await db.owner.execute(FACTS)


@pytest.fixture(scope="module")
async def db() -> AsyncIterator[Database]:
    async with fresh_database() as database:
        rng = random.Random(7)
        await older(database, [OLD, VILLAGE, NEW, FARM, *rng.choices([OLD, VILLAGE, NEW], k=PEOPLE - 4)])
        yield database


async def counts(db: Database, table: str, column: str = "division_code") -> dict[str, int]:
    rows = await db.owner.fetch(f"select {column} as code, count(*) as n from {table} group by 1")
    return {row["code"]: row["n"] for row in rows}


async def test_everything_moves_and_nothing_is_lost(db: Database) -> None:
    before = await counts(db, "beneficiary")
    moving = before[OLD] + before[VILLAGE]
    moved = await store_divisions(db)
    for table in ("beneficiary", "beneficiary_record", "category_membership"):
        assert await counts(db, table) == {NEW: PEOPLE - 1, FARM: 1}, table
    for table in ("station", "station_record", "household", "hub_user", "oauth_client", "source"):
        assert await counts(db, table) == {NEW: 1}, table
    assert moved.rows == {
        "beneficiary.division_code": moving,
        "beneficiary_record.division_code": moving,
        **{
            f"{table}.division_code": 1
            for table in ("station", "station_record", "household", "hub_user", "oauth_client", "source")
        },
    }
    assert moved.left == {FARM: {"beneficiary.division_code": 1}}, "told, and not guessed"
    assert set(await counts(db, "division", "code")) & {OLD, VILLAGE, FARM} == {FARM}
    noted = await db.owner.fetch("select entity, operation, count(*) from change group by 1, 2 order by 1, 2")
    told = {(row[0], row[1]): row[2] for row in noted if row[1] == "U"}
    assert told == {("beneficiary", "U"): moving, ("household", "U"): 1, ("station", "U"): 1}
    left = {row[0]: row[2] for row in noted if row[1] == "L"}
    assert left["beneficiary"] == moving, "who followed the old code is told that they left"
    again = await store_divisions(db)
    assert (again.rows, again.left) == ({}, moved.left)


async def test_slices_follow(db: Database) -> None:
    await store_divisions(db)
    world = World(
        Engine(
            db,
            Vault(bytes(range(32))),
            audience,
            EXECUTOR,
            clock=lambda: dt.datetime.combine(TODAY, dt.time(9)),
        ),
        {},
        db,
    )
    people = "beneficiaries(first: 100) { totalCount nodes { memberships { totalCount } } }"
    query = f"{{ {people} stations {{ totalCount }} }}"
    seen = await world.ask(viewer("township", NEW), query)
    assert (seen["beneficiaries"]["totalCount"], seen["stations"]["totalCount"]) == (PEOPLE - 1, 1)
    assert all(each["memberships"]["totalCount"] == 1 for each in seen["beneficiaries"]["nodes"])
    gone = await world.ask(viewer("township", OLD), query)
    assert (gone["beneficiaries"]["totalCount"], gone["stations"]["totalCount"]) == (0, 0)


async def test_what_divisions_were_is_shown(db: Database) -> None:
    await store_divisions(db)
    world = World(Engine(db, Vault(bytes(range(32))), audience, EXECUTOR), {}, db)
    anybody = viewer("operator")
    former = "code name change isDayKnown startsOn endsOn successorCodes division { code name }"
    one = await world.ask(
        anybody, f'{{ division(code: "{NEW}") {{ name former {{ nodes {{ {former} }} }} }} }}'
    )
    assert one["division"]["former"]["nodes"] == [
        {
            "code": OLD, "name": "新民镇", "change": "RECODED", "isDayKnown": True, "startsOn": None,
            "endsOn": "2022-02-15", "successorCodes": [NEW], "division": {"code": NEW, "name": "新民街道"},
        }
    ]  # fmt: skip

    async def on(code: str, day: str) -> list[str]:
        where = f'{{code: {{eq: "{code}"}}, activeOn: "{day}"}}'
        found = await world.ask(anybody, f"{{ formerDivisions(where: {where}) {{ nodes {{ name }} }} }}")
        return [each["name"] for each in found["formerDivisions"]["nodes"]]

    assert await on("350212106", "1999-01-01") == ["新民镇"]
    assert await on(OLD, "2022-02-15") == ["新民镇"]
    assert await on(OLD, "2022-02-16") == []
    assert await on("450422111", "2021-12-30") == ["蒙江镇"]
    every = await world.ask(
        anybody, f"{{ formerDivisions(first: 200) {{ totalCount nodes {{ {former} }} }} }}"
    )
    assert every["formerDivisions"]["totalCount"] == len(history().former()) == 16


async def test_of_two_stations_that_become_one_township_s_the_first_moves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A township has one station, so the other stays for the county to close."""
    other = "350212108000"
    monkeypatch.setattr("hub.store.divisions.moves", lambda: {OLD: NEW, other: NEW})
    async with fresh_database() as db:
        await older(db, [OLD])
        await db.owner.execute(f"""
            insert into division (code, name, full_name, level, kind, depth, parent_code)
                values ('{other}', '西柯镇', '西柯镇', 'TOWNSHIP', 'TOWN', 3, '350212000000');
            insert into station (county_code, division_code, name, kind, status)
                values ('350212', '{other}', '二站', 'CIVIL_AFFAIRS', 'OPERATING');
            insert into station_record select source_id, 's2', s.id, precedence, content_hash, observed_at,
                received_at, run_id from station_record, station s where s.name = '二站';
            update station_record set division_code = '{other}', county_code = '350212'
                where record_key = 's2'""")
        moved = await store_divisions(db)
        assert await counts(db, "station") == await counts(db, "station_record") == {NEW: 1, other: 1}
        assert moved.left == {other: {"station.division_code": 1}}


async def test_what_belongs_to_another_county_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.store.divisions.moves", lambda: {OLD: "350203001000"})
    async with fresh_database() as db:
        await older(db, [OLD])
        moved = await store_divisions(db)
        assert not moved.rows
        assert set(moved.left) == {OLD, VILLAGE}
        assert await counts(db, "beneficiary") == {OLD: 1}
