"""What a source takes back: rows it deletes, and rows that a list which is complete no longer has.

``gone`` holds the record keys. A withdrawal is remembered (``withdrawn_record``) with its time, so that a
batch which is sent again, or comes late, does not bring back what was deleted after it was said. Facts go
with the statement. Of an entity the record of the source goes once the list tells no fact of it any more;
its golden row takes what other sources say, and stays as it is where none says anything.

A brake stops the run where a list would lose more than the source may lose at once: half a file looks like
half a county that moved away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from hub.errors import SourceError
from hub.sync.entities import pick_again
from hub.sync.layout import Layout
from hub.sync.references import Scope
from hub.sync.silence import silent
from hub.sync.stage import Stage

GONE: Final = "select exists (select from gone)"
FEW: Final = 10
"""A list may lose that many records at once, whatever its size."""


class MassDelete(SourceError):
    """A run would delete more of a list than its source may lose at once."""

    code, zh = "MASS_DELETE_STOPPED", "本次同步将删除的记录超过该来源一次允许的比例，已停止"


async def find_gone(scope: Scope, stage: Stage) -> bool:
    """Whether the source takes anything back: what it deletes, and what complete lists have no more."""
    for kind, observed_at in stage.delivered.complete.items():
        if kind not in stage.delivered.unsure:
            for layout in stage.lists[kind].layouts:
                await scope.connection.execute(_missing(scope, layout, stage.lists[kind].staged), observed_at)
    return bool(await scope.connection.fetchval(GONE))


async def withdraw(scope: Scope, stage: Stage, most_percent: int | None) -> int:
    """How many records go, before the statements of the run are merged; those older than a withdrawal go too.

    ``most_percent``: None where any loss is accepted. Raises MassDelete.
    """
    layouts = [layout for staged in stage.lists.values() for layout in staged.layouts]
    if not await scope.connection.fetchval(GONE):
        await _forget_older(scope, stage)
        return 0
    await scope.connection.execute("create index on gone (position, record_key); analyze gone")
    await _say_anew(scope, stage)
    touched = {row[0] for row in await scope.connection.fetch("select distinct position from gone")}
    losing = [layout for layout in layouts if layout.staging in touched]
    lost = 0
    for layout in losing:
        of_target = await _brake(scope, layout, most_percent)
        lost += of_target
        stage.by_list.of[layout.list_kind].withdrawn += of_target
    await _remember(scope)
    await _forget_older(scope, stage)
    for position, layout in enumerate(_facts_first(losing), 1):
        if not layout.has_county:
            await scope.lock(layout.table.name)
        await _withdraw(scope, layout, position, layouts)
    return lost


def _facts_first(layouts: Iterable[Layout]) -> Sequence[Layout]:
    return sorted(layouts, key=lambda layout: layout.record is not None)


def held_of(scope: Scope, layout: Layout, alias: str) -> str:
    """The statements that are held of the list, for ``from … where``."""
    table = layout.record if layout.record is not None else layout.table
    return (
        f'"{table.name}" {alias} where {alias}.source_id = {scope.source_id}'
        f" and {alias}.list_kind = '{layout.list_kind}'{scope.within(alias, table)}"
    )


def _missing(scope: Scope, layout: Layout, staged: bool) -> str:
    """Statements of a list that is complete as of $1 and does not have them.

    A row that was changed is there under its key, however long ago it was written.
    """
    protected = "exists (select from spared p where p.record_key = e.record_key)"
    if staged:
        protected += f" and not exists (select from {layout.staging} s where s.record_key = e.record_key)"
    return f"""
        insert into gone
        select '{layout.staging}', e.record_key, $1 from {held_of(scope, layout, "e")}
            and e.observed_at <= $1 and {silent("e.content_hash")} and not {protected}"""


async def _brake(scope: Scope, layout: Layout, most_percent: int | None) -> int:
    held, lost = await scope.connection.fetchrow(
        f"""select count(*), count(*) filter (where exists (
                select from gone g where g.position = '{layout.staging}' and g.record_key = e.record_key
                    and e.observed_at <= g.observed_at))
            from {held_of(scope, layout, "e")}"""
    ) or (0, 0)
    if most_percent is not None and lost > max(FEW, held * most_percent // 100):
        raise MassDelete(
            f"The list {layout.list_kind} would lose {lost} of {held} records of {layout.table.name}, more "
            f"than {most_percent} percent. If that is true, accept it: hub sync CODE --accept-losses.",
            zh=f"名单 {layout.list_kind} 的 {held} 条记录将减少 {lost} 条，超过 {most_percent}%；"
            "确认无误后请用 --accept-losses 接受",
        )
    return int(lost)


async def _say_anew(scope: Scope, stage: Stage) -> None:
    """A key that the run states later than it deletes it is not deleted."""
    for staged in stage.lists.values():
        for layout in staged.layouts if staged.staged else ():
            await scope.connection.execute(f"""
                delete from gone g using {layout.staging} s
                where g.position = '{layout.staging}' and g.record_key = s.record_key
                    and g.observed_at < s.observed_at""")


async def _remember(scope: Scope) -> None:
    await scope.connection.execute(f"""
        insert into withdrawn_record (source_id, record_key, observed_at)
        select {scope.source_id}, record_key, max(observed_at) from gone group by record_key
        on conflict (source_id, record_key) do update
        set observed_at = greatest(withdrawn_record.observed_at, excluded.observed_at)""")


async def _forget_older(scope: Scope, stage: Stage) -> None:
    """Statements older than the withdrawal of their key are dropped; a newer one ends the withdrawal.

    What stands on a list that is complete stands there as of its day: it was gone before, or not at all.
    """
    mine = f"w.source_id = {scope.source_id} and w.record_key = s.record_key"
    for kind, staged in stage.lists.items():
        said = "s.observed_at"
        if kind in stage.delivered.complete:
            said = f"greatest({said}, '{stage.delivered.complete[kind].isoformat()}'::timestamptz)"
        for layout in staged.layouts if staged.staged else ():
            deleted = f"""exists (
                select from gone g where g.position = '{layout.staging}' and g.record_key = s.record_key)"""
            since = f"case when {deleted} then s.observed_at else {said} end"
            await scope.connection.execute(f"""
                delete from {layout.staging} s using withdrawn_record w
                where {mine} and w.observed_at >= {since};
                delete from withdrawn_record w using {layout.staging} s
                where {mine} and w.observed_at < {since}""")


async def _withdraw(scope: Scope, layout: Layout, position: int, layouts: Sequence[Layout]) -> None:
    run = scope.connection.execute
    old = f"""{held_of(scope, layout, "e")} and exists (
        select from gone g join withdrawn_record w on w.source_id = {scope.source_id}
            and w.record_key = g.record_key
        where g.position = '{layout.staging}' and g.record_key = e.record_key
            and e.observed_at <= w.observed_at)"""
    if layout.record is None:
        await run(f"""
            with lost as (delete from {old} returning e.id, e.content_hash),
            forgotten as (insert into replaced select content_hash from lost)
            insert into changed
            select {position}, '{layout.table.name}', '{scope.county}', id, 'D' from lost""")
        return
    lost = replace(layout, staging=f"{layout.staging}_w")
    await run(f"""
        create temp table {lost.staging}_e on commit drop as
        with lost as (
            delete from {old} {_still_told(scope, layout, layouts)} returning e.entity_id, e.content_hash),
        forgotten as (insert into replaced select content_hash from lost)
        select distinct entity_id as entity from lost""")
    await pick_again(scope, lost, position)


def _still_told(scope: Scope, layout: Layout, layouts: Sequence[Layout]) -> str:
    """Not while the list tells facts of the entity: they stand in other rows of it."""
    told = ""
    for other in layouts:
        for pointer in other.pointers:
            if (
                other.list_kind == layout.list_kind
                and other.record is None
                and pointer.table is layout.table
                and pointer.column == other.target.about
            ):
                facts = held_of(scope, other, "f")
                told += f' and not exists (select from {facts} and f."{pointer.column}" = e.entity_id)'
    return told
