"""The floor: PostgreSQL alone, with rows that are ready. It reads, checks, seals and remembers nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any, Final

import asyncpg

from benchmarks.sync.columns import KEY, NAMES
from benchmarks.sync.contenders.contender import Contender, Values
from benchmarks.sync.source import Source, definition

STORED: Final = f"select {', '.join(NAMES)} from person where {KEY} = any($1::text[])"


class Floor(Contender):
    name = "floor"
    tables = ("person",)

    async def prepare(self) -> None:
        connection = await asyncpg.connect(self.dsn)
        try:
            await connection.execute(f"create table person ({definition()}, primary key ({KEY}))")
        finally:
            await connection.close()

    def command(self) -> list[str]:
        return [sys.executable, "-m", "benchmarks.sync.contenders.floor_app"]

    async def stored(self, connection: asyncpg.Connection[Any], keys: Iterable[str]) -> Values:
        return {row[0]: tuple(row) for row in await connection.fetch(STORED, list(keys))}

    def rows(self, case: str, source: Source) -> range:
        number = {"first": source.rows, "unchanged": 0, "one_percent": source.changed}[case]
        return range(number, number + 1)
