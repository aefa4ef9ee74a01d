"""GraphQL over HTTP: methods, media types, bodies, and that nothing is ever answered with 500."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from graphql import build_schema
from starlette.applications import Starlette
from starlette.requests import Request

from hub.access.viewer import Viewer
from hub.read.run import Engine
from hub.web.graphql import GRAPHQL, JSON, graphql_routes, media_type
from tests.support.reading import AGENCY, BUREAU, CONTRACTOR, OPERATOR, TOWNSHIP, schema
from tests.support.serving import Served, serving

QUERY = '{ division(code: "450305000000") { name } }'
ANSWER = {"data": {"division": {"name": "七星区"}}}
BODY = json.dumps({"query": QUERY})


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Served]:
    async with serving() as served:
        yield served


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """It is one GraphQL error and no data; its text."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] in (f"{JSON}; charset=utf-8", f"{GRAPHQL}; charset=utf-8")
    assert answer.headers["cache-control"] == "no-store"
    body = answer.json()
    assert set(body) == {"errors"}
    (error,) = body["errors"]
    assert error["extensions"]["code"] == code
    assert error["extensions"]["messageZh"]
    for trace in ("Traceback", 'File "', ".py", "asyncpg", "graphql."):
        assert trace not in answer.text
    return dict(error)


# ── who asks ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("accept", [JSON, GRAPHQL])
async def test_nobody_is_told_where_to_get_a_token(hub: Served, accept: str) -> None:
    headers = {"Accept": accept, "Content-Type": JSON}
    for answer in (
        await hub.http.post("/graphql", content=BODY, headers=headers),
        await hub.http.get("/graphql", params={"query": QUERY}, headers=headers),
        await hub.http.post("/graphql", content=b"\xff" * 2_000_000, headers=headers),
    ):
        refused(answer, 401, "UNAUTHENTICATED")
        assert answer.headers["content-type"].startswith(accept)
        challenge = answer.headers["www-authenticate"]
        assert challenge.startswith("Bearer ")
        assert "resource_metadata=" in challenge
        assert "error=" not in challenge


@pytest.mark.parametrize("token", ["x", "a.b.c", "Bearer", "é", "a" * 9000])
async def test_a_bad_token_is_said_to_be_bad(hub: Served, token: str) -> None:
    headers = {b"Authorization": f"Bearer {token}".encode("latin-1"), b"Content-Type": JSON.encode()}
    answer = await hub.http.post("/graphql", content=BODY, headers=headers)
    refused(answer, 401, "UNAUTHENTICATED")
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


ROOTS = sorted({n for v in (BUREAU, AGENCY, OPERATOR) for n in schema(v).query_type.fields})  # type: ignore[union-attr]


@pytest.mark.parametrize("name", [*ROOTS, "__schema", "__type", "__typename"])
async def test_every_root_field_refuses_nobody(hub: Served, name: str) -> None:
    for query in (f"{{ {name} }}", f"{{ {name} {{ __typename }} }}"):
        answer = await hub.http.post("/graphql", json={"query": query})
        refused(answer, 401, "UNAUTHENTICATED")


async def test_root_fields_are_all_listed() -> None:
    everybody = (BUREAU, TOWNSHIP, CONTRACTOR, AGENCY, OPERATOR)
    assert set(ROOTS) == {n for v in everybody for n in schema(v).query_type.fields}  # type: ignore[union-attr]
    assert len(ROOTS) == 28


# ── media types ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("", JSON),
        ("  ", JSON),
        ("*/*", JSON),
        ("application/*", JSON),
        (JSON, JSON),
        (GRAPHQL, GRAPHQL),
        (f"{GRAPHQL}, {JSON}", GRAPHQL),
        (f"{JSON}, {GRAPHQL}", JSON),
        (f"{GRAPHQL}; charset=utf-8, {JSON}; charset=utf-8", GRAPHQL),
        (f"{JSON};q=0.5, {GRAPHQL}", GRAPHQL),
        (f"{GRAPHQL};q=0.1,{JSON};q=0.9", JSON),
        (f"{GRAPHQL};q=0, */*;q=0.1", JSON),
        (f"text/event-stream, {GRAPHQL}, {JSON};q=0.9, */*;q=0.1", GRAPHQL),
        ("text/html,application/xhtml+xml,*/*;q=0.8", JSON),
        (GRAPHQL.upper(), GRAPHQL),
        ("text/html", None),
        ("text/event-stream", None),
        ("application/jsonp", None),
        ("application/json;q=0", None),
        ("application/json;q=nan", None),
        (";;;,,,q=1", None),
    ],
)
async def test_the_answer_is_of_the_type_the_client_likes_best(
    hub: Served, accept: str, chosen: str | None
) -> None:
    assert media_type(accept) == chosen
    answer = await hub.post(BODY, headers={"Accept": accept})
    if chosen is None:
        refused(answer, 406, "BAD_DOCUMENT")
    else:
        assert (answer.status_code, answer.json()) == (200, ANSWER)
        assert answer.headers["content-type"] == f"{chosen}; charset=utf-8"
        assert "七星区".encode() in answer.content


