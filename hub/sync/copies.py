"""Rows on their way into the temporary tables of a run, copied some thousands at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from hub.store.database import Connection

Records = list[tuple[Any, ...]]
MANY: Final = 2_000


class Copies:
    """Each COPY asks for the table's types first, so a few rows cost as much as hundreds."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._waiting: dict[str, tuple[Sequence[str], Records]] = {}

    async def add(self, table: str, columns: Sequence[str], records: Records) -> None:
        """``columns`` are the same each time."""
        if not records:
            return
        _, waiting = self._waiting.setdefault(table, (columns, []))
        waiting.extend(records)
        if len(waiting) >= MANY:
            await self._copy(table)

    async def flush(self) -> None:
        """Before anything reads the tables."""
        for table in list(self._waiting):
            await self._copy(table)

    async def _copy(self, table: str) -> None:
        columns, records = self._waiting.pop(table)
        await self._connection.copy_records_to_table(table, columns=columns, records=records)
