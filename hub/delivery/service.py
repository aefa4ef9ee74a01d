"""What a process does for webhooks: hears of changes, claims endpoints that may have to be told, tells them.

Any number of processes share the work. Endpoints whose last try failed have places of their own, so those
that hang do not keep the others waiting.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
import time
from dataclasses import dataclass, field
from typing import Final

import structlog

from hub.delivery.places import LEASE_SECONDS, Claimed, Places
from hub.delivery.posting import Networks, Post
from hub.delivery.telling import Teller
from hub.errors import HubError
from hub.read.positions import Snapshot
from hub.read.stream import Streams
from hub.settings import Settings
from hub.store.listener import ACCESS, CHANGES
from hub.store.rounds import FAILED, pause
from hub.web.metrics import Metrics

log = structlog.get_logger("hub.delivery")

SECONDS: Final = 5.0
"""Between two looks for tries that are due; of changes a process hears at once."""
FAILING_SHARE: Final = 4
"""One in so many places is for endpoints whose last try failed."""

AHEAD: Final = 4
"""Times as many endpoints are claimed as are told at once, when no more than that are left: a claim is a look
at all that may be due."""
AHEAD_SECONDS: Final = LEASE_SECONDS / 3
"""An endpoint that waited longer for its turn is given back, long before its lease ends."""

_ANY: Final = "select exists (select from webhook_place where stopped_at is null)"
_NOW: Final = "select pg_current_snapshot()::text as snapshot, clock_timestamp() as at"
_NEWS: Final = """
    select distinct entity from change
    where (xact >= $1 or xact = any ($2::bigint[])) and xact < $3 and not xact = any ($4::bigint[])"""


@dataclass(slots=True)
class Service:
    streams: Streams
    settings: Settings
    metrics: Metrics
    seen: Snapshot | None = field(default=None, init=False)
    everything: dt.datetime = field(default=dt.datetime.min.replace(tzinfo=dt.UTC), init=False)
    news: dict[str, dt.datetime] = field(default_factory=dict, init=False)
    """When there was something last, by table."""
    heard: tuple[int, int] = field(default=(-1, -1), init=False)
    listening: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    async def until(self, stop: asyncio.Event) -> None:
        """Tells, until ``stop``; messages under way are finished."""
        settings = self.settings
        post = Post(Networks(settings.webhook_networks), settings.webhook_senders, settings.webhook_seconds)
        places = Places(self.streams.engine.database, secrets.token_hex(8))
        teller = Teller(self.streams, places, post, self.metrics, settings.change_days)
        most = settings.webhook_senders
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._tell(teller, stop, most, failing=False))
                group.create_task(self._tell(teller, stop, max(1, most // FAILING_SHARE), failing=True))
        finally:
            await post.close()

    async def _tell(self, teller: Teller, stop: asyncio.Event, most: int, *, failing: bool) -> None:
        running: set[asyncio.Task[None]] = set()
        turns, room = asyncio.Semaphore(most), asyncio.Event()

        def ended(task: asyncio.Task[None]) -> None:
            running.discard(task)
            if len(running) <= most:
                room.set()

        while not stop.is_set():
            turn = self.streams.listener.turn(CHANGES)
            claimed = []
            try:
                async with self.listening:
                    there = await self._listen(teller.places)
                if there:
                    claimed = await teller.places.claim(
                        failing=failing,
                        everything=self.everything,
                        news=self.news,
                        most=AHEAD * most - len(running),
                    )
            except (*FAILED, HubError) as error:
                log.warning("webhooks_waiting", kind=type(error).__name__)
            until = time.monotonic() + AHEAD_SECONDS
            for row in claimed:
                task = asyncio.create_task(self._one(teller, row, turns, stop, until))
                running.add(task)
                task.add_done_callback(ended)
            if not claimed:
                await self._rest(stop, turn)
            elif len(running) > most:
                room.clear()
                await room.wait()
        if running:
            await asyncio.wait(running)

    async def _one(
        self, teller: Teller, row: Claimed, turns: asyncio.Semaphore, stop: asyncio.Event, until: float
    ) -> None:
        try:
            async with turns:
                if stop.is_set() or time.monotonic() > until:
                    await teller.places.release(row)
                else:
                    await teller.tell(row)
        except (*FAILED, HubError) as error:  # its lease ends by itself
            log.warning("webhook_waiting", kind=type(error).__name__)
        except Exception as error:
            log.exception("webhook_failed", kind=type(error).__name__)

    async def _rest(self, stop: asyncio.Event, turn: int) -> None:
        """Until there was something, or some time."""
        if self.seen is None:
            await pause(stop, SECONDS)
            return
        await self.streams.listener.heard(CHANGES, turn, SECONDS, stop)

    async def _listen(self, places: Places) -> bool:
        """Takes in what was heard since; False where there is no endpoint at all, and nobody listens."""
        database, listener = places.database, self.streams.listener
        if self.seen is None and not (await database.fetch(_ANY))[0][0]:
            return False
        listener.start()
        heard = listener.turn(CHANGES), listener.turn(ACCESS)
        if heard == self.heard and self.seen is not None:
            return True
        [(text, at)] = await database.fetch(_NOW)
        now, seen = Snapshot.of(text), self.seen
        if seen is None or heard[1] != self.heard[1]:
            await places.access_changed()
            self.everything = at
        if seen is not None:
            rows = await database.fetch(_NEWS, seen.upper, list(seen.open), now.upper, list(now.open))
            self.news.update({row["entity"]: at for row in rows})
        self.seen, self.heard = now, heard
        return True
