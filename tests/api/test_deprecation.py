"""What a client that relies on something deprecated is told, and how it reads what changed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from graphql_schema import history, schema
from hub.governance.deprecation import Days, Deprecation
from hub.web.cors import SHOWN
from tests.support.serving import Served, serving
from tests.support.streaming import Followed, commit, following, streaming
from tests.support.trusted import register

DEPRECATIONS = (
    Deprecation(
        ("Station.formerName", "StationWhere.name"),
        Days(dt.date(2026, 3, 1), dt.date(2026, 12, 1)),
        "a",
        "甲",
    ),
    Deprecation(
        ("Direction.DESC", "Query.stations(last:)", "Station.phone"),
        Days(dt.date(2026, 4, 1), dt.date(2026, 11, 1)),
        "b",
        "乙",
        instead="Contract.name",
    ),
)
FIRST = {"deprecation": "@1772294400", "sunset": "Mon, 30 Nov 2026 16:00:00 GMT"}
SECOND = {"deprecation": "@1774972800", "sunset": "Sat, 31 Oct 2026 16:00:00 GMT"}
BOTH = {"deprecation": FIRST["deprecation"], "sunset": SECOND["sunset"]}


@pytest.fixture(scope="module")
def deprecations() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(schema, "DEPRECATIONS", DEPRECATIONS)
        schema._AUDIENCES.clear()
        yield
    schema._AUDIENCES.clear()


@pytest.fixture(scope="module")
async def served(deprecations: None) -> AsyncIterator[Served]:
    async with serving() as it:
        yield it


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("{ stations { nodes { name } } }", {}),
        ("{ stations { nodes { old: formerName } } }", FIRST),
        ("{ stations { nodes { ...S } } } fragment S on Station { ... { formerName } }", FIRST),
        ('{ stations(where: {name: {eq: "x"}}) { totalCount } }', FIRST),
        ("{ stations(last: 1) { totalCount } }", SECOND),
        ("{ stations(orderBy: [{name: DESC}]) { totalCount } }", SECOND),
        ("{ stations { nodes { formerName phone } } }", BOTH),
        ("query A { stations { totalCount } } query B { stations { nodes { phone } } }", {}),
    ],
)
async def test_an_answer_tells_when_what_it_used_was_deprecated_and_may_go(
    served: Served, query: str, told: dict[str, str]
) -> None:
    for _ in range(2):
        body: dict[str, Any] = {"query": query}
        if query.startswith("query A"):
            body["operationName"] = "A"
        answer = await served.http.post("/graphql", json=body, headers=served.bearer())
        assert answer.status_code == 200, answer.text
        found = {name: answer.headers[name] for name in ("deprecation", "sunset") if name in answer.headers}
        assert found == told


async def test_the_other_operation_of_a_document_is_told(served: Served) -> None:
    query = "query A { stations { totalCount } } query B { stations { nodes { phone } } }"
    body = {"query": query, "operationName": "B"}
    answer = await served.http.post("/graphql", json=body, headers=served.bearer())
    assert answer.headers["sunset"] == SECOND["sunset"]


async def test_a_trusted_document_tells_by_its_endpoint_too(served: Served) -> None:
    source = "query { stations { nodes { formerName } } }"
    await register(served.world.database, "bureau", old=source, plain="query { viewer { role } }")
    answer = await served.http.get("/documents/old", headers=served.bearer())
    assert answer.status_code == 200
    assert {name: answer.headers[name] for name in FIRST} == FIRST
    plain = await served.http.get("/documents/plain", headers=served.bearer())
    assert not set(FIRST) & set(plain.headers)


# ── streams ──────────────────────────────────────────────────────────────────────────────────────────

OLD_STREAM = "subscription { stationChanges { position operation id node { formerName } } }"
OLD_QUERY = "{ stations { nodes { formerName } } }"
IN_EXTENSIONS = {"since": "2026-03-01", "sunset": "2026-12-01"}


@pytest.fixture(scope="module")
async def hub(deprecations: None) -> AsyncIterator[Followed]:
    async with streaming() as followed:
        yield followed


@pytest.mark.parametrize("query", [OLD_STREAM, OLD_QUERY])
async def test_a_stream_tells_by_its_headers(hub: Followed, query: str) -> None:
    async with hub.sse(query) as stream:
        assert {name: stream.answer.headers[name] for name in FIRST} == FIRST
        _, payload = await stream.event()
        assert "deprecation" not in payload.get("extensions", {})
    async with hub.sse(following("stationChanges")) as stream:
        assert not set(FIRST) & set(stream.answer.headers)


async def test_a_socket_tells_in_the_first_response_of_an_operation(hub: Followed) -> None:
    async with hub.socket() as socket:
        await socket.subscribe("query", OLD_QUERY)
        extensions = (await socket.hear())["payload"]["extensions"]
        assert (set(extensions), extensions["deprecation"]) == ({"cost", "deprecation"}, IN_EXTENSIONS)
        await socket.hear()
        await socket.subscribe("stream", OLD_STREAM)
        assert (await socket.hear())["payload"]["extensions"] == {"deprecation": IN_EXTENSIONS}
        await commit(hub.database, station=[1])
        assert set((await socket.hear())["payload"]) == {"data"}
        await socket.subscribe("plain", following("stationChanges"))
        assert set((await socket.hear())["payload"]) == {"data"}


async def test_introspection_shows_days_but_no_replacement_that_is_hidden(served: Served) -> None:
    query = '{ __type(name: "Station") { fields(includeDeprecated: true) { name deprecationReason } } }'
    answer = await served.ask(query, role="operator")
    reasons = {f["name"]: f["deprecationReason"] for f in answer.json()["data"]["__type"]["fields"]}
    assert reasons["name"] is None
    assert reasons["formerName"] == (
        "a. Deprecated 2026-03-01, sunset 2026-12-01. — 甲。2026-03-01 起弃用，2026-12-01 起可能移除"
    )


def test_a_page_of_another_site_may_read_what_is_told() -> None:
    assert {"Deprecation", "Sunset"} <= set(SHOWN)


ENTRIES: list[dict[str, Any]] = [
    {"coordinate": name, "kind": kind, "date": date, "version": version, "audiences": audiences}
    | {"breaking": kind == "REMOVED", "en": "It changed.", "zh": "变更", "sunset": None}
    for name, kind, date, version, audiences in (
        ("Query.schemaChanges", "ADDED", None, None, ["bureau", "agency"]),
        ("Beneficiary.idNumber", "ADDED", "2026-06-01", "0.2.0", ["bureau"]),
        ("Beneficiary.grade", "REMOVED", "2026-06-01", "0.2.0", ["bureau"]),
        ("Division.colour", "REMOVED", "2026-03-01", "0.1.1", ["bureau", "agency"]),
        ("Old", "REMOVED", "2026-03-01", "0.1.1", ["bureau"]),
    )
]
QUERY = "query($since: Date) { schemaChanges(since: $since) { date version kind coordinate description } }"


@pytest.fixture
def entries(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(history, "_entries", lambda: ENTRIES)
    history._seen_by.cache_clear()
    yield
    history._seen_by.cache_clear()


@pytest.mark.usefixtures("entries")
@pytest.mark.parametrize(
    ("role", "since", "expected"),
    [
        (
            "bureau",
            None,
            ["Query.schemaChanges", "Beneficiary.idNumber", "Beneficiary.grade", "Division.colour", "Old"],
        ),
        ("bureau", "2026-06-01", ["Query.schemaChanges", "Beneficiary.idNumber", "Beneficiary.grade"]),
        ("bureau", "2026-06-02", ["Query.schemaChanges"]),
        ("agency", None, ["Query.schemaChanges", "Division.colour"]),
        ("operator", None, []),
    ],
)
async def test_a_client_sees_changes_of_what_exists_for_it(
    served: Served, role: str, since: str | None, expected: list[str]
) -> None:
    answer = await served.ask(QUERY, role=role, since=since)
    found = answer.json()["data"]["schemaChanges"]
    assert [change["coordinate"] for change in found] == expected
    assert {change["description"] for change in found} <= {"It changed. — 变更"}


async def test_the_committed_changes_are_read(served: Served) -> None:
    answer = await served.ask("{ schemaChanges { coordinate kind version date sunset } }")
    found = answer.json()["data"]["schemaChanges"]
    committed = json.loads(history.FILE.read_text(encoding="utf-8"))
    assert {change["coordinate"] for change in found} <= {entry["coordinate"] for entry in committed}


async def test_a_day_that_is_none_is_an_error(served: Served) -> None:
    answer = await served.ask(QUERY, since="soon")
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
