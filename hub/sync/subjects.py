"""Whom a source that answers for one at a time is asked about: those the hub knows, in turns."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Final

from hub.store.database import Connection
from hub.store.vault import Vault
from hub.sync.connector import Known, Subject, Subjects
from hub.tables import metadata

AT_ONCE: Final = 1_000


def known_in(connection: Connection, vault: Vault, county: str, today: dt.date) -> Known:
    """``Place.known`` for a run; what is sealed is opened one subject at a time, and logged nowhere."""

    async def known(subjects: Subjects, after: int, most: int) -> AsyncIterator[Subject]:
        query, columns = _query(subjects), metadata.tables[subjects.table].c
        sealed = {name for name in subjects.columns if columns[name].info.get("sealed")}
        while most > 0 and (rows := await connection.fetch(query, county, today, after, min(most, AT_ONCE))):
            for row in rows:
                told = {name: row[name] for name in subjects.columns}
                opened = {name: vault.open(told[name]) for name in sealed if told[name] is not None}
                yield Subject(row["id"], told | opened)
            after, most = rows[-1]["id"], most - len(rows)

    return known


def _query(subjects: Subjects) -> str:
    """$1 county, $2 today, $3 the number to go on from, $4 how many."""
    columns = ", ".join(f'e."{name}"' for name in subjects.columns)
    there = " and ".join(f'e."{name}" is not null' for name in subjects.needed)
    return f"""
        select e.id, {columns} from "{subjects.table}" e
        where e.county_code = $1 and e.id > $3 and {there}
            and exists (select from "{subjects.while_}" f
                where f.county_code = e.county_code and f."{subjects.about}" = e.id
                    and (f."{subjects.until}" is null or f."{subjects.until}" >= $2))
        order by e.id limit $4"""
