"""GraphQL over HTTP: bodies, good and bad, and that none is ever answered with 500."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.support.http import ANSWER, BODY, QUERY, refused, told
from tests.support.serving import Served, serving


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Served]:
    async with serving() as served:
        yield served


@pytest.mark.parametrize(
    "body",
    ["", " ", "{", "}", '{"query": ', "nul", "'query'", "{query: 1}", "NaN", '{"query": Infinity}', "[1, 2",
     b"\xff\xfe", b'{"query": "\xc3\x28"}', b'{"query": "\xed\xa0\x80"}', '{"query": "\\ud800"}',
     "[" * 5000, '{"a":' * 5000, b"\0", b"\x1f\x8b\x08\x00"],
)  # fmt: skip
async def test_a_body_that_is_no_json_is_refused(hub: Served, body: Any) -> None:
    refused(await hub.post(body), 400, "BAD_DOCUMENT")


@pytest.mark.parametrize(
    "body",
    [None, True, False, 12, "x", {}, {"Query": QUERY}, {"qeury": QUERY},
     {"query": None}, {"query": 1}, {"query": ["{ a }"]}, {"query": {"a": 1}},
     {"query": QUERY, "variables": []}, {"query": QUERY, "variables": "{}"}, {"query": QUERY, "variables": 1},
     {"query": QUERY, "variables": True}, {"query": QUERY, "operationName": 1},
     {"query": QUERY, "operationName": {}}, {"query": QUERY, "operationName": False},
     {"query": QUERY, "extensions": []}, {"query": QUERY, "extensions": "x"}],
)  # fmt: skip
async def test_a_body_of_another_form_is_refused(hub: Served, body: Any) -> None:
    refused(await hub.post(json.dumps(body)), 422, "BAD_DOCUMENT")


@pytest.mark.parametrize(
    "body", [[], [{"query": QUERY}], [{"query": QUERY}] * 100, [[{"query": QUERY}]], [1]]
)
async def test_a_batch_is_refused_by_name(hub: Served, body: Any) -> None:
    refused(await hub.post(json.dumps(body)), 422, "BATCH_REFUSED")


@pytest.mark.parametrize(
    "more",
    [{}, {"variables": None}, {"variables": {}}, {"operationName": None}, {"operationName": ""},
     {"extensions": None}, {"extensions": {"a": 1}}, {"id": "x", "unknown": [1]},
     {"variables": {"unused": 1}}],
)  # fmt: skip
async def test_what_says_nothing_does_no_harm(hub: Served, more: dict[str, Any]) -> None:
    answer = await hub.post(json.dumps({"query": QUERY, **more}))
    assert (answer.status_code, told(answer)) == (200, ANSWER)


@pytest.mark.parametrize(
    "number", ["9" * 5000, "-" + "9" * 5000, "1e400", "1" + "0" * 400, "18446744073709551616"]
)
async def test_a_number_no_type_holds_is_refused(hub: Served, number: str) -> None:
    query = "query($n: Int) { stations(first: $n) { totalCount } }"
    answer = await hub.post(f'{{"query": "{query}", "variables": {{"n": {number}}}}}')
    assert answer.status_code in (400, 422), answer.text
    assert answer.json()["errors"][0]["extensions"]["code"] in ("BAD_DOCUMENT", "BAD_USER_INPUT")
    literal = await hub.post(
        json.dumps({"query": query.replace("$n)", f"{number})").replace("query($n: Int)", "")})
    )
    assert literal.status_code == 422, literal.text


async def test_an_oversized_body_is_refused_without_being_read(hub: Served) -> None:
    most = hub.settings.max_body_bytes
    fits = json.dumps({"query": QUERY + " " * (60_000 - len(QUERY)), "extensions": {"x": "y" * 100_000}})
    assert (await hub.post(fits)).status_code == 200
    refused(await hub.post(BODY + " " * most), 413, "BAD_DOCUMENT")
    sent = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent
        for _ in range(10_000):
            sent += 1
            yield b" " * 65536

    refused(await hub.post(endless()), 413, "BAD_DOCUMENT")
    assert sent <= most // 65536 + 3


@pytest.mark.parametrize("length", ["5000000", "9" * 5000, "0" * 5000 + "9"])
async def test_a_body_that_is_said_to_be_too_large_is_not_waited_for(hub: Served, length: str) -> None:
    refused(await hub.post(nothing(), headers={"Content-Length": length}), 413, "BAD_DOCUMENT")


async def nothing() -> AsyncIterator[bytes]:
    await asyncio.sleep(60)
    yield b""


@pytest.mark.parametrize("levels", [50, 95, 100, 190, 200, 201, 400, 1000])
@pytest.mark.parametrize(
    ("opening", "closing"),
    [
        ('{"and": [', "]}"),
        ('{"not": ', "}"),
        ('{"operator": {"stations": ', "}}"),
        ('{"or": [{}, {"not": ', "}]}"),
    ],
)
async def test_no_depth_of_variables_is_a_fault_of_the_hub(
    hub: Served, opening: str, closing: str, levels: int
) -> None:
    """The reader of JSON, graphql-core and the hub's own walks each have their depth."""
    where = opening * levels + "{}" + closing * levels
    query = "query($w: StationWhere) { stations(where: $w) { totalCount } }"
    for variables in (f'{{"w": {where}}}', f'{{"unused": {where}}}'):
        answer = await hub.post(f'{{"query": {json.dumps(query)}, "variables": {variables}}}')
        assert answer.status_code in (200, 400, 422), (levels, answer.text)
        codes = {e["extensions"]["code"] for e in answer.json().get("errors", ())}
        assert codes <= {"BAD_DOCUMENT", "BAD_USER_INPUT", "LIMIT_EXCEEDED"}


async def test_random_bodies_are_never_a_fault_of_the_hub(hub: Served) -> None:
    rng = random.Random(11)
    good = json.dumps(
        {"query": "query($f: Int) { stations(first: $f) { nodes { id name } } }", "variables": {"f": 1}}
    ).encode()
    for _ in range(300):
        body = bytearray(good)
        for _ in range(rng.randint(1, 4)):
            at = rng.randrange(len(body))
            body[at : at + rng.randint(0, 3)] = bytes(
                rng.choice(b'{}[]"\\:,$!()@.0a\x00\xff') for _ in range(2)
            )
        answer = await hub.post(bytes(body))
        assert answer.status_code in (200, 400, 422), (bytes(body), answer.text)
        assert all(e["extensions"]["code"] != "INTERNAL_ERROR" for e in answer.json().get("errors", ()))
        assert answer.status_code == 200 or "data" not in answer.json()
