"""Puts the exercise into the database of a demo, once, as facts that the hub states itself.

Which row got which number stands in ``exercise.json`` beside the data, where the table finds it again.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, Final

import orjson
from sqlalchemy import ARRAY, Boolean, Column, Date, DateTime, Integer, LargeBinary, Numeric, Table
from sqlalchemy.dialects import postgresql

from connectors.emulators.names import full_name
from hub.domain.text import mask_name
from hub.domain.vocabulary import VOCABULARY
from hub.exercise.jinjiang_staff import more_staff
from hub.exercise.scene import Of, Row
from hub.exercise.script import script
from hub.store.database import Connection, Database
from hub.tables import metadata
from hub.tables.ledger import OWN
from hub.write.source import ADD, NAME, NO_RUN

FILE: Final = "exercise.json"
WRITTEN: Final = dt.datetime(2026, 1, 1, 4, tzinfo=dt.UTC)
STATION: Final = "select id from station where division_code = $1"
"""A township has one: what the world has there already is taken."""
PEOPLE: Final = frozenset({"beneficiary", "personnel", "guardian", "child_worker"})
_DIALECT: Final = postgresql.dialect()  # type: ignore[no-untyped-call]
_NUMBERS: Final = count(1)

Ids = dict[str, list[int]]


async def known(database: Database, data_dir: Path) -> Ids | None:
    """Numbers of the rows by their names; None where nothing was written yet, or what was did not last."""
    try:
        found: Ids = orjson.loads((data_dir / FILE).read_bytes())
    except FileNotFoundError:
        return None
    there = "select exists (select from contract where id = $1 and title like '%（演练）')"
    return found if await database.owner.fetchval(there, found["whole project"][0]) else None


async def write(database: Database, data_dir: Path) -> Ids:
    """All rows in one transaction, numbers by names; a second time nothing."""
    if (found := await known(database, data_dir)) is not None:
        return found
    ids: Ids = {}
    async with database.transaction() as connection:
        await connection.execute(ADD, OWN, NAME)
        source: int = await connection.fetchval("select id from source where code = $1", OWN)
        for row in script().rows:
            ids[str(row.name)] = await _insert(connection, source, row, ids)
        for row in [each async for each in more_staff(connection)]:
            ids[str(row.name)] = await _insert(connection, source, row, ids)
        made = data_dir / f"{FILE}.new"
        made.write_bytes(orjson.dumps(ids))
        made.replace(data_dir / FILE)
    return ids


async def _insert(connection: Connection, source: int, row: Row, ids: Ids) -> list[int]:
    """One row, or as many as ``many`` says, or one for each of those that a value names."""
    table = metadata.tables[row.table]
    if row.table == "station":
        there = await connection.fetchval(STATION, row.division)
        if there is not None:
            return [there]
    given = {
        name: ids[str(value)] if isinstance(value, Of) else value
        for name, value in row.values.items()
        if name != "many"
    }
    several = [
        len(value) for name, value in given.items() if isinstance(value, list) and _is_one(table.c[name])
    ]
    size = max([row.values.get("many", 1), *several])
    values = _usual(table, row, source, size) | given
    named = ", ".join(f'"{name}"' for name in values)
    places = ", ".join(
        _place(table.c[name], n, of=len(value) if isinstance(value, list) else None)
        for n, (name, value) in enumerate(values.items(), 1)
    )
    sql = f'insert into "{table.name}" ({named}) select {places} from generate_series(1, {size}) n (number)'
    if "id" not in table.c:
        await connection.execute(sql, *values.values())
        return []
    county = "county_code" if "county_code" in table.c else "null"
    told = f"""
        with made as ({sql} returning id, {county} as county),
        told as (insert into change (entity, county_code, entity_id, operation)
            select '{table.name}', county, id, 'I' from made)
        select id from made order by id"""
    return [each["id"] for each in await connection.fetch(told, *values.values())]


def _is_one(column: Column[Any]) -> bool:
    """Whether a list tells a value for each row, and is not the value."""
    return not isinstance(column.type, ARRAY)


def _place(column: Column[Any], n: int, of: int | None) -> str:
    """``of``: how many values the parameter has, where it is a list."""
    kind = column.type.compile(dialect=_DIALECT)
    if column.name == "record_key":
        return f"${n}::text || n.number"
    if of is not None and _is_one(column):
        return f"(${n}::{kind}[])[{'n.number' if of > 1 else '1'}]"
    return f"${n}::{kind}"


def _usual(table: Table[Any], row: Row, source: int, size: int) -> dict[str, Any]:
    """What a row cannot be without, and the exercise says nothing of."""
    number = next(_NUMBERS)
    names = [f"演练{number}"]
    if table.name in PEOPLE:
        chance = Random(number)  # noqa: S311
        names = [full_name(chance, male=chance.random() < 0.5) for _ in range(size)]
    usual: dict[str, Any] = {
        "county_code": row.division[:6],
        "division_code": row.division,
        "source_id": source,
        "record_key": f"exercise {number}/",
        "content_hash": number.to_bytes(16),
        "observed_at": WRITTEN,
        "received_at": WRITTEN,
        "run_id": NO_RUN,
        "name": names,
        "name_masked": [mask_name(name) for name in names],
    }
    found = {key: value for key, value in usual.items() if key in table.c and key not in row.values}
    for column in table.columns:
        needed = not column.nullable and column.server_default is None and column.computed is None
        if needed and column.identity is None and column.name not in found and column.name not in row.values:
            found[column.name] = _something(column, f"演练{number}")
    return found


def _something(column: Column[Any], text: str) -> Any:
    match column.type:
        case ARRAY():
            return []
        case _ if "vocabulary" in column.info:
            return next(iter(VOCABULARY[column.info["vocabulary"]])).value
        case Boolean():
            return False
        case DateTime():
            return WRITTEN
        case Date():
            return WRITTEN.date()
        case Integer():
            return 1
        case Numeric():
            return Decimal(1)
        case LargeBinary():
            return text.encode()
    return text
