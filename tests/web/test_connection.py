"""What a client may send, how slowly, and what happens when it does not read; byte by byte."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import AsyncIterator

import orjson
import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.web import connection, taking
from tests.support.wire import Listening, client, listening

LARGE = 16 * 1024 * 1024
HURRIED = 0.6
"""Seconds of each time that a client has: enough for a machine that is busy with other tests."""
STATUS = re.compile(rb"HTTP/1\.1 (\d+)")


async def size(request: Request) -> Response:
    return Response(str(len(await request.body())))


async def unread(_: Request) -> Response:
    return Response("unread")


async def large(_: Request) -> Response:
    return Response(bytes(LARGE))


async def slow(_: Request) -> Response:
    await asyncio.sleep(HURRIED + 0.1)
    return Response("slow")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Listening]:
    methods = ["GET", "POST"]
    routes = [Route(f"/{each.__name__}", each, methods=methods) for each in (size, unread, large, slow)]
    async with listening(Starlette(routes=routes)) as served:
        yield served


async def statuses(hub: Listening, *sent: str | bytes, seconds: float = 5) -> list[int]:
    """Of every answer, until the hub closes or for so long."""
    async with client(hub.port) as one:
        one.send(*sent)
        return [int(found) for found in STATUS.findall(await one.answers(seconds))]


GET = "GET /size HTTP/1.1\r\nHost: h\r\n"
POST = "POST /size HTTP/1.1\r\nHost: h\r\n"
LAST = f"{GET}Connection: close\r\n\r\n"


async def test_a_connection_is_kept(hub: Listening) -> None:
    assert await statuses(hub, f"{GET}\r\n", f"{POST}Content-Length: 5\r\n\r\n12345", LAST) == [200, 200, 200]
    chunked = f"{POST}Transfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n"
    assert await statuses(hub, chunked, LAST) == [200, 200]


async def test_a_client_that_waits_for_leave_gets_it(hub: Listening) -> None:
    async with client(hub.port) as one:
        one.send(f"{POST}Expect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\n")
        assert await one.reader.readuntil(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        one.send("abc")
        assert (await one.answers()).endswith(b"3")


async def test_an_upgrade_that_is_not_offered_is_no_upgrade(hub: Listening) -> None:
    """The request is answered as it stands."""
    assert await statuses(hub, f"{GET}Connection: Upgrade\r\nUpgrade: h2c\r\n\r\n", seconds=1) == [200]


@pytest.mark.parametrize(("key", "status"), [("", 400), ("Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==", 403)])
async def test_a_websocket_is_refused_where_there_is_none(hub: Listening, key: str, status: int) -> None:
    asked = f"{GET}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n{key}\r\n\r\n"
    assert await statuses(hub, asked) == [status]


HOSTS = {
    "none": ("GET /size HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
    "two": (f"{GET}Host: h\r\nConnection: close\r\n\r\n", 400),
    "two, in other letters": (f"{GET}hOST: evil.example\r\nConnection: close\r\n\r\n", 400),
    "two of a posted body": (f"{POST}Host: i\r\nContent-Length: 3\r\n\r\nabc", 400),
    "two of a websocket": (
        f"{GET}Host: i\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n",
        400,
    ),
    "none in HTTP/1.0": ("GET /size HTTP/1.0\r\n\r\n", 200),
    "two in HTTP/1.0": ("GET /size HTTP/1.0\r\nHost: h\r\nHost: i\r\n\r\n", 400),
    "an address and another": ("GET http://h/size HTTP/1.1\r\nHost: i\r\nConnection: close\r\n\r\n", 200),
    "an empty one": ("GET /size HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", 200),
}


@pytest.mark.parametrize("name", HOSTS)
async def test_a_request_names_one_host(hub: Listening, name: str) -> None:
    """RFC 9112, 3.2. Whoever is in front may go by the first of two, the hub by none."""
    sent, status = HOSTS[name]
    async with client(hub.port) as one:
        one.send(sent)
        answer = await one.answers()
    assert STATUS.findall(answer) == [str(status).encode()]
    if status == 400:
        (error,) = orjson.loads(answer.partition(b"\r\n\r\n")[2])["errors"]
        assert (error["message"], error["extensions"]["code"]) == (
            "Expected one Host header.",
            "BAD_DOCUMENT",
        )


# ── how large ────────────────────────────────────────────────────────────────────────────────────────

HEADS = {
    "a long target": (f"GET /size?q={'x' * connection.MAX_TARGET} HTTP/1.1\r\nHost: h\r\n\r\n", 414),
    "many headers": (GET + "A: b\r\n" * connection.MAX_HEADERS + "\r\n", 431),
    "one large header": (GET + f"A: {'x' * connection.MAX_HEAD}\r\n\r\n", 431),
    "large headers": (GET + f"A: {'x' * 4000}\r\n" * 10 + "\r\n", 431),
    "a header without end": (GET + "A: " + "x" * 2_000_000, 431),
    "a name without end": (GET + "x" * 2_000_000, 431),
    "a target without end": ("GET /size?" + "x" * 2_000_000, 414),
    "a trailer without end": (f"{POST}Transfer-Encoding: chunked\r\n\r\n0\r\n" + "A: b\r\n" * 200_000, 431),
}


@pytest.mark.parametrize("name", HEADS)
async def test_a_head_has_its_bounds(hub: Listening, name: str) -> None:
    sent, status = HEADS[name]
    assert (await statuses(hub, sent))[:1] in ([status], [])  # nothing, where the client's sending is cut off
    if "without end" not in name:
        assert await statuses(hub, sent) == [status]
    assert await statuses(hub, LAST) == [200]


async def test_a_head_within_them_is_taken(hub: Listening) -> None:
    target = f"GET /size?q={'x' * (connection.MAX_TARGET - 20)} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n"
    assert await statuses(hub, target, "A: b\r\n" * (connection.MAX_HEADERS - 2), "\r\n") == [200]
    async with client(hub.port) as one:
        one.send(GET, f"A: {'x' * 15_000}\r\n")
        await asyncio.sleep(0.05)
        one.send(f"B: {'x' * 15_000}\r\nConnection: close\r\n\r\n")
        assert STATUS.findall(await one.answers()) == [b"200"]


# ── how slow ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HEAD_SECONDS", "MESSAGE_SECONDS"):
        monkeypatch.setattr(connection, name, HURRIED)
    monkeypatch.setattr(taking, "STALL_SECONDS", HURRIED)


@pytest.mark.usefixtures("hurried")
async def test_a_client_that_says_nothing_is_left(hub: Listening) -> None:
    async with client(hub.port) as one:
        assert await one.closed(2)
        assert await one.answers() == b""


@pytest.mark.usefixtures("hurried")
async def test_a_dribbled_head_is_given_up(hub: Listening) -> None:
    async with client(hub.port) as one:
        started = time.monotonic()
        answers = asyncio.create_task(one.answers())
        for byte in f"{GET}X-Long: {'x' * 110}":
            one.send(byte)
            await asyncio.sleep(0.02)
            if answers.done():
                break
        assert STATUS.findall(await answers) == [b"408"]
        assert time.monotonic() - started < 2  # it would have gone on for three


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("path", ["/size", "/unread"])
async def test_a_dribbled_body_is_given_up(hub: Listening, path: str) -> None:
    """Whether somebody waits for it or it was answered long ago."""
    async with client(hub.port) as one:
        one.send(f"POST {path} HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n")
        answers = asyncio.create_task(one.answers())
        for _ in range(100):
            one.send("x")
            await asyncio.sleep(0.02)
            if answers.done():
                break
        assert STATUS.findall(await answers) == [b"200" if path == "/unread" else b"408"]


@pytest.mark.usefixtures("hurried")
async def test_the_hub_takes_its_own_time(hub: Listening) -> None:
    """And the client's time begins anew with each request."""
    async with client(hub.port) as one:
        for _ in range(3):
            for part in ("GET /slow HTT", "P/1.1\r\nHost", ": h\r\n\r\n"):
                one.send(part)
                await asyncio.sleep(0.05)
            assert b"slow" in await one.answers(2 * HURRIED)


