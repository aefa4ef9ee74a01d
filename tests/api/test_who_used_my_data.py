"""``accessLog``: who was shown something of a person, for the bureau that has to tell the person."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from hub.access.viewer import make_viewer
from hub.audit import seal
from tests.support.reading import (
    AGENCY,
    BUREAU,
    CONTRACTOR,
    JINJIANG,
    OPERATOR,
    QIXING,
    TOWNSHIP,
    World,
    schema,
    small_world,
    viewer,
)
from tests.support.sealed import seal_all

LOG = """query Log($id: ID!, $first: Int! = 50, $before: ID) {
    accessLog(beneficiary: $id, first: $first, before: $before) {
        number at clientId clientName userId role roleLabel purpose operation document fields askedByNumber
        requestId } }"""


@pytest_asyncio.fixture(loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        yield made


async def log(world: World, person: str, **given: Any) -> Any:
    return (await world.ask(BUREAU, LOG, id=person, **given))["accessLog"]


async def person_of(world: World) -> str:
    """Somebody whom the bureau and the township see."""
    people = (await world.ask(TOWNSHIP, "{ beneficiaries(first: 1) { nodes { id } } }"))["beneficiaries"]
    return str(people["nodes"][0]["id"])


@pytest.mark.parametrize("sealed", [False, True])
async def test_a_person_is_told_who_was_shown_what(world: World, sealed: bool) -> None:
    person = await person_of(world)
    before = int((await log(world, person))[0]["number"])
    await world.ask(TOWNSHIP, "query Card($id: ID!) { beneficiary(id: $id) { name riskLevel } }", id=person)
    portal = make_viewer("portal", "bureau", BUREAU.scopes, division_code=QIXING)
    portal = dataclasses.replace(portal, user_id=7)
    await world.ask(
        portal, "{ beneficiaries(first: 200) { nodes { phone } } visits(first: 1) { totalCount } }"
    )
    await world.ask(TOWNSHIP, "{ beneficiariesAggregate { count } stations { nodes { name } } }")
    if sealed:
        await seal_all(world)
    uses = [use for use in await log(world, person) if int(use["number"]) > before]
    all_, card = uses[-2:]
    assert len(uses) == 3  # this look is the newest
    assert card["operation"] == "Card"
    assert card["fields"] == ["Beneficiary.name", "Beneficiary.riskLevel"]
    assert card["roleLabel"] == "乡镇（街道）"
    assert (card["clientId"], card["clientName"], card["userId"]) == ("test", None, None)
    assert card["document"] == "query Card ( $ id : ID ! ) { beneficiary ( id : $ id ) { name riskLevel } }"
    assert (all_["clientId"], all_["userId"], all_["fields"]) == ("portal", "7", ["Beneficiary.phone"])


async def test_a_visit_is_its_persons_whoever_it_is_shown_beside(world: World) -> None:
    visits = (await world.ask(BUREAU, "{ visits(first: 5) { nodes { visitedOn beneficiary { id } } } }"))[
        "visits"
    ]["nodes"]
    person = visits[0]["beneficiary"]["id"]
    await world.ask(BUREAU, "{ visits(first: 5) { nodes { visitedOn } } }")
    newest = (await log(world, person))[1]
    assert newest["fields"] == ["Visit.visitedOn"]


async def test_a_look_into_the_log_is_in_the_log(world: World) -> None:
    person = await person_of(world)
    await log(world, person)
    newest = (await log(world, person))[0]
    assert (newest["operation"], newest["fields"]) == ("Log", ["Beneficiary.accessLog"])


@pytest.mark.parametrize("batches", [2, seal.TOGETHER])
async def test_the_log_is_read_page_by_page_across_batches_and_spans(
    world: World, monkeypatch: pytest.MonkeyPatch, batches: int
) -> None:
    monkeypatch.setattr(seal, "SPAN", seal.SPAN.replace(str(seal.TOGETHER), str(batches)))
    person = await person_of(world)
    for n in range(12):
        await world.ask(TOWNSHIP, "query($id: ID!) { beneficiary(id: $id) { name } }", id=person)
        if n % 2 == 0:
            await seal_all(world)
    spans = await world.database.owner.fetchval("select count(*) from access_span")
    assert spans == (3 if batches == 2 else 0)
    whole = [use["number"] for use in await log(world, person, first=200)]
    assert len(whole) >= 13
    walked: list[str] = []
    while page := await log(world, person, first=4, before=walked[-1] if walked else str(int(whole[0]) + 1)):
        walked += [use["number"] for use in page]
    assert walked == whole


async def test_questions_by_number_are_told_also_where_nothing_was_shown(world: World) -> None:
    query = "{ beneficiaries(first: 200) { nodes { id idNumber } } }"
    person = next(n for n in (await world.ask(BUREAU, query))["beneficiaries"]["nodes"] if n["idNumber"])
    await world.ask(
        AGENCY,
        "query Entitled($n: String!) { beneficiaryStatus(idNumber: $n, programme: DIBAO) { entitled } }",
        n=person["idNumber"],
    )
    for _ in range(2):
        newest = next(u for u in await log(world, person["id"]) if u["operation"] == "Entitled")
        assert (newest["role"], newest["fields"], newest["askedByNumber"]) == ("agency", [], True)
        await seal_all(world)


async def test_only_a_bureau_has_it_and_only_of_people_it_sees(world: World) -> None:
    person = await person_of(world)
    for who in (TOWNSHIP, CONTRACTOR, AGENCY, OPERATOR):
        assert "accessLog" not in schema(who).query_type.fields  # type: ignore[union-attr]
    elsewhere = viewer("bureau", JINJIANG)
    assert (await world.ask(elsewhere, LOG, id=person))["accessLog"] is None
    assert await world.code(BUREAU, LOG, id="Station:1") == "BAD_ARGUMENT"
    assert await world.code(BUREAU, LOG, id=person, first=201) == "BAD_ARGUMENT"
    assert await world.code(BUREAU, LOG, id=person, before="x") == "BAD_ARGUMENT"
