"""Making rows searchable by name that were there before names were."""

from __future__ import annotations

import time
from typing import Final

import structlog

from hub.store.database import Database
from hub.tables import metadata

log = structlog.get_logger(__name__)

BATCH: Final = 5_000
SECONDS: Final = 5.0
"""Between two lines of progress."""


async def make_searchable(database: Database) -> None:
    """Fill ``name_keys`` where they are missing, batch by batch; what was done stays if it is broken off."""
    for table in (t.name for t in metadata.sorted_tables if "name_keys" in t.c):
        missing = await database.owner.fetchval(
            f"select exists (select from {table} where name_keys is null)"
        )
        if missing:
            await _fill(database, table)


async def _fill(database: Database, table: str) -> None:
    total = await database.owner.fetchval(f"select count(*) from {table} where name_keys is null")
    done, spoken, more = 0, time.monotonic(), BATCH
    log.info("names_searchable", table=table, done=0, total=total)
    while more:
        status = await database.owner.execute(_batch(table))
        more = int(status.split()[-1])
        done += more
        if more and time.monotonic() - spoken < SECONDS:
            continue
        spoken = time.monotonic()
        log.info("names_searchable", table=table, done=done, total=total)


def _batch(table: str) -> str:
    """Rows that another process is at are left to it."""
    person = str(metadata.tables[table].c.name_keys.info["of_person"]).lower()
    return f"""
        update {table} set name_keys = name_keys(name, {person})
        where ctid = any (array(
            select ctid from {table} where name_keys is null limit {BATCH} for update skip locked))"""
