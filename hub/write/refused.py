"""Openings of an emergency access that were refused: they are in the access log before anybody is told.

An entry says who asked, for which purpose, about whom, and the code of the error; not the words. What was
refused before it came here has an entry as well (``hub.read.refusals``), about nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Final

from hub.access.mutation import Mutation
from hub.access.numbers import look_ups
from hub.audit.shape import Place, shape
from hub.errors import BadArgument, HubError, Unavailable
from hub.store.database import Connection
from hub.tables import PERSON
from hub.tables import beneficiary as beneficiaries
from hub.write.emergency import BY_ID, MOST_PEOPLE
from hub.write.entry import write_entry
from hub.write.work import Key, Verb, key_in, perform, transaction

PLACE: Final = Place("Beneficiary", ("emergencyAccess",))


async def attempt(verb: Verb, asked: Mutation) -> str:
    """As ``perform``; what was refused is told only when its entry is written."""
    try:
        return await perform(verb, asked)
    except Unavailable:
        raise  # nothing was decided
    except HubError as error:
        async with transaction(asked.database) as connection:
            await _note(connection, asked, error.code)
        raise


async def _note(connection: Connection, asked: Mutation, code: str) -> None:
    people, numbers = await _people(connection, asked), list(_numbers(asked))
    others = (f"Mutation.{asked.name}",)
    made = shape(asked.document, asked.operation, (PLACE,) if people else (), others, refused=code)
    records = " ".join(f"0:{key.text}/" for key in people)
    tables = ["emergency_access", *((PERSON,) if people or numbers else ())]
    await write_entry(connection, asked, made, sorted(tables), records, numbers)


async def _people(connection: Connection, asked: Mutation) -> list[Key]:
    """Those that there are: a key of nobody would say nothing, and may be of any length."""
    given: Sequence[str] = asked.arguments.get("people") or ()
    keys = set()
    for each in given[:MOST_PEOPLE]:
        with suppress(BadArgument):
            keys.add(key_in(each, beneficiaries))
    rows = await connection.fetch(BY_ID, [key.county for key in keys], [key.id for key in keys])
    return sorted(keys & {Key(row["county_code"], row["id"]) for row in rows})


def _numbers(asked: Mutation) -> Iterator[str]:
    """As entries keep them: keyed hashes."""
    given: Sequence[str] = asked.arguments.get("idNumbers") or ()
    for each in dict.fromkeys(given[:MOST_PEOPLE]):
        with suppress(BadArgument):
            yield look_ups(asked.vault, each, asked.now.date())[-1].hex()
