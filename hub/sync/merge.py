"""Merges the staged rows of a run, set by set, in the order the connector gives its lists.

What is refused here (a reference that finds nothing) holds back one target of a row and is put into
quarantine with the whole row; its other targets are merged. Such a row, and one with an optional
reference left empty, does not count as seen: it is tried again with every run until it is settled.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Table

from hub.sync.entities import merge_entities
from hub.sync.facts import merge_facts
from hub.sync.layout import COUNTY, Layout
from hub.sync.references import Scope, resolve, says
from hub.sync.seen import Seen
from hub.sync.stage import Stage
from hub.sync.waiting import keep_waiting
from hub.sync.withdrawal import withdraw

FEW: Final = 200
GROWTH: Final = 1.5
"""A table is analyzed once a run has added more than ``FEW`` rows, and again when those have grown by
this factor. Autovacuum does not see the rows of a transaction under way, and what matters is the
county: of one that is new the planner believes that it has no rows, and takes any index for good.
"""

Progress = Callable[[str, int, int], None]


async def prepare(scope: Scope, stage: Stage) -> bool:
    """Before anything is merged: whether anything is to be, and then nobody else merges into the county."""
    await stage.close()
    if not stage.withdraws and not any(each.staged for each in stage.lists.values()):
        return False
    await scope.connection.execute("create index on restated (row_hash); analyze restated")
    # Two sources of one county would else make the same person twice.
    await scope.lock(scope.county)
    return True


async def merge(scope: Scope, stage: Stage, most_lost: int | None, progress: Progress | None) -> int:
    """What the source takes back, and how much; then all lists that have staged rows. Raises MassDelete."""
    complete = stage.delivered.complete
    staged = [(kind, each) for kind, each in stage.lists.items() if each.staged]
    withdrawn = await withdraw(scope, stage, most_lost)
    position = 0
    added: dict[str, Added] = {}
    for done, (kind, each) in enumerate(staged):
        if progress:
            progress(f"merge {kind}", done, len(staged))
        for layout in each.layouts:
            position += 1
            count = await scope.connection.fetchval(f"select count(*) from {layout.staging}")
            if count:
                siblings = [y for _, s in staged for y in s.layouts if y.table is layout.table]
                new = await _merge(scope, layout, position, siblings, scope.whole or kind in complete)
                await _analyze(scope, layout, new, added)
    await _settle(scope, stage.seen)
    await stage.landing.seal_rows(waiting=not scope.whole)
    if not scope.whole:
        await keep_waiting(scope)
    return withdrawn


@dataclass(slots=True)
class Added:
    """Rows a run has added to a table, and how many of them the planner knows of."""

    rows: int = 0
    known: int = 0


async def _merge(
    scope: Scope, layout: Layout, position: int, siblings: Sequence[Layout], in_full: bool
) -> int:
    """Rows added. ``in_full``: the list was given in full, by a source that is whole or by itself."""
    if not layout.has_county:
        await scope.lock(layout.table.name)
    await scope.connection.execute(f"analyze {layout.staging} (item, record_key)")
    await resolve(scope, layout)
    if layout.record is None:
        merged = await merge_facts(scope, layout, position)
    else:
        merged = await merge_entities(scope, layout, position, siblings)
    # Who sends news does not take a newer row back to let an older one stand again. Of a list that is
    # complete an older row still tells that its record is there, if it is read.
    if in_full and not merged.agreed:
        await scope.connection.execute(_contradicted(scope, layout))
    return merged.added


async def _analyze(scope: Scope, layout: Layout, count: int, added: dict[str, Added]) -> None:
    for table in (layout.table, layout.record):
        if table is not None and _has_grown(added.setdefault(table.name, Added()), count):
            # Its lock lasts to the end of the run; two runs that analyze in turns would deadlock.
            await scope.lock("analyze")
            await scope.connection.execute(f'analyze "{table.name}" ({_joined(layout, table)})')


def _joined(layout: Layout, table: Table[Any]) -> str:
    """The columns that statements of a run join by; the others can wait for autovacuum."""
    matched = {name for names in layout.target.match for name in names}
    wanted = {"id", "entity_id", COUNTY, "source_id", "record_key", *matched}
    return ", ".join(f'"{column.name}"' for column in table.c if column.name in wanted)


def _has_grown(added: Added, count: int) -> bool:
    added.rows += count
    if added.rows <= max(FEW, GROWTH * added.known):
        return False
    added.known = added.rows
    return True


def _contradicted(scope: Scope, layout: Layout) -> str:
    """Rows that lost to another row: should that one go, they must be heard again."""
    held = layout.table if layout.record is None else layout.record
    columns = says(layout, "e")
    old = ", ".join(f'e."{name}"' for name in columns)
    return f"""
        insert into unsettled
        select m.row_id from {layout.staging}_m m join {layout.staging} s using (item)
            join "{held.name}" e on e.source_id = {scope.source_id}
                and e.record_key = m.record_key{scope.within("e", held)}
        where e.content_hash <> m.row_hash and ({old}) is distinct from ({", ".join(columns.values())})"""


async def _settle(scope: Scope, seen: Seen) -> None:
    """Forgets rows that are replaced or gone, remembers those that are merged in full."""
    replaced = await scope.connection.fetch("select row_hash from replaced")
    unsettled = await scope.connection.fetch("select row_id from unsettled union select row_id from reason")
    await seen.settle(
        whole=scope.whole,
        replaced=[row[0] for row in replaced],
        unsettled=[row[0] for row in unsettled],
    )
