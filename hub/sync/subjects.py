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


def known_in(connection: Connection, vault: Vault, county: str, today: dt.date, source_id: int = 0) -> Known:
    """``Place.known`` for a run; what is sealed is opened one subject at a time, and logged nowhere."""

    async def known(subjects: Subjects, after: int, most: int) -> AsyncIterator[Subject]:
        query, columns = _query(subjects), metadata.tables[subjects.table].c
        sealed = {name for name in subjects.columns if columns[name].info.get("sealed")}
        own: list[object] = [source_id] if subjects.held else []
        if subjects.only:
            own.append(sorted(subjects.only[1]))
        while most > 0 and (
            rows := await connection.fetch(query, county, today, after, min(most, AT_ONCE), *own)
        ):
            for row in rows:
                told = {name: row[name] for name in subjects.columns}
                opened = {name: vault.open(told[name]) for name in sealed if told[name] is not None}
                yield Subject(row["id"], told | opened, row["since_on"], row["is_held"])
            after, most = rows[-1]["id"], most - len(rows)

    return known


def _query(subjects: Subjects) -> str:
    """$1 county, $2 today, $3 the number to go on from, $4 how many, then the source and the values of
    ``only`` where there are such."""
    columns = ", ".join(f'e."{name}"' for name in subjects.columns)
    there = "".join(f' and e."{name}" is not null' for name in subjects.needed)
    if subjects.aged:
        there += f" and e.\"{subjects.aged[0]}\" <= $2::date - interval '{subjects.aged[1]:d} years'"
    # A table that is not of one county is asked about for the facts of this one.
    at_home = " and e.county_code = $1" if "county_code" in metadata.tables[subjects.table].c else ""
    held, only = "false", ""
    if subjects.held:
        held = (
            f'exists (select from "{subjects.held}" h where h.county_code = $1'
            f' and h."{subjects.about}" = e.id and h.source_id = $5)'
        )
    if subjects.only:
        only = f' and f."{subjects.only[0]}" = any(${6 if subjects.held else 5}::text[])'
    since = f'min(f."{subjects.since}")' if subjects.since else "null::date"
    return f"""
        select e.id, {columns}, l.since_on, {held} as is_held
        from "{subjects.table}" e cross join lateral (
            select {since} as since_on from "{subjects.while_}" f
            where f.county_code = $1 and f."{subjects.about}" = e.id
                and (f."{subjects.until}" is null or f."{subjects.until}" >= $2){only}
            having count(*) > 0) l
        where e.id > $3{at_home}{there}
        order by e.id limit $4"""
