"""Requests made to be expensive: documents that are refused, and huge variables."""

from __future__ import annotations

from typing import Any


def fragments(count: int, body: str, last: str = "id") -> str:
    """A chain: fragment i holds ``body``, in which ``$`` is the spread of fragment i + 1."""
    links = [f"fragment F{i} on Station {{ {body.replace('$', f'...F{i + 1}')} }}" for i in range(count)]
    return " ".join([*links, f"fragment F{count} on Station {{ {last} }}"])


def many(count: int, text: str) -> str:
    """``text`` so often; ``%`` is the number of each."""
    return " ".join(text.replace("%", str(i)) for i in range(count))


def nodes(text: str) -> str:
    return f"{{ stations {{ nodes {{ {text} }} }} }}"


def nested(count: int, opening: str, inside: str, closing: str) -> str:
    return opening * count + inside + closing * count


REFUSED = {
    "doubling fragments": nodes("...F0 ") + fragments(24, "$ $"),
    "doubling fragments, 60 of them": nodes("...F0 ") + fragments(60, "$ $"),
    "doubling fragments with fields": nodes("...F0 ")
    + fragments(24, "operator { stations { nodes { $ $ } } }"),
    "doubling inline fragments": nodes("...F0 ") + fragments(24, "... { $ } ... on Station { $ }"),
    "tenfold fragments": nodes("...F0 ") + fragments(12, "$ " * 10),
    "a long chain of fragments": nodes("...F0 ") + fragments(400, "$"),
    "an unused long chain of fragments": "{ __typename } " + fragments(400, "$"),
    "an unused doubling": "{ __typename } " + fragments(24, "$ $"),
    "a cycle": nodes("...A") + " fragment A on Station { ...B } fragment B on Station { ...A ...A }",
    "wide cycle": nodes("...F0 ") + many(150, "fragment F% on Station { ...F0 }"),
    "a field 2,000 times": nodes("id " * 2000),
    "a field 900 times": nodes("id " * 900),
    "a list 400 times": "{ " + many(400, "stations(first: 1) { totalCount }") + " }",
    "a deep field 150 times": "{ "
    + many(150, "stations { nodes { operator { stations { nodes { id } } } } }")
    + " }",
    "inline fragments": nodes(many(640, "... on Station { id }")),
    "spreads": nodes(many(250, "...F%")) + many(250, "fragment F% on Station { id }"),
    "spreads of many fields": nodes(many(100, "...F%"))
    + many(100, "fragment F% on Station { a:id b:id c:id d:id e:id f:id g:id }"),
    "conflicts": nodes(many(440, "a: id a: name")),
    "aliases": nodes(many(1200, "a%: id")),
    "lists": "{ " + many(300, "a%: stations { totalCount }") + " }",
    "questions": "{ "
    + many(120, 'a%: beneficiaryStatus(idNumber: "459999195003070019", programme: DIBAO) { entitled }')
    + " }",
    "depth": nested(30, "{ stations { nodes { operator ", "{ id }", " } } }"),
    "a little too deep": nested(7, "{ stations { nodes { operator ", "{ id }", " } } }"),
    "selections without end": "{ stations " * 1500,
    "inline fragments inside each other": nested(150, "{ ... ", "{ __typename }", " }"),
    "a literal of 100,000": "{ stations(where: {name: {in: [" + "1 " * 30_000 + "]}}) { totalCount } }",
    "a literal that is wrong": "{ stations(where: {name: {in: [" + "1 " * 3_900 + "]}}) { totalCount } }",
    "unknown input fields": "{ stations(where: {" + many(1_300, "a%: 1") + "}) { totalCount } }",
    "an input field again and again": "{ stations(where: {" + "name: {} " * 900 + "}) { totalCount } }",
    "conditions inside each other": "{ stations(where: "
    + nested(90, "{not: ", "{}", "}")
    + ") { totalCount } }"
    + "}",
    "related conditions": "{ stations(where: "
    + nested(11, "{operator: {stations: ", "{}", "}}")
    + ") { totalCount } }",
    "related conditions side by side": "{ stations(where: {and: ["
    + nested(3, "{operator: {stations: ", "{}", "}}") * 4
    + "]}) { totalCount } }",
    "conditions too deep": "{ stations(where: " + nested(900, "{not: ", "{}", "}") + ") { totalCount } }",
    "lists inside each other": "{ stations(first: " + nested(1500, "[", "1", "]") + ") { totalCount } }",
    "conditions": "{ stations(where: {or: [" + many(250, '{name: {eq: "%"}}') + "]}) { totalCount } }",
    "directives": "{ __typename " + "@include(if: true) " * 500 + "}",
    "unknown directives": "{ __typename " + "@a " * 1_900 + "}",
    "arguments": "{ stations(" + many(1_300, "a%: 1") + ") { totalCount } }",
    "variables": "query(" + many(990, "$a%: Int") + ") { __typename }",
    "types of variables": f"query($a: {nested(1500, '[', 'Int', ']')}) {{ __typename }}",
    "unknown fields": "{ " + many(990, "x%") + " }",
    "definitions of types": many(500, "type A% { a: Int }"),
    "unused fragments": "{ __typename } " + many(480, "fragment F% on Station { id }"),
    "operations": many(650, "query Q% { __typename }"),
    "operations over fragments": many(250, "query Q% { ...F0 }") + fragments(250, "$"),
    "introspection": "{ __schema { types { " + nested(6, "fields { type { ", "name", " } }") + " } } }",
    "a long name": "{ " + "a" * 60_000 + " }",
    "a long text": "{ " + " " * 70_000 + " __typename }",
    "comments": "#" * 70_000 + "\n{ __typename }",
}


WHERE = "query($w: StationWhere) { stations(where: $w) { totalCount } }"
NAMES = "query($n: [String!]) { stations(where: {name: {in: $n}}) { totalCount } }"


def deep(levels: int) -> dict[str, Any]:
    where: dict[str, Any] = {}
    for _ in range(levels):
        where = {"and": [where]}
    return where


def related(levels: int) -> dict[str, Any]:
    where: dict[str, Any] = {}
    for _ in range(levels):
        where = {"operator": {"stations": where}}
    return where


VARIABLES: dict[str, tuple[str, dict[str, Any]]] = {
    "conditions inside each other": (WHERE, {"w": deep(450)}),
    "conditions inside each other, nearly too deep": (WHERE, {"w": deep(99)}),
    "relations inside each other": (WHERE, {"w": related(120)}),
    "conditions": (WHERE, {"w": {"or": [{}] * 80_000}}),
    "conditions with values": (WHERE, {"w": {"or": [{"name": {"eq": "a"}}] * 10_000}}),
    "unknown names": (WHERE, {"w": {f"a{i}": i for i in range(20_000)}}),
    "wrong values": (NAMES, {"n": list(range(100_000))}),
    "one wrong value": (NAMES, {"n": ["a"] * 50_000 + [1]}),
    "orders": (
        "query($o: [StationOrderBy!]) { stations(orderBy: $o) { nodes { id } } }",
        {"o": [{"name": "ASC"}, {"status": "DESC"}] * 8_000},
    ),
    "names": (NAMES, {"n": ["x"] * 60_000}),
    "a text": (NAMES, {"n": ["x" * 250_000]}),
    "variables nobody asked for": ("{ __typename }", {f"a{i}": [[i]] for i in range(20_000)}),
}
