"""The cells of one row, each parsed once.

Every distinct (header, parse) of a list has a slot. A row first fills its slots, then each target
picks its columns from them: what costs time is done once per row, and little of it in Python.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import structlog

from hub.domain.refusal import REFUSALS, Refused
from hub.domain.text import is_empty
from hub.sync.connector import Context, From, Refusal, Spread
from hub.sync.values import Fits

log = structlog.get_logger("hub.sync")

NOTHING: Final = 0
"""The slot that is always empty."""


class Slots:
    """Where the parsed cells of a row stand."""

    def __init__(self) -> None:
        self.blank: list[Any] = [None]
        self.cells: dict[tuple[str, Any, Any], tuple[int, str, Callable[[Any, Context], Any], Fits]] = {}

    def constant(self, value: Any) -> int:
        self.blank.append(value)
        return len(self.blank) - 1

    def cell(self, source: From | Spread, fits: Fits) -> int:
        key = (source.header, source.parse, fits)
        if key not in self.cells:
            self.cells[key] = (self.constant(None), *key)
        return self.cells[key][0]


class Cells:
    """One row while it is checked: its parsed cells, the slots refused, and every refusal so far."""

    __slots__ = ("context", "parsed", "refusals", "refused", "values")

    def __init__(self, slots: Slots, values: Mapping[str, Any], context: Context) -> None:
        self.values = values
        self.context = context
        self.parsed = slots.blank[:]
        self.refused: dict[int, Refusal] = {}
        self.refusals: list[Refusal] = []
        for slot, header, parse, fits in slots.cells.values():
            value = values.get(header)
            if value is None:
                continue
            try:
                value = parse(value, context)
                if value is None or fits(value):
                    self.parsed[slot] = value
                else:
                    self.refused[slot] = unsuitable(header)
            except Refused as refused:
                self.refused[slot] = Refusal.of(refused, header)
            except Exception as error:
                self.refused[slot] = _failed(header, error)

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