@pytest.mark.usefixtures("hurried")
async def test_a_large_body_has_its_time_again_for_each_part_of_it(
    hub: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten parts, two of them within the time of one, and three not."""
    for more, expected in ((1000, [b"200"]), (1001, [b"408"])):
        monkeypatch.setattr(connection, "MORE_BODY", more)
        async with client(hub.port) as one:
            one.send(f"{POST}Content-Length: {500 * 10}\r\nConnection: close\r\n\r\n")
            answers = asyncio.create_task(one.answers())
            for _ in range(10):
                await asyncio.sleep(0.4 * HURRIED)
                one.send("x" * 500)
            assert STATUS.findall(await answers) == expected


@pytest.mark.usefixtures("hurried")
async def test_a_body_behind_its_answer_has_no_more_time(
    hub: Listening, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "MORE_BODY", 100)
    async with client(hub.port) as one:
        one.send("POST /unread HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n")
        closed = asyncio.create_task(one.closed(2))
        for _ in range(15):
            await asyncio.sleep(0.1)
            if closed.done():
                break
            one.send("x" * 1000)
        assert closed.done()
        assert await closed


# ── who does not read ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("hurried")
async def test_an_answer_that_is_not_read_is_given_up(hub: Listening) -> None:
    async with client(hub.port) as one:
        one.writer.transport.pause_reading()  # type: ignore[attr-defined]
        one.send("GET /large HTTP/1.1\r\nHost: h\r\n\r\n")
        await asyncio.sleep(HURRIED / 3)
        assert hub.connections == 1
        for _ in range(200):
            if not hub.connections:
                break
            await asyncio.sleep(0.05)
        assert hub.connections == 0


@pytest.mark.usefixtures("hurried")
async def test_an_answer_that_is_read_slowly_arrives(hub: Listening) -> None:
    async with client(hub.port) as one:
        one.send("GET /large HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
        taken = 0
        while part := await one.reader.read(512 * 1024):
            taken += len(part)
            await asyncio.sleep(0.03)
        assert taken > LARGE


# ── who does not wait ────────────────────────────────────────────────────────────────────────────────


async def test_a_few_requests_may_wait(hub: Listening) -> None:
    assert await statuses(hub, f"{GET}\r\n" * 5 + LAST) == [200] * 6


@pytest.mark.parametrize("path", ["slow", "size"])
async def test_many_are_refused(hub: Listening, path: str) -> None:
    """Those before them may have been answered, and the connection is closed."""
    async with client(hub.port) as one:
        one.send(f"POST /{path} HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc" * 10_000)
        *answered, last = STATUS.findall(await one.answers())
        assert (set(answered) | {b"200"}, last) == ({b"200"}, b"422")
        assert len(answered) <= connection.MAX_WAITING
        assert await one.closed()


# ── who means something else ─────────────────────────────────────────────────────────────────────────

INSIDE = f"{GET}Host: inside\r\n\r\n"
SMUGGLED: dict[str, str | bytes] = {
    "length and chunks": f"{POST}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n{INSIDE}",
    "chunks and length": f"{POST}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n{INSIDE}",
    "two lengths": f"{POST}Content-Length: 0\r\nContent-Length: 60\r\n\r\n{INSIDE}",
    "a list of lengths": f"{POST}Content-Length: 0, 60\r\n\r\n{INSIDE}",
    "a signed length": f"{POST}Content-Length: +0\r\n\r\n{INSIDE}",
    "a negative length": f"{POST}Content-Length: -1\r\n\r\n{INSIDE}",
    "a length without end": f"{POST}Content-Length: {'9' * 5000}\r\n\r\n{INSIDE}",
    "chunks by another name": f"{POST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n{INSIDE}",
    "chunks, then not": f"{POST}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n{INSIDE}",
    "a space before the colon": f"{POST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n{INSIDE}",
    "a folded header": f"{POST}Transfer-Encoding:\r\n chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n{INSIDE}",
    "a size that is none": f"{POST}Transfer-Encoding: chunked\r\n\r\nx\r\n\r\n{INSIDE}",
    "a size that overflows": f"{POST}Transfer-Encoding: chunked\r\n\r\n{'f' * 17}\r\n\r\n{INSIDE}",
    "a null": f"{GET}A: \0\r\n\r\n{INSIDE}",
    "a header without a name": f"{GET}: x\r\n\r\n{INSIDE}",
    "another protocol": f"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n{INSIDE}",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    "a version that is none": f"GET /size HTTP/9.9\r\nHost: h\r\n\r\n{INSIDE}",
}


@pytest.mark.parametrize("name", SMUGGLED)
async def test_what_two_servers_might_read_differently_is_refused(hub: Listening, name: str) -> None:
    sent = SMUGGLED[name]
    async with client(hub.port) as one:
        one.send(sent)
        said = await one.answers(2)
        assert [int(found) for found in STATUS.findall(said)] == [400], said
        assert b'"code":"BAD_DOCUMENT"' in said
        assert await one.closed()
