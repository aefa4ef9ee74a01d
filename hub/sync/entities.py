"""Merges entities: what each source says stays in a record row; the golden row takes the winners."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Table

from hub.store.winners import ruled_columns, winner
from hub.sync.derived import Given, given
from hub.sync.identity import Identity
from hub.sync.layout import COUNTY, BoundLink, Layout
from hub.sync.precedence import supersedes
from hub.sync.references import Merged, Scope, because, lookup, rows_of, said, says
from hub.sync.silence import note_moves, renumber


async def merge_entities(scope: Scope, layout: Layout, position: int, siblings: Sequence[Layout]) -> Merged:
    """Record rows first, then the golden rows they touch; writes and reports only what differs.

    ``siblings``: the layouts of all lists of the run that fill the same table. Where all statements stand,
    none of them contradicts another.
    """
    run = scope.connection.execute
    record = layout.record
    assert record is not None
    await renumber(scope, layout)
    await run(_held(scope, layout, record))
    count = f"select (select count(*) from {layout.staging}_h), (select count(*) from {layout.staging}_m)"
    standing, stated = await scope.connection.fetchrow(count) or (0, 0)
    added = 0
    if standing:
        sequence = await scope.connection.fetchval(
            "select pg_get_serial_sequence($1, 'id')", f'"{layout.table.name}"'
        )
        for a, names in enumerate(layout.target.match):
            keys = ", ".join(f"match{a}_{i}" for i in range(len(names)))
            await run(f"create index on {layout.staging}_h ({keys})")
        await _index(scope, f"{layout.staging}_h", "item")
        await Identity(scope, layout, sequence, siblings).assign()
        await run(note_moves(layout))
        await run(_update_records(scope, layout, record))
        added = rows_of(await run(_insert_records(scope, layout, record)))
        await run(_named(layout))
        await pick_again(scope, layout, position)
    for bound in layout.links:
        await _merge_links(scope, layout, record, bound, position)
    return Merged(added, agreed=standing == stated)


async def pick_again(scope: Scope, layout: Layout, position: int) -> None:
    """Golden rows of the entities in ``<staging>_e``, from all that is said of them now."""
    run, record = scope.connection.execute, layout.record
    assert record is not None
    await _index(scope, f"{layout.staging}_e", "entity")
    ruled = await ruled_columns(scope.connection, layout.table, scope.county)
    await run(_touched(scope, layout, record))
    await _index(scope, f"{layout.staging}_t", "entity")
    some = f"select bool_or(is_new), bool_or(not is_new) from {layout.staging}_t"
    has_new, has_known = await scope.connection.fetchrow(some) or (False, False)
    if has_new:
        made = await given(scope, layout, _rows_of(scope, layout, record, "t.is_new"))
        await run(_insert_golden(scope, layout, _best(scope, layout, "t.is_new", ruled), position, made))
    if has_known:
        await run(_better(layout, _best(scope, layout, "not t.is_new", ruled)))
        await _index(scope, f"{layout.staging}_b", "id")
        await run(_update_golden(scope, layout, position))


async def _index(scope: Scope, table: str, column: str) -> None:
    """An index lets no plan become quadratic: of a county that is new the planner knows nothing yet."""
    await scope.connection.execute(f"alter table {table} add primary key ({column}); analyze {table}")


def _held(scope: Scope, layout: Layout, record: Table[Any]) -> str:
    """Statements that change what the source is known to say, with the entity they had so far.

    Half of each page is left free: every row is given its entity later, and stays on its page then.
    """
    columns, told = said(layout), says(layout, "e")
    old = ", ".join(f'e."{name}"' for name in told)
    differs = f"({old}) is distinct from ({', '.join(told.values())})"
    keys = [
        f"{columns[name]} as match{a}_{i}"
        for a, names in enumerate(layout.target.match)
        for i, name in enumerate(names)
    ]
    return f"""
        create temp table {layout.staging}_h with (fillfactor = 45) on commit drop as
        select m.item, m.row_id, m.record_key, m.row_hash, s.complete, e.entity_id as old_entity,
            e.content_hash as old_hash, null::bigint as entity, {", ".join(keys)}
        from {layout.staging}_m m join {layout.staging} s using (item)
            left join "{record.name}" e
                on e.source_id = {scope.source_id} and e.record_key = m.record_key
        where e.source_id is null or {supersedes("m", "e", differs, scope.whole)}"""


def _from_held(layout: Layout) -> str:
    staging = layout.staging
    return f"{staging}_h h join {staging}_m m using (item) join {staging} s using (item)"


def _update_records(scope: Scope, layout: Layout, record: Table[Any]) -> str:
    assign = ", ".join(f'"{name}" = {value}' for name, value in says(layout, "e").items())
    return f"""
        with gone as (
            insert into replaced
            select old_hash from {layout.staging}_h where old_entity is not null and old_hash <> row_hash)
        update "{record.name}" e set entity_id = h.entity, precedence = {layout.precedence},
            content_hash = m.row_hash, observed_at = m.observed_at, received_at = now(),
            run_id = {scope.run_id}, {assign}
        from {_from_held(layout)}
        where h.old_entity is not null
            and e.source_id = {scope.source_id} and e.record_key = h.record_key"""


def _insert_records(scope: Scope, layout: Layout, record: Table[Any]) -> str:
    columns = said(layout)
    named = ", ".join(f'"{name}"' for name in columns)
    county = (f"{COUNTY}, ", f"'{scope.county}', ") if layout.has_county else ("", "")
    return f"""
        insert into "{record.name}" (source_id, record_key, entity_id, precedence, content_hash,
            observed_at, received_at, run_id, list_kind, {county[0]}{named})
        select {scope.source_id}, m.record_key, h.entity, {layout.precedence}, m.row_hash, m.observed_at,
            now(), {scope.run_id}, '{layout.list_kind}', {county[1]}{", ".join(columns.values())}
        from {_from_held(layout)}
        where h.old_entity is null"""


def _named(layout: Layout) -> str:
    """Entities of the statements, and those that lost one."""
    h = f"{layout.staging}_h"
    return f"""
        create temp table {layout.staging}_e on commit drop as
        select entity from {h} where entity is not null
        union select old_entity from {h} where old_entity <> entity"""


def _touched(scope: Scope, layout: Layout, record: Table[Any]) -> str:
    """Entities whose golden row may change; one that lost its last record of a source stays as it is."""
    return f"""
        create temp table {layout.staging}_t on commit drop as
        select t.entity, count(*) as records, not exists (
            select from "{layout.table.name}" g
            where g.id = t.entity{scope.within("g", layout.table)}) as is_new
        from {layout.staging}_e t
            join "{record.name}" r on r.entity_id = t.entity{scope.within("r", record)}
        group by t.entity having bool_or(r.overrides is null)"""


def _rows_of(scope: Scope, layout: Layout, record: Table[Any], which: str) -> str:
    return (
        f'from "{record.name}" r join {layout.staging}_t t on r.entity_id = t.entity'
        f"{scope.within('r', record)} where {which}"
    )


def _best(scope: Scope, layout: Layout, which: str, ruled: Collection[str]) -> str:
    """The golden rows as they should be. Most have one record and need no contest."""
    assert layout.record is not None
    rows = _rows_of(scope, layout, layout.record, which)
    alone = ", ".join(f'r."{name}"' for name in layout.filled)
    contested = ", ".join(f'{winner("r", layout.table, name, ruled)} as "{name}"' for name in layout.filled)
    return (
        f"select r.entity_id as id, {alone} {rows} and t.records = 1 union all "
        f"select r.entity_id, {contested} {rows} and t.records > 1 group by r.entity_id"
    )


def _county(scope: Scope, layout: Layout) -> str:
    return f"'{scope.county}'" if layout.has_county else "null"


def _insert_golden(scope: Scope, layout: Layout, best: str, position: int, made: Given) -> str:
    """In the order of their keys, which most indexes end with."""
    columns = {**{name: f'b."{name}"' for name in layout.filled}, **made.columns}
    named = ", ".join(f'"{name}"' for name in columns)
    values = ", ".join(columns.values())
    county = (f"{COUNTY}, ", f"'{scope.county}', ") if layout.has_county else ("", "")
    return f"""
        with fresh as (
            insert into "{layout.table.name}" ({county[0]}id, {named})
            select {county[1]}b.id, {values} from ({best}) b{made.join} order by b.id
            returning id)
        insert into changed
        select {position}, '{layout.table.name}', {_county(scope, layout)}, id, 'I' from fresh"""


def _better(layout: Layout, best: str) -> str:
    """The known entities of the run, as they should be now."""
    return f"create temp table {layout.staging}_b on commit drop as {best}"


def _update_golden(scope: Scope, layout: Layout, position: int) -> str:
    needed = layout.needed
    best = {
        name: f'coalesce(b."{name}", g."{name}")' if name in needed else f'b."{name}"'
        for name in layout.filled
    }
    assign = ", ".join(f'"{name}" = {value}' for name, value in best.items())
    old = ", ".join(f'g."{name}"' for name in layout.filled)
    return f"""
        with moved as (
            update "{layout.table.name}" g set {assign} from {layout.staging}_b b
            where g.id = b.id{scope.within("g", layout.table)}
                and ({old}) is distinct from ({", ".join(best.values())})
            returning g.id)
        insert into changed
        select {position}, '{layout.table.name}', {_county(scope, layout)}, id, 'U' from moved"""


async def _merge_links(
    scope: Scope, layout: Layout, record: Table[Any], bound: BoundLink, position: int
) -> None:
    """Replaces the links of entities whose list has the column; far ends unknown are refused."""
    link, pairs = bound.link, f"{bound.staging}_m"
    run = scope.connection.execute
    await run(f"""
        create temp table {pairs} on commit drop as
        select distinct s.row_id, e.entity_id as own, r.id as other
        from {bound.staging} s join {layout.staging}_m m using (item)
            join "{record.name}" e on e.source_id = {scope.source_id}
                and e.record_key = m.record_key and e.content_hash = m.row_hash
            {lookup(scope, bound.pointer, bound.pointer.alternatives[0], "r")}""")
    stated = f"""
        select distinct e.entity_id as own from {layout.staging}_m m join {layout.staging} s using (item)
            join "{record.name}" e on e.source_id = {scope.source_id}
                and e.record_key = m.record_key and e.content_hash = m.row_hash
        where not coalesce('{link.table}' = any(s.absent), false)"""
    await run(because(link.header, bound.pointer.table, f"from {pairs} m where m.other is null"))
    await run(f"""
        with gone as (
            delete from "{link.table}" x using ({stated}) p
            where x."{link.own}" = p.own and not exists (
                select from {pairs} q where q.own = p.own and q.other = x."{link.other}")
            returning x."{link.own}" as own),
        fresh as (
            insert into "{link.table}" ("{link.own}", "{link.other}")
            select distinct own, other from {pairs} where other is not null
            on conflict do nothing returning "{link.own}" as own)
        insert into changed
        select {position}, '{layout.table.name}', {_county(scope, layout)}, own, 'U'
        from (select own from gone union select own from fresh) both_ways""")
