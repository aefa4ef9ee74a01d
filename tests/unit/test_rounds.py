"""What a worker does again and again: it outlives a database that is away, and ends when it is told to."""

from __future__ import annotations

import asyncio
from typing import Any

import asyncpg
import pytest
import structlog
from structlog.testing import capture_logs

from hub.store.rounds import lasting, rounds


class Looks:
    """Each round does the next of these: an error, or nothing; the last of them stops."""

    def __init__(self, *outcomes: Exception | None) -> None:
        self.left = list(outcomes)
        self.stop = asyncio.Event()

    async def __call__(self) -> None:
        outcome = self.left.pop(0)
        if not self.left:
            self.stop.set()
        if outcome:
            raise outcome

    async def done(self, seconds: float) -> list[Any]:
        with capture_logs() as told:
            await rounds(self, self.stop, seconds, structlog.get_logger(), "waiting")
        return told


@pytest.mark.parametrize(
    "away",
    [OSError("a host"), asyncpg.ConnectionDoesNotExistError("a name"), asyncpg.InterfaceError("a query")],
    ids=type,
)
async def test_what_fails_is_told_without_what_it_says_and_tried_again(away: Exception) -> None:
    told = await Looks(away, None, away).done(0)
    assert told == [{"event": "waiting", "kind": type(away).__name__, "log_level": "warning"}] * 2


async def test_a_fault_of_the_hubs_own_is_not_passed_over() -> None:
    with pytest.raises(ZeroDivisionError):
        await Looks(ZeroDivisionError(), None).done(0)


async def test_between_two_rounds_it_ends_at_once() -> None:
    looks = Looks(None, None)
    asyncio.get_running_loop().call_soon(looks.stop.set)  # after the first of them
    assert await looks.done(3600) == []
    assert len(looks.left) == 1


async def test_told_before_it_began_it_does_nothing() -> None:
    looks = Looks(None, None)
    looks.stop.set()
    await looks.done(3600)
    assert len(looks.left) == 2


async def test_a_work_that_fails_is_begun_again_and_told_of() -> None:
    stop = asyncio.Event()

    class Fails:
        left = 2

        async def until(self, stop: asyncio.Event) -> None:
            self.left -= 1
            if self.left >= 0:
                raise ZeroDivisionError("a name")
            stop.set()

    with capture_logs() as told:
        await lasting(Fails(), stop, structlog.get_logger(), 0)
    error = {"event": "work_failed", "at": __name__, "kind": "ZeroDivisionError", "log_level": "error"}
    assert told == [error] * 2
