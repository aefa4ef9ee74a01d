"""HTTP as bytes: a server in this process on a port of the loopback, and clients that do as they like."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from hub.serve import Server, config
from hub.settings import Settings


@dataclass
class Client:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, *parts: str | bytes) -> None:
        self.writer.writelines(part.encode("latin-1") if isinstance(part, str) else part for part in parts)

    async def answers(self, seconds: float = 5) -> bytes:
        """All that is sent until the server closes, or for so long."""
        said = b""
        try:
            async with asyncio.timeout(seconds):
                while part := await self.reader.read(65536):
                    said += part
        except (TimeoutError, ConnectionError):
            pass
        return said

    async def closed(self, seconds: float = 5) -> bool:
        await self.answers(seconds)
        return self.reader.at_eof() or self.reader.exception() is not None


@asynccontextmanager
async def client(port: int) -> AsyncIterator[Client]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield Client(reader, writer)
    finally:
        writer.transport.abort()


@dataclass
class Listening:
    port: int
    server: Server

    @property
    def connections(self) -> int:
        return len(self.server.server_state.connections)


@asynccontextmanager
async def listening(app: object, port: int = 0) -> AsyncIterator[Listening]:
    """``app`` as the hub serves itself."""
    with socket.socket() as own:
        own.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        own.bind(("127.0.0.1", port))
        ready = asyncio.Event()
        server = Server(config(app, Settings()), ready.set)
        serving = asyncio.create_task(server.serve([own]))
        try:
            async with asyncio.timeout(10):
                await ready.wait()
            yield Listening(own.getsockname()[1], server)
        finally:
            server.should_exit = server.force_exit = True
            await serving
