"""Making a database ready to be used: tables, logins, policies, the division tree, the catalogues."""

from __future__ import annotations

from hub.access.policies import statements
from hub.naming import make_searchable
from hub.store.catalogues import store_catalogues
from hub.store.database import Database
from hub.store.divisions import store_divisions
from hub.store.migrate import migrate
from hub.store.roles import READERS


async def prepare(database: Database) -> None:
    """Idempotent; several processes may do it at once."""
    await migrate(database)
    await database.ensure_roles()
    await apply_policies(database)
    await store_divisions(database)
    await store_catalogues(database)
    await make_searchable(database)


async def apply_policies(database: Database) -> None:
    """Put every table under the policies of ``SLICES``, all at once."""
    logins = {role: database.reader_role_name(role) for role in READERS}
    async with database.transaction() as connection:
        await connection.execute("select pg_advisory_xact_lock(hashtext('hub policies'))")
        await connection.execute("; ".join(statements(logins)))
