"""Reads the exchange database: what was written since the last run, and each record as it stands now.

Its two tables are logs (``connectors/exchange.py``): of families, and of people.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Select, Table, and_, or_, select

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
from connectors.social_assistance.fields import FAMILIES, FAMILY, MEMBERS, PEOPLE, RECEIVES, received_before
from hub.sync.connector import Batch, ListMapping, Place, Row
from hub.sync.header import Header

FAMILY_PREFIX: Final = "family."


class ExchangeDatabase:
    """社会救助前置库: ``mysql://reader@host:3306/qzk`` or ``postgresql://…``, and the secret ``password``."""

    name: Final = "social-assistance"
    lists: Final[Mapping[str, ListMapping]] = {each.kind: each for each in (FAMILIES, MEMBERS)}

    async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
        """``SourceError`` where the database does not answer, ``SchemaDrift`` where a field is gone."""
        async with snapshot(place.location, place.secret("password")) as connection:
            families, people = await connection.run_sync(tables, ["SAM_FAMILY", "SAM_PEOPLE"])
            of_list = ((FAMILIES.kind, families, FAMILY), (MEMBERS.kind, people, PEOPLE))
            for kind, table, wording in of_list:
                yield Batch(kind, dt.datetime.now(dt.UTC), (), header=header(table, wording))
            for _, table, wording in of_list:
                wording.expect(table.c.keys(), table.name.upper())
            log = Log(families, people, await marks(connection, checkpoint or {}, families, people))
            read = ((log.touched_families(), family_row), (log.touched_people(), member_row))
            for (kind, table, wording), (query, row) in zip(of_list, read, strict=True):
                found = await connection.stream(query, execution_options={"yield_per": BATCH})
                async for records in found.mappings().partitions(BATCH):
                    told = header(table, wording, records)
                    yield _batch(kind, [row(dict(record)) for record in records], told, log.marks)
            yield Batch(MEMBERS.kind, dt.datetime.now(dt.UTC), (), checkpoint=log.marks)


def _batch(kind: str, read: Sequence[tuple[Row, bool]], told: Header, marks: Mapping[str, Any]) -> Batch:
    said, gone = ([row for row, is_gone in read if is_gone is which] for which in (False, True))
    # What somebody who receives nothing any more received before goes; the person is said anew.
    gone += [received_before(row) for row in said if kind == MEMBERS.kind and RECEIVES not in row.values]
    return Batch(kind, dt.datetime.now(dt.UTC), said, (), told, deleted=gone, checkpoint=marks)


class Log:
    """What of the two tables is new, as ``marks`` say."""

    def __init__(self, families: Table[Any], people: Table[Any], marks: Mapping[str, Any]) -> None:
        self.marks = marks
        self._families, self._people = families, people

    def touched_families(self) -> Select[Any]:
        family = newest(self._families, "FAMILY_ID")
        touched = select(column(self._families, "FAMILY_ID")).where(is_new(self._families, self.marks))
        return select(*named(family, FAMILY)).where(
            family.c.place == 1, column(family, "FAMILY_ID").in_(touched)
        )

    def touched_people(self) -> Select[Any]:
        """One row per person that was touched, or whose family was; with the family as it stands."""
        family, person = newest(self._families, "FAMILY_ID"), newest(self._people, "PEOPLE_ID")
        people = select(column(self._people, "PEOPLE_ID")).where(is_new(self._people, self.marks))
        families = select(column(self._families, "FAMILY_ID")).where(is_new(self._families, self.marks))
        theirs = column(person, "FAMILY_ID")
        joined = person.join(
            family, and_(theirs == column(family, "FAMILY_ID"), family.c.place == 1), isouter=True
        )
        return (
            select(*named(family, FAMILY, FAMILY_PREFIX), *named(person, PEOPLE))
            .select_from(joined)
            .where(person.c.place == 1)
            .where(or_(column(person, "PEOPLE_ID").in_(people), theirs.in_(families)))
        )


def family_row(record: Mapping[str, Any]) -> tuple[Row, bool]:
    """With whether it is deleted."""
    place, number = f"SAM_FAMILY {record['FAMILY_ID']}", record["ID"] & MOST
    row = FAMILY.row(record, file=place, number=number, observed_at=time_of(record))
    return row, is_deleted(record)


def member_row(record: Mapping[str, Any]) -> tuple[Row, bool]:
    """A person with what the family receives. Whose family is deleted, is deleted."""
    family = {k.removeprefix(FAMILY_PREFIX): v for k, v in record.items() if k.startswith(FAMILY_PREFIX)}
    both = [record, family] if family["OP_TIME"] is not None else [record]
    place, at = f"SAM_PEOPLE {record['PEOPLE_ID']}", max(map(time_of, both))
    values = {**FAMILY.row(family, file=place).values, **PEOPLE.row(record, file=place).values}
    row = Row(place, "", record["ID"] & MOST, values, values, at)
    return row, any(map(is_deleted, both))
