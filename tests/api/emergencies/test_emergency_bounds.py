"""An emergency access is for these people: no other door opens by it, and none by what is no access."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
from collections.abc import AsyncIterator
from functools import partial
from typing import Any, Final

import pytest
import pytest_asyncio

from hub.access.emergencies import NoEmergency
from hub.access.limits import Limits
from hub.access.viewer import Viewer
from tests.support.county import TODAY
from tests.support.emergency import (
    BUREAU,
    CHILD,
    CONTRACTOR,
    COUNTY,
    NEIGHBOUR,
    NUMBER,
    OPEN,
    TOWNSHIP,
    at,
    emergency_world,
    inside,
    opened,
)
from tests.support.handing import FROM, add, assignment, fact, id_of
from tests.support.reading import World, schema, viewer

ROOTS: Final = {
    "catalogues", "formerDivisions", "reliefEpisodes", "rules",
    "assignments", "assignmentsAggregate", "beneficiaries", "beneficiariesAggregate", "beneficiary",
    "contractor", "contractors", "contractorsAggregate", "division", "divisions", "explainAccess",
    "explainList", "household", "households", "householdsAggregate", "membershipsAggregate", "node", "nodes",
    "schemaChanges", "station", "stations", "stationsAggregate", "viewer", "visits", "visitsAggregate",
}  # fmt: skip
OF_CHILDREN: Final = {"guardians", "protectionCases"}
"""For who holds ``protection.rs`` and ``field:minor``."""
FOLLOWED: Final = {
    "assignmentChanges", "beneficiaryChanges", "contractorChanges", "householdChanges", "membershipChanges",
    "stationChanges", "visitChanges",
}  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def small() -> AsyncIterator[World]:
    async with emergency_world() as made:
        over = {"ends_on": TODAY - dt.timedelta(1)}
        guardians = [
            {**fact(3960 + n, of), "kind": "ENTRUSTED", "name": name, "phone": f"1380000000{n}", **more}
            for n, (of, name, more) in enumerate(
                [(NEIGHBOUR, "旁某", {}), (CHILD, "姨某", {}), (CHILD, "旧某", over)]
            )
        ]
        cases = [
            {**fact(3970 + n, of), "trigger": "VISIT", "step": step, "opened_on": TODAY, "closed_on": closed}
            for n, (of, step, closed) in enumerate(
                [
                    (CHILD, "DISCOVER_REPORT", None),
                    (CHILD, "JOINT_HANDLING", TODAY),
                    (NEIGHBOUR, "MONITOR_PREVENT", None),
                ]
            )
        ]
        rows = {"assignment": [assignment(3950, CHILD, FROM, 1)], "protection_case": cases}
        await add(made, {**rows, "guardian": [{"ends_on": None, **each} for each in guardians]})
        yield made


@pytest.mark.parametrize("who", [TOWNSHIP, CONTRACTOR, BUREAU])
async def test_there_is_nothing_else_to_ask(world: World, who: Viewer) -> None:
    """No mutation, log, refused row, contract or other emergency, and no question about a stranger."""
    made: Any = schema(await inside(world, who, await opened(world, who)))
    assert set(made.query_type.fields) == ROOTS | (set() if who is CONTRACTOR else OF_CHILDREN)
    assert set(made.subscription_type.fields) == FOLLOWED
    assert made.mutation_type is None
    assert set(made.query_type.fields["beneficiary"].args) == {"id"}


@pytest.mark.parametrize("who", [TOWNSHIP, CONTRACTOR, BUREAU])
async def test_every_number_search_and_explanation_is_of_these_people(world: World, who: Viewer) -> None:
    there = await inside(world, who, await opened(world, who))
    said = await world.ask(
        there,
        f"""{{ beneficiariesAggregate {{ count }} visitsAggregate {{ count }} assignmentsAggregate {{ count }}
            searched: beneficiaries(where: {{search: "邻某"}}) {{ totalCount }}
            own: explainAccess(id: "{id_of(CHILD)}") {{ visible because {{ reason }} }}
            foreign: explainAccess(id: "{id_of(NEIGHBOUR)}") {{ visible because {{ reason }} }}
            explainList(of: {{beneficiaries: {{}}}}) {{ inSlice }}
            nodes(ids: ["{id_of(NEIGHBOUR)}", "{id_of(CHILD)}"]) {{ id }} }}""",
    )
    counts = [said[f"{name}Aggregate"]["count"] for name in ("beneficiaries", "visits", "assignments")]
    assert counts == [1, 1, 1]
    assert said["searched"]["totalCount"] == 0
    assert (said["own"]["visible"], said["foreign"]["visible"]) == (True, False)
    assert [each["reason"] for each in said["foreign"]["because"]] == ["NOT_SEEN", "OPENED"]
    assert said["explainList"]["inSlice"] == 1
    assert said["nodes"] == [None, {"id": id_of(CHILD)}]


async def test_who_is_to_be_called_is_there_and_nobody_else(world: World) -> None:
    there = await inside(world, CONTRACTOR, await opened(world, CONTRACTOR))
    said = await world.ask(
        there, "{ contractors { nodes { id } } stations(first: 200) { nodes { divisionCode } } }"
    )
    assert [node["id"] for node in said["contractors"]["nodes"]] == ["Contractor:1"]
    codes = {node["divisionCode"][:6] for node in said["stations"]["nodes"]}
    assert codes == {COUNTY}
    other = await inside(world, BUREAU, await opened(world, BUREAU, people=[id_of(NEIGHBOUR)]))
    assert (await world.ask(other, "{ contractors { totalCount } }"))["contractors"]["totalCount"] == 0


async def test_whom_to_call_for_a_child_and_what_is_under_way(world: World) -> None:
    """Guardians and protection cases of today; of those that are over nothing, and of no other child."""
    asked = """{ guardians { nodes { name phone beneficiary { id } } } protectionCases { nodes { step } }
        beneficiary(id: "CHILD") { guardians { nodes { name } } protectionCases { nodes { step } } } }"""
    there = await inside(world, TOWNSHIP, await opened(world))
    said = await world.ask(there, asked.replace("CHILD", id_of(CHILD)))
    assert said["guardians"]["nodes"] == [
        {"name": "姨某", "phone": "13800000001", "beneficiary": {"id": id_of(CHILD)}}
    ]
    assert said["protectionCases"]["nodes"] == [{"step": "DISCOVER_REPORT"}]
    assert said["beneficiary"] == {
        "guardians": {"nodes": [{"name": "姨某"}]},
        "protectionCases": {"nodes": [{"step": "DISCOVER_REPORT"}]},
    }


@pytest.mark.parametrize(
    "wrong",
    ["", " 1", "1 ", "1, 1", "+1", "-1", "1.0", "１", "9" * 19, "EmergencyAccess:", "emergencyaccess:1",
     "EmergencyAccess:1:1", "1\n", "null"],
)  # fmt: skip
async def test_what_is_no_number_opens_nothing(world: World, wrong: str) -> None:
    assert await opened(world) == "EmergencyAccess:1"
    with pytest.raises(NoEmergency):
        await inside(world, TOWNSHIP, wrong)


async def test_one_of_somebody_else_and_one_that_is_none_give_one_answer(world: World) -> None:
    mine = await opened(world)
    said = set()
    for who, access in (
        (dataclasses.replace(TOWNSHIP, user_id=1), mine),
        (dataclasses.replace(TOWNSHIP, client_id="other"), mine),
        (dataclasses.replace(BUREAU, client_id=TOWNSHIP.client_id), mine),
        (TOWNSHIP, "EmergencyAccess:999"),
    ):
        with pytest.raises(NoEmergency) as error:
            await inside(world, who, access)
        said.add(json.dumps(error.value.shown(), ensure_ascii=False))
    assert len(said) == 1


async def test_there_are_so_many_within_a_day(world: World) -> None:
    world.engine.limits = Limits(emergency_openings=3)
    try:
        for hour in (9, 10, 11):
            world.engine.clock = partial(at, hour)
            await opened(world, hours=1)
        assert await world.code(TOWNSHIP, OPEN, hours=1, people=[id_of(CHILD)]) == "EMERGENCY_LIMIT"
        user = dataclasses.replace(TOWNSHIP, user_id=1)
        assert await world.code(user, OPEN, hours=1, people=[id_of(CHILD)]) == "EMERGENCY_LIMIT"
        assert await opened(world, dataclasses.replace(user, client_id="other"))
        world.engine.clock = lambda: at(9, 1)
        assert await opened(world)
    finally:
        world.engine.limits = Limits()


async def test_the_number_of_a_person_is_not_told_nor_asked_by(world: World) -> None:
    full = viewer("bureau", "450305000000")
    there = await inside(world, full, await opened(world, full))
    asked = f'{{ beneficiary(idNumber: "{NUMBER}") {{ id }} }}'
    assert await world.code(there, asked) == "GRAPHQL_VALIDATION_FAILED"
    asked = f'{{ beneficiary(id: "{id_of(CHILD)}") {{ idNumber }} }}'
    assert await world.code(there, asked) == "GRAPHQL_VALIDATION_FAILED"
