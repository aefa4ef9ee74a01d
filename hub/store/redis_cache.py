"""Redis as the cache of several hosts. Imported only where the package ``redis`` is installed."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable
from typing import Any, Final, TypeVar

from aiocache import RedisCache
from aiocache.serializers import BaseSerializer
from redis.asyncio import Redis
from redis.exceptions import RedisError

PREFIX: Final = "civil-affairs-hub"

_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class SharedCache(RedisCache):  # type: ignore[misc]
    """aiocache's, with all that a Redis URL can say, and as an empty cache when Redis does not answer."""

    def __init__(self, url: str, serializer: BaseSerializer, ttl: float, seconds: float) -> None:
        super().__init__(serializer=serializer, namespace=PREFIX, ttl=ttl, timeout=None)
        self.client = Redis.from_url(url, socket_timeout=seconds, socket_connect_timeout=seconds)
        self._seconds = seconds

    async def _get(self, key: str, encoding: str | None = None, _conn: Any = None) -> Any:
        return await self._unless_down(super()._get(key, encoding=encoding, _conn=_conn), None)

    async def _multi_get(self, keys: list[str], encoding: str | None = None, _conn: Any = None) -> Any:
        found = super()._multi_get(keys, encoding=encoding, _conn=_conn)
        return await self._unless_down(found, [None] * len(keys))

    async def _set(
        self, key: str, value: bytes, ttl: float | None = None, _cas_token: Any = None, _conn: Any = None
    ) -> Any:
        if _cas_token is not None:
            return await self._unless_down(self._cas(key, value, _cas_token, ttl=ttl), False)
        # aiocache would call what the client has deprecated.
        milliseconds = int((ttl or self.ttl) * 1000)
        return await self._unless_down(self.client.set(key, value, px=milliseconds), False)

    async def _increment(self, key: str, delta: int, _conn: Any = None) -> Any:
        return await self._unless_down(self._incremented(key, delta), 0)

    async def _incremented(self, key: str, delta: int) -> int:
        async with self.client.pipeline(transaction=True) as pipeline:
            pipeline.incrby(key, delta)
            pipeline.pexpire(key, int(self.ttl * 1000), nx=True)
            total, _ = await pipeline.execute()
        return int(total)

    async def _delete(self, key: str, _conn: Any = None) -> Any:
        return await self._unless_down(super()._delete(key, _conn=_conn), 0)

    async def _close(self, *_: Any, **__: Any) -> None:
        await self.client.aclose()

    async def _unless_down(self, answer: Awaitable[_T], otherwise: _T) -> _T:
        try:
            async with asyncio.timeout(self._seconds):
                return await answer
        except (RedisError, OSError) as error:  # a time-out is an OSError
            _log.warning("cache does not answer: %s", type(error).__name__)
            return otherwise
