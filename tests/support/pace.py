"""How long "at once" is on this machine, at this moment."""

from __future__ import annotations

import time
from typing import Final

TURNS: Final = 300_000
"""Of a loop that takes a fiftieth of a second where nothing else runs and nobody traces."""
USUAL_SECONDS: Final = 0.02


def most_seconds() -> float:
    """Seconds of CPU: one, and more where Python is slower, because others use its caches, or a tracer runs.

    The bound is about blocking, not about speed: what it keeps out takes minutes.
    """
    started, total = time.process_time(), 0
    for turn in range(TURNS):
        total += _step(turn)
    return max(1.0, (time.process_time() - started) / USUAL_SECONDS)


def _step(turn: int) -> int:
    return turn & 7
