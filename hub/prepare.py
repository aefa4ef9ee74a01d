"""Making a database ready to be used: tables, logins, policies, the division tree."""

from __future__ import annotations

from dataclasses import astuple, fields

from hub.access.policies import statements
from hub.domain.division import DivisionRow, load_divisions
from hub.naming import make_searchable
from hub.store.database import Database
from hub.store.migrate import migrate
from hub.store.roles import READERS

COLUMNS = [f.name for f in fields(DivisionRow)]


async def prepare(database: Database) -> None:
    """Idempotent; several processes may do it at once."""
    await migrate(database)
    await database.ensure_roles()
    await apply_policies(database)
    await store_divisions(database)
    await make_searchable(database)


async def apply_policies(database: Database) -> None:
    """Put every table under the policies of ``SLICES``, all at once."""
    logins = {role: database.reader_role_name(role) for role in READERS}
    async with database.transaction() as connection:
        await connection.execute("select pg_advisory_xact_lock(hashtext('hub policies'))")
        await connection.execute("; ".join(statements(logins)))


async def store_divisions(database: Database) -> None:
    """Bring the division tree to the edition in ``hub/domain/data``; nothing is ever removed."""
    names = ", ".join(COLUMNS)
    new = ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])
    known, told = (", ".join(f"{row}.{name}" for name in COLUMNS) for row in ("division", "n"))
    async with database.transaction() as connection:
        await connection.execute("create temp table new_division (like division) on commit drop")
        await connection.copy_records_to_table(
            "new_division", columns=COLUMNS, records=[astuple(row) for row in load_divisions()]
        )
        done = await connection.execute(
            # Triggers make the names of all these rows searchable: those that stand are not written again.
            f"insert into division ({names}) select {names} from new_division n where not exists ("
            f"select from division where division.code = n.code and ({known}) is not distinct from ({told}))"
            f" order by depth on conflict (code) do update set {new}"
        )
        if done != "INSERT 0 0":
            # Prices count on it from the first request on, and autovacuum comes a minute later.
            await connection.execute("analyze division")
