"""What a worker does again and again, until it is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any, Final, Protocol

import asyncpg

FAILED: Final = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""Of a database: told, and tried again in the next round. The last: of a connection closed in mid-answer."""

AGAIN_SECONDS: Final = 5.0


async def rounds(
    look: Callable[[], Awaitable[object]], stop: asyncio.Event, seconds: float, log: Any, waiting: str
) -> None:
    """``look`` at once and then so often, until ``stop``; ``waiting``: what is logged where one failed."""
    while not stop.is_set():
        try:
            await look()
        except FAILED as error:
            log.warning(waiting, kind=type(error).__name__)
        await pause(stop, seconds)


class Beside(Protocol):
    """What a process does beside answering."""

    async def until(self, stop: asyncio.Event) -> None: ...


async def lasting(work: Beside, stop: asyncio.Event, log: Any, seconds: float = AGAIN_SECONDS) -> None:
    """``work`` until ``stop``: begun again where it failed in a way it does not know.

    A task that failed would be over, and nobody would hear of it before the process ends.
    """
    while not stop.is_set():
        try:
            await work.until(stop)
        except Exception as error:
            log.error("work_failed", at=type(work).__module__, kind=type(error).__name__)
            await pause(stop, seconds)


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """So long, or until ``stop``."""
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


async def either(first: asyncio.Event, second: asyncio.Event, seconds: float) -> None:
    """Until one of the two, or so long."""
    await first_of(first.wait(), second.wait(), seconds=seconds)


async def first_of(*waits: Coroutine[Any, Any, Any], seconds: float | None = None) -> None:
    """Until one of them is over, or so long; the others end with it, whatever they were waiting for."""
    tasks = [asyncio.create_task(each) for each in waits]
    try:
        await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in tasks:
            each.cancel()
