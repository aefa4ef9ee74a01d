"""Exchange databases (前置库): tables that a system fills for others to read, as logs.

A change appends a row with OP_TYPE (I, U, D) and OP_TIME, which counts whole seconds and is set before the
row is committed; what is appended late keeps its old time. So a run asks for rows with a greater ID than it
has seen, and counts those of the last ``OVERLAP`` before: if there are more than there were, a transaction
that began earlier has ended since, and they are read again. Of a record the row with the newest OP_TIME
counts, of one second that with the greatest ID. SYNC_FLAG is not used: other readers turn it as well. A table
that was emptied and filled again has smaller IDs than were seen, and is read whole.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from sqlalchemy import MetaData, RowMapping, Subquery, Table, func, or_, select, true
from sqlalchemy import inspect as inspected
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.sql import ColumnElement
from sqlalchemy.sql.selectable import FromClause

from connectors.lists.wording import Wording, dropped
from hub.domain.dates import CHINA
from hub.errors import SourceError
from hub.sync.header import Column, Header

BATCH: Final = 2_000
OVERLAP: Final = dt.timedelta(hours=1)
"""How long a row may be under way between its OP_TIME and its commit."""

CONNECT_SECONDS: Final = 10
WHOLE_RESULTS: Final = "set /*M!100300 optimizer_switch = 'split_materialized=off', */ @reads_logs = 1"
"""MariaDB may fill the newest rows of a log anew for each record that is asked for, and then loses some of
the answer where the records are told by a subquery (a fault of its "lateral derived", in 10.11 for one). Of
a log that would be lost for good, for the checkpoint passes it. MySQL skips what stands in the comment.
"""

MOST: Final = 0x7FFFFFFF
"""The greatest row number an entry of the quarantine can have."""

LOGGED: Final = frozenset({"ID", "OP_TYPE", "OP_TIME"})
"""What a log needs beside the fields of its records."""


@asynccontextmanager
async def opened(location: str, password: str, account: str | None = None) -> AsyncIterator[AsyncConnection]:
    """A connection; ``account``: another than the location names. SourceError for whatever goes wrong."""
    try:
        url = make_url(location)
        driver = {"mysql": "mysql+asyncmy", "postgresql": "postgresql+asyncpg"}[url.get_backend_name()]
        limits = (
            {"connect_timeout": CONNECT_SECONDS, "init_command": WHOLE_RESULTS}
            if "mysql" in driver
            else {"timeout": CONNECT_SECONDS}
        )
        url = url.set(drivername=driver, password=password, username=account or url.username)
        engine = create_async_engine(url, poolclass=NullPool, connect_args=limits, hide_parameters=True)
        try:
            async with engine.connect() as connection:
                yield connection
        finally:
            await engine.dispose()
    except (SQLAlchemyError, OSError, TimeoutError) as error:
        # The driver's message may quote a row or the account.
        kind = type(getattr(error, "orig", None) or error).__name__
        raise SourceError(
            f"The exchange database did not deliver ({kind}).", zh="前置库未能提供数据"
        ) from None


@asynccontextmanager
async def snapshot(location: str, password: str) -> AsyncIterator[AsyncConnection]:
    """As ``opened``; the marks and the rows are of one moment, and no writer is waited for."""
    async with opened(location, password) as connection:
        yield await connection.execution_options(isolation_level="REPEATABLE READ")


def tables(connection: Connection, wanted: Sequence[str]) -> list[Table[Any]]:
    """Of any letter case (X14)."""
    names = {name.upper(): name for name in inspected(connection).get_table_names()}
    for name in wanted:
        if name not in names:
            raise NoSuchTableError(name)
    return [Table(names[name], MetaData(), autoload_with=connection) for name in wanted]


async def marks(connection: AsyncConnection, seen: Mapping[str, Any], *of: Table[Any]) -> dict[str, Any]:
    """Where each table ends, from where on it is read, and how many rows the hour before has, until when.

    A time that lies ahead of the database's own clock is a slip, and no mark. A table that was filled again
    with as many rows ends at the same ID, but not at the same time.
    """
    now = (await connection.execute(select(func.now()))).scalar_one()
    here = (now.astimezone(CHINA) if now.tzinfo else now).replace(tzinfo=None, microsecond=0)
    found: dict[str, Any] = {}
    for table in of:
        at, number = column(table, "OP_TIME"), column(table, "ID")

        async def end(last: int, time: str, at: Any = at, number: Any = number) -> dict[str, Any]:
            late = number <= last, at >= dt.datetime.fromisoformat(time) - OVERLAP
            rows, until = (await connection.execute(select(func.count(), func.max(at)).where(*late))).one()
            return {"rows": rows, "until": until and until.isoformat()}

        last, newest_at = (await connection.execute(select(func.max(number), func.max(at)))).one()
        before = seen.get(table.name.upper())
        mark: dict[str, Any] = {
            "id": last or 0,
            "at": (here if newest_at is None else min(newest_at, here)).isoformat(),
        }
        if before is not None and mark["id"] >= before["id"]:
            now_there = await end(before["id"], before["at"])
            came_late = any(before.get(name, value) != value for name, value in now_there.items())
            mark |= {"since": before["at"] if came_late else None, "after": before["id"]}
        found[table.name.upper()] = {**mark, **await end(mark["id"], mark["at"])}
    return found


def is_new(table: Table[Any], of: Mapping[str, Any]) -> ColumnElement[bool]:
    """Rows of the table that the marks ``of`` all tables say are to be read."""
    mark = of[table.name.upper()]
    if "after" not in mark:
        return true()
    new: ColumnElement[bool] = column(table, "ID") > mark["after"]
    if mark["since"] is None:
        return new
    return or_(new, column(table, "OP_TIME") >= dt.datetime.fromisoformat(mark["since"]) - OVERLAP)


def newest(table: Table[Any], key: str) -> Subquery:
    """Rows with their ``place`` among those of one key; 1 is the record as it stands."""
    order = column(table, "OP_TIME").desc(), column(table, "ID").desc()
    place = func.row_number().over(partition_by=column(table, key), order_by=order).label("place")
    return select(table, place).subquery()


def named(rows: Subquery, wording: Wording, prefix: str = "") -> list[ColumnElement[Any]]:
    """The fields of the rows that are asked for, and of each other one only whether it is filled (X35)."""
    return [
        (c if _is_asked(c.name, wording) else c.is_not(None)).label(prefix + c.name.upper())
        for c in rows.c
        if c.name != "place"
    ]


def column(table: FromClause, name: str) -> ColumnElement[Any]:
    return next(c for c in table.c if c.name.upper() == name)


def header(table: Table[Any], wording: Wording, filled: Iterable[RowMapping] = ()) -> Header:
    """The columns of the table; of rows ``filled`` as ``named`` reads them, what nobody asked for counts."""
    rows = [*filled]
    columns = []
    for c in table.c:
        name, forms = c.name.upper(), frozenset({type(c.type).__name__})
        if _is_asked(name, wording):
            known = wording.fields.get(name)
            columns.append(Column(name, known.header if known else name, forms))
        else:
            columns.append(dropped(name, [row[name] or None for row in rows], forms))
    return Header(table.name.upper(), columns)


def _is_asked(name: str, wording: Wording) -> bool:
    return name.upper() in wording.fields.keys() | wording.needed | LOGGED


def is_deleted(record: Mapping[str, Any]) -> bool:
    return str(record["OP_TYPE"]).strip().upper().startswith("D")


def time_of(record: Mapping[str, Any]) -> dt.datetime:
    """Local time of whole seconds; within one the ID tells which row is the later one."""
    at: dt.datetime = record["OP_TIME"]
    return at.replace(tzinfo=CHINA, microsecond=record["ID"] % 1_000_000)
