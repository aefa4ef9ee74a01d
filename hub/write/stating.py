"""A fact that somebody states to the hub: it stands under the hub's own source, beside those of others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Table

from hub.store.winners import choose_again
from hub.tables import RECORDS
from hub.write.source import NO_RUN, own_source
from hub.write.work import Key, Work

NAMES: Final = "select gen_random_uuid()::text as name from generate_series(1, $1)"
NEWEST: Final = 5
"""The precedence of most lists: of what they and the hub say the newest stands."""


async def state(work: Work, table: Table[Any], given: Mapping[str, Any], *told: str) -> Key:
    """Adds a row in the viewer's name; ``told``: the columns that say what it is, for the access log."""
    (key,) = await state_all(work, table, [given], *told)
    return key


async def state_all(
    work: Work, table: Table[Any], rows: Sequence[Mapping[str, Any]], *told: str
) -> list[Key]:
    """Rows that have the same columns, in one statement: their keys, in no order."""
    if not rows:
        return []
    said = [
        {**row, **origin} for row, origin in zip(rows, await origins(work, table, len(rows)), strict=True)
    ]
    columns = list(said[0])
    found = await work.viewer_rows(
        f"{insertion(table, columns, len(said))} returning id",
        *(row[name] for row in said for name in columns),
    )
    keys = [Key(None, row["id"]) for row in found]
    for key in keys:
        work.note(table.name, key, "I", *(told or sorted(rows[0])))
    return keys


def insertion(table: Table[Any], columns: Collection[str], count: int = 1) -> str:
    """A statement that adds rows, whose values come one row after the other."""
    width = len(columns)
    places = ", ".join(
        f"({', '.join(f'${n * width + i}' for i in range(1, width + 1))})" for n in range(count)
    )
    return f'insert into "{table.name}" ({", ".join(columns)}) values {places}'


async def origins(work: Work, table: Table[Any], count: int) -> list[dict[str, Any]]:
    """Where facts of ``table`` come from, each another record; a part of a whole has no such columns."""
    if "source_id" not in table.c:
        return [{}] * count
    source = await own_source(work)
    return [
        {
            "source_id": source,
            "record_key": f"{table.name}:{row['name']}",
            "content_hash": work.vault.blind(row["name"]),
            "observed_at": work.now,
            "received_at": work.now,
            "run_id": NO_RUN,
        }
        for row in await work.own_rows(NAMES, count)
    ]


async def say(
    work: Work,
    table: Table[Any],
    key: Key,
    county: str,
    given: Mapping[str, Any],
    *,
    why: str,
    precedence: int = NEWEST,
) -> None:
    """Says something of an entity, whose row is chosen anew from what all sources say of it.

    ``why``: what is said again for the same reason takes the place of what was said before. The caller keeps
    runs of the county out, and notes the change.
    """
    record = RECORDS[table.name]
    (origin,) = await origins(work, record, 1)
    said = {
        **origin,
        "record_key": f"{why}:{key.id}",
        "entity_id": key.id,
        "county_code": county,
        "precedence": precedence,
        **given,
    }
    again = ", ".join(f"{name} = excluded.{name}" for name in said)
    await work.own_row(
        f"{insertion(record, said)} on conflict (source_id, record_key) do update set {again}",
        *said.values(),
    )
    await choose_again(work.connection, table, sorted(given), county, [key.id])
