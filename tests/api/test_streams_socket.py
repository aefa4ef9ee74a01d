"""Subscriptions, and all else, over WebSocket."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from websockets.exceptions import ConnectionClosed, InvalidStatus

from hub.errors import Unavailable
from hub.oauth.clients import suspend_client
from hub.web import websocket
from hub.web.messages import PROTOCOL
from tests.support.http import ANSWER, QUERY, without_cost
from tests.support.streaming import ENDED, LIVE, Followed, Socket, commit, following, streaming

PORTAL = "https://portal.example"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Followed]:
    async with streaming(cors_origins=PORTAL) as followed:
        yield followed


@pytest.fixture
def person(hub: Followed) -> int:
    return int(next(r["id"] for r in hub.served.world.rows["beneficiary"] if r["county_code"] == "450305"))


async def test_several_operations_share_a_socket(hub: Followed, person: int) -> None:
    async with hub.socket() as socket:
        assert socket.raw.subprotocol == PROTOCOL
        await socket.subscribe("people", following())
        await socket.subscribe("stations", following("stationChanges"))
        assert {(await socket.hear())["id"] for _ in range(2)} == {"people", "stations"}
        await socket.subscribe("one", QUERY)
        said = await socket.hear()
        assert (said["id"], said["type"], without_cost(said["payload"])) == ("one", "next", ANSWER)
        assert await socket.hear() == {"id": "one", "type": "complete"}
        await commit(hub.database, beneficiary=[person])
        assert (await socket.next("people"))["id"] == f"Beneficiary:450305:{person}"
        await socket.say(type="complete", id="people")
        await commit(hub.database, beneficiary=[person], station=[1])
        assert (await socket.next("stations"))["id"] == "Station:1"
        await socket.subscribe("people", following())  # its id is free again
        assert (await socket.next("people"))["operation"] == "CURRENT"


async def test_a_stream_goes_on_over_another_socket(hub: Followed, person: int) -> None:
    async with hub.socket() as socket:
        await socket.subscribe("a", following())
        position = (await socket.next("a"))["position"]
    await commit(hub.database, beneficiary=[person])
    async with hub.socket() as socket:
        await socket.subscribe("a", following(), after=position)
        assert [(await socket.next("a"))["operation"] for _ in range(2)] == ["UPSERT", "CURRENT"]


@pytest.mark.parametrize("spoken", ["en", "zh"])
async def test_an_operation_that_is_refused_ends_alone(hub: Followed, spoken: str) -> None:
    async with hub.socket(headers={"Accept-Language": spoken}) as socket:
        for name, query in (("a", "{ nothing }"), ("b", "subscription {"), ("c", "{ a } query B { b }")):
            await socket.subscribe(name, query)
            message = await socket.hear()
            assert (message["id"], message["type"]) == (name, "error")
            error = message["payload"][0]
            assert error["extensions"]["code"]
            assert error["message"].isascii() is (spoken == "en")
        await socket.subscribe("a", QUERY)
        assert without_cost((await socket.hear())["payload"]) == ANSWER


async def test_ping_is_answered_with_its_payload(hub: Followed) -> None:
    async with hub.socket(None) as socket:
        await socket.say(type="ping", payload={"a": 1})
        assert await socket.hear() == {"type": "pong", "payload": {"a": 1}}
        await socket.say(type="pong")
        await socket.init(hub.served.bearer())
        await socket.say(type="ping")
        assert await socket.hear() == {"type": "pong"}


# ── misuse ───────────────────────────────────────────────────────────────────────────────────────────

ASKED = {"query": QUERY}
MISUSED: dict[str, tuple[Any, int]] = {
    "no JSON": ("{", 4400),
    "null": (None, 4400),
    "a list": ([], 4400),
    "a number": (12, 4400),
    "a text": ("x", 4400),
    "binary": (b'{"type":"ping"}', 4400),
    "no type": ({}, 4400),
    "a type that is no text": ({"type": 1}, 4400),
    "an unknown type": ({"type": "start", "id": "1", "payload": ASKED}, 4400),
    "a ping with a list": ({"type": "ping", "payload": []}, 4400),
    "a pong with a text": ({"type": "pong", "payload": "x"}, 4400),
    "no id": ({"type": "subscribe", "payload": ASKED}, 4400),
    "an id that is a number": ({"type": "subscribe", "id": 1, "payload": ASKED}, 4400),
    "an empty id": ({"type": "subscribe", "id": "", "payload": ASKED}, 4400),
    "a long id": ({"type": "subscribe", "id": "x" * 129, "payload": ASKED}, 4400),
    "no payload": ({"type": "subscribe", "id": "1"}, 4400),
    "payload null": ({"type": "subscribe", "id": "1", "payload": None}, 4400),
    "payload a list": ({"type": "subscribe", "id": "1", "payload": [ASKED]}, 4400),
    "no query": ({"type": "subscribe", "id": "1", "payload": {}}, 4400),
    "query a number": ({"type": "subscribe", "id": "1", "payload": {"query": 1}}, 4400),
    "variables a list": ({"type": "subscribe", "id": "1", "payload": {**ASKED, "variables": []}}, 4400),
    "operationName a number": (
        {"type": "subscribe", "id": "1", "payload": {**ASKED, "operationName": 1}}, 4400,
    ),
    "extensions a text": ({"type": "subscribe", "id": "1", "payload": {**ASKED, "extensions": "x"}}, 4400),
    "complete without an id": ({"type": "complete"}, 4400),
    "a second init": ({"type": "connection_init"}, 4429),
    "too large": ({"type": "ping", "payload": {"a": "x" * 70_000}}, 1009),
}  # fmt: skip


@pytest.mark.parametrize("name", MISUSED)
async def test_misuse_closes_the_socket_with_its_code(hub: Followed, name: str) -> None:
    sent, code = MISUSED[name]
    async with hub.socket() as socket:
        await socket.raw.send(sent if isinstance(sent, bytes) or name == "no JSON" else json.dumps(sent))
        found, reason = await socket.code()
    assert found == code
    assert len(reason.encode()) <= 123


async def test_an_id_in_use_closes_the_socket(hub: Followed) -> None:
    async with hub.socket() as socket:
        await socket.subscribe("a", following())
        await socket.subscribe("a", following())
        assert (await socket.code())[0] == 4409


async def test_complete_for_an_unknown_id_says_nothing(hub: Followed) -> None:
    async with hub.socket(None) as socket:
        await socket.say(type="complete", id="gone")
        await socket.init(hub.served.bearer())
        await socket.say(type="complete", id="gone")
        await socket.subscribe("a", QUERY)
        assert without_cost((await socket.hear())["payload"]) == ANSWER


async def test_nothing_is_done_before_init(hub: Followed) -> None:
    async with hub.socket(None) as socket:
        await socket.subscribe("a", QUERY)
        assert await socket.code() == (4401, "Unauthorized")


async def test_init_must_come_soon(hub: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "INIT_SECONDS", 0.2)
    async with hub.socket(None) as socket:
        assert await socket.code() == (4408, "Connection initialisation timeout")


@pytest.mark.parametrize("protocol", [None, "graphql-ws", "soap"])
async def test_another_subprotocol_is_not_acceptable(hub: Followed, protocol: str | None) -> None:
    from websockets.exceptions import NegotiationError

    try:
        async with hub.socket(None, protocol=protocol) as socket:
            assert (await socket.code())[0] == 4406
    except NegotiationError:
        pass


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        (None, 4403), ({}, 4403), ({"Authorization": None}, 4403), ({"Authorization": "Bearer x"}, 4403),
        ({"Authorization": 1}, 4400), ([], 4400), ("x", 4400),
    ],
)  # fmt: skip
async def test_who_cannot_say_who_he_is_gets_nowhere(hub: Followed, payload: Any, code: int) -> None:
    async with hub.socket(None) as socket:
        await socket.say(type="connection_init", payload=payload)
        assert (await socket.code())[0] == code


async def test_the_token_may_come_with_the_handshake(hub: Followed) -> None:
    async with hub.socket(None, headers=hub.served.bearer()) as socket:
        await socket.say(type="connection_init")
        assert await socket.hear() == {"type": "connection_ack"}
        await socket.say(type="subscribe", id="a", payload=ASKED)
        assert without_cost((await socket.hear())["payload"]) == ANSWER


@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{PORTAL}.evil.example"])
async def test_pages_of_other_sites_cannot_connect(hub: Followed, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with hub.socket(origin=origin):
            pass
    assert refused.value.response.status_code == 403


async def test_pages_of_named_sites_and_of_the_hub_can(hub: Followed) -> None:
    for origin in (PORTAL, hub.served.settings.base_url):
        async with hub.socket(origin=origin):
            pass


# ── bounds ───────────────────────────────────────────────────────────────────────────────────────────


async def test_operations_of_a_socket_are_bounded(hub: Followed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websocket, "MAX_OPERATIONS", 2)
    async with hub.socket() as socket:
        for name in "abc":
            await socket.subscribe(name, following())
        assert (await socket.code())[0] == 4429


async def test_streams_of_a_client_are_bounded_and_places_are_given_back() -> None:
    async with streaming(streams_per_client=2, streams=3) as hub:
        for _ in range(3):
            async with hub.socket() as socket:
                await socket.subscribe("a", following())
                await socket.next("a")
                await socket.subscribe("b", following())
                message = await socket.hear()
                assert message["payload"][0]["extensions"]["code"] == "TOO_MANY_STREAMS"
                async with hub.sse(following()) as stream:
                    assert stream.answer.status_code == 429
                    assert stream.answer.headers["retry-after"] == "60"
                async with hub.socket(None) as other:
                    await other.say(type="connection_init", payload=hub.served.bearer())
                    assert (await other.code())[0] == 4429
                async with hub.sse(following("stationChanges"), role="township") as stream:
                    await stream.next()
                    async with hub.sse(following("stationChanges"), role="operator") as more:
                        assert more.answer.status_code == 429
                metrics = (await hub.served.http.get("/metrics")).text
                assert 'hub_streams{transport="websocket"} 2.0' in metrics
            await _quiet(hub)


async def _quiet(hub: Followed) -> None:
    for _ in range(500):
        if 'hub_streams{transport="websocket"} 0.0' in (await hub.served.http.get("/metrics")).text:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("a place was not given back")


async def test_a_client_asks_no_more_often_than_it_may() -> None:
    async with streaming(requests_per_minute=2) as hub, hub.socket() as socket:
        await socket.subscribe("a", QUERY)
        assert (await socket.hear())["type"] == "next"
        await socket.hear()
        await socket.subscribe("b", QUERY)
        message = await socket.hear()
        assert message["payload"][0]["extensions"]["code"] == "RATE_LIMITED"
        assert message["payload"][0]["extensions"]["retryAfter"] == 60


# ── access ───────────────────────────────────────────────────────────────────────────────────────────


async def test_a_suspended_client_is_shown_out(hub: Followed) -> None:
    async with hub.socket("township") as socket:
        await socket.subscribe("a", following())
        await socket.next("a")
        await suspend_client(hub.database, "township")
        assert await socket.code() == (4401, "UNAUTHENTICATED")
        await hub.served.resume("township")


async def test_a_client_that_was_suspended_for_a_moment_is_shown_out_too(hub: Followed) -> None:
    async with hub.socket("township") as socket:
        await socket.subscribe("a", following())
        await socket.next("a")
        await suspend_client(hub.database, "township")
        await hub.served.resume("township")
        assert await socket.code() == (4401, "UNAUTHENTICATED")


async def test_a_suspended_client_that_follows_nothing_is_shown_out_too() -> None:
    async with streaming() as hub, hub.socket() as socket:
        await suspend_client(hub.database, "bureau")
        assert await socket.code() == (4401, "UNAUTHENTICATED")


async def test_a_token_that_ends_closes_the_socket_so_that_the_client_comes_back(
    hub: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def soon(*_: object) -> float:
        return time.time() + 0.2

    monkeypatch.setattr("hub.oauth.bearer.Bearer.ends_at", soon)
    async with hub.socket() as socket:
        assert await socket.code() == (4403, "TOKEN_EXPIRED")


async def test_a_contract_that_ends_ends_the_stream_and_not_the_socket(hub: Followed) -> None:
    await hub.database.owner.execute(LIVE)
    async with hub.socket("contractor") as socket:
        await socket.subscribe("a", following())
        await socket.next("a")
        await hub.database.owner.execute(ENDED)
        message = await socket.hear()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "ACCESS_CHANGED")
        await socket.subscribe("b", QUERY)
        assert without_cost((await socket.hear())["payload"]) == ANSWER


async def test_the_end_of_a_socket_is_one_line_of_the_log_that_names_nobody() -> None:
    async with streaming() as hub:
        async with hub.socket() as socket:
            await socket.subscribe("a", '{ division(code: "450305000000") { name } secret }')
            await socket.hear()
            await socket.raw.send("{")
            await socket.code()
        lines = [line for line in hub.served.logs.lines() if line.get("method") == "WEBSOCKET"]
    assert lines[-1]["route"] == "/graphql"
    assert lines[-1]["status"] == 4400
    assert lines[-1]["client_id"] == "bureau"
    assert "secret" not in hub.served.logs.text


async def test_a_fault_of_the_hub_closes_the_socket_and_says_nothing(
    hub: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise LookupError("a value of somebody")

    monkeypatch.setattr("hub.read.stream.Streams.subscribe", broken)
    async with hub.socket() as socket:
        await socket.subscribe("a", QUERY)
        assert await socket.code() == (4500, "INTERNAL_ERROR")


async def test_a_database_that_is_away_sends_the_client_back_later(
    hub: Followed, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise Unavailable

    async with hub.socket() as socket:
        monkeypatch.setattr("hub.read.stream.Streams.subscribe", away)
        await socket.subscribe("a", following())
        assert await socket.code() == (1013, "UNAVAILABLE")
    monkeypatch.setattr("hub.oauth.bearer.Bearer.viewer", away)
    async with hub.socket(None) as socket:
        await socket.say(type="connection_init", payload=hub.served.bearer())
        assert await socket.code() == (1013, "UNAVAILABLE")


async def test_a_server_that_ends_sends_its_clients_to_another() -> None:
    async with streaming() as hub:
        async with hub.socket() as socket, hub.sse(following()) as stream:
            await socket.subscribe("a", following())
            await socket.next("a")
            await stream.next()
            hub.wire.server.should_exit = True
            assert (await socket.code())[0] == 1012
            with pytest.raises((EOFError, Exception)):
                await stream.event()
            assert not hub.wire.server.force_exit
        with pytest.raises((OSError, ConnectionClosed)):
            async with hub.socket():
                pass


async def test_sockets_after_the_client_is_gone_are_forgotten(hub: Followed) -> None:
    socket: Socket
    async with hub.socket() as socket:
        await socket.subscribe("a", following())
        await socket.next("a")
        socket.raw.transport.abort()
    await _quiet(hub)


async def test_a_client_held_to_its_documents_cannot_ask_by_another_way() -> None:
    async with streaming() as hub:
        await hub.database.owner.execute(
            "update oauth_client set documents_only = true where client_id = 'bureau'"
        )
        async with hub.socket() as socket:
            for query in (QUERY, following()):
                await socket.subscribe("a", query)
                message = await socket.hear()
                assert message["payload"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
        async with hub.sse(following()) as stream:
            _, payload = await stream.event()
            assert payload["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
