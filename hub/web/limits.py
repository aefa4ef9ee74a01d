"""How often a client may ask, counted by the minute in the cache that all processes may share."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final

from hub.errors import TooOften

MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class Rate:
    """``cache``: ``hub.store.cache.open_cache``. One that does not answer lets everybody pass."""

    cache: Any
    requests: int
    questions: int
    """Questions whether a person is entitled; with many of them numbers could be tried out."""

    async def count(self, client_id: str) -> None:
        """One more request of the client; TooOften above the limit."""
        await self._count("rate", client_id, 1, self.requests)

    async def count_questions(self, client_id: str, number: int) -> None:
        await self._count("questions", client_id, number, self.questions)

    async def _count(self, what: str, client_id: str, number: int, most: int) -> None:
        minute = int(time.time()) // MINUTE
        if await self.cache.increment(f"{what}:{client_id}:{minute}", number) > most:
            raise TooOften
