"""What tallies tell, and what there is to tell of."""

from __future__ import annotations

from typing import Any

from hub.store.database import Connection, Database
from hub.tables import TALLIES
from hub.tables.tally import kinds

Numbers = dict[str, dict[tuple[Any, ...], int]]
"""By base table: how many rows of each kind."""


async def told(connection: Connection) -> Numbers:
    return {
        base: await _numbers(connection, tally.name, base, "sum(count)") for base, tally in TALLIES.items()
    }


async def counted(connection: Connection) -> Numbers:
    return {base: await _numbers(connection, base, base, "count(*)") for base in TALLIES}


async def _numbers(connection: Connection, table: str, base: str, number: str) -> dict[tuple[Any, ...], int]:
    columns = ", ".join(kinds(TALLIES[base]))
    rows = await connection.fetch(
        f"select {columns}, {number} from {table} group by {columns} having {number} <> 0"
    )
    return {tuple(row)[:-1]: row[-1] for row in rows}


async def folded(database: Database) -> bool:
    """Whether every kind has one row, and none has a row that stands for nothing."""
    return not any(
        [
            await database.owner.fetch(
                f"select from {tally.name} group by {', '.join(kinds(tally))}"
                " having count(*) > 1 or sum(count) = 0"
            )
            for tally in TALLIES.values()
        ]
    )
