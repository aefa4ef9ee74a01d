"""Random groupings of random viewers: the numbers equal those that plain Python counts."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio

from hub.access.readable import countable
from hub.access.viewer import Viewer
from hub.domain.division import code_range
from hub.domain.names import camel
from hub.read import bind
from hub.read.bind import TYPES, GroupKey
from hub.read.conditions import binding_of
from tests.support.county import TODAY
from tests.support.oracle import Oracle, key_of
from tests.support.reading import (
    BUREAU,
    CONTRACTOR,
    JINJIANG,
    PROVINCE,
    QIXING,
    TOWNSHIP,
    World,
    small_world,
    viewer,
    without_minor,
)
from tests.support.reading import schema as schema_of
from tests.support.whole import WholeOracle

ROOTS: Final = {
    "stationsAggregate": "Station", "personnelAggregate": "Personnel", "contractorsAggregate": "Contractor",
    "contractsAggregate": "Contract", "householdsAggregate": "Household",
    "beneficiariesAggregate": "Beneficiary", "membershipsAggregate": "CategoryMembership",
    "assignmentsAggregate": "Assignment", "visitsAggregate": "Visit", "warningsAggregate": "Warning",
}  # fmt: skip
VIEWERS: Final = {
    "county": BUREAU, "province": PROVINCE, "jinjiang": viewer("bureau", JINJIANG), "township": TOWNSHIP,
    "contractor": CONTRACTOR, "contractor-2": viewer("contractor", None, 2),
    "older": without_minor(BUREAU), "contractor-older": without_minor(CONTRACTOR),
}  # fmt: skip
COUNTING: Final = viewer("agency", QIXING, scopes=["division.rs", "statistics.s", "field:minor"])
"""May count people and see none."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world(11) as world:
        yield world


def keys_of(who: Viewer, type_name: str) -> dict[str, GroupKey]:
    enum: Any = schema_of(who).type_map.get(f"{type_name}GroupBy")
    return {name: TYPES[type_name].group_keys[name] for name in (enum.values if enum else ())}


def value(oracle: Oracle, type_name: str, name: str, key: GroupKey, row: dict[str, Any]) -> str | None:
    found = row.get(key.column)
    if found is None:
        return None
    if key.target is not None:
        cls: Any = TYPES[type_name].cls
        relation = next(f for f in cls.__strawberry_definition__.fields if f.graphql_name == name or
                        camel(f.python_name) == name).metadata[bind.BINDING]  # fmt: skip
        return f"{key.target}:{found}" if oracle.related(relation, row) else None
    return {"month": str(found)[:7], "year": str(found)[:4]}.get(key.form, str(found))


@pytest.mark.parametrize("who", VIEWERS.values(), ids=VIEWERS)
async def test_random_groupings_equal_the_oracle(world: World, who: Viewer) -> None:
    oracle, rng, several = Oracle(world.rows, who, TODAY), random.Random(f"{who.role}"), 0
    query: Any = schema_of(who).query_type
    roots = [each for each in ROOTS.items() if each[0] in query.fields]
    for _ in range(60):
        root, type_name = rng.choice(roots)
        keys = keys_of(who, type_name)
        chosen = rng.sample(list(keys), min(len(keys), rng.choice([1, 1, 2, 3])))
        rows = oracle.seen(TYPES[type_name].table.name)
        condition = ""
        if "division_code" in TYPES[type_name].cls.__annotations__ and rng.random() < 0.4:
            lo, hi = code_range(rng.choice([QIXING, JINJIANG, "450305001000"]))
            condition = f'(where: {{divisionCode: {{within: "{lo}"}}}})'
            rows = [r for r in rows if r["division_code"] is not None and lo <= r["division_code"] < hi]
        groups = f"groups(by: [{' '.join(chosen)}]) {{ key count }}" if chosen else ""
        found = (await world.ask(who, f"{{ {root}{condition} {{ count {groups} }} }}"))[root]
        assert found["count"] == len(rows), (root, condition)
        if chosen:
            counted = Counter(
                tuple(value(oracle, type_name, name, keys[name], row) for name in chosen) for row in rows
            )
            assert {tuple(g["key"]): g["count"] for g in found["groups"]} == counted, (root, chosen)
            assert len(found["groups"]) == len(counted), "a group stands twice"
            several += len(counted) > 1
    assert several > 8, "the random groupings hardly told rows apart"


