"""One hash of all that the hub holds of a source, whatever runs brought it there."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Column, Table

from hub.store.database import Connection
from hub.sync.seen import ALL
from hub.tables import FACTS, RECORDS

CHANCE: Final = ("id", "source_id", "run_id", "received_at", "entity_id")
"""Columns that tell which run it was, or are the hub's own numbers."""
LEDGERS: Final = (
    f"select encode(row_hash, 'hex') || observed_at::text as line from ({ALL}) known",
    "select encode(row_hash, 'hex') || observed_at::text as line from waiting_row where source_id = $1",
    "select record_key || observed_at::text as line from withdrawn_record where source_id = $1",
    "select jsonb_build_array(file, sheet, row_number, list_kind, reason_codes, reasons, content_hash,"
    " observed_at)::text as line from quarantined_row where source_id = $1 and resolved_at is null",
)
WHOLE: Final = "select md5(coalesce(string_agg(md5(line), '' order by md5(line)), '')) from ({lines}) each"


async def state_hash(connection: Connection, source_id: int) -> str:
    """Over records, facts, rows that are merged, refused, waiting or deleted; 64 hexadecimal digits.

    What triggers keep is no statement. A reference counts by what sources call the row it points to. Sealed
    values count as they are stored, so it is another one after a rotation of field keys.
    """
    whole = hashlib.sha256()
    lines = [*LEDGERS, *(_said(table) for table in _tables())]
    for each in lines:
        whole.update((await connection.fetchval(WHOLE.format(lines=each), source_id)).encode())
    return whole.hexdigest()


def _tables() -> Iterator[Table[Any]]:
    yield from (record for record in RECORDS.values())
    yield from FACTS.values()


def _said(table: Table[Any]) -> str:
    pointers = [column for column in table.c if _referred(table, column) is not None]
    kept = [column.name for column in table.c if column.info.get("derived")]
    gone = ", ".join(f"'{name}'" for name in (*CHANCE, *kept, *(column.name for column in pointers)))
    called = "".join(f" || jsonb_build_object('{c.name}', {_called(table, c)})" for c in pointers)
    return (
        f"select ((to_jsonb(t) - array[{gone}]){called})::text as line"
        f' from "{table.name}" t where t.source_id = $1'
    )


def _referred(table: Table[Any], column: Column[Any]) -> str | None:
    """The entity or fact whose number a column holds."""
    if column.name == "entity_id":
        return next(golden for golden, record in RECORDS.items() if record is table)
    golden = next((name for name, record in RECORDS.items() if record is table), table.name)
    pointing = table.metadata.tables[golden].c.get(column.name)
    keys = () if pointing is None else pointing.foreign_keys
    named = (key.column for key in keys if key.column.name == "id")
    return next((c.table.name for c in named if c.table.name in RECORDS or c.table.name in FACTS), None)


def _called(table: Table[Any], column: Column[Any]) -> str:
    """The least key that any source calls it by; its number where none does."""
    referred = _referred(table, column)
    assert referred is not None
    held = RECORDS.get(referred, table.metadata.tables[referred])
    number = "entity_id" if referred in RECORDS else "id"
    county = (
        " and r.county_code = t.county_code"
        if {"county_code"} <= {*held.c.keys()} & {*table.c.keys()}
        else ""
    )
    return (
        f"coalesce((select min(r.source_id || ':' || r.record_key) from \"{held.name}\" r"
        f' where r.{number} = t."{column.name}"{county}), t."{column.name}"::text)'
    )
