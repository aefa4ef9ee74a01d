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
    most: int

    async def count(self, client_id: str) -> None:
        """One more request of the client; TooOften above the limit."""
        minute = int(time.time()) // MINUTE
        if await self.cache.increment(f"rate:{client_id}:{minute}") > self.most:
            raise TooOften
