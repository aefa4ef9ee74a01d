"""Maps and validates one row: all its statements, or all its refusals, never half a row.

A reference that finds nothing is another matter: it shows only when the rows are merged, and holds
back the one target it belongs to (``REFERENCE_UNKNOWN``), not the row's other targets.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy import Column

from hub.domain.refusal import REFUSALS, Refused
from hub.domain.text import is_empty
from hub.store.vault import Vault
from hub.sync.connector import Check, Constant, Context, From, Refusal, Row, Spread
from hub.sync.layout import Layout, Pointer, Seek, is_needed
from hub.sync.values import guard, key_text

log = structlog.get_logger("hub.sync")

UNSET: Final = object()
REFUSED: Final = object()

KEY_LIMIT: Final = 200


@dataclass(frozen=True, slots=True)
class Statement:
    """What one row says of one target; ``values`` in the order of ``Layout.direct``, sealed."""

    record_key: str
    values: list[Any]
    seeks: list[Any]
    complete: bool
    links: list[list[Any]]


@dataclass(frozen=True, slots=True)
class Cell:
    """A header and how it is parsed; ``slot`` is its place among all those of the list."""

    slot: int
    header: str
    parse: Callable[[Any, Context], Any]


class Slots:
    """Gives each distinct (header, parse) one slot, so that a row parses it once."""

    def __init__(self) -> None:
        self.cells: dict[tuple[str, Any], Cell] = {}

    def cell(self, source: From | Spread) -> Cell:
        key = (source.header, source.parse)
        return self.cells.setdefault(key, Cell(len(self.cells), source.header, source.parse))


class Cells:
    """The values of one row while it is checked."""

    __slots__ = ("context", "parsed", "refusals", "values")

    def __init__(self, values: Mapping[str, Any], context: Context, slots: int) -> None:
        self.values = values
        self.context = context
        self.parsed: list[Any] = [UNSET] * slots
        self.refusals: list[Refusal] = []

    def take(self, cell: Cell) -> Any:
        """The parsed value, ``None`` when there is none, or ``REFUSED``."""
        value = self.parsed[cell.slot]
        if value is UNSET:
            value = self.values.get(cell.header)
            if value is not None:
                value = self._parse(cell, value)
            self.parsed[cell.slot] = value
        return value

    def _parse(self, cell: Cell, value: Any) -> Any:
        try:
            return cell.parse(value, self.context)
        except Refused as refused:
            self.refuse(Refusal.of(refused, cell.header))
        except Exception as error:
            # One odd cell must not keep a county's whole list out; the type of the error names nobody.
            log.warning("parse_failed", headers=cell.header, kind=type(error).__name__)
            self.refuse(unsuitable(cell.header))
        return REFUSED

    def refuse(self, refusal: Refusal) -> None:
        if refusal not in self.refusals:
            self.refusals.append(refusal)

    def lacks(self, header: str) -> None:
        """Refuses an empty cell, unless the cell itself is refused already."""
        if all(r.header != header for r in self.refusals):
            self.refuse(Refusal("REQUIRED", header, REFUSALS["REQUIRED"].en, REFUSALS["REQUIRED"].zh))


def unsuitable(header: str) -> Refusal:
    return Refusal(
        "VALUE_UNSUITABLE", header, "A value the column can hold is expected.", "内容不符合该列要求"
    )


Sought = tuple[Cell, Callable[[Any], bool]]


def _sought(pointer: Pointer, alternative: Sequence[Seek], slots: Slots) -> list[Sought]:
    return [(slots.cell(seek.source), guard(pointer.table.c[seek.column])) for seek in alternative]


class TargetCheck:
    """One target of a list."""

    def __init__(self, layout: Layout, slots: Slots, vault: Vault) -> None:
        self.layout = layout
        self._vault = vault
        target, table = layout.target, layout.table
        place = {name: i for i, name in enumerate(layout.direct)}
        self._place = place
        self._blank: list[Any] = [None] * len(place)
        self._columns: list[tuple[int, Cell, bool]] = []
        for name, given in target.columns.items():
            if isinstance(given, Constant):
                self._blank[place[name]] = given.value
            else:
                self._columns.append((place[name], slots.cell(given), given.required))
        self._spreads = [(slots.cell(s), s.required, s.prevails) for s in target.spreads]
        self._each: tuple[int, Cell, bool] | None = None
        if target.each:
            column, listed = target.each
            self._each = place[column], slots.cell(listed), listed.required
        needed = [n for n in layout.direct if is_needed(table.c[n])]
        self._needed = [place[n] for n in needed]
        stated = {*target.columns, *([target.each[0]] if target.each else [])}
        self._refused_if_empty = [
            (place[n], layout.header_of(n)) for n in needed if layout.record is None or n in stated
        ]
        pointed = {n for p in layout.pointers for n in (p.column, *p.copy)}
        self._creates = all(n in pointed or n in place for n in layout.needed)
        self._sealed = [place[n] for n in layout.direct if table.c[n].info.get("sealed")]
        self._guards = [(place[n], guard(table.c[n]), layout.header_of(n)) for n in layout.direct]
        self._own = [
            (place[m[0]], layout.header_of(m[0]))
            for m in target.match
            if len(m) == 1 and m[0] in place and table.c[m[0]].foreign_keys
        ]
        self._pointers = [(p, [_sought(p, a, slots) for a in p.alternatives]) for p in layout.pointers]
        self._links = [
            (_sought(b.pointer, b.pointer.alternatives[0], slots)[0], b.link.reference.required)
            for b in layout.links
        ]
        self._key = [self._key_part(name) for name in target.key]

    def read(self, cells: Cells) -> list[Statement]:
        """The statements of the row for this target: none if it does not apply, several for ``each``."""
        target = self.layout.target
        if target.when is not None and is_empty(cells.values.get(target.when)):
            return []
        values = self._fill(cells)
        seeks, found_by = self._seek(cells)
        links = [self._linked(cells, sought, required) for sought, required in self._links]
        statements = []
        for one in self._repeat(cells, values):
            self._validate(cells, one, target.checks)
            if cells.refusals:
                continue
            key = self._record_key(cells, one, found_by)
            complete = self._creates and all(one[i] is not None for i in self._needed)
            for i in self._sealed:
                if one[i] is not None:
                    one[i] = self._vault.seal_steady(one[i])
            statements.append(Statement(key, one, seeks, complete, links))
        return statements

    def _fill(self, cells: Cells) -> list[Any]:
        values = self._blank[:]
        for place, cell, required in self._columns:
            value = cells.take(cell)
            if value is None:
                if required:
                    cells.lacks(cell.header)
            elif value is not REFUSED:
                values[place] = value
        for cell, required, prevails in self._spreads:
            spread = cells.take(cell)
            if spread is None:
                if required:
                    cells.lacks(cell.header)
            elif spread is not REFUSED:
                for name, value in spread.items():
                    place = self._place[name]
                    if value is not None and (values[place] is None or name in prevails):
                        values[place] = value
        return values

    def _seek(self, cells: Cells) -> tuple[list[Any], dict[str, tuple[tuple[str, Any], ...]]]:
        """Per reference the values of the first alternative that has them all, else nothing."""
        seeks: list[Any] = []
        found_by: dict[str, tuple[tuple[str, Any], ...]] = {}
        for pointer, alternatives in self._pointers:
            open_ = True
            for alternative, named in zip(alternatives, pointer.alternatives, strict=True):
                taken = [self._sought(cells, *sought) for sought in alternative] if open_ else []
                if open_ and all(value is not None and value is not REFUSED for value in taken):
                    open_ = False
                    seeks.extend(taken)
                    found_by[pointer.column] = tuple((s.column, v) for s, v in zip(named, taken, strict=True))
                else:
                    seeks.extend([None] * len(alternative))
            if open_ and pointer.required:
                cells.lacks(pointer.header)
        return seeks, found_by

    def _sought(self, cells: Cells, cell: Cell, fits: Callable[[Any], bool]) -> Any:
        value = cells.take(cell)
        if value is None or value is REFUSED or fits(value):
            return value
        cells.refuse(unsuitable(cell.header))
        return REFUSED

    def _linked(self, cells: Cells, sought: Sought, required: bool) -> list[Any]:
        cell, fits = sought
        listed = self._listed(cells, cell, required)
        if not all(map(fits, listed)):
            cells.refuse(unsuitable(cell.header))
        return listed

    def _listed(self, cells: Cells, cell: Cell, required: bool) -> list[Any]:
        value = cells.take(cell)
        if value is REFUSED:
            return []
        if not value and required:
            cells.lacks(cell.header)
        return list(dict.fromkeys(value or ()))

    def _repeat(self, cells: Cells, values: list[Any]) -> list[list[Any]]:
        if self._each is None:
            return [values]
        place, cell, required = self._each
        repeated = []
        for item in self._listed(cells, cell, required):
            copy = values[:]
            copy[place] = item
            repeated.append(copy)
        return repeated

    def _validate(self, cells: Cells, values: list[Any], checks: Sequence[Check]) -> None:
        for place, fits, header in self._guards:
            value = values[place]
            if value is not None and not fits(value):
                cells.refuse(unsuitable(header))
        for place, header in self._refused_if_empty:
            if values[place] is None:
                cells.lacks(header)
        for place, header in self._own:
            value = values[place]
            if isinstance(value, str) and not value.startswith(cells.context.county_code):
                cells.refuse(Refusal.of(Refused("DIVISION_OUTSIDE"), header))
        if checks:
            columns = {n: v for n, v in zip(self.layout.direct, values, strict=True) if v is not None}
            for check in checks:
                try:
                    check.test(columns, cells.values, cells.context)
                except Refused as refused:
                    cells.refuse(Refusal.of(refused, check.header))

    def _key_part(self, name: str) -> Callable[[Cells, list[Any], dict[str, Any]], str]:
        table = self.layout.table
        if name in self._place:
            place, shown = self._place[name], _is_public(table.c[name])
            return lambda cells, values, _: key_text(values[place], shown, cells.context.blind)
        pointer = next((p for p in self.layout.pointers if p.column == name), None)
        if pointer is None:
            return lambda cells, values, _: key_text(cells.values.get(name), False, cells.context.blind)
        columns = pointer.table.c
        return lambda cells, values, found_by: ":".join(
            key_text(value, _is_public(columns[column]), cells.context.blind)
            for column, value in found_by.get(name, ())
        )

    def _record_key(self, cells: Cells, values: list[Any], found_by: dict[str, Any]) -> str:
        key = ":".join([self.layout.list_kind, *(part(cells, values, found_by) for part in self._key)])
        if len(key) <= KEY_LIMIT:
            return key
        return f"{self.layout.list_kind}:{cells.context.blind(key).hex()}"


class ListCheck:
    """All targets of one kind of list."""

    def __init__(self, layouts: Sequence[Layout], vault: Vault) -> None:
        self._slots = Slots()
        self._targets = [TargetCheck(layout, self._slots, vault) for layout in layouts]

    def read(self, row: Row, context: Context) -> tuple[list[list[Statement]], list[Refusal]]:
        """Per target its statements, and every refusal of the row; if there is one, nothing else counts."""
        cells = Cells(row.values, context, len(self._slots.cells))
        return [target.read(cells) for target in self._targets], cells.refusals


def _is_public(column: Column[Any]) -> bool:
    return bool(column.info.get("group") == "public")
