"""Random operations over the whole schema of an audience, as wide and as deep as clients write them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any, Final

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)

PAGES: Final = (1, 3, 10, 10, 30, 50, 200)
DEPTH: Final = 3
SOME: Final = 0.45
"""How likely a field is chosen; a list inside one, less."""


@dataclass
class Wild:
    """Writes operations; every row has its ``id``, by which rows of the answer are known."""

    schema: GraphQLSchema
    rng: random.Random
    left_out: frozenset[str] = frozenset()
    """Root fields that are not asked."""

    def operation(self) -> str:
        query = self.schema.query_type
        assert query is not None
        roots = [
            name
            for name, field in query.fields.items()
            if get_named_type(field.type).name.endswith(("Connection", "Aggregate"))
            and name not in self.left_out
        ]
        return f"{{ {self.field(self.rng.choice(roots), query, DEPTH)} }}"

    def field(self, name: str, parent: GraphQLObjectType, depth: int) -> str:
        field = parent.fields[name]
        type_: Any = get_named_type(field.type)
        if type_.name.endswith("Connection"):
            return f"{name}{self.arguments(field, depth == DEPTH)} {self.connection(type_, depth)}"
        if type_.name.endswith("Aggregate"):
            return f"{name}{self.arguments(field, True)} {self.aggregate(type_)}"
        return f"{name} {self.row(type_, depth)}"

    def arguments(self, field: GraphQLField, root: bool) -> str:
        given = []
        if "first" in field.args:
            given.append(f"first: {self.rng.choice(PAGES)}")
        if "orderBy" in field.args and self.rng.random() < 0.3:
            keys: Any = get_named_type(field.args["orderBy"].type)
            given.append(
                f"orderBy: [{{{self.rng.choice(list(keys.fields))}: {self.rng.choice(['ASC', 'DESC'])}}}]"
            )
        if "where" in field.args and self.rng.random() < (0.4 if root else 0.1):
            tests = self.tests(get_named_type(field.args["where"].type))
            if tests:
                given.append(f"where: {{{tests}}}")
        return f"({', '.join(given)})" if given else ""

    def tests(self, where: Any) -> str:
        """A test of one column with few values; others would hardly ever meet a row."""
        found = []
        for name, field in where.fields.items():
            inner: Any = get_named_type(field.type)
            value: Any = (
                get_named_type(inner.fields["eq"].type) if "eq" in getattr(inner, "fields", ()) else None
            )
            if isinstance(value, GraphQLEnumType):
                found.append(f"{name}: {{eq: {self.rng.choice(list(value.values))}}}")
            elif value is not None and value.name == "Date":
                found.append(f'{name}: {{gte: "20{self.rng.randint(20, 26)}-03-01"}}')
        return self.rng.choice(found) if found else ""

    def connection(self, type_: GraphQLObjectType, depth: int) -> str:
        node: Any = get_named_type(type_.fields["nodes"].type)
        rows = self.row(node, depth)
        match self.rng.randint(0, 9):
            case 0:
                return "{ totalCount }"
            case 1:
                return f"{{ edges {{ cursor node {rows} }} pageInfo {{ endCursor hasNextPage }} }}"
            case 2 | 3:
                return f"{{ totalCount nodes {rows} }}"
        return f"{{ nodes {rows} }}"

    def aggregate(self, type_: GraphQLObjectType) -> str:
        if "groups" not in type_.fields or self.rng.random() < 0.3:
            return "{ count }"
        keys: Any = get_named_type(type_.fields["groups"].args["by"].type)
        by = self.rng.sample(list(keys.values), min(len(keys.values), self.rng.choice([1, 1, 2])))
        return f"{{ count groups(by: [{', '.join(by)}]) {{ key count }} }}"

    def row(self, type_: GraphQLObjectType, depth: int) -> str:
        chosen = ["id"] if "id" in type_.fields else []
        for name, field in type_.fields.items():
            if is_leaf_type(get_named_type(field.type)):
                if self.rng.random() < SOME and name != "id":
                    chosen.append(name)
            elif name == "provenance":
                if self.rng.random() < 0.03:
                    chosen.append("provenance { field source observedAt }")
            elif depth > 1 and self.rng.random() < SOME / 2:
                chosen.append(self.field(name, type_, depth - 1))
        return f"{{ {' '.join(chosen or ['__typename'])} }}"
