"""What the hub has ended itself, and a list that does not follow yet: the day of the hub stands.

The rest of the row is merged. It is told as a row that is refused, and does not count as seen, so that every
run says it again until the list follows.
"""

from __future__ import annotations

from sqlalchemy import Column

from hub.domain.refusal import REFUSALS
from hub.sync.layout import COUNTY, Layout
from hub.sync.references import Scope, said
from hub.sync.stage import sentence
from hub.tables import Kept


async def keep(scope: Scope, layout: Layout) -> None:
    """Before the statements are compared with what is held, or each run would find a difference."""
    for name in layout.direct:
        kept: Kept | None = layout.table.c[name].info.get("kept")
        if kept is not None:
            await scope.connection.execute(_keep(scope, layout, layout.table.c[name], kept))


def _keep(scope: Scope, layout: Layout, day: Column[object], kept: Kept) -> str:
    """A column that is not there says nothing; what is held of it was kept by the trigger."""
    columns = {COUNTY: f"'{scope.county}'", **said(layout)}
    last = f"{kept.function}({', '.join(columns[name] for name in kept.given)})"
    told = REFUSALS[kept.refusal]
    text = sentence(layout.header_of(day.name), told.zh, told.en).replace("'", "''")
    return f"""
        with later as (
            select * from (
                select s.item, m.row_id, {columns[day.name]} as day, {last} as last
                from {layout.staging}_m m join {layout.staging} s using (item)) stated
            where last < coalesce(day, 'infinity')),
        ended as (
            update {layout.staging} s set "{day.name}" = l.last from later l
            where s.item = l.item and not coalesce('{day.name}' = any(s.absent), false))
        insert into reason select row_id, '{kept.refusal}', '{text}' from later"""
