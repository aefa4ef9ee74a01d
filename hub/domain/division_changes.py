"""What divisions were before, and what becomes of a code that somebody wrote.

A code belongs to an *authority*: 民政部 gives those of counties and above (GB/T 2260), the National Bureau of
Statistics those of townships and villages in the list the hub has. A code ends in one of four ways, and may
be given to another division later. Provenance and the meaning of ``change``: ``data/README.md``.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal, NamedTuple

from hub.domain.division import code_range, division_codes, level_of, read
from hub.domain.refusal import Refused
from hub.domain.text import fold_cell, is_empty

Authority = Literal["MCA", "STATISTICS", "LOCAL"]
Change = Literal["ADDED", "RENAMED", "RECODED", "MERGED", "SPLIT", "ABOLISHED"]

_RAW: Final = re.compile(r"[0-9]{6}(?:[0-9]{3}){0,2}")
_OWN_LEVEL: Final = "999"
_DAY: Final = dt.timedelta(days=1)
_FIRST_DAY: Final = dt.date(1900, 1, 1)


@dataclass(frozen=True, slots=True)
class DivisionChange:
    """``old_code`` is empty for ``ADDED``, ``new_code`` for ``ABOLISHED``; a ``SPLIT`` has one for each part.

    ``stood_on``: the old state was in force that day; ``changed_by``: the new one was. ``effective_on``: the
    day from which it was, where it is known.
    """

    authority: Authority
    change: Change
    old_code: str
    old_name: str
    new_code: str
    new_name: str
    effective_on: dt.date | None
    stood_on: dt.date
    changed_by: dt.date

    @property
    def ends_code(self) -> bool:
        return self.change in ("RECODED", "MERGED", "SPLIT", "ABOLISHED")

    @property
    def begins_code(self) -> bool:
        """Not what a division is merged into: that one was there, or is told as added."""
        return self.change in ("ADDED", "RECODED", "SPLIT") and self.new_code != self.old_code

    @property
    def last_on(self) -> dt.date:
        """The last day on which the old state may have been in force."""
        return (self.effective_on or self.changed_by) - _DAY

    @property
    def first_on(self) -> dt.date:
        """The first day on which the new state may have been."""
        return self.effective_on or self.stood_on + _DAY


class FormerDivision(NamedTuple):
    """What a code stood for, up to the day ``ends_on``; ``starts_on`` None: since before it is known.

    ``id`` is made of code and last day. ``is_day_known``: else these are the first and the last day on which
    it may have been. ``division_code``: the present division it lives on as, None where there is none or
    could be several; ``successor_codes``: what it became at the time.
    """

    id: int
    authority: Authority
    code: str
    name: str
    starts_on: dt.date | None
    ends_on: dt.date
    is_day_known: bool
    change: Change
    successor_codes: tuple[str, ...]
    division_code: str | None


class Resolution(NamedTuple):
    """What a raw code stands for, and how that is known: keep it beside the raw code."""

    code: str
    how: Literal["EXACT", "SUCCESSOR", "OWN_LEVEL"]


class DivisionHistory:
    """The codes of today and the changes that led to them."""

    def __init__(self, codes: frozenset[str], changes: Sequence[DivisionChange]) -> None:
        self.codes = codes
        self.changes = tuple(changes)
        self._ended: dict[str, list[DivisionChange]] = defaultdict(list)
        self._begun: dict[str, list[DivisionChange]] = defaultdict(list)
        for change in changes:
            if change.ends_code:
                self._ended[change.old_code].append(change)
            if change.begins_code:
                self._begun[change.new_code].append(change)

    def resolve(self, code: str, on: dt.date | None = None) -> Resolution:
        """See ``resolve`` below; ``code`` has 12 digits."""
        if code in self.codes and (code not in self._ended or self._is_of_now(code, on)):
            return Resolution(code, "EXACT")
        if code in self._ended:
            last = max(change.last_on for change in self._ended[code])
            return Resolution(self._successor(code, on and min(on, last)), "SUCCESSOR")
        if code[6:9] == _OWN_LEVEL:
            return Resolution(self.resolve(code[:6] + "000000", on).code, "OWN_LEVEL")
        if code[9:] == _OWN_LEVEL:
            return Resolution(self.resolve(code[:9] + "000", on).code, "OWN_LEVEL")
        # Villages of an abolished township were numbered anew; which is which the list does not say.
        raise Refused("DIVISION_ABOLISHED" if code[:9] + "000" in self._ended else "DIVISION_UNKNOWN")

    def _is_of_now(self, code: str, on: dt.date | None) -> bool:
        """Of a code that was given twice: whether it meant today's division on the day."""
        free = max(change.last_on for change in self._ended[code]) + _DAY
        first = max((change.first_on for change in self._begun.get(code, ())), default=free)
        if on is None or min(first, free) <= on < max(first, free):
            raise Refused("DIVISION_REUSED")
        return on >= first

    def _successor(
        self, code: str, since: dt.date | None, followed: frozenset[DivisionChange] = frozenset()
    ) -> str:
        """The one division of today that lives on from what ``code`` meant on the day, step by step."""
        ended = [c for c in self._ended.get(code, ()) if since is None or c.last_on >= since]
        if not ended and code in self.codes:
            return code
        last = min((c.last_on for c in ended), default=None)
        if since is None and any(c.last_on != last for c in ended):
            raise Refused("DIVISION_REUSED")
        next_ = [c for c in ended if c.last_on == last and c.new_code and c not in followed]
        if len(next_) != 1:
            raise Refused("DIVISION_SPLIT" if next_ else "DIVISION_ABOLISHED")
        return self._successor(next_[0].new_code, next_[0].first_on, followed | {next_[0]})

    def former(self) -> tuple[FormerDivision, ...]:
        """Everything that was and is no more, by code and day."""
        found: dict[tuple[str, dt.date], list[DivisionChange]] = defaultdict(list)
        for change in self.changes:
            if change.change != "ADDED":
                found[change.old_code, change.last_on].append(change)
        return tuple(self._former(group) for _, group in sorted(found.items()))

    def _former(self, group: Sequence[DivisionChange]) -> FormerDivision:
        change = group[0]
        begun = [c for c in self._begun.get(change.old_code, ()) if c.first_on <= change.last_on]
        try:
            now: str | None = (
                self._successor(change.old_code, change.last_on)
                if change.ends_code
                else self.resolve(change.old_code, change.last_on).code
            )
        except Refused:
            now = None
        return FormerDivision(
            int(change.old_code) * 100_000 + (change.last_on - _FIRST_DAY).days,
            change.authority,
            change.old_code,
            change.old_name,
            max((c.first_on for c in begun), default=None),
            change.last_on,
            change.effective_on is not None,
            change.change,
            tuple(sorted({c.new_code for c in group if c.new_code})),
            now,
        )


