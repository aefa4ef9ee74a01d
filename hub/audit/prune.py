"""Deleting what is older than the log is kept: whole sealed batches, the oldest first; their hashes stay.

What an administrator's act was, values included, stands in its shape and goes with the entry. Shapes that
others have go when no entry is as old as they were last good for (``hub.audit.shape.keep``).
"""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from hub.store.database import Database
from hub.store.rounds import rounds

log = structlog.get_logger("hub.audit")

SECONDS: Final = 6 * 3600.0

# A batch is as old as when it was sealed: everything in it is older.
PRUNE: Final = """
    update access_batch set pruned_at = now(), people = '{}', asked = '{}'
    where pruned_at is null and number < (
        select coalesce(min(number), 9223372036854775807) from access_batch
        where sealed_at >= now() - make_interval(days => $1))
    returning last_sequence"""


FORGET: Final = """
    delete from access_span
    where last_number <= (select max(number) from access_batch where pruned_at is not null)"""

SHAPES: Final = 1000
"""Deleted in one statement."""
FORGET_SHAPES: Final = f"""
    delete from access_shape where digest = any (array(
        select digest from access_shape where last_at < coalesce((select min(at) from access_entry), now())
        order by last_at limit {SHAPES} for update skip locked))"""  # noqa: S608 - of a number


async def prune(database: Database, days: int) -> int:
    """Deletes the entries of all batches sealed more than ``days`` ago; how many entries. And shapes that
    no entry has."""
    count = await _entries(database, days)
    while int((await database.owner.execute(FORGET_SHAPES)).split()[-1]) == SHAPES:
        pass
    return count


async def _entries(database: Database, days: int) -> int:
    async with database.transaction() as connection:
        await connection.execute("select set_config('hub.prunes', 'on', true)")
        rows = await connection.fetch(PRUNE, days)
        if not rows:
            return 0
        last = max(row["last_sequence"] for row in rows)
        await connection.execute(FORGET)
        status = await connection.execute("delete from access_entry where sequence <= $1", last)
    return int(status.split()[-1])


async def prune_until(database: Database, days: int, stop: asyncio.Event) -> None:
    async def look() -> None:
        log.info("access_log_pruned", count=await prune(database, days))

    await rounds(look, stop, SECONDS, log, "access_log_kept")
