"""How often a client may ask, counted by the minute in the cache that all processes may share."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any, Final

from hub.errors import TooOften

MINUTE: Final = 60
OWING: Final = 10_000
"""Clients and purposes whose difference is remembered."""
NOTHING: Final = 0, 0


@dataclass(frozen=True, slots=True)
class Rate:
    """``cache``: ``hub.store.cache.open_cache``. One that does not answer lets everybody pass."""

    cache: Any
    requests: int
    questions: int
    """Questions whether a person is entitled; with many of them numbers could be tried out."""

    async def count(self, client_id: str, own: int | None = None) -> None:
        """One more request of the client; TooOften above its ``own`` limit, or that of all."""
        await self._count("rate", client_id, 1, self.requests if own is None else own)

    async def count_questions(self, who: str, number: int, own: int | None = None) -> None:
        """So many more persons; TooOften, and none of them counted, where the minute has no room."""
        await self._count("questions", who, number, self.questions if own is None else own, whole=True)

    async def _count(self, what: str, who: str, number: int, most: int, *, whole: bool = False) -> None:
        """``whole``: what is refused is taken back."""
        key = f"{what}:{who}:{int(time.time()) // MINUTE}"
        if await self.cache.increment(key, number) > most:
            if whole:
                await self.cache.increment(key, -number)
            raise TooOften


def now() -> int:
    return int(time.time())


@dataclass(frozen=True, slots=True)
class Budget:
    """What clients spend (``hub.read.cost``), counted as requests are.

    What an answer cost less than its price is told to the cache with the client's next request, so that each
    request tells it once.
    """

    cache: Any
    owed: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Minute, and units to be told in it."""

    async def spend(self, who: str, units: int) -> int:
        """Units of this minute, these among them; what other processes owe is not in it yet."""
        minute = now() // MINUTE
        then, more = self.owed.pop(who, NOTHING)
        units += more if then == minute else 0
        spent: int = await self.cache.increment(f"cost:{who}:{minute}", units)
        return spent

    def settle(self, who: str, units: int) -> None:
        minute = now() // MINUTE
        then, more = self.owed.get(who, NOTHING)
        if len(self.owed) >= OWING:
            self.owed.clear()
        self.owed[who] = minute, units + (more if then == minute else 0)

    def seconds_left(self) -> int:
        return MINUTE - now() % MINUTE
