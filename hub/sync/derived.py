"""What triggers keep of rows, given by the merge to those that are new: made once for a name, not for a row.

A trigger makes what nobody gave, so whoever writes a row gets the same (ADR 12).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hub.domain.pinyin import Reading, asked, name_keys
from hub.store.database import Connection
from hub.sync.layout import Layout
from hub.sync.references import Scope

NAMES: Final = 5_000
"""Spelled at a time."""

READINGS: Final = "select characters, usual, surname from character_reading where characters = any($1)"


@dataclass(frozen=True, slots=True)
class Given:
    """Columns of new rows ``b`` and what they are given, with the join that has it."""

    columns: dict[str, str]
    join: str = ""


async def given(scope: Scope, layout: Layout, people: str) -> Given:
    """``people``: the rows ``r`` whose names new rows may have, as ``from …``."""
    columns = {
        column.name: column.info["at_first"] for column in layout.table.c if column.info.get("at_first")
    }
    keys = layout.table.c.get("name_keys")
    if keys is None or not keys.info["of_person"]:
        return Given(columns)
    table = f"{layout.staging}_s"
    await _spell(scope.connection, table, people)
    made = "string_to_array(k.keys, E'\\n')"
    return Given({**columns, keys.name: made}, f" left join {table} k on k.name = b.name")


async def _spell(connection: Connection, table: str, people: str) -> None:
    """PostgreSQL makes names plain: which letters are small ones of others is for its locale to say."""
    await connection.execute(f"create temp table {table} (name text, keys text) on commit drop")
    known: dict[str, Reading] = {}
    missing: set[str] = set()
    names = await connection.cursor(f"select distinct r.name::text, name_plain(r.name) {people}")
    while rows := await names.fetch(NAMES):
        wanted = {each for _, plain in rows for each in asked(plain)} - known.keys() - missing
        known |= {
            c: Reading(usual, surname) for c, usual, surname in await connection.fetch(READINGS, wanted)
        }
        missing |= wanted - known.keys()
        # A plain name has no line end; many a text is copied faster than many an array.
        records = [(name, "\n".join(name_keys(plain, known))) for name, plain in rows]
        await connection.copy_records_to_table(table, columns=("name", "keys"), records=records)
    await connection.execute(f"analyze {table} (name)")
