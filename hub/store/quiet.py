"""Waiting until the event loop has nothing else to do, so that what comes meanwhile can be done together.

A process that is asked one thing at a time waits for a turn or two of its loop, some millionths of a second.
One that is busy has more to do before its loop rests, and what that asks for goes along.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sized
from time import perf_counter
from typing import Final

ENOUGH: Final = 8
"""Of what waits: half of what may go along, so that PostgreSQL has work while the next come."""
EMPTY_SECONDS: Final = 40e-6
"""A turn of the loop that took no longer did nothing else: it looked for news, and began what waits."""
LONGEST_SECONDS: Final = 1e-3


async def quiet(waiting: Sized) -> None:
    """Returns then; and where ``ENOUGH`` wait, or after ``LONGEST_SECONDS``, whatever the loop does."""
    began = last = perf_counter()
    while len(waiting) < ENOUGH:
        await asyncio.sleep(0)
        now = perf_counter()
        if now - last < EMPTY_SECONDS or now - began > LONGEST_SECONDS:
            return
        last = now
