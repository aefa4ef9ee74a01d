"""The GraphQL language as the engine compiles it: what graphql-core would answer, key by key."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from graphql import GraphQLSchema, build_client_schema, get_introspection_query, print_schema

from graphql_schema.schema import whole
from hub.read.bind import TYPES
from hub.read.conditions import binding_of
from tests.support.documents import WIDE, Scribe, expected, without_resolvers
from tests.support.reading import AGENCY, BUREAU, CONTRACTOR, World, plainly, schema, small_world


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def wide(world: World) -> tuple[GraphQLSchema, Any]:
    """A plain schema of the bureau, and everything ``WIDE`` asks for."""
    return without_resolvers(print_schema(schema(BUREAU))), await world.ask(BUREAU, WIDE)


@pytest.mark.parametrize("seed", range(60))
async def test_a_random_document_is_answered_as_graphql_core_would(
    world: World, wide: tuple[GraphQLSchema, Any], seed: int
) -> None:
    plain, data = wide
    document = Scribe(random.Random(seed), plain).document(data)
    # Validation wants every variable used.
    document = document.replace("{ __typename", "{ __typename " + " ".join(
        f"v{n}: __typename @include(if: ${n})" for n in ("yes", "no", "maybe")
    ), 1)  # fmt: skip
    for maybe in (True, False):
        answer = await world.ask(BUREAU, document, maybe=maybe)
        other = expected(plain, document, data, maybe=maybe)
        assert json.dumps(answer) == json.dumps(other), document


def test_random_documents_use_what_they_are_for(wide: tuple[GraphQLSchema, Any]) -> None:
    plain, data = wide
    text = " ".join(Scribe(random.Random(seed), plain).document(data) for seed in range(60))
    for word in ("fragment F", "... on Station", "... {", "@include(if: $maybe)", "@skip(if: $no)", "other_"):
        assert word in text, word


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("query($f: Int = 1) { stations(first: $f) { nodes { id } } }", {}),
        ("query($f: Int) { stations(first: $f) { nodes { id } } }", {"f": 1}),
        ("query($f: Int!) { stations(first: $f) { nodes { id } } }", {"f": 1.0}),
        ("query($w: StationWhere = {}) { stations(first: 1, where: $w) { nodes { id } } }", {}),
        ("query($o: [StationOrderBy!]) { stations(first: 1, orderBy: $o) { nodes { id } } }", {"o": []}),
        ("query($o: [StationOrderBy!]) { stations(first: 1, orderBy: $o) { nodes { id } } }", {"o": None}),
        ("{ stations(first: 1, after: null, last: null, where: null) { nodes { id } } }", {}),
        ("query($a: String) { stations(first: 1, after: $a) { nodes { id } } }", {}),
        ("query($a: String) { stations(first: 1, after: $a) { nodes { id } } }", {"unknown": 1}),
    ],
)
async def test_variables_and_defaults(world: World, document: str, variables: dict[str, Any]) -> None:
    assert await world.ask(BUREAU, document, **variables) == {"stations": {"nodes": [{"id": "Station:1"}]}}


async def test_a_single_value_becomes_a_list(world: World) -> None:
    literal = await world.ask(BUREAU, '{ stations(where: {name: {in: "服务站2"}}) { nodes { name } } }')
    several = "query($n: [String!]) { stations(where: {name: {in: $n}}) { nodes { name } } }"
    assert literal == await world.ask(BUREAU, several, n="服务站2")
    assert literal == {"stations": {"nodes": [{"name": "服务站2"}]}}
    where = "{and: {status: {in: [OPERATING, SUSPENDED]}}}"
    order = f"{{ stations(orderBy: {{name: DESC}}, where: {where}) {{ nodes {{ name }} }} }}"
    assert (await world.ask(BUREAU, order))["stations"]["nodes"][0] == {"name": "服务站2"}


NAMED = "query One { stations(first: 1) { totalCount } } query Two { viewer { role } }"


async def test_the_operation_of_the_name_is_the_one_that_is_run(world: World) -> None:
    assert await world.ask(BUREAU, NAMED, "Two") == {"viewer": {"role": "bureau"}}
    assert await world.ask(BUREAU, NAMED, "One") == {"stations": {"totalCount": 2}}
    assert await world.ask(BUREAU, "query Only { __typename }") == {"__typename": "Query"}


@pytest.mark.parametrize(
    ("document", "name"),
    [
        (NAMED, None),
        (NAMED, "Three"),
        ("{ __typename }", "One"),
        ("fragment F on Query { __typename }", None),
    ],
)
async def test_no_operation_is_guessed(world: World, document: str, name: str | None) -> None:
    assert await world.code(BUREAU, document, name) in ("BAD_DOCUMENT", "GRAPHQL_VALIDATION_FAILED")


INVALID = [
    "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "{ ...A } fragment A on Query { viewer { role } ...A }",
    "{ ...Missing }",
    "{ viewer { role } } fragment Unused on Query { __typename }",
    "{ ...F } fragment F on Nothing { id }",
    "{ ...F } fragment F on Station { id }",
    "{ viewer }",
    "{ viewer { role { x } } }",
    "{ a: stations(first: 1) { totalCount } a: stations(first: 2) { totalCount } }",
    "{ stations { nodes { x: id x: name } } }",
    "query($f: Int) { viewer { role } }",
    "{ stations(first: $f) { totalCount } }",
    "query($f: String) { stations(first: $f) { totalCount } }",
    "query($f: Int) { station(id: $f) { id } }",
    "query($f: Int, $f: Int) { stations(first: $f) { totalCount } }",
    "query($w: Station) { __typename }",
    "{ stations(first: 1, first: 2) { totalCount } }",
    '{ stations(where: {name: {eq: "a", eq: "b"}}) { totalCount } }',
    "{ node { id } }",
    "{ viewer { role @include } }",
    "{ viewer { role @unknown } }",
    "{ ... @defer { viewer { role } } }",
    "{ stations { nodes @stream { id } } }",
    "{ viewer { role @skip(if: true) @skip(if: false) } }",
    "query A { __typename } query A { __typename }",
    "query A { __typename } { __typename }",
    "mutation { recordVisit { id } }",
    "type Query { a: Int }",
    "{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }",
]  # fmt: skip


@pytest.mark.parametrize("document", INVALID)
async def test_an_invalid_document_is_refused(world: World, document: str) -> None:
    answer = await world.answer(BUREAU, document)
    assert (answer.status, answer.executed) == (422, False)
    assert await world.code(BUREAU, document) == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize(
    "document", ["", "{", "{ a(", "query { a } }", "{ a(b: '') }", '{ a(b: "', "\0", "汉"]
)
async def test_a_document_that_does_not_parse_is_refused(world: World, document: str) -> None:
    assert (await world.answer(BUREAU, document)).status == 400
    assert await world.code(BUREAU, document) == "GRAPHQL_PARSE_FAILED"


@pytest.mark.parametrize(
    "document",
    [
        "subscription { changes { id } }",
        "subscription S($a: Int) { a(b: $a) }",
        "subscription { __typename }",
    ],
)
async def test_a_subscription_needs_a_stream(world: World, document: str) -> None:
    """Whether it fits the schema or not: the client learns what it has to do first."""
    answer = await world.answer(BUREAU, document)
    assert (answer.status, answer.executed) == (422, False)
    assert await world.code(BUREAU, document) == "STREAM_NEEDED"


# ── ordinary execution ───────────────────────────────────────────────────────────────────────────────

FALLS_BACK = {
    "__schema", "__type", "accessLog", "schemaChanges", "viewer", "explainAccess", "explainList", "rules",
    "catalogues", "compliance", "complianceSummary", "quotas", "reportsDue", "staffGaps",
    "funds", "milestones", "reportDraft",
}  # fmt: skip
"""Root fields that graphql-core answers. One more must be meant: it is slow, and outside the slices."""


def test_what_falls_back_to_ordinary_execution(world: World) -> None:
    found = set()
    given = {
        "id": '(id: "Station:1")',
        "ids": '(ids: ["Station:1"])',
        "code": '(code: "45")',
        "beneficiary": '(beneficiary: "Beneficiary:450305:1")',
        "idNumber": '(idNumber: "459999195003070019", programme: DIBAO)',
        "person": '(person: {idNumber: "459999195003070019"}, programme: DIBAO)',
        "persons": '(persons: [{idNumber: "459999195003070019"}], programme: DIBAO)',
        "of": "(of: {stations: {}})",
        "jurisdiction": '(jurisdiction: "45")',
    }
    for name, field in schema(BUREAU).query_type.fields.items():  # type: ignore[union-attr]
        arguments = next((text for argument, text in given.items() if argument in field.args), "")
        if name == "compliance":
            arguments = '(of: "Station:1")'
        elif name == "reportDraft":
            arguments = '(kind: MONTHLY, contract: "Contract:1", from: "2026-01-01", until: "2026-01-31")'
        operation = world.engine.operation(BUREAU, f"{{ {name}{arguments} {{ __typename }} }}", None)
        found |= set(world.engine.way(BUREAU, operation, operation.variables({})).ordinary)
    for name, text in (("__schema", "__schema"), ("__type", '__type(name: "Query")')):
        operation = world.engine.operation(BUREAU, f"{{ {text} {{ __typename }} }}", None)
        assert set(world.engine.way(BUREAU, operation, operation.variables({})).ordinary) == {name}
        found.add(name)
    assert found == FALLS_BACK


def test_no_field_of_a_record_falls_back() -> None:
    """A field without a binding would send the whole root field to resolvers that only carry arguments."""
    types = whole()._schema.type_map
    without = [f"{n}.{f}" for n in TYPES for f, made in types[n].fields.items() if binding_of(made) is None]  # type: ignore[attr-defined]
    assert without == []


async def test_compiled_and_ordinary_fields_keep_their_order(world: World) -> None:
    document = """query($yes: Boolean!) {
      last: __typename
      who: viewer { role @skip(if: $yes) clientId }
      stations(first: 1) { totalCount }
      __schema { queryType { name } }
      division(code: "450305000000") { name }
      ... on Query { who: viewer { roleLabel } kind: __type(name: "Direction") { enumValues { name } } }
    }"""
    data = await world.ask(BUREAU, document, yes=True)
    assert list(data) == ["last", "who", "stations", "__schema", "division", "kind"]
    assert data["who"] == {"clientId": "test", "roleLabel": "民政部门"}
    assert data["kind"] == {"enumValues": [{"name": "ASC"}, {"name": "DESC"}]}
    assert data["stations"] == {"totalCount": 2}


@pytest.mark.parametrize(
    "who", [BUREAU, CONTRACTOR, AGENCY], ids=["bureau", "contractor", "agency"]
)  # fmt: skip
async def test_introspection_is_that_of_the_audience(world: World, who: Any) -> None:
    query = get_introspection_query(input_value_deprecation=True, specified_by_url=True)
    answered = await world.ask(who, query)
    assert answered == plainly(who, query).data
    assert print_schema(build_client_schema(answered)) == print_schema(schema(who))
