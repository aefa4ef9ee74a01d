"""PostgreSQL as a part of the hub: nothing to install, nothing to start, nothing left behind.

Below the data directory, in ``postgres/``::

    18/        the cluster, named after the major version of PostgreSQL that made it
    lease      shared lock of every process that uses the server; see ``keeper.py``
    keeper     exclusive lock of the one process that starts and keeps the server
    endpoint   directory of the server's socket
    log        what PostgreSQL says; no values of rows (see ``cluster.py``)

The server listens on a Unix socket only, in a directory that nobody else may enter; that is why it trusts
whoever reaches it.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import subprocess
import time
from pathlib import Path
from typing import Final
from urllib.parse import quote

import asyncpg

from hub.errors import ConfigurationError, Unavailable
from hub.store.cluster import SUPERUSER, endpoint, last_words, opened, start_keeper

OWNER: Final = "hub"
DATABASE: Final = "hub"
START_SECONDS: Final = 120.0  # replaying the log after a crash takes its time
STOP_SECONDS: Final = 40.0
POLL_SECONDS: Final = 0.02


class Embedded:
    """A lease on the server of one data directory; whoever comes first starts it, the last one ends it."""

    def __init__(self, home: Path, lease: int) -> None:
        self._home = home
        self._lease: int | None = lease
        self._keeper: subprocess.Popen[bytes] | None = None

    @classmethod
    async def start(cls, data_dir: Path) -> Embedded:
        """Attach to the server of ``data_dir``; start it, and make its cluster, when there is none.

        ConfigurationError when it can never start here, Unavailable when it did not in time.
        """
        home = await asyncio.to_thread(_made_home, data_dir)
        server = cls(home, await _leased(home))
        try:
            await server._until_it_answers()
        except BaseException:
            await server.stop()
            raise
        return server

    def dsn(self, user: str = OWNER, database: str = DATABASE) -> str:
        """Connection URL on the private socket; any role of the cluster may be named."""
        host = quote(str(endpoint(self._home)), safe="")
        return f"postgresql://{quote(user, safe='')}@/{quote(database, safe='')}?host={host}"

    async def stop(self) -> None:
        """Give the lease back. When it was the last one, wait until the server has ended."""
        if self._lease is None:
            return
        lease, self._lease = self._lease, None
        last = _locked(lease, fcntl.LOCK_EX)
        os.close(lease)
        if last:
            await self._until_it_ended()
        if self._keeper is not None and self._keeper.poll() is None:
            self._keeper.returncode = 0  # it serves others now; Popen would warn of a child left running

    async def _until_it_ended(self) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        while time.monotonic() < deadline and not _used(self._home):
            lock = _try_lock(self._home / "keeper")
            if lock is not None:
                os.close(lock)
                if self._keeper is not None:
                    self._keeper.wait(STOP_SECONDS)  # it let go of the lock by exiting
                return
            await asyncio.sleep(POLL_SECONDS)

    async def _until_it_answers(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._keeper is not None and self._keeper.poll() is not None:
                raise Unavailable(f"the embedded PostgreSQL did not start: {last_words(self._home)}")
            lock = _try_lock(self._home / "keeper")
            if lock is not None:
                self._keeper = await asyncio.to_thread(start_keeper, self._home, lock)
            if await self._answers():
                return
            await asyncio.sleep(POLL_SECONDS)
        raise Unavailable(f"the embedded PostgreSQL does not answer: {last_words(self._home)}")

    async def _answers(self) -> bool:
        if not (self._home / "endpoint").exists():
            return False  # the first process is still making the cluster
        try:
            connection = await asyncpg.connect(self.dsn(), timeout=5)
        except (asyncpg.InvalidCatalogNameError, asyncpg.InvalidAuthorizationSpecificationError):
            await self._make_database()
            return False  # look again
        except asyncpg.TooManyConnectionsError:
            return True
        except (OSError, asyncpg.CannotConnectNowError, asyncpg.PostgresConnectionError):
            return False
        await connection.close()
        return True

    async def _make_database(self) -> None:
        """The owner is no superuser, so that nothing works here that would fail on an outside PostgreSQL."""
        connection = await asyncpg.connect(self.dsn(SUPERUSER, "postgres"), timeout=5)
        try:
            for statement in (
                f"CREATE ROLE {OWNER} LOGIN CREATEROLE CREATEDB",
                f"CREATE DATABASE {DATABASE} OWNER {OWNER}",
            ):
                try:
                    await connection.execute(statement)
                except (
                    asyncpg.DuplicateObjectError,
                    asyncpg.DuplicateDatabaseError,
                    asyncpg.UniqueViolationError,
                    asyncpg.ObjectInUseError,
                ):
                    continue  # there already, or another process is at it
        finally:
            await connection.close()


def _made_home(data_dir: Path) -> Path:
    home = data_dir.resolve() / "postgres"
    try:
        home.mkdir(mode=0o755, parents=True, exist_ok=True)
        for name in ("lease", "keeper"):
            os.close(opened(home / name))
    except OSError as error:
        raise ConfigurationError(
            f"the data directory {data_dir} cannot be used: {error.strerror}; "
            "a hub started by root before may have left it to another user"
        ) from None
    return home


def _locked(file: int, kind: int) -> bool:
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        raise ConfigurationError(f"the data directory's file system has no locks: {error.strerror}") from None
    return True


def _try_lock(path: Path) -> int | None:
    file = opened(path)
    if _locked(file, fcntl.LOCK_EX):
        return file
    os.close(file)
    return None


async def _leased(home: Path) -> int:
    """Waits while a keeper, whose last user is gone, ends its server."""
    lease = opened(home / "lease")
    deadline = time.monotonic() + STOP_SECONDS
    while not _locked(lease, fcntl.LOCK_SH):
        if time.monotonic() > deadline:
            os.close(lease)
            raise Unavailable("the embedded PostgreSQL is still shutting down")
        await asyncio.sleep(POLL_SECONDS)
    return lease


def _used(home: Path) -> bool:
    """Does anybody hold a lease? A keeper that ends its server does not count."""
    lease = opened(home / "lease")
    try:
        return _locked(lease, fcntl.LOCK_SH) and not _locked(lease, fcntl.LOCK_EX)
    finally:
        os.close(lease)
