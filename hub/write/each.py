"""Many of one verb in one request: each is done or refused by itself, with its own key.

They are done in transactions of ``TOGETHER`` items, each item behind a savepoint: one that is refused takes
nothing of the others with it. So a thousand wait for the disk twenty times and have twenty entries in the
access log, no lock is held for longer than a few of them take, and no transaction has more parts than
PostgreSQL keeps at hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import asyncpg

from hub.access.mutation import Mutation
from hub.errors import Unavailable
from hub.store.lender import UNREACHABLE
from hub.write.entry import note_entry
from hub.write.keys import once
from hub.write.work import Busy, Key, Verb, Work, begun, doing, note_changes, transaction

TOGETHER: Final = 50
"""Below the 64 parts of a transaction beyond which every reader has to look them up elsewhere."""

LOCKED: Final = (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError, asyncpg.QueryCanceledError)

Outcome = str | Exception


async def perform_each(verb: Verb, name: str, asked: Mutation) -> list[Outcome]:
    """Of each item the key of its record, or what the verb raised, in their order.

    ``name``: of the mutation that does one, for which a key stands in either form. Where one had to wait too
    long, for a lock or a connection, what follows is left undone: nobody waits a thousand times.
    """
    done: list[Outcome] = []
    items = asked.items
    while len(done) < len(items) and not _away(done):
        done += await _together(verb, name, asked, items[len(done) : len(done) + TOGETHER])
    return done + done[-1:] * (len(items) - len(done))


async def _together(
    verb: Verb, name: str, asked: Mutation, items: Sequence[Mapping[str, Any]]
) -> list[Outcome]:
    """Of these, up to one for which nobody was at hand."""
    done: list[Outcome] = []
    try:
        async with transaction(asked.database) as connection:
            work = await begun(connection, asked)
            for item in items:
                done.append(await _one(work, verb, asked.one(name, item)))
                if _away(done):
                    break
            if work.wrote:
                await note_changes(work)
                await note_entry(work, asked)
    except Unavailable as error:  # nothing of these is there
        return [error]
    return done


async def _one(work: Work, verb: Verb, asked: Mutation) -> Outcome:
    before = len(work.wrote)

    async def do(given: dict[str, Any]) -> Key:
        return await doing(work, verb, given)

    try:
        async with work.connection.transaction():
            return (await once(work, asked, do)).text
    except LOCKED:
        refused: Exception = Busy()
    except UNREACHABLE:
        raise
    except Exception as error:
        refused = error
    del work.wrote[before:]
    return refused


def _away(done: Sequence[Outcome]) -> bool:
    return bool(done) and isinstance(done[-1], Unavailable)
