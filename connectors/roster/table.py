"""A table of a sheet, as it is found: its kind, where its rows are, which column stands for which header."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from connectors.roster.headers import AMOUNTS


class Column(NamedTuple):
    """``header`` is canonical, ``text`` as it stands in the sheet."""

    place: int
    header: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """``first`` to ``last`` (excluded) are the rows below the header, ``width`` is that of the header.

    ``ignored``: columns nobody asked for, without a header of ours. ``padded``: width of the header with the
    empty cells at its end. ``widest``: cells a row of a text may have, empty ones at its end included;
    programs pad all rows alike.
    """

    kind: str
    header_row: int
    first: int
    last: int
    width: int
    columns: Sequence[Column]
    ignored: Sequence[Column]
    observed_on: dt.date | None = None
    padded: int = 0
    widest: int = 0

    @property
    def summed(self) -> frozenset[int]:
        """Columns whose merged cells are not repeated."""
        return frozenset(c.place for c in self.columns if c.header in AMOUNTS)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A table whose kind is not known, or (``missing``) one that lacks columns of its ``kind``.

    ``columns``: those it has; ``ignored``: its columns nobody knows; ``headless``: not even a header
    was found.
    """

    header_row: int
    kind: str | None = None
    missing: Sequence[str] = ()
    ignored: Sequence[Column] = ()
    headless: bool = False
    columns: Sequence[Column] = ()