@pytest.mark.parametrize(
    "kind",
    ["", "text/plain", "text/json", "application/jsonp", "application/json-patch+json", "application/graphql",
     "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/xml",
     "application/json; charset=gbk", "application/json; charset=utf-16", "application/json, text/plain"],
)  # fmt: skip
async def test_a_body_of_another_type_is_refused(hub: Served, kind: str) -> None:
    """A form that another site posts among them: it cannot send JSON."""
    refused(await hub.post(BODY, headers={"Content-Type": kind}), 415, "BAD_DOCUMENT")


@pytest.mark.parametrize(
    "kind",
    [JSON, "APPLICATION/JSON", "application/json;charset=utf-8", 'application/json; charset="UTF-8"; x=y'],
)
async def test_a_body_of_json_is_taken(hub: Served, kind: str) -> None:
    answer = await hub.post(BODY, headers={"Content-Type": kind})
    assert (answer.status_code, answer.json()) == (200, ANSWER)


async def test_a_compressed_body_is_refused(hub: Served) -> None:
    for encoding in ("gzip", "br", "deflate", "gzip, gzip"):
        refused(
            await hub.post(b"\x1f\x8b" + bytes(100), headers={"Content-Encoding": encoding}),
            415,
            "BAD_DOCUMENT",
        )


# ── methods ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_other_methods_are_refused(hub: Served, method: str) -> None:
    answer = await hub.http.request(method, "/graphql", headers=hub.bearer())
    refused(answer, 405, "BAD_DOCUMENT")
    assert {m.strip() for m in answer.headers["allow"].split(",")} == {"GET", "HEAD", "POST"}
    assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_get_answers_a_query(hub: Served) -> None:
    query = "query One($c: String!) { division(code: $c) { name } } query Two { __typename }"
    given = {"query": query, "operationName": "One", "variables": '{"c": "450305000000"}', "extensions": "{}"}
    answer = await hub.http.get("/graphql", params=given, headers=hub.bearer())
    assert (answer.status_code, answer.json()) == (200, ANSWER)
    plain = await hub.http.get("/graphql", params={"query": QUERY}, headers=hub.bearer())
    assert (plain.status_code, plain.json()) == (200, ANSWER)
    head = await hub.http.head("/graphql", params={"query": QUERY}, headers=hub.bearer())
    assert head.status_code == 200


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 422),
        ({"query": ""}, 422),
        ({"query": QUERY, "variables": "{"}, 400),
        ({"query": QUERY, "variables": ""}, 400),
        ({"query": QUERY, "variables": "[]"}, 422),
        ({"query": QUERY, "variables": "1"}, 422),
        ({"query": QUERY, "extensions": "x"}, 400),
        ({"query": QUERY, "operationName": "Missing"}, 422),
        ({"query": "mutation { recordVisit { id } }"}, 422),
        ({"query": "subscription { changes { id } }"}, 422),
    ],
)
async def test_get_refuses(hub: Served, given: dict[str, str], status: int) -> None:
    answer = await hub.http.get("/graphql", params=given, headers=hub.bearer())
    assert answer.status_code == status, answer.text
    assert answer.json()["errors"][0]["extensions"]["code"]
    assert "data" not in answer.json()


async def test_get_never_writes(hub: Served) -> None:
    """In a schema that has something to write; ours has nothing yet."""
    made = build_schema("type Query { a: Int } type Mutation { b: Int }")
    engine = Engine(hub.world.database, hub.world.engine.vault, lambda _: made)

    async def authenticate(_: Request) -> Viewer:
        return BUREAU

    app = Starlette(routes=graphql_routes(engine, authenticate, 10_000))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub") as http:
        answer = await http.get("/graphql", params={"query": "mutation { b }"})
        refused(answer, 405, "BAD_DOCUMENT")
        assert answer.headers["allow"] == "POST"


# ── bodies ───────────────────────────────────────────────────────────────────────────────────────────


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
    [None, True, False, 12, "x", [], {}, [{"query": QUERY}], [{"query": QUERY}] * 100, {"Query": QUERY},
     {"query": None}, {"query": 1}, {"query": ["{ a }"]}, {"query": {"a": 1}},
     {"query": QUERY, "variables": []}, {"query": QUERY, "variables": "{}"}, {"query": QUERY, "variables": 1},
     {"query": QUERY, "variables": True}, {"query": QUERY, "operationName": 1},
     {"query": QUERY, "operationName": {}}, {"query": QUERY, "operationName": False},
     {"query": QUERY, "extensions": []}, {"query": QUERY, "extensions": "x"}],
)  # fmt: skip
async def test_a_body_of_another_form_is_refused(hub: Served, body: Any) -> None:
    refused(await hub.post(json.dumps(body)), 422, "BAD_DOCUMENT")


@pytest.mark.parametrize(
    "more",
    [{}, {"variables": None}, {"variables": {}}, {"operationName": None}, {"operationName": ""},
     {"extensions": None}, {"extensions": {"a": 1}}, {"id": "x", "unknown": [1]},
     {"variables": {"unused": 1}}],
)  # fmt: skip
async def test_what_says_nothing_does_no_harm(hub: Served, more: dict[str, Any]) -> None:
    answer = await hub.post(json.dumps({"query": QUERY, **more}))
    assert (answer.status_code, answer.json()) == (200, ANSWER)


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
