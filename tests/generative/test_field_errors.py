"""Random documents with wrong arguments: data and error paths are those graphql-core itself arrives at."""

from __future__ import annotations

import json
import random
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from graphql import (
    GraphQLResolveInfo,
    GraphQLSchema,
    default_field_resolver,
    execute_sync,
    parse,
    print_schema,
)

from hub.errors import BadArgument
from hub.read.bind import MAX_PAGE
from tests.support.documents import Scribe, without_resolvers
from tests.support.reading import BUREAU, World, schema, small_world

WIDE = """{
  station(id: "Station:1") {
    id name visits(first: 2) { totalCount nodes { id visitedOn } }
    operator { id name stations(first: 2) { totalCount nodes { id name visits(first: 2) { totalCount } } } }
  }
  division(code: "450305000000") { name parent { name parent { name } } }
  personnel(first: 4) {
    totalCount
    nodes { id name employer { id name stations(first: 2) { nodes { id name } } } }
    edges { cursor node { id employer { name stations(first: 2) { totalCount } } } }
  }
  visits(first: 3) {
    nodes { id beneficiary { id name visits(first: 2) { totalCount nodes { id } } } station { id } }
  }
}"""
"""Of relations that may be null, so that null has somewhere to stop."""
ARGUMENTS = {
    "Query.station": '(id: "Station:1")',
    "Query.division": '(code: "450305000000")',
    "Query.personnel": "(first: 4)",
    "Query.visits": "(first: 3)",
    "Station.visits": "(first: 2)",
    "Beneficiary.visits": "(first: 2)",
    "Contractor.stations": "(first: 2)",
}
PAGED = re.compile(r"(?:\w+: )?(\w+)\(first: \d+[^)]*\)")
SEEDS = 80


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def wide(world: World) -> tuple[GraphQLSchema, Any]:
    return without_resolvers(print_schema(schema(BUREAU))), await world.ask(BUREAU, WIDE)


def with_faults(rng: random.Random, document: str) -> str:
    """Some pages are too large; under a name of its own, for two sizes do not merge."""
    numbers = iter(range(1000))

    def spoiled(found: re.Match[str]) -> str:
        if rng.random() < 0.6:
            return found[0]
        return f"wrong{next(numbers)}: {found[1]}(first: {rng.choice(['$size', '-1', '999'])})"

    spoiled_document = PAGED.sub(spoiled, document)
    return spoiled_document.replace("query Asked(", "query Asked($size: Int! = 201, ", 1)


def asked(seed: int, plain: GraphQLSchema, data: Any) -> tuple[str, dict[str, Any]]:
    rng = random.Random(seed)
    document = with_faults(rng, Scribe(rng, plain, arguments=ARGUMENTS).document(data))
    used = " ".join(f"v{n}: __typename @include(if: ${n})" for n in ("yes", "no", "maybe"))
    used += " vsize: stations(first: $size) @skip(if: true) { totalCount }"
    return document.replace("{ __typename", "{ __typename " + used, 1), {"maybe": rng.random() < 0.5}


def resolver(source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
    if not 0 <= arguments.get("first", 0) <= MAX_PAGE:
        raise BadArgument
    return default_field_resolver(source, info)


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_null_and_errors_stand_where_graphql_core_has_them(
    world: World, wide: tuple[GraphQLSchema, Any], seed: int
) -> None:
    plain, data = wide
    document, variables = asked(seed, plain, data)
    expected = execute_sync(
        plain, parse(document), root_value=data, variable_values=variables, field_resolver=resolver
    )
    answer = await world.answer(BUREAU, document, **variables)
    body = json.loads(answer.body)
    assert answer.status == (294 if expected.errors else 200)
    assert json.dumps(body["data"]) == json.dumps(expected.data), document
    found = [(e["path"], e["locations"]) for e in body.get("errors", [])]
    known = [
        (e.path, [{"line": at.line, "column": at.column} for at in e.locations or ()])
        for e in expected.errors or ()
    ]
    assert found == known, document


async def test_random_documents_have_what_this_is_about(wide: tuple[GraphQLSchema, Any]) -> None:
    plain, data = wide
    results = [
        execute_sync(plain, parse(made), root_value=data, variable_values=given, field_resolver=resolver)
        for made, given in (asked(seed, plain, data) for seed in range(SEEDS))
    ]
    assert sum(bool(found.errors) for found in results) > SEEDS // 4
    assert sum(bool(found.errors and found.data) for found in results) > SEEDS // 10
    assert sum(len(found.errors or ()) > 1 for found in results) > SEEDS // 20
