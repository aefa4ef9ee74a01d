"""Which records an answer shows: marks in the text PostgreSQL makes, taken out before anybody gets it.

A record stands in the log as ``<place>:<key>``; what is about a person is followed by ``/`` and the number of
the person in the county, or by nothing where it is the person's own row. What the answer shows inside a
person names the place of the person instead, and of its own key what the person's does not say:

    1:450305:17/        the person 17 of 450305        3:12        a row of a small table
    2<1:99              the visit 99 of the person last shown at place 1
    2:450305:99/17      that visit where the answer does not show the person around it

``place`` counts the kinds of records of a shape (``hub.read.shapes``). Such texts follow each other with a
blank between, in the order of the answer. No JSON text holds the character around a mark: it is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

MARK: Final = "\x01"
"""On either side of a record, before its JSON."""
OF_SOMEBODY: Final = re.compile(":([0-9]+:[0-9]+/[0-9]*)", re.ASCII)
"""The key of a record and its person."""
IN_COUNTY: Final = 10**12
"""A person's key is the code of the county and the number there, as one number of 18 digits."""


def parted(body: bytes) -> tuple[bytes, str]:
    """What is shown, and the records in it."""
    parts = body.split(MARK.encode())
    if len(parts) == 1:
        return body, ""
    return b"".join(parts[::2]), b" ".join(parts[1::2]).decode()


class Shown(NamedTuple):
    """A record of an entry. ``person``: whose it is, or 0."""

    place: int
    key: str
    person: int


def shown(records: str | None) -> Iterator[Shown]:
    around: dict[str, tuple[str, int]] = {}
    for text in (records or "").split():
        place, _, key = text.partition(":")
        place, inside, of = place.partition("<")
        if inside:
            county, person = around[of]
            yield Shown(int(place), f"{county}:{key}", person)
            continue
        own, slash, _ = key.partition("/")
        person = _person(key) if slash else 0
        around[place] = own.partition(":")[0], person
        yield Shown(int(place), own, person)


def person_key(county: str, number: int) -> int:
    return int(county) * IN_COUNTY + number


def people(all_records: Iterable[str | None]) -> list[int]:
    """Everybody of whom something was shown: who is inside a person's JSON has been named by it."""
    found: set[str] = set()
    for records in all_records:
        found.update(OF_SOMEBODY.findall(records or ""))
    return sorted({_person(text) for text in found})


def _person(text: str) -> int:
    own, _, whose = text.partition("/")
    county, _, number = own.partition(":")
    return person_key(county, int(whose or number))
