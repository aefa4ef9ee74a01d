"""Filling a prepared database with a ``World``, county by county, so that memory stays bounded."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

import asyncpg

from benchmarks.read.rows import HELPERS, OF_A_COUNTY
from benchmarks.read.world import County, World, birth_of, number_of
from hub.domain.division import load_divisions
from hub.domain.text import mask_id_number
from hub.store.database import Connection, Database
from hub.store.vault import Vault
from hub.tables import TALLIES

VERSION: Final = 2
"""Of the data; a directory that holds another version is filled anew."""

TABLES: Final = ("contractor", "station", *OF_A_COUNTY)

Say = Callable[[str], None]

_CONSTRAINTS: Final = """
    select conrelid::regclass::text as of, conname as name, pg_get_constraintdef(oid) as text
    from pg_constraint where conrelid = any($1::text[]::regclass[]) and contype in ('f', 'u')
    order by contype desc, conname
"""
_INDEXES: Final = """
    select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as text
    from pg_index i where i.indrelid = any($1::text[]::regclass[])
        and not exists (select from pg_constraint c where c.conindid = i.indexrelid)
    order by name
"""


async def fill(database: Database, vault: Vault, world: World, say: Say) -> None:
    """Empty the tables and fill them; deterministic but for the sealed numbers' key."""
    async with database.owner.acquire(timeout=30) as connection:
        await connection.execute(f"truncate {', '.join(TABLES)} restart identity cascade")
        await connection.execute(HELPERS)
        async with _bare(connection, say):
            await _store_few(connection, world)
            for county in world.counties:
                async with connection.transaction():
                    await _store_county(connection, vault, world, county)
                if county.index % 10 == 9:
                    say(f"{county.first_person + county.people - 1:,} of {world.people:,} people")
        say("vacuum and analyze")
        await connection.execute("drop view person; drop table place, sample")
        for table in (*TABLES, *(tally.name for tally in TALLIES.values())):
            await connection.execute(f"vacuum analyze {table}", timeout=None)


@asynccontextmanager
async def _bare(connection: Connection, say: Say) -> AsyncIterator[None]:
    """Without indexes and foreign keys, which are made from the whole faster than row by row."""
    constraints = await connection.fetch(_CONSTRAINTS, list(TABLES))
    indexes = await connection.fetch(_INDEXES, list(TABLES))
    for found in constraints:
        await connection.execute(f"alter table {found['of']} drop constraint {found['name']}")
    for found in indexes:
        await connection.execute(f"drop index {found['name']}")
    yield
    say("indexes and constraints")
    for found in indexes:
        await connection.execute(found["text"], timeout=None)
    for found in reversed(constraints):
        text = f"alter table {found['of']} add constraint {found['name']} {found['text']}"
        await connection.execute(text, timeout=None)


async def _store_few(connection: Connection, world: World) -> None:
    contractors = [(i, f"5245{i:014}", f"社会工作服务中心{i}") for i in range(1, world.contractors + 1)]
    await _copy(connection, "contractor", ["id", "credit_code", "name"], contractors)
    names = {d.code: d.name for d in load_divisions()}
    codes = [(county, code) for county in world.counties for code in county.townships]
    stations = [
        (i, county.code, code, f"{names[code]}民政服务站", "CIVIL_AFFAIRS", "OPERATING")
        for i, (county, code) in enumerate(codes, 1)
    ]
    columns = ["id", "county_code", "division_code", "name", "kind", "status"]
    await _copy(connection, "station", columns, stations)


async def _store_county(connection: Connection, vault: Vault, world: World, county: County) -> None:
    await connection.execute("truncate place; truncate sample")
    await connection.execute(
        "insert into place values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        county.code, county.index + 1, county.first_person, county.people, county.first_station,
        len(county.townships), county.first_contract, world.contractors, world.people,
    )  # fmt: skip
    columns = ["number", "id_number", "hash", "masked", "birth_on", "sex"]
    await _copy(connection, "sample", columns, list(_sample(vault, county)))
    for statement in OF_A_COUNTY.values():
        await connection.execute(statement, timeout=None)


def _sample(vault: Vault, county: County) -> Iterator[tuple[Any, ...]]:
    for offset in range(county.sampled):
        number = number_of(county, offset)
        sex = "MALE" if int(number[16]) % 2 else "FEMALE"
        sealed, hashed = vault.seal_steady(number), vault.blind(number)
        yield (
            county.first_person + offset, sealed, hashed, mask_id_number(number),
            birth_of(county, offset), sex,
        )  # fmt: skip


async def _copy(
    connection: asyncpg.Connection[Any] | Connection,
    table: str,
    columns: list[str],
    rows: list[tuple[Any, ...]],
) -> None:
    await connection.copy_records_to_table(table, columns=columns, records=rows)
