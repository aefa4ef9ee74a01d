"""The logins of readers in PostgreSQL: what a role connects as, and can do nothing beyond.

The owner may act as a role, and does where a viewer writes (``hub.write.work``). Each role has two logins.
What may be done is said of the first, and the second is a member of it; they differ in how PostgreSQL plans.
The first uses one plan for any parameters, which suits a question by key, and whoever has few rows. A list of
somebody who has many takes PostgreSQL's guess of a few then, and sorts a hundred thousand to show fifty: the
second plans each statement for what it asks now.

A login belongs to one hub database, roles to the whole cluster; so its name carries a short hash of the
database's name. ``name__anything`` shares the logins of ``name``: a copy made with ``CREATE DATABASE …
TEMPLATE`` keeps its grants and policies, which name the logins.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any, Final, Literal

import asyncpg

from hub.errors import ConfigurationError
from hub.settings import Settings
from hub.store.vault import Vault

ROLES: Final = ("bureau", "township", "contractor", "agency", "operator")
OLDER: Final = {role: f"{role}_14" for role in ("bureau", "township", "contractor", "agency")}
"""As whom viewers of a role read who may not see what only a child has: nobody under 14."""
EMERGENCY: Final = "emergency"
"""As whom people are read that were opened in an emergency; nobody is registered as it."""
READERS: Final = (*ROLES, *OLDER.values(), EMERGENCY)
ROLE_OF: Final = {
    **{reader: reader for reader in READERS},
    **{older: role for role, older in OLDER.items()},
}
LOGINS: Final = tuple((reader, planned) for planned in (False, True) for reader in READERS)
"""The members come after what they are members of."""
SCRAM_ITERATIONS: Final = 4096
ATTEMPTS: Final = 20
SET_OPTION: Final = 16
"""Since this version of PostgreSQL who made a role may not act as it unless that is said."""
IDLE_IN_TRANSACTION: Final = "60s"

_FOUND: Final = """
    select r.rolname as name, r.rolcanlogin as can_login, r.rolsuper or r.rolbypassrls as above_policies,
        r.rolconfig as config, shobj_description(r.oid, 'pg_authid') as comment, r.rolinherit as inherits,
        array(select distinct g.rolname from pg_auth_members m join pg_roles g on g.oid = m.roleid
            where m.member = r.oid)::text[] as member_of,
        has_database_privilege(r.oid, current_database(), 'CONNECT') as may_connect,
        pg_has_role(r.oid, case when current_setting('server_version_num')::int < 160000
            then 'MEMBER' else 'SET' end) as may_act
    from pg_roles r where r.rolname = any($1::text[])
"""


def suffix_of(database: str) -> str:
    """What the names of a database's roles end with."""
    return hashlib.sha256(database.partition("__")[0].encode()).hexdigest()[:8]


