"""A run meets every row as it is alone: what is linked is unfolded before the merge and folded after it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from hub.store.apart import Apart
from hub.sync.references import Scope
from hub.sync.stage import Stage
from hub.tables import LINKABLE

STANDS: Final = f"""
    update changed c set entity_id = m.linked_to, operation = 'U'
    from unnest($1::bigint[], $2::bigint[]) m (id, linked_to)
    where c.entity = '{LINKABLE.golden.name}' and c.entity_id = m.id and m.id <> m.linked_to"""
"""Of a row that is away nobody is told but by the one that stands for it."""


@asynccontextmanager
async def unlinked(scope: Scope, stage: Stage, *, losing: bool) -> AsyncIterator[None]:
    """The block merges what is staged, and where it is ``losing`` what is gone. The county is held if there
    is anything of that; what is only said again takes nothing apart."""
    apart = Apart(scope.connection, scope.county, again=True)
    groups = await apart.all() if _concerns(stage, losing) else {}
    await apart.unfold(groups.values())
    yield
    await apart.fold(groups)
    if groups:
        await scope.connection.execute(STANDS, list(groups), list(groups.values()))


def _concerns(stage: Stage, losing: bool) -> bool:
    """Whether a list that says or takes back something is about rows that may be linked, or refers to any."""
    golden = LINKABLE.golden
    return any(
        layout.table is golden or any(pointer.table is golden for pointer in layout.pointers)
        for staged in stage.lists.values()
        if staged.staged or losing
        for layout in staged.layouts
    )
