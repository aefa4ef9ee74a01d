"""What streams cost: refused before they begin, and charged to the minute that queries are charged to."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from hub.access.limits import Allowance
from hub.oauth.purposes import allow_client
from hub.web.accept import JSON
from hub.web.limits import Budget
from tests.support.http import COST, QUERY, refused
from tests.support.purposes import granted
from tests.support.streaming import Followed, commit, following, streaming

DEAR = following(chosen="node { visits(first: 200) { nodes { id beneficiary { id } } } }")
ALLOWED = 13


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Followed]:
    async with streaming(cost_per_minute=ALLOWED) as followed:
        await followed.database.owner.execute("vacuum analyze")
        await granted(followed.database, "bureau", "relief")
        await allow_client(followed.database, "bureau", Allowance(), {"relief": 50_000})
        yield followed


def too_dear(error: dict[str, Any]) -> None:
    told = error["extensions"]
    assert told["code"] == "COST_EXCEEDED"
    assert told["cost"] > told["allowed"] == ALLOWED
    assert told["path"] == "beneficiaryChanges.node.visits"
    assert [(each["path"], each["argument"], each["given"]) for each in told["suggestions"]] == [
        ("beneficiaryChanges.node.visits", "first", 200)
    ]


async def test_a_stream_that_is_too_dear_is_refused_before_it_begins(hub: Followed) -> None:
    async with hub.sse(DEAR) as stream:
        kind, payload = await stream.event()
        assert kind == "next"
        (error,) = payload["errors"]
        too_dear(error)
        assert payload["extensions"]["cost"] == {
            "static": error["extensions"]["cost"], "actual": 0, "perRequest": ALLOWED, "perMinute": ALLOWED,
            "remaining": None,
        }  # fmt: skip
        assert await stream.event() == ("complete", None)


async def test_who_takes_json_too_is_refused_as_for_a_query(hub: Followed) -> None:
    accept = {"Accept": f"{JSON}, text/event-stream"}
    answer = await hub.served.post(json.dumps({"query": DEAR}), headers=accept)
    too_dear(refused(answer, 422, "COST_EXCEEDED"))
    assert set(answer.json()["extensions"]["cost"]) == COST


async def test_over_a_socket_it_is_the_error_of_its_operation(hub: Followed) -> None:
    async with hub.socket() as socket:
        await socket.subscribe("dear", DEAR)
        message = await socket.hear()
        assert (message["id"], message["type"]) == ("dear", "error")
        too_dear(message["payload"][0])
        await socket.subscribe("dear", following())  # the socket goes on, and the id is free
        assert (await socket.next("dear"))["operation"] == "CURRENT"


async def test_events_and_queries_share_a_minute_and_no_event_is_lost(
    hub: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.web.limits.now", lambda: 6_000_000_000)
    monkeypatch.setattr(Budget, "seconds_left", lambda _: 0.05)
    person = next(r["id"] for r in hub.served.world.rows["beneficiary"] if r["county_code"] == "450305")
    async with hub.sse(following()) as stream:
        await stream.next()
        assert (await hub.served.ask(QUERY)).status_code == 200
        await commit(hub.database, beneficiary=[person])
        coming = asyncio.ensure_future(stream.next())
        assert not (await asyncio.wait([coming], timeout=0.5))[0]
        spent = await hub.served.ask(QUERY)
        assert refused(spent, 429, "BUDGET_EXCEEDED")
        monkeypatch.setattr("hub.web.limits.now", lambda: 6_000_000_060)
        assert (await coming)["id"] == f"Beneficiary:450305:{person}"
        assert refused(await hub.served.ask(QUERY), 429, "BUDGET_EXCEEDED")


# ── purposes ─────────────────────────────────────────────────────────────────────────────────────────

RELIEF = {"Hub-Purpose": "relief"}
WHAT_FOR = "{ viewer { purpose } }"


@pytest.mark.parametrize("by_header", [True, False])
async def test_a_socket_says_what_it_is_for(hub: Followed, by_header: bool) -> None:
    async with hub.socket(None, headers=RELIEF if by_header else None) as socket:
        await socket.init({**hub.served.bearer(), **({} if by_header else RELIEF)})
        await socket.subscribe("what", WHAT_FOR)
        payload = (await socket.hear())["payload"]
        assert payload["data"] == {"viewer": {"purpose": "relief"}}
        assert payload["extensions"]["cost"]["perMinute"] == 50_000
        await socket.hear()
        await socket.subscribe("dear", DEAR)  # which only this purpose may afford
        assert (await socket.next("dear")) == {"node": None}


async def test_a_stream_over_sse_has_the_minute_of_its_purpose(hub: Followed) -> None:
    async with hub.sse(DEAR, headers=RELIEF) as stream:
        assert await stream.next() == {"node": None}


@pytest.mark.parametrize("purpose", ["statistics", "", "Relief"])
@pytest.mark.parametrize("query", [WHAT_FOR, following()])
async def test_a_purpose_that_is_not_registered_refuses_every_operation(
    hub: Followed, purpose: str, query: str
) -> None:
    async with hub.socket(None) as socket:
        await socket.init({**hub.served.bearer(), "Hub-Purpose": purpose})
        for _ in range(2):
            await socket.subscribe("a", query)
            message = await socket.hear()
            assert (message["id"], message["type"]) == ("a", "error")
            told = message["payload"][0]["extensions"]
            assert (told["code"], told["purposes"]) == ("PURPOSE_REFUSED", ["relief"])


async def test_a_purpose_is_a_text(hub: Followed) -> None:
    async with hub.socket(None) as socket:
        await socket.say(type="connection_init", payload={**hub.served.bearer(), "Hub-Purpose": 1})
        assert await socket.code() == (4400, "Expected Hub-Purpose to be a text")


async def test_a_query_over_a_socket_is_in_the_metrics(hub: Followed) -> None:
    async def measured() -> float:
        told = (await hub.served.http.get("/metrics")).text
        found = re.search(r'^hub_request_cost_count\{role="bureau"\} (\S+)$', told, re.MULTILINE)
        return float(found[1]) if found else 0.0

    before = await measured()
    async with hub.socket() as socket:
        await socket.subscribe("one", "{ __typename }")
        assert (await socket.hear())["type"] == "next"
        assert (await socket.hear())["type"] == "complete"
    assert await measured() == before + 1
