"""``node`` and ``nodes``: any row by its id, to exactly those who see it."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio

from hub.access.viewer import Viewer
from hub.read.bind import MAX_PAGE, TYPES
from tests.support.costs import COUNTRY
from tests.support.county import TODAY
from tests.support.oracle import key_of
from tests.support.reading import (
    AGENCY,
    BUREAU,
    OPERATOR,
    QIXING,
    VIEWERS,
    World,
    schema,
    small_world,
    viewer,
)
from tests.support.whole import WholeOracle

PARTS: Final = {
    "Station": "... on Station { name }",
    "Personnel": "... on Station { personnel(first: 1) { totalCount nodes { ...Known } } }",
    "Contract": "... on Contract { number contractor { ... on Node { id } } }",
}


def document(who: Viewer) -> str:
    """It may name only types that exist for the viewer."""
    parts = " ".join(part for name, part in PARTS.items() if name in schema(who).type_map)
    known = "fragment Known on Node { id }"
    return f"query($ids: [ID!]!) {{ nodes(ids: $ids) {{ ...Known __typename {parts} }} }} {known}"


DOCUMENT: Final = document(BUREAU)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world(11) as made:
        yield made


def everything(world: World, rng: random.Random) -> list[tuple[str, str, Any]]:
    """Id, type and row of all there is but divisions, mixed."""
    found = [
        (":".join([name, *map(str, key_of(bound_type.table.name, row))]), name, row)
        for name, bound_type in TYPES.items()
        for row in world.rows.get(bound_type.table.name, ())
    ]
    rng.shuffle(found)
    return found


@pytest.mark.parametrize("who", VIEWERS.values(), ids=VIEWERS)
async def test_ids_find_the_rows_of_the_slice_in_order(world: World, who: Viewer) -> None:
    oracle, known = WholeOracle(world.rows, who, TODAY), set(schema(who).type_map)
    asked = everything(world, random.Random(who.role))
    seen = 0
    for start in range(0, len(asked), MAX_PAGE):
        part = asked[start : start + MAX_PAGE]
        found = (await world.ask(who, document(who), ids=[name for name, _, _ in part]))["nodes"]
        for (name, type_name, row), node in zip(part, found, strict=True):
            if type_name not in known or not oracle.visible(TYPES[type_name].table.name, row):
                assert node is None
                continue
            seen += 1
            assert (node["id"], node["__typename"]) == (name, type_name)
            assert ("personnel" in node) is (type_name == "Station" and "Personnel" in known)
            assert ("number" in node) is (type_name == "Contract")
            assert node.get("name") == (row["name"] if type_name == "Station" else None)
    assert seen > 10 or who is AGENCY


async def test_an_id_that_names_nothing_finds_nothing(world: World) -> None:
    ids = ["Station:99", "Station:1:1", "Beneficiary:1", "Source:999999999999999999", "Nothing:1", "Query:1"]
    found = await world.ask(BUREAU, DOCUMENT, ids=[*ids, "Division:450305000000", "Division:450305000000"])
    assert found["nodes"][:-2] == [None] * len(ids)
    assert found["nodes"][-2] == {"id": "Division:450305000000", "__typename": "Division"}
    assert found["nodes"][-1] == found["nodes"][-2]
    one = "query($id: ID!) { node(id: $id) { id ... on Station { name } ... on Visit { kind } } }"
    assert await world.ask(BUREAU, one, id="Station:1") == {"node": {"id": "Station:1", "name": "服务站1"}}
    assert await world.ask(BUREAU, one, id="Station:99") == {"node": None}
    assert await world.ask(BUREAU, "{ nodes(ids: []) { id } }") == {"nodes": []}


async def test_what_is_no_id_is_an_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for given in (
        "",
        "Station",
        "Station:x",
        "Station:1:2:3",
        "'; drop table station",
        "Station:" + "9" * 19,
    ):
        assert (
            await world.code(BUREAU, "query($id: ID!) { node(id: $id) { id } }", id=given) == "BAD_ARGUMENT"
        )
    many = ["Station:1"] * (MAX_PAGE + 1)
    assert await world.code(BUREAU, DOCUMENT, ids=many) == "BAD_ARGUMENT"
    wide = """query($ids: [ID!]!) { nodes(ids: $ids) { ... on Beneficiary { station {
      beneficiaries(first: 200) { nodes { station { beneficiaries(first: 200) { nodes {
        visits(first: 200) { nodes { id } } } } } } } } } } }"""
    nobody = ["Beneficiary:450305:999999"] * MAX_PAGE
    await world.ask(BUREAU, wide, ids=nobody)
    monkeypatch.setattr(world.engine.till.statistics, "_found", COUNTRY)
    assert await world.code(BUREAU, wide, ids=nobody) == "COST_EXCEEDED"
    await world.ask(BUREAU, wide, ids=many[1:])  # of stations, of which it asks nothing


async def test_a_fault_under_one_type_spares_the_others(world: World) -> None:
    document = """{ nodes(ids: ["Station:1", "Contractor:1"]) { id
      ... on Station { visits(first: 1000) { totalCount } } ... on Contractor { visits { totalCount } } } }"""
    answer = await world.answer(BUREAU, document)
    assert b'"data":{"nodes":[null,{"id":"Contractor:1","visits":{"totalCount":' in answer.body
    assert b'"path":["nodes",0,"visits"]' in answer.body


NARROW: Final = viewer("bureau", QIXING, scopes=["station.rs"])


@pytest.mark.parametrize("who", [*VIEWERS.values(), NARROW], ids=[*VIEWERS, "narrow"])
async def test_introspection_shows_the_types_of_the_audience(world: World, who: Viewer) -> None:
    data = await world.ask(who, '{ __type(name: "Node") { kind possibleTypes { name } fields { name } } }')
    assert data["__type"]["kind"] == "INTERFACE"
    assert data["__type"]["fields"] == [{"name": "id"}]
    assert {t["name"] for t in data["__type"]["possibleTypes"]} == {*TYPES} & {*schema(who).type_map}


async def test_who_sees_no_type_has_no_node() -> None:
    made = schema(viewer("agency", QIXING, scopes=["status.r"]))
    assert made.query_type is not None
    assert "Node" not in made.type_map
    assert "node" not in made.query_type.fields


async def test_a_type_outside_the_audience_is_like_any_unknown_one(world: World) -> None:
    ids = ["Beneficiary:450305:1", "Unknown:1", "Contractor:1"]
    found = (await world.ask(OPERATOR, document(OPERATOR), ids=ids))["nodes"]
    assert found == [None, None, {"id": "Contractor:1", "__typename": "Contractor"}]
