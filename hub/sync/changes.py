"""The one sequence of changes: what a run did to golden rows, one entry per row and run."""

from __future__ import annotations

from hub.store.database import Database
from hub.store.listener import CHANGES
from hub.sync.references import Scope
from hub.tables.ledger import OWN_TRANSACTION


async def forget_changes(db: Database, days: int) -> int:
    """Deletes entries older than ``days`` and one more: no position that is still good is behind them.

    An entry bears the time at which its transaction began; none goes on for a day.
    """
    status = await db.owner.execute(
        "delete from change where changed_at < now() - make_interval(days => $1)", days + 1
    )
    return int(status.split()[-1])


async def append_changes(scope: Scope) -> int:
    """Writes the entries of ``changed`` in the order of merging; a row inserted and updated is an I."""
    status = await scope.connection.execute(
        f"""
        insert into change (entity, county_code, entity_id, operation, run_id, xact)
        select entity, county_code, entity_id, min(operation), {scope.run_id}, (select {OWN_TRANSACTION})
        from changed
        group by entity, county_code, entity_id order by min(position), entity_id"""
    )
    count = int(status.split()[-1])
    if count:
        await scope.connection.execute(f"select pg_notify('{CHANGES}', '{scope.run_id}')")
    return count