@cache
def load_changes() -> tuple[DivisionChange, ...]:
    """What changed between the editions the hub knows."""
    return tuple(
        DivisionChange(
            line["authority"],  # type: ignore[arg-type]
            line["change"],  # type: ignore[arg-type]
            line["old_code"],
            line["old_name"],
            line["new_code"],
            line["new_name"],
            dt.date.fromisoformat(line["effective_on"]) if line["effective_on"] else None,
            dt.date.fromisoformat(line["stood_on"]),
            dt.date.fromisoformat(line["changed_by"]),
        )
        for line in read("division_changes.csv")
    )


@cache
def history() -> DivisionHistory:
    return DivisionHistory(division_codes(), load_changes())


def authority_of(code: str) -> Authority:
    """Whose list a code of 12 digits stands in."""
    return "STATISTICS" if level_of(code) in ("TOWNSHIP", "VILLAGE") else "MCA"


def resolve(raw: object, *, within: str | None = None, on: dt.date | None = None) -> Resolution:
    """The present division a raw code of 6, 9 or 12 digits stands for; a name never resolves.

    A code that ended becomes its successor where it has exactly one (``SUCCESSOR``). 999 in the
    township or village digits is how provincial systems write 本级, the division itself, which is
    no division of the list: it becomes the division above (``OWN_LEVEL``). ``on``: the day of the record,
    which tells what a code meant that was given twice.
    Raises ``REQUIRED``, ``DIVISION_FORM``, ``DIVISION_UNKNOWN``, ``DIVISION_ABOLISHED`` (no successor),
    ``DIVISION_SPLIT`` (several), ``DIVISION_REUSED`` (given twice, and no day tells), and
    ``DIVISION_OUTSIDE`` where the result does not lie in ``within``.
    """
    if is_empty(raw):
        raise Refused("REQUIRED")
    digits = fold_cell(raw)
    if not _RAW.fullmatch(digits):
        raise Refused("DIVISION_FORM")
    found = history().resolve(digits.ljust(12, "0"), on)
    if within is not None:
        lo, hi = code_range(within)
        if not lo <= found.code < hi:
            raise Refused("DIVISION_OUTSIDE")
    return found


def resolve_code(raw: object, *, within: str | None = None, on: dt.date | None = None) -> str:
    """The code alone of ``resolve``."""
    return resolve(raw, within=within, on=on).code


def moves() -> Mapping[str, str]:
    """Codes that no division has any more, with the one division of today they live on as."""
    gone = (f for f in history().former() if f.code != f.division_code and f.code not in history().codes)
    return {f.code: f.division_code for f in gone if f.division_code is not None}
