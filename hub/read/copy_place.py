"""How far a client's copy has come: what a cursor of a copy holds, sealed.

A copy is a walk over all rows, beginning at a snapshot (``hub.read.positions``), and then rounds. A round
first tells of what comes and goes with contracts and days alone (``Recut``), then of every entry of the
sequence of changes up to a snapshot taken after that. So what is deleted while the first part is read is an
entry of the second. A row is told as it is when its page is read, so being told once more does no harm, and
nothing is kept of what any client was told but ``Told``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

import orjson

from hub.errors import BadUserInput
from hub.read.positions import Entry, Position, Snapshot
from hub.store.vault import Vault

PURPOSE: Final = "copy"
FORM: Final = 3

Key = tuple[str, int]
"""County and number; rows are walked in this order."""
START: Final[Key] = ("", 0)
END: Final[Key] = ("~", 2**63 - 1)


class Resync(BadUserInput):
    """The copy cannot be kept in step from this cursor; drop it, and pull anew without since."""

    code, zh = "RESYNC", "游标已过期或不再适用，请丢弃本地副本，不带 since 重新拉取"


class Now(NamedTuple):
    """A moment, and what the viewer's slice is cut by then. ``minors``: younger children are shown; ``at``:
    seconds since 1970, not after that moment."""

    seen: Snapshot
    contracts: tuple[int, ...]
    counties: tuple[str, str]
    day: dt.date
    minors: bool
    at: float


@dataclass(frozen=True, slots=True)
class Told:
    """By what pages were read: ``held`` by any of them, ``sure`` by all; from day to day; with younger
    children by any, by all. ``counties``: the range that holds them all."""

    held: frozenset[int]
    sure: frozenset[int]
    counties: tuple[str, str]
    first: dt.date
    last: dt.date
    minors: bool
    all_minors: bool

    @classmethod
    def by(cls, now: Now) -> Told:
        held = frozenset(now.contracts)
        return cls(held, held, now.counties, now.day, now.day, now.minors, now.minors)

    def and_by(self, now: Now) -> Told:
        held = frozenset(now.contracts)
        return Told(
            self.held | held,
            self.sure & held,
            within(self.counties, now.counties),
            min(self.first, now.day),
            max(self.last, now.day),
            self.minors or now.minors,
            self.all_minors and now.minors,
        )

    def stands(self, now: Now, *, by_day: bool) -> bool:
        """Whether nothing comes or goes by contracts, days or the viewer's own rights alone."""
        other = self.and_by(now)
        same_day = other.first == other.last or not by_day
        return other.held == other.sure and same_day and other.minors == other.all_minors


def within(one: tuple[str, str], other: tuple[str, str]) -> tuple[str, str]:
    """The range that holds both; that of nobody is empty and lies behind all."""
    return min(one[0], other[0]), max((r[1] for r in (one, other) if r[0] < r[1]), default=one[1])


@dataclass(frozen=True, slots=True)
class Recut:
    """A walk over the rows that come and go without a change of their own; ``after``: the last one told."""

    changed: tuple[int, ...]
    steady: tuple[int, ...]
    minors: bool
    after: Key = START


@dataclass(frozen=True, slots=True)
class Place:
    """``at``: when ``position`` was, whenever its pages are read. ``walk``: the last row of the walk over
    all. ``round``: by what the pages of this round were read, and ``began``, when; with its end what was told
    before counts no more."""

    position: Position
    told: Told
    at: float
    walk: Key | None = None
    recut: Recut | None = None
    round: Told | None = None
    began: float = 0

    def is_ahead(self, now: Now) -> bool:
        """Of a database that was set back meanwhile."""
        return (
            max(self.position.seen.upper, (self.position.until or self.position.seen).upper) > now.seen.upper
        )

    def read_by(self, now: Now) -> Place:
        """A page more was read."""
        this = self.round and self.round.and_by(now)
        return replace(self, told=self.told.and_by(now), round=this)


@dataclass(frozen=True, slots=True)
class CopySeal:
    """What makes a cursor good: whose copy, and of what (``of``), on which cluster; and for how many seconds
    its position is, which a walk of many pages does not move."""

    vault: Vault
    of: str
    cluster: str
    seconds: float

    def close(self, place: Place) -> str:
        at = place.position
        said: list[Any] = [FORM, self.cluster, self.of, int(place.at), int(place.began), list(at.seen)]
        said += [list(at.until) if at.until else None, list(at.entry), _plain(place.told), place.walk]
        said += [place.recut and _recut(place.recut), place.round and _plain(place.round)]
        return self.vault.token(orjson.dumps(said), PURPOSE)

    def open(self, text: str, now: float) -> Place:
        """Resync."""
        try:
            form, cluster, of, made, began, seen, until, entry, told, walk, recut, this = orjson.loads(
                self.vault.untoken(text, PURPOSE)
            )
        except ValueError:
            raise Resync from None
        if (form, cluster, of) != (FORM, self.cluster, self.of) or now - made > self.seconds:
            raise Resync
        position = Position(_snapshot(seen), until and _snapshot(until), Entry(*entry))
        walked = (walk[0], walk[1]) if walk else None
        return Place(position, _told(told), made, walked, recut and _cut(recut), this and _told(this), began)


def _snapshot(parts: Sequence[Any]) -> Snapshot:
    lower, upper, among = parts
    return Snapshot(lower, upper, tuple(among))


def _plain(told: Told) -> list[Any]:
    days = told.first.isoformat(), told.last.isoformat()
    return [sorted(told.held), sorted(told.sure), told.counties, *days, told.minors, told.all_minors]


def _told(parts: Sequence[Any]) -> Told:
    held, sure, counties, first, last, minors, all_minors = parts
    days = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    return Told(frozenset(held), frozenset(sure), (counties[0], counties[1]), *days, minors, all_minors)


def _recut(recut: Recut) -> list[Any]:
    return [recut.changed, recut.steady, recut.minors, recut.after]


def _cut(parts: Sequence[Any]) -> Recut:
    changed, steady, minors, after = parts
    return Recut(tuple(changed), tuple(steady), minors, (after[0], after[1]))
