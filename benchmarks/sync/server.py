"""A PostgreSQL for the run alone, with the hub's settings, and what is read off it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import asyncpg

from benchmarks.read.cpu import processes, seconds_of
from hub.store.cluster import SUPERUSER
from hub.store.embedded import OWNER, Embedded

PREFIX: Final = "benchmark_"

# It would clean up after one contender while the next one is measured; ``upkeep`` does what it would do.
ALONE: Final = "alter system set autovacuum = off"


@dataclass(slots=True)
class Server:
    """``connection`` is the superuser's."""

    embedded: Embedded
    connection: asyncpg.Connection[Any]
    postmaster: int

    async def database(self, name: str) -> str:
        """Where to reach a new database of the hub's owner."""
        await self.connection.execute(f"create database {PREFIX}{name} owner {OWNER}")
        return self.embedded.dsn(OWNER, PREFIX + name)

    async def drop(self, name: str) -> None:
        await self.connection.execute(f"drop database {PREFIX}{name} with (force)")

    @asynccontextmanager
    async def inside(self, name: str) -> AsyncIterator[asyncpg.Connection[Any]]:
        """The superuser in a database."""
        connection = await asyncpg.connect(self.embedded.dsn(SUPERUSER, PREFIX + name))
        try:
            yield connection
        finally:
            await connection.close()

    async def settle(self) -> None:
        """What others have left in memory is written before somebody is measured."""
        await self.connection.execute("checkpoint", timeout=None)

    async def upkeep(self, name: str) -> float:
        """Seconds of CPU to clean up and count what a case has left behind."""
        before = self.cpu()
        async with self.inside(name) as connection:
            await connection.execute("vacuum (analyze)", timeout=None)
        return self.cpu() - before

    def cpu(self) -> float:
        """Of the server and all its processes so far, those that have ended included."""
        return seconds_of(self.postmaster, processes())

    async def log_bytes(self) -> int:
        """Of the write-ahead log so far."""
        return int(await self.connection.fetchval("select pg_current_wal_insert_lsn() - '0/0'"))

    async def transaction(self) -> int:
        """A row whose ``xmin`` is not below this one was written after now."""
        return int(await self.connection.fetchval("select pg_current_xact_id()::text::bigint"))


async def written(connection: asyncpg.Connection[Any], tables: Sequence[str], since: int) -> int:
    """Rows of the tables that stand there as they were written since."""
    counts = " + ".join(f"(select count(*) from {t} where xmin::text::bigint >= {since})" for t in tables)
    return int(await connection.fetchval(f"select {counts}", timeout=None))


@asynccontextmanager
async def opened(directory: Path) -> AsyncIterator[Server]:
    embedded = await Embedded.start(directory)
    try:
        connection = await asyncpg.connect(embedded.dsn(SUPERUSER, "postgres"))
        try:
            await connection.execute(ALONE)
            await connection.execute("select pg_reload_conf()")
            [pid] = (directory / "postgres").glob("*/postmaster.pid")
            yield Server(embedded, connection, int(pid.read_text().split("\n", 1)[0]))
        finally:
            await connection.close()
    finally:
        await embedded.stop()
