"""Identity numbers that somebody asks about: they never reach the database themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from hub.domain.id_number import parse_id_number
from hub.domain.refusal import Refused
from hub.errors import BadArgument
from hub.store.vault import Vault

Persons = tuple[Sequence[str], Sequence[bytes]]
"""Identity numbers in their normal form, and all hashes that a row of each may have: as many of every number,
one after the other, the last of them the one that stands for it in the access log."""


def hashes_of_each(persons: Persons) -> int:
    """How many there are of one number; 1 where there is none."""
    numbers, hashes = persons
    return len(hashes) // len(numbers) if numbers else 1


def normal(given: str, today: dt.date) -> str:
    """BadArgument for what is no number."""
    try:
        return parse_id_number(given, today=today).number
    except Refused as refused:
        raise BadArgument(refused.expected, zh=refused.expected_zh) from None


def look_ups(vault: Vault, given: str, today: dt.date) -> list[bytes]:
    """The keyed hashes a row may have while field keys change; the last one stands for the number in the
    access log (``hub.store.vault``). BadArgument for what is no number.
    """
    return vault.look_ups(normal(given, today))
