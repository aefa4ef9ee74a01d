"""``hub worker``: every source once per interval, however many workers there are."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from hub.store.database import Database
from hub.store.vault import Vault
from hub.sync.connector import Connector
from hub.sync.run import run_source

log = structlog.get_logger("hub.sync")

CHINA: Final = ZoneInfo("Asia/Shanghai")
LONGEST_SLEEP: Final = 30.0
"""Seconds after which a worker looks again: sources are registered while it sleeps."""

CLAIM: Final = """
    update source set last_run_at = now() where id = (
        select id from source where last_run_at is null or last_run_at <= now() - $1::interval
        order by last_run_at nulls first, id limit 1 for update skip locked)
    returning code"""
NEXT: Final = """
    select extract(epoch from min(last_run_at) + $1::interval - now())::float8 from source"""


async def work(
    db: Database,
    vault: Vault,
    connectors: Mapping[str, Connector],
    interval_seconds: float,
    stop: asyncio.Event,
) -> None:
    """Until ``stop``; a run under way ends first. A source that fails is tried at its next turn."""
    interval = dt.timedelta(seconds=interval_seconds)
    while not stop.is_set():
        code = await _claim(db, interval)
        if code is None:
            await _sleep(db, interval, stop)
            continue
        try:
            await run_source(db, vault, connectors, code, today=dt.datetime.now(CHINA).date())
        except Exception as error:
            # The run says why; the other sources must not wait for this one.
            log.warning("source_skipped", source=code, kind=type(error).__name__)


async def _claim(db: Database, interval: dt.timedelta) -> str | None:
    """The source that waits longest; claiming sets its clock, so no two workers take the same."""
    async with db.transaction() as connection:
        code: str | None = await connection.fetchval(CLAIM, interval)
    return code


async def _sleep(db: Database, interval: dt.timedelta, stop: asyncio.Event) -> None:
    async with db.transaction() as connection:
        seconds = await connection.fetchval(NEXT, interval)
    try:
        await asyncio.wait_for(stop.wait(), min(LONGEST_SLEEP, max(0.05, seconds or LONGEST_SLEEP)))
    except TimeoutError:
        return