async def test_who_may_only_count_gets_rough_numbers(world: World) -> None:
    query = "{ beneficiariesAggregate { count groups(by: [riskLevel]) { key count } } }"
    exact = (await world.ask(BUREAU, query))["beneficiariesAggregate"]
    rough = (await world.ask(COUNTING, query))["beneficiariesAggregate"]
    smallest = world.engine.smallest

    def roughly(number: int) -> int | None:
        return None if number < smallest else int(number / smallest + 0.5) * smallest

    assert [g["key"] for g in rough["groups"]] == [g["key"] for g in exact["groups"]]
    assert [g["count"] for g in rough["groups"]] == [roughly(g["count"]) for g in exact["groups"]]
    assert rough["count"] == roughly(exact["count"])
    assert None in {g["count"] for g in rough["groups"]}


async def test_who_may_only_count_finds_nobody(world: World) -> None:
    assert countable(COUNTING.capability, "visit") is None
    for query in (
        "{ beneficiariesAggregate { groups(by: [birthOnYear]) { count } } }",
        "{ beneficiariesAggregate { groups(by: [station]) { count } } }",
        '{ beneficiariesAggregate(where: {name: {eq: "田"}}) { count } }',
        '{ beneficiariesAggregate(where: {birthOn: {gt: "2000-01-01"}}) { count } }',
        "{ beneficiariesAggregate(where: {memberships: {category: {eq: DIBAO}}}) { count } }",
        "{ visitsAggregate { count } }",
        "{ beneficiaries { totalCount } }",
    ):
        assert await world.code(COUNTING, query) == "GRAPHQL_VALIDATION_FAILED"


async def test_a_hidden_column_groups_nothing(world: World) -> None:
    plain = viewer("bureau", QIXING, scopes=["beneficiary.rs", "station.rs"])
    query = "{ beneficiariesAggregate { groups(by: [%s]) { key count } } }"
    assert (await world.ask(plain, query % "divisionCode"))["beneficiariesAggregate"]["groups"]
    for hidden in ("riskLevel", "birthOnMonth"):
        assert await world.code(plain, query % hidden) == "GRAPHQL_VALIDATION_FAILED"
    assert await world.code(viewer("bureau", QIXING, scopes=["beneficiary.rs"]), query % "station") == (
        "GRAPHQL_VALIDATION_FAILED"
    )


async def test_keys_are_a_few_and_may_be_variables(world: World) -> None:
    query = "query($by: [BeneficiaryGroupBy!]!) { beneficiariesAggregate { groups(by: $by) { key } } }"
    one = await world.ask(BUREAU, query, by=["riskLevel"])
    other = await world.ask(BUREAU, query, by=["divisionCode", "riskLevel"])
    assert {len(g["key"]) for g in one["beneficiariesAggregate"]["groups"]} == {1}
    assert {len(g["key"]) for g in other["beneficiariesAggregate"]["groups"]} == {2}
    for by in ([], ["riskLevel"] * 4):
        assert await world.code(BUREAU, query, by=by) == "BAD_ARGUMENT"


def relations(who: Viewer) -> list[tuple[str, str, str, bind.Counted]]:
    """Every aggregate beside a relation of something that is listed: root, its type, field and binding."""
    query: Any = schema_of(who).query_type
    found = []
    for root, field in query.fields.items():
        binding = binding_of(field)
        if isinstance(binding, bind.RootMany) and binding.target != "Division":
            type_: Any = schema_of(who).type_map[binding.target]
            beside = {name: binding_of(f) for name, f in type_.fields.items()}
            found += [(root, binding.target, n, b) for n, b in beside.items() if isinstance(b, bind.Counted)]
    return found


