"""Three duties apart (三员分离): logins of PostgreSQL with the rights that the commands of each need.

GB/T 22239-2019, 8.1.5.1 to 8.1.5.3 ask of level three that system, audit and security administration are
done by administrators who are known by themselves, by fixed commands, and that what they do is recorded.

A duty is a group in PostgreSQL that nobody logs in as; an administrator is a login that is a member of one.
Row-level security is on for every table, so each right comes with a policy. Whoever has the owner's login is
above all of it: that is the service itself, and whoever installs it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

import asyncpg

from hub.errors import BadArgument, ConfigurationError, NotFound
from hub.store.database import ADMINISTRATORS, Connection, Database
from hub.store.roles import scram, suffix_of
from hub.store.rotation import keyed_tables

SYSTEM, SECURITY, AUDIT = DUTIES = ("SYSTEM", "SECURITY", "AUDIT")
LOGIN: Final = re.compile("[a-z][a-z0-9_]{1,23}")
READ, CHANGE = "select", "select, insert, update, delete"

EVERYBODY: Final = {
    "administrator": READ,
    "alembic_version": READ,
    "division": READ,
    "contractor": READ,
    "field_key_use": READ,
}
"""What commands look at before they do anything: places, and which keys are in use."""

RIGHTS: Final[Mapping[str, Mapping[str, str]]] = {
    SYSTEM: {
        "source": CHANGE,
        "sync_run": READ,
        "trusted_document": CHANGE,
        "oauth_client": READ,
        "purpose": READ,
        "client_purpose": READ,
    },
    SECURITY: {
        "administrator": READ,
        "hub_user": CHANGE,
        "user_session": CHANGE,
        "recovery_code": CHANGE,
        "sign_in_try": CHANGE,
        "oauth_client": CHANGE,
        "oauth_grant": CHANGE,
        "oauth_code": CHANGE,
        "oauth_refresh": CHANGE,
        "oauth_request": CHANGE,
        "oauth_revoked": CHANGE,
        "purpose": CHANGE,
        "client_purpose": CHANGE,
        "oauth_provider": CHANGE,
        "user_identity": CHANGE,
        "provider_visit": CHANGE,
        "field_key_use": "select, insert",
    },
    AUDIT: {
        "access_entry": READ,
        "access_shape": READ,
        "access_batch": READ,
        "access_span": READ,
        "purpose": READ,
    },
}
BUDGETS: Final = ("cost_per_request", "cost_per_minute", "requests_per_minute", "documents_only")
"""Of a client: how much it may ask, which is the system's, and not what."""


class Administrator(NamedTuple):
    login: str
    person: str
    duty: str
    db_login: str


def group(database: Database, duty: str) -> str:
    """The group of a duty; its name is of this database alone, as those of the hub's logins are."""
    return f"{ADMINISTRATORS}{duty.lower()}_{suffix_of(database.name)}"


def statements(database: Database) -> Iterator[str]:
    """What makes the groups, and gives each what its commands need; idempotent, run by the owner."""
    for duty in DUTIES:
        name = group(database, duty)
        yield (
            f"do $$ begin create role {name} nologin noinherit; exception when duplicate_object"
            " then null; end $$"
        )
        yield f"revoke all on all tables in schema public from {name}"
        yield f"grant usage on schema public to {name}"
        yield f"grant execute on function note_act(text, text, jsonb, jsonb) to {name}"
        for table, rights in {**EVERYBODY, **RIGHTS[duty]}.items():
            yield f"grant {rights} on {table} to {name}"
            if table != "alembic_version":
                yield from _policy(table, duty, name)
    yield f"grant update ({', '.join(BUDGETS)}) on oauth_client to {group(database, SYSTEM)}"
    yield f"grant update (cost_per_minute) on client_purpose to {group(database, SYSTEM)}"
    yield from _keys(group(database, SECURITY))


