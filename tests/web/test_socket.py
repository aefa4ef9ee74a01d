"""Bounds of a WebSocket that hold for clients that do not read and for those that are gone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect

from hub import serve
from hub.web import socket, taking
from tests.support.wire import Client, Listening, client, listening

WAIT = 10.0
HANDSHAKE = (
    "GET /{} HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n\r\n"
)

over = asyncio.Event()


async def pour(connection: WebSocket) -> None:
    """More than any buffer on the way holds."""
    await connection.accept()
    try:
        for _ in range(1000):
            await connection.send_text("x" * 65_536)
    finally:
        over.set()


async def silent(connection: WebSocket) -> None:
    await connection.accept()
    try:
        await connection.receive()
    finally:
        over.set()


@pytest_asyncio.fixture(loop_scope="session")
async def hub(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Listening]:
    monkeypatch.setattr(taking, "STALL_SECONDS", 0.6)
    monkeypatch.setattr(serve, "PING_SECONDS", 0.5)
    monkeypatch.setattr(socket, "CLOSE_SECONDS", 0.1)
    over.clear()
    async with listening(
        Starlette(routes=[WebSocketRoute(f"/{f.__name__}", f) for f in (pour, silent)])
    ) as h:
        yield h


async def opened(one: Client, path: str) -> None:
    one.send(HANDSHAKE.format(path))
    assert b" 101 " in await one.reader.readuntil(b"\r\n\r\n")


async def test_who_takes_nothing_of_what_is_sent_is_left(hub: Listening) -> None:
    async with client(hub.port) as one:
        await opened(one, "pour")
        one.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await asyncio.wait_for(over.wait(), WAIT)


async def test_who_answers_no_ping_is_left(hub: Listening) -> None:
    async with client(hub.port) as one:
        await opened(one, "silent")
        await asyncio.wait_for(over.wait(), WAIT)
        assert await one.closed(WAIT)


async def test_who_reads_and_answers_is_kept(hub: Listening) -> None:
    async with connect(f"ws://127.0.0.1:{hub.port}/silent", proxy=None, compression=None):
        await asyncio.sleep(1.5)
        assert not over.is_set()
    async with connect(f"ws://127.0.0.1:{hub.port}/pour", proxy=None, compression=None) as reading:
        for _ in range(1000):
            await asyncio.wait_for(reading.recv(), WAIT)


async def test_nothing_is_compressed(hub: Listening) -> None:
    async with connect(f"ws://127.0.0.1:{hub.port}/silent", proxy=None) as offering:
        assert "Sec-WebSocket-Extensions" not in offering.response.headers  # type: ignore[union-attr]
