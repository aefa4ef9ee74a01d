"""``hub worker``: every source when it is due, however many workers there are.

Due is a source an interval after its last run began, one that failed when it is to be tried again, and at
once one whose run died with its worker; each only in its window. All of it stands in the table of sources,
so that workers come and go.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from typing import Final

import structlog

from hub.domain.dates import china_now
from hub.errors import Unavailable
from hub.store.database import Database
from hub.store.rounds import pause, rounds
from hub.store.vault import Vault
from hub.sync.changes import forget_changes
from hub.sync.connector import Connector
from hub.sync.hooks import forget_deliveries
from hub.sync.registry import OPEN
from hub.sync.run import LOCK, run_source
from hub.tables.ledger import OWN

log = structlog.get_logger("hub.sync")

BREATH: Final = 1.0
"""Seconds after a failure."""

SHORTEST_SLEEP: Final = 0.05
LONGEST_SLEEP: Final = 30.0
"""Seconds after which a worker looks again: sources are registered while it sleeps."""

AT_ONCE: Final = 2
"""Sources one worker runs at a time: while PostgreSQL merges one, the worker reads the other."""

TIDY_SECONDS: Final = 6 * 3600.0

# A claim takes a moment to become a run, so one is waited for.
ORPHANED: Final = f"""
    (s.last_status = 'RUNNING' and s.last_run_at < now() - interval '1 minute' and not exists (
        select from pg_locks l join pg_database d on d.oid = l.database
        where l.locktype = 'advisory' and d.datname = current_database()
            and l.classid = {LOCK} and l.objid = s.id and l.objsubid = 2))"""
"""A run whose process has died: its lock is gone."""

# While a run is under way, by hand for one, the source is not due, though the run before it failed.
# Nobody waits for the interval where something was pushed, unless the last run failed: then it is the same
# that would fail again.
PENDING: Final = """
    (s.last_status = 'SUCCEEDED' and exists (
        select from hook_delivery d where d.source_id = s.id
            and d.number > coalesce((s.checkpoint ->> 'delivery')::bigint, 0)))"""
DUE: Final = f"""
    case when {ORPHANED} or {PENDING} then '-infinity'
        when s.last_status = 'RUNNING' then now() + interval '1 minute'
        when s.failure_count > 0 then s.retry_at
        else coalesce(
            s.last_run_at + coalesce(make_interval(mins => s.every_minutes), $1::interval), '-infinity')
    end"""
# The hub itself is a source, too, and is never read.
CLAIM: Final = f"""
    update source set last_run_at = now() where id = (
        select s.id from source s where {DUE} <= now() and {OPEN} and s.connector <> $2
        order by {DUE}, s.id limit 1 for update skip locked)
    returning code"""
UNCLAIM: Final = """
    update source s set last_run_at = coalesce(
        (select max(r.started_at) from sync_run r where r.source_id = s.id), s.last_run_at)
    where s.code = $1"""
NEXT: Final = f"""
    select extract(epoch from min({DUE}) - now())::float8 from source s where {OPEN} and s.connector <> $2"""


async def work(
    db: Database,
    vault: Vault,
    connectors: Mapping[str, Connector],
    interval_seconds: float,
    stop: asyncio.Event,
) -> None:
    """Until ``stop``; runs under way end first. A source that fails is tried again later, and later."""
    interval = dt.timedelta(seconds=interval_seconds)
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(_work(db, vault, connectors, interval, stop))


async def tidy(db: Database, change_days: int, stop: asyncio.Event) -> None:
    """Until ``stop``: what nobody can ask for any more is deleted."""

    async def look() -> None:
        log.info("changes_forgotten", count=await forget_changes(db, change_days))
        log.info("deliveries_forgotten", count=await forget_deliveries(db, change_days))

    await rounds(look, stop, TIDY_SECONDS, log, "changes_kept")


async def _work(
    db: Database,
    vault: Vault,
    connectors: Mapping[str, Connector],
    interval: dt.timedelta,
    stop: asyncio.Event,
) -> None:
    while not stop.is_set():
        code = None
        try:
            code = await _claim(db, interval)
            if code is None:
                await pause(stop, await _next(db, interval))
            else:
                await _run(db, vault, connectors, code)
        except Exception as error:
            # The run says why it failed, and the others go on; a database that is away comes back.
            log.warning("source_skipped", source=code, kind=type(error).__name__)
            await pause(stop, BREATH)


async def _run(db: Database, vault: Vault, connectors: Mapping[str, Connector], code: str) -> None:
    try:
        await run_source(db, vault, connectors, code, today=china_now().date())
    except Unavailable:
        # Somebody else runs it: its clock tells that run, not one that never was.
        async with db.transaction() as connection:
            await connection.execute(UNCLAIM, code)
        raise


async def _claim(db: Database, interval: dt.timedelta) -> str | None:
    """The source that waits longest; claiming sets its clock, so no two workers take the same."""
    async with db.transaction() as connection:
        code: str | None = await connection.fetchval(CLAIM, interval, OWN, china_now().time())
    return code


async def _next(db: Database, interval: dt.timedelta) -> float:
    """Seconds until a source is due, as far as is known now."""
    async with db.transaction() as connection:
        seconds: float | None = await connection.fetchval(NEXT, interval, OWN, china_now().time())
    return LONGEST_SLEEP if seconds is None else min(LONGEST_SLEEP, max(SHORTEST_SLEEP, seconds))
