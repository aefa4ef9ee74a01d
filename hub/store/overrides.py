"""Records of the hub's own in which a steward's decision on a field stands, and the field with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Table

from hub.store.database import Connection
from hub.store.winners import choose_again
from hub.tables import RECORDS, led_by

KEY: Final = "override:"
NO_RUN: Final = 0
"""In place of the run that brought a record: somebody said it to the hub."""
NO_HASH: Final = b""


async def put(
    connection: Connection,
    table: Table[Any],
    source: int,
    county: str,
    entity: int,
    number: int,
    values: dict[str, Any],
) -> bool:
    """Lets ``values`` win, None where there is to be nothing; whether the row has others now.

    ``number``: of the decision, by which ``take`` finds the record. Who puts it keeps runs of the county out.
    """
    record, names = RECORDS[table.name].name, list(values)
    places = ", ".join(f"${i}" for i in range(9, 9 + len(names)))
    await connection.execute(
        f"""
        insert into "{record}" (source_id, record_key, county_code, entity_id, precedence, content_hash,
            observed_at, received_at, run_id, overrides, {", ".join(f'"{name}"' for name in names)})
        values ($1, $2, $3, $4, $5, $6, now(), now(), $7, $8, {places})""",
        source,
        f"{KEY}{number}",
        county,
        entity,
        0,
        NO_HASH,
        NO_RUN,
        names,
        *values.values(),
    )
    return bool(await choose_again(connection, table, names, county, [entity]))


async def take(
    connection: Connection, table: Table[Any], county: str, numbers: Sequence[int], columns: Sequence[str]
) -> list[int]:
    """Lets sources stand again where the decisions ``numbers`` were, on these columns; rows that changed."""
    record = RECORDS[table.name].name
    gone = await connection.fetch(
        f'delete from "{record}" where county_code = $1 and overrides is not null and record_key = any ($2)'
        " returning entity_id",
        county,
        [f"{KEY}{number}" for number in numbers],
    )
    fields = [name for column in sorted(set(columns)) for name in led_by(table, column)]
    return await choose_again(connection, table, fields, county, sorted({row["entity_id"] for row in gone}))
