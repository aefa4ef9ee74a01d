"""Subscriptions over server-sent events."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from hub.oauth.clients import suspend_client
from hub.web import sse
from hub.web.accept import GRAPHQL, JSON
from tests.support.http import ANSWER, QUERY, refused, told, without_cost
from tests.support.streaming import ENDED, LIVE, WAIT, Followed, commit, following, streaming

EVENTS = "text/event-stream"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Followed]:
    async with streaming() as followed:
        yield followed


def people(hub: Followed) -> list[int]:
    return [row["id"] for row in hub.served.world.rows["beneficiary"] if row["county_code"] == "450305"]


async def test_a_stream_begins_with_where_it_stands_and_tells_changes(hub: Followed) -> None:
    one, two = people(hub)[:2]
    async with hub.sse(following(chosen="position operation id node { id riskLevel } __typename")) as stream:
        headers = stream.answer.headers
        assert headers["content-type"] == f"{EVENTS}; charset=utf-8"
        assert headers["cache-control"] == "no-store"
        assert headers["x-accel-buffering"] == "no"
        assert "content-encoding" not in headers
        begun = await stream.next()
        assert begun["position"]
        assert {**begun, "position": ""} == {
            "position": "", "operation": "CURRENT", "id": None, "node": None,
            "__typename": "BeneficiaryChange",
        }  # fmt: skip
        await commit(
            hub.database, "update beneficiary set risk_level = 'LEVEL_2'", beneficiary=[one, two, one]
        )
        told = [await stream.next() for _ in range(2)]
        assert [(event["operation"], event["id"]) for event in told] == [
            ("UPSERT", f"Beneficiary:450305:{number}") for number in (two, one)
        ]
        assert all(event["node"] == {"id": event["id"], "riskLevel": "LEVEL_2"} for event in told)
        assert list(told[0]) == ["position", "operation", "id", "node", "__typename"]


async def test_a_stream_goes_on_where_another_ended(hub: Followed) -> None:
    one, two, three = people(hub)[:3]
    async with hub.sse(following()) as stream:
        await stream.next()
        await commit(hub.database, beneficiary=[one, two])
        first = await stream.next()
        assert first["id"] == f"Beneficiary:450305:{one}"
    await commit(hub.database, beneficiary=[three])
    async with hub.sse(following(), after=first["position"]) as stream:
        told = await stream.ids(3)
    assert told == [
        ("UPSERT", f"Beneficiary:450305:{two}"), ("UPSERT", f"Beneficiary:450305:{three}"), ("CURRENT", None),
    ]  # fmt: skip


async def test_the_frames_are_what_parsers_expect(hub: Followed) -> None:
    """A comment at once, so that headers reach the client; line feeds alone; one line of data."""
    given = {"Accept": EVENTS, **hub.served.bearer()}
    async with (
        httpx.AsyncClient(trust_env=False, timeout=WAIT) as http,
        http.stream("POST", hub.http_url, json={"query": following()}, headers=given) as answer,
    ):
        said = b""
        async for part in answer.aiter_raw():
            said += part
            if said.count(b"\n\n") >= 2:
                break
    assert said.startswith(b":\n\nevent: next\ndata: {")
    assert said.endswith(b"}\n\n")
    assert b"\r" not in said


@pytest.mark.parametrize("accept", [f"{JSON}, {EVENTS}", f"{GRAPHQL}, {JSON}, {EVENTS}, multipart/mixed"])
async def test_who_takes_events_too_gets_json_for_a_query_and_events_for_a_subscription(
    hub: Followed, accept: str
) -> None:
    answer = await hub.served.post(json.dumps({"query": QUERY}), headers={"Accept": accept})
    assert told(answer) == ANSWER
    assert answer.headers["content-type"].startswith("application/")
    async with hub.sse(following(), headers={"Accept": accept}) as stream:
        assert (await stream.next())["operation"] == "CURRENT"


@pytest.mark.parametrize("accept", [EVENTS, f"{JSON};q=0.5, {EVENTS}"])
async def test_a_query_is_one_event_for_who_likes_events_best(hub: Followed, accept: str) -> None:
    async with hub.sse(QUERY, headers={"Accept": accept}) as stream:
        kind, answer = await stream.event()
        assert (kind, answer.pop("extensions").keys(), answer) == ("next", {"cost"}, ANSWER)
        assert await stream.event() == ("complete", None)


@pytest.mark.parametrize("accept", [f"{EVENTS};q=0, {JSON}", JSON, "*/*"])
async def test_a_subscription_that_may_not_be_a_stream_is_told_how(hub: Followed, accept: str) -> None:
    body = json.dumps({"query": following()})
    answer = await hub.served.post(body, headers={"Accept": accept})
    error = refused(answer, 422, "STREAM_NEEDED")
    assert EVENTS in error["message"]
    assert "WebSocket" in error["message"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing { id } }", "GRAPHQL_VALIDATION_FAILED"),
        (following() + " subscription B { stationChanges { id } }", "BAD_DOCUMENT"),
        ("subscription { stationChanges { id } visitChanges { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { stationChanges @skip(if: true) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { stationChanges(after: 7) { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ('subscription { stationChanges(after: "x") { id } }', "BAD_POSITION"),
        ('subscription { stationChanges(where: {divisionCode: {within: "x"}}) { id } }', "BAD_ARGUMENT"),
        ("subscription { stationChanges { node { personnel(first: 900) { totalCount } } } }", "BAD_ARGUMENT"),
        ("subscription($a: Int!) { stationChanges { node { personnel(first: $a) { totalCount } } } }",
         "BAD_USER_INPUT"),
        ("subscription { stationChanges { node { personnel(first: 1, last: 1) { totalCount } } } }",
         "BAD_ARGUMENT"),
    ],
)  # fmt: skip
async def test_what_is_wrong_with_a_subscription_is_told_before_it_begins(
    hub: Followed, query: str, code: str
) -> None:
    async with hub.sse(query) as stream:
        assert stream.answer.status_code == 200
        kind, payload = await stream.event()
        assert (kind, payload["errors"][0]["extensions"]["code"]) == ("next", code)
        assert without_cost(payload).keys() == {"errors"}
        assert await stream.event() == ("complete", None)
    answer = await hub.served.post(json.dumps({"query": query}), headers={"Accept": f"{JSON}, {EVENTS}"})
    assert answer.json()["errors"][0]["extensions"]["code"] == code
    assert answer.status_code in (400, 422)


async def test_without_a_token_there_is_no_stream(hub: Followed) -> None:
    async with hub.sse(following(), headers={"Authorization": "Bearer nonsense"}) as stream:
        assert stream.answer.status_code == 401
        assert "WWW-Authenticate" in stream.answer.headers


async def test_who_may_follow_nothing_is_told(hub: Followed) -> None:
    async with hub.sse("subscription { stationChanges { id } }", role="agency") as stream:
        _, payload = await stream.event()
        assert payload["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


async def test_a_stream_by_get(hub: Followed) -> None:
    given = {"Accept": EVENTS, **hub.served.bearer()}
    async with (
        httpx.AsyncClient(trust_env=False, timeout=WAIT) as http,
        http.stream("GET", hub.http_url, params={"query": following()}, headers=given) as answer,
    ):
        assert answer.status_code == 200
        assert b"next" in b"".join([part async for part, _ in _first(answer, 2)])


async def _first(answer: httpx.Response, count: int) -> AsyncIterator[tuple[bytes, int]]:
    seen = 0
    async for part in answer.aiter_raw():
        seen += part.count(b"\n\n")
        yield part, seen
        if seen >= count:
            return


async def test_a_stream_that_has_nothing_to_say_pings(hub: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "PING_SECONDS", 0.05)
    given = {"Accept": EVENTS, **hub.served.bearer()}
    async with (
        httpx.AsyncClient(trust_env=False, timeout=WAIT) as http,
        http.stream("POST", hub.http_url, json={"query": following()}, headers=given) as answer,
    ):
        said = b"".join([part async for part, _ in _first(answer, 5)])
    assert said.count(b":\n\n") >= 3


# ── access ───────────────────────────────────────────────────────────────────────────────────────────


async def test_a_suspended_client_is_shown_out(hub: Followed) -> None:
    async with hub.sse(following()) as stream:
        await stream.next()
        await suspend_client(hub.database, "bureau")
        try:
            _, payload = await stream.event()
            assert payload["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
            assert await stream.event() == ("complete", None)
        finally:
            await hub.served.resume("bureau")


async def test_a_narrower_grant_ends_a_stream(hub: Followed) -> None:
    grant = "update oauth_client set scopes = $1 where client_id = 'township'"
    held = await hub.database.owner.fetchval("select scopes from oauth_client where client_id = 'township'")
    async with hub.sse(following("stationChanges"), role="township") as stream:
        await stream.next()
        await hub.database.owner.execute(grant, [scope for scope in held if scope != "field:care"])
        _, payload = await stream.event()
        assert payload["errors"][0]["extensions"]["code"] == "ACCESS_CHANGED"
        assert await stream.event() == ("complete", None)
    await hub.database.owner.execute(grant, held)


async def test_an_expired_token_ends_a_stream_so_that_the_client_comes_back(
    hub: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def soon(*_: object) -> float:
        return time.time() + 0.2

    monkeypatch.setattr("hub.oauth.bearer.Bearer.ends_at", soon)
    async with hub.sse(following()) as stream:
        _, payload = await stream.event()
        if "errors" not in payload:
            _, payload = await stream.event()
        assert payload["errors"][0]["extensions"]["code"] == "TOKEN_EXPIRED"
        with pytest.raises(EOFError):
            await stream.event()


async def test_a_contract_that_ends_ends_the_contractors_streams(hub: Followed) -> None:
    query = following()
    await hub.database.owner.execute(LIVE)
    async with hub.sse(query, role="contractor") as stream:
        begun = await stream.next()
        await hub.database.owner.execute(ENDED)
        _, payload = await stream.event()
        assert payload["errors"][0]["extensions"]["code"] == "ACCESS_CHANGED"
        assert await stream.event() == ("complete", None)
    async with hub.sse(query, role="contractor", after=begun["position"]) as stream:
        _, payload = await stream.event()
        assert payload["errors"][0]["extensions"]["code"] == "BAD_POSITION"


async def test_a_position_is_good_for_one_slice_only(hub: Followed) -> None:
    async with hub.sse(following("stationChanges")) as stream:
        position = (await stream.next())["position"]
    async with hub.sse(following("visitChanges"), after=position) as stream:
        assert (await stream.next())["operation"] == "CURRENT"  # one sequence, whatever is followed
    async with hub.sse(following("stationChanges"), role="township", after=position) as stream:
        _, payload = await stream.event()
        assert payload["errors"][0]["extensions"]["code"] == "BAD_POSITION"
