"""Who asked for what: an entry of the access log before the answer leaves the hub.

The first answer that is ready has the entries of all that are under way written with its own: one round trip
for many requests. Only the entry of one that is alone, or whose answer takes no time, is written while the
question is being answered. An entry is safe once PostgreSQL has it, even if the hub is killed; that it comes
to the disk some tenths of a second later spares every answer a wait for the disk (``synchronous_commit``).
"""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from hub.access.viewer import REQUEST_ID, Viewer
from hub.errors import Unavailable
from hub.store.database import Database
from hub.store.lender import PATIENCE

log = structlog.get_logger(__name__)

Entry = tuple[str, str, str | None, str, str, str]

WRITE: Final = """
    with soon as (select set_config('synchronous_commit', 'off', true))
    insert into access_entry (client_id, role, purpose, operation, request_id, tables)
    select e.client_id, e.role, e.purpose, e.operation, e.request_id, string_to_array(e.tables, ' ')
    from soon, unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
        as e (client_id, role, purpose, operation, request_id, tables)"""


class Audit:
    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: dict[asyncio.Future[None], Entry] = {}
        self._under_way = 0
        self._wanted = False
        self._writer: asyncio.Task[None] | None = None

    def note(
        self, viewer: Viewer, operation: bytes, tables: tuple[str, ...], *, soon: bool
    ) -> asyncio.Future[None]:
        """An entry, to be given to ``written`` before anything is told.

        ``operation`` is the hash of a document: its text may hold what somebody asked about. ``soon``: the
        answer will be there before another could be.
        """
        noted: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        document, reached = operation.hex(), " ".join(tables)
        entry = viewer.client_id, viewer.role, viewer.purpose, document, REQUEST_ID.get(), reached
        self._waiting[noted] = entry
        if soon or not self._under_way:
            self._begin()
        self._under_way += 1
        return noted

    async def written(self, noted: asyncio.Future[None]) -> None:
        """Unavailable when it cannot be written."""
        self._under_way -= 1
        if noted in self._waiting:
            self._begin()
        await noted

    def _begin(self) -> None:
        self._wanted = True
        if self._writer is None:
            self._writer = asyncio.get_running_loop().create_task(self._write_all())

    async def _write_all(self) -> None:
        try:
            while self._wanted:
                taken, self._waiting, self._wanted = self._waiting, {}, False
                await self._write(list(taken.values()), list(taken))
        finally:
            self._writer = None

    async def _write(self, entries: list[Entry], all_written: list[asyncio.Future[None]]) -> None:
        failed = False
        try:
            columns = map(list, zip(*entries, strict=True))
            async with asyncio.timeout(PATIENCE):
                await (await self._database.asking()).fetchrow(WRITE, *columns)
        except Exception:
            log.exception("access_log_failed")
            failed = True
        for written in all_written:
            if written.done():  # who asked has gone
                continue
            if failed:
                written.set_exception(Unavailable())
            else:
                written.set_result(None)
