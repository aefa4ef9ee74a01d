"""Reads the exchange database: what was written since the last run, and each record as it stands now.

The two tables are logs. A change of a family or a person appends a row with OP_TYPE (I, U, D) and OP_TIME,
which counts whole seconds and is set before the row is committed; what is appended late keeps its old time.
So a run asks for rows with a greater ID than it has seen, and counts those of the last ``OVERLAP`` before: if
there are more than there were, a transaction that began earlier has ended since, and they are read again.
Of a record the row with the newest OP_TIME counts, of one second that with the greatest ID. SYNC_FLAG is not
used: other readers turn it as well. A table that was emptied and filled again has smaller IDs than were seen,
and is read whole.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import MetaData, Select, Subquery, Table, and_, func, or_, select, true
from sqlalchemy import inspect as inspected
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.selectable import FromClause

from connectors.social_assistance.fields import FAMILIES, FAMILY, MEMBERS, PEOPLE, RECEIVES, received_before
from hub.domain.dates import CHINA
from hub.errors import SourceError
from hub.sync.connector import Batch, ListMapping, Place, Row

BATCH: Final = 2_000
OVERLAP: Final = dt.timedelta(hours=1)
"""How long a row may be under way between its OP_TIME and its commit."""

CONNECT_SECONDS: Final = 10
FAMILY_PREFIX: Final = "family."
MOST: Final = 0x7FFFFFFF
"""The greatest row number an entry of the quarantine can have."""


class ExchangeDatabase:
    """社会救助前置库: ``mysql://reader@host:3306/qzk`` or ``postgresql://…``, and the secret ``password``."""

    name: Final = "social-assistance"
    lists: Final[Mapping[str, ListMapping]] = {each.kind: each for each in (FAMILIES, MEMBERS)}

    async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
        """``SourceError`` where the database does not answer, ``SchemaDrift`` where a field is gone."""
        try:
            async for batch in _read(place, checkpoint or {}):
                yield batch
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            # The driver's message may quote a row or the account.
            kind = type(getattr(error, "orig", None) or error).__name__
            raise SourceError(
                f"The exchange database did not deliver ({kind}).", zh="前置库未能提供数据"
            ) from None


async def _read(place: Place, seen: Mapping[str, Any]) -> AsyncIterator[Batch]:
    url = make_url(place.location)
    driver = {"mysql": "mysql+asyncmy", "postgresql": "postgresql+asyncpg"}[url.get_backend_name()]
    limits = {"connect_timeout": CONNECT_SECONDS} if "mysql" in driver else {"timeout": CONNECT_SECONDS}
    url = url.set(drivername=driver, password=place.secret("password"))
    engine = create_async_engine(url, poolclass=NullPool, connect_args=limits, hide_parameters=True)
    try:
        # One snapshot: the marks and the rows are of one moment, and no writer is waited for.
        async with engine.connect() as opened:
            connection = await opened.execution_options(isolation_level="REPEATABLE READ")
            families, people = await connection.run_sync(_tables)
            log = Log(families, people, await _marks(connection, seen, families, people))
            for kind, query, row in (
                (FAMILIES.kind, log.touched_families(), family_row),
                (MEMBERS.kind, log.touched_people(), member_row),
            ):
                found = await connection.stream(query, execution_options={"yield_per": BATCH})
                async for records in found.mappings().partitions(BATCH):
                    yield _batch(kind, [row(dict(record)) for record in records], log.marks)
            yield Batch(MEMBERS.kind, dt.datetime.now(dt.UTC), (), checkpoint=log.marks)
    finally:
        await engine.dispose()


def _batch(kind: str, read: Sequence[tuple[Row, bool]], marks: Mapping[str, Any]) -> Batch:
    said, gone = ([row for row, is_gone in read if is_gone is which] for which in (False, True))
    # What somebody who receives nothing any more received before goes; the person is said anew.
    gone += [received_before(row) for row in said if kind == MEMBERS.kind and RECEIVES not in row.values]
    return Batch(kind, dt.datetime.now(dt.UTC), said, deleted=gone, checkpoint=marks)


def _tables(connection: Connection) -> tuple[Table[Any], Table[Any]]:
    """Of any letter case (X14), checked for the fields they may not lose."""
    names = {name.upper(): name for name in inspected(connection).get_table_names()}
    found = []
    for wanted, wording in (("SAM_FAMILY", FAMILY), ("SAM_PEOPLE", PEOPLE)):
        if wanted not in names:
            raise NoSuchTableError(wanted)
        table = Table(names[wanted], MetaData(), autoload_with=connection)
        wording.expect(table.c.keys(), wanted)
        found.append(table)
    return found[0], found[1]


