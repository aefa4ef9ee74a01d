"""The one sequence of changes: what a run did to golden rows, one entry per row and run."""

from __future__ import annotations

from typing import Final

from hub.sync.references import Scope

CHANNEL: Final = "hub_change"
"""Told the run's number when changes are committed."""


async def append_changes(scope: Scope) -> int:
    """Writes the entries of ``changed`` in the order of merging; a row inserted and updated is an I."""
    status = await scope.connection.execute(
        f"""
        insert into change (entity, county_code, entity_id, operation, run_id)
        select entity, county_code, entity_id, min(operation), {scope.run_id} from changed
        group by entity, county_code, entity_id order by min(position), entity_id"""
    )
    count = int(status.split()[-1])
    if count:
        await scope.connection.execute(f"select pg_notify('{CHANNEL}', '{scope.run_id}')")
    return count
