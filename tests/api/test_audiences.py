"""Each audience's schema: what a client may not read does not exist for it, and what exists is answered."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    validate_schema,
)

from graphql_schema.schema import audience
from hub.access.scopes import DEFAULT_SCOPES, SUPPORTED
from hub.access.slices import COUNTED, SLICES, resource_of
from hub.access.viewer import Viewer
from hub.domain.names import camel
from hub.read import bind
from hub.read.bind import TYPES
from hub.read.conditions import binding_of
from hub.store.roles import ROLES
from hub.tables import GROUPS
from tests.support.reading import DONGJIANG, QIXING, VIEWERS, World, schema, small_world, viewer

PLACES = {"bureau": (QIXING, None), "township": (DONGJIANG, None), "contractor": (None, 1)} | {
    "agency": (QIXING, None),
    "operator": (None, None),
}


def of_role(role: str, scopes: list[str] | tuple[str, ...]) -> Viewer:
    division, organisation = PLACES[role]
    return viewer(role, division, organisation, scopes)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        yield made


def names(made: GraphQLSchema, type_name: str) -> set[str]:
    type_ = made.type_map.get(type_name)
    return set(type_.fields) if isinstance(type_, GraphQLObjectType | GraphQLInputObjectType) else set()


# ── by hand ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("scopes", "more"),
    [
        (DEFAULT_SCOPES["agency"], set()),
        (SUPPORTED, {"beneficiariesAggregate", "membershipsAggregate", "watches"}),
    ],
    ids=["default", "every"],
)
def test_an_agency_can_ask_one_question(scopes: tuple[str, ...], more: set[str]) -> None:
    """Whatever scopes it was registered with; one of them lets it count people, roughly, another be told of
    the answer when it changes."""
    made = schema(of_role("agency", scopes))
    of_everybody = {"node", "nodes", "division", "divisions", "formerDivisions", "viewer", "schemaChanges"}
    of_everybody |= {"explainAccess", "explainList", "rules", "catalogues"}
    assert names(made, "Query") == {
        "beneficiaryStatus",
        "eligibility",
        "eligibilities",
        *of_everybody,
        *more,
    }
    assert names(made, "Division") == {
        "id", "code", "name", "fullName", "level", "kind", "isPilotTown", "isUrbanSubdistrict", "parent",
        "children", "childrenAggregate", "former", "formerAggregate",
        *(("residentsAggregate",) if more else ()),
    }  # fmt: skip
    assert names(made, "BeneficiaryStatus") == {"entitled", "programme", "on"}
    assert names(made, "Eligibility") == {"answer", "asOf", "validUntil", "programme", "on"}
    assert not {"Beneficiary", "CategoryMembership", "Station"} & set(made.type_map)
    assert ("BeneficiaryWhere" in made.type_map) == bool(more)


@pytest.mark.parametrize("scopes", ["default", "every"])
def test_an_operator_sees_no_person(scopes: str) -> None:
    made = schema(of_role("operator", SUPPORTED if scopes == "every" else DEFAULT_SCOPES["operator"]))
    assert names(made, "Query") <= {
        "node", "nodes", "division", "divisions", "formerDivisions", "station", "stations", "contractor",
        "contractors",
        "sources", "sourceDrifts", "viewer", "stationsAggregate", "contractorsAggregate", "schemaChanges",
        "explainAccess", "explainList", "rules", "catalogues",
    }  # fmt: skip
    personal = {"Beneficiary", "Household", "Personnel", "Visit", "Assignment", "QuarantinedRow", "Contract"}
    assert not personal & set(made.type_map)
    assert not {"contactName", "contactPhone", "provenance"} & names(made, "Contractor")


CREDENTIALS = {
    ("Beneficiary", "idNumber"), ("Beneficiary", "disabilityCertificate"), ("Personnel", "idNumber"),
    ("QuarantinedRow", "raw"),
}  # fmt: skip


@pytest.mark.parametrize("role", ["township", "contractor"])
def test_full_numbers_are_the_bureaus(role: str) -> None:
    bureau, other = schema(of_role("bureau", SUPPORTED)), schema(of_role(role, SUPPORTED))
    for type_name, field in CREDENTIALS:
        assert field in names(bureau, type_name)
        assert field not in names(other, type_name)
    assert {"name", "idNumberMasked", "guardianName", "riskLevel"} <= names(other, "Beneficiary")


@pytest.mark.parametrize(
    ("scope", "type_name", "fields"),
    [
        ("field:identity", "Beneficiary", {"name", "birthOn", "sex", "idNumberMasked"}),
        ("field:contact", "Beneficiary", {"address", "phone"}),
        ("field:care", "Beneficiary", {"riskLevel", "selfCare", "deceasedOn"}),
        ("field:minor", "Beneficiary", {"guardianName", "school"}),
        ("field:credential", "Beneficiary", {"idNumber"}),
        ("field:care", "CategoryMembership", {"category", "startsOn", "monthlyAmount"}),
        ("field:care", "Visit", {"textRecord"}),
    ],
)
def test_a_group_that_is_not_granted_is_neither_shown_nor_filtered_nor_sorted(
    scope: str, type_name: str, fields: set[str]
) -> None:
    whole = schema(of_role("bureau", SUPPORTED))
    made = schema(of_role("bureau", tuple(s for s in SUPPORTED if s != scope)))
    for suffix in ("", "Where", "OrderBy"):
        assert names(whole, type_name + suffix) - names(made, type_name + suffix) >= (
            fields & names(whole, type_name + suffix)
        )
        assert not fields & names(made, type_name + suffix)


@pytest.mark.parametrize(
    ("scope", "gone"),
    [
        ("visit.crs", {"Query.visits", "Beneficiary.visits", "BeneficiaryWhere.visits", "Contract.visits"}),
        ("contract.crs", {"Query.contracts", "Station.contracts", "VisitWhere.contract"}),
        ("assignment.crs", {"Query.assignments", "Contract.beneficiaries", "Beneficiary.contracts"}),
        ("source.rs", {"Query.sources", "QuarantinedRow.source"}),
        ("status.r", {"Query.beneficiaryStatus"}),
        ("beneficiary.rs", {"Household.members", "Visit.beneficiary", "Division.residents"}),
    ],
)  # fmt: skip
def test_a_resource_that_is_not_granted_is_reached_by_no_way(scope: str, gone: set[str]) -> None:
    whole = schema(of_role("bureau", SUPPORTED))
    made = schema(of_role("bureau", tuple(s for s in SUPPORTED if s != scope)))
    for place in gone:
        type_name, _, field = place.partition(".")
        assert field in names(whole, type_name), place
        assert field not in names(made, type_name), place


@pytest.mark.parametrize(
    "query",
    [
        '{ beneficiaries(where: {idNumberHash: {eq: "x"}}) { totalCount } }',
        '{ beneficiaries(where: {idNumber: {eq: "x"}}) { totalCount } }',
        '{ beneficiaries(where: {countyCode: {eq: "450305"}}) { totalCount } }',
        "{ beneficiaries(orderBy: [{idNumberMasked: ASC}]) { totalCount } }",
        "{ beneficiaries(orderBy: [{phone: ASC}]) { totalCount } }",
        '{ visits(where: {beneficiary: {idNumberHash: {eq: "x"}}}) { totalCount } }',
        "{ sources { nodes { location } } }",
        "{ sources { nodes { checkpoint } } }",
        "{ visits { nodes { contentHash } } }",
        "{ quarantinedRows { nodes { contentHash } } }",
    ],
)
async def test_internal_columns_are_nobodys(world: World, query: str) -> None:
    for who in VIEWERS.values():
        assert await world.code(who, query) == "GRAPHQL_VALIDATION_FAILED"


# ── by rule ──────────────────────────────────────────────────────────────────────────────────────────


def wishes(count: int) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Roles and scopes: the default, every one, none, and some at random."""
    rng = random.Random(count)
    for role in ROLES:
        yield role, DEFAULT_SCOPES[role]
        yield role, SUPPORTED
        yield role, ()
        for _ in range(count):
            yield role, tuple(scope for scope in SUPPORTED if rng.random() < 0.6)


