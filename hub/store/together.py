"""Short statements that are asked at the same moment go to PostgreSQL together.

Sending a statement, waiting for it and waking its asker costs both sides more than a look-up by key does.
Askers whose statements have the same text and come in the same turn of the event loop share one round trip:
nobody waits for it to begin, and a process that is asked one thing at a time does what it always did.

Each statement is run by itself, one after the other, with its own parameters and its own settings; they only
share a transaction. So this is for statements that take well below a millisecond, and that read, or write
one row each that is nobody else's. Where one of them fails each is asked again alone, so a statement that is
ended for its time may have had it twice.
"""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import Any, Final, NamedTuple, TypeAlias

from hub.errors import Unavailable
from hub.store.lender import Lender

MOST: Final = 16
"""Statements in one round trip; the last of them waits for the first."""


class Found(NamedTuple):
    value: Any
    seconds: float
    """What it took, or its share of what all took together."""


Given: TypeAlias = tuple[Any, ...]
Asker: TypeAlias = "tuple[Given, asyncio.Future[Found]]"


class Together:
    def __init__(self, lender: Lender) -> None:
        self._lender = lender
        self._waiting: dict[str, list[Asker]] = {}
        self._under_way: set[asyncio.Task[None]] = set()

    async def fetchval(self, text: str, *given: Any) -> Found:
        """The one value of a statement; what ``Lender.fetchval`` raises."""
        loop = asyncio.get_running_loop()
        found: asyncio.Future[Found] = loop.create_future()
        asked = given, found
        waiting = self._waiting.get(text)
        if waiting is None:
            self._waiting[text] = [asked]
            loop.call_soon(self._go, text)
        else:
            waiting.append(asked)
        return await found

    def _go(self, text: str) -> None:
        waiting = [asked for asked in self._waiting.pop(text) if not asked[1].done()]
        for first in range(0, len(waiting), MOST):
            askers = waiting[first : first + MOST]
            task = asyncio.create_task(self._answer(text, askers))
            self._under_way.add(task)  # held, or it might be collected
            task.add_done_callback(self._under_way.discard)
            _end_with(task, askers)

    async def _answer(self, text: str, askers: list[Asker]) -> None:
        began = perf_counter()
        try:
            if len(askers) == 1:
                values = [await self._lender.fetchval(text, *askers[0][0])]
            else:
                values = await self._lender.fetchvals(text, [given for given, _ in askers])
        except Unavailable as error:
            for _, found in askers:
                _settle(found, Unavailable(error.message, zh=error.message_zh))
        except Exception as error:
            if len(askers) == 1:
                _settle(askers[0][1], error)
            else:  # one of them failed for all
                left = [asked for asked in askers if not asked[1].done()]
                await asyncio.gather(*(self._answer(text, [asked]) for asked in left))
        else:
            seconds = (perf_counter() - began) / len(askers)
            for (_, found), value in zip(askers, values, strict=True):
                _settle(found, Found(value, seconds))


def _end_with(task: asyncio.Task[None], askers: list[Asker]) -> None:
    """A statement whose askers have all gone is ended, like any other of theirs."""

    def gone(_: asyncio.Future[Found]) -> None:
        if all(found.cancelled() for _, found in askers):
            task.cancel()

    for _, found in askers:
        found.add_done_callback(gone)


def _settle(found: asyncio.Future[Found], outcome: Found | Exception) -> None:
    if found.done():  # who asked has gone
        return
    if isinstance(outcome, Exception):
        found.set_exception(outcome)
    else:
        found.set_result(outcome)
