"""Tables of an exchange database that are logs, in GBK: every change of a record appends a row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

OPERATION: Final = "OP_TYPE char(1), OP_TIME datetime, SYNC_FLAG char(1) default '0', BATCH_NO varchar(20)"
OWN: Final = frozenset({"ID", "OP_TYPE", "OP_TIME", "SYNC_FLAG", "BATCH_NO"})

Cells = dict[str, Any]


class Logs:
    """What a system does with such tables. ``KEYS``: by table the field that names a record."""

    __slots__ = ()
    KEYS: ClassVar[Mapping[str, str]]
    port: int
    password: str

    def engine(self) -> AsyncEngine:
        url = f"mysql+asyncmy://writer:{self.password}@127.0.0.1:{self.port}/qzk"
        return create_async_engine(url, poolclass=NullPool)

    @property
    def location(self) -> str:
        return f"mysql://reader@127.0.0.1:{self.port}/qzk"

    async def bring(
        self, at: dt.datetime, made: str, now: Mapping[str, Mapping[str, Cells]]
    ) -> dict[str, int]:
        """Appends what differs from what stands, as the system's own triggers would; how many of each kind.

        ``made``: statements that make the tables. ``now``: by table and key what stands from ``at`` on.
        """
        counts = dict.fromkeys("IUD", 0)
        engine = self.engine()
        async with engine.begin() as connection:
            for statement in made.split(";"):
                await connection.execute(text(statement))
            for table, records in now.items():
                was = await standing(connection, table, self.KEYS[table])
                changes = list(_changes(was, records))
                for operation, _ in changes:
                    counts[operation] += 1
                await append(connection, table, [(op, at, cells) for op, cells in changes])
        await engine.dispose()
        return counts

    async def write(self, *rows: tuple[str, str, dt.datetime, Cells]) -> int:
        """Appends rows (table, OP_TYPE, OP_TIME, cells); how many."""
        engine = self.engine()
        async with engine.begin() as connection:
            for table, operation, at, cells in rows:
                await append(connection, table, [(operation, at, cells)])
        await engine.dispose()
        return len(rows)

    async def run(self, *statements: str) -> None:
        engine = self.engine()
        async with engine.begin() as connection:
            for statement in statements:
                await connection.execute(text(statement))
        await engine.dispose()

    async def standing(self, table: str, limit: int = 1_000_000) -> list[Cells]:
        """Cells of what stands, without what the log adds, in order of the key."""
        engine = self.engine()
        async with engine.connect() as connection:
            found = await standing(connection, table, self.KEYS[table])
        await engine.dispose()
        return [found[key] for key in sorted(found)][:limit]


def _changes(was: Mapping[str, Cells], now: Mapping[str, Cells]) -> Iterator[tuple[str, Cells]]:
    for key, cells in now.items():
        if key not in was:
            yield "I", cells
        elif {k: v for k, v in was[key].items() if k in cells} != cells:
            yield "U", cells
    for key, cells in was.items():
        if key not in now:
            yield "D", cells


async def standing(connection: AsyncConnection, table: str, key: str) -> dict[str, Cells]:
    """What stands: the newest row of each key, but those that are deleted."""
    newest: dict[str, Cells] = {}
    for row in (await connection.execute(text(f"select * from {table} order by OP_TIME, ID"))).mappings():  # noqa: S608
        newest[row[key]] = dict(row)
    return {
        k: {name: cell for name, cell in row.items() if name not in OWN}
        for k, row in newest.items()
        if row["OP_TYPE"] != "D"
    }


async def append(
    connection: AsyncConnection, table: str, rows: Sequence[tuple[str, dt.datetime, Cells]]
) -> None:
    """What GBK has no character for becomes ``?``, as old clients make of it (X24)."""
    for operation, at, cells in rows:
        told = {k: in_gbk(v) for k, v in {**cells, "OP_TYPE": operation, "OP_TIME": at}.items()}
        names, places = ", ".join(told), ", ".join(f":{name}" for name in told)
        await connection.execute(text(f"insert into {table} ({names}) values ({places})"), told)  # noqa: S608


def in_gbk(value: Any) -> Any:
    return value.encode("gbk", "replace").decode("gbk") if isinstance(value, str) else value
