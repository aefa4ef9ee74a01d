"""Rules of precedence: for a field and a place other lists win than by their own precedence.

A rule is written down, and then *enforced*: the values of its counties are chosen anew, as sets, and in the
same transaction it comes into force for runs and for who asks where a value comes from. So what stands in a
field and what is told of it never differ.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import structlog
from sqlalchemy import Table, UniqueConstraint

from hub.domain.names import snake
from hub.errors import BadArgument, NotFound
from hub.store.database import Connection, Database
from hub.store.listener import CHANGES
from hub.store.rotation import ALONE
from hub.store.rounds import rounds
from hub.store.winners import COUNTY, choose_again
from hub.tables import LED, RECORDS, led_by, metadata
from hub.tables._columns import stated

log = structlog.get_logger("hub.sync")

SECONDS: Final = 60.0
"""Between two looks of the worker."""
MOST_TEXT: Final = 500
RANKS: Final = range(100)
PREFIX: Final = re.compile("([0-9]{2}){0,3}")

ADD: Final = """
    insert into precedence_rule (division_prefix, table_name, column_name, source_id, connector, list_kind,
        rank, reason, starts_on)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id"""
END: Final = "update precedence_rule set ends_on = $2 where id = $1 and ends_on is null returning true"
SOMEWHERE: Final = "select exists (select from division where starts_with(code, $1))"
ALL: Final = """
    select r.id, r.division_prefix, r.table_name, r.column_name, s.code as source, r.connector, r.list_kind,
        r.rank, r.reason, r.starts_on, r.ends_on, r.is_in_force
    from precedence_rule r left join source s on s.id = r.source_id
    where $1 or r.ends_on is null or r.is_in_force
    order by r.table_name, r.column_name, r.division_prefix, r.id"""
LOCK: Final = "select pg_advisory_xact_lock(hashtext('hub precedence rules'))"
DUE: Final = "is_in_force <> (starts_on <= $1 and (ends_on is null or ends_on > $1))"
TURN: Final = f"""
    update precedence_rule set is_in_force = not is_in_force where {DUE}
    returning table_name, column_name, division_prefix"""
WAITING: Final = f"select exists (select from precedence_rule where {DUE})"
COUNTIES: Final = """
    select distinct left(division_code, 6) as county from source
    where division_code is not null and starts_with(division_code, $1) order by 1"""
CHANGED: Final = """
    insert into change (entity, county_code, entity_id, operation)
    select $1, $2, id, 'U' from unnest($3::bigint[]) n (id)"""


class Rule(NamedTuple):
    """As ``hub precedence list`` has it. ``source``: code of the source it is about."""

    id: int
    division_prefix: str
    table_name: str
    column_name: str
    source: str | None
    connector: str | None
    list_kind: str | None
    rank: int
    reason: str
    starts_on: dt.date
    ends_on: dt.date | None
    is_in_force: bool


async def add_rule(
    db: Database,
    field: str,
    *,
    division: str,
    rank: int,
    reason: str,
    starts_on: dt.date,
    source: str | None = None,
    connector: str | None = None,
    list_kind: str | None = None,
) -> int:
    """Its number. ``field``: as ``beneficiary.phone``. BadArgument, NotFound."""
    table, column = field_of(field)
    prefix = division
    if len(division) == 12 and division.endswith("000000"):
        prefix = division[:6].removesuffix("00").removesuffix("00")
    if not PREFIX.fullmatch(prefix):
        raise BadArgument("A division is a province, a prefecture or a county: 2, 4, 6 or 12 digits.")
    if source is connector is list_kind is None:
        raise BadArgument("A rule is about a source, a connector or a kind of list.")
    if rank not in RANKS or not 1 <= len(reason.strip()) <= MOST_TEXT:
        raise BadArgument(f"A rank is 0 to {RANKS[-1]}, and a reason has 1 to {MOST_TEXT} characters.")
    async with db.transaction() as connection:
        if not await connection.fetchval(SOMEWHERE, prefix):
            raise NotFound(f"there is no division {division}", zh=f"没有区划 {division}")
        number = None
        if source is not None:
            number = await connection.fetchval("select id from source where code = $1", source)
            if number is None:
                raise NotFound(f"there is no source {source!r}")
        made: int = await connection.fetchval(
            ADD, prefix, table.name, column, number, connector, list_kind, rank, reason.strip(), starts_on
        )
    return made


def field_of(field: str) -> tuple[Table[Any], str]:
    """Table and column; BadArgument for what no rule can be about."""
    name, _, column = map(snake, field.partition("."))
    table = metadata.tables.get(name)
    if table is None or name not in RECORDS or column not in ruled(table):
        raise BadArgument(
            "A field is one that several sources state, such as beneficiary.phone; keys are none.",
            zh="应为多个来源共有的非标识字段，如 beneficiary.phone",
        )
    return table, column


def ruled(table: Table[Any]) -> list[str]:
    """Columns a rule may be about: none by which sources find each other's rows, and none made of another."""
    keys = {
        c.name
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
        for c in constraint.columns
    }
    return [
        c.name
        for c in stated(table.c)
        if c.info["group"] != "internal" and c.name not in LED and not keys & set(led_by(table, c.name))
    ]


async def end_rule(db: Database, number: int, ends_on: dt.date) -> None:
    """From that day it counts no more. NotFound where there is none that has no end."""
    async with db.transaction() as connection:
        if not await connection.fetchval(END, number, ends_on):
            raise NotFound(f"there is no rule {number} without an end")


async def all_rules(db: Database, *, ended: bool = False) -> Sequence[Rule]:
    return [Rule(*row) for row in await db.owner.fetch(ALL, ended)]


async def enforce(db: Database, today: dt.date) -> int | None:
    """Brings into force what begins, and out of it what has ended; how many rows have another value.

    None where nothing is due. Runs of the counties concerned wait meanwhile.
    """
    if not await db.owner.fetchval(WAITING, today):
        return None
    changed = 0
    async with db.transaction() as connection:
        await connection.execute(LOCK)
        turned = await connection.fetch(TURN, today)
        for name in sorted({row["table_name"] for row in turned}):
            table = metadata.tables[name]
            places: dict[str | None, set[str]] = {}
            for row in turned:
                if row["table_name"] == name:
                    for county in await _counties(connection, table, row["division_prefix"]):
                        places.setdefault(county, set()).add(row["column_name"])
            for county in sorted(places, key=str):
                changed += await _choose(connection, table, county, places[county])
        await connection.execute("select pg_notify($1, 'precedence')", CHANGES)
    log.info("precedence_enforced", rules=len(turned), changed=changed)
    return changed


async def _counties(connection: Connection, table: Table[Any], prefix: str) -> list[str | None]:
    """Those that have sources; a table without counties is one place."""
    if COUNTY not in table.c:
        return [None]
    return [row["county"] for row in await connection.fetch(COUNTIES, prefix)]


async def _choose(connection: Connection, table: Table[Any], county: str | None, columns: set[str]) -> int:
    await connection.execute(ALONE, county or table.name)
    chosen = [name for column in sorted(columns) for name in led_by(table, column)]
    rows = await choose_again(connection, table, chosen, county)
    await connection.execute(CHANGED, table.name, county if COUNTY in table.c else None, rows)
    return len(rows)


async def enforce_until(
    db: Database, clock: Callable[[], dt.datetime], stop: asyncio.Event, every: float = SECONDS
) -> None:
    async def look() -> None:
        await enforce(db, clock().date())

    await rounds(look, stop, every, log, "precedence_waiting")
