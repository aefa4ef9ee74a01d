"""What waits for the event loop to be at rest waits no longer than it must."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from hub.store import quiet as module
from hub.store.quiet import ENOUGH, quiet


@asynccontextmanager
async def busy() -> AsyncIterator[None]:
    """A loop each turn of which takes a while."""

    async def work() -> None:
        while True:
            time.sleep(0.03)  # noqa: ASYNC251 — it is what the loop is to be busy with
            await asyncio.sleep(0)

    working = asyncio.create_task(work())
    try:
        yield
    finally:
        working.cancel()


async def turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def generous(monkeypatch: pytest.MonkeyPatch) -> None:
    """Times that differ clearly, on a machine that does other things too."""
    monkeypatch.setattr(module, "EMPTY_SECONDS", 0.01)
    monkeypatch.setattr(module, "LONGEST_SECONDS", 0.5)


async def test_a_loop_at_rest_is_not_waited_for() -> None:
    started = time.perf_counter()
    await quiet([])
    assert time.perf_counter() - started < 0.5


async def test_a_busy_one_is_waited_for_until_it_rests() -> None:
    async with busy():
        waiting = asyncio.create_task(quiet([]))
        await turns(5)
        assert not waiting.done()
    await asyncio.wait_for(waiting, 5)


async def test_no_longer_than_some_time() -> None:
    async with busy():
        started = time.perf_counter()
        await quiet([])
        assert time.perf_counter() - started > module.LONGEST_SECONDS


async def test_no_longer_than_until_there_are_enough() -> None:
    waiting: list[int] = []
    async with busy():
        asked = asyncio.create_task(quiet(waiting))
        await turns(3)
        assert not asked.done()
        waiting += [1] * ENOUGH
        await turns(2)
        assert asked.done()
