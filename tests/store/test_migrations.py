"""A migrated database has the tables, columns, labels, keys and indexes that ``hub.tables`` declares."""

from __future__ import annotations

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from hub.tables import metadata
from tests.support.postgres import fresh_database


async def test_what_is_declared_is_what_migrations_make() -> None:
    async with fresh_database() as database, database.engine.connect() as connection:
        differences = await connection.run_sync(
            lambda here: compare_metadata(MigrationContext.configure(here), metadata)
        )
    assert differences == []
