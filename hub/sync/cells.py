"""The cells of one row, each parsed once.

Every distinct (header, parse) of a list has a slot. A row first fills its slots, then each target
picks its columns from them: what costs time is done once per row, and little of it in Python.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog

from hub.domain.refusal import REFUSALS, Refused
from hub.domain.text import is_empty
from hub.sync.connector import Context, From, Refusal, Spread
from hub.sync.values import Fits

log = structlog.get_logger("hub.sync")

_UNKNOWN: Final = object()
NOTHING: Final = 0
"""The slot that is always empty."""


MOST: Final = 4_096
"""Different texts of a column that are remembered. The hub's own number."""


class Reader:
    """Reads the cells of one slot. Most columns have few different texts, and each is parsed once."""

    __slots__ = ("_fits", "_parse", "header", "known", "slot")

    def __init__(self, slot: int, header: str, parse: Callable[[Any, Context], Any], fits: Fits) -> None:
        self.slot, self.header = slot, header
        self._parse, self._fits = parse, fits
        self.known: dict[str, Any] = {}
        """What texts mean, or why they are refused."""

    def read(self, value: Any, context: Context) -> Any:
        """The value, or the ``Refusal``, of a cell that is not known."""
        try:
            parsed = self._parse(value, context)
            if parsed is not None and not self._fits(parsed):
                parsed = unsuitable(self.header)
        except Refused as refused:
            parsed = Refusal.of(refused, self.header)
        except Exception as error:
            return _failed(self.header, error)
        if type(value) is str and len(self.known) < MOST:
            self.known[value] = parsed
        return parsed


class Slots:
    """Where the parsed cells of a row stand."""

    def __init__(self) -> None:
        self.blank: list[Any] = [None]
        self.cells: dict[tuple[str, Any, Any], int] = {}
        self.readers: list[tuple[int, str, dict[str, Any], Callable[[Any, Context], Any]]] = []
        self._day: dt.date | None = None

    def on(self, day: dt.date | None) -> None:
        """Rows to come were written on ``day``: what a text means, a code of a division, may depend on it."""
        if day != self._day:
            self._day = day
            for _, _, known, _ in self.readers:
                known.clear()

    def constant(self, value: Any) -> int:
        self.blank.append(value)
        return len(self.blank) - 1

    def cell(self, source: From | Spread, fits: Fits) -> int:
        key = (source.header, source.parse, fits)
        if key not in self.cells:
            reader = Reader(self.constant(None), *key)
            self.cells[key] = reader.slot
            self.readers.append((reader.slot, reader.header, reader.known, reader.read))
        return self.cells[key]


class Cells:
    """One row while it is checked: its parsed cells, the slots refused, and every refusal so far."""

    __slots__ = ("context", "parsed", "refusals", "refused", "values")

    def __init__(self, slots: Slots, values: Mapping[str, Any], context: Context) -> None:
        slots.on(context.day)
        self.values = values
        self.context = context
        self.parsed = slots.blank[:]
        self.refused: dict[int, Refusal] = {}
        self.refusals: list[Refusal] = []
        parsed = self.parsed
        for slot, header, known, read in slots.readers:
            value = values.get(header)
            if value is None:
                continue
            # Of other types equal values need not mean the same: 1, 1.0 and True.
            found = known.get(value, _UNKNOWN) if type(value) is str else _UNKNOWN
            if found is _UNKNOWN:
                found = read(value, context)
            if type(found) is Refusal:
                self.refused[slot] = found
            else:
                parsed[slot] = found

    def has(self, header: str) -> bool:
        """Whether a cell says something; one that cannot be read does."""
        try:
            return not is_empty(self.values.get(header))
        except Refused:
            return True

    def fail(self, header: str, error: Exception) -> None:
        self.refuse(_failed(header, error))

    def refuse(self, refusal: Refusal) -> None:
        if refusal not in self.refusals:
            self.refusals.append(refusal)

    def lacks(self, header: str) -> None:
        """Refuses an empty cell, unless the cell itself is refused already."""
        if all(r.header != header for r in (*self.refused.values(), *self.refusals)):
            self.refuse(Refusal("REQUIRED", header, REFUSALS["REQUIRED"].en, REFUSALS["REQUIRED"].zh))


def _failed(header: str, error: Exception) -> Refusal:
    """One odd cell must not keep a county's whole list out; the type of the error names nobody."""
    log.warning("parse_failed", headers=header, kind=type(error).__name__)
    return unsuitable(header)


def unsuitable(header: str) -> Refusal:
    expected, expected_zh = "A value the column can hold is expected.", "内容不符合该列要求"
    return Refusal("VALUE_UNSUITABLE", header, expected, expected_zh)
