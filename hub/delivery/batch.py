"""Which part of the sequence one message tells: whole entries, so that it has a beginning and an end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hub.errors import TooMuch
from hub.read.changes import Page, Touched, positions
from hub.read.positions import Position
from hub.read.stream import Stream

MOST_BYTES: Final = 1024 * 1024
"""Of the events in a message, unless a single entry has more."""


@dataclass(frozen=True, slots=True)
class Batch:
    """``rows`` with the position behind each. ``more``: there is more behind ``ending``."""

    rows: Sequence[tuple[Touched, Position]]
    ending: Position
    more: bool


def cut(page: Page, begin: Position, most: int) -> Batch:
    """The first ``most`` rows of a page; fewer, or if need be more, so that no entry is cut."""
    rows = list(zip(page.rows, positions(page, begin), strict=True))
    count = len(rows)
    if count > most:
        ends = [n for n in range(1, count) if page.rows[n].last != page.rows[n - 1].last]
        count = max((n for n in ends if n <= most), default=next(iter(ends), count))
    if count == len(rows):
        return Batch(rows, page.end, page.more)
    ending = begin.behind(page.until, page.rows[count - 1].last)
    return Batch(rows[:count], ending, True)


def same(page: Page, begin: Position, ending: Position) -> Batch:
    """The part up to ``ending``, of a page read within it: what an earlier try told."""
    rows = list(zip(page.rows, positions(page, begin), strict=True))
    if ending.until is not None:
        rows = [each for each in rows if each[0].last <= ending.entry]
    return Batch(rows, ending, True)


async def events_of(stream: Stream, rows: Sequence[tuple[Touched, Position]]) -> list[bytes]:
    """Read in as many parts as the limits of a request make of it; TooMuch where one row is too much."""
    if not rows:
        return []
    try:
        return await stream.events_of(rows)
    except TooMuch:
        if len(rows) == 1:
            raise
    half = len(rows) // 2
    return [*await events_of(stream, rows[:half]), *await events_of(stream, rows[half:])]


async def read(stream: Stream, page: Page, most: int) -> tuple[Batch, list[bytes]]:
    """A batch and its events, of as many rows as bytes allow."""
    while True:
        batch = cut(page, stream.position, most)
        events = await events_of(stream, batch.rows)
        if sum(map(len, events)) <= MOST_BYTES or most == 1:
            return batch, events
        most = max(1, min(most, len(batch.rows)) // 2)
