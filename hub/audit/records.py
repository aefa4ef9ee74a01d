"""Which records an answer shows: marks in the text PostgreSQL makes, taken out before anybody gets it.

A record stands in the log as ``<place>:<key>``; what is about a person is followed by ``/`` and the number of
the person in the county, or by nothing where it is the person's own row:

    1:450305:17/        the person 17 of 450305        2:450305:99/17      a visit of that person
    3:12                a row of a small table

``place`` counts the kinds of records of a shape (``hub.read.shapes``). Such texts follow each other with a
blank between, in the order of the answer. No JSON text holds the characters around a mark: they are escaped.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

BEGIN, END = "\x01", "\x02"
"""Of a mark: the record, then its JSON."""
MARK: Final = re.compile(b"\x01([^\x02]*)\x02")
IN_COUNTY: Final = 10**12
"""A person's key is the code of the county and the number there, as one number of 18 digits."""


def parted(body: bytes) -> tuple[bytes, str]:
    """What is shown, and the records in it."""
    parts = MARK.split(body)
    if len(parts) == 1:
        return body, ""
    return b"".join(parts[::2]), b" ".join(parts[1::2]).decode()


class Shown(NamedTuple):
    """A record of an entry. ``person``: whose it is, or 0."""

    place: int
    key: str
    person: int


def shown(records: str | None) -> Iterator[Shown]:
    for text in (records or "").split():
        place, _, key = text.partition(":")
        own, slash, person = key.partition("/")
        county, _, number = own.partition(":")
        yield Shown(int(place), own, person_key(county, int(person or number)) if slash else 0)


def person_key(county: str, number: int) -> int:
    return int(county) * IN_COUNTY + number


def people(all_records: Iterable[str | None]) -> list[int]:
    """Everybody of whom something was shown."""
    found = {each.person for records in all_records for each in shown(records)}
    return sorted(found - {0})
