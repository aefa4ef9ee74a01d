"""Which version of a record somebody has read: it is changed as that one, or not at all.

A version is what PostgreSQL calls the transaction that wrote the row last (``hub.access.writable.VERSION``).
Runs of sources and other mutations move it on by writing; nothing is counted, and no column kept.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table

from hub.access.writable import VERSION
from hub.errors import Stale
from hub.write.work import Key, NotYours, Work


async def still(work: Work, table: Table[Any], key: Key, version: str) -> None:
    """Holds the row until the transaction ends; Stale where it is another version than ``version``.

    ``table``: that of the record which the mutation shows. To be asked after the viewer was shown to see
    it, or it would tell who else changes what.
    """
    await hold(work, table, key, version)


async def hold(work: Work, table: Table[Any], key: Key, version: str | None) -> None:
    """As ``still``; whatever its version is where none is given."""
    names = [column.name for column in table.primary_key.columns]
    tests = " and ".join(f"{name} = ${place}" for place, name in enumerate(names, 1))
    text = f"select {VERSION}::text as version from {table.name} where {tests} for no key update"
    row = await work.own_row(text, *key[-len(names) :])
    if row is None:
        raise NotYours
    if version is not None and row["version"] != version:
        raise Stale(key.text, NotYours())
