"""How often a client may ask."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.errors import TooOften
from hub.settings import Settings
from hub.store.cache import MemoryCache, open_cache
from hub.web.limits import Rate
from tests.support.http import refused
from tests.support.needs import need
from tests.support.serving import serving


async def test_a_client_is_stopped_and_another_is_not() -> None:
    rate = Rate(MemoryCache(), requests=3, questions=9)
    for _ in range(3):
        await rate.count("one")
    with pytest.raises(TooOften):
        await rate.count("one")
    await rate.count("other")
    with pytest.raises(TooOften):
        await rate.count("other", 1)
    await rate.count("one", 9)


async def test_questions_are_counted_apart() -> None:
    rate = Rate(MemoryCache(), requests=1, questions=100)
    await rate.count_questions("one", 60)
    await rate.count_questions("one", 40)
    with pytest.raises(TooOften):
        await rate.count_questions("one", 1)
    await rate.count("one")
    await rate.count_questions("other", 100)


async def test_whoever_asks_too_often_is_told_when_again() -> None:
    """By the header, and in the error for who sees no header."""
    question = '{ beneficiary(idNumber: "459999195003070019") { id } }'
    async with serving(requests_per_minute=2, questions_per_minute=1) as hub:
        await hub.ask(question)
        for _ in range(2):  # a question too many, and then a request too many
            answer = await hub.ask(question)
            assert refused(answer, 429, "RATE_LIMITED")["extensions"]["retryAfter"] == 60
            assert answer.headers["retry-after"] == "60"


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    server = shutil.which("redis-server") or need("redis-server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [server, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(tmp_path), "--save", ""]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(10)


async def test_processes_that_share_redis_count_together(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.store.cache.REDIS_SECONDS", 20.0)  # on a machine that does much else
    caches = [open_cache(Settings(cache_url=redis_url)) for _ in range(2)]
    one, other = (Rate(cache, requests=4, questions=9) for cache in caches)
    try:
        async with asyncio.timeout(60):  # the server takes a moment
            for cache in caches:
                while not await cache.set("ready", b"1"):  # noqa: ASYNC110 - it tells by being asked
                    await asyncio.sleep(0.1)
        monkeypatch.setattr("hub.web.limits.time.time", lambda: 90.0)  # not where a minute ends
        for rate in (one, other, one, other):
            await rate.count("client")
        with pytest.raises(TooOften):
            await one.count("client")
    finally:
        for cache in caches:
            await cache.close()


async def test_without_an_answer_everybody_passes() -> None:
    cache = open_cache(Settings(cache_url="redis://127.0.0.1:1/0"))
    try:
        for _ in range(3):
            await Rate(cache, requests=1, questions=9).count("client")
    finally:
        await cache.close()
