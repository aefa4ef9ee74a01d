"""Who was shown what: an entry of the access log before the answer leaves the hub.

Which records are in an answer is known when PostgreSQL has made it. Then its entry is written: with those of
all answers that became ready in the same moment, or while the entries before them were being written, in one
round trip. An entry is safe once PostgreSQL has it, even if the hub is killed; that it comes to the disk some
tenths of a second later spares every answer a wait for the disk (``synchronous_commit``).

Entries are bound to each other afterwards (``hub.audit.seal``), so that no request waits for another's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final

import structlog
from cachetools import TTLCache

from hub.access.viewer import REQUEST_ID, Viewer
from hub.audit.shape import KNOWN_SECONDS, Shape, keep
from hub.errors import Unavailable
from hub.store.database import Database
from hub.store.lender import PATIENCE

log = structlog.get_logger(__name__)

Entry = tuple[str, str, str, str, str, str, str, str, str, str]

COLUMNS: Final = (
    "client_id", "user_id", "role", "purpose", "operation", "shape", "request_id", "tables", "records",
    "asked",
)  # fmt: skip
"""What an entry has, as it is sent: as texts, with a blank between the members of a list."""
VALUES: Final = {
    "user_id": "e.user_id::bigint",
    "shape": "decode(e.shape, 'hex')",
    "operation": "coalesce(e.operation, '')",
    "request_id": "coalesce(e.request_id, '')",
    "tables": "string_to_array(coalesce(e.tables, ''), ' ')",
    "asked": "string_to_array(e.asked, ' ')",
}
"""Of columns that are no text, or never null."""
BETWEEN: Final = "\x1f"
"""The entries of a column are one text, empty where there is nothing: none of these holds such a character.
asyncpg asks of every member of an array whether it is one itself, which takes longer than all the rest."""

_NAMES: Final = ", ".join(COLUMNS)
_GIVEN: Final = ", ".join(f"string_to_array(${i}, e{BETWEEN!a}, '')" for i in range(1, len(COLUMNS) + 1))
_VALUES: Final = ", ".join(VALUES.get(name, f"e.{name}") for name in COLUMNS)

WRITE: Final = f"""
    with soon as (select set_config('synchronous_commit', 'off', true))
    insert into access_entry ({_NAMES})
    select {_VALUES} from soon, unnest({_GIVEN}) as e ({_NAMES})"""  # noqa: S608 - of the names above
WRITE_SHAPES: Final = f"""
    with soon as (select set_config('synchronous_commit', 'off', true))
    {keep("soon, unnest($1::bytea[], $2::text[])")}"""
KNOWN: Final = 10_000
"""Shapes of which a process remembers that they are written, and need not be again just now."""


class Audit:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[asyncio.Future[None], Entry] = {}
        self._new: dict[bytes, str] = {}
        self._known: TTLCache[bytes, bool] = TTLCache(KNOWN, KNOWN_SECONDS)
        self._writer: asyncio.Task[None] | None = None

    def written(
        self,
        viewer: Viewer,
        operation: bytes,
        shape: Shape,
        tables: Sequence[str],
        records: str,
        asked: Sequence[Any] = (),
    ) -> asyncio.Future[None]:
        """Is done once it is written, before which nothing may be told; Unavailable when it cannot be.

        ``operation`` is the hash of a document: its text may hold what somebody asked about. ``records``: as
        in ``hub.audit.records``. ``asked``: keyed hashes of numbers.
        """
        noted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        if shape.digest not in self._known:
            self._new[shape.digest] = shape.content
        self._waiting[noted] = (
            viewer.client_id,
            "" if viewer.user_id is None else str(viewer.user_id),
            viewer.role,
            viewer.cause or "",
            operation.hex(),
            shape.digest.hex(),
            REQUEST_ID.get(),
            " ".join(tables),
            records,
            " ".join([number.hex() for number in asked]),
        )
        if self._writer is None:
            self._begin()
        return noted

    def _begin(self) -> None:
        self._writer = asyncio.get_running_loop().create_task(self._write_all())
        self._writer.add_done_callback(self._ended)

    def _ended(self, _: asyncio.Task[None]) -> None:
        self._writer = None
        if self._waiting:  # they came at the last moment, or it was cancelled
            self._begin()

    async def _write_all(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting, {}
            new, self._new = self._new, {}
            await self._write(list(taken.values()), list(taken), new)

    async def _write(
        self, entries: list[Entry], all_written: list[asyncio.Future[None]], new: dict[bytes, str]
    ) -> None:
        is_written = False
        try:
            columns = map(BETWEEN.join, zip(*entries, strict=True))
            async with asyncio.timeout(PATIENCE):
                lender = await self._database.asking()
                if new:  # before the first entry that refers to them
                    await lender.fetchrow(WRITE_SHAPES, list(new), list(new.values()))
                    self._known.update(dict.fromkeys(new, True))
                await lender.fetchrow(WRITE, *columns)
            is_written = True
        except Exception:
            log.exception("access_log_failed")
        finally:  # also where it was cancelled: nobody waits for ever
            for written in all_written:
                if written.done():  # who asked has gone
                    continue
                if is_written:
                    written.set_result(None)
                else:
                    written.set_exception(Unavailable())
