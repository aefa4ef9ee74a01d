"""Places in the sequence of changes.

Transactions commit in another order than they write, so a number alone is no place: what was written under
a smaller one may be seen later. A place is a *snapshot* of PostgreSQL: which transactions had ended then.
Between two snapshots lies exactly what was committed in between. A page of that ends behind an entry, so a
place within it names both snapshots and the entry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import orjson

from hub.errors import BadUserInput
from hub.store.vault import Vault

PURPOSE: Final = "position"
FORM: Final = 1


class BadPosition(BadUserInput):
    """The position is not of this hub, of another slice, or too old; read anew and begin without after."""

    code, zh = "BAD_POSITION", "位置无效、已过期或可见范围已变化，请重新读取数据后不带 after 订阅"


class Entry(NamedTuple):
    """Where an entry stands: its transaction and its number."""

    xact: int
    sequence: int


BEGIN: Final = Entry(0, 0)


class Snapshot(NamedTuple):
    """``pg_snapshot``: transactions below ``upper`` had ended, except those ``open``."""

    lower: int
    upper: int
    open: tuple[int, ...]

    @classmethod
    def of(cls, text: str) -> Snapshot:
        lower, upper, among = text.split(":")
        return cls(int(lower), int(upper), tuple(map(int, among.split(","))) if among else ())


@dataclass(frozen=True, slots=True)
class Position:
    """All entries up to ``seen``, and those up to ``until`` that stand no further than ``entry``."""

    seen: Snapshot
    until: Snapshot | None = None
    entry: Entry = BEGIN

    def behind(self, until: Snapshot, entry: Entry) -> Position:
        return Position(self.seen, until, entry)

    def within(self, until: Snapshot) -> Position:
        """The same place, with nothing to be read behind ``until``."""
        return self if self.until else Position(self.seen, until, self.entry)

    @property
    def parts(self) -> list[Any]:
        """As JSON holds it."""
        return [list(self.seen), list(self.until) if self.until else None, list(self.entry)]

    @classmethod
    def of(cls, parts: Sequence[Any]) -> Position:
        seen, until, entry = parts
        return cls(_snapshot(seen), _snapshot(until) if until else None, Entry(*entry))


@dataclass(frozen=True, slots=True)
class Seal:
    """What makes a position good: for whom (``slice_``, ``cluster``), and how many seconds long."""

    vault: Vault
    slice_: str
    cluster: str
    seconds: float

    def close(self, position: Position, now: float) -> str:
        said = orjson.dumps([FORM, self.cluster, self.slice_, int(now), *position.parts])
        return self.vault.token(said, PURPOSE)

    def open(self, text: str, now: float) -> Position:
        try:
            form, cluster, slice_, made, *parts = orjson.loads(self.vault.untoken(text, PURPOSE))
        except ValueError:
            raise BadPosition from None
        if (form, cluster, slice_) != (FORM, self.cluster, self.slice_) or now - made > self.seconds:
            raise BadPosition
        return Position.of(parts)


def _snapshot(parts: Sequence[int | list[int]]) -> Snapshot:
    lower, upper, among = parts
    return Snapshot(lower, upper, tuple(among))  # type: ignore[arg-type]
