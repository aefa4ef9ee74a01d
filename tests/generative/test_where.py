"""Random conditions of random viewers: the rows they leave are those a plain reading leaves."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from graphql import GraphQLInputObjectType, GraphQLSchema, get_named_type

from hub.access.viewer import Viewer
from hub.read import bind
from hub.read.bind import TYPES
from hub.read.conditions import binding_of
from tests.support.county import TODAY
from tests.support.names import is_found
from tests.support.oracle import Row, key_of
from tests.support.reading import (
    DONGJIANG,
    GUANGXI,
    JINJIANG,
    OPERATOR,
    STAMP,
    World,
    schema,
    small_world,
    viewer,
    without_minor,
)
from tests.support.whole import WholeOracle

ROUNDS = 100
VIEWERS = [
    viewer("bureau", GUANGXI),
    viewer("bureau", JINJIANG),
    viewer("township", DONGJIANG),
    viewer("contractor", None, 2),
    viewer("contractor", None, 3),
    OPERATOR,
    without_minor(viewer("bureau", GUANGXI)),
]


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=[3, 11])
async def world(request: pytest.FixtureRequest) -> AsyncIterator[World]:
    async with small_world(request.param) as made:
        yield made


@dataclass
class Reader:
    """Writes conditions as variables, and reads them in plain Python: NULL meets no test."""

    rng: random.Random
    oracle: WholeOracle
    schema: GraphQLSchema

    def where(self, type_name: str, depth: int) -> dict[str, Any]:
        made = self.input(f"{type_name}Where")
        names = [n for n in made.fields if depth or n not in ("and", "or", "not")]
        chosen = self.rng.sample(names, min(len(names), self.rng.choice([1, 1, 2])))
        found = {name: self.condition(type_name, made, name, depth) for name in chosen}
        return {name: value for name, value in found.items() if value is not None}

    def condition(self, type_name: str, made: GraphQLInputObjectType, name: str, depth: int) -> Any:
        if name in ("and", "or"):
            return [self.where(type_name, depth - 1) for _ in range(self.rng.choice([0, 1, 2, 3]))]
        if name == "not":
            return self.where(type_name, depth - 1)
        binding = binding_of(made.fields[name])
        if isinstance(binding, bind.One | bind.Many):
            known = depth and binding.target != "Division"  # of which the oracle has no rows
            return self.where(binding.target, depth - 1) if known else None
        if isinstance(binding, bind.Provenance):
            return None  # has a plain reading of its own, tests/generative/test_provenance.py
        if isinstance(binding, bind.Search):
            name = self.rng.choice(self.oracle.rows[TYPES[type_name].table.name])["name"]
            return self.rng.choice([name, name[-2:], "zh", "fwz", "张1", "sheg"])
        if isinstance(binding, bind.Span):
            return (TODAY + dt.timedelta(days=self.rng.randint(-400, 400))).isoformat()
        return self.test(type_name, binding.column, self.named(made.fields[name].type))

    def test(self, type_name: str, column: str, made: GraphQLInputObjectType) -> dict[str, Any]:
        table = TYPES[type_name].table.name
        rows = self.oracle.seen(table) if self.rng.random() < 0.7 else self.oracle.rows[table]
        values = [row[column] for row in rows if row.get(column) is not None] or self.any(made)
        value, other = self.rng.choice(values), self.rng.choice(values)
        operator = self.rng.choice(list(made.fields))
        if operator == "isNull":
            return {"isNull": self.rng.random() < 0.5}
        if operator == "has":
            return {"has": self.rng.choice([*value, "OTHER"])}
        if operator == "within":
            return {"within": str(value)[: self.rng.choice([2, 4, 6, 9, 12])]}
        if operator == "in":
            return {"in": self.rng.choice([[value], [value, other], []])}
        shown = value.isoformat() if isinstance(value, dt.date) else value
        return {operator: shown}

    def any(self, made: GraphQLInputObjectType) -> list[Any]:
        if "lte" in made.fields:
            return [TODAY if "eq" in made.fields else STAMP]
        if "has" in made.fields:
            return [["OTHER"]]
        values = getattr(get_named_type(made.fields["eq"].type), "values", None)
        return list(values) if values else ["450305000000"]

    def input(self, name: str) -> GraphQLInputObjectType:
        return self.named(self.schema.type_map[name])

    @staticmethod
    def named(type_: Any) -> GraphQLInputObjectType:
        named = get_named_type(type_)
        assert isinstance(named, GraphQLInputObjectType)
        return named

    # ── in plain words ───────────────────────────────────────────────────────────────────────────

    def meets(self, type_name: str, row: Row, where: dict[str, Any]) -> bool:
        return all(self._meets(type_name, row, name, value) for name, value in where.items())

    def _meets(self, type_name: str, row: Row, name: str, value: Any) -> bool:
        if name == "and":
            return all(self.meets(type_name, row, part) for part in value)
        if name == "or":
            return any(self.meets(type_name, row, part) for part in value)
        if name == "not":
            return not self.meets(type_name, row, value)
        binding = binding_of(self.input(f"{type_name}Where").fields[name])
        if isinstance(binding, bind.One | bind.Many):
            related = self.oracle.related(binding, row)
            return any(self.meets(binding.target, there, value) for there in related)
        if isinstance(binding, bind.Search):
            return is_found(TYPES[type_name].table.name, row["name"], value)
        if isinstance(binding, bind.Span):
            day, begins, ends = dt.date.fromisoformat(value), row.get(binding.starts), row.get(binding.ends)
            return (begins is None or begins <= day) and (ends is None or ends >= day)
        return all(_passes(row.get(binding.column), op, given) for op, given in value.items())


def _passes(found: Any, operator: str, given: Any) -> bool:
    if operator == "isNull" or found is None:
        return operator == "isNull" and (found is None) is given
    if isinstance(found, dt.date):
        given = type(found).fromisoformat(given)
    match operator:
        case "has":
            return given in found
        case "eq":
            return bool(found == given)
        case "in":
            return found in given
        case "within":
            widths = [width for width in (2, 4, 6, 9, 12) if not given[width:].strip("0")]
            return bool(found.startswith(given[: widths[0]]))
        case "lt":
            return bool(found < given)
        case "lte":
            return bool(found <= given)
        case "gt":
            return bool(found > given)
    return bool(found >= given)


def roots(made: GraphQLSchema) -> dict[str, str]:
    """Lists of all rows that the oracle holds, and their types."""
    query = made.query_type
    assert query is not None
    bindings = {name: binding_of(field) for name, field in query.fields.items()}
    lists = {name: b.target for name, b in bindings.items() if isinstance(b, bind.RootMany) and not b.only}
    return {name: target for name, target in lists.items() if target != "Division"}


@pytest.mark.parametrize("who", VIEWERS, ids=lambda v: f"{v.role}-{v.division_code or v.organisation_id}")
async def test_random_conditions_leave_the_rows_of_a_plain_reading(world: World, who: Viewer) -> None:
    oracle, made = WholeOracle(world.rows, who, TODAY), schema(who)
    rng = random.Random(f"{who.role} {who.division_code} {who.organisation_id}")
    reader, lists = Reader(rng, oracle, made), roots(made)
    some = 0
    for _ in range(ROUNDS):
        root, type_name = rng.choice(list(lists.items()))
        table, where = TYPES[type_name].table.name, reader.where(type_name, 3)
        query = (
            f"query($w: {type_name}Where) {{ {root}(first: 200, where: $w) {{ totalCount nodes {{ id }} }} }}"
        )
        rows = oracle.seen(table)
        left = [row for row in rows if reader.meets(type_name, row, where)]
        expected = {":".join([type_name, *map(str, key_of(table, row))]) for row in left}
        page = (await world.ask(who, query, w=where))[root]
        assert {node["id"] for node in page["nodes"]} == expected, (root, where)
        assert page["totalCount"] == len(expected)
        some += 0 < len(left) < len(rows)
    assert some >= 5, "the conditions hardly told rows apart"
