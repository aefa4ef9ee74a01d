"""What is printed, whatever it is printed as."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence
from typing import Final, NamedTuple

NOTHING: Final = "无"
"""Of what nothing is recorded: an empty place could as well have been forgotten."""

LEAST, MOST = 6, 36
"""Widths of columns in half characters are kept between these, or one long cell would take the page."""


UNHELD: Final = frozenset({"Cc", "Cs", "Cn"})
"""Categories of what is no letter."""


class Table(NamedTuple):
    """``rows``: texts, as many as there are columns; ``note`` stands below."""

    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


class Part(NamedTuple):
    heading: str
    facts: Sequence[tuple[str, str]] = ()
    tables: Sequence[Table] = ()
    texts: Sequence[str] = ()


class Paper(NamedTuple):
    """``day``: that of its figures, which stands for the day it was made; ``signs``: lines to sign at, after
    which ``attachments`` follow on pages of their own, and ``notes`` in small print."""

    title: str
    subtitle: str
    day: dt.date
    parts: Sequence[Part]
    notes: Sequence[str]
    signs: Sequence[str]
    attachments: Sequence[Table] = ()

    @property
    def attached(self) -> list[str]:
        """Lines below the text that name what is attached."""
        lead = "附件："
        return [
            f"{lead if n == 1 else '　　　'}{n}. {each.heading}" for n, each in enumerate(self.attachments, 1)
        ]


def shares(table: Table) -> list[float]:
    """Of the width, for each column: by the longest words there, together 1."""
    lengths = [
        max(LEAST, min(MOST, max(map(halves, [head, *(row[n] for row in table.rows[:200])])))) + 3
        for n, head in enumerate(table.columns)
    ]
    return [length / sum(lengths) for length in lengths]


def plain(text: str) -> str:
    """With a space for what neither XML nor a page can hold: control characters, halves of letters."""
    return "".join(" " if unicodedata.category(letter) in UNHELD else letter for letter in text)


def halves(text: str) -> int:
    """Width in half characters."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
