"""Provenance of each field: whose value stands and why, what others say, and whether it is stale."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio

from hub.access.viewer import Viewer
from hub.domain.id_number import make_id_number
from hub.store.vault import Vault
from tests.support.handing import COUNTY, PERSON, SENDER, add, begin, handing_world, id_of
from tests.support.reading import BUREAU, GUANGXI, STAMP, TOWNSHIP, VIEWERS, World, viewer, without_minor

WHOLE: Final = VIEWERS["province"]
OWN, OTHER, PROVINCE, NEWS, SLOW = 1, 21, 22, 23, 24
"""The roster of the small world, another one, one of the province, one that sends news, and one whose
age is promised for a day."""
NUMBERS: Final = [make_id_number("459999", dt.date(1950, 1, 1), n) for n in (7, 8)]
VAULT: Final = Vault(bytes(range(32)))

ALL = """query ($id: ID!) { beneficiary(id: $id) { provenance {
    field value rule reason conflicting source recordKey listKind observedAt receivedAt maxAgeHours freshUntil
    stale competing { value source recordKey listKind observedAt receivedAt stale } } } }"""
FOUND = """query ($where: FieldProvenanceWhere!) {
    beneficiaries(where: {provenance: $where}) { totalCount nodes { id } } }"""


def source(number: int, code: str, division: str | None, hours: int, **more: Any) -> dict[str, Any]:
    usual = {"connector": "roster", "location": "/", "name": f"来源 {code}", "division_code": division}
    return {"id": number, "code": code, "max_age_hours": hours, **usual, **more}


def record(source: int, key: str, person: int = PERSON, **said: Any) -> dict[str, Any]:
    return {
        "county_code": COUNTY,
        "source_id": source,
        "record_key": key,
        "entity_id": person,
        "precedence": 3,
        "content_hash": b"\0",
        "observed_at": STAMP,
        "received_at": STAMP + dt.timedelta(days=1),
        "run_id": 1,
        "list_kind": "dibao",
        **said,
    }


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    """One person of whom four sources say something."""
    now = dt.datetime.now(dt.UTC)
    numbers: list[Any] = [{"id_number": VAULT.seal(n), "id_number_hash": VAULT.blind(n)} for n in NUMBERS]
    async with handing_world() as made:
        await made.database.owner.execute(
            "update source set last_success_at = now(), max_age_hours = 100000000"
        )
        await add(
            made,
            {
                "source": [
                    source(OTHER, "other", f"{COUNTY}000000", 0),
                    source(PROVINCE, "province", GUANGXI, 10**8, last_success_at=now),
                    source(NEWS, "news", f"{COUNTY}000000", 24, last_success_at=now),
                    source(SLOW, "slow", f"{COUNTY}000000", 24, last_success_at=now),
                ],
                "beneficiary_record": [
                    record(OWN, "a", name="甲某", phone="1", birth_on=dt.date(1950, 1, 1), **numbers[0]),
                    record(OTHER, "b", name="甲某", phone="2", address="旧址", **numbers[1]),
                    record(
                        OTHER,
                        "c",
                        name="甲乙",
                        observed_at=STAMP + dt.timedelta(days=9),
                        risk_level="LEVEL_2",
                    ),
                    record(PROVINCE, "d", precedence=1, address="省址", guardian_name="监护人"),
                    record(NEWS, "e", school="小学", observed_at=STAMP - dt.timedelta(days=900)),
                    record(SLOW, "f", ability_level="LEVEL_1"),
                ],
            },
        )
        await made.database.owner.execute("update source set checkpoint = '{}' where id = $1", NEWS)
        yield await begin(made)


async def told(world: World, who: Viewer = WHOLE) -> dict[str, Any]:
    found = await world.ask(who, ALL, id=id_of(PERSON))
    return {each["field"]: each for each in found["beneficiary"]["provenance"]}


async def people(world: World, who: Viewer = WHOLE, **where: Any) -> set[str]:
    found = (await world.ask(who, FOUND, where=where))["beneficiaries"]
    assert found["totalCount"] == len(found["nodes"]) or len(found["nodes"]) == 50
    return {each["id"] for each in found["nodes"]}


async def test_each_field_tells_whose_value_stands_why_and_what_others_say(world: World) -> None:
    fields = await told(world)
    assert {name: (each["rule"], each["value"], each["source"]) for name, each in fields.items()} == {
        "name": ("NEWEST", "甲乙", "other"),
        "phone": ("FIRST", "1", "roster-450305"),
        "birthOn": ("ONLY", "1950-01-01", "roster-450305"),
        "address": ("PRECEDENCE", "省址", "province"),
        "riskLevel": ("ONLY", "LEVEL_2", "other"),
        "idNumber": ("FIRST", NUMBERS[0], "roster-450305"),
        "guardianName": ("ONLY", "监护人", "province"),
        "school": ("ONLY", "小学", "news"),
        "abilityLevel": ("ONLY", "LEVEL_1", "slow"),
    }
    assert [(c["value"], c["source"], c["recordKey"]) for c in fields["name"]["competing"]] == [
        ("甲某", "roster-450305", "a"),
        ("甲某", "other", "b"),
    ]
    assert [c["value"] for c in fields["idNumber"]["competing"]] == [NUMBERS[1]]
    phone = fields["phone"]
    assert (phone["observedAt"], phone["receivedAt"]) == (
        "2026-06-01T08:00:00+08:00",
        "2026-06-02T08:00:00+08:00",
    )
    assert (phone["recordKey"], phone["listKind"], phone["reason"]) == ("a", "dibao", None)
    conflicts = {name for name, each in fields.items() if each["conflicting"]}
    assert conflicts == {"name", "phone", "address", "idNumber"}


async def test_nobody_is_shown_more_by_a_rival_than_by_the_field(world: World) -> None:
    bureau, contractor = [set(await told(world, who)) for who in (WHOLE, SENDER)]
    assert bureau - contractor == {"idNumber"}
    plain = viewer("contractor", None, 1, opened=())  # whose purpose does not open what only a child has
    assert bureau - set(await told(world, plain)) == {"idNumber", "guardianName", "school"}
    narrow = viewer("bureau", BUREAU.division_code, scopes=["beneficiary.rs", "source.rs"])
    assert await told(world, narrow) == {}
    assert "school" in await told(world, BUREAU)
    assert "school" not in await told(world, without_minor(BUREAU))
    stranger = viewer("contractor", None, 3)
    assert (await world.ask(stranger, ALL, id=id_of(PERSON)))["beneficiary"] is None


async def test_a_source_that_may_not_be_seen_leaves_no_second_best_and_no_rival(world: World) -> None:
    fields = await told(world, BUREAU)  # sees sources of its county
    assert "address" not in fields
    assert "guardianName" not in fields
    assert {c["source"] for each in fields.values() for c in each["competing"]} <= {"roster-450305", "other"}


async def test_stale_is_what_is_older_than_its_source_promised(world: World) -> None:
    fields = await told(world)
    assert {name for name, each in fields.items() if each["stale"]} == {"abilityLevel"}
    assert fields["name"]["freshUntil"] is None  # of a source that promises nothing
    fresh = dt.datetime.fromisoformat(fields["school"]["freshUntil"])  # of news: silence confirms
    assert dt.timedelta(hours=23) < fresh - dt.datetime.now(dt.UTC) <= dt.timedelta(hours=24)
    await world.database.owner.execute(
        f"update source set last_success_at = now() - interval '25 hours' where id = {NEWS}"
    )
    try:
        assert {name for name, each in (await told(world)).items() if each["stale"]} == {
            "abilityLevel",
            "school",
        }
    finally:
        await world.database.owner.execute(f"update source set last_success_at = now() where id = {NEWS}")


async def test_lists_are_filtered_by_provenance(world: World) -> None:
    this = {id_of(PERSON)}
    assert await people(world, stale=True) == this
    assert await people(world, stale=True, field={"eq": "name"}) == set()
    assert await people(world, conflicting=True) == this
    assert await people(world, conflicting=True, field={"in": ["school", "birthOn"]}) == set()
    assert await people(world, rule={"in": ["PRECEDENCE"]}) == this
    assert await people(world, source={"eq": "slow"}, stale=True) == this
    assert await people(world, source={"eq": "other"}, field={"eq": "phone"}) == set()
    assert this <= await people(world, stale=False)
    for field, who in (("school", without_minor(BUREAU)), ("idNumber", TOWNSHIP)):
        assert await people(world, who, field={"eq": field}) == set()
    document = "{ beneficiaries(where: {not: {provenance: {conflicting: true}}}) { totalCount } }"
    everybody = (await world.ask(BUREAU, "{ beneficiaries { totalCount } }"))["beneficiaries"]["totalCount"]
    assert (await world.ask(BUREAU, document))["beneficiaries"]["totalCount"] == everybody - 1


async def test_a_fact_is_its_sources_own(world: World) -> None:
    document = """query ($id: ID!) { beneficiary(id: $id) { memberships { nodes { category provenance {
        field value rule conflicting source stale competing { value } } } } } }"""
    found = await world.ask(BUREAU, document, id=id_of(PERSON))
    (membership,) = found["beneficiary"]["memberships"]["nodes"]
    fields = {each["field"]: each for each in membership["provenance"]}
    assert fields["category"] == {
        "field": "category",
        "value": "DIBAO",
        "rule": "ONLY",
        "conflicting": False,
        "source": "roster-450305",
        "stale": False,
        "competing": [],
    }


async def test_a_rule_of_precedence_is_told_with_its_reason(world: World) -> None:
    async with world.database.transaction() as connection:
        await connection.execute(
            "insert into precedence_rule (id, division_prefix, table_name, column_name, source_id, rank,"
            " reason, starts_on, is_in_force) values"
            f" (11, '4503', 'beneficiary', 'phone', {OTHER}, 0, '以镇为准',"
            " '2026-01-01', true), (12, '4503', 'beneficiary', 'address', "
            f"{PROVINCE}, 7, '省址不准', '2026-01-01', true)"
        )
    try:
        fields = await told(world)
        shown = {
            name: [fields[name][k] for k in ("rule", "value", "reason")] for name in ("phone", "address")
        }
        assert shown == {"phone": ["RULE", "2", "以镇为准"], "address": ["RULE", "旧址", "省址不准"]}
        assert fields["name"]["rule"] == "NEWEST"
        assert await people(world, rule={"eq": "RULE"}) == {id_of(PERSON)}
    finally:
        await world.database.owner.execute("delete from precedence_rule where id > 10")


async def test_the_access_log_says_that_all_values_were_shown(world: World) -> None:
    await told(world)
    content = await world.database.owner.fetchval(
        "select s.content from access_entry e join access_shape s on s.digest = e.shape"
        " where s.content like '%provenance.value%' limit 1"
    )
    assert "provenance.competing.value" in content


@pytest.mark.parametrize("where", ["{field: null}", "{stale: null}", "{rule: {eq: null}}"])
async def test_a_condition_says_something(world: World, where: str) -> None:
    code = await world.code(BUREAU, f"{{ beneficiaries(where: {{provenance: {where}}}) {{ totalCount }} }}")
    assert code == "BAD_ARGUMENT"
