"""What a copy may have to be told of: rows that come and go by themselves, and rows that have changed.

All of it is read with the hub's own rights, and tells which rows to look at. What is told of one is decided
by the statement that reads it under the viewer's locks (``hub.read.copy_rows``): a row that is seen is told
as it is; of one that is not, only where it may have been told before, that it is gone."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from hub.access.copies import (
    COPIES,
    NOW,
    NOW_HELD,
    SHARED,
    Gone,
    Reason,
    reason_of,
    shown_by_contract,
    type_of,
)
from hub.access.slices import SLICES
from hub.access.viewer import Viewer
from hub.read.copy_place import Key, Now, Recut, Told
from hub.read.positions import Entry, Position, Snapshot
from hub.store.database import Database
from hub.tables import OF_PERSON, PERSON

SCANNED: Final = 2_000
"""Entries looked at for a page; those of nobody the viewer may see are passed over there."""


@dataclass(frozen=True, slots=True)
class Touched:
    """A row to be looked at. ``told``: it may have been told. ``lives``: by a contract that is live still.
    ``deleted``: in the transaction it left by last, without which it would be seen."""

    key: Key
    told: bool = False
    lives: bool = False
    deleted: bool = False


class Names(dict[str, str]):
    """Aliases as they are given; any other name is a value, in the order of first use."""

    def __init__(self, *before: str, **aliases: str) -> None:
        super().__init__(aliases)
        self.used = list(before)

    def __missing__(self, name: str) -> str:
        if name not in self.used:
            self.used.append(name)
        return f"${self.used.index(name) + 1}::{type_of(name)}"


async def look(database: Database, viewer: Viewer, now: Any) -> Now:
    """What the viewer's slice is cut by at a moment, and that moment. ``now``: of the hub's clock."""
    day, minors, at = now.date(), viewer.reader == viewer.role, time.time()
    if viewer.organisation_id is None:
        [(seen,)] = await database.fetch(NOW)
        return Now(Snapshot.of(seen), (), ("~", "~"), day, minors, at)
    [(seen, contracts, low, high)] = await database.fetch(NOW_HELD, viewer.organisation_id, day)
    counties = ("~", "~") if low is None else (low, high + "~")
    return Now(Snapshot.of(seen), tuple(contracts), counties, day, minors, at)


def values_of(told: Told, recut: Recut | None = None) -> dict[str, Any]:
    """Of ``hub.access.copies``, beside the viewer's."""
    return {
        "held": sorted(told.held),
        "first": told.first,
        "last": told.last,
        "minors": told.minors,
        **({} if recut is None else {"changed": recut.changed, "steady": recut.steady,
                                     "minors_changed": recut.minors}),
    }  # fmt: skip


def recut_of(told: Told, now: Now) -> Recut:
    """What comes and goes between what was told and now, by contracts, days and the viewer's rights alone."""
    held = told.held | set(now.contracts)
    changed = held - (told.sure & set(now.contracts))
    other = told.and_by(now)
    return Recut(tuple(sorted(changed)), tuple(sorted(held - changed)), other.minors != other.all_minors)


# ── rows that come and go without a change of their own ──────────────────────────────────────────────


