"""The one way to PostgreSQL: the owner's connections, and those of each role."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast
from urllib.parse import urlsplit

import asyncpg
from asyncpg.connect_utils import SessionAttribute
from asyncpg.pool import PoolConnectionProxy
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from hub.errors import ConfigurationError, Unavailable
from hub.settings import Settings
from hub.store.binaries import OLDEST_MAJOR
from hub.store.embedded import Embedded
from hub.store.keys import load_vault
from hub.store.lender import (
    IDLE_SECONDS,
    PATIENCE,
    UNREACHABLE,
    Lender,
    Pool,
    acquire,
    unavailable,
)
from hub.store.roles import Logins
from hub.store.together import Together

# asyncpg's classes take a type argument in the stubs only.
Connection: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"
Fetch: TypeAlias = "Callable[..., Awaitable[list[asyncpg.Record]]]"
"""``Database.fetch``, or that of a connection."""
if TYPE_CHECKING:
    _Plain = asyncpg.Connection[asyncpg.Record]
else:
    _Plain = asyncpg.Connection

ADMINISTRATORS: Final = "hub_admin_"
"""How their logins begin."""
CONNECT_SECONDS: Final = 10.0
CLOSE_SECONDS: Final = 10.0
GIVEN_BACK_SECONDS: Final = 10.0
"""Of a connection that a lender had aside for ``IDLE_SECONDS`` and gave back; then it is closed."""
ASKING: Final = 2
Login: TypeAlias = tuple[str, bool, bool]
"""Role, planned, primary: see ``Database.reader``."""
# Given at connect and never by SET: a pooler hands sessions on. pgbouncer passes these two.
SESSION: Final = {"application_name": "civil-affairs-hub", "timezone": "Asia/Shanghai"}
# The compiled statements of a role are few and long, and stay: asyncpg would drop those above 15 KB,
# and all of them after five minutes, and prepare them again and again.
STATEMENTS: Final[dict[str, Any]] = {
    "statement_cache_size": 128,
    "max_cacheable_statement_size": 0,
    "max_cached_statement_lifetime": 0,
}


class Stateless(_Plain):
    """Of a reader, who sets nothing that outlives his transaction; so giving back costs no round trip."""

    def get_reset_query(self) -> str:
        return ""


class Owned(_Plain):
    """Of the owner, who may leave something behind in a session; to reset that costs a round trip."""

    _is_clean = False

    def leaves_nothing(self) -> None:
        """Said before it is given back, once."""
        self._is_clean = True

    def get_reset_query(self) -> str:
        clean, self._is_clean = self._is_clean, False
        return "" if clean else super().get_reset_query()


class Database:
    """Connections of one process. ``owner`` may do everything, and passes row-level security."""

    owner: Pool
    name: str
    is_owner: bool
    """Else of an administrator (``hub.store.administrators``), who may do what that duty takes."""

    def __init__(
        self, settings: Settings, dsn: str, embedded: Embedded | None, actor: str | None = None
    ) -> None:
        self._settings = settings
        self._session = SESSION if actor is None else {**SESSION, "application_name": f"hub by {actor}"}
        self._dsn = dsn
        self._embedded = embedded
        self._readers: dict[Login, Pool] = {}
        self._lenders: dict[Login, Lender] = {}
        self._together: dict[Login, Together] = {}
        self._asking: Lender | None = None
        self._writing: Lender | None = None
        self._noting: Together | None = None
        self._several = "," in dsn  # hosts; a comma elsewhere costs a second pool and nothing else

    @classmethod
    async def open(cls, settings: Settings, actor: str | None = None) -> Database:
        """Connect to ``HUB_DATABASE_URL``, or to the embedded PostgreSQL, started when it does not run.

        ``actor``: who gives a command, for the access log, which has an entry of what it changes then.
        ConfigurationError when it is no PostgreSQL the hub can use, or was set up with another field key;
        Unavailable when it does not answer.
        """
        if settings.database_url is None:
            embedded = await Embedded.start(settings.data_dir)
            database = cls(settings, embedded.dsn(), embedded, actor)
        else:
            database = cls(settings, _outside(settings.database_url.get_secret_value()), None, actor)
        try:
            await database._connect()
        except BaseException:
            await database.close()
            raise
        return database

    async def reader(self, role: str, *, planned: bool = False, primary: bool = False) -> Pool:
        """Connections that log in as the role's own login, and see what its policies show.

        ``planned``: every statement is planned for its parameters (``hub.store.roles``). ``primary``: on the
        host that can write, for who must not read what a replica has not got yet.
        """
        key = role, planned, primary and self._several
        pool = self._readers.get(key)
        return pool if pool is not None else await self._open_reader(*key)

    async def lender(self, role: str, *, planned: bool = False, primary: bool = False) -> Lender:
        """The same connections, for who asks one statement at a time."""
        key = role, planned, primary and self._several
        found = self._lenders.get(key)
        if found is None:
            pool = await self.reader(role, planned=planned, primary=primary)
            longest = self._settings.statement_timeout_ms / 1000 + PATIENCE
            found = self._lenders.setdefault(key, Lender(pool, self._settings.pool_size, longest))
        return found

    async def together(self, role: str, *, planned: bool = False, primary: bool = False) -> Together:
        """The same connections, for short statements that many ask at once."""
        key = role, planned, primary and self._several
        found = self._together.get(key)
        if found is None:
            lender = await self.lender(role, planned=planned, primary=primary)
            found = self._together.setdefault(key, Together(lender))
        return found

    async def asking(self) -> Lender:
        """The owner's, for the few short questions that are put again and again."""
        if self._asking is None:
            self._asking = await self._short()
        return self._asking

    async def noting(self) -> Together:
        """As many more, for what many note at once: whatever is noted can be noted again.

        Apart, since who notes waits for the disk, for a standby and for locks, and every request asks.
        """
        if self._noting is None:
            self._writing = await self._short()
            self._noting = Together(self._writing)
        return self._noting

    async def _short(self) -> Lender:
        # No connection yet, so this suspends nowhere.
        pool = await asyncpg.create_pool(
            self._dsn,
            connection_class=Stateless,
            min_size=0,
            max_size=ASKING,
            max_inactive_connection_lifetime=GIVEN_BACK_SECONDS,
            **self._owner_options(),
        )
        return Lender(pool, ASKING, PATIENCE)

    async def fetch(self, text: str, *given: Any, seconds: float = PATIENCE) -> list[asyncpg.Record]:
        """Rows of a short question with the owner's rights.

        Unavailable when PostgreSQL is; or when a connection, or the rows, take longer than ``seconds``.
        """
        try:
            connection = await acquire(self.owner, seconds)
            try:
                found = await connection.fetch(text, *given, timeout=seconds)
                cast(Owned, connection).leaves_nothing()  # one statement, and no setting
                return found
            finally:
                await self.owner.release(connection)
        except UNREACHABLE as error:
            raise unavailable(error) from None

    def reader_role_name(self, role: str) -> str:
        """The login of a hub role, for grants and policies; ValueError when there is no such role."""
        return self._logins.name(role)

    async def ensure_roles(self) -> None:
        """Make the logins of the roles, or bring them up to date. Needs CREATEROLE."""
        await self._logins.ensure(self.owner)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """A transaction with the owner's rights."""
        async with self.owner.acquire() as connection, connection.transaction():
            yield connection

    async def connect(self) -> asyncpg.Connection[asyncpg.Record]:
        """A connection of the owner outside the pool, for LISTEN; the caller closes it."""
        return await asyncpg.connect(self._dsn, **self._owner_options())

    @cached_property
    def engine(self) -> AsyncEngine:
        """SQLAlchemy with the owner's rights."""
        return create_async_engine(
            "postgresql+asyncpg://",
            async_creator=self.connect,
            pool_size=self._settings.pool_size,
            max_overflow=0,
        )

    async def close(self) -> None:
        """End all connections; and the embedded server, when no other process uses it."""
        if "engine" in self.__dict__:
            await self.engine.dispose()
        lenders = [*self._lenders.values(), *filter(None, (self._asking, self._writing))]
        pools = {*self._readers.values(), *(lender.pool for lender in lenders)}
        if hasattr(self, "owner"):
            pools.add(self.owner)
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                for lender in lenders:
                    await lender.close()
                await asyncio.gather(*(pool.close() for pool in pools))
        except TimeoutError:
            for pool in pools:
                pool.terminate()  # somebody keeps a connection: he would keep the process too
        if self._embedded is not None:
            await self._embedded.stop()

    async def _connect(self) -> None:
        try:
            self.owner = await asyncpg.create_pool(
                self._dsn,
                connection_class=Owned,
                min_size=1,
                max_size=self._settings.pool_size,
                max_inactive_connection_lifetime=IDLE_SECONDS,
                **self._owner_options(),
            )
        except (OSError, asyncpg.PostgresConnectionError, asyncpg.CannotConnectNowError) as error:
            raise Unavailable(f"PostgreSQL does not answer: {type(error).__name__}") from None
        except (asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise ConfigurationError(f"PostgreSQL refuses HUB_DATABASE_URL: {error}") from None
        async with self.owner.acquire() as connection:
            await self._check(connection)

    async def _check(self, connection: Connection) -> None:
        major = connection.get_server_version().major
        if major < OLDEST_MAJOR:
            raise ConfigurationError(f"PostgreSQL {OLDEST_MAJOR} or newer is needed, this is {major}")
        self.name = await connection.fetchval("select current_database()")
        self.is_owner = not (await connection.fetchval("select current_user")).startswith(ADMINISTRATORS)
        if not self.is_owner:
            return  # who administers opens no reader, and need not know the field key
        self._logins = Logins(self.name, load_vault(self._settings), self._settings)
        if await self._logins.state(connection) == "stale":  # a setting changed since
            await self._logins.ensure(self.owner)

    async def _open_reader(self, role: str, planned: bool, primary: bool) -> Pool:
        # No connection yet, so this suspends nowhere and two callers cannot both get here.
        name = self._logins.name(role, planned)
        pool = asyncpg.create_pool(
            self._dsn,
            user=name,
            password=self._logins.password(name),
            connection_class=Stateless,
            min_size=0,
            max_size=self._settings.pool_size,
            max_inactive_connection_lifetime=GIVEN_BACK_SECONDS,
            timeout=CONNECT_SECONDS,
            server_settings=SESSION,
            target_session_attrs=SessionAttribute.read_write if primary else None,
            **STATEMENTS,
        )
        self._readers[role, planned, primary] = await pool
        return self._readers[role, planned, primary]

    def _owner_options(self) -> dict[str, Any]:
        return {
            "timeout": CONNECT_SECONDS,
            "server_settings": self._session,
            # Of several hosts, the one that can write; readers go where the URL says.
            "target_session_attrs": SessionAttribute.read_write,
            **STATEMENTS,
        }


def _outside(url: str) -> str:
    if urlsplit(url).scheme not in ("postgresql", "postgres"):
        raise ConfigurationError("HUB_DATABASE_URL must be postgresql://owner:password@host/name")
    return url
