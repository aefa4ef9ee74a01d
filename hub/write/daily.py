"""What the worker does for this room, at once and on every day."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import structlog

from hub.domain.dates import day_end
from hub.store.database import Database
from hub.store.rounds import FAILED, pause
from hub.write.duties import issue_duties
from hub.write.keys import forget_keys
from hub.write.overriding import expire

log = structlog.get_logger("hub.write")

SECONDS: Final = 3600.0
"""Between two looks, if no day begins before: what failed is tried again within the hour."""


async def daily(
    database: Database,
    deletion_days: int,
    clock: Callable[[], dt.datetime],
    stop: asyncio.Event,
    every: float = SECONDS,
) -> None:
    """Until ``stop``; a day on which it failed is tried again."""
    done: dt.date | None = None
    while not stop.is_set():
        now = clock()
        today = now.date()
        if today != done:
            jobs: dict[str, Callable[[], Awaitable[int]]] = {
                "overrides_expired": partial(expire, database, now),
                "duties_issued": partial(issue_duties, database, today, deletion_days),
                "write_keys_forgotten": partial(forget_keys, database),
            }
            if all([await _did(event, job) for event, job in jobs.items()]):
                done = today
        # What ended yesterday a list may take back at any hour of the new day.
        await pause(stop, min(every, day_end(now)))


async def _did(event: str, job: Callable[[], Awaitable[int]]) -> bool:
    """One that fails keeps no other waiting."""
    try:
        log.info(event, count=await job())
    except FAILED as error:
        log.warning("duties_waiting", kind=type(error).__name__, reason=event)
        return False
    return True
