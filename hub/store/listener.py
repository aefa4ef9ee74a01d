"""What PostgreSQL tells: one connection of a process listens, and wakes whoever waits.

A notice says only that something happened; whoever is woken asks the database what. So a notice may be lost
with its connection: a new one counts as a notice. From time to time the hub calls itself over another
connection, and what it does not hear tells it that nobody listens: the network lost the connection without a
word, or a pooler gave its session to somebody else.
"""

from __future__ import annotations

import asyncio
import secrets
from contextlib import suppress
from typing import Any, Final

import asyncpg
import structlog

from hub.store.database import Database
from hub.store.rounds import first_of

log = structlog.get_logger(__name__)

CHANGES: Final = "hub_change"
"""Changes were committed, or what contracts allow."""
ACCESS: Final = "hub_access"
"""A registered client was changed."""
CHANNELS: Final = (CHANGES, ACCESS)
CALLS: Final = "hub_listener"
"""Where processes call themselves."""

CALL_SECONDS: Final = 15.0
"""From hearing itself to the next call."""
DEAF_SECONDS: Final = 3.0
"""For a call to be heard; and while none is, from one look of all who wait to the next."""


class Deaf(Exception):
    """The connection lives, or seems to, and nothing is heard over it."""


class Listener:
    """``turn(channel)`` grows with every notice; ``after`` waits until it does."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._turns = dict.fromkeys(CHANNELS, 0)
        self._waiting: dict[str, set[asyncio.Future[None]]] = {channel: set() for channel in CHANNELS}
        self._task: asyncio.Task[None] | None = None
        self._name = secrets.token_hex(8)
        self._itself = asyncio.Event()
        self._warned = ""

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

    async def heard(self, channel: str, turn: int, seconds: float, stop: asyncio.Event) -> None:
        """As ``after``, or until ``stop``."""
        await first_of(self.after(channel, turn, seconds), stop.wait())

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
            except Deaf as error:
                self._warn(error)  # the next connection comes with a look
            except Exception as error:
                # Whatever it was, nobody would be told of anything any more: begin again.
                self._warn(error)
                await asyncio.sleep(DEAF_SECONDS)
                await self._look_without()

    async def _one_connection(self) -> None:
        """Returns when it is lost, so that the next may follow at once."""
        connection = await self._database.connect()
        lost = asyncio.Event()
        try:
            connection.add_termination_listener(lambda _: lost.set())
            async with asyncio.timeout(DEAF_SECONDS):
                await self._listen_on(connection)
            self._tell_all()
            while not lost.is_set():
                await self._call()
                with suppress(TimeoutError):
                    async with asyncio.timeout(CALL_SECONDS):
                        await lost.wait()
        finally:
            connection.terminate()

    async def _listen_on(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        for channel in CHANNELS:
            await connection.add_listener(channel, self._heard)
        await connection.add_listener(CALLS, self._called)

    async def _call(self) -> None:
        """Deaf where it is not heard in time."""
        self._itself.clear()
        try:
            async with asyncio.timeout(DEAF_SECONDS):
                await self._database.fetch("select pg_notify($1, $2)", CALLS, self._name)
                await self._itself.wait()
        except TimeoutError:
            raise Deaf from None
        self._warned = ""

    async def _look_without(self) -> None:
        """Where others reach the database. A stream that does not would end, and nobody gain by it."""
        with suppress(Exception):  # as above
            await self._database.fetch("select 1", seconds=DEAF_SECONDS)
            self._tell_all()

    def _tell_all(self) -> None:
        for channel in CHANNELS:
            self.tell(channel)

    def _warn(self, error: Exception) -> None:
        """Once, and not every few seconds."""
        kind = type(error).__name__
        if kind != self._warned:
            log.warning("listener_lost", kind=kind)
        self._warned = kind

    def _heard(self, _: Any, __: int, channel: str, ___: object) -> None:
        self.tell(channel)

    def _called(self, _: Any, __: int, ___: str, name: object) -> None:
        if name == self._name:
            self._itself.set()
