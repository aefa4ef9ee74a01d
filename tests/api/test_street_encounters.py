"""街面发现: who may note, see and correct an encounter, and how far its report is."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio

from hub.access.viewer import Viewer
from hub.domain.dates import CHINA
from tests.support.county import TODAY
from tests.support.handing import BUREAU, OTHER, PERSON, SENDER, TOWNSHIP, begin, handing_world, id_of
from tests.support.reading import AGENCY, DONGJIANG, JINJIANG, OPERATOR, World, viewer, without_minor

MADE: Final = "truncate street_encounter, outgoing, write_key restart identity"
RECORD: Final = """mutation ($division: String!, $at: DateTime!, $minor: Boolean!, $age: Int, $person: ID,
        $actions: [StreetAction!], $condition: StreetCondition, $key: String) {
    recordStreetEncounter(divisionCode: $division, encounteredAt: $at, isMinor: $minor, estimatedAge: $age,
        beneficiary: $person, actions: $actions, condition: $condition, isWilling: true, saidName: "甲某",
        place: "桥下", key: $key) {
    id reportState dueActions actions saidName contractor { id } beneficiary { id } }
}"""
CORRECT: Final = """mutation ($encounter: ID!, $features: String) {
    correctStreetEncounter(encounter: $encounter, features: $features) { reportState features saidName } }"""
STATES: Final = "{ streetEncounters { nodes { id reportState reportRefusal nationalSystemNumber } } }"
GIVEN: Final[dict[str, Any]] = {"division": DONGJIANG, "at": "2026-06-01T08:30:00+08:00", "minor": False}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made() -> AsyncIterator[World]:
    async with handing_world() as world:
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def world(made: World) -> World:
    await begin(made)
    await made.database.owner.execute(MADE)
    made.engine.clock = lambda: dt.datetime.combine(TODAY, dt.time(9), CHINA)
    return made


async def record(world: World, who: Viewer, **given: Any) -> Any:
    return (await world.ask(who, RECORD, **{**GIVEN, **given}))["recordStreetEncounter"]


async def seen(world: World, who: Viewer) -> list[Any]:
    return list((await world.ask(who, STATES))["streetEncounters"]["nodes"])


async def test_an_encounter_and_its_report_are_one(world: World) -> None:
    shown = await record(world, SENDER, key="e-1")
    assert (shown["reportState"], shown["saidName"], shown["contractor"]["id"]) == (
        "PENDING",
        "甲某",
        "Contractor:1",
    )
    again = await record(world, SENDER, key="e-1")
    assert again["id"] == shown["id"]
    rows = await world.database.owner.fetch("select entity, county_code, entity_id, settled_at from outgoing")
    assert [tuple(row) for row in rows] == [
        ("street_encounter", "450305", int(shown["id"].split(":")[2]), None)
    ]


async def test_nothing_is_told_of_what_could_not_be_noted(world: World) -> None:
    far = (dt.datetime.now(dt.UTC) + dt.timedelta(days=4000)).isoformat()
    for wrong in ({"at": far}, {"age": 12}, {"age": 200}, {"division": "123"}, {"person": id_of(999_999)}):
        (error,) = await world.errors(SENDER, RECORD, **{**GIVEN, **wrong})
        assert error["extensions"]["code"] in ("BAD_ARGUMENT", "FORBIDDEN")
    assert await world.database.owner.fetchval("select count(*) from outgoing") == 0
    assert await world.database.owner.fetchval("select count(*) from street_encounter") == 0


async def test_what_the_rules_ask_for_and_was_not_done(world: World) -> None:
    child = await record(world, BUREAU, minor=True, actions=["DIRECT_SUPPLIES"])
    ill = await record(world, BUREAU, condition="CRITICAL", actions=["CALL_120"])
    able = await record(world, BUREAU, condition="NORMAL_CAPACITY", actions=[])
    assert [each["dueActions"] for each in (child, ill, able)] == [["CALL_110"], [], ["TO_RELIEF_STATION"]]


async def test_who_sees_it(world: World) -> None:
    own = await record(world, SENDER, person=id_of(PERSON))
    assert own["beneficiary"]["id"] == id_of(PERSON)
    office = await record(world, TOWNSHIP)
    both = {own["id"], office["id"]}
    for who, expected in (
        (BUREAU, both),
        (TOWNSHIP, both),
        (SENDER, {own["id"]}),
        (OTHER, set()),
        (viewer("bureau", JINJIANG), set()),
    ):
        assert {each["id"] for each in await seen(world, who)} == expected
    for who in (AGENCY, OPERATOR):
        with pytest.raises(Exception, match="streetEncounters"):
            await world.ask(who, STATES)


async def test_a_child_is_shown_to_nobody_who_may_see_none(world: World) -> None:
    shown = await record(world, BUREAU, minor=True)
    without = without_minor(BUREAU)
    assert {each["id"] for each in await seen(world, BUREAU)} == {shown["id"]}
    assert await seen(world, without) == []


@pytest.mark.parametrize("who", [viewer("bureau", JINJIANG), OTHER], ids=["elsewhere", "without a contract"])
async def test_who_may_not_note_one(world: World, who: Viewer) -> None:
    (error,) = await world.errors(who, RECORD, **GIVEN)
    assert error["extensions"]["code"] == "FORBIDDEN"
    assert await world.database.owner.fetchval("select count(*) from street_encounter") == 0


async def test_one_that_was_refused_is_corrected_and_told_again(world: World) -> None:
    shown = await record(world, SENDER)
    given = {"encounter": shown["id"], "features": "左眉有疤"}
    (error,) = await world.errors(SENDER, CORRECT, **given)
    assert error["extensions"]["code"] == "CONFLICT"
    await world.database.owner.execute("""
        update street_encounter set report_state = 'REFUSED', report_refusal = 'INCOMPLETE';
        update outgoing set settled_at = now()""")
    assert (await seen(world, BUREAU))[0]["reportRefusal"] == "INCOMPLETE"
    (error,) = await world.errors(TOWNSHIP, CORRECT, **given)
    assert error["extensions"]["code"] == "FORBIDDEN"
    told = await world.ask(SENDER, CORRECT, **given)
    assert told["correctStreetEncounter"] == {
        "reportState": "PENDING",
        "features": "左眉有疤",
        "saidName": "甲某",
    }
    count = "select count(distinct name) from outgoing where settled_at is null"
    assert await world.database.owner.fetchval(count) == 1
