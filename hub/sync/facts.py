"""Merges facts: each belongs to the one source that states it and is known by its record key."""

from __future__ import annotations

from hub.sync.kept import keep
from hub.sync.layout import COUNTY, Layout, Pointer
from hub.sync.precedence import supersedes
from hub.sync.references import Merged, Scope, rows_of, said, says
from hub.sync.silence import find_withdrawn, withdraw


async def merge_facts(scope: Scope, layout: Layout, position: int) -> Merged:
    """Updates what is stated anew, inserts what is new, deletes what is replaced; reports what differs.

    Where all statements were new, none of them contradicts another.
    """
    await keep(scope, layout)
    silenced = await find_withdrawn(scope, layout)
    await scope.connection.execute(_update(scope, layout, position))
    if layout.carried is not None:
        await scope.connection.execute(_hold(scope, layout, layout.carried[0]))
    inserted = rows_of(await scope.connection.execute(_insert(scope, layout, position)))
    if silenced:
        await withdraw(scope, layout, position)
    count = await scope.connection.fetchval(f"select count(*) from {layout.staging}_m")
    return Merged(inserted, agreed=inserted == count)


def _mine(scope: Scope, layout: Layout) -> str:
    return f"f.source_id = {scope.source_id} and f.record_key = m.record_key" + scope.within(
        "f", layout.table
    )


def _update(scope: Scope, layout: Layout, position: int) -> str:
    columns = says(layout, "f")
    old = ", ".join(f'f."{name}"' for name in columns)
    differs = f"({old}) is distinct from ({', '.join(columns.values())})"
    assign = ", ".join(f'"{name}" = {value}' for name, value in columns.items())
    # Of what is only said again nothing else is touched, and no trigger wakes.
    stamps = (
        "content_hash = m.row_hash, observed_at = m.observed_at, received_at = now(),"
        f" run_id = {scope.run_id}"
    )
    table, staging = layout.table.name, layout.staging
    return f"""
        with held as (
            select m.item, f.id, f.content_hash as old_hash, m.row_hash, {differs} as differs
            from {staging}_m m join {staging} s using (item) join "{table}" f on {_mine(scope, layout)}
            where {supersedes("m", "f", differs, scope.whole)}),
        gone as (insert into replaced select old_hash from held where old_hash <> row_hash),
        moved as (
            update "{table}" f set {assign}, {stamps}
            from held h join {staging}_m m using (item) join {staging} s using (item)
            where h.differs and f.id = h.id{scope.within("f", layout.table)}),
        said_again as (
            update "{table}" f set {stamps} from held h join {staging}_m m using (item)
            where not h.differs and f.id = h.id{scope.within("f", layout.table)})
        insert into changed
        select {position}, '{table}', '{scope.county}', id, 'U' from held where differs"""


def _fresh(scope: Scope, layout: Layout) -> str:
    """Which of the statements ``m`` are new."""
    return f'not exists (select from "{layout.table.name}" f where {_mine(scope, layout)})'


def _hold(scope: Scope, layout: Layout, about: Pointer) -> str:
    """Holds those whom new facts are about where they are until the run ends, as the trigger does that makes
    what the merge gives. Nobody else sees those of this very run."""
    return f"""
        select count(*) from (
            select from "{about.table.name}" a
            where a.id in (select m."{about.column}" from {layout.staging}_m m where {_fresh(scope, layout)})
                {scope.within("a", about.table)} and a.xmin <> pg_current_xact_id()::xid
            order by a.id for no key update) held"""


def _insert(scope: Scope, layout: Layout, position: int) -> str:
    columns, whom = said(layout), ""
    if layout.carried is not None:
        about, names = layout.carried
        columns |= {name: f'a."{name}"' for name in names}
        whom = (
            f'left join "{about.table.name}" a on a.id = m."{about.column}"{scope.within("a", about.table)}'
        )
    named = ", ".join(f'"{name}"' for name in columns)
    table, staging = layout.table.name, layout.staging
    return f"""
        with fresh as (
            insert into "{table}" ({COUNTY}, source_id, record_key, content_hash, observed_at,
                received_at, run_id, list_kind, {named})
            select '{scope.county}', {scope.source_id}, m.record_key, m.row_hash, m.observed_at,
                now(), {scope.run_id}, '{layout.list_kind}', {", ".join(columns.values())}
            from {staging}_m m join {staging} s using (item) {whom}
            where {_fresh(scope, layout)}
            returning id)
        insert into changed
        select {position}, '{table}', '{scope.county}', id, 'I' from fresh"""
