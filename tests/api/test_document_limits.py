"""Requests made to be expensive: each is refused, or answered, without the event loop standing still."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
import pytest_asyncio
from cachetools import LRUCache

from hub.read.measure import MAX_DEPTH, MAX_FIELDS
from hub.read.operation import MAX_TOKENS, Documents
from tests.support.reading import BUREAU, World, small_world

# A coverage tracer makes Python several times slower; the bound is about blocking, not about speed.
MOST_SECONDS = 1.0 if sys.gettrace() is None else 5.0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        yield made


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


@pytest.mark.parametrize("name", REFUSED)
async def test_an_attack_costs_little_and_is_refused(world: World, name: str) -> None:
    started = time.process_time()  # of this process: what the loop was blocked at most
    answer = await world.answer(BUREAU, REFUSED[name])
    assert time.process_time() - started < MOST_SECONDS
    body = json.loads(answer.body)
    unread = body["errors"][0]["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"
    assert (answer.status, answer.executed) == (400 if unread else 422, False), body
    assert len(answer.body) < 100_000
    for error in body["errors"]:
        assert error["extensions"]["code"] in (
            "LIMIT_EXCEEDED", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_DOCUMENT"
        ), error  # fmt: skip


ANSWERED = {
    "fields": nodes(many(MAX_FIELDS - 10, "a%: id")),
    "a field 300 times": nodes("id " * 300),
    "lists": "{ " + many(100, "a%: stations(first: 1) { nodes { id } }") + " }",
    "a list 40 times": "{ " + many(40, "stations(first: 1) { nodes { id } }") + " }",
    "spreads": nodes(many(120, "...F%")) + many(120, "fragment F% on Station { id }"),
    "depth": nested(6, "{ stations(first: 1) { nodes { operator ", "{ id }", " } } }"),
    "a literal": "{ stations(where: {name: {in: [" + '"a" ' * 1_000 + "]}}) { totalCount } }",
    "conditions": "{ stations(where: {or: [" + many(95, '{name: {eq: "%"}}') + "]}) { totalCount } }",
    "conditions inside each other": "{ stations(where: "
    + nested(90, "{not: ", "{}", "}")
    + ") { totalCount } }",
    "related conditions": "{ stations(where: "
    + nested(10, "{operator: {stations: ", "{}", "}}")
    + ") { totalCount } }",
    "a value": '{ stations(where: {name: {eq: "' + "x" * 60_000 + '"}}) { totalCount } }',
}  # fmt: skip


@pytest.mark.parametrize("name", ANSWERED)
async def test_what_is_allowed_is_fast_too(world: World, name: str) -> None:
    started = time.process_time()
    await world.ask(BUREAU, ANSWERED[name])
    assert time.process_time() - started < MOST_SECONDS


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


@pytest.mark.parametrize("name", VARIABLES)
async def test_huge_variables_cost_little(world: World, name: str) -> None:
    document, variables = VARIABLES[name]
    started = time.process_time()
    answer = await world.answer(BUREAU, document, **variables)
    assert time.process_time() - started < MOST_SECONDS
    codes = {error["extensions"]["code"] for error in json.loads(answer.body).get("errors", ())}
    assert codes <= {"LIMIT_EXCEEDED", "BAD_USER_INPUT"}
    assert len(answer.body) < 100_000


@pytest.mark.parametrize("size", [200, 2_147_483_647])
async def test_breadth_is_limited(world: World, size: int) -> None:
    body = "id"
    for _ in range(4):
        body = f"operator {{ stations(first: {size}) {{ nodes {{ {body} }} }} }}"
    wide = f"{{ stations(first: {size}) {{ nodes {{ {body} }} }} }}"
    assert await world.code(BUREAU, wide) in ("LIMIT_EXCEEDED", "BAD_ARGUMENT")


async def test_an_answer_that_grows_too_large_is_not_fetched(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.read.run.MAX_BYTES", 100)
    small, large = "{ stations(first: 1) { totalCount } }", "{ beneficiaries { nodes { id name address } } }"
    assert await world.ask(BUREAU, small) == {"stations": {"totalCount": 2}}
    assert await world.code(BUREAU, large) == "LIMIT_EXCEEDED"


async def test_an_innocent_client_is_not_stalled(world: World) -> None:
    """While attacks are answered one after the other, the loop gets its turn within a second."""
    longest = 0.0

    async def heartbeat() -> None:
        nonlocal longest
        while True:
            before, worked = time.perf_counter(), time.process_time()
            await asyncio.sleep(0)
            # The share of this process, so that a busy machine does not count.
            longest = max(longest, min(time.perf_counter() - before, time.process_time() - worked))

    beating = asyncio.create_task(heartbeat())
    for document in REFUSED.values():
        await world.answer(BUREAU, document)
        await asyncio.sleep(0)  # which an engine that refuses at once never does itself
    beating.cancel()
    assert longest < MOST_SECONDS


def sizes(documents: Documents) -> Iterator[int]:
    return (kept.size for kept in documents.cache.values())


async def test_documents_are_forgotten_by_their_size(world: World) -> None:
    documents = Documents(LRUCache(20_000, getsizeof=lambda kept: kept.size))
    schema = world.engine.schemas(BUREAU.capability)
    for i in range(12):
        documents.operation(BUREAU.capability, schema, nodes(many(200, f"a%_{i}: id")), None)
    assert 4 < len(documents.cache) < 12
    assert sum(sizes(documents)) <= documents.cache.maxsize
    for i in range(100):
        documents.operation(BUREAU.capability, schema, f"{{ a{i}: __typename }}", None)
    assert sum(sizes(documents)) <= documents.cache.maxsize
    assert 50 < len(documents.cache) < 100


def test_the_limits_are_those_that_are_tested() -> None:
    assert (MAX_DEPTH, MAX_FIELDS, MAX_TOKENS) == (20, 1_000, 4_000)
