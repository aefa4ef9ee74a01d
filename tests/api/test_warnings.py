"""Warnings are shown to the bureau and to the township the person lives in, and to nobody else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from hub.access.scopes import DEFAULT_SCOPES
from hub.access.viewer import Viewer
from tests.support.county import TODAY
from tests.support.oracle import Oracle
from tests.support.reading import (
    BUREAU,
    CONTRACTOR,
    DONGJIANG,
    OPERATOR,
    TOWNSHIP,
    World,
    schema,
    small_world,
    viewer,
    without_minor,
)

OPEN: Final = """{ warnings(first: 200, where: {settledOn: {isNull: true}, kind: {eq: "结婚登记"}},
    orderBy: [{raisedOn: DESC}]) { totalCount nodes { id raisedOn settledOn kind beneficiary { id } } } }"""
OTHER_TOWN: Final = viewer("township", "450305200000")


@pytest.fixture(scope="module")
async def world() -> AsyncIterator[World]:
    async with small_world(11) as found:
        yield found


def expected(world: World, who: Viewer) -> set[str]:
    rows = Oracle(world.rows, who, TODAY).seen("warning")
    found = [row for row in rows if row["settled_on"] is None and row["kind"] == "结婚登记"]
    return {f"Warning:{row['county_code']}:{row['id']}" for row in found}


@pytest.mark.parametrize("who", [BUREAU, TOWNSHIP, OTHER_TOWN, without_minor(BUREAU)])
async def test_open_warnings_of_a_kind_are_listed_the_newest_first(world: World, who: Viewer) -> None:
    answer = (await world.ask(who, OPEN))["warnings"]
    assert {node["id"] for node in answer["nodes"]} == expected(world, who)
    assert 0 < answer["totalCount"] == len(answer["nodes"]) < len(world.rows["warning"])
    days = [node["raisedOn"] for node in answer["nodes"]]
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize("who", [CONTRACTOR, OPERATOR, viewer("agency", "450305000000")])
async def test_nobody_else_has_such_a_thing(who: Viewer) -> None:
    assert "Warning" not in schema(who).type_map
    assert "warning.rs" not in DEFAULT_SCOPES[who.role]


async def test_what_it_says_needs_the_scope_for_care(world: World) -> None:
    scopes = [scope for scope in DEFAULT_SCOPES["bureau"] if scope != "field:care"]
    who = viewer("bureau", "450305000000", scopes=scopes)
    told: Any = schema(who).type_map["Warning"]
    assert set(told.fields) == {"id", "beneficiary", "provenance"}


async def test_a_warning_goes_where_its_person_goes() -> None:
    async with small_world(11) as world:
        before = {node["id"]: node for node in (await world.ask(OTHER_TOWN, OPEN))["warnings"]["nodes"]}
        id_, node = next(iter(before.items()))
        county, number = node["beneficiary"]["id"].split(":")[1:]
        await world.database.owner.execute(
            "update beneficiary set division_code = $3 where county_code = $1 and id = $2",
            county,
            int(number),
            DONGJIANG,
        )
        there, here = (await world.ask(OTHER_TOWN, OPEN)), (await world.ask(TOWNSHIP, OPEN))
        assert id_ not in {each["id"] for each in there["warnings"]["nodes"]}
        assert id_ in {each["id"] for each in here["warnings"]["nodes"]}
        of_person = (
            f'{{ beneficiary(id: "{node["beneficiary"]["id"]}") {{ warnings {{ nodes {{ id }} }} }} }}'
        )
        assert {"id": id_} in (await world.ask(BUREAU, of_person))["beneficiary"]["warnings"]["nodes"]
