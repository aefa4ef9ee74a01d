"""A migrated database has the tables, columns, labels, keys and indexes that ``hub.tables`` declares."""

from __future__ import annotations

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from hub.store.migrate import config, migrate
from hub.tables import metadata
from tests.support.postgres import fresh_database


async def test_what_is_declared_is_what_migrations_make() -> None:
    async with fresh_database() as database, database.engine.connect() as connection:
        differences = await connection.run_sync(
            lambda here: compare_metadata(MigrationContext.configure(here), metadata)
        )
    assert differences == []


async def test_grants_of_locked_users_end_with_the_upgrade() -> None:
    """A lock did not end them before 0026. All others stay, and those that ended keep the time."""

    def down(connection: Connection) -> None:
        alembic = config()
        alembic.attributes["connection"] = connection
        command.downgrade(alembic, "0025")

    async with fresh_database() as database:
        async with database.engine.begin() as connection:
            await connection.run_sync(down)
        await database.owner.execute("""
            insert into oauth_client (client_id, name, role, jwks) values ('portal', '', 'operator', '{}');
            insert into hub_user (login, display_name, role, scopes, status, password_hash)
            values ('open', '甲', 'operator', '{}', 'ACTIVE', ''),
                ('locked', '乙', 'operator', '{}', 'SUSPENDED', '');
            insert into oauth_grant (client_id, user_id, scopes, expires_at, revoked_at)
            select 'portal', id, '{}', 'infinity', ended from hub_user,
                unnest(array[null, '2020-01-01'::timestamptz]) ended
        """)
        await migrate(database)
        rows = await database.owner.fetch(
            "select login, revoked_at::date::text as ended, revoked_at > now() - interval '1 hour' as now"
            " from oauth_grant g join hub_user u on u.id = g.user_id order by 1, 2 nulls last"
        )
        series = await database.owner.fetchval("select token_series from oauth_client")
    ended = [(row["login"], "now" if row["now"] else row["ended"]) for row in rows]
    assert ended == [("locked", "2020-01-01"), ("locked", "now"), ("open", "2020-01-01"), ("open", None)]
    assert series == 0
