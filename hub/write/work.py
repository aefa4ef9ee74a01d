"""One mutation: one transaction with the rows, the entries of the one sequence of changes, and its own entry
in the access log. It is there as a whole, or not at all.

A transaction belongs to the owner, who passes row-level security; so what the viewer does is done in the name
of the role's login (``Work.viewer_row``, ``viewer_rows``), under the policies made from ``SLICES`` and
``WRITABLE``. What follows from it is the hub's own (``Work.own_row``): rules, and no rights of the viewer.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, NamedTuple, TypeAlias

import asyncpg
from sqlalchemy import Table

from hub.access.limits import Limits
from hub.access.mutation import Mutation
from hub.access.policies import setting
from hub.access.viewer import Viewer
from hub.domain.names import parts_of, pascal, snake
from hub.errors import BadArgument, Forbidden, Unavailable
from hub.store.database import Connection, Database
from hub.store.lender import PATIENCE, UNREACHABLE, acquire, unavailable
from hub.store.listener import CHANGES
from hub.store.vault import Vault
from hub.write.entry import note_entry
from hub.write.keys import once

SECONDS: Final = 5
"""A lock that somebody else holds, and a statement, may take so long."""

BOUNDS: Final = f"set local lock_timeout = '{SECONDS}s'; set local statement_timeout = '{SECONDS}s'"
SET: Final = """
    select set_config('hub.' || name, value, true)
    from unnest($1::text[], $2::text[]) as given (name, value)"""
CHANGE: Final = "insert into change (entity, county_code, entity_id, operation) values ($1, $2, $3, $4)"

Verb: TypeAlias = "Callable[..., Awaitable[Key]]"
"""``async def refer(work: Work, *, …) -> Key``: its arguments are those of the field, in snake case."""


class Key(NamedTuple):
    """A record; ``county`` where the table's key begins with one."""

    county: str | None
    id: int

    @property
    def text(self) -> str:
        """As a global id has it, behind the type."""
        return str(self.id) if self.county is None else f"{self.county}:{self.id}"


class NotYours(Forbidden):
    """There is no such record, or none of yours that this may be done to."""

    zh = "没有此记录，或无权对其办理"


class Busy(Unavailable):
    """Somebody else is at work on the same record; ask again."""

    zh, wait = "该记录正在办理中，请稍后重试", 1


class Wrote(NamedTuple):
    """A row that was added (I), changed (U) or deleted (D). ``person``: number of whom it is about."""

    table: str
    key: Key
    operation: str
    columns: tuple[str, ...]
    person: int | None


@dataclass(slots=True)
class Work:
    """``now``: the moment in China. ``values``: the viewer's, by the names that slices have for them."""

    connection: Connection
    viewer: Viewer
    values: Mapping[str, Any]
    vault: Vault
    now: dt.datetime
    login: str
    limits: Limits
    wrote: list[Wrote] = field(default_factory=list)

    @staticmethod
    def key(county: str | None, number: int) -> Key:
        return Key(county, number)

    @property
    def today(self) -> dt.date:
        return self.now.date()

    async def viewer_row(self, text: str, *given: Any) -> Any:
        """The row of a statement that the viewer runs, or None; NotYours where a policy forbids it."""
        async with self._as_viewer():
            return await self.connection.fetchrow(text, *given)

    async def viewer_rows(self, text: str, *given: Any) -> list[Any]:
        async with self._as_viewer():
            return await self.connection.fetch(text, *given)

    async def own_row(self, text: str, *given: Any) -> Any:
        """With the hub's own rights: for what the rules say, whatever the viewer may see."""
        return await self.connection.fetchrow(text, *given)

    async def own_rows(self, text: str, *given: Any) -> list[Any]:
        return await self.connection.fetch(text, *given)

    def note(self, table: str, key: Key, operation: str, *columns: str, person: int | None = None) -> None:
        """Every row that is written is noted, for who follows changes and for the access log."""
        self.wrote.append(Wrote(table, key, operation, columns, person))

    def used(self, table: str, key: Key, why: str) -> None:
        """Of a record that is not written, for the access log only."""
        self.wrote.append(Wrote(table, key, "", (why,), None))

    @asynccontextmanager
    async def _as_viewer(self) -> AsyncIterator[None]:
        await self.connection.execute(f'set local role "{self.login}"')
        try:
            yield
        except asyncpg.InsufficientPrivilegeError:
            raise NotYours from None  # the transaction is over, and the role with it
        await self.connection.execute("reset role")


async def perform(verb: Verb, asked: Mutation) -> str:
    """Does it, once for each of the client's keys; what the verb raises, Busy, or Unavailable."""
    async with transaction(asked.database) as connection:
        return await _within(connection, verb, asked)


@asynccontextmanager
async def transaction(database: Database) -> AsyncIterator[Connection]:
    """Of the owner. Busy where a lock is waited for too long, Unavailable where there is no connection."""
    try:
        connection = await acquire(database.owner, PATIENCE)
        try:
            async with connection.transaction():
                await connection.execute(BOUNDS)
                yield connection
        finally:
            await database.owner.release(connection)
    except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError, asyncpg.QueryCanceledError):
        raise Busy from None
    except UNREACHABLE as error:
        raise unavailable(error) from None


async def _within(connection: Connection, verb: Verb, asked: Mutation) -> str:
    work = await begun(connection, asked)

    async def do(given: dict[str, Any]) -> Key:
        made = await doing(work, verb, given)
        await note_changes(work)
        await note_entry(work, asked)
        return made

    return (await once(work, asked, do)).text


async def begun(connection: Connection, asked: Mutation) -> Work:
    """In a transaction that knows the viewer."""
    login = asked.database.reader_role_name(asked.viewer.reader)
    await connection.execute(SET, list(asked.values), [setting(value) for value in asked.values.values()])
    return Work(connection, asked.viewer, asked.values, asked.vault, asked.now, login, asked.limits)


async def doing(work: Work, verb: Verb, given: Mapping[str, Any]) -> Key:
    return await verb(work, **{snake(name): plain(value) for name, value in given.items()})


async def note_changes(work: Work) -> None:
    """What was written, in the one sequence of changes; those who follow it are told when it is committed."""
    rows = [
        (each.table, each.key.county, each.key.id, each.operation) for each in work.wrote if each.operation
    ]
    await work.connection.executemany(CHANGE, rows)
    await work.connection.execute("select pg_notify($1, 'written')", CHANGES)


def plain(value: Any) -> Any:
    """An enum value as its code, members of an input by their names here, and text without the one character
    PostgreSQL has not."""
    if isinstance(value, list):
        return [plain(each) for each in value]
    if isinstance(value, Mapping):
        return {snake(name): plain(each) for name, each in value.items()}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str) and "\0" in value:
        raise BadArgument("Expected text without the character U+0000.", zh="文本不得含 U+0000 字符")
    return value


def words(name: str, given: str, most: int, *, zh: str | None = None) -> str:
    """Text without blanks around it; BadArgument where it is empty or too long. ``zh``: its Chinese name."""
    text = given.strip()
    if not 1 <= len(text) <= most:
        raise BadArgument(
            f"Expected {name} of 1 to {most} characters.", zh=f"{zh or name + ' '}应为 1 至 {most} 字"
        )
    return text


def key_in(given: str, table: Table[Any]) -> Key:
    """The key in a global id of a row of ``table``; BadArgument for anything else."""
    parts = parts_of(given, pascal(table.name), len(table.primary_key.columns))
    return Key(parts[0] if len(parts) == 2 else None, int(parts[-1]))
