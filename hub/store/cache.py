"""The cache: of this process by default, Redis when several hosts share one.

Values are ``bytes`` and every entry has a time to live, so that both kinds behave alike. A cache that does
not answer is an empty cache: the hub is slower then, never down. Nothing that must survive belongs here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any, Final
from urllib.parse import urlsplit

from aiocache.base import BaseCache
from aiocache.serializers import BaseSerializer

from hub.errors import ConfigurationError
from hub.settings import Settings

MEMORY_BYTES: Final = 64 * 1024 * 1024
ENTRY_BYTES: Final = 200  # what Python adds to an entry: key, tuple, place in the dict
TTL_SECONDS: Final = 300.0
REDIS_SECONDS: Final = 1.0


def open_cache(settings: Settings) -> BaseCache:
    """The cache ``HUB_CACHE_URL`` names; nothing is connected yet. End it with ``await cache.close()``."""
    scheme = urlsplit(settings.cache_url).scheme
    if scheme == "memory":
        return MemoryCache()
    if scheme in ("redis", "rediss"):
        return _redis(settings.cache_url)
    raise ConfigurationError("HUB_CACHE_URL must be memory:// or redis://host:port/0")


class Bytes(BaseSerializer):  # type: ignore[misc]
    """Values stay the bytes they are."""

    DEFAULT_ENCODING = None

    def dumps(self, value: bytes) -> bytes:
        return value

    def loads(self, value: bytes | None) -> bytes | None:
        return value


class MemoryCache(BaseCache):  # type: ignore[misc]
    """At most ``max_bytes``: what was not read for the longest time goes first.

    aiocache's own memory cache has no bound, and keeps a timer for every entry.
    """

    NAME = "memory"

    def __init__(self, max_bytes: int = MEMORY_BYTES, clock: Callable[[], float] = time.monotonic) -> None:
        # No time-out: nothing here waits, and aiocache's would start a task for every read.
        super().__init__(serializer=Bytes(), timeout=None, ttl=TTL_SECONDS)
        self._max_bytes = max_bytes
        self._clock = clock
        self._clear_all()

    def _clear_all(self) -> None:
        self._bytes = 0
        self._entries: dict[str, tuple[float, bytes]] = {}

    def _take(self, key: str) -> tuple[float, bytes] | None:
        entry = self._entries.pop(key, None)
        if entry is not None:
            self._bytes -= len(key) + len(entry[1]) + ENTRY_BYTES
        return entry

    def _put(self, key: str, entry: tuple[float, bytes]) -> None:
        # A dict keeps the order of insertion; every read inserts again, so the first is the oldest.
        self._take(key)
        self._entries[key] = entry
        self._bytes += len(key) + len(entry[1]) + ENTRY_BYTES
        while self._bytes > self._max_bytes:
            self._take(next(iter(self._entries)))

    # aiocache's own ``get``, ``set`` and ``increment`` look up plugins, a namespace and the environment
    # every time, which takes many times as long as what they do here.

    async def get(self, key: str, default: bytes | None = None, **_: Any) -> bytes | None:
        found = await self._get(key)
        return default if found is None else found

    async def set(self, key: str, value: bytes, ttl: float | None = None, **_: Any) -> bool:
        return await self._set(key, value, ttl)

    async def increment(self, key: str, delta: int = 1, **_: Any) -> int:
        return await self._increment(key, delta)

    async def _get(self, key: str, encoding: str | None = None, _conn: Any = None) -> bytes | None:
        entry = self._take(key)
        if entry is None or entry[0] <= self._clock():
            return None
        self._put(key, entry)
        return entry[1]

    _gets = _get

    async def _set(
        self, key: str, value: bytes, ttl: float | None, _cas_token: bytes | None = None, _conn: Any = None
    ) -> bool:
        if _cas_token is not None and _cas_token != await self._get(key):
            return False
        self._put(key, (self._clock() + (ttl or TTL_SECONDS), value))
        return True

    async def _add(self, key: str, value: bytes, ttl: float | None, _conn: Any = None) -> bool:
        if await self._exists(key):
            raise ValueError("the key exists already")
        return await self._set(key, value, ttl)

    async def _multi_get(
        self, keys: Iterable[str], encoding: str | None = None, _conn: Any = None
    ) -> list[bytes | None]:
        return [await self._get(key) for key in keys]

    async def _multi_set(
        self, pairs: Iterable[tuple[str, bytes]], ttl: float | None, _conn: Any = None
    ) -> bool:
        for key, value in pairs:
            await self._set(key, value, ttl)
        return True

    async def _exists(self, key: str, _conn: Any = None) -> bool:
        return await self._get(key) is not None

    async def _increment(self, key: str, delta: int, _conn: Any = None) -> int:
        """Adds to a number, which keeps the end of life it has."""
        entry = self._take(key)
        if entry is None or entry[0] <= self._clock():
            entry = (self._clock() + TTL_SECONDS, b"0")
        total = int(entry[1]) + delta
        self._put(key, (entry[0], b"%d" % total))
        return total

    async def _expire(self, key: str, ttl: float, _conn: Any = None) -> bool:
        value = await self._get(key)
        return value is not None and await self._set(key, value, ttl)

    async def _delete(self, key: str, _conn: Any = None) -> int:
        return 1 if self._take(key) else 0

    async def _clear(self, namespace: str | None = None, _conn: Any = None) -> bool:
        if not namespace:
            self._clear_all()
        for key in [key for key in self._entries if namespace and key.startswith(namespace)]:
            self._take(key)
        return True


def _redis(url: str) -> BaseCache:
    try:
        from hub.store.redis_cache import SharedCache
    except ImportError:
        raise ConfigurationError("HUB_CACHE_URL names Redis; the package `redis` is not installed") from None
    try:
        return SharedCache(url, Bytes(), TTL_SECONDS, REDIS_SECONDS)
    except ValueError:
        raise ConfigurationError("HUB_CACHE_URL must be redis://host:port/0") from None