WISHES = list(wishes(3))
IDS = [f"{role}-{i}" for i, (role, _) in enumerate(WISHES)]


QUOTED = {("FieldOverride", "value"), ("CorrectionRequest", "value")}
"""Shown to whom the field is that they speak of, see ``test_overrides`` and ``test_corrections``."""


@pytest.mark.parametrize(("role", "scopes"), WISHES, ids=IDS)
def test_a_schema_shows_no_more_than_slice_and_scopes(role: str, scopes: tuple[str, ...]) -> None:
    """Restated from the two tables, column by column, and not from ``readable``."""
    made = schema(of_role(role, scopes))
    assert validate_schema(made) == []
    groups = {"public", *(g for g in GROUPS if f"field:{g}" in scopes)}
    resources = {scope.partition(".")[0] for scope in scopes if not scope.startswith("field:")}
    for bound_type in TYPES.values():
        slice_ = SLICES[role].get(bound_type.table.name)
        open_ = slice_ is not None and not slice_.under and resource_of(bound_type.table.name) in resources
        for suffix in ("", "Where", "OrderBy"):
            for field in names(made, bound_type.name + suffix) - {"and", "or", "not"}:
                if not open_:
                    assert suffix == "Where", f"{bound_type.name}{suffix}"
                    assert field in countable_by(role, bound_type.table.name, resources), field
                    continue
                column = next((c for c in bound_type.table.c if camel(c.name) == field), None)
                if column is not None and field != "id" and (bound_type.name, field) not in QUOTED:
                    assert slice_ is not None
                    assert column.info["group"] in slice_.groups & groups, f"{bound_type.name}.{field}"


