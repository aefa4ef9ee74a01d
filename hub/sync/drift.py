"""What the columns of a source's lists are, and what changed about them since the run before.

Columns are told by name, cells never. A run that fails tells what it saw all the same: that a needed column
is gone is why it failed. Nothing is lost in silence: a column that is not there any more, one that nobody has
heard of, another name, another type, codes nobody knows, and how many cells were dropped unread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from hub.domain.vocabulary import DriftKind, FieldClass
from hub.store.database import Connection
from hub.sync.connector import Refusal
from hub.sync.header import MOST, UNTOLD, Column, Header, printable

KNOWN: Final = """
    select name, header, form, lacking_count, unknown_code_count from source_column
    where source_id = $1 and list_kind = $2 and gone_at is null"""
SEEN: Final = """
    insert into source_column (source_id, list_kind, first_seen_at, last_seen_at, name, header, field_class,
        form, table_count, lacking_count, dropped_count, unknown_code_count)
    select $1::smallint, $2, now(), now(), u.*
    from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::int[], $9::int[], $10::int[]) u
    on conflict (source_id, list_kind, name) do update
    set header = excluded.header, field_class = excluded.field_class, form = excluded.form,
        table_count = excluded.table_count, lacking_count = excluded.lacking_count,
        dropped_count = excluded.dropped_count, unknown_code_count = excluded.unknown_code_count,
        last_seen_at = excluded.last_seen_at, gone_at = null"""
GONE: Final = """
    update source_column set gone_at = now(), table_count = 0, dropped_count = 0, unknown_code_count = 0
    where source_id = $1 and list_kind = $2 and name = any ($3)"""
FOUND: Final = """
    insert into source_drift
        (source_id, run_id, list_kind, found_at, kind, name, header, before, after, number)
    select $1::smallint, $2::bigint, $3, now(), u.*
    from unnest($4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::int[]) u"""
DROPPED: Final = """
    insert into dropped_cells (source_id, run_id, list_kind, field_class, cell_count, names)
    values ($1, $2, $3, $4, $5, $6)"""


@dataclass(slots=True)
class Seen:
    """A column in a run: in how many ``tables`` of its list, and how many lack what it is read as."""

    column: Column
    tables: int = 1
    lacking: int = 0


class Known(NamedTuple):
    """A column as the run before left it."""

    header: str | None
    forms: frozenset[str]
    lacking: int
    unknown: int


class Change(NamedTuple):
    """``number``: tables that lack it, or rows refused."""

    kind: DriftKind
    name: str
    header: str | None
    before: str | None = None
    after: str | None = None
    number: int | None = None


@dataclass(slots=True)
class Headers:
    """What a run was told of columns, by kind of list and table.

    ``unknown``: rows refused for codes nobody knows, by list and column. ``said``: lists of which rows were
    read. ``open_ended``: lists that may have columns which no table shows.
    """

    tables: dict[str, dict[str, dict[str, Column]]] = field(default_factory=dict)
    open_ended: set[str] = field(default_factory=set)
    unknown: Counter[tuple[str, str]] = field(default_factory=Counter)
    said: set[str] = field(default_factory=set)

    def add(self, kind: str, header: Header) -> None:
        if not header.is_all:
            self.open_ended.add(kind)
        columns = self.tables.setdefault(kind, {}).setdefault(header.table, {})
        for each in header.columns:
            name = printable(each.name)
            if each.header is None and name not in columns and len(columns) >= MOST:
                name = UNTOLD
            columns[name] = _both(columns.get(name), replace(each, name=name))

    @property
    def ignored(self) -> int:
        """Columns nobody asked for."""
        seen = (each for kind in self.tables for each in self.seen(kind).values())
        return sum(1 for each in seen if each.column.header is None)

    def refused(self, kind: str, refusals: Sequence[Refusal]) -> None:
        """Counts a row that is refused for codes nobody knows."""
        for header in {each.header for each in refusals if each.code == "CODE_UNKNOWN"}:
            self.unknown[kind, header] += 1
            self.said.add(kind)

    def seen(self, kind: str) -> Mapping[str, Seen]:
        """Columns of the list, of all its tables."""
        tables = [*self.tables[kind].values()]
        found: dict[str, Seen] = {}
        for columns in tables:
            for name, column in columns.items():
                if name in found:
                    found[name].column = _both(found[name].column, column)
                    found[name].tables += 1
                else:
                    found[name] = Seen(column)
        had = Counter(header for columns in tables for header in {each.header for each in columns.values()})
        for each in found.values():
            if each.column.header is not None and kind not in self.open_ended:
                each.lacking = len(tables) - had[each.column.header]
        return found


def _both(first: Column | None, second: Column) -> Column:
    if first is None:
        return second
    forms, dropped = first.forms | second.forms, first.dropped + second.dropped
    return Column(second.name, first.header or second.header, forms, dropped, second.field_class)


async def note(connection: Connection, source_id: int, run_id: int, headers: Headers) -> int:
    """Writes down what the run saw and what changed, and how much; part of the caller's transaction."""
    changed = 0
    for kind in headers.tables:
        known = {
            row["name"]: Known(
                row["header"], _forms(row["form"]), row["lacking_count"], row["unknown_code_count"]
            )
            for row in await connection.fetch(KNOWN, source_id, kind)
        }
        seen = headers.seen(kind)
        unknown = {header: count for (of, header), count in headers.unknown.items() if of == kind}
        if kind not in headers.said:  # nothing was read, so nothing is known of codes
            unknown = {each.header: each.unknown for each in known.values() if each.header}
        gone = [] if kind in headers.open_ended else sorted(known.keys() - seen.keys())
        found = [*changes(known, seen, gone, unknown)]
        await connection.execute(SEEN, source_id, kind, *_columns(known, seen, unknown))
        await connection.execute(GONE, source_id, kind, gone)
        if found:
            await connection.execute(FOUND, source_id, run_id, kind, *map(list, zip(*found, strict=True)))
        await _dropped(connection, source_id, run_id, kind, seen)
        changed += len(found)
    return changed


