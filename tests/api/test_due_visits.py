"""``dueVisits`` and ``overdue``: verdicts that are kept, on the people whom the viewer sees."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio

from graphql_schema.verdicts import VISITS
from hub.access.viewer import Viewer
from hub.compliance.following import look
from tests.compliance.facts import Facts
from tests.support.county import TODAY
from tests.support.reading import (
    AGENCY,
    BUREAU,
    CONTRACTOR,
    QIXING,
    TOWNSHIP,
    World,
    small_world,
    viewer,
)

SHOWN: Final = "nodes { rule quantity status value target dueOn sinceOn quote beneficiary { id nameMasked } }"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world(11) as made:
        await made.database.owner.execute("truncate beneficiary_verdict")  # of random people
        await look(made.database, TODAY)
        yield made


async def listed(world: World, who: Viewer, root: str, more: str = "") -> list[Any]:
    answer = await world.ask(who, f"{{ {root}(first: 200{more}) {{ totalCount {SHOWN} }} }}")
    assert answer[root]["totalCount"] == len(answer[root]["nodes"]) < 200
    found: list[Any] = answer[root]["nodes"]
    return found


def keys(nodes: list[Any]) -> set[tuple[str, str, str]]:
    return {(each["beneficiary"]["id"], each["quantity"], each["status"]) for each in nodes}


@pytest.mark.parametrize("who", [BUREAU, TOWNSHIP, CONTRACTOR], ids=["bureau", "township", "contractor"])
async def test_they_are_the_verdicts_on_who_is_seen(world: World, who: Viewer) -> None:
    people = await world.ask(who, "{ beneficiaries(first: 200) { nodes { id } } }")
    of = [node["id"] for node in people["beneficiaries"]["nodes"]]
    document = "query($of: [ID!]!) { compliance(of: $of) { record quantity status quote: basis { quote } } }"
    verdicts = (await world.ask(who, document, of=of))["compliance"]
    told = {(each["record"], each["quantity"], each["status"]) for each in verdicts}
    due = {key for key in told if key[1] in VISITS and key[2] in ("DUE", "NOT_MET")}
    assert keys(await listed(world, who, "dueVisits")) == due
    assert keys(await listed(world, who, "overdue")) == {key for key in told if key[2] == "NOT_MET"}
    assert due


async def test_the_most_urgent_come_first_and_each_says_why(world: World) -> None:
    due = [each["dueOn"] for each in await listed(world, BUREAU, "dueVisits")]
    assert due == sorted(due)
    since = [each["sinceOn"] for each in await listed(world, BUREAU, "overdue")]
    assert since == sorted(since)
    last = await listed(world, BUREAU, "dueVisits", ", orderBy: [{dueOn: DESC}]")
    assert [each["dueOn"] for each in last] == due[::-1]
    assert all(each["quote"] for each in last)


async def test_a_condition_narrows_what_the_list_is_about(world: World) -> None:
    whole = await listed(world, BUREAU, "dueVisits")
    where = ', where: {or: [{quantity: {eq: "dossier.count"}}, {quantity: {eq: "visit.elder"}}]}'
    elders = await listed(world, BUREAU, "dueVisits", where)
    assert keys(elders) == {key for key in keys(whole) if key[1] == "visit.elder"}


async def test_who_may_not_see_what_people_need_has_no_such_list(world: World) -> None:
    careless = viewer("bureau", QIXING, scopes=["beneficiary.rs", "field:identity"])
    for who in (AGENCY, careless):
        for root in ("dueVisits", "overdue", "beneficiaryVerdicts"):
            assert await world.code(who, f"{{ {root} {{ totalCount }} }}") == "GRAPHQL_VALIDATION_FAILED"


async def test_a_visit_takes_a_person_off_the_list(world: World) -> None:
    first = (await listed(world, BUREAU, "dueVisits"))[0]
    county, number = first["beneficiary"]["id"].split(":")[1:]
    visit = {"id": 10**6, "visited_on": TODAY, "kind": "HOME", "purpose": "OTHER"}
    facts = Facts(world.database, county, QIXING)
    await facts.add("visit", beneficiary_id=int(number), run_id=1, **visit)
    await world.database.owner.execute(
        "insert into change (entity, county_code, entity_id, operation) values ('visit', $1, $2, 'I')",
        county,
        visit["id"],
    )
    await look(world.database, TODAY)
    left = keys(await listed(world, BUREAU, "dueVisits"))
    assert (first["beneficiary"]["id"], first["quantity"], first["status"]) not in left
    assert left
