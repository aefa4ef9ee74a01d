"""Rows that wait for what they refer to, of a source that sends only news and will not say them again.

A source that is read whole says its rows again with every run. Of one that sends news, rows whose references
found nothing are kept, sealed, and said again by the hub with the next run, with the time the
source gave them. So the order in which two systems deliver a person and the person's station does not matter.
Of a list that was given in full nothing is said again: what waited stands on it, or is gone.
"""

from __future__ import annotations

import datetime as dt
from typing import Final

import orjson

from hub.store.vault import Vault
from hub.sync.connector import Batch, Row
from hub.sync.references import Scope
from hub.sync.stage import Stage, place_of

TAKE: Final = """
    with taken as (
        delete from waiting_row where source_id = $1 returning list_kind, file, sheet, row_number,
            observed_at, raw)
    select * from taken
    union all
    select list_kind, file, sheet, row_number, observed_at, raw from quarantined_row
    where source_id = $1 and resolved_at is null and observed_at is not null
        and ($2 or reason_codes = array['REFERENCE_UNKNOWN'])
    order by list_kind, observed_at"""
KEEP: Final = """
    insert into waiting_row (source_id, row_hash, list_kind, file, sheet, row_number, observed_at, raw)
    select $1::int, r.row_hash, r.list_kind, r.file, r.sheet, r.row_number, r.observed_at, c.raw
    from row_staged r join row_raw c using (row_id)
    where r.row_id in (select row_id from unsettled except select row_id from reason)
    on conflict (source_id, row_hash) do update set observed_at = excluded.observed_at, raw = excluded.raw"""


async def say_again(scope: Scope, stage: Stage, vault: Vault, *, refused: bool) -> None:
    """Stages what waits; with ``refused`` whatever is in quarantine, for a list may be read otherwise now."""
    rows: dict[str, list[Row]] = {}
    for row in await scope.connection.fetch(TAKE, scope.source_id, refused):
        cells = orjson.loads(vault.open(row["raw"]))
        place = row["file"], row["sheet"], row["row_number"]
        rows.setdefault(row["list_kind"], []).append(Row(*place, cells, cells, row["observed_at"]))
    for kind, again in rows.items():
        # An entry of the quarantine of such a list is refused again, or resolved.
        if kind in stage.lists and kind not in stage.delivered.complete:
            batch = Batch(kind, again[-1].observed_at or dt.datetime.now(dt.UTC), again)
            await stage.add(batch, again=map(place_of, again))


async def keep_waiting(scope: Scope) -> None:
    """Once all is merged: what still refers to nothing."""
    await scope.connection.execute(KEEP, scope.source_id)