@lru_cache(64)
def recutting(reader: str, tables: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    copy, names = COPIES[reader], Names(p="p", k="k", t="p")
    hidden = [
        table
        for table in sorted(tables)
        if table != "assignment" and "{contracts}" in SLICES[reader][table].within.get(PERSON, "")
    ]
    parts = [*copy.found, *map(shown_by_contract, hidden)]
    rows = " union ".join(f"({part.format_map(names)})" for part in parts)
    told, lives = (test.format_map(names) for test in (copy.told, copy.lives))
    limit = names["page"]
    text = (
        f"select k.county_code, k.id, {told} as told, {lives} as lives"  # noqa: S608 - of names
        f" from (select * from ({rows}) found order by county_code, id limit {limit}) k order by 1, 2"
    )
    return text, tuple(names.used)


async def recut_page(
    database: Database, reader: str, tables: tuple[str, ...], after: Key, page: int, values: Mapping[str, Any]
) -> list[Touched]:
    text, names = recutting(reader, tables)
    given = {**values, "after_code": after[0], "after_id": after[1], "page": page}
    rows = await database.fetch(text, *(given[name] for name in names))
    return [Touched((row["county_code"], row["id"]), row["told"], row["lives"]) for row in rows]


# ── rows that have changed ───────────────────────────────────────────────────────────────────────────

ENTRIES: Final = """
    with e as materialized (
        select c.* from change c
        where (c.xact, c.sequence) > ($1::bigint, $2::bigint)
            and (c.xact >= $3::bigint or c.xact = any ($4::bigint[]))
            and c.xact < $5::bigint and not c.xact = any ($6::bigint[])
            and c.entity in ({entities}) and c.county_code >= {lo6} and c.county_code < {hi6}
        order by c.xact, c.sequence limit {scanned}),
    end_ as (select xact, sequence, count(*) over () as n from e order by xact desc, sequence desc limit 1)
    select z.xact as end_xact, z.sequence as end_sequence, z.n, r.*
    from end_ z left join (
        select c.xact, c.sequence, c.operation, r.county_code, r.id, r.departed,
            r.departed and coalesce({lived}, false) as lived, r.departed and coalesce({still}, false) as still
        from e c cross join lateral ({rows}) r
            left join {person} p on p.county_code = r.county_code and p.id = r.id
        where r.departed or c.operation = 'D' or coalesce({known}, false)) r on true
    order by r.xact, r.sequence, r.county_code, r.id"""


@lru_cache(64)
def following(reader: str, tables: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    copy, names = COPIES[reader], Names(*"123456", c="c", t="p")
    left = f"c.operation = 'L' and coalesce({copy.left.format_map(names)}, false)"
    rows = [f"select c.county_code, c.entity_id as id, {left} as departed where c.entity = '{PERSON}'"]
    rows += [f"select f.county_code, f.{person}, false from {of} f where c.entity = '{table}'"  # noqa: S608
             f" and f.county_code = c.county_code and f.{key} = c.entity_id and f.{person} is not null"
             for table in tables for of, key, person in [_way(table)]]  # fmt: skip
    text = ENTRIES.format(
        entities=", ".join(f"'{name}'" for name in (PERSON, *tables)),
        lo6=names["lo6"],
        hi6=names["hi6"],
        scanned=SCANNED,
        lived=copy.lived.format_map(names),
        still=copy.still.format_map(names),
        rows=" union all ".join(rows),
        person=PERSON,
        known=copy.known.format_map(names),
    )
    return text, tuple(names.used[6:])


def _way(table: str) -> tuple[str, str, str]:
    """From an entry about ``table`` to whom it is about."""
    return (PERSON, SHARED[table], "id") if table in SHARED else (table, "id", OF_PERSON)


class Entries(NamedTuple):
    """``end``: the last entry that was told; None where all up to the end were."""

    rows: Sequence[Touched]
    end: Entry | None


async def entries_page(
    database: Database,
    reader: str,
    tables: tuple[str, ...],
    position: Position,
    until: Snapshot,
    page: int,
    values: Mapping[str, Any],
) -> Entries:
    """Of at least ``page`` rows if there are so many: no page ends within an entry."""
    text, names = following(reader, tables)
    seen = position.seen
    start = max(position.entry, Entry(seen.lower, 0))
    found = await database.fetch(
        text, *start, seen.upper, list(seen.open), until.upper, list(until.open),
        *(values[name] for name in names),
    )  # fmt: skip
    deleted = {(row["county_code"], row["id"], row["xact"]) for row in found if row["operation"] == "D"}
    rows, last, full = dict[Key, Touched](), Entry(0, 0), bool(found) and found[0]["n"] == SCANNED
    for row in found:
        if row["id"] is None or (row["operation"] == "D" and (row["county_code"], row["id"]) not in rows):
            continue
        entry = Entry(row["xact"], row["sequence"])
        if entry != last and len(rows) >= page:
            return Entries(list(rows.values()), last)
        last, key = entry, (row["county_code"], row["id"])
        before = rows.get(key) or Touched(key)
        if row["departed"]:
            gone = row["still"] and (*key, row["xact"]) in deleted
            before = Touched(key, True, before.lives or row["lived"], gone)
        rows[key] = before
    end = Entry(found[0]["end_xact"], found[0]["end_sequence"]) if full else None
    return Entries(list(rows.values()), end)


# ── why somebody is gone ─────────────────────────────────────────────────────────────────────────────

GONE: Final = """
    select {there} as there, s.id as merged, {served} as served
    from unnest($1::text[], $2::bigint[]) with ordinality k (county_code, id, n)
        left join {apart} m on m.county_code = k.county_code and m.id = k.id and m.linked_to <> k.id
        left join {person} s on s.county_code = m.county_code and s.id = m.linked_to and ({seen})
    order by k.n"""


@lru_cache(16)
def reasoning(reader: str) -> tuple[str, tuple[str, ...]]:
    names = Names(*"12", k="k", t="s")
    text = GONE.format(
        there=f"exists (select from {PERSON} p where p.county_code = k.county_code and p.id = k.id)",
        served=COPIES[reader].served.format_map(names),
        person=PERSON,
        apart=f"{PERSON}_apart",
        seen=SLICES[reader][PERSON].rows.format_map(names),
    )
    return text, tuple(names.used[2:])


class Why(NamedTuple):
    """``into``: who stands for it now."""

    reason: Reason
    into: Key | None


async def why_gone(
    database: Database, viewer: Viewer, rows: Sequence[Touched], values: Mapping[str, Any], *, narrowed: bool
) -> list[Why]:
    if not rows:
        return []
    text, names = reasoning(viewer.reader)
    codes, numbers = zip(*(row.key for row in rows), strict=True)
    found = await database.fetch(text, list(codes), list(numbers), *(values[name] for name in names))
    told = []
    for row, each in zip(rows, found, strict=True):
        merged = each["merged"] is not None
        gone = Gone(each["there"], merged, row.deleted, each["served"], row.lives)
        reason = reason_of(gone, contractor=viewer.organisation_id is not None, narrowed=narrowed)
        told.append(Why(reason, (row.key[0], each["merged"]) if reason == Reason.MERGED else None))
    return told
