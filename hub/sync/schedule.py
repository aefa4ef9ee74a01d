"""``hub worker``: every source once per interval, however many workers there are."""

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
from hub.sync.run import run_source
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

# The hub itself is a source, too, and is never read.
CLAIM: Final = """
    update source set last_run_at = now() where id = (
        select id from source
        where (last_run_at is null or last_run_at <= now() - $1::interval) and connector <> $2
        order by last_run_at nulls first, id limit 1 for update skip locked)
    returning code"""
UNCLAIM: Final = """
    update source s set last_run_at = coalesce(
        (select max(r.started_at) from sync_run r where r.source_id = s.id), s.last_run_at)
    where s.code = $1"""
NEXT: Final = """
    select extract(epoch from min(last_run_at) + $1::interval - now())::float8 from source
    where connector <> $2"""


async def work(
    db: Database,
    vault: Vault,
    connectors: Mapping[str, Connector],
    interval_seconds: float,
    stop: asyncio.Event,
) -> None:
    """Until ``stop``; runs under way end first. A source that fails is tried at its next turn."""
    interval = dt.timedelta(seconds=interval_seconds)
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(_work(db, vault, connectors, interval, stop))


async def tidy(db: Database, change_days: int, stop: asyncio.Event) -> None:
    """Until ``stop``: what nobody can ask for any more is deleted."""

    async def look() -> None:
        log.info("changes_forgotten", count=await forget_changes(db, change_days))

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
        code: str | None = await connection.fetchval(CLAIM, interval, OWN)
    return code


async def _next(db: Database, interval: dt.timedelta) -> float:
    """Seconds until a source is due, as far as is known now."""
    async with db.transaction() as connection:
        seconds: float | None = await connection.fetchval(NEXT, interval, OWN)
    return LONGEST_SLEEP if seconds is None else min(LONGEST_SLEEP, max(SHORTEST_SLEEP, seconds))
