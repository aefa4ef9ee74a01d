"""Visits that were noted offline, when they arrive: held against what is asked of them and counted, at once.

R155: a child at high risk once a week. R158: pictures and text are kept. R201: 500 visits of the project.
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest_asyncio

from hub.compliance.following import look
from tests.support.casework import begin_casework, partly
from tests.support.county import TODAY
from tests.support.handing import BUREAU, FROM, NEIGHBOUR, PERSON, SENDER, handing_world, id_of
from tests.support.pictures import file_of
from tests.support.reading import World

VISITS: Final = "mutation ($items: [RecordVisitItem!]!) { recordVisits(items: $items) { id } }"
RISK: Final = """mutation ($person: ID!, $on: Date!) {
    assessRisk(beneficiary: $person, level: LEVEL_1, assessedOn: $on) { id } }"""
HELD: Final = "query ($of: [ID!]!) { compliance(of: $of) { rule record quantity status value } }"
DUE: Final = "{ dueVisits(first: 200) { nodes { rule beneficiary { id } } } }"
CHILDREN: Final = (PERSON, NEIGHBOUR)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    """Two children at high risk for three weeks."""
    async with handing_world() as made:
        await begin_casework(made)
        owner = made.database.owner
        await owner.execute("update beneficiary set birth_on = '2016-01-01' where id = any ($1)", CHILDREN)
        await owner.execute(
            "update category_membership set category = 'DE_FACTO_UNATTENDED' where beneficiary_id = any ($1)",
            CHILDREN,
        )
        on = (TODAY - dt.timedelta(weeks=3)).isoformat()
        for child in CHILDREN:
            await made.ask(SENDER, RISK, person=id_of(child), on=on)
        yield made


async def verdicts(world: World) -> dict[tuple[str, str], tuple[str, str | None]]:
    """Status and value by rule and record, of what is asked of visits."""
    of = [*map(id_of, CHILDREN), f"Contract:{FROM}"]
    found = (await world.ask(BUREAU, HELD, of=of))["compliance"]
    return {(e["rule"], e["record"]): (e["status"], e["value"]) for e in found if "visit" in e["quantity"]}


def visit(child: int, key: str, **more: Any) -> dict[str, Any]:
    on = TODAY.isoformat()
    return {
        "beneficiary": id_of(child),
        "visitedOn": on,
        "kind": "HOME",
        "purpose": "CHILD_RISK",
        "key": key,
        **more,
    }


async def due(world: World) -> set[str]:
    """Whose visits are due, as ``hub worker`` keeps it."""
    await look(world.database, TODAY)
    nodes = (await world.ask(BUREAU, DUE))["dueVisits"]["nodes"]
    return {each["beneficiary"]["id"] for each in nodes if each["rule"] == "R155"}


async def test_what_is_asked_of_visits_moves_with_the_answer(world: World) -> None:
    whole_one, bare_one, contract = id_of(PERSON), id_of(NEIGHBOUR), f"Contract:{FROM}"
    before = await verdicts(world)
    assert before["R155", whole_one] == before["R155", bare_one] == ("NOT_MET", "0")
    assert before["R201", contract] == ("DUE", "0")
    assert await due(world) == {whole_one, bare_one}
    picture = {"content": base64.b64encode(file_of("JPEG")).decode()}
    whole, bare = visit(PERSON, "w-1", textRecord="在家", photos=[picture]), visit(NEIGHBOUR, "w-2")
    made, refused = await partly(world, SENDER, VISITS, items=[whole, bare, whole])
    assert (len({each["id"] for each in made}), refused) == (2, {})
    after = await verdicts(world)
    assert after["R155", whole_one] == after["R155", bare_one] == ("MET", "1")
    assert after["R158", whole_one] == ("MET", "PICTURE、TEXT")
    assert after["R158", bare_one] == ("NOT_MET", "")
    assert after["R201", contract] == ("DUE", "2")
    assert await due(world) == set()
