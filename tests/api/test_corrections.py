"""更正申请: who asks which source, who answers, what each sees of it, and what is overdue."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio

from hub.access.viewer import Viewer
from tests.api.test_overrides import record
from tests.support.county import TODAY
from tests.support.handing import COUNTY, OTHER, PERSON, SENDER, add, begin, handing_world, id_of
from tests.support.reading import (
    AGENCY,
    BUREAU,
    GUANGXI,
    JINJIANG,
    OPERATOR,
    STAMP,
    TOWNSHIP,
    VIEWERS,
    World,
    viewer,
    without_minor,
)

PROVINCE: Final = VIEWERS["province"]
ASK = """mutation ($person: ID!, $field: PersonField!, $value: String, $source: String) {
    askCorrection(beneficiary: $person, field: $field, value: $value, source: $source, reason: "本人说明") {
        id field value reason status sourceCode askedBy dueOn decidedAt decisionReason
        beneficiary { id } } }"""
ACCEPT = "mutation ($id: ID!) { acceptCorrection(correction: $id) { status decidedAt } }"
REFUSE = """mutation ($id: ID!) {
    refuseCorrection(correction: $id, reason: "户口簿如此") { status decisionReason } }"""
LISTED = "{ correctionRequests { nodes { id field value status reason askedBy } } }"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made() -> AsyncIterator[World]:
    """Two sources speak of the person: the county's, and a better one of the province, with its own clock."""
    async with handing_world() as world:
        province = {
            "id": 41, "code": "province", "name": "省平台", "connector": "roster", "location": "/",
            "division_code": GUANGXI, "max_age_hours": 24, "correction_days": 5,
        }  # fmt: skip
        own = record(PERSON, id_number=world.engine.vault.seal("1"), school="小学")
        better = {**record(PERSON), "source_id": 41, "record_key": "p", "precedence": 0, "phone": "2"}
        await add(world, {"source": [province], "beneficiary_record": [own, better]})
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def world(made: World) -> World:
    world = await begin(made)
    await world.database.owner.execute("truncate correction_request restart identity")
    return world


async def ask(world: World, who: Viewer = SENDER, **given: Any) -> Any:
    usual = {"person": id_of(PERSON), "field": "PHONE", "value": "13800000000"}
    return (await world.ask(who, ASK, **{**usual, **given}))["askCorrection"]


async def code(world: World, who: Viewer = SENDER, **given: Any) -> str:
    usual = {"person": id_of(PERSON), "field": "PHONE", "value": "13800000000"}
    return await world.code(who, ASK, **{**usual, **given})


async def listed(world: World, who: Viewer) -> list[str]:
    return [each["id"] for each in (await world.ask(who, LISTED))["correctionRequests"]["nodes"]]


async def test_a_contractor_asks_about_a_person_it_serves(world: World) -> None:
    made = await ask(world)
    assert made == {
        "id": f"CorrectionRequest:{COUNTY}:1",
        "field": "PHONE",
        "value": "13800000000",
        "reason": "本人说明",
        "status": "OPEN",
        "askedBy": "机构1",
        "dueOn": (TODAY + dt.timedelta(days=5)).isoformat(),
        "decidedAt": None,
        "decisionReason": None,
        "sourceCode": "province",
        "beneficiary": {"id": id_of(PERSON)},
    }
    kept = await world.database.owner.fetchval("select value || reason from correction_request")
    assert not any(plain.encode() in kept for plain in ("138", "本人"))


async def test_the_source_may_be_named_and_the_clock_is_its_own_or_the_hubs(world: World) -> None:
    made = await ask(world, TOWNSHIP, source="roster-450305")
    due = (TODAY + dt.timedelta(days=15)).isoformat()
    assert (made["sourceCode"], made["dueOn"]) == ("roster-450305", due)
    assert await code(world, source="roster-350582") == "BAD_ARGUMENT"  # says nothing of the person
    assert await code(world, source="nobody") == "BAD_ARGUMENT"
    assert await code(world, TOWNSHIP, field="RISK_LEVEL", value="LEVEL_1") == "BAD_ARGUMENT"  # nobody does
    named = await ask(world, field="RISK_LEVEL", value="LEVEL_1", source="roster-450305")
    assert named["status"] == "OPEN"  # a value that is missing is wrong, too