class Logins:
    """The logins of one database, and how they must look."""

    def __init__(self, database: str, vault: Vault, settings: Settings) -> None:
        self._suffix = suffix_of(database)
        self._vault = vault
        self._comment = f"civil-affairs hub, field key {vault.derive('fingerprint', 8).hex()}"
        # Of the role and not of the connection: pgbouncer refuses these as parameters at connect.
        self._config = {
            "statement_timeout": f"{settings.statement_timeout_ms}ms",
            "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION,
            "jit": "off",
        }

    def config(self, planned: bool) -> dict[str, str]:
        """Settings of a login."""
        return {**self._config, "plan_cache_mode": f"force_{'custom' if planned else 'generic'}_plan"}

    def name(self, role: str, planned: bool = False) -> str:
        """A login of a reader: at most 38 characters, none of which needs quoting."""
        if role not in READERS:
            raise ValueError(f"no reader of the hub; expected one of {READERS}")
        return f"hub_{role}_planned_{self._suffix}" if planned else f"hub_{role}_{self._suffix}"

    def password(self, name: str) -> str:
        """Derived from the field key, so that every process of the hub knows it and nothing stores it."""
        return urlsafe_b64encode(self._vault.derive(f"login {name}")).rstrip(b"=").decode()

    async def state(self, connection: Any) -> Literal["none", "stale", "ready"]:
        """ConfigurationError when there are some that this hub must not touch."""
        found = await self._found(connection)
        for login in LOGINS:
            self._refuse_foreign(found.get(self.name(*login)), *login)
        if len(found) == len(LOGINS) and all(self._is_ready(found, *login) for login in LOGINS):
            return "ready"
        return "stale" if found else "none"

    async def ensure(self, pool: asyncpg.Pool[asyncpg.Record]) -> None:
        """Make the logins, or bring them up to date; idempotent, and safe when several processes do it."""
        for _ in range(ATTEMPTS):
            try:
                async with pool.acquire() as connection, connection.transaction():
                    await connection.execute("select pg_advisory_xact_lock(hashtext('hub logins'))")
                    if await self.state(connection) != "ready":
                        await self._write(connection)
                return
            except (asyncpg.UniqueViolationError, asyncpg.DuplicateObjectError, asyncpg.InternalServerError):
                # The lock is of one database, roles are of all: a copy of it was working on the same rows.
                await asyncio.sleep(0.05)
            except asyncpg.InsufficientPrivilegeError as error:
                raise ConfigurationError(
                    f"the owner of the database must be allowed CREATEROLE, and own the hub's logins: {error}"
                ) from None
        raise ConfigurationError("the logins of the hub could not be made: they change all the time")

    async def _found(self, connection: Any) -> dict[str, asyncpg.Record]:
        rows = await connection.fetch(_FOUND, [self.name(*login) for login in LOGINS])
        return {row["name"]: row for row in rows}

    def _member_of(self, role: str, planned: bool) -> list[str]:
        return [self.name(role)] if planned else []

    def _refuse_foreign(self, row: asyncpg.Record | None, role: str, planned: bool) -> None:
        if row is None:
            return
        if row["above_policies"]:
            raise ConfigurationError(f"the login {row['name']} may pass row-level security; it must not")
        foreign = set(row["member_of"]) - {*self._member_of(role, planned)}
        if foreign:
            raise ConfigurationError(f"the login {row['name']} is a member of {min(foreign)}; it must not be")
        comment = row["comment"] or self._comment
        if comment != self._comment:
            raise ConfigurationError(
                "this database was set up with another field key; give HUB_FIELD_KEY, or keys/field.key, "
                "of then: with any other, no identity number can be read or found"
            )

    def _is_ready(self, found: Mapping[str, asyncpg.Record], role: str, planned: bool) -> bool:
        row = found[self.name(role, planned)]
        config = {f"{name}={value}" for name, value in self.config(planned).items()}
        return bool(
            row["can_login"]
            and row["may_connect"]
            and (planned or row["may_act"])
            and row["comment"] == self._comment
            and set(row["config"] or ()) == config
            and row["inherits"] == planned
            and row["member_of"] == self._member_of(role, planned)
        )

    async def _write(self, connection: Any) -> None:
        there = await self._found(connection)
        database = await connection.fetchval("select quote_ident(current_database())")
        owner = await connection.fetchval("select quote_ident(current_user)")
        act = " with inherit false, set true" if connection.get_server_version().major >= SET_OPTION else ""
        for role, planned in LOGINS:
            name = self.name(role, planned)
            verb = "alter role" if name in there else "create role"
            inherit = "inherit" if planned else "noinherit"
            verifier = scram(self.password(name), salt=self._vault.derive(f"salt {name}", 16))
            statements = [
                f"{verb} {name} login {inherit} password '{verifier}'",
                *(f"alter role {name} set {key} = '{value}'" for key, value in self.config(planned).items()),
                f"grant connect on database {database} to {name}",
                f"comment on role {name} is '{self._comment}'",
            ]
            if planned:
                statements.append(f"grant {self.name(role)} to {name}")
            elif not (name in there and there[name]["may_act"]):
                statements.append(f"grant {name} to {owner}{act}")
            await connection.execute("; ".join(statements))


def scram(password: str, *, salt: bytes) -> str:
    """What PostgreSQL stores of a password (RFC 5803); the password itself would stand in its log."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, SCRAM_ITERATIONS)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    parts = [b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${SCRAM_ITERATIONS}:{parts[0]}${parts[1]}:{parts[2]}"
