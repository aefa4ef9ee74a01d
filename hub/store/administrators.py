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

from hub.errors import BadArgument, ConfigurationError, NotFound, Unavailable
from hub.store.database import ADMINISTRATORS, Connection, Database
from hub.store.roles import scram, suffix_of
from hub.store.rotation import keyed_tables

SYSTEM, SECURITY, AUDIT = DUTIES = ("SYSTEM", "SECURITY", "AUDIT")
LOGIN: Final = re.compile("[a-z][a-z0-9_]{1,23}")
READ, END, CHANGE = "select", "select, delete", "select, insert, update, delete"
"""``END``: of sessions and the like. Who could make one would be anybody, and no trigger tells of it."""

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
        "source": "select, insert",
        "precedence_rule": "select, insert",
        "sync_run": READ,
        "source_column": READ,
        "source_drift": READ,
        "run_list": READ,
        "dropped_cells": READ,
        "reconciliation": READ,
        "trusted_document": CHANGE,
        "oauth_client": READ,
        "purpose": READ,
        "client_purpose": READ,
        "job": END,
    },
    SECURITY: {
        "administrator": READ,
        "hub_user": CHANGE,
        "user_session": END,
        "recovery_code": END,
        "sign_in_try": END,
        "oauth_client": CHANGE,
        "oauth_grant": READ,
        "purpose": CHANGE,
        "client_purpose": CHANGE,
        "question_day": READ,
        "dci_party": CHANGE,
        "webhook": CHANGE,
        "webhook_place": CHANGE,
        "webhook_letter": CHANGE,
        "oauth_provider": CHANGE,
        "user_identity": CHANGE,
        "former_identity": CHANGE,
        "provider_visit": END,
        "field_key_use": "select, insert",
        "settled_county": END,
    },
    AUDIT: {
        "access_entry": READ,
        "access_shape": READ,
        "access_batch": READ,
        "access_span": READ,
        "purpose": READ,
    },
}
COLUMNS: Final[Mapping[str, Mapping[str, str]]] = {
    SYSTEM: {
        "source": "name, connector, division_code, location, max_age_hours, most_lost_percent, secrets,"
        " every_minutes, window_from, window_until, correction_days",
        "precedence_rule": "ends_on",
        "oauth_client": "cost_per_request, cost_per_minute, requests_per_minute, questions_per_minute,"
        " questions_per_day, documents_only",
        "client_purpose": "cost_per_minute, questions_per_minute, questions_per_day",
    },
    SECURITY: {"oauth_grant": "revoked_at"},
    AUDIT: {},
}
"""What may be changed of a table, and no more. How much a client asks is the system's, and not what."""
CHECKS: Final = {"oauth_grant": "revoked_at is not null"}
"""A grant that was taken back stays so."""

AGAIN: Final = """
    update administrator set db_login = $4 where (login, person, duty) = ($1, $2, $3) returning true"""
TRIES: Final = 5
NOTE: Final = "select note_act($1, $2)"
REGISTER: Final = """
    insert into administrator (login, person, duty, db_login) select $1, $2::text, $3, $4
    where not exists (select from administrator
        where lower(normalize(person, nfkc)) = lower(normalize($2::text, nfkc))) returning true"""
"""However a staff number is written, it is one person's."""
DEVIATIONS: Final = f"""
    with login as (select * from pg_roles where rolname ~ ('^{ADMINISTRATORS}.*_' || $3 || '$')
            and rolname <> all ($1)),
        duty as (select * from unnest($1::text[], $2::text[]) as d (name, duty))
    select login || ' has no login here: `hub admin add` or `hub admin remove`' as said
    from administrator where '{ADMINISTRATORS}' || login || '_' || $3 not in (select rolname from login)
    union all
    select m.rolname || ' is a member of ' || g.rolname || ', unregistered: `hub admin remove`, or revoke it'
    from pg_auth_members a join pg_roles g on g.oid = a.roleid join pg_roles m on m.oid = a.member
    where m.rolname <> current_user and (g.rolname = any ($1) or m.rolname in (select rolname from login))
        and not exists (select from administrator r join duty d on d.duty = r.duty
            where r.db_login = m.rolname and d.name = g.rolname)
    union all
    select rolname || ' may do more in PostgreSQL than an administrator' from login
    where rolsuper or rolcreaterole or rolcreatedb or rolbypassrls or rolreplication
    order by 1"""


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
        for table, columns in COLUMNS[duty].items():
            yield f"grant update ({columns}) on {table} to {name}"
    yield from _keys(group(database, SECURITY))
    # In a cluster that was upgraded from PostgreSQL 14 everybody may put functions in the owner's way.
    yield "revoke create on schema public from public"


def _keys(name: str) -> Iterator[str]:
    """Who rotates keys reads and writes what is sealed, and nothing that stands beside it."""
    for keyed in keyed_tables():
        table = keyed.table.name
        if RIGHTS[SECURITY].get(table) == CHANGE:
            continue
        places = dict.fromkeys((*keyed.keys, *(["county_code"] if keyed.by_county else [])))
        values = ", ".join((*keyed.sealed, *keyed.found))
        yield f"grant select ({', '.join(places)}, {values}), update ({values}) on {table} to {name}"
        yield from _policy(table, SECURITY, name)


def _policy(table: str, duty: str, name: str) -> Iterator[str]:
    policy = f"hub_admin_{duty.lower()}"
    yield f"drop policy if exists {policy} on {table}"
    yield f"create policy {policy} on {table} to {name} using (true) with check ({CHECKS.get(table, 'true')})"


