"""Connections that are lent to one statement after the other, without a round through the pool.

asyncpg's pool starts a task, a timer and two context managers for every statement, which costs as much as a
short statement itself. What went well is put aside here for the next; whatever did not goes back to the
pool, which looks after cancelled queries and broken connections.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

import asyncpg
import structlog
from asyncpg.pool import PoolConnectionProxy

from hub.errors import Unavailable

log = structlog.get_logger(__name__)

Pool: TypeAlias = "asyncpg.Pool[asyncpg.Record]"
if TYPE_CHECKING:
    Connection: TypeAlias = PoolConnectionProxy[asyncpg.Record]

T = TypeVar("T")

IDLE_SECONDS: Final = 300.0
"""A connection that nobody used for so long is given back."""
PATIENCE: Final = 5.0
"""Seconds a request waits for its turn, and for a connection."""
LOOK_SECONDS: Final = 5.0
"""Between two looks at what is out and aside; a timer for every statement costs a tenth of a short one."""

OF_THE_STATEMENT: Final = (asyncpg.QueryCanceledError, asyncpg.OutOfMemoryError)
UNREACHABLE: Final = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.OperatorInterventionError,
    asyncpg.InterfaceError,
)
"""PostgreSQL is gone, full, or being shut down; or it does not answer in time, which is an OSError too."""


async def acquire(pool: Pool, seconds: float) -> Connection:
    """A connection, to be released within ``seconds`` too; a refusal is one of ``UNREACHABLE``."""
    try:
        return await pool.acquire(timeout=seconds)
    except asyncpg.PostgresError as refused:
        raise ConnectionRefusedError from refused


def unavailable(error: Exception) -> Unavailable:
    """What a client is told of one of ``UNREACHABLE``."""
    if isinstance(error, TimeoutError):
        return Unavailable("The connections are busy; try again later.", zh="数据库繁忙，请稍后再试")
    log.error("database_unreachable", exc_info=error)
    return Unavailable()


class Lender:
    """At most ``most`` connections of ``pool`` are out or put aside; who comes then waits ``PATIENCE``.

    ``longest``: seconds a statement may take. PostgreSQL ends most itself, but not when it has halted.
    """

    def __init__(self, pool: Pool, most: int, longest: float) -> None:
        self.pool = pool
        self._left = most
        self._longest = longest
        self._out: dict[Connection, float] = {}
        self._aside: deque[tuple[Connection, float]] = deque()
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._looking: asyncio.TimerHandle | None = None
        self._returning: asyncio.Future[Any] | None = None
        self._closed = False

    async def fetchval(self, text: str, *given: Any) -> Any:
        """The first value of a statement."""
        row = await self.fetchrow(text, *given)
        return row[0] if row else None

    async def fetchrow(self, text: str, *given: Any) -> asyncpg.Record | None:
        """The first row of a statement. Unavailable when PostgreSQL is, or no connection gets free."""
        return await self._lend(lambda connection: connection.fetchrow(text, *given))

    async def fetchvals(self, text: str, several: Sequence[Sequence[Any]]) -> list[Any]:
        """The one value of a statement for each of ``several``, in one round trip and one transaction.

        They succeed together or fail together; otherwise like ``fetchrow``.
        """
        rows = await self._lend(lambda connection: connection.fetchmany(text, several))
        return [row[0] for row in rows]

    async def _lend(self, use: Callable[[Connection], Awaitable[T]]) -> T:
        try:
            connection = await self._take()
            self._out[connection] = monotonic()
            if self._looking is None:
                self._look_later()
            try:
                found = await use(connection)
            except BaseException:
                await self._back(connection)
                raise
            finally:
                del self._out[connection]
        except OF_THE_STATEMENT:
            raise
        except UNREACHABLE as error:
            raise unavailable(error) from None
        if self._closed:
            await self._back(connection)
        else:
            self._put(connection)
        return found

    async def close(self) -> None:
        """Give back what is aside; what is out comes to the pool when it is done."""
        self._closed = True
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        while self._aside:
            await self._back(self._aside.pop()[0])

    async def _take(self) -> Connection:
        while True:
            while self._aside:
                connection, _ = self._aside.pop()
                if not _is_closed(connection):
                    return connection
                await self._back(connection)
            if self._left:
                return await self._acquire()
            given = await self._wait()
            if given is not None:
                return given

    async def _acquire(self) -> Connection:
        self._left -= 1
        try:
            return await acquire(self.pool, PATIENCE)
        except BaseException:
            self._more_room()
            raise

    async def _wait(self) -> Connection | None:
        """The next connection that is done with; None: there is room for another."""
        waiting: asyncio.Future[Connection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        try:
            async with asyncio.timeout(PATIENCE):
                return await waiting
        except BaseException:
            if waiting.done() and not waiting.cancelled():  # it came at the last moment
                given = waiting.result()
                self._next(None) if given is None else self._put(given)
            raise

    def _put(self, connection: Connection) -> None:
        if self._next(connection):
            return
        self._aside.append((connection, monotonic()))

    def _look_later(self) -> None:
        self._looking = asyncio.get_running_loop().call_later(LOOK_SECONDS, self._look)

    def _look(self) -> None:
        """Cut what is out for too long, and give back what is aside for too long, asked or not."""
        self._looking, now = None, monotonic()
        for connection, since in [*self._out.items()]:
            if since <= now - self._longest and not _is_closed(connection):
                connection.terminate()
        idle = []
        while self._aside and self._aside[0][1] <= now - IDLE_SECONDS:
            idle.append(self._back(self._aside.popleft()[0]))
        self._returning = asyncio.gather(*idle, return_exceptions=True)  # held, or it might be collected
        if self._aside or self._out:
            self._look_later()

    def _next(self, connection: Connection | None) -> bool:
        """Wake who waited longest."""
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(connection)
                return True
        return False

    async def _back(self, connection: Connection) -> None:
        try:
            await self.pool.release(connection)
        finally:
            self._more_room()

    def _more_room(self) -> None:
        self._left += 1
        self._next(None)


def _is_closed(connection: Connection) -> bool:
    """The pool takes one back by itself when PostgreSQL ends it, and then it answers nothing."""
    try:
        return connection.is_closed()
    except asyncpg.InterfaceError:
        return True
