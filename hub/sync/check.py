"""Maps and validates one row: all its statements, or all its refusals, never half a row.

A reference that finds nothing is another matter: it shows only when the rows are merged, and holds
back the one target it belongs to (``REFERENCE_UNKNOWN``), not the row's other targets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from operator import itemgetter
from typing import Any, NamedTuple

from sqlalchemy import Column

from hub.domain.refusal import Refused
from hub.errors import ConfigurationError
from hub.store.vault import Vault
from hub.store.winners import is_needed
from hub.sync.cells import NOTHING, Cells, Slots
from hub.sync.connector import Constant, Context, From, Refusal, Row
from hub.sync.layout import Layout, Pointer
from hub.sync.values import Fits, fits_all, fits_each, fits_spread, guard, is_showable


class Statement(NamedTuple):
    """What one row says of one target; ``values`` in the order of ``Layout.direct``, sealed."""

    record_key: str
    values: list[Any]
    seeks: list[Any]
    complete: bool
    links: list[Sequence[Any]]


Found = dict[str, tuple[Sequence[str], Sequence[Any]]]
"""Per reference the columns of the referred table it is found by, and their values."""


class TargetCheck:
    """One target of a list. The tuples below hold what a row is asked for, in the order it is asked."""

    def __init__(self, layout: Layout, slots: Slots, vault: Vault) -> None:
        self._layout = layout
        self._vault = vault
        target, columns = layout.target, layout.table.c
        self._place = {name: i for i, name in enumerate(layout.direct)}
        fits = {name: guard(columns[name]) for name in layout.direct}
        picked = dict.fromkeys(layout.direct, NOTHING)
        for name, given in target.columns.items():
            if isinstance(given, Constant):
                picked[name] = slots.constant(given.value)
            else:
                picked[name] = slots.cell(given, fits[name])
        self._pick = _picker(list(picked.values()))
        self._required = [
            (picked[name], given.header)
            for name, given in target.columns.items()
            if isinstance(given, From) and given.required
        ]
        spread_fits = fits_spread(fits)
        self._spreads = [(slots.cell(s, spread_fits), s) for s in target.spreads]
        self._each: tuple[int, int, From] | None = None
        if target.each:
            name, source = target.each
            self._each = self._place[name], slots.cell(source, fits_each(fits[name])), source
        self._pointers = [_Pointing(p, slots) for p in layout.pointers]
        self._no_seeks: list[Any] = [None] * len(layout.seeks)
        self._links = [
            (
                slots.cell(b.pointer.alternatives[0][0].source, _link_fits(b.pointer)),
                b.link,
                _is_hash(_found_by(b.pointer)),
            )
            for b in layout.links
        ]
        needed = [name for name in layout.direct if is_needed(columns[name])]
        stated = {*target.columns, *([target.each[0]] if target.each else [])}
        must = [name for name in needed if layout.record is None or name in stated]
        self._must = [(self._place[name], layout.header_of(name)) for name in must]
        self._hoped = [self._place[name] for name in needed if name not in must]
        self._sealed = [self._place[name] for name in layout.direct if columns[name].info.get("sealed")]
        self._hashes = [
            (self._place[name], self._place[columns[name].info["look_up"]])
            for name in layout.direct
            if _is_hash(columns[name])
        ]
        self._hashed_seeks = [i for i, sought in enumerate(_sought(layout)) if _is_hash(sought)]
        # A row that founds an entity at a foreign key (a station of a division) stays in its county.
        self._own = [
            (self._place[m[0]], layout.header_of(m[0]))
            for m in target.match
            if len(m) == 1 and m[0] in self._place and columns[m[0]].foreign_keys
        ]
        named = [part for part in target.key if isinstance(part, str)]
        self._key_columns = [
            (self._place[name], columns[name].info.get("group") == "public")
            for name in named
            if name in self._place
        ]
        self._key_pointers = [name for name in named if name in target.references]
        self._key_headers = [n for n in named if n not in self._place and n not in target.references]
        of_cells = [part for part in target.key if isinstance(part, From)]
        self._key_slots = [slots.cell(part, fits_all) for part in of_cells]
        # What columns or references tell apart may lack a cell; else rows that lack it would be one record.
        cells_alone = not self._key_columns and not self._key_pointers
        self._key_needs = [*self._key_headers, *(part.header for part in of_cells)] if cells_alone else []
        spread = [name for name in named if name in self._place and name not in stated]
        self._spread_keys = [self._place[name] for name in spread]
        self._key_cells = layout.key_headers
        self._checks = target.checks
        self._is_person_scale = layout.is_person_scale

    def read(self, cells: Cells) -> list[Statement]:
        """The statements of the row for this target: none if it does not apply, several for ``each``."""
        when = self._layout.target.when
        if when is not None and not cells.has(when):
            return []
        values = self._fill(cells)
        seeks, found = self._seek(cells)
        links = [
            self._stored(self._listed(cells, slot, x.header, x.reference.required), hashed)
            for slot, x, hashed in self._links
        ]
        for place in self._hashed_seeks:
            if seeks[place] is not None:
                seeks[place] = self._vault.look_up(seeks[place])
        return [
            statement
            for repeated in self._repeat(cells, values)
            if (statement := self._state(cells, repeated, seeks, found, links)) is not None
        ]

    def keys(self, cells: Cells, unsure: set[str]) -> list[str]:
        """The record keys the row has for this target; adds the headers they would need and cannot have."""
        when = self._layout.target.when
        if when is not None and not cells.has(when):
            return []
        values, (_, found) = self._fill(cells), self._seek(cells)
        unsure |= self._key_cells
        self._need_key(cells)
        if any(values[place] is None for place in self._spread_keys):
            unsure.update(spread.header for _, spread in self._spreads)
        each = self._layout.target.each
        if each is not None and each[0] not in self._layout.target.key:
            return [self._record_key(cells, values, found)]  # whatever stood in the cell that is repeated
        return [self._record_key(cells, repeated, found) for repeated in self._repeat(cells, values)]

    def _fill(self, cells: Cells) -> list[Any]:
        parsed = cells.parsed
        values = list(self._pick(parsed))
        for slot, header in self._required:
            if parsed[slot] is None:
                cells.lacks(header)
        for slot, spread in self._spreads:
            parts = parsed[slot]
            if parts is None:
                if spread.required:
                    cells.lacks(spread.header)
                continue
            for name, value in parts.items():
                place = self._place[name]
                if value is not None and (values[place] is None or name in spread.prevails):
                    values[place] = value
        return values

    def _seek(self, cells: Cells) -> tuple[list[Any], Found]:
        """Per reference the values of the first alternative that has them all, else nothing."""
        seeks = self._no_seeks[:]
        found: Found = {}
        start = 0
        for pointing in self._pointers:
            taken = pointing.take(cells.parsed)
            if taken is not None:
                offset, names, values = taken
                seeks[start + offset : start + offset + len(values)] = values
                found[pointing.column] = names, values
            elif pointing.required and pointing.alternatives:
                cells.lacks(pointing.header)
            start += pointing.width
        return seeks, found

    def _listed(self, cells: Cells, slot: int, header: str, required: bool) -> Sequence[Any]:
        listed = cells.parsed[slot]
        if not listed:
            if required:
                cells.lacks(header)
            return ()
        return tuple(dict.fromkeys(listed))

    def _stored(self, values: Sequence[Any], hashed: bool) -> Sequence[Any]:
        return tuple(map(self._vault.look_up, values)) if hashed else values

    def _repeat(self, cells: Cells, values: list[Any]) -> list[list[Any]]:
        if self._each is None:
            return [values]
        place, slot, source = self._each
        listed = self._listed(cells, slot, source.header, source.required)
        return [[*values[:place], item, *values[place + 1 :]] for item in listed]

    def _state(
        self, cells: Cells, values: list[Any], seeks: list[Any], found: Found, links: list[Sequence[Any]]
    ) -> Statement | None:
        for place, header in self._must:
            if values[place] is None:
                cells.lacks(header)
        for place, header in self._own:
            if values[place] is not None and not values[place].startswith(cells.context.county_code):
                cells.refuse(Refusal.of(Refused("DIVISION_OUTSIDE"), header))
        self._test(cells, values)
        self._need_key(cells)
        if cells.refusals or cells.refused:
            return None
        key = self._record_key(cells, values, found)
        # Record keys are made of what never changes, rows are found by what the active key makes of it.
        for place in self._sealed:
            if values[place] is not None:
                values[place] = self._vault.seal_steady(values[place])
        for place, of in self._hashes:
            if values[place] is not None:
                if values[of] is None:  # it could not be made anew when keys change
                    raise ConfigurationError(f"list {self._layout.list_kind}: a hash comes with its value")
                values[place] = self._vault.look_up(values[place])
        complete = all(values[place] is not None for place in self._hoped)
        return Statement(key, values, seeks, complete, links)

    def _need_key(self, cells: Cells) -> None:
        for header in self._key_needs:
            if not cells.has(header):
                cells.lacks(header)

    def _test(self, cells: Cells, values: list[Any]) -> None:
        if not self._checks:
            return
        columns = dict(zip(self._layout.direct, values, strict=True))
        for check in self._checks:
            try:
                check.test(columns, cells.values, cells.context)
            except Refused as refused:
                cells.refuse(Refusal.of(refused, check.header))
            except Exception as error:
                cells.fail(check.header, error)

    def _record_key(self, cells: Cells, values: list[Any], found: Found) -> str:
        """What is public as it stands, the rest as one keyed hash: bureaus see where a value came from.

        Of people all is hidden, the kind of list as well: that somebody stands on a list of children or of
        the disabled says what only some may know.
        """
        shown = [self._layout.list_kind]
        hidden: list[Any] = []
        for place, public in self._key_columns:
            value = values[place]
            if public and is_showable(value):
                shown.append(value)
            else:
                hidden.append(value)
        for name in self._key_pointers:
            hidden.extend(found[name][1] if name in found else ())
        for slot in self._key_slots:
            hidden.append(cells.parsed[slot])
        for header in self._key_headers:
            hidden.append(cells.values.get(header))
        if hidden:
            shown.append(_hide(hidden, cells.context))
        key = ":".join(shown)
        if not self._is_person_scale:
            return key
        # A hash that holds a keyed one cannot be guessed; without one, this one is keyed.
        whole = sha256(key.encode()).hexdigest()[:32] if hidden else cells.context.blind(key).hex()
        return f"{self._layout.table.name}:{whole}"


class _Pointing:
    """A reference and the slots of what it is found by."""

    def __init__(self, pointer: Pointer, slots: Slots) -> None:
        self.column, self.required, self.header = pointer.column, pointer.required, pointer.header
        self.alternatives = []
        self.width = 0
        for alternative in pointer.alternatives:
            found_in = [slots.cell(s.source, guard(pointer.table.c[s.column])) for s in alternative]
            self.alternatives.append((self.width, [s.column for s in alternative], found_in))
            self.width += len(alternative)

    def take(self, parsed: list[Any]) -> tuple[int, Sequence[str], Sequence[Any]] | None:
        for offset, names, slots in self.alternatives:
            values = [parsed[slot] for slot in slots]
            if None not in values:
                return offset, names, values
        return None


class ListCheck:
    """All targets of one kind of list."""

    def __init__(self, layouts: Sequence[Layout], vault: Vault) -> None:
        self._slots = Slots()
        self._targets = [TargetCheck(layout, self._slots, vault) for layout in layouts]

    def read(self, row: Row, context: Context) -> tuple[list[list[Statement]], list[Refusal]]:
        """Per target its statements, and every refusal of the row; if there is one, nothing else counts."""
        cells = Cells(self._slots, row.values, context)
        statements = [target.read(cells) for target in self._targets]
        return statements, _refusals_of(cells)

    def keys(self, row: Row, context: Context) -> tuple[list[list[str]], list[Refusal]]:
        """Per target the record keys of a row that is deleted or refused, and what makes them unsure."""
        cells, unsure = Cells(self._slots, row.values, context), set[str]()
        keys = [target.keys(cells, unsure) for target in self._targets]
        return keys, [each for each in _refusals_of(cells) if each.header in unsure]


def _refusals_of(cells: Cells) -> list[Refusal]:
    return list(dict.fromkeys((*cells.refused.values(), *cells.refusals)))


def _found_by(pointer: Pointer) -> Column[Any]:
    found: Column[Any] = pointer.table.c[pointer.alternatives[0][0].column]
    return found


def _link_fits(pointer: Pointer) -> Fits:
    return fits_each(guard(_found_by(pointer)))


def _sought(layout: Layout) -> list[Column[Any]]:
    """The columns that references are found by, in the order of ``Layout.seeks``."""
    return [p.table.c[seek.column] for p in layout.pointers for by in p.alternatives for seek in by]


def _is_hash(column: Column[Any]) -> bool:
    return "look_up" in column.info


def _picker(slots: list[int]) -> Callable[[list[Any]], Sequence[Any]]:
    # With one index itemgetter gives the item itself, not a tuple of it.
    return itemgetter(*slots) if len(slots) > 1 else lambda parsed: [parsed[slot] for slot in slots]


def _hide(parts: list[Any], context: Context) -> str:
    if bytes in map(type, parts):
        # With a keyed hash among them, which nobody can guess, a plain hash hides them as well, and faster.
        return sha256(repr(parts).encode()).hexdigest()[:32]
    return context.blind(repr(parts)).hex()
