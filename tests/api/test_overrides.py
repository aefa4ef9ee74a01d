"""人工核定: what a steward decides wins until its day, is told, and leaves what sources say as it is."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio

from hub.access.viewer import Viewer
from hub.write.daily import daily
from hub.write.overriding import expire
from tests.support.county import TODAY
from tests.support.handing import COUNTY, NEIGHBOUR, PERSON, SENDER, add, begin, handing_world, id_of
from tests.support.reading import (
    BUREAU,
    DONGJIANG,
    JINJIANG,
    OPERATOR,
    STAMP,
    TOWNSHIP,
    World,
    viewer,
    without_minor,
)

UNTIL: Final = TODAY + dt.timedelta(days=30)
DECIDE = """mutation ($person: ID!, $field: PersonField!, $value: String, $until: Date!, $key: String) {
    overrideField(
        beneficiary: $person, field: $field, value: $value, until: $until, reason: "电话核实", key: $key) {
            id field value reason madeBy endsOn endedAt endReason
            beneficiary { name nameMasked phone deceasedOn } } }"""
END = "mutation ($id: ID!) { endOverride(override: $id) { endReason beneficiary { phone } } }"
TOLD = """query ($id: ID!) { beneficiary(id: $id) { phone provenance {
    field value rule source reason decidedBy until stale competing { value source } } } }"""
LISTED = "{ fieldOverrides { nodes { field value reason madeBy endReason beneficiary { id } } } }"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made() -> AsyncIterator[World]:
    async with handing_world() as world:
        await add(world, {"beneficiary_record": [record(PERSON), record(NEIGHBOUR, phone="3")]})
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def world(made: World) -> World:
    world = await begin(made)
    await world.database.owner.execute(
        "delete from beneficiary_record where overrides is not null;"
        " truncate field_override restart identity;"
        " update beneficiary set phone = '1', name = '甲某', name_masked = '甲*',"
        f" deceased_on = '2026-01-02', division_code = '{DONGJIANG}' where id = {PERSON}"
    )
    return world


def record(person: int, **said: Any) -> dict[str, Any]:
    return {
        "county_code": COUNTY,
        "source_id": 1,
        "record_key": f"r{person}",
        "entity_id": person,
        "precedence": 1,
        "content_hash": b"\0",
        "observed_at": STAMP,
        "received_at": STAMP,
        "run_id": 1,
        "list_kind": "dibao",
        "name": "甲某",
        "name_masked": "甲*",
        "phone": "1",
        "deceased_on": dt.date(2026, 1, 2),
        **said,
    }


async def decide(world: World, who: Viewer = BUREAU, **given: Any) -> Any:
    usual = {"person": id_of(PERSON), "field": "PHONE", "value": "0773-5800000", "until": UNTIL.isoformat()}
    return (await world.ask(who, DECIDE, **{**usual, **given}))["overrideField"]


async def code(world: World, who: Viewer = BUREAU, **given: Any) -> str:
    usual = {"person": id_of(PERSON), "field": "PHONE", "value": "0773-5800000", "until": UNTIL.isoformat()}
    return await world.code(who, DECIDE, **{**usual, **given})


async def phone(world: World, who: Viewer = BUREAU) -> tuple[Any, dict[str, Any]]:
    found = (await world.ask(who, TOLD, id=id_of(PERSON)))["beneficiary"]
    told = [each for each in found["provenance"] if each["field"] == "phone"]
    return found["phone"], told[0] if told else {}


async def test_a_decision_wins_and_is_told_with_who_why_and_until(world: World) -> None:
    made = await decide(world)
    assert made == {
        "id": f"FieldOverride:{COUNTY}:1",
        "field": "PHONE",
        "value": "0773-5800000",
        "reason": "电话核实",
        "madeBy": "广西壮族自治区桂林市七星区",
        "endsOn": UNTIL.isoformat(),
        "endedAt": None,
        "endReason": None,
        "beneficiary": {
            "name": "甲某",
            "nameMasked": "甲*",
            "phone": "0773-5800000",
            "deceasedOn": "2026-01-02",
        },
    }
    expected = {
        "field": "phone",
        "value": "0773-5800000",
        "rule": "OVERRIDE",
        "source": "hub",
        "reason": "电话核实",
        "decidedBy": "广西壮族自治区桂林市七星区",
        "until": UNTIL.isoformat(),
        "stale": False,
        "competing": [{"value": "1", "source": "roster-450305"}],
    }
    for who in (BUREAU, TOWNSHIP, SENDER):
        assert await phone(world, who) == ("0773-5800000", expected)
    without_care = viewer("bureau", BUREAU.division_code, scopes=BUREAU.scopes - {"field:care"})
    assert (await phone(world, without_care))[1] == {**expected, "reason": None, "decidedBy": None}
    assert (
        await world.database.owner.fetchval("select phone from beneficiary_record where record_key = 'r1001'")
        == "1"
    )


async def test_it_ends_by_hand_and_the_sources_stand_again(world: World) -> None:
    made = await decide(world)
    ended = (await world.ask(BUREAU, END, id=made["id"]))["endOverride"]
    assert ended == {"endReason": "ENDED", "beneficiary": {"phone": "1"}}
    assert (await phone(world))[1]["rule"] == "ONLY"
    assert await world.code(BUREAU, END, id=made["id"]) == "CONFLICT"
    assert (
        await world.database.owner.fetchval(
            "select count(*) from beneficiary_record where overrides is not null"
        )
        == 0
    )


async def test_it_ends_by_itself_when_its_last_day_is_over(world: World) -> None:
    await decide(world, until=TODAY.isoformat())
    await decide(world, person=id_of(NEIGHBOUR))
    morning = dt.datetime.combine(TODAY, dt.time(8))
    assert await expire(world.database, morning) == 0
    assert (await phone(world))[0] == "0773-5800000"
    await world.database.owner.execute("truncate change restart identity")
    assert await expire(world.database, morning + dt.timedelta(days=1)) == 1
    assert (await phone(world))[0] == "1"
    (first, second) = (await world.ask(BUREAU, LISTED))["fieldOverrides"]["nodes"]
    assert (first["endReason"], second["endReason"]) == ("EXPIRED", None)
    told = await world.database.owner.fetch("select entity, operation from change order by entity")
    assert [tuple(row) for row in told] == [("beneficiary", "U"), ("field_override", "U")]


async def test_it_ends_on_its_day_though_something_else_of_the_day_fails(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop = asyncio.Event()

    async def away(*_: Any) -> int:
        stop.set()
        raise ConnectionError

    for job in ("issue_duties", "forget_keys"):
        monkeypatch.setattr(f"hub.write.daily.{job}", away)
    await decide(world, until=TODAY.isoformat())
    morning = dt.datetime.combine(TODAY + dt.timedelta(days=1), dt.time(8))
    async with asyncio.timeout(20):
        await daily(world.database, 30, lambda: morning, stop, every=0.01)
    assert (await phone(world))[0] == "1"


async def test_another_decision_takes_the_place_of_the_first(world: World) -> None:
    await decide(world)
    await decide(world, value="13800000000")
    assert (await phone(world))[0] == "13800000000"
    ends = [each["endReason"] for each in (await world.ask(BUREAU, LISTED))["fieldOverrides"]["nodes"]]
    assert ends == ["REPLACED", None]
    rows = await world.database.owner.fetchval(
        "select count(*) from beneficiary_record where overrides is not null"
    )
    assert rows == 1


async def test_it_may_say_that_there_is_nothing(world: World) -> None:
    made = await decide(world, field="DECEASED_ON", value=None)
    assert (made["value"], made["beneficiary"]["deceasedOn"]) == (None, None)
    fields = (await world.ask(BUREAU, TOLD, id=id_of(PERSON)))["beneficiary"]["provenance"]
    (deceased,) = [each for each in fields if each["field"] == "deceasedOn"]
    assert (deceased["rule"], deceased["value"]) == ("OVERRIDE", None)
    assert [each["value"] for each in deceased["competing"]] == ["2026-01-02"]
    await world.ask(BUREAU, END, id=made["id"])
    found = await world.ask(
        BUREAU, "query ($id: ID!) { beneficiary(id: $id) { deceasedOn } }", id=id_of(PERSON)
    )
    assert found["beneficiary"]["deceasedOn"] == "2026-01-02"


async def test_what_is_made_of_a_name_follows_it(world: World) -> None:
    made = await decide(world, field="NAME", value="阿依古丽 · 买买提")
    assert made["beneficiary"]["name"] == "阿依古丽·买买提"
    assert made["beneficiary"]["nameMasked"].startswith("阿")
    assert "古" not in made["beneficiary"]["nameMasked"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("PHONE", "没有"),
        ("PHONE", ""),
        ("NAME", None),
        ("NAME", "张?"),
        ("BIRTH_ON", "1950-02-30"),
        ("BIRTH_ON", (TODAY + dt.timedelta(days=1)).isoformat()),
        ("SEX", "男"),
        ("RISK_LEVEL", "LEVEL_9"),
        ("DISABILITY_GRADE", "5"),
        ("DISABILITY_GRADE", "x"),
        ("ETHNICITY_CODE", "99999"),
        ("DIVISION_CODE", "450305"),
        ("DIVISION_CODE", "350582103000"),
        ("DIVISION_CODE", "450305999000"),
        ("ADDRESS", "址" * 201),
        ("ID_NUMBER", "459999195001010012"),
        ("DISABILITY_CERTIFICATE", "1"),
    ],
)
async def test_a_value_is_held_to_what_the_field_is_held_to(
    world: World, field: str, value: str | None
) -> None:
    assert await code(world, field=field, value=value) == "BAD_ARGUMENT"


@pytest.mark.parametrize(
    ("field", "value"),
    [("SEX", "FEMALE"), ("RISK_LEVEL", "LEVEL_1"), ("DISABILITY_GRADE", "2"), ("ETHNICITY_CODE", "03"),
     ("DIVISION_CODE", "450305200000"), ("BIRTH_ON", "1950-02-28"), ("SCHOOL", "一小"), ("ADDRESS", None)],
)  # fmt: skip
async def test_good_values_of_every_kind(world: World, field: str, value: str | None) -> None:
    assert (await decide(world, field=field, value=value))["value"] == value


@pytest.mark.parametrize("days", [-1, 366])
async def test_a_decision_has_a_last_day_that_is_not_far(world: World, days: int) -> None:
    assert await code(world, until=(TODAY + dt.timedelta(days=days)).isoformat()) == "BAD_ARGUMENT"


async def test_only_a_bureau_that_sees_person_and_field_decides(world: World) -> None:
    for who in (TOWNSHIP, SENDER, OPERATOR):
        assert await code(world, who) == "GRAPHQL_VALIDATION_FAILED"
    assert await code(world, viewer("bureau", JINJIANG)) == "FORBIDDEN"
    assert await code(world, without_minor(BUREAU), field="SCHOOL", value="小学") == "FORBIDDEN"
    reading = viewer("bureau", BUREAU.division_code, scopes=BUREAU.scopes - {"override.c"})
    assert await code(world, reading) == "GRAPHQL_VALIDATION_FAILED"
    made = await decide(world)
    assert await world.code(viewer("bureau", JINJIANG), END, id=made["id"]) == "FORBIDDEN"


async def test_who_does_not_see_a_field_is_not_told_what_was_decided_of_it(world: World) -> None:
    await decide(world, field="SCHOOL", value="第一小学")
    whole, narrow = [
        (await world.ask(who, LISTED))["fieldOverrides"]["nodes"] for who in (BUREAU, without_minor(BUREAU))
    ]
    assert [(each["value"], each["reason"]) for each in whole] == [("第一小学", "电话核实")]
    assert [(each["value"], each["reason"]) for each in narrow] == [(None, None)]
    assert (await world.ask(viewer("contractor", None, 3), LISTED))["fieldOverrides"]["nodes"] == []


async def test_who_does_not_see_a_field_does_not_end_what_was_decided_of_it(world: World) -> None:
    made = await decide(world, field="SCHOOL", value="第一小学")
    assert await world.code(without_minor(BUREAU), END, id=made["id"]) == "FORBIDDEN"
    assert (await world.ask(BUREAU, END, id=made["id"]))["endOverride"]["endReason"] == "ENDED"


async def test_it_is_done_once_for_a_key_and_stands_in_the_log(world: World) -> None:
    first, again = [await decide(world, key="decision-1") for _ in range(2)]
    assert first["id"] == again["id"]
    content = await world.database.owner.fetchval(
        "select s.content from access_entry e join access_shape s on s.digest = e.shape"
        " where s.content like '%Mutation.overrideField%' order by e.sequence desc limit 1"
    )
    assert '"phone"' in content
    assert "0773" not in content


async def test_lists_are_filtered_by_what_was_decided(world: World) -> None:
    await decide(world)
    condition = '{provenance: {rule: {eq: OVERRIDE}, field: {eq: "phone"}}}'
    document = f"{{ beneficiaries(where: {condition}) {{ nodes {{ id }} }} }}"
    assert (await world.ask(BUREAU, document))["beneficiaries"]["nodes"] == [{"id": id_of(PERSON)}]
