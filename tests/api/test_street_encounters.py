"""街面发现: who may note, see and correct an encounter, and how far its report is."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any, Final

import asyncpg
import orjson
import pytest
import pytest_asyncio

from hub.access.viewer import Viewer
from hub.domain.dates import CHINA
from hub.read.cost import ITEM
from hub.write import each, work
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


# ── many at once, and versions ───────────────────────────────────────────────────────────────────────

EACH: Final = """mutation ($items: [RecordStreetEncounterItem!]!) {
    recordStreetEncounters(items: $items) { id saidName estimatedAge version } }"""
ONE: Final = """mutation ($division: String!, $at: DateTime!, $minor: Boolean!, $key: String) {
    recordStreetEncounter(divisionCode: $division, encounteredAt: $at, isMinor: $minor, key: $key) { id } }"""
VERSION: Final = """mutation ($encounter: ID!, $version: String, $place: String) {
    correctStreetEncounter(encounter: $encounter, version: $version, place: $place) { place version } }"""


def item(**given: Any) -> dict[str, Any]:
    return {"divisionCode": DONGJIANG, "encounteredAt": GIVEN["at"], "isMinor": False, **given}


async def many(world: World, items: list[dict[str, Any]]) -> tuple[list[Any], dict[int, str]]:
    """The records in their order, and the code of each that was not made."""
    body = orjson.loads((await world.answer(SENDER, EACH, items=items)).body)
    errors = {each["path"][1]: each["extensions"]["code"] for each in body.get("errors", ())}
    assert all(each["path"][0] == "recordStreetEncounters" for each in body.get("errors", ()))
    return body["data"]["recordStreetEncounters"], errors


async def counted(world: World, table: str) -> int:
    return int(await world.database.owner.fetchval(f"select count(*) from {table}"))


async def test_each_of_many_is_done_or_refused_by_itself(world: World) -> None:
    before = await counted(world, "access_entry")
    items = [item(estimatedAge=20 + n % 9, key=f"m-{n}") for n in range(120)]
    items[1] |= {"estimatedAge": 12}
    items[60] |= {"beneficiary": id_of(999_999)}
    items[61] |= {"key": "空"}
    made, errors = await many(world, items)
    assert errors == {1: "BAD_ARGUMENT", 60: "FORBIDDEN", 61: "BAD_ARGUMENT"}
    assert [each and each["estimatedAge"] for each in made] == [
        None if n in errors else 20 + n % 9 for n in range(120)
    ]
    assert await counted(world, "street_encounter") == await counted(world, "outgoing") == 117
    assert await counted(world, "write_key") == 117
    # Three transactions, and what was shown of them.
    assert await counted(world, "access_entry") == before + 4
    again, errors = await many(world, items)
    assert errors == {1: "BAD_ARGUMENT", 60: "FORBIDDEN", 61: "BAD_ARGUMENT"}
    assert again == made
    assert await counted(world, "street_encounter") == 117


async def test_a_key_stands_for_one_alone_and_for_one_of_many(world: World) -> None:
    one = (await world.ask(SENDER, ONE, **GIVEN, key="same"))["recordStreetEncounter"]
    made, errors = await many(world, [item(key="same"), item(key="same", place="桥下"), item(), item()])
    assert made[0]["id"] == one["id"]
    assert errors == {1: "KEY_REUSED"}
    assert await counted(world, "street_encounter") == 3


async def test_how_many_there_may_be_is_told_before_any_is_done(world: World) -> None:
    (error,) = await world.errors(SENDER, EACH, items=[item()] * 1001)
    assert error["extensions"]["code"] == "BAD_ARGUMENT"
    made, errors = await many(world, [])
    assert (made, errors, await counted(world, "street_encounter")) == ([], {}, 0)


async def test_many_cost_as_many(world: World) -> None:
    one, ten = [await world.answer(SENDER, EACH, items=[item()] * n) for n in (1, 10)]
    assert one.cost is not None
    assert ten.cost is not None
    assert 9 * ITEM < ten.cost.static - one.cost.static < 10 * ITEM


async def test_who_waits_for_one_of_many_leaves_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came before is done."""
    monkeypatch.setattr(work, "BOUNDS", "set local lock_timeout = '100ms'")
    async with world.database.transaction() as other:
        await other.execute(
            "insert into write_key (client_id, user_id, key, asked) values ($1, 0, 'held', '')",
            SENDER.client_id,
        )
        made, errors = await many(world, [item(key="a"), item(key="held"), item(key="b")])
    assert errors == {1: "UNAVAILABLE", 2: "UNAVAILABLE"}
    assert made[0]["id"]
    assert await counted(world, "street_encounter") == 1


async def test_without_their_entry_none_of_them_is_there(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: Any) -> None:
        raise asyncpg.DiskFullError("no space")

    monkeypatch.setattr(each, "note_entry", full)
    made, errors = await many(world, [item(), item()])
    assert (made, errors) == ([None, None], {0: "UNAVAILABLE", 1: "UNAVAILABLE"})
    assert await counted(world, "street_encounter") == await counted(world, "outgoing") == 0


async def test_what_moved_on_is_not_changed(world: World) -> None:
    ((shown,), _) = await many(world, [item()])
    refuse = "update street_encounter set report_state = 'REFUSED', report_refusal = 'INCOMPLETE'"
    await world.database.owner.execute(refuse)
    given = {"encounter": shown["id"], "place": "桥下"}
    assert await world.code(SENDER, VERSION, **given, version=shown["version"]) == "STALE"
    ask = "{ streetEncounters { nodes { version } } }"
    version = (await world.ask(SENDER, ask))["streetEncounters"]["nodes"][0]["version"]
    done = (await world.ask(SENDER, VERSION, **given, version=version))["correctStreetEncounter"]
    assert done["place"] == "桥下"
    assert done["version"] != version
    await world.database.owner.execute(refuse)
    assert await world.code(TOWNSHIP, VERSION, **given, version=version) in ("STALE", "FORBIDDEN")
