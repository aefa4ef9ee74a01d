"""What a mapping and the tables together fix before the first row is read.

A ``Layout`` belongs to one target of one kind of list. It names the columns of the staging table
in order; ``check`` fills them, ``stage`` copies them, ``merge`` reads them.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from typing import Any, Final

from sqlalchemy import Column, Table, UniqueConstraint

from hub.errors import ConfigurationError
from hub.store.winners import is_needed
from hub.sync.connector import Constant, From, Link, ListMapping, Reference, Target
from hub.tables import FACTS, RECORDS, metadata
from hub.tables._columns import StatedColumns, stated

COUNTY: Final = "county_code"
STATED: Final = frozenset(StatedColumns.__annotations__)
NOTHING_OWN: Final[Mapping[str, str]] = {}


@dataclass(frozen=True, slots=True)
class Seek:
    """One column a reference is found by: ``column`` of the referred table, ``staged`` in ours."""

    staged: str
    column: str
    source: From


@dataclass(frozen=True, slots=True)
class Pointer:
    """A reference, bound to the tables. ``stated``: staging of the target of the same row that it is to."""

    column: str
    table: Table[Any]
    alternatives: tuple[tuple[Seek, ...], ...]
    required: bool
    copy: Mapping[str, str]
    header: str
    stated: str | None = None
    alone: bool = False


@dataclass(frozen=True, slots=True)
class BoundLink:
    """A link table to fill, with a staging table of its own."""

    staging: str
    link: Link
    pointer: Pointer


@dataclass(frozen=True, slots=True)
class Layout:
    """One target: ``direct`` columns come from cells, ``filled`` are all the merge writes."""

    staging: str
    list_kind: str
    precedence: int
    target: Target
    table: Table[Any]
    record: Table[Any] | None
    direct: tuple[str, ...]
    filled: tuple[str, ...]
    pointers: tuple[Pointer, ...]
    links: tuple[BoundLink, ...]
    kept: set[str] = field(default_factory=set, compare=False)
    """Columns some table of the run does not have; what is held of them stays."""

    def without(self, headers: Collection[str]) -> list[str]:
        """Columns and link tables that say nothing in a table without these headers."""
        gone = [n for n, c in self.target.columns.items() if isinstance(c, From) and c.header in headers]
        for pointer in self.pointers:
            by_cells = pointer.stated is None
            if by_cells and all(any(s.source.header in headers for s in by) for by in pointer.alternatives):
                gone += [pointer.column, *pointer.copy]
        return gone + [bound.link.table for bound in self.links if bound.link.header in headers]

    @property
    def seeks(self) -> tuple[Seek, ...]:
        return tuple(s for p in self.pointers for a in p.alternatives for s in a)

    @property
    def has_county(self) -> bool:
        return COUNTY in self.table.c

    @property
    def is_person_scale(self) -> bool:
        """Tables of people and households, and what is said of them: their key begins with the county."""
        return COUNTY in self.table.primary_key.columns

    @property
    def carried(self) -> tuple[Pointer, tuple[str, ...]] | None:
        """Of facts: the reference to whom they are about, and the columns they carry from there."""
        about = next((p for p in self.pointers if p.column == self.target.about), None)
        names = tuple(c.name for c in self.table.c if c.info.get("carried"))
        return (about, names) if about is not None and names else None

    @property
    def needed(self) -> tuple[str, ...]:
        """Columns that a row of the table must have, of those the merge writes."""
        return tuple(name for name in self.filled if is_needed(self.table.c[name]))

    @property
    def key_headers(self) -> set[str]:
        """The headers record keys are made of, but those of spreads, which may fill other columns."""
        target, headers = self.target, set()
        for part in target.key:
            if isinstance(part, From):
                headers.add(part.header)
            elif pointer := next((p for p in self.pointers if p.column == part), None):
                headers.update(seek.source.header for by in pointer.alternatives for seek in by)
            elif part not in self.direct:
                headers.add(part)
            elif target.each is not None and part == target.each[0]:
                headers.add(target.each[1].header)
            elif isinstance(given := target.columns.get(part), From):
                headers.add(given.header)
        return headers

    def header_of(self, column: str) -> str:
        """The header a column comes from, else its label."""
        given = self.target.columns.get(column)
        return given.header if isinstance(given, From) else str(self.table.c[column].comment)


def lay_out(mapping: ListMapping, position: int) -> tuple[Layout, ...]:
    """The layouts of one kind of list; ConfigurationError where mapping and tables disagree."""
    names = [f"sync_{position}_{i}" for i in range(len(mapping.targets))]
    own: dict[str, str] = {}
    made = []
    for name, target in zip(names, mapping.targets, strict=True):
        made.append(_layout(mapping, target, name, own))
        if target.match:
            own.setdefault(target.table, name)
    return tuple(made)


def _layout(mapping: ListMapping, target: Target, staging: str, own: Mapping[str, str]) -> Layout:
    if not re.fullmatch("[a-z_]+", mapping.kind):
        raise ConfigurationError(f"list {mapping.kind!r}: a name of small letters is expected")
    table = metadata.tables.get(target.table)
    if table is None or (target.table not in FACTS and target.table not in RECORDS):
        raise ConfigurationError(f"list {mapping.kind}: {target.table!r} is not a synced table")
    if (target.table in FACTS) == bool(target.match):
        raise ConfigurationError(f"list {mapping.kind}: match belongs to entities, {target.table!r}")
    if target.match and not unique_by(table, target.match[0])[0]:
        raise ConfigurationError(f"list {mapping.kind}: {target.match[0]} is not unique in {target.table}")
    pointers = tuple(
        _pointer(table.c[column], reference, f"k{i}", own)
        for i, (column, reference) in enumerate(target.references.items())
    )
    pointed = {name for p in pointers for name in (p.column, *p.copy)}
    filled = tuple(c.name for c in stated(table.c) if c.name not in STATED | {"id", COUNTY})
    known = {*filled, COUNTY}
    named = {*target.columns, *pointed, *(c for m in target.match for c in m)}
    named |= {c for names in target.same for c in names}
    if target.about is not None and target.about not in target.references:
        raise ConfigurationError(f"list {mapping.kind}: {target.about!r} is no reference of {target.table}")
    if target.each:
        named.add(target.each[0])
    if not named <= known:
        raise ConfigurationError(f"list {mapping.kind}: {target.table} has no {sorted(named - known)}")
    parts = {part for part in target.key if isinstance(part, str)}
    if nowhere := sorted(parts - known - set(target.references) - _headers(mapping)):
        raise ConfigurationError(
            f"list {mapping.kind}: the key of {target.table} names {nowhere}, neither a column of it nor a"
            " header of the list; every row would have the same key"
        )
    return Layout(
        staging=staging,
        list_kind=mapping.kind,
        precedence=mapping.precedence,
        target=target,
        table=table,
        record=RECORDS.get(target.table),
        direct=tuple(name for name in filled if name not in pointed),
        filled=filled,
        pointers=pointers,
        links=tuple(_link(link, f"{staging}_l{i}") for i, link in enumerate(target.links)),
    )


def _headers(mapping: ListMapping) -> set[str]:
    """Those the declarations of the list name."""
    found = {*mapping.required, *mapping.expected}
    for target in mapping.targets:
        given = [*target.columns.values(), *target.spreads, *target.checks, *target.links, *target.key]
        given += [source for r in target.references.values() for by in r.by for source in by.values()]
        given += [target.each[1]] if target.each else []
        found |= {each.header for each in given if not isinstance(each, str | Constant)}
        found |= {target.when} if target.when else set()
    return found


def _pointer(
    column: Column[Any], reference: Reference, prefix: str, own: Mapping[str, str] = NOTHING_OWN
) -> Pointer:
    if not reference.by and reference.table not in own:
        raise ConfigurationError(f"{column}: no target before it states the row's own {reference.table}")
    alternatives = tuple(
        tuple(Seek(f"{prefix}_{i}_{name}", name, source) for name, source in by.items())
        for i, by in enumerate(reference.by)
    )
    return Pointer(
        column=column.name,
        table=metadata.tables[reference.table],
        alternatives=alternatives,
        required=reference.required or is_needed(column),
        copy=reference.copy,
        header=alternatives[-reference.alone][0].source.header if alternatives else str(column.comment),
        stated=None if alternatives else own[reference.table],
        alone=reference.alone,
    )


def _link(link: Link, staging: str) -> BoundLink:
    if len(link.reference.by) != 1 or len(link.reference.by[0]) != 1:
        raise ConfigurationError(f"link {link.table}: one alternative of one column is expected")
    return BoundLink(staging, link, _pointer(metadata.tables[link.table].c[link.other], link.reference, "k"))


def unique_by(table: Table[Any], columns: Iterable[str]) -> tuple[bool, bool]:
    """Whether ``columns``, with the county, identify one row; and whether the county is needed for it.

    Within a county is also where a table is looked through that has a county and no such constraint.
    """
    wanted = set(columns)
    keys = [
        {c.name for c in constraint.columns}
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    keys.append({c.name for c in table.primary_key.columns})
    if any(key <= wanted for key in keys):
        return True, False
    return any(key <= wanted | {COUNTY} for key in keys), COUNTY in table.c


def fingerprint(mapping: ListMapping) -> str:
    """Changes with anything of the mapping that shapes a row; parse functions count by their name."""
    return hashlib.sha256(repr(_plain(mapping)).encode()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return type(value).__name__, [(f.name, _plain(getattr(value, f.name))) for f in fields(value)]
    if isinstance(value, Mapping):
        return [(key, _plain(item)) for key, item in value.items()]
    if isinstance(value, frozenset | set):
        return sorted(map(repr, value))
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if callable(value):
        return getattr(value, "__qualname__", type(value).__qualname__)
    return repr(value)
