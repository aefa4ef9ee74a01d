"""The cache forgets in time, keeps its bound, and never takes the hub down."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from hub.errors import ConfigurationError
from hub.settings import Settings
from hub.store.cache import ENTRY_BYTES, TTL_SECONDS, MemoryCache, open_cache


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def settings(url: str) -> Settings:
    given: dict[str, Any] = {"cache_url": url}
    return Settings(**given)


async def test_entries_end_with_their_time() -> None:
    clock = Clock()
    cache = MemoryCache(clock=clock)
    await cache.set("short", b"1", ttl=5)
    await cache.set("default", b"2")
    clock.now += 4.9
    assert await cache.get("short") == b"1"
    clock.now += 0.2
    assert await cache.get("short") is None
    assert await cache.get("default") == b"2"
    clock.now += TTL_SECONDS
    assert await cache.get("default") is None


async def test_it_stays_within_its_bytes_and_keeps_what_is_read() -> None:
    cache = MemoryCache(max_bytes=10 * (ENTRY_BYTES + 100))
    await cache.set("wanted", b"x" * 94)
    for number in range(1000):
        await cache.set(f"{number:06}", b"x" * 94)
        assert await cache.get("wanted") is not None
    kept = [number for number in range(1000) if await cache.exists(f"{number:06}")]
    assert kept == list(range(991, 1000))
    await cache.set("huge", b"x" * 10**6)
    assert await cache.get("huge") is None


async def test_replacing_and_deleting_give_the_bytes_back() -> None:
    cache = MemoryCache(max_bytes=2 * (ENTRY_BYTES + 10))
    for _ in range(100):
        await cache.set("a", b"123456789")
        await cache.set("b", b"123456789")
        await cache.delete("b")
    assert await cache.multi_get(["a", "b"]) == [b"123456789", None]
    await cache.clear()
    assert not await cache.exists("a")


async def test_adding_refuses_a_key_that_is_there() -> None:
    cache = open_cache(settings("memory://"))
    assert await cache.add("once", b"1")
    with pytest.raises(ValueError, match="exists"):
        await cache.add("once", b"2")
    assert await cache.get("once") == b"1"


@pytest.mark.parametrize("url", ["", "memcached://x", "file:///x", "redis://host:port/0"])
def test_a_wrong_url_is_a_configuration_error(url: str) -> None:
    with pytest.raises(ConfigurationError, match="HUB_CACHE_URL"):
        open_cache(settings(url))


@asynccontextmanager
async def listening(answer: bytes | None) -> AsyncIterator[int]:
    """A port that takes every connection and answers with this, or never."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(4096):
            if answer is not None:
                writer.write(answer)
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        yield listener.sockets[0].getsockname()[1]
    finally:
        listener.close()


@pytest.mark.parametrize("answer", [None, b"-LOADING Redis is loading the dataset in memory\r\n", b"?\r\n"])
async def test_a_redis_that_fails_is_an_empty_cache(answer: bytes | None) -> None:
    async with listening(answer) as port:
        cache = open_cache(settings(f"redis://127.0.0.1:{port}/0"))
        try:
            async with asyncio.timeout(10):
                assert await cache.get("x") is None
                assert await cache.set("x", b"1") is False
        finally:
            await cache.close()


async def test_a_redis_that_is_not_there_is_an_empty_cache() -> None:
    cache = open_cache(settings("redis://:secret@127.0.0.1:9/0"))
    assert await cache.get("x") is None
    assert await cache.set("x", b"1", ttl=5) is False
    assert await cache.multi_get(["x", "y"]) == [None, None]
    assert await cache.delete("x") == 0
    await cache.close()