async def test_who_sees_what_becomes_of_it(world: World) -> None:
    by_contractor = (await ask(world))["id"]
    by_office = (await ask(world, TOWNSHIP, field="ADDRESS", value="新址", source="roster-450305"))["id"]
    both = {by_contractor, by_office}
    for who, seen in (
        (BUREAU, both), (PROVINCE, both), (TOWNSHIP, both), (SENDER, {by_contractor}), (OTHER, set()),
        (viewer("bureau", JINJIANG), set()), (viewer("township", "350582103000"), set()),
    ):  # fmt: skip
        assert set(await listed(world, who)) == seen, who
    for who in (AGENCY, OPERATOR):
        assert await world.code(who, LISTED) == "GRAPHQL_VALIDATION_FAILED"
    await world.database.owner.execute(f"delete from assignment where beneficiary_id = {PERSON}")
    world.engine.live._known.clear()
    assert await listed(world, SENDER) == []  # a person it serves no more


async def test_a_proposed_value_is_shown_as_the_field_is(world: World) -> None:
    made = await ask(world, BUREAU, field="SCHOOL", value="第一小学")
    for who, value, reason in ((BUREAU, "第一小学", "本人说明"), (without_minor(BUREAU), None, None)):
        (found,) = (await world.ask(who, LISTED))["correctionRequests"]["nodes"]
        assert (found["value"], found["reason"]) == (value, reason)
    for verb in (ACCEPT, REFUSE):
        assert await world.code(without_minor(BUREAU), verb, id=made["id"]) == "FORBIDDEN"
    refused = (await world.ask(BUREAU, REFUSE, id=made["id"]))["refuseCorrection"]
    assert refused["decisionReason"] == "户口簿如此"
    plain = viewer("contractor", None, 1, opened=())
    assert await code(world, plain, field="SCHOOL", value="二小") == "FORBIDDEN"
    assert await code(world, TOWNSHIP, field="ID_NUMBER", value="459999195001010015") == "FORBIDDEN"


async def test_the_owner_of_the_source_answers_and_nobody_else(world: World) -> None:
    of_province, of_county = (await ask(world))["id"], (await ask(world, source="roster-450305"))["id"]
    for verb in (ACCEPT, REFUSE):
        assert await world.code(BUREAU, verb, id=of_province) == "FORBIDDEN"
        for who in (SENDER, TOWNSHIP):
            assert await world.code(who, verb, id=of_county) == "GRAPHQL_VALIDATION_FAILED"
    assert (await world.ask(PROVINCE, ACCEPT, id=of_province))["acceptCorrection"]["status"] == "ACCEPTED"
    refused = (await world.ask(BUREAU, REFUSE, id=of_county))["refuseCorrection"]
    assert refused == {"status": "REFUSED", "decisionReason": "户口簿如此"}
    assert await world.code(BUREAU, ACCEPT, id=of_county) == "CONFLICT"
    assert await world.code(PROVINCE, ACCEPT, id=of_province) == "CONFLICT"
    again = (await world.ask(PROVINCE, REFUSE, id=of_province))["refuseCorrection"]
    assert again["status"] == "REFUSED"  # after it was accepted


async def test_what_is_asked_twice_or_said_already(world: World) -> None:
    await ask(world)
    assert (await ask(world, TOWNSHIP))["sourceCode"] == "roster-450305"  # the best of those it sees
    assert await code(world) == "CONFLICT"
    assert await code(world, value="2") == "BAD_ARGUMENT"
    assert await code(world, field="DECEASED_ON", value="2026-01-02") == "BAD_ARGUMENT"
    assert (await ask(world, field="DECEASED_ON", value=None))["value"] is None


@pytest.mark.parametrize(
    ("field", "value"), [("PHONE", "x"), ("NAME", None), ("ID_NUMBER", "45999919500101"), ("SEX", "男")]
)
async def test_a_proposed_value_is_one_the_field_may_have(
    world: World, field: str, value: str | None
) -> None:
    assert await code(world, BUREAU, field=field, value=value) == "BAD_ARGUMENT"


async def test_a_stranger_learns_nothing(world: World) -> None:
    for who in (OTHER, viewer("bureau", JINJIANG)):
        assert await code(world, who) == "FORBIDDEN"
        assert await code(world, who, person=f"Beneficiary:{COUNTY}:999999") == "FORBIDDEN"


async def test_the_overdue_are_listed(world: World) -> None:
    late = (await ask(world))["id"]
    await ask(world, TOWNSHIP, source="roster-450305")
    await world.database.owner.execute("update correction_request set due_on = $1 where id = 1", STAMP.date())
    document = """query ($day: Date!) { correctionRequests(
        where: {status: {in: [OPEN, ACCEPTED]}, dueOn: {lt: $day}}, orderBy: [{dueOn: ASC}]) {
            nodes { id } } }"""
    found = await world.ask(BUREAU, document, day=TODAY.isoformat())
    assert found["correctionRequests"]["nodes"] == [{"id": late}]
