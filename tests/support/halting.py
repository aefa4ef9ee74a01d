"""PostgreSQL that comes to a halt: connections stay, and new ones are taken, but nothing is answered."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from urllib.parse import parse_qs, urlsplit

from pydantic import SecretStr

from hub.settings import Settings


class Wire:
    """What lies between; ``url`` is the database's, reached by it."""

    def __init__(self, behind: str) -> None:
        self._behind = urlsplit(behind)
        self._free = asyncio.Event()
        self._free.set()
        self._open_ends: set[asyncio.StreamWriter] = set()
        self.url = ""

    @contextmanager
    def halted(self) -> Iterator[None]:
        self._free.clear()
        try:
            yield
        finally:
            self._free.set()

    def cut(self) -> None:
        """Every connection is lost; there may be new ones."""
        for end in self._open_ends:
            end.close()

    async def start(self) -> asyncio.Server:
        server = await asyncio.start_server(self._joined, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        login = self._behind.netloc.rpartition("@")[0]
        self.url = f"postgresql://{login}@127.0.0.1:{port}{self._behind.path}"
        return server

    async def _joined(self, near: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        await self._free.wait()
        far, questions = await self._open()
        ends = {answers, questions}
        self._open_ends |= ends
        try:
            await asyncio.gather(self._pass(near, questions), self._pass(far, answers))
        except OSError:
            pass  # one side is gone
        finally:
            self._open_ends -= ends
            for end in ends:
                end.close()

    async def _pass(self, given: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        while data := await given.read(65536):
            await self._free.wait()
            to.write(data)
            await to.drain()
        to.close()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        directory = parse_qs(self._behind.query).get("host")
        port = self._behind.port or 5432
        if directory:
            return await asyncio.open_unix_connection(f"{directory[0]}/.s.PGSQL.{port}")
        return await asyncio.open_connection(self._behind.hostname, port)


@asynccontextmanager
async def halting(settings: Settings) -> AsyncIterator[tuple[Wire, Settings]]:
    """``settings`` whose database is reached by the wire."""
    assert settings.database_url is not None
    made = Wire(settings.database_url.get_secret_value())
    server = await made.start()
    try:
        yield made, settings.model_copy(update={"database_url": SecretStr(made.url)})
    finally:
        server.close()
