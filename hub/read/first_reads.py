"""New documents of one client, one after the other: reading one may take a fifth of a second.

While one is read the process does nothing else. Dozens at once would hold everybody up for as long as all of
them take; in turns, and after a pause where one took long, others are answered in between.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from weakref import WeakValueDictionary

LONG_SECONDS: Final = 0.02


@dataclass(slots=True)
class FirstReads:
    locks: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)

    @asynccontextmanager
    async def of(self, client_id: str) -> AsyncIterator[None]:
        """The client's turn; after one that took long its next document waits as long again."""
        lock = self.locks.setdefault(client_id, asyncio.Lock())
        await lock.acquire()
        started = time.perf_counter()
        try:
            yield
        finally:
            took = time.perf_counter() - started
            asyncio.get_running_loop().call_later(took if took > LONG_SECONDS else 0, lock.release)