@pytest.mark.parametrize("who", VIEWERS.values(), ids=VIEWERS)
async def test_numbers_of_relations_equal_the_oracle(world: World, who: Viewer) -> None:
    oracle, rng, counted = WholeOracle(world.rows, who, TODAY), random.Random(f"{who.role}r"), 0
    for root, type_name, name, binding in relations(who):
        keys = keys_of(who, binding.target)
        chosen = rng.sample(list(keys), min(len(keys), rng.choice([1, 1, 2])))
        groups = f"groups(by: [{' '.join(chosen)}]) {{ key count }}" if chosen else ""
        whole = f"{{ {root}(first: 200) {{ nodes {{ id {name} {{ count {groups} }} }} }} }}"
        nodes = (await world.ask(who, whole))[root]["nodes"]
        table = TYPES[type_name].table.name
        rows = {":".join([type_name, *map(str, key_of(table, row))]): row for row in oracle.seen(table)}
        assert {node["id"] for node in nodes} == rows.keys()
        for node in nodes:
            related = oracle.related(binding.relation, rows[node["id"]])
            assert node[name]["count"] == len(related), (root, name)
            if chosen:
                kinds = Counter(
                    tuple(value(oracle, binding.target, key, keys[key], row) for key in chosen)
                    for row in related
                )
                assert {tuple(g["key"]): g["count"] for g in node[name]["groups"]} == kinds, (root, name)
            counted += len(related)
    assert counted > 30


async def test_numbers_of_relations_meet_conditions(world: World) -> None:
    query = """query($w: VisitWhere) { stations { nodes {
      visits(where: $w) { totalCount } visitsAggregate(where: $w) { count again: count __typename } } } }"""
    for where in ({}, {"visitedOn": {"gte": "2026-01-01"}}, {"beneficiary": {"search": "张1"}}):
        for node in (await world.ask(BUREAU, query, w=where))["stations"]["nodes"]:
            count = node["visits"]["totalCount"]
            expected = {"count": count, "again": count, "__typename": "VisitAggregate"}
            assert node["visitsAggregate"] == expected
    wrong = "{ stations { nodes { visitsAggregate { groups(by: []) { key } } } } }"
    assert await world.code(BUREAU, wrong) == "BAD_ARGUMENT"


async def test_who_may_only_count_gets_rough_numbers_of_a_place(world: World) -> None:
    """As much as grouping all by their division tells, and no more."""
    numbers = "residentsAggregate { count groups(by: [riskLevel]) { count } }"
    whole = f'{{ division(code: "450305001000") {{ {numbers} }} }}'
    all_ = "{ beneficiariesAggregate { groups(by: [divisionCode]) { key count } } }"
    place = (await world.ask(COUNTING, whole))["division"]["residentsAggregate"]
    found = (await world.ask(COUNTING, all_))["beneficiariesAggregate"]["groups"]
    assert place["count"] == next(g["count"] for g in found if g["key"] == ["450305001000"])
    assert None in {g["count"] for g in place["groups"]}
    elsewhere = whole.replace("450305001000", "350582103000")
    assert (await world.ask(COUNTING, elsewhere))["division"]["residentsAggregate"]["count"] is None
    assert await world.code(COUNTING, "{ divisions { nodes { residents { totalCount } } } }") == (
        "GRAPHQL_VALIDATION_FAILED"
    )


async def test_too_many_groups_are_refused_wherever_they_stand(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Never left out: a row whose numbers are too many would be missing from its list."""
    monkeypatch.setattr("hub.read.counting.MAX_GROUPS", 2)
    groups = "visitsAggregate { few: groups(by: [visitedOnMonth]) { key } }"
    for query in (f"{{ {groups} }}", f"{{ stations {{ nodes {{ {groups} }} }} }}"):
        assert await world.code(BUREAU, query) == "LIMIT_EXCEEDED"
