"""What others see of a run while it works and when it has ended: its row, and its source's."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any, Final

import orjson
import structlog

from hub.errors import HubError
from hub.store.database import Connection, Database

log = structlog.get_logger("hub.sync")

TELL_SECONDS: Final = 2.0

# Each failure in a row doubles the wait, from a minute to an hour; a little chance keeps sources apart that
# fail together. A system that is down is asked once an hour, and is back within one.
FAILED: Final = """
    update source set last_status = 'FAILED', failure_count = failure_count + 1, retry_at = now()
        + least(power(2, least(failure_count, 10)), 60) * (0.8 + 0.4 * random()) * interval '1 minute'
    where id = $1"""

REPLAYING: Final = """
    insert into sync_run (source_id, started_at, status, is_replay)
    values ($1, now(), 'RUNNING', true) returning id"""
FINISHED: Final = """
    update sync_run set status = $2, finished_at = clock_timestamp(), read_count = $3, unchanged_count = $4,
        accepted_count = $5, quarantined_count = $6, changed_count = $7, withdrawn_count = $8
    where id = $1 returning source_id"""
COUNTS: Final = ("read", "unchanged", "accepted", "quarantined", "changed", "withdrawn")
SUCCEEDED: Final = """
    update source set last_status = $2, last_success_at = clock_timestamp(), failure_count = 0,
        retry_at = null, checkpoint = coalesce($3::jsonb, checkpoint)
    where id = $1"""


async def start(db: Database, source_id: int) -> int:
    """The new run; one that says it is running though its lock is free has died."""
    async with db.transaction() as connection:
        await connection.execute(
            """
            update sync_run set status = 'FAILED', finished_at = now(),
                error = 'INTERRUPTED: the process that ran it ended'
            where source_id = $1 and status = 'RUNNING'""",
            source_id,
        )
        run_id: int = await connection.fetchval(
            "insert into sync_run (source_id, started_at, status) values ($1, now(), 'RUNNING') returning id",
            source_id,
        )
        await connection.execute(
            "update source set last_run_at = now(), last_status = 'RUNNING' where id = $1", source_id
        )
    return run_id


class Told:
    """Tells now and then how many rows a run has read, in a transaction of its own."""

    def __init__(self, db: Database, run_id: int) -> None:
        self.db, self.run_id = db, run_id
        self._last = time.monotonic()

    async def __call__(self, read: int) -> None:
        if time.monotonic() - self._last < TELL_SECONDS:
            return
        self._last = time.monotonic()
        async with self.db.transaction() as connection:
            await connection.execute("update sync_run set read_count = $2 where id = $1", self.run_id, read)


async def finish(
    connection: Connection, run_id: int, report: Mapping[str, Any], checkpoint: Mapping[str, Any] | None
) -> None:
    """Part of the transaction of the data: a run has succeeded when its data is there."""
    counts = (report[name] for name in COUNTS)
    source_id = await connection.fetchval(FINISHED, run_id, report["status"], *counts)
    to_go_on = None if checkpoint is None else orjson.dumps(dict(checkpoint)).decode()
    await connection.execute(SUCCEEDED, source_id, report["status"], to_go_on)


async def start_replay(db: Database, source_id: int) -> int:
    """A run that asks nobody: the source's own clock and status stay as they are."""
    async with db.transaction() as connection:
        run_id: int = await connection.fetchval(REPLAYING, source_id)
    return run_id


async def finish_replay(connection: Connection, run_id: int, report: Mapping[str, Any]) -> None:
    await connection.fetchval(FINISHED, run_id, report["status"], *(report[name] for name in COUNTS))


async def fail_replay(db: Database, source: str, run_id: int, error: BaseException) -> None:
    await _fail(db, source, run_id, error)


async def fail(db: Database, source: str, run_id: int, error: BaseException) -> None:
    source_id = await _fail(db, source, run_id, error)
    async with db.transaction() as connection:
        await connection.execute(FAILED, source_id)


async def _fail(db: Database, source: str, run_id: int, error: BaseException) -> int:
    reason = explain(error)
    log.error("sync_failed", source=source, run=run_id, reason=reason, exc_info=error)
    async with db.transaction() as connection:
        source_id: int = await connection.fetchval(
            "update sync_run set status = 'FAILED', finished_at = now(), error = $2 where id = $1"
            " returning source_id",
            run_id,
            reason,
        )
    return source_id


def explain(error: BaseException) -> str:
    """A code and a sentence. Messages of other errors than ours may quote a row, so only their type."""
    if isinstance(error, HubError):
        return f"{error.code}: {error.message}"
    state = getattr(error, "sqlstate", None)
    return f"INTERNAL_ERROR: {type(error).__name__}{f' ({state})' if state else ''}"
