"""What an exercise consists of: rows by names, and whom the rules are held against on which days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from hub.domain.vocabulary import NormSubject


class Of(str):
    """The id of the row of this name."""

    __slots__ = ()


class Row(NamedTuple):
    """``division``: 12 digits; its county is the row's, unless ``values`` say another."""

    name: Of
    table: str
    division: str
    values: Mapping[str, Any]


class Judged(NamedTuple):
    """``name``: of a row, or of a division where ``subjects`` are divisions. ``en``, ``zh``: what it is."""

    name: str
    subjects: Sequence[NormSubject]
    division: str
    days: Sequence[dt.date]
    en: str
    zh: str


@dataclass(slots=True)
class Scene:
    """``at``: the division that rows are of until ``place`` names another."""

    at: str = ""
    rows: list[Row] = field(default_factory=list)
    judged: list[Judged] = field(default_factory=list)

    @contextmanager
    def place(self, division: str) -> Iterator[None]:
        before, self.at = self.at, division
        yield
        self.at = before

    def add(self, name: str, table: str, /, **values: Any) -> Of:
        made = Of(name)
        self.rows.append(Row(made, table, values.get("division_code", self.at), values))
        return made

    def judge(
        self,
        name: str,
        subject: NormSubject,
        *days: dt.date,
        en: str,
        zh: str,
        also: Sequence[NormSubject] = (),
    ) -> None:
        self.judged.append(Judged(name, (subject, *also), self.at, days, en, zh))

    def judge_division(self, code: str, subject: NormSubject, *days: dt.date, en: str, zh: str) -> None:
        self.judged.append(Judged(code, (subject,), code, days, en, zh))


def day(year: int, month: int, number: int = 1) -> dt.date:
    return dt.date(year, month, number)


def noon(on: dt.date) -> dt.datetime:
    """Of the day, in China."""
    return dt.datetime(on.year, on.month, on.day, 4, tzinfo=dt.UTC)


def report(kind: str, sender: str, recipient: str, to: str, *days: dt.date) -> dict[str, Any]:
    """``days``: the first and the last that it is about, and that of its submission."""
    return {
        "kind": kind,
        "sender": sender,
        "recipient": recipient,
        "recipient_division_code": to,
        "period_starts_on": days[0],
        "period_ends_on": days[1],
        "submitted_at": noon(days[2]),
        "status": "SUBMITTED",
    }
