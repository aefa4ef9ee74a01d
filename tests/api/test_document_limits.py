"""Requests made to be expensive: each is refused, or answered, without the event loop standing still."""

from __future__ import annotations

import asyncio
import gc
import json
import time
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from cachetools import LRUCache

from hub.read.measure import MAX_DEPTH, MAX_FIELDS
from hub.read.operation import MAX_TOKENS, Documents, key_of
from hub.read.statistics import Statistics
from tests.support.attacks import REFUSED, VARIABLES, many, nested, nodes
from tests.support.costs import COUNTRY
from tests.support.pace import most_seconds
from tests.support.reading import BUREAU, World, small_world


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        yield made


@pytest.mark.parametrize("name", REFUSED)
async def test_an_attack_costs_little_and_is_refused(world: World, name: str) -> None:
    for attempt in range(3):  # the processor may be shared with others
        started = time.process_time()  # of this process: what the loop was blocked at most
        answer = await world.answer(BUREAU, f"{REFUSED[name]} #{attempt}")
        spent = time.process_time() - started
        if spent < most_seconds():
            break
    assert spent < most_seconds()
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
    assert time.process_time() - started < most_seconds()


@pytest.mark.parametrize("name", VARIABLES)
async def test_huge_variables_cost_little(world: World, name: str) -> None:
    document, variables = VARIABLES[name]
    started = time.process_time()
    answer = await world.answer(BUREAU, document, **variables)
    assert time.process_time() - started < most_seconds()
    codes = {error["extensions"]["code"] for error in json.loads(answer.body).get("errors", ())}
    assert codes <= {"LIMIT_EXCEEDED", "BAD_USER_INPUT"}
    assert len(answer.body) < 100_000


def wide(size: int) -> str:
    body = "id"
    for _ in range(4):
        body = f"operator {{ stations(first: {size}) {{ nodes {{ {body} }} }} }}"
    return f"{{ stations(first: {size}) {{ nodes {{ {body} }} }} }}"


async def test_a_page_has_a_largest_size(world: World) -> None:
    assert await world.code(BUREAU, wide(2_147_483_647)) == "BAD_ARGUMENT"


async def test_breadth_is_limited_by_what_is_there(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator with two stations is little work; one with 40, or nobody knows how many, is too much."""
    await world.ask(BUREAU, wide(200))
    for known in (COUNTRY, Statistics()):
        monkeypatch.setattr(world.engine.till.statistics, "_found", known)
        assert await world.code(BUREAU, wide(200)) == "COST_EXCEEDED"


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

    gc.freeze()  # what hundreds of tests have left is no hub's to look through
    beating = asyncio.create_task(heartbeat())
    for document in REFUSED.values():
        await world.answer(BUREAU, document)
        await asyncio.sleep(0)  # which an engine that refuses at once never does itself
    beating.cancel()
    gc.unfreeze()
    assert longest < most_seconds()


def sizes(documents: Documents) -> Iterator[int]:
    return (kept.size for kept in documents.cache.values())


async def test_documents_are_forgotten_by_their_size(world: World) -> None:
    documents = Documents(LRUCache(20_000, getsizeof=lambda kept: kept.size))
    schema = world.engine.schemas(BUREAU.capability)
    for i in range(12):
        large = nodes(many(200, f"a%_{i}: id"))
        documents.operation(key_of(BUREAU.capability, large), schema, large, None)
    assert 4 < len(documents.cache) < 12
    assert sum(sizes(documents)) <= documents.cache.maxsize
    for i in range(100):
        small = f"{{ a{i}: __typename }}"
        documents.operation(key_of(BUREAU.capability, small), schema, small, None)
    assert sum(sizes(documents)) <= documents.cache.maxsize
    assert 50 < len(documents.cache) < 100


def test_the_limits_are_those_that_are_tested() -> None:
    assert (MAX_DEPTH, MAX_FIELDS, MAX_TOKENS) == (20, 1_000, 4_000)
