"""Bringing the database to the newest form of the tables."""

from __future__ import annotations

from importlib.resources import files
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from hub.store.database import Database

LOCK: Final = 0x6875_6221
"""Advisory lock that keeps two processes from migrating at once."""


def config() -> Config:
    found = Config()
    found.set_main_option("script_location", str(files("migrations")))
    return found


async def migrate(database: Database) -> None:
    """Run what is missing, in one transaction; a second process waits and finds nothing to do."""
    async with database.engine.begin() as connection:
        await connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": LOCK})
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    alembic = config()
    alembic.attributes["connection"] = connection
    command.upgrade(alembic, "head")


async def revisions(database: Database) -> tuple[str | None, str | None]:
    """The revision of the database and the newest there is."""
    async with database.engine.connect() as connection:
        current = await connection.run_sync(lambda c: MigrationContext.configure(c).get_current_revision())
    return current, ScriptDirectory.from_config(config()).get_current_head()
