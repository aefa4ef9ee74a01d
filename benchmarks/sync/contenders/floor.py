"""The floor: PostgreSQL alone, with rows that are ready. It reads, checks, seals and remembers nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Final

import asyncpg

from benchmarks.sync.columns import KEY, NAMES
from benchmarks.sync.contenders.contender import Contender, Values
from benchmarks.sync.source import Source, definition

STORED: Final = f"select {', '.join(NAMES)} from person where {KEY} = any($1::text[])"


INDEXES: Final = (
    "id_number",
    "name",
    "birth_on",
    f"division_code, {KEY}",
    f"left(division_code, 9), risk_level, {KEY}",
    f"risk_level, {KEY}",
    f"category, {KEY}",
)


class Floor(Contender):
    name = "floor"
    tables = ("person",)
    indexes: ClassVar[Sequence[str]] = ()

    async def prepare(self) -> None:
        connection = await asyncpg.connect(self.dsn)
        try:
            await connection.execute(f"create table person ({definition()}, primary key ({KEY}))")
            for columns in self.indexes:
                await connection.execute(f"create index on person ({columns})")
        finally:
            await connection.close()

    def command(self) -> list[str]:
        return [sys.executable, "-m", "benchmarks.sync.contenders.floor_app"]

    async def stored(self, connection: asyncpg.Connection[Any], keys: Iterable[str]) -> Values:
        return {row[0]: tuple(row) for row in await connection.fetch(STORED, list(keys))}

    def rows(self, case: str, source: Source) -> range:
        number = {"first": source.rows, "unchanged": 0, "one_percent": source.changed}[case]
        return range(number, number + 1)


class FloorIndexed(Floor):
    """With indexes such as readers of the hub find people by, but none for pieces of a name."""

    name = "floor_indexed"
    indexes = INDEXES
