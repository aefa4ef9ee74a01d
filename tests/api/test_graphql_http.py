"""GraphQL over HTTP: who asks, media types, methods. Bodies: ``test_graphql_bodies``."""

from __future__ import annotations

import gzip
import json
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from graphql import build_schema
from starlette.applications import Starlette
from starlette.requests import Request

from hub.access.viewer import Viewer
from hub.read.run import Engine
from hub.web.accept import GRAPHQL, JSON, media_type
from hub.web.graphql import graphql_routes
from tests.support.http import ANSWER, BODY, QUERY, refused, told
from tests.support.reading import AGENCY, BUREAU, CONTRACTOR, OPERATOR, TOWNSHIP, schema
from tests.support.serving import Served, serving


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Served]:
    async with serving() as served:
        yield served


# ── who asks ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("accept", [JSON, GRAPHQL, "*/*"])
async def test_nobody_is_told_where_to_get_a_token(hub: Served, accept: str) -> None:
    headers = {"Accept": accept, "Content-Type": JSON}
    for answer in (
        await hub.http.post("/graphql", content=BODY, headers=headers),
        await hub.http.get("/graphql", params={"query": QUERY}, headers=headers),
        await hub.http.post("/graphql", content=b"\xff" * 2_000_000, headers=headers),
    ):
        refused(answer, 401, "UNAUTHENTICATED")
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
    assert len(ROOTS) == 89


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
        (f"{GRAPHQL}; charset=gbk, {JSON}; charset=utf8; q=0.5", JSON),
        (f"{GRAPHQL};q=2, {JSON};q=0.5", JSON),
        (f"{GRAPHQL};q=1.000, {JSON};q=0.999", GRAPHQL),
        (f"{JSON}; charset=utf-16", None),
        ("text/html", None),
        ("text/event-stream;q=0", None),
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
        assert (answer.status_code, told(answer)) == (200, ANSWER)
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
    answer = await hub.post(BODY, headers={"Content-Type": kind})
    refused(answer, 415, "BAD_DOCUMENT")
    assert answer.headers["accept"] == JSON


@pytest.mark.parametrize(
    "kind",
    [JSON, "APPLICATION/JSON", "application/json;charset=utf-8", 'application/json; charset="UTF-8"; x=y'],
)
async def test_a_body_of_json_is_taken(hub: Served, kind: str) -> None:
    answer = await hub.post(BODY, headers={"Content-Type": kind})
    assert (answer.status_code, told(answer)) == (200, ANSWER)


async def test_a_compressed_body_is_refused(hub: Served) -> None:
    for encoding in ("gzip", "br", "zstd", "deflate", "gzip, gzip", "identity, gzip", "x"):
        answer = await hub.post(gzip.compress(bytes(10_000_000)), headers={"Content-Encoding": encoding})
        refused(answer, 415, "BAD_DOCUMENT")
        assert answer.headers["accept-encoding"] == "identity"
    refused(await hub.post(gzip.compress(BODY.encode())), 400, "BAD_DOCUMENT")
    answer = await hub.post(BODY, headers={"Content-Encoding": "Identity"})
    assert (answer.status_code, told(answer)) == (200, ANSWER)


PARTLY = json.dumps({"query": '{ wrong: station(id: "x") { id } ' + QUERY[1:]})
NOT_AT_ALL = json.dumps({"query": "{ stations(first: 999) { totalCount } }"})


@pytest.mark.parametrize("body", [PARTLY, NOT_AT_ALL])
@pytest.mark.parametrize(
    ("accept", "status"),
    [(GRAPHQL, 294), (f"{GRAPHQL}, {JSON};q=0.9", 294), (JSON, 200), ("*/*", 200), ("", 200)],
)
async def test_an_answer_with_errors_is_a_success_of_its_own(
    hub: Served, body: str, accept: str, status: int
) -> None:
    """Nobody who knows only the older media type has heard of 294."""
    answer = await hub.post(body, headers={"Accept": accept})
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith(GRAPHQL if GRAPHQL in accept else JSON)
    assert set(told(answer)) == {"data", "errors"}


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
    assert (answer.status_code, told(answer)) == (200, ANSWER)
    plain = await hub.http.get("/graphql", params={"query": QUERY}, headers=hub.bearer())
    assert (plain.status_code, told(plain)) == (200, ANSWER)


