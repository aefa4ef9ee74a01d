"""Requests for correction that a run answers: what stands of its source now is what it was asked to state."""

from __future__ import annotations

from typing import Any, Final

from hub.store.listener import CHANGES
from hub.store.vault import Vault
from hub.store.winners import order_of
from hub.sync.references import Scope
from hub.tables import OF_PERSON, PERSON, RECORDS, metadata

WAITING: Final = f"""
    select county_code, id, {OF_PERSON} as person, field, value from correction_request
    where source_id = $1 and status in ('OPEN', 'ACCEPTED') order by county_code, id for update"""
DONE: Final = """
    with done as (
        update correction_request c set status = 'DONE', done_at = now()
        from unnest($1::text[], $2::bigint[]) d (county_code, id)
        where c.county_code = d.county_code and c.id = d.id returning c.county_code, c.id)
    insert into change (entity, county_code, entity_id, operation, run_id)
    select 'correction_request', county_code, id, 'U', $3 from done"""


async def settle_corrections(scope: Scope, vault: Vault) -> int:
    """How many of the source's requests are done: the best of what it says of the field is as proposed."""
    waiting = await scope.connection.fetch(WAITING, scope.source_id)
    done = [row for row in waiting if await _said(scope, vault, row) == _proposed(vault, row)]
    if done:
        keys = [row["county_code"] for row in done], [row["id"] for row in done]
        await scope.connection.execute(DONE, *keys, scope.run_id)
        await scope.connection.execute("select pg_notify($1, 'corrections')", CHANGES)
    return len(done)


def _proposed(vault: Vault, row: Any) -> str | None:
    return None if row["value"] is None else vault.open(row["value"])


async def _said(scope: Scope, vault: Vault, row: Any) -> str | None:
    people = metadata.tables[PERSON]
    column = people.c[row["field"].lower()]
    said = await scope.connection.fetchval(
        f"""select "{column.name}" from "{RECORDS[PERSON].name}" r
            where county_code = $1 and entity_id = $2 and source_id = $3 and "{column.name}" is not null
                and overrides is null
            order by {order_of("r", people, column.name)} limit 1""",
        row["county_code"],
        row["person"],
        scope.source_id,
    )
    if said is None:
        return None
    return vault.open(said) if column.info.get("sealed") else str(said)