async def _marks(connection: AsyncConnection, seen: Mapping[str, Any], *tables: Table[Any]) -> dict[str, Any]:
    """Where each table ends, from where on it is read, and how many rows stand in the hour before.

    A time that lies ahead of the database's own clock is a slip, and no mark.
    """
    now = (await connection.execute(select(func.now()))).scalar_one()
    here = (now.astimezone(CHINA) if now.tzinfo else now).replace(tzinfo=None, microsecond=0)
    marks: dict[str, Any] = {}
    for table in tables:
        at, number = _column(table, "OP_TIME"), _column(table, "ID")

        async def count(last: int, time: str, at: Any = at, number: Any = number) -> int:
            late = number <= last, at >= dt.datetime.fromisoformat(time) - OVERLAP
            rows: int = (await connection.execute(select(func.count()).where(*late))).scalar_one()
            return rows

        last, newest = (await connection.execute(select(func.max(number), func.max(at)))).one()
        before = seen.get(table.name.upper())
        mark: dict[str, Any] = {
            "id": last or 0,
            "at": (here if newest is None else min(newest, here)).isoformat(),
        }
        if before is not None and mark["id"] >= before["id"]:
            came_late = await count(before["id"], before["at"]) != before["rows"]
            mark |= {"since": before["at"] if came_late else None, "after": before["id"]}
        marks[table.name.upper()] = {**mark, "rows": await count(mark["id"], mark["at"])}
    return marks


class Log:
    """What of the two tables is new, as ``marks`` say."""

    def __init__(self, families: Table[Any], people: Table[Any], marks: Mapping[str, Any]) -> None:
        self.marks = marks
        self._families, self._people = families, people

    def touched_families(self) -> Select[Any]:
        family = _newest(self._families, "FAMILY_ID")
        touched = select(_column(self._families, "FAMILY_ID")).where(self._is_new(self._families))
        return select(*_named(family, "")).where(
            family.c.place == 1, _column(family, "FAMILY_ID").in_(touched)
        )

    def touched_people(self) -> Select[Any]:
        """One row per person that was touched, or whose family was; with the family as it stands."""
        family, person = _newest(self._families, "FAMILY_ID"), _newest(self._people, "PEOPLE_ID")
        people = select(_column(self._people, "PEOPLE_ID")).where(self._is_new(self._people))
        families = select(_column(self._families, "FAMILY_ID")).where(self._is_new(self._families))
        theirs = _column(person, "FAMILY_ID")
        joined = person.join(
            family, and_(theirs == _column(family, "FAMILY_ID"), family.c.place == 1), isouter=True
        )
        return (
            select(*_named(family, FAMILY_PREFIX), *_named(person, ""))
            .select_from(joined)
            .where(person.c.place == 1)
            .where(or_(_column(person, "PEOPLE_ID").in_(people), theirs.in_(families)))
        )

    def _is_new(self, table: Table[Any]) -> ColumnElement[bool]:
        mark = self.marks[table.name.upper()]
        if "after" not in mark:
            return true()
        new: ColumnElement[bool] = _column(table, "ID") > mark["after"]
        if mark["since"] is None:
            return new
        return or_(new, _column(table, "OP_TIME") >= dt.datetime.fromisoformat(mark["since"]) - OVERLAP)


def family_row(record: Mapping[str, Any]) -> tuple[Row, bool]:
    """With whether it is deleted."""
    place, number = f"SAM_FAMILY {record['FAMILY_ID']}", record["ID"] & MOST
    row = FAMILY.row(record, file=place, number=number, observed_at=_time(record))
    return row, _is_deleted(record)


def member_row(record: Mapping[str, Any]) -> tuple[Row, bool]:
    """A person with what the family receives. Whose family is deleted, is deleted."""
    family = {k.removeprefix(FAMILY_PREFIX): v for k, v in record.items() if k.startswith(FAMILY_PREFIX)}
    both = [record, family] if family["OP_TIME"] is not None else [record]
    place, at = f"SAM_PEOPLE {record['PEOPLE_ID']}", max(map(_time, both))
    values = {**FAMILY.row(family, file=place).values, **PEOPLE.row(record, file=place).values}
    row = Row(place, "", record["ID"] & MOST, values, values, at)
    return row, any(map(_is_deleted, both))


def _is_deleted(record: Mapping[str, Any]) -> bool:
    return str(record["OP_TYPE"]).strip().upper().startswith("D")


def _newest(table: Table[Any], key: str) -> Subquery:
    order = _column(table, "OP_TIME").desc(), _column(table, "ID").desc()
    place = func.row_number().over(partition_by=_column(table, key), order_by=order).label("place")
    return select(table, place).subquery()


def _named(rows: Subquery, prefix: str) -> list[ColumnElement[Any]]:
    return [c.label(prefix + c.name.upper()) for c in rows.c if c.name != "place"]


def _column(table: FromClause, name: str) -> ColumnElement[Any]:
    return next(column for column in table.c if column.name.upper() == name)


def _time(row: Mapping[str, Any]) -> dt.datetime:
    """Local time of whole seconds; within one the ID tells which row is the later one."""
    at: dt.datetime = row["OP_TIME"]
    return at.replace(tzinfo=CHINA, microsecond=row["ID"] % 1_000_000)