async def ensure(database: Database) -> None:
    """The groups, as the commands of this version need them. Unavailable where others keep holding tables."""
    for _ in range(TRIES):
        try:
            return await _ensure(database)
        except asyncpg.DeadlockDetectedError:
            continue  # each policy takes its table for itself, in an order that no reader knows of
    raise Unavailable("the tables are in use; try again when less is going on")


async def _ensure(database: Database) -> None:
    try:
        async with database.transaction() as connection:
            await connection.execute("select pg_advisory_xact_lock(hashtext('hub policies'))")
            await connection.execute("; ".join(statements(database)))
    except asyncpg.InsufficientPrivilegeError:
        raise ConfigurationError("this takes the login of the database's owner, with CREATEROLE") from None


class Made(NamedTuple):
    """A login that was made. ``again``: for who is registered already, or in place of one nobody had."""

    db_login: str
    password: str
    again: bool


async def add(database: Database, login: str, person: str, duty: str) -> Made:
    """A new administrator; or a new login for one whose login did not come along with a dump.

    BadArgument for a login or person that is registered otherwise, or has a login.
    """
    if not _is_login(login):
        raise BadArgument("A login is 2 to 24 small letters, digits and _, a letter first, and no duty.")
    if duty not in DUTIES or not person.strip():
        raise BadArgument(f"A duty is one of {', '.join(DUTIES)}, and somebody has it.")
    await ensure(database)
    password, name = secrets.token_urlsafe(24), _db_login(database, login)
    try:
        async with database.transaction() as connection:
            there = await _exists(connection, name)
            same = await connection.fetchval(AGAIN, login, person.strip(), duty, name)
            if there and same:
                raise _taken()
            if same:
                await connection.execute(NOTE, "renew administrator", login)
            elif not await connection.fetchval(REGISTER, login, person.strip(), duty, name):
                raise _taken()
            if there:
                await _clear(connection, name)
            await _make(connection, database, name, duty, password)
    except (asyncpg.UniqueViolationError, asyncpg.DuplicateObjectError):
        raise _taken() from None
    except asyncpg.CheckViolationError:
        raise BadArgument(
            "A user of this login has a data role, which no administrator has.", zh="管理员不得持有数据角色"
        ) from None
    return Made(name, password, bool(there or same))


async def _make(connection: Connection, database: Database, name: str, duty: str, password: str) -> None:
    verifier = scram(password, salt=secrets.token_bytes(16))
    owner_of = await connection.fetchval("select quote_ident(current_database())")
    await connection.execute(
        f"create role {name} login inherit password '{verifier}';"
        f" grant connect on database {owner_of} to {name};"
        f" grant {group(database, duty)} to {name}"
    )


async def remove(database: Database, login: str) -> None:
    """What there is of the administrator is gone at once, sessions included: the registration, which may
    have come with a dump without its login, and the login, which may have stayed where a dump had none.

    NotFound for neither.
    """
    if not _is_login(login):
        raise _nobody()
    name = _db_login(database, login)
    async with database.transaction() as connection:
        # One that came from a database of another name has its login there, which stays.
        registered = await connection.fetchval(
            "delete from administrator where login = $1 returning 1", login
        )
        there = await _exists(connection, name)
        if there:
            await _clear(connection, name)
            if not registered:
                await connection.execute(NOTE, "remove login", name)
        elif not registered:
            raise _nobody()


async def _clear(connection: Connection, name: str) -> None:
    """A login of this database is gone."""
    # Only who has a role's rights may end its sessions.
    await connection.execute(f"alter role {name} nologin; grant {name} to current_user")
    await connection.fetch("select pg_terminate_backend(pid) from pg_stat_activity where usename = $1", name)
    owner_of = await connection.fetchval("select quote_ident(current_database())")
    await connection.execute(f"revoke connect on database {owner_of} from {name}; drop role {name}")


def _is_login(text: str) -> bool:
    """The groups are named by the duties."""
    return LOGIN.fullmatch(text) is not None and text.upper() not in DUTIES


def _taken() -> BadArgument:
    return BadArgument(
        "The login or the person is an administrator already; nobody has two duties.",
        zh="该登录名或人员已是管理员，一人不得兼任",
    )


def _nobody() -> NotFound:
    return NotFound("No administrator has this login.", zh="没有此登录名的管理员")


def _db_login(database: Database, login: str) -> str:
    return f"{ADMINISTRATORS}{login}_{suffix_of(database.name)}"


async def _exists(connection: Connection, name: str) -> bool:
    return bool(await connection.fetchval("select exists (select from pg_roles where rolname = $1)", name))


async def everybody(database: Database) -> list[Administrator]:
    rows = await database.owner.fetch(
        "select login, person, duty, db_login from administrator order by duty, login"
    )
    return [Administrator(*row) for row in rows]


async def deviations(database: Database) -> list[str]:
    """What PostgreSQL says of administrators otherwise than their registrations."""
    suffix = suffix_of(database.name)
    groups = {group(database, duty): duty for duty in DUTIES}
    rows = await database.owner.fetch(DEVIATIONS, list(groups), list(groups.values()), suffix)
    return [row["said"] for row in rows]


async def note(database: Database, operation: str, object_: str = "") -> None:
    """An entry of the access log for an act that changes no row of a registry."""
    await database.owner.execute(NOTE, operation, object_)
