"""New documents of one client wait for each other, and nobody else for them."""

from __future__ import annotations

import asyncio
import time

from hub.read.first_reads import FirstReads

LONG = 0.05


async def busy(turns: FirstReads, client_id: str, said: list[str], seconds: float = LONG) -> None:
    async with turns.of(client_id):
        said.append(client_id)
        time.sleep(seconds)  # noqa: ASYNC251 — as reading a document does


async def test_in_the_pauses_others_are_answered() -> None:
    turns, said = FirstReads(), list[str]()
    started = time.perf_counter()
    attack = asyncio.gather(*(busy(turns, "attacker", said) for _ in range(4)))
    await asyncio.sleep(0)
    await busy(turns, "other", said)
    assert said == ["attacker", "other"]
    await attack
    assert said == ["attacker", "other", "attacker", "attacker", "attacker"]
    assert time.perf_counter() - started > LONG * 6  # four documents and the pauses between them


async def test_what_is_quick_is_not_followed_by_a_pause() -> None:
    turns, said = FirstReads(), list[str]()
    started = time.perf_counter()
    await asyncio.gather(*(busy(turns, "client", said, 0.001) for _ in range(20)))
    assert len(said) == 20
    assert time.perf_counter() - started < 1


async def test_an_error_ends_the_turn_and_nothing_is_kept() -> None:
    turns = FirstReads()
    for _ in range(2):
        try:
            async with asyncio.timeout(1), turns.of("client"):
                raise ValueError
        except ValueError:
            pass
    await asyncio.sleep(0.01)
    assert len(turns.locks) == 0