def countable_by(role: str, table: str, resources: set[str]) -> set[str]:
    """Conditions of rows that may be counted and not seen: columns, and divisions above them."""
    counted = COUNTED.get(role, {}).get(table)
    if counted is None or "statistics" not in resources:
        return set()
    return {*map(camel, counted.tested), *(("division",) if "division" in resources else ())}


def everything(made: GraphQLSchema) -> Iterator[str]:
    """Queries that together name every field, filter and sort key that a list leads to at once."""
    query = made.query_type
    assert query is not None
    for name, field in query.fields.items():
        binding = binding_of(field)
        if isinstance(binding, bind.RootAggregate):
            yield from numbers(made, name, field)
        if not isinstance(binding, bind.RootMany):
            continue
        target = made.type_map[binding.target]
        assert isinstance(target, GraphQLObjectType)
        yield f"{{ {name}(first: 3) {{ totalCount nodes {{ {' '.join(fields_of(target))} }} }} }}"
        if "orderBy" in field.args:
            for key in input_of(field.args["orderBy"].type).fields:
                page = "nodes { id } pageInfo { endCursor }"
                yield f"{{ {name}(first: 2, orderBy: [{{{key}: DESC}}]) {{ {page} }} }}"
        for key, given in input_of(field.args["where"].type).fields.items():
            yield f"{{ {name}(where: {{{key}: {some_condition(given.type)}}}) {{ totalCount }} }}"


def numbers(made: GraphQLSchema, name: str, field: GraphQLField) -> Iterator[str]:
    yield f"{{ {name} {{ count }} }}"
    by: Any = made.type_map.get(f"{get_named_type(field.type).name.removesuffix('Aggregate')}GroupBy")
    for key in by.values if by else ():
        yield f"{{ {name} {{ groups(by: [{key}]) {{ key count }} }} }}"
    for key, given in input_of(field.args["where"].type).fields.items():
        yield f"{{ {name}(where: {{{key}: {some_condition(given.type)}}}) {{ count }} }}"


def fields_of(type_: GraphQLObjectType) -> Iterator[str]:
    for name, field in type_.fields.items():
        match binding_of(field):
            case bind.One():
                yield f"{name} {{ id }}"
            case bind.Many():
                yield f"{name}(first: 2) {{ totalCount nodes {{ id }} }}"
            case bind.Counted():
                yield f"{name} {{ count }}"
            case bind.Provenance():
                yield f"{name} {{ field source sourceName recordKey observedAt receivedAt }}"
            case _:
                yield name


def input_of(type_: Any) -> GraphQLInputObjectType:
    named = get_named_type(type_)
    assert isinstance(named, GraphQLInputObjectType)
    return named


def some_condition(type_: Any) -> str:
    """A condition that this filter takes."""
    named = get_named_type(type_)
    if not isinstance(named, GraphQLInputObjectType):
        return '"2026-06-01"'
    if "within" in named.fields:
        return '{within: "4503"}'
    if "lte" in named.fields:
        return '{lte: "2026-06-01", gt: "2020-01-01"}' if "eq" in named.fields else "{isNull: true}"
    if "has" in named.fields:
        return '{has: "REQUIRED"}'
    if {"eq", "in"} <= set(named.fields):
        values = getattr(get_named_type(named.fields["eq"].type), "values", None)
        return f"{{eq: {next(iter(values))}}}" if values else '{in: ["a", "b"]}'
    return "{}"


@pytest.mark.parametrize(("role", "scopes"), WISHES, ids=IDS)
async def test_what_a_schema_shows_is_answered(world: World, role: str, scopes: tuple[str, ...]) -> None:
    """Under the role's own login: no field is shown whose column or table that login may not read."""
    who = of_role(role, scopes)
    for query in everything(audience(who.capability)):
        await world.ask(who, query)


async def test_what_may_be_read_is_said(world: World) -> None:
    for role, scopes in WISHES:
        who = of_role(role, scopes)
        data = await world.ask(who, "{ viewer { role roleLabel readable { name label groups allRows } } }")
        assert data["viewer"]["role"] == role
        shown = {entry["name"] for entry in data["viewer"]["readable"]}
        made = schema(who)
        assert {t.table.name for t in TYPES.values() if t.name in made.type_map} <= shown
        if role == "agency":
            assert shown <= {"division", "former_division", "watch"}
