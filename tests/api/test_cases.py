"""Cases, escorts, the protection of children, and who serves whom: right, wrong, another's, again, stale."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any, Final

import pytest
import pytest_asyncio

from hub.access.viewer import Viewer
from tests.support.casework import STRANGERS, begin_casework, count, partly
from tests.support.county import TODAY
from tests.support.handing import (
    BUREAU,
    COUNTY,
    NEIGHBOUR,
    PERSON,
    SENDER,
    TOWNSHIP,
    add,
    fact,
    handing_world,
    id_of,
    person,
)
from tests.support.reading import World, schema, without_minor

OPEN: Final = """mutation ($person: ID!, $key: String) {
    openCase(beneficiary: $person, kind: CONSULT, key: $key) { id version sessionCount contract { id } } }"""
SESSION: Final = """mutation ($case: ID!, $hours: Decimal!, $on: Date!, $key: String) {
    recordSession(case: $case, hours: $hours, heldOn: $on, record: "谈话", key: $key) {
        id hours case { sessionCount hours version } } }"""
CLOSE: Final = """mutation ($case: ID!, $version: String!, $on: Date) {
    closeCase(case: $case, version: $version, closedOn: $on, summary: "已解决") { closedOn summary } }"""
ESCORT: Final = """mutation ($person: ID!, $from: Date!, $to: Date!) {
    recordEscort(beneficiary: $person, startsOn: $from, endsOn: $to, carers: ["护工甲"]) {
        id contract { id } } }"""
REPORT: Final = """mutation ($person: ID!, $to: String, $mandatory: Boolean, $key: String) {
    reportProtectionConcern(beneficiary: $person, trigger: VISIT, isMandatoryReport: $mandatory,
        reportedTo: $to, key: $key) { id version step isMandatoryReport reportedOn reportedTo } }"""
FOLLOW: Final = """mutation ($case: ID!, $version: String!, $step: ProtectionStep, $closed: Date) {
    followProtectionCase(case: $case, version: $version, step: $step, closedOn: $closed) {
        version step closedOn reportedTo } }"""
CONFIRM: Final = """mutation ($person: ID!, $called: String, $guardian: ID, $on: Date!, $key: String) {
    confirmGuardianship(
        beneficiary: $person, name: $called, guardian: $guardian, confirmedOn: $on, key: $key) {
        id confirmedOn guardian { id name kind } } }"""
ASSIGN: Final = """mutation ($person: ID!, $contract: ID!, $from: Date, $key: String) {
    assignBeneficiary(beneficiary: $person, contract: $contract, startsOn: $from, key: $key) {
        id startsOn contract { id } station { id } contractor { id } } }"""
ASSIGNS: Final = """mutation ($items: [AssignBeneficiaryItem!]!) {
    assignBeneficiaries(items: $items) { beneficiary { id } } }"""
THIRD, FOURTH, GROWN = 1003, 1004, 1005


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made() -> AsyncIterator[World]:
    async with handing_world() as world:
        people = [person(number, "丙某") for number in (THIRD, FOURTH, GROWN)]
        people[2]["birth_on"] = dt.date(1950, 1, 1)
        tekun = {"category": "TEKUN", "support_mode": "SCATTERED", "starts_on": TODAY - dt.timedelta(300)}
        members = [{**fact(7000 + number, number), **tekun} for number in (PERSON, NEIGHBOUR, THIRD, FOURTH)]
        await add(world, {"beneficiary": people, "category_membership": members})
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def world(made: World) -> World:
    await made.database.owner.execute(
        "delete from assignment where beneficiary_id = any ($1)", [THIRD, FOURTH, GROWN]
    )
    return await begin_casework(made)


def days(count: int) -> str:
    return (TODAY + dt.timedelta(days=count)).isoformat()


def given(number: int = PERSON, **more: Any) -> dict[str, Any]:
    return {"person": id_of(number), **more}


# ── cases ────────────────────────────────────────────────────────────────────────────────────────────


async def test_sessions_are_counted_with_their_hours_until_the_case_is_closed(world: World) -> None:
    case = (await world.ask(SENDER, OPEN, **given(key="c")))["openCase"]
    assert (case["sessionCount"], case["contract"]["id"]) == (0, "Contract:101")
    assert (await world.ask(SENDER, OPEN, **given(key="c")))["openCase"]["id"] == case["id"]
    told = {"case": case["id"], "on": days(0)}
    for key in ("1", "2", "2"):
        session = (await world.ask(SENDER, SESSION, **told, hours="1.5", key=key))["recordSession"]
    assert (session["case"]["sessionCount"], Decimal(session["case"]["hours"])) == (2, Decimal(3))
    assert await count(world, "case_session") == 2
    closing = {"case": case["id"]}
    assert await world.code(SENDER, CLOSE, **closing, version=case["version"]) == "STALE"
    version = session["case"]["version"]
    done = (await world.ask(SENDER, CLOSE, **closing, version=version))["closeCase"]
    assert done == {"closedOn": days(0), "summary": "已解决"}
    assert await world.code(SENDER, SESSION, **told, hours="1") == "CONFLICT"
    now = "{ cases { nodes { version sessionCount } } }"
    (node,) = (await world.ask(SENDER, now))["cases"]["nodes"]
    assert await world.code(SENDER, CLOSE, **closing, version=node["version"]) == "CONFLICT"
    assert node["sessionCount"] == 2


@pytest.mark.parametrize(
    "wrong", [{"hours": "0"}, {"hours": "25"}, {"hours": "1.25"}, {"on": days(1)}, {"on": days(-1)}]
)
async def test_a_session_that_cannot_be_is_not_counted(world: World, wrong: dict[str, str]) -> None:
    case = (await world.ask(SENDER, OPEN, **given()))["openCase"]
    told = {"case": case["id"], "hours": "2", "on": days(0), **wrong}
    assert await world.code(SENDER, SESSION, **told) == "BAD_ARGUMENT"
    assert await count(world, "case_session") == 0


@pytest.mark.parametrize("who", [*STRANGERS, TOWNSHIP], ids=["contractor", "county", "township"])
async def test_a_case_is_the_matter_of_who_opened_it(world: World, who: Viewer) -> None:
    case = (await world.ask(SENDER, OPEN, **given()))["openCase"]
    told = {"case": case["id"], "hours": "2", "on": days(0)}
    read = {"case": case["id"], "version": case["version"]}
    code = "CONFLICT" if who is TOWNSHIP else "FORBIDDEN"  # a township sees it
    assert await world.code(who, SESSION, **told) == await world.code(who, CLOSE, **read) == code
    assert await count(world, "case_session") == 0


# ── escorts ──────────────────────────────────────────────────────────────────────────────────────────


async def test_an_escort_is_as_long_as_the_rule_of_the_place_allows(world: World) -> None:
    (error,) = await world.errors(SENDER, ESCORT, **given(PERSON, **{"from": days(-10), "to": days(-3)}))
    told = error["extensions"]
    assert (told["code"], told["rule"], told["article"]) == ("AGAINST_RULE", "R199", "第五条 社会救助 1")
    assert "一次陪护不超过7天" in told["quote"]
    await world.ask(SENDER, ESCORT, **given(PERSON, **{"from": days(-10), "to": days(-4)}))
    assert await count(world, "hospital_escort") == 1


async def test_two_are_escorted_at_once_and_no_third(world: World) -> None:
    span = {"from": days(-3), "to": days(-1)}
    for number in (PERSON, NEIGHBOUR):
        await world.ask(BUREAU, ESCORT, **given(number, **span))
    assert await world.code(BUREAU, ESCORT, **given(THIRD, **span)) == "AGAINST_RULE"
    await world.ask(BUREAU, ESCORT, **given(THIRD, **{"from": days(0), "to": days(0)}))
    await world.ask(BUREAU, ESCORT, **given(GROWN, **span))  # of whom the rule does not speak
    assert await count(world, "hospital_escort") == 4


async def test_one_after_the_other_is_not_at_once(world: World) -> None:
    for number, span in ((PERSON, (-10, -9)), (NEIGHBOUR, (-8, -7)), (GROWN, (-10, -4))):
        await world.ask(BUREAU, ESCORT, **given(number, **{"from": days(span[0]), "to": days(span[1])}))
    await world.ask(BUREAU, ESCORT, **given(THIRD, **{"from": days(-10), "to": days(-4)}))
    late = {"from": days(-9), "to": days(-8)}
    assert await world.code(BUREAU, ESCORT, **given(FOURTH, **late)) == "AGAINST_RULE"
    assert await count(world, "hospital_escort") == 4


# ── protection of children ───────────────────────────────────────────────────────────────────────────


async def test_a_concern_is_reported_once_and_goes_forward(world: World) -> None:
    assert await world.code(SENDER, REPORT, **given(mandatory=True)) == "BAD_ARGUMENT"
    told = given(mandatory=True, to="公安派出所", key="p")
    case = (await world.ask(SENDER, REPORT, **told))["reportProtectionConcern"]
    assert (case["step"], case["reportedOn"]) == ("DISCOVER_REPORT", days(0))
    assert (await world.ask(SENDER, REPORT, **told))["reportProtectionConcern"] == case
    for who in (SENDER, BUREAU):
        assert await world.code(who, REPORT, **given()) == "CONFLICT"
    read = {"case": case["id"], "version": case["version"]}
    assert await world.code(BUREAU, FOLLOW, **read, step="MONITOR_PREVENT") == "BAD_ARGUMENT"
    on = (await world.ask(BUREAU, FOLLOW, **read, step="JOINT_HANDLING"))["followProtectionCase"]
    assert (on["step"], on["reportedTo"]) == ("JOINT_HANDLING", "公安派出所")
    assert await world.code(SENDER, FOLLOW, **read, closed=days(0)) == "STALE"
    await world.ask(SENDER, FOLLOW, case=case["id"], version=on["version"], closed=days(0))
    await world.ask(SENDER, REPORT, **given())
    assert await count(world, "protection_case") == 2


async def test_only_of_a_child_and_by_who_may_see_children(world: World) -> None:
    for query in (REPORT, CONFIRM):
        assert await world.code(BUREAU, query, **given(GROWN, on=days(0), called="丁某")) == "BAD_ARGUMENT"
    whole, cut = (schema(who).mutation_type for who in (BUREAU, without_minor(BUREAU)))
    assert whole is not None
    assert cut is not None
    assert "confirmGuardianship" in set(whole.fields) - set(cut.fields)
    assert "reportProtectionConcern" in cut.fields  # of who is old enough to be seen


async def test_a_guardianship_is_confirmed_of_the_childs_own_guardian(world: World) -> None:
    told = given(called="丁某", on=days(-1), key="g")
    first = (await world.ask(SENDER, CONFIRM, **told))["confirmGuardianship"]
    assert first["guardian"] == {"id": first["guardian"]["id"], "name": "丁某", "kind": "ENTRUSTED"}
    assert (await world.ask(SENDER, CONFIRM, **told))["confirmGuardianship"] == first
    known = {"guardian": first["guardian"]["id"], "on": days(0)}
    await world.ask(SENDER, CONFIRM, **given(**known))
    assert await world.code(SENDER, CONFIRM, **given(NEIGHBOUR, **known)) == "FORBIDDEN"
    assert await world.code(SENDER, CONFIRM, **given(on=days(0))) == "BAD_ARGUMENT"
    assert await world.code(STRANGERS[0], CONFIRM, **{**told, "key": "h"}) == "FORBIDDEN"
    assert [await count(world, table) for table in ("guardian", "guardianship_confirmation")] == [1, 2]


# ── who serves whom ──────────────────────────────────────────────────────────────────────────────────


async def test_a_bureau_gives_people_to_a_contract(world: World) -> None:
    told = given(THIRD, contract="Contract:102", key="a")
    shown = (await world.ask(BUREAU, ASSIGN, **told))["assignBeneficiary"]
    assert (shown["startsOn"], shown["station"]["id"], shown["contractor"]["id"]) == (
        days(0),
        "Station:1",
        "Contractor:2",
    )
    assert (await world.ask(BUREAU, ASSIGN, **told))["assignBeneficiary"] == shown
    assert await world.code(BUREAU, ASSIGN, **given(THIRD, contract="Contract:102")) == "CONFLICT"
    served = "select open_contract_ids from beneficiary where county_code = $1 and id = $2"
    assert await world.database.owner.fetchval(served, COUNTY, THIRD) == [102]
    for wrong in ({"contract": "Contract:103"}, {"from": days(-1)}, {"from": days(300)}):
        asked = {**given(FOURTH, contract="Contract:102"), **wrong}
        assert await world.code(BUREAU, ASSIGN, **asked) in ("BAD_ARGUMENT", "FORBIDDEN")
    assert await world.code(STRANGERS[1], ASSIGN, **{**told, "key": "b"}) == "FORBIDDEN"
    for who in (TOWNSHIP, SENDER):
        made = schema(who).mutation_type
        assert made is not None
        assert "assignBeneficiary" not in made.fields


async def test_of_many_who_are_given_the_wrong_one_is_told(world: World) -> None:
    before = await count(world, "assignment")
    items = [
        {"beneficiary": id_of(number), "contract": "Contract:102", "key": str(number)}
        for number in (THIRD, 999_999, FOURTH, THIRD)
    ]
    items[3] |= {"key": "again"}
    shown, errors = await partly(world, BUREAU, ASSIGNS, items=items)
    assert errors == {1: "FORBIDDEN", 3: "CONFLICT"}
    assert [each and each["beneficiary"]["id"] for each in shown] == [id_of(THIRD), None, id_of(FOURTH), None]
    assert await count(world, "assignment") == before + 2
