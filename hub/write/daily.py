"""What the worker does for this room, at once and on every day."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
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
            try:
                log.info("duties_issued", count=await issue_duties(database, today, deletion_days))
                log.info("overrides_expired", count=await expire(database, now))
                log.info("write_keys_forgotten", count=await forget_keys(database))
                done = today
            except FAILED as error:
                log.warning("duties_waiting", kind=type(error).__name__)
        # What ended yesterday a list may take back at any hour of the new day.
        await pause(stop, min(every, day_end(now)))
