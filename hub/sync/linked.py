"""A run meets every row as it is alone: what is linked is unfolded before the merge and folded after it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from hub.store.apart import Apart
from hub.sync.references import Scope
from hub.tables import LINKABLE

STANDS: Final = f"""
    update changed c set entity_id = m.linked_to, operation = 'U'
    from unnest($1::bigint[], $2::bigint[]) m (id, linked_to)
    where c.entity = '{LINKABLE.golden.name}' and c.entity_id = m.id and m.id <> m.linked_to"""
"""Of a row that is away nobody is told but by the one that stands for it."""


@asynccontextmanager
async def unlinked(scope: Scope, merging: bool) -> AsyncIterator[None]:
    """The block merges, or with ``merging`` false it changes no row."""
    apart = Apart(scope.connection, scope.county, again=True)
    if merging:
        await scope.lock(scope.county)
    groups = await apart.all() if merging else {}
    await apart.unfold(groups.values())
    yield
    await apart.fold(groups)
    if groups:
        await scope.connection.execute(STANDS, list(groups), list(groups.values()))
