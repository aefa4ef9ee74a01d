"""``hub worker``: asks every source again when it is due, and does what each day brings."""

from __future__ import annotations

import asyncio
import datetime as dt
import signal
from collections.abc import Callable

import structlog

from connectors import CONNECTORS
from hub.audit.prune import prune_until
from hub.compliance.following import keep_until
from hub.domain.dates import china_now
from hub.sealing import sealer
from hub.settings import Settings
from hub.store.database import Database
from hub.store.keys import load_vault
from hub.sync.alike import Rule, compare_until
from hub.sync.months import months_until
from hub.sync.outgoing import enter_until
from hub.sync.reconcile import reconcile_until
from hub.sync.rules import enforce_until
from hub.sync.schedule import tidy, work
from hub.write.daily import daily
from hub.write.ending import end_until

log = structlog.get_logger("hub.worker")


async def run(settings: Settings) -> None:
    """Until SIGINT or SIGTERM; a run under way ends first."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    database = await Database.open(settings)
    try:
        log.info("worker_started")
        await labour(database, settings, stop)
    finally:
        await database.close()


async def labour(
    database: Database,
    settings: Settings,
    stop: asyncio.Event,
    clock: Callable[[], dt.datetime] = china_now,
) -> None:
    """All that a worker does, until ``stop``. ``clock``: of the day that verdicts are kept for."""
    vault, interval = load_vault(settings), settings.sync_interval_seconds
    async with asyncio.TaskGroup() as group:
        group.create_task(work(database, vault, CONNECTORS, interval, stop))
        group.create_task(enter_until(database, vault, CONNECTORS, stop))
        group.create_task(enforce_until(database, china_now, stop))
        group.create_task(tidy(database, settings.change_days, stop))
        group.create_task(months_until(database, settings.landing_days, stop))
        days = settings.landing_days
        group.create_task(reconcile_until(database, vault, CONNECTORS, days, china_now, stop))
        group.create_task(sealer(settings, database).until(stop))
        group.create_task(prune_until(database, settings.audit_days, stop))
        group.create_task(daily(database, settings.deletion_days, china_now, stop))
        group.create_task(end_until(database, china_now, stop))
        group.create_task(keep_until(database, clock, stop))
        rule = Rule(settings.identity_link_at, settings.identity_review_at)
        group.create_task(compare_until(database, rule, settings.identity_seconds, stop))