def changes(
    known: Mapping[str, Known], seen: Mapping[str, Seen], gone: Sequence[str], unknown: Mapping[str, int]
) -> Iterator[Change]:
    """What is other than the run before left it; nothing of a list that is read for the first time."""
    if not known:
        return
    came = [name for name in seen if name not in known]
    for name in gone:
        header = known[name].header
        heir = next((n for n in came if header is not None and seen[n].column.header == header), None)
        if heir is None:
            yield Change(DriftKind.COLUMN_GONE, name, header)
        else:
            came.remove(heir)
            yield Change(DriftKind.COLUMN_RENAMED, heir, header, name, heir)
    for name in came:
        yield Change(DriftKind.COLUMN_CAME, name, seen[name].column.header)
    told: set[str] = set()
    for name, each in seen.items():
        before, header = known.get(name), each.column.header
        if before and before.forms and each.column.forms - before.forms:
            forms = _text(before.forms), _text(before.forms | each.column.forms)
            yield Change(DriftKind.TYPE_CHANGED, name, header, *forms)
        if header is None or header in told:
            continue
        told.add(header)
        held = [each for each in known.values() if each.header == header]
        if held and each.lacking > max(k.lacking for k in held):
            yield Change(DriftKind.COLUMN_LACKING, name, header, number=each.lacking)
        if held and unknown.get(header, 0) > max(k.unknown for k in held):
            yield Change(DriftKind.CODES_UNKNOWN, name, header, number=unknown[header])


def _columns(
    known: Mapping[str, Known], seen: Mapping[str, Seen], unknown: Mapping[str, int]
) -> Sequence[list[object]]:
    """Of ``SEEN``, each a list."""
    rows = [
        (
            name,
            each.column.header,
            None if each.column.header else each.column.field_class or FieldClass.OTHER,
            _text(each.column.forms | (known[name].forms if name in known else frozenset())),
            each.tables,
            each.lacking,
            each.column.dropped,
            unknown.get(each.column.header or "", 0),
        )
        for name, each in seen.items()
    ]
    return [*map(list, zip(*rows, strict=True))] if rows else [[]] * 8


async def _dropped(
    connection: Connection, source_id: int, run_id: int, kind: str, seen: Mapping[str, Seen]
) -> None:
    """By what the cells tell of people."""
    of: dict[str, list[Column]] = {}
    for each in seen.values():
        if each.column.dropped:
            of.setdefault(each.column.field_class or FieldClass.OTHER, []).append(each.column)
    for field_class, columns in of.items():
        cells, names = sum(each.dropped for each in columns), sorted(each.name for each in columns)
        await connection.execute(DROPPED, source_id, run_id, kind, field_class, cells, names)


def _forms(text: str | None) -> frozenset[str]:
    return frozenset((text or "").split())


def _text(forms: frozenset[str]) -> str | None:
    return " ".join(sorted(forms)) or None