async def test_head_is_get_without_the_body(hub: Served) -> None:
    for given in ({"query": QUERY}, {"query": "{"}, {"query": "mutation { a }"}):
        get = await hub.http.get("/graphql", params=given, headers=hub.bearer())
        head = await hub.http.head("/graphql", params=given, headers=hub.bearer())
        for answer in (get, head):
            del answer.headers["x-request-id"]
        assert (head.status_code, head.headers) == (get.status_code, get.headers)
    assert (await hub.http.head("/graphql", params={"query": QUERY})).status_code == 401


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 422),
        ({"query": ""}, 422),
        ({"query": "{"}, 400),
        ({"query": QUERY, "variables": "{"}, 400),
        ({"query": QUERY, "variables": "[]"}, 422),
        ({"query": QUERY, "variables": "1"}, 422),
        ({"query": QUERY, "extensions": "x"}, 400),
        ({"query": QUERY, "extensions": "7"}, 422),
        ({"query": QUERY, "operationName": "Missing"}, 422),
        ({"query": QUERY, "operationName": "null"}, 422),
        ({"query": f"query A {QUERY} query B {QUERY}"}, 422),
        ({"query": "subscription { changes { id } }"}, 422),
    ],
)
async def test_get_refuses(hub: Served, given: dict[str, str], status: int) -> None:
    answer = await hub.http.get("/graphql", params=given, headers=hub.bearer())
    assert answer.status_code == status, answer.text
    assert answer.json()["errors"][0]["extensions"]["code"]
    assert "data" not in answer.json()


async def test_an_empty_parameter_says_nothing(hub: Served) -> None:
    given = {"query": QUERY, "operationName": "", "variables": "", "extensions": "", "other": ""}
    answer = await hub.http.get("/graphql", params=given, headers=hub.bearer())
    assert (answer.status_code, told(answer)) == (200, ANSWER)


@pytest.mark.parametrize("name", ["query", "variables", "operationName", "extensions", "other"])
async def test_a_parameter_given_twice_is_refused(hub: Served, name: str) -> None:
    """Which of the two counts, a proxy and the hub might decide differently."""
    given = {"query": [QUERY], name: ["{}", "{}"]}
    answer = await hub.http.get("/graphql", params=given, headers=hub.bearer())
    refused(answer, 422, "BAD_DOCUMENT")


MUTATIONS = [
    {"query": "mutation { recordVisit { id } }"},
    {"query": "mutation M { __typename }"},
    {"query": f"query Q {QUERY} mutation M {{ __typename }}", "operationName": "M"},
]


@pytest.mark.parametrize("given", MUTATIONS)
async def test_get_refuses_a_mutation_whether_it_exists_or_not(hub: Served, given: dict[str, str]) -> None:
    answer = await hub.http.get("/graphql", params=given, headers=hub.bearer())
    refused(answer, 405, "BAD_DOCUMENT")
    assert answer.headers["allow"] == "POST"


async def test_another_site_can_make_no_browser_ask(hub: Served) -> None:
    """What a page may send unasked carries no token, and no cookie takes a token's place."""
    forged = {"Origin": "https://elsewhere.example", "Cookie": f"token={hub.tokens['bureau']}"}
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        headers = {**forged, "Content-Type": kind}
        refused(await hub.http.post("/graphql", content=BODY, headers=headers), 401, "UNAUTHENTICATED")
    given = {"query": QUERY, "access_token": hub.tokens["bureau"]}
    answer = await hub.http.get("/graphql", params=given, headers=forged)
    refused(answer, 401, "UNAUTHENTICATED")
    assert not [name for name in answer.headers if name == "set-cookie" or name.startswith("access-control")]


async def test_a_subscription_is_told_what_it_needs(hub: Served) -> None:
    query = "subscription Changes { changes { id } }"
    refused(await hub.post(json.dumps({"query": query})), 422, "STREAM_NEEDED")
    refused(
        await hub.http.get("/graphql", params={"query": query}, headers=hub.bearer()), 422, "STREAM_NEEDED"
    )


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
