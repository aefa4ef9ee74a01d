"""A drop: a file whose name tells list, county and day, with the marker and the digest beside it.

``两项补贴_450305_20251201.csv``, ``….csv.ok`` (once the file is complete; it may hold its size in bytes) and
``….csv.md5``. The two may also leave out ``.csv``. What people export has neither.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.drops.folder import Entry
from connectors.lists.wording import Wording
from hub.domain.text import fold
from hub.sync.connector import ListMapping

_NAME: Final = re.compile(
    r"(?P<what>.{1,60}?)_(?P<county>[0-9]{6})(?:0{6})?_(?P<day>[0-9]{8})(?:_[0-9A-Za-z]{1,16})?"
    r"\.(?:csv|tsv|txt|json|zip|xlsx|xls)",
    re.IGNORECASE,
)


def _as_it_is(values: Mapping[str, str]) -> Mapping[str, str]:
    return values


@dataclass(frozen=True, slots=True)
class DropList:
    """How one list of a system is dropped.

    ``names``: what its files are called. ``synonyms``: the wording's names by others that a header may have.
    ``agree``: a refusal, the headers of ours that make a key, and those in which rows of one key must not
    differ (all, where there are none). ``dated``: the header whose day is that of the row.
    ``derive``: adds what follows from several cells. ``is_extract``: a file tells of some records, so what it
    does not have is not gone; nor is it changes.
    """

    mapping: ListMapping
    names: frozenset[str]
    wording: Wording
    synonyms: Mapping[str, str]
    agree: Sequence[tuple[str, Sequence[str], Sequence[str]]] = ()
    dated: str | None = None
    derive: Callable[[Mapping[str, str]], Mapping[str, str]] = _as_it_is
    is_extract: bool = False


@dataclass(frozen=True, slots=True)
class Drop:
    """``day``: None where the name has none that exists."""

    entry: Entry
    list: DropList
    day: dt.date | None
    marker: Entry | None
    digest: Entry | None

    @property
    def name(self) -> str:
        return self.entry.name


def find(entries: Iterable[Entry], lists: Sequence[DropList], county_code: str) -> list[Drop]:
    """The drops of the county, by the days in their names; other files are other systems' or counties'.

    A list of a township is none of the county's: all others would be missing from it.
    """
    by_name = {entry.name: entry for entry in entries}
    known = {fold(name): each for each in lists for name in each.names}
    found = []
    for name, entry in by_name.items():
        told = _NAME.fullmatch(name)
        if told and told["county"] == county_code and (each := known.get(fold(told["what"]))):
            marker, digest = (_beside(by_name, name, suffix) for suffix in (".ok", ".md5"))
            found.append(Drop(entry, each, _day(told["day"]), marker, digest))
    return sorted(found, key=lambda drop: (drop.day or dt.date.max, drop.name))


def _beside(entries: Mapping[str, Entry], name: str, suffix: str) -> Entry | None:
    return entries.get(name + suffix) or entries.get(name.rpartition(".")[0] + suffix)


def _day(digits: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(digits, "%Y%m%d").date()
    except ValueError:
        return None
