"""What PostgreSQL tells: one connection of a process listens, and wakes whoever waits.

A notice says only that something happened; whoever is woken asks the database what. So a notice may be lost
with its connection: a new one counts as a notice. Once a minute the connection is asked whether it lives.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any, Final

import structlog

from hub.store.database import Database

log = structlog.get_logger(__name__)

CHANGES: Final = "hub_change"
"""Changes were committed, or what contracts allow."""
ACCESS: Final = "hub_access"
"""A registered client was changed."""
CHANNELS: Final = (CHANGES, ACCESS)

LOOK_SECONDS: Final = 60.0
"""Between two looks at a connection that says nothing."""
ANSWER_SECONDS: Final = 10.0
BREATH_SECONDS: Final = 1.0
"""Before connecting again."""


class Listener:
    """``turn(channel)`` grows with every notice; ``after`` waits until it does."""

    def __init__(self, database: Database, look_seconds: float = LOOK_SECONDS) -> None:
        self._database = database
        self._look_seconds = look_seconds
        self._turns = dict.fromkeys(CHANNELS, 0)
        self._waiting: dict[str, set[asyncio.Future[None]]] = {channel: set() for channel in CHANNELS}
        self._task: asyncio.Task[None] | None = None
        self._lost = asyncio.Event()

    def turn(self, channel: str) -> int:
        return self._turns[channel]

    async def after(self, channel: str, turn: int, seconds: float | None = None) -> None:
        """Returns when there was a notice after ``turn``, or after so many seconds."""
        if self._turns[channel] != turn:
            return
        woken = asyncio.get_running_loop().create_future()
        self._waiting[channel].add(woken)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await woken
        finally:
            self._waiting[channel].discard(woken)

    def start(self) -> None:
        """Connects once somebody waits: most processes, and all tests that need none, never do."""
        if self._task is None:
            self._task = asyncio.create_task(self._listen())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def tell(self, channel: str) -> None:
        self._turns[channel] += 1
        for woken in self._waiting[channel]:
            if not woken.done():
                woken.set_result(None)

    async def _listen(self) -> None:
        while True:
            try:
                await self._one_connection()
            except Exception as error:
                # Whatever it was, nobody would be told of anything any more: begin again.
                log.warning("listener_lost", kind=type(error).__name__)
            await asyncio.sleep(BREATH_SECONDS)

    async def _one_connection(self) -> None:
        connection = await self._database.connect()
        self._lost.clear()
        try:
            connection.add_termination_listener(lambda _: self._lost.set())
            for channel in CHANNELS:
                await connection.add_listener(channel, self._heard)
            for channel in CHANNELS:
                self.tell(channel)
            while not self._lost.is_set():
                await self._quiet(connection)
        finally:
            connection.terminate()

    async def _quiet(self, connection: Any) -> None:
        """Until the next look, which finds out whether anybody is still there to tell."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._look_seconds):
                await self._lost.wait()
        if not self._lost.is_set():
            await connection.execute("select 1", timeout=ANSWER_SECONDS)

    def _heard(self, _: Any, __: int, channel: str, ___: object) -> None:
        self.tell(channel)
