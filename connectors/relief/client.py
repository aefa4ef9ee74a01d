"""Reads the table of stays in an exchange database, which is a log, and enters encounters in it."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import select

from connectors.exchange import (
    BATCH,
    MOST,
    column,
    header,
    is_deleted,
    is_new,
    marks,
    named,
    newest,
    snapshot,
    tables,
    time_of,
)
from connectors.relief.cells import derive
from connectors.relief.fields import STAYS, TABLE
from connectors.relief.inbox import ENCOUNTERS, enter
from hub.sync.connector import Batch, ListMapping, Message, Outgoing, Place, Receipt, Row

EPISODES: Final = "JZ_EPISODE"


class ReliefSystem:
    """救助管理前置库: ``mysql://reader@host:3306/qzk`` or ``postgresql://…``, and the secret ``password``."""

    name: Final = "relief"
    lists: Final[Mapping[str, ListMapping]] = {STAYS.kind: STAYS}
    outgoing: Final[Outgoing] = ENCOUNTERS

    async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
        """``SourceError`` where the database does not answer, ``SchemaDrift`` where a field is gone."""
        async with snapshot(place.location, place.secret("password")) as connection:
            (table,) = await connection.run_sync(tables, [EPISODES])
            yield Batch(STAYS.kind, dt.datetime.now(dt.UTC), (), header=header(table, TABLE))
            TABLE.expect(table.c.keys(), EPISODES)
            log = await marks(connection, checkpoint or {}, table)
            stay, touched = newest(table, "JZBH"), select(column(table, "JZBH")).where(is_new(table, log))
            query = select(*named(stay, TABLE)).where(stay.c.place == 1, column(stay, "JZBH").in_(touched))
            found = await connection.stream(query, execution_options={"yield_per": BATCH})
            async for records in found.mappings().partitions(BATCH):
                told = header(table, TABLE, records)
                read = [(_row(record), is_deleted(record)) for record in map(dict, records)]
                said, gone = ([row for row, is_gone in read if is_gone is which] for which in (False, True))
                yield Batch(STAYS.kind, dt.datetime.now(dt.UTC), said, (), told, deleted=gone)
            yield Batch(STAYS.kind, dt.datetime.now(dt.UTC), (), checkpoint=log)

    async def enter(self, place: Place, messages: Sequence[Message]) -> Sequence[Receipt]:
        """See ``connectors/relief/inbox.py``."""
        return await enter(place, messages)


def _row(record: Mapping[str, Any]) -> Row:
    place = f"{EPISODES} {record['JZBH']}"
    row = TABLE.row(record, file=place, number=record["ID"] & MOST, observed_at=time_of(record))
    values = derive(row.values)
    return replace(row, values=values, raw=values)
