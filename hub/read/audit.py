"""Who asked for what: an entry of the access log before the answer leaves the hub.

The entry is written while the question is being answered, and all that come meanwhile are written together:
one round trip for many requests, and hardly a wait for any. An entry is safe once PostgreSQL has it, even if
the hub is killed. That it reaches the disk some tenths of a second later spares every answer a wait for the
disk (``synchronous_commit``).
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
        self._waiting: list[tuple[Entry, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    def note(self, viewer: Viewer, operation: bytes, tables: tuple[str, ...]) -> asyncio.Future[None]:
        """Begin to write, to be awaited before anything is told; Unavailable when it cannot be written.

        ``operation`` is the hash of a document: its text may hold what somebody asked about.
        """
        loop = asyncio.get_running_loop()
        written: asyncio.Future[None] = loop.create_future()
        document, reached = operation.hex(), " ".join(tables)
        entry = viewer.client_id, viewer.role, viewer.purpose, document, REQUEST_ID.get(), reached
        self._waiting.append((entry, written))
        if self._writer is None:
            self._writer = loop.create_task(self._write_all())
        return written

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                taken, self._waiting = self._waiting, []
                await self._write([entry for entry, _ in taken], [written for _, written in taken])
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
