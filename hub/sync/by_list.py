"""What a run was told, list by list: the counts of its report, cut by kinds of list."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from hub.store.database import Connection

REFUSED: Final = "select list_kind, count(*) as rows from row_refused group by list_kind"
KEEP: Final = """
    insert into run_list (source_id, run_id, list_kind, read_count, unchanged_count, accepted_count,
        quarantined_count, withdrawn_count)
    select $1::smallint, $2::bigint, u.* from unnest($3::text[], $4::int[], $5::int[], $6::int[], $7::int[],
        $8::int[]) u
    on conflict (run_id, list_kind) do update set read_count = run_list.read_count + excluded.read_count,
        unchanged_count = run_list.unchanged_count + excluded.unchanged_count,
        accepted_count = run_list.accepted_count + excluded.accepted_count,
        quarantined_count = run_list.quarantined_count + excluded.quarantined_count,
        withdrawn_count = run_list.withdrawn_count + excluded.withdrawn_count"""
"""A replay merges several runs as one, and tells their sums."""


@dataclass(slots=True)
class ListCount:
    """Rows ``read`` and, of these, known already; records ``withdrawn``."""

    read: int = 0
    unchanged: int = 0
    withdrawn: int = 0


@dataclass(slots=True)
class ByList:
    """Counts by kind of list."""

    of: defaultdict[str, ListCount] = field(default_factory=lambda: defaultdict(ListCount))

    async def keep(self, connection: Connection, source_id: int, run_id: int) -> None:
        """Once all is merged and what is refused is known; part of the caller's transaction."""
        refused = {row["list_kind"]: row["rows"] for row in await connection.fetch(REFUSED)}
        rows = [
            (
                kind,
                count.read,
                count.unchanged,
                count.read - count.unchanged - refused.get(kind, 0),
                refused.get(kind, 0),
                count.withdrawn,
            )
            for kind, count in self.of.items()
            if count.read or count.withdrawn
        ]
        if rows:
            await connection.execute(KEEP, source_id, run_id, *map(list, zip(*rows, strict=True)))
