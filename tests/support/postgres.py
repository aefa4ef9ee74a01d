"""Databases for tests: one server per run, and for every test module its own database within milliseconds.

    @pytest.fixture(scope="module")
    async def db() -> AsyncIterator[Database]:
        async with fresh_database() as database:
            yield database

The server is the embedded one, in a temporary directory; or that of ``HUB_TEST_DATABASE_URL``, whose user
needs CREATEDB and CREATEROLE. All databases of a run share the logins of the roles (see ``hub.store.roles``).
"""

from __future__ import annotations

import asyncio
import atexit
import itertools
import os
import secrets
import shutil
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch
from urllib.parse import urlsplit

import asyncpg
from pydantic import SecretStr

from hub.settings import Settings
from hub.store.cluster import SETTINGS, SUPERUSER
from hub.store.database import Database
from hub.store.embedded import DATABASE, OWNER, Embedded
from hub.store.keys import load_vault
from hub.store.roles import LOGINS, Logins

FIELD_KEY: Final = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
BASE: Final = "hub_test"
UNSAFE: Final = {"fsync": "off", "full_page_writes": "off"}
"""Of a server that no machine's end shall survive: making and dropping databases costs a fraction."""

MEMORY: Final = Path("/dev/shm")
ROOM: Final = 4 << 30
"""Bytes that a run's server may take of it: some databases of 60 MB, and as much log as PostgreSQL keeps."""

Prepare = Callable[[Database], Awaitable[None]]


async def nothing(_: Database) -> None:
    """For tests that want an empty database: no tables, no logins."""


async def everything(database: Database) -> None:
    """Tables, logins, policies and divisions, as ``hub migrate`` makes them."""
    from hub.prepare import prepare

    await prepare(database)


def _in_memory() -> Path | None:
    """A database is a thousand small files, which keep a disk busy; None where there is no room."""
    try:
        return MEMORY if shutil.disk_usage(MEMORY).free > ROOM else None
    except OSError:
        return None


class Server:
    """Where the databases of this run are made."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="hub-test-", dir=_in_memory()))
        self._embedded: Embedded | None = None
        self._run = secrets.token_hex(3)
        self._numbers = itertools.count(1)
        self._templates: dict[Prepare, str] = {}
        self._lock = asyncio.Lock()
        atexit.register(self._end)

    async def start(self) -> None:
        async with self._lock:
            if self._embedded is None and "HUB_TEST_DATABASE_URL" not in os.environ:
                with patch.dict(SETTINGS, UNSAFE):
                    self._embedded = await Embedded.start(self.directory)

    def dsn(self, database: str | None = None) -> str:
        if self._embedded is not None:
            return self._embedded.dsn(OWNER, database or DATABASE)
        url = urlsplit(os.environ["HUB_TEST_DATABASE_URL"])
        return url._replace(path=f"/{database}").geturl() if database else url.geturl()

    def settings(self, name: str, **options: Any) -> Settings:
        given = {"data_dir": self.directory / name, "field_key": FIELD_KEY, "pool_size": 4, **options}
        return Settings(database_url=SecretStr(self.dsn(name)), **given)

    async def copy(self, prepare: Prepare) -> str:
        """The name of a new database, copied from one that was prepared once."""
        async with self._lock:
            if prepare not in self._templates:
                template = await self._create("template0")
                database = await Database.open(self.settings(template))
                try:
                    await prepare(database)
                finally:
                    await database.close()
                self._templates[prepare] = template
        return await self._create(self._templates[prepare])

    @asynccontextmanager
    async def database(self, base: str) -> AsyncIterator[str]:
        """An empty database that shares no login with others; both are gone afterwards."""
        name = f"{base}__{self._run}"
        await self._execute(f"create database {name} template template0")
        settings = self.settings(name)
        logins = Logins(name, load_vault(settings), settings)
        try:
            yield name
        finally:
            await self.drop(name)
            for login in reversed(LOGINS):
                await self._execute(f"drop role if exists {logins.name(*login)}")

    def superuser_dsn(self, database: str) -> str | None:
        """Only of the embedded server; of another, nobody gave us its superuser."""
        return self._embedded.dsn(SUPERUSER, database) if self._embedded else None

    async def drop(self, name: str) -> None:
        try:
            # Ends an autovacuum that is at work there, which "force" may not unless a superuser asks.
            await self._execute(f"drop database {name}")
        except asyncpg.ObjectInUseError:
            await self._execute(f"drop database {name} with (force)")

    async def _create(self, template: str) -> str:
        name = f"{BASE}__{self._run}_{next(self._numbers)}"
        await self._execute(f"create database {name} template {template} strategy file_copy")
        return name

    async def _execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.dsn())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def _stop(self) -> None:
        if self._embedded is not None:
            await self._embedded.stop()
            return
        for template in self._templates.values():
            await self.drop(template)

    def _end(self) -> None:
        asyncio.run(self._stop())
        shutil.rmtree(self.directory, ignore_errors=True)


_servers: list[Server] = []


async def server() -> Server:
    """The one of this run, started by whoever needs it first."""
    if not _servers:
        _servers.append(Server())
    await _servers[0].start()
    return _servers[0]


@asynccontextmanager
async def fresh_database(prepare: Prepare = everything, **options: Any) -> AsyncIterator[Database]:
    """A database of its own, prepared as ``prepare`` does; ``options`` are settings."""
    here = await server()
    name = await here.copy(prepare)
    try:
        database = await Database.open(here.settings(name, **options))
        try:
            yield database
        finally:
            await database.close()
    finally:
        await here.drop(name)
