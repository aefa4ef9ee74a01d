"""Tallies are folded: of what several statements appended about one kind one row is left, or none.

And they are compared with what they stand for, and counted anew.
"""

from __future__ import annotations

from typing import Any, Final

import structlog
from sqlalchemy import Table

from hub.store.database import Connection, Database
from hub.store.rounds import FAILED
from hub.tables import TALLIES
from hub.tables.tally import COUNT, kinds

log = structlog.get_logger("hub.sync")

LOCK: Final = "select pg_advisory_xact_lock(hashtext('hub tallies'))"
"""One fold or recount at a time: what one has put in place of rows, another would not see."""


def fold(tally: Table[Any]) -> str:
    """One statement, so nobody ever sees a row and what it was folded into, or neither. $1: the county.

    Rows that appear meanwhile stay for the next fold, and a kind that has one row is not written again.
    """
    name, columns = tally.name, ", ".join(kinds(tally))
    return f"""
        with several as (
            select place from (
                select ctid as place, count(*) over kind as rows, sum({COUNT}) over kind as {COUNT}
                from {name} where county_code = $1 window kind as (partition by {columns})) k
            where rows > 1 or {COUNT} = 0),
        gone as (delete from {name} where ctid = any (array(select place from several)) returning *)
        insert into {name} ({columns}, {COUNT})
        select {columns}, sum({COUNT}) from gone group by {columns} having sum({COUNT}) <> 0"""


FOLDS: Final = tuple(map(fold, TALLIES.values()))


async def fold_tallies(connection: Connection, county: str) -> None:
    """Those of a county, in a transaction of the caller's."""
    await connection.execute(LOCK)
    for statement in FOLDS:
        await connection.execute(statement, county)


async def fold_after_run(db: Database, source: str, county: str) -> None:
    """Loses nothing where it fails: numbers are right without, and the next run folds."""
    try:
        async with db.transaction() as connection:
            await fold_tallies(connection, county)
    except FAILED as error:
        log.warning("tallies_not_folded", source=source, kind=type(error).__name__)


async def miscounted(db: Database) -> list[str]:
    """Tallies, each with a county, where another number stands than there are rows; all rows are counted."""
    return [
        f"{tally.name} of {row['county_code']}"
        for base, tally in TALLIES.items()
        for row in await db.owner.fetch(_differing(base, tally), timeout=None)
    ]


def _differing(base: str, tally: Table[Any]) -> str:
    kind = ", ".join(kinds(tally))
    return f"""
        select distinct county_code from (
            select {kind} from (
                select {kind}, count(*) as {COUNT} from {base} group by {kind}
                union all select {kind}, -sum({COUNT}) from {tally.name} group by {kind}) told
            group by {kind} having sum({COUNT}) <> 0) differing
        order by county_code"""


async def recount(db: Database) -> None:
    """Writers and readers go on meanwhile, and what they add is kept."""
    await db.owner.execute("select recount_tallies()", timeout=None)
