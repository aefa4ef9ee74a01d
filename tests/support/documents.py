"""Random documents over a known answer, and what graphql-core itself makes of them.

``WIDE`` is asked once in plain form. Any document that selects less of it, under other names, in
fragments, with ``@include`` and ``@skip``, is then answered twice: by the read engine from the database,
and by graphql-core from that answer.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from graphql import GraphQLObjectType, GraphQLSchema, build_schema, execute_sync, get_named_type, parse

WIDE: Final = """{
  stations(first: 5, orderBy: [{name: DESC}]) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { id name kind } }
    nodes {
      id name kind status divisionCode openedOn phone
      division { id code name level isPilotTown }
      operator { id name kind }
      personnel(first: 3) { totalCount nodes { id name idNumber kind isFullTime employer { id } } }
      visits(first: 2) { nodes { id visitedOn purpose worker { id name } } pageInfo { endCursor } }
    }
  }
  contracts(first: 4) {
    totalCount
    nodes { id number amount startsOn contractor { id name } stations(first: 2) { nodes { id name } } }
  }
  division(code: "450305000000") { id code name parent { id name level } }
}"""
ARGUMENTS: Final = {
    "Query.stations": "(first: 5, orderBy: [{name: DESC}])",
    "Query.contracts": "(first: 4)",
    "Query.division": '(code: "450305000000")',
    "Station.personnel": "(first: 3)",
    "Station.visits": "(first: 2)",
    "Contract.stations": "(first: 2)",
}
VARIABLES: Final = "($yes: Boolean! = true, $no: Boolean = false, $maybe: Boolean!)"


def without_resolvers(sdl: str) -> GraphQLSchema:
    """A schema whose fields are read from dictionaries."""
    return build_schema(sdl)


def expected(schema: GraphQLSchema, document: str, data: Any, **variables: Any) -> Any:
    result = execute_sync(schema, parse(document), root_value=data, variable_values=variables)
    assert not result.errors, (document, result.errors)
    return result.data


@dataclass
class Scribe:
    """Writes a document that selects at random from ``data``, an answer of ``schema``."""

    rng: random.Random
    schema: GraphQLSchema
    fragments: list[str] = field(default_factory=list)
    arguments: Mapping[str, str] = field(default_factory=lambda: ARGUMENTS)

    def document(self, data: Any) -> str:
        query = self.schema.query_type
        assert query is not None
        body = self.selection(query, data)
        return " ".join([f"query Asked{VARIABLES} {body}", *self.fragments])

    def selection(self, type_: GraphQLObjectType, data: Any) -> str:
        parts = [self.part(type_, data) for _ in range(self.rng.randint(1, 5))]
        # Some part must be there whatever the directives say, and every variable used somewhere.
        return "{ " + " ".join(["__typename", *parts]) + " }"

    def part(self, type_: GraphQLObjectType, data: Any) -> str:
        shown = self.field(type_, data)
        match self.rng.randint(0, 5):
            case 0:
                return f"... on {type_.name}{self.directive()} {{ {shown} {self.field(type_, data)} }}"
            case 1:
                return f"...{self.directive()} {{ {shown} }}"
            case 2:
                name = f"F{len(self.fragments)}"
                self.fragments.append("")  # its place, before those inside take theirs
                body = f"fragment {name} on {type_.name} {{ {shown} {self.field(type_, data)} }}"
                self.fragments[int(name[1:])] = body
                return f"...{name}{self.directive()}"
        return shown

    def field(self, type_: GraphQLObjectType, data: Any) -> str:
        some = next((row for row in data if row), {}) if isinstance(data, list) else data or {}
        name = self.rng.choice(["__typename", *some])
        if name == "__typename":
            return f"{self.alias(name)}__typename{self.directive()}"
        below = self.below(data, name)
        inner = get_named_type(type_.fields[name].type)
        arguments = self.arguments.get(f"{type_.name}.{name}", "")
        nested = f" {self.selection(inner, below)}" if isinstance(inner, GraphQLObjectType) else ""
        return f"{self.alias(name)}{name}{arguments}{self.directive()}{nested}"

    @staticmethod
    def below(data: Any, name: str) -> Any:
        found = [row[name] for row in (data if isinstance(data, list) else [data]) if row]
        found = [value for value in found if value]
        if found and isinstance(found[0], list):
            return [entry for value in found for entry in value]
        return found

    def alias(self, name: str) -> str:
        """One of few, so that selections merge."""
        return self.rng.choice(["", "", f"other_{name}: ", f"x{len(name)}_{name}: "])

    def directive(self) -> str:
        if self.rng.random() < 0.7:
            return ""
        name = self.rng.choice(["include", "skip"])
        return f" @{name}(if: {self.rng.choice(['true', 'false', '$yes', '$no', '$maybe'])})"
