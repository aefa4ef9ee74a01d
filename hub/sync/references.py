"""Finds what the staged rows refer to, set by set.

Every target gets a second temporary table ``<staging>_m`` with one line per statement that may be
merged: its item, its record key and the keys its references found. A required reference that finds
nothing puts the statement aside; an optional one is left empty, and its row is asked again next time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Table

from hub.store.database import Connection
from hub.store.rotation import ALONE
from hub.store.winners import is_needed
from hub.sync.layout import COUNTY, Layout, Pointer, Seek, unique_by
from hub.sync.stage import sentence
from hub.tables import RECORDS


@dataclass(frozen=True, slots=True)
class Scope:
    """What every statement of a merge has in common. ``county`` is six digits, checked by the run.

    ``whole``: the run is given all that the source says; else only what is new.
    """

    connection: Connection
    county: str
    source_id: int
    run_id: int
    whole: bool = True

    async def lock(self, name: str) -> None:
        """Waits for other runs that merge into the county or table ``name``; to the end of the run."""
        await self.connection.execute(ALONE, name)

    def within(self, alias: str, table: Table[Any]) -> str:
        """The condition that keeps ``table`` to the county, where it has one."""
        return f" and {alias}.{COUNTY} = '{self.county}'" if COUNTY in table.c else ""


class Merged(NamedTuple):
    """What became of the statements of a target: rows ``added``, and whether it is certain that none
    contradicts another."""

    added: int
    agreed: bool


def rows_of(status: str) -> int:
    """The rows a statement has written."""
    return int(status.split()[-1])


@dataclass(frozen=True, slots=True)
class Loose:
    """A column that may refer to nothing; ``flag`` says so per statement."""

    flag: str
    header: str
    table: Table[Any]
    required: bool
    alone: bool = False


async def resolve(scope: Scope, layout: Layout) -> None:
    """Makes ``<staging>_m``; of several statements with one record key the newest stays."""
    run = scope.connection.execute
    if await scope.connection.fetchval(f"select count(*) > count(distinct record_key) from {layout.staging}"):
        await run(_drop_repeated(scope, layout))
    loose = [*_loose_pointers(layout), *_loose_keys(layout)]
    await run(_resolve(scope, layout, loose))
    if loose:
        flags = ", ".join(f"coalesce(bool_or({each.flag}), false)" for each in loose)
        found = await scope.connection.fetchrow(f"select {flags} from {layout.staging}_m")
        missing = [each for each, lost in zip(loose, found or (), strict=True) if lost]
        for each in missing:
            await run(_put_aside(layout, each))
        if required := [each.flag for each in missing if each.required]:
            await run(f"delete from {layout.staging}_m where {' or '.join(required)}")
    await run(f"analyze {layout.staging}_m")


def said(layout: Layout) -> dict[str, str]:
    """What a statement says of each column, from ``s`` (as staged) and ``m`` (as resolved)."""
    lost = {name: f"lost_key_{i}" for i, (name, _) in enumerate(_keys(layout))}
    return {
        name: (
            f'm."{name}"'
            if name not in layout.direct
            else f'case when not m.{lost[name]} then s."{name}" end'
            if name in lost
            else f's."{name}"'
        )
        for name in layout.filled
    }


def says(layout: Layout, held: str) -> dict[str, str]:
    """As ``said``, but a column that is not there says what was ``held``."""
    columns = said(layout)
    for name in layout.kept & columns.keys():
        value = columns[name]
        kept = f'coalesce({value}, {held}."{name}")'
        columns[name] = f"case when '{name}' = any(s.absent) then {kept} else {value} end"
    return columns


def lookup(scope: Scope, pointer: Pointer, alternative: tuple[Seek, ...], alias: str) -> str:
    """The join that finds the referred row; where the columns are not unique the first one, or the only one
    of a pointer that takes no other."""
    unique, county = unique_by(pointer.table, [seek.column for seek in alternative])

    def on(target: str) -> str:
        alike = " and ".join(f'{target}."{seek.column}" = s."{seek.staged}"' for seek in alternative)
        return alike + (scope.within(target, pointer.table) if county else "")

    table = pointer.table.name
    if unique:
        return f' left join "{table}" {alias} on {on(alias)}'
    if pointer.alone:
        others = f'select from "{table}" o where {on("o")} and o.id <> t.id'
        chosen = f'select t.* from "{table}" t where {on("t")} and not exists ({others})'
        return f" left join lateral ({chosen}) {alias} on true"
    # The sum keeps the planner from walking the primary key in order until a match turns up, which for
    # an empty key is the whole county, row by row.
    return (
        f' left join lateral (select t.* from "{table}" t where {on("t")}'
        f" order by t.id + 0 limit 1) {alias} on true"
    )


def _own(scope: Scope, pointer: Pointer, alias: str) -> str:
    """The join that finds what the same row states, by its record, which is merged by now."""
    record, golden = RECORDS[pointer.table.name], f"{alias}_0"
    county = scope.within(f"{alias}_r", record)
    return (
        f" left join {pointer.stated} {alias}_s on {alias}_s.row_id = s.row_id"
        f' left join "{record.name}" {alias}_r on {alias}_r.source_id = {scope.source_id}'
        f" and {alias}_r.record_key = {alias}_s.record_key{county}"
        f' left join "{pointer.table.name}" {golden} on {golden}.id = {alias}_r.entity_id'
        f"{scope.within(golden, pointer.table)}"
    )


def _drop_repeated(scope: Scope, layout: Layout) -> str:
    """The losers of a whole source that say something else must be heard again, see ``merge``."""
    names = [*layout.direct, *(seek.staged for seek in layout.seeks)]
    lost, kept = (", ".join(f'{alias}."{name}"' for name in names) for alias in "sb")
    return f"""
        with repeated as (
            select item, row_number() over newest as place, first_value(item) over newest as best
            from {layout.staging}
            window newest as (
                partition by record_key order by dated desc, observed_at desc, row_hash desc, item)),
        gone as (
            delete from {layout.staging} s using repeated r where s.item = r.item and r.place > 1)
        insert into unsettled
        select s.row_id from repeated r join {layout.staging} s using (item)
            join {layout.staging} b on b.item = r.best
        where r.place > 1 and {"true" if scope.whole else "false"}
            and ({lost}) is distinct from ({kept})"""


def _resolve(scope: Scope, layout: Layout, loose: list[Loose]) -> str:
    columns: list[str] = []
    joins: list[str] = []
    for i, pointer in enumerate(layout.pointers):
        aliases = [f"r{i}_{j}" for j in range(len(pointer.alternatives))]
        for alias, alternative in zip(aliases, pointer.alternatives, strict=True):
            joins.append(lookup(scope, pointer, alternative, alias))
        given = " or ".join(f's."{s.staged}" is not null' for a in pointer.alternatives for s in a)
        if pointer.stated is not None:
            aliases, given = [f"r{i}_0"], "true"
            joins.append(_own(scope, pointer, f"r{i}"))
        taken = {pointer.column: "id", **pointer.copy}
        for ours, theirs in taken.items():
            columns.append(_first([f'{a}."{theirs}"' for a in aliases]) + f' as "{ours}"')
        columns.append(f"({given}) and {_first([f'{a}.id' for a in aliases])} is null as lost_{i}")
    for i, (name, referred) in enumerate(_keys(layout)):
        joins.append(f' left join "{referred.table.name}" d{i} on d{i}."{referred.name}" = s."{name}"')
        columns.append(f's."{name}" is not null and d{i}."{referred.name}" is null as lost_key_{i}')
    known = ["item", "row_id", "record_key", "row_hash", "dated", "observed_at"]
    return (
        f"create temp table {layout.staging}_m on commit drop as"
        f" select {', '.join([*(f's.{name}' for name in known), *columns])}"
        f" from {layout.staging} s{''.join(joins)}"
    )


def _first(values: list[str]) -> str:
    return f"coalesce({', '.join(values)})" if len(values) > 1 else values[0]


def _keys(layout: Layout) -> list[tuple[str, Any]]:
    """Columns from cells that are foreign keys: a division code that no division has ends no run."""
    return [
        (name, next(iter(layout.table.c[name].foreign_keys)).column)
        for name in layout.direct
        if layout.table.c[name].foreign_keys
    ]


def _loose_pointers(layout: Layout) -> list[Loose]:
    return [Loose(f"lost_{i}", p.header, p.table, p.required, p.alone) for i, p in enumerate(layout.pointers)]


def _loose_keys(layout: Layout) -> list[Loose]:
    return [
        Loose(f"lost_key_{i}", layout.header_of(name), referred.table, is_needed(layout.table.c[name]))
        for i, (name, referred) in enumerate(_keys(layout))
    ]


def _put_aside(layout: Layout, loose: Loose) -> str:
    if not loose.required:
        return f"insert into unsettled select row_id from {layout.staging}_m where {loose.flag}"
    return because(loose.header, loose.table, f"from {layout.staging}_m m where {loose.flag}", loose.alone)


def because(header: str, table: Table[Any], rows: str, alone: bool = False) -> str:
    """Refuses the target of ``rows`` (aliased ``m``): it refers to nothing in ``table``, or, where it must be
    ``alone``, perhaps to several."""
    zh, en = table.info["zh"], table.info["en"]
    text = sentence(header, f"所引用的{zh}在系统中不存在", f"No such row is known: {en}.")
    if alone:
        text = sentence(header, f"系统中没有或不止一个{zh}如此写", f"None or several are known so: {en}.")
    text = text.replace("'", "''")
    return f"insert into reason select m.row_id, 'REFERENCE_UNKNOWN', '{text}' {rows}"
