"""Every kind of change that can break or surprise a client, each as a small schema, and whom it meets.

Each stands for a line or two of ``BEFORE`` that are replaced. ``meets``: the documents that use what changed,
with the path where they do; the others go on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from graphql import GraphQLSchema, build_schema

from hub.governance.changes import Severity

BEFORE: Final = """
directive @cached(seconds: Int, scope: Scope) repeatable on FIELD | FRAGMENT_SPREAD
enum Scope { OWN ALL }
enum Risk { LOW HIGH }
enum Order { ASC DESC }
interface Named { name: String }
interface Dated { since: String }
type Person implements Named & Dated { name: String since: String risk: Risk! age: Int! }
type Station implements Named { name: String }
union Found = Person | Station
scalar Day
input Where { risk: Risk risks: [Risk!] not: Where limit: Int = 5 on: Day }
type Query {
  person(id: ID! full: Boolean = true): Person
  people(where: Where order: Order): [Person!]!
  named: [Named!]!
  found: [Found!]!
  day: Day
}
"""

DOCUMENTS: Final = {
    "person": "query Person($id: ID!) { person(id: $id) { shown: name age risk } }",
    "given": "query Given { person(id: 1, full: false) { since } }",
    "people": "query People { people(where: {risk: HIGH, limit: 3}, order: ASC) { ...P } } "
    "fragment P on Person { name }",
    "variable": "query Sent($where: Where) { people(where: $where) { name } }",
    "named": "query Named { named { name ... on Station { name } } }",
    "found": "query Found { found { ... on Station { name } } }",
    "dated": "query Day { day @cached(seconds: 3) @cached(scope: ALL) }",
    "spread": "query Spread { people { ...Q @cached(seconds: 1) } } fragment Q on Person { since }",
}


@dataclass(frozen=True)
class Evolution:
    what: str
    old: str
    new: str
    coordinate: str
    severity: Severity = Severity.BREAKING
    meets: dict[str, str] = field(default_factory=dict)
    may_meet: tuple[str, ...] = ()

    @cached_property
    def after(self) -> GraphQLSchema:
        text = BEFORE
        for old, new in zip(self.old.split(" // "), self.new.split(" // "), strict=True):
            assert old in BEFORE, old
            text = text.replace(old, new)
        return build_schema(text)


DANGER, SAFE = Severity.DANGEROUS, Severity.SAFE

EVOLUTIONS: Final = (
    Evolution("FIELD_REMOVED", "age: Int!", "", "Person.age", meets={"person": "person.age"}),
    Evolution("FIELD_REMOVED", "on: Day", "", "Where.on", may_meet=("variable",)),
    Evolution("FIELD_CHANGED_KIND", "age: Int!", "age: Int", "Person.age", meets={"person": "person.age"}),
    Evolution(
        "FIELD_CHANGED_KIND",
        "limit: Int = 5",
        "limit: Float! = 5",
        "Where.limit",
        meets={"people": "people"},
        may_meet=("variable",),
    ),
    Evolution(
        "REQUIRED_INPUT_FIELD_ADDED",
        "on: Day",
        "on: Day must: Int!",
        "Where.must",
        meets={"people": "people"},
        may_meet=("variable",),
    ),
    Evolution("ARG_REMOVED", " full: Boolean = true", "", "Query.person(full:)", meets={"given": "person"}),
    Evolution(
        "ARG_CHANGED_KIND",
        "full: Boolean = true",
        "full: Int",
        "Query.person(full:)",
        meets={"given": "person"},
    ),
    Evolution(
        "REQUIRED_ARG_ADDED",
        "named: [Named",
        "named(kind: Int!): [Named",
        "Query.named(kind:)",
        meets={"named": "named"},
    ),
    Evolution(
        "VALUE_REMOVED_FROM_ENUM",
        "Risk { LOW HIGH }",
        "Risk { LOW }",
        "Risk.HIGH",
        meets={"people": "people"},
        may_meet=("variable",),
    ),
    Evolution(
        "TYPE_REMOVED",
        "union Found = Person | Station // found: [Found!]!",
        " // found: [Named!]!",
        "Found",
    ),
    Evolution(
        "TYPE_CHANGED_KIND",
        "scalar Day // on: Day",
        "type Day { year: Int } // on: Int",
        "Day",
        meets={"dated": "day"},
        may_meet=("variable",),
    ),
    Evolution(
        "TYPE_REMOVED_FROM_UNION",
        "Found = Person | Station",
        "Found = Person",
        "Found",
        meets={"found": "found"},
    ),
    Evolution(
        "IMPLEMENTED_INTERFACE_REMOVED",
        "type Station implements Named",
        "type Station",
        "Station",
        meets={"named": "named", "found": "found"},
    ),
    Evolution(
        "ONE_OF_ADDED",
        "input Where { risk: Risk risks: [Risk!] not: Where limit: Int = 5",
        "input Where @oneOf { risk: Risk risks: [Risk!] not: Where limit: Int",
        "Where",
        meets={"people": "people"},
        may_meet=("variable",),
    ),
    Evolution(
        "DIRECTIVE_REMOVED",
        "directive @cached(seconds: Int, scope: Scope) repeatable on FIELD | FRAGMENT_SPREAD",
        "",
        "@cached",
        meets={"dated": "day", "spread": "people"},
    ),
    Evolution("DIRECTIVE_ARG_REMOVED", ", scope: Scope)", ")", "@cached(scope:)", meets={"dated": "day"}),
    Evolution(
        "REQUIRED_DIRECTIVE_ARG_ADDED",
        "scope: Scope)",
        "scope: Scope, key: ID!)",
        "@cached(key:)",
        meets={"dated": "day", "spread": "people"},
    ),
    Evolution(
        "DIRECTIVE_REPEATABLE_REMOVED",
        " repeatable",
        "",
        "@cached",
        meets={"dated": "day", "spread": "people"},
    ),
    Evolution(
        "DIRECTIVE_LOCATION_REMOVED",
        " | FRAGMENT_SPREAD",
        "",
        "@cached",
        meets={"dated": "day", "spread": "people"},
    ),
    Evolution(
        "VALUE_ADDED_TO_ENUM", "LOW HIGH", "LOW HIGH MIDDLE", "Risk.MIDDLE", DANGER, {"person": "person.risk"}
    ),
    Evolution(
        "TYPE_ADDED_TO_UNION",
        "union Found = Person | Station",
        "type Dog { name: String } union Found = Person | Station | Dog",
        "Found",
        DANGER,
        {"found": "found"},
    ),
    Evolution(
        "IMPLEMENTED_INTERFACE_ADDED",
        "interface Named // type Station implements Named {",
        "interface Old { name: String } interface Named // type Station implements Named & Old {",
        "Station",
        DANGER,
        {"named": "named", "found": "found"},
    ),
    Evolution(
        "ARG_DEFAULT_VALUE_CHANGE",
        "full: Boolean = true",
        "full: Boolean = false",
        "Query.person(full:)",
        DANGER,
        {"person": "person"},
    ),
    Evolution(
        "INPUT_FIELD_DEFAULT_VALUE_CHANGE",
        "limit: Int = 5",
        "limit: Int = 6",
        "Where.limit",
        DANGER,
        {"people": "people"},
        ("variable",),
    ),
    Evolution("OPTIONAL_INPUT_FIELD_ADDED", "on: Day", "on: Day more: Int", "Where.more", SAFE),
    Evolution("VALUE_ADDED_TO_ENUM", "ASC DESC", "ASC DESC NONE", "Order.NONE", SAFE),
    Evolution("FIELD_ADDED", "age: Int!", "age: Int! sex: Int", "Person.sex", SAFE),
    Evolution("OPTIONAL_ARG_ADDED", "named: [Named", "named(kind: Int): [Named", "Query.named(kind:)", SAFE),
)
