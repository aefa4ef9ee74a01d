"""Turns: one client's statements never take all connections, so that the others get theirs."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass
from types import TracebackType

from hub.errors import Unavailable
from hub.store.lender import PATIENCE


class Turns:
    """``most`` statements of one client at a time, in this process."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.waiting: defaultdict[str, int] = defaultdict(int)
        self.running: dict[str, asyncio.Semaphore] = {}

    def of(self, client_id: str) -> Turn:
        """Unavailable when the client's own earlier requests take longer than ``PATIENCE``."""
        return Turn(self, client_id)

    def are_free(self, client_id: str, count: int) -> bool:
        """Whether so many more of the client's statements would not have to wait for its others."""
        return self.waiting.get(client_id, 0) + count <= self.most


@dataclass(slots=True)
class Turn:
    """A class, since a generator would cost as much as all the rest of a short request's waiting."""

    turns: Turns
    client_id: str

    async def __aenter__(self) -> None:
        turns, client = self.turns, self.client_id
        turn = turns.running.get(client)
        if turn is None:
            turn = turns.running[client] = asyncio.Semaphore(turns.most)
        turns.waiting[client] += 1
        try:
            await _acquire(turn)
        except BaseException:
            self._leave()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.turns.running[self.client_id].release()
        self._leave()

    def _leave(self) -> None:
        turns, client = self.turns, self.client_id
        turns.waiting[client] -= 1
        if not turns.waiting[client]:
            del turns.waiting[client], turns.running[client]


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
