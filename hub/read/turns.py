"""Turns: one client's statements never take all connections, so that the others get theirs."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from hub.errors import Unavailable

PATIENCE: Final = 5.0
"""Seconds a request waits for its turn, and for a connection."""


class Turns:
    """``most`` statements of one client at a time, in this process."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._waiting: defaultdict[str, int] = defaultdict(int)
        self._running: dict[str, asyncio.Semaphore] = {}

    @asynccontextmanager
    async def of(self, client_id: str) -> AsyncIterator[None]:
        """Unavailable when the client's own earlier requests take longer than ``PATIENCE``."""
        turn = self._running.setdefault(client_id, asyncio.Semaphore(self._most))
        self._waiting[client_id] += 1
        try:
            await _acquire(turn)
            try:
                yield
            finally:
                turn.release()
        finally:
            self._waiting[client_id] -= 1
            if not self._waiting[client_id]:
                del self._waiting[client_id], self._running[client_id]


async def _acquire(turn: asyncio.Semaphore) -> None:
    if not turn.locked():
        await turn.acquire()  # suspends nowhere, and needs no clock
        return
    try:
        async with asyncio.timeout(PATIENCE):
            await turn.acquire()
    except TimeoutError:
        raise Unavailable(
            "Your earlier queries are still running; try again later.",
            zh="该客户端的先前查询仍在执行，请稍后再试",
        ) from None
