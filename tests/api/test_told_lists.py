"""What runs found in lists and what stands of them: for the bureau of the source, in part for operators."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from graphql_schema.types import Reconciliation
from tests.support.reading import BUREAU, OPERATOR, PROVINCE, TOWNSHIP, World, schema, small_world

ASKED = """{ sources { nodes { code
    columns(where: {fieldClass: {eq: BANK}}) { nodes { name droppedCount } }
    drifts { nodes { kind name } }
    droppedCells { nodes { fieldClass cellCount names } }
    runs { nodes { lists { nodes { listKind readCount quarantinedCount } } } } } } }"""
HELD = '{ reconciliations(where: {day: {lte: "2026-06-01"}}) { nodes { source { code } heldCount digest } } }'


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        yield made


async def test_a_bureau_sees_what_its_sources_sent(world: World) -> None:
    found = {each["code"]: each for each in (await world.ask(BUREAU, ASKED))["sources"]["nodes"]}
    own = found["roster-450305"]
    assert own["columns"]["nodes"] == [{"name": "银行账号", "droppedCount": 2}]
    assert own["drifts"]["nodes"] == [{"kind": "COLUMN_CAME", "name": "银行账号"}]
    assert own["droppedCells"]["nodes"] == [{"fieldClass": "BANK", "cellCount": 2, "names": ["银行账号"]}]
    assert own["runs"]["nodes"] == [
        {"lists": {"nodes": [{"listKind": "dibao", "readCount": 3, "quarantinedCount": 1}]}}
    ]


async def test_what_is_held_is_for_the_bureau_of_the_source(world: World) -> None:
    here, there = [
        {each["source"]["code"] for each in (await world.ask(who, HELD))["reconciliations"]["nodes"]}
        for who in (BUREAU, PROVINCE)
    ]
    assert here < there
    assert "roster-45" in there - here


async def test_an_operator_is_told_of_columns_and_not_of_people(world: World) -> None:
    found = (await world.ask(OPERATOR, ASKED))["sources"]["nodes"]
    assert all(each["drifts"]["nodes"] for each in found)
    assert Reconciliation.__name__ not in schema(OPERATOR).type_map
    assert "SourceDrift" not in schema(TOWNSHIP).type_map
