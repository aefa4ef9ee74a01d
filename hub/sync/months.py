"""The months of the landing: a partition for each in which something arrives, dropped when it is old."""

from __future__ import annotations

import asyncio
from typing import Final

import asyncpg
import structlog

from hub.store.database import Connection, Database
from hub.store.rounds import rounds
from hub.tables import PARTITIONS

log = structlog.get_logger("hub.sync")

LOCK: Final = 0x6875_6206
"""Advisory lock of who makes a month."""
PATIENCE: Final = "5s"
SECONDS: Final = 6 * 3600.0

MISSING: Final = f"""
    select to_char(month, 'YYYY_MM') as name, month::text || '+00' as begins,
        (month + interval '1 month')::text || '+00' as ends
    from unnest(array[0, 1]) ahead, date_trunc('month', now() at time zone 'UTC') this,
        lateral (select this + make_interval(months => ahead)) m (month)
    where not exists (select from pg_class where relnamespace = '{PARTITIONS}'::regnamespace
        and relname = 'slice_' || to_char(month, 'YYYY_MM'))"""
"""Not by ``to_regclass``: that answers from the session's cache, which does not hear of a month another one
made while this one waited for ``LOCK``."""
KEPT_SINCE: Final = """
    (date_trunc('month', (now() - make_interval(days => $1)) at time zone 'UTC') at time zone 'UTC')"""
OLD: Final = f"""
    select c.relname as name from pg_class c
    where c.relnamespace = '{PARTITIONS}'::regnamespace and c.relkind = 'r'
        and to_date(substr(c.relname, 7), 'YYYY_MM')::timestamp at time zone 'UTC' < {KEPT_SINCE}
    order by 1"""
RUNS: Final = f"delete from landed_run where landed_at < {KEPT_SINCE}"


async def months_ahead(db: Database) -> None:
    """Makes this month and the next. A run calls it before it begins: what it lands has a place."""
    if not await db.owner.fetch(MISSING):
        return
    async with db.transaction() as connection:
        await connection.execute("select pg_advisory_xact_lock($1)", LOCK)
        for row in await connection.fetch(MISSING):
            await _make(connection, row["name"], row["begins"], row["ends"])


async def _make(connection: Connection, name: str, begins: str, ends: str) -> None:
    # Made and then attached: so runs that are landing need not end first.
    month = f"{PARTITIONS}.slice_{name}"
    await connection.execute(
        f"create table {month} (like landed_slice including defaults including constraints);"
        f" alter table landed_slice attach partition {month} for values from ('{begins}') to ('{ends}')"
    )


async def months_until(db: Database, days: int, stop: asyncio.Event) -> None:
    """Until ``stop``: months are there when they come, and go ``days`` after they ended."""

    async def look() -> None:
        await months_ahead(db)
        log.info("landings_forgotten", months=await drop_months(db, days))

    await rounds(look, stop, SECONDS, log, "landings_kept")


async def drop_months(db: Database, days: int) -> int:
    """Drops the months that ended ``days`` ago; how many. One that a run is using waits for the next time."""
    dropped = 0
    for row in await db.owner.fetch(OLD, days):
        try:
            async with db.transaction() as connection:
                await connection.execute(f"set local lock_timeout = '{PATIENCE}'")
                await connection.execute(f"drop table if exists {PARTITIONS}.{row['name']}")
        except asyncpg.LockNotAvailableError:
            break
        dropped += 1
    await db.owner.execute(RUNS, days)
    return dropped