def _keys(name: str) -> Iterator[str]:
    """Who rotates keys reads and writes what is sealed, and nothing that stands beside it."""
    for keyed in keyed_tables():
        table = keyed.table.name
        if table in RIGHTS[SECURITY]:
            continue
        places = dict.fromkeys((*keyed.keys, *(["county_code"] if keyed.by_county else [])))
        values = ", ".join((*keyed.sealed, *keyed.found))
        yield f"grant select ({', '.join(places)}, {values}), update ({values}) on {table} to {name}"
        yield from _policy(table, SECURITY, name)


def _policy(table: str, duty: str, name: str) -> Iterator[str]:
    policy = f"hub_admin_{duty.lower()}"
    yield f"drop policy if exists {policy} on {table}"
    yield f"create policy {policy} on {table} to {name} using (true) with check (true)"


async def ensure(database: Database) -> None:
    """The groups, as the commands of this version need them."""
    try:
        async with database.transaction() as connection:
            await connection.execute("select pg_advisory_xact_lock(hashtext('hub policies'))")
            await connection.execute("; ".join(statements(database)))
    except asyncpg.InsufficientPrivilegeError:
        raise ConfigurationError("this takes the login of the database's owner, with CREATEROLE") from None


async def add(database: Database, login: str, person: str, duty: str) -> str:
    """A new administrator's password. BadArgument for a login or person that is registered already."""
    if not LOGIN.fullmatch(login):
        raise BadArgument("A login is 2 to 24 small letters, digits and _, a letter first.")
    if duty not in DUTIES or not person.strip():
        raise BadArgument(f"A duty is one of {', '.join(DUTIES)}, and somebody has it.")
    await ensure(database)
    password, name = secrets.token_urlsafe(24), f"{ADMINISTRATORS}{login}_{suffix_of(database.name)}"
    try:
        async with database.transaction() as connection:
            await connection.execute(
                "insert into administrator (login, person, duty, db_login) values ($1, $2, $3, $4)",
                login, person.strip(), duty, name,
            )  # fmt: skip
            await _make(connection, database, name, duty, password)
    except (asyncpg.UniqueViolationError, asyncpg.DuplicateObjectError):
        raise BadArgument(
            "The login or the person is an administrator already; nobody has two duties.",
            zh="该登录名或人员已是管理员，一人不得兼任",
        ) from None
    except asyncpg.CheckViolationError:
        raise BadArgument(
            "A user of this login has a data role, which no administrator has.", zh="管理员不得持有数据角色"
        ) from None
    return password


async def _make(connection: Connection, database: Database, name: str, duty: str, password: str) -> None:
    verifier = scram(password, salt=secrets.token_bytes(16))
    owner_of = await connection.fetchval("select quote_ident(current_database())")
    await connection.execute(
        f"create role {name} login inherit password '{verifier}';"
        f" grant connect on database {owner_of} to {name};"
        f" grant {group(database, duty)} to {name}"
    )


async def remove(database: Database, login: str) -> None:
    """The administrator's login is gone at once, sessions included. NotFound for none of this name."""
    async with database.transaction() as connection:
        name = await connection.fetchval(
            "delete from administrator where login = $1 returning db_login", login
        )
        if name is None:
            raise NotFound("No administrator has this login.", zh="没有此登录名的管理员")
        # Only who has a role's rights may end its sessions.
        await connection.execute(f"alter role {name} nologin; grant {name} to current_user")
        await connection.fetch(
            "select pg_terminate_backend(pid) from pg_stat_activity where usename = $1", name
        )
        owner_of = await connection.fetchval("select quote_ident(current_database())")
        await connection.execute(f"revoke connect on database {owner_of} from {name}; drop role {name}")


async def everybody(database: Database) -> list[Administrator]:
    rows = await database.owner.fetch(
        "select login, person, duty, db_login from administrator order by duty, login"
    )
    return [Administrator(*row) for row in rows]


async def note(database: Database, operation: str, object_: str = "") -> None:
    """An entry of the access log for an act that changes no row of a registry."""
    await database.owner.execute("select note_act($1, $2)", operation, object_)
