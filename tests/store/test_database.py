"""Connections and logins, against a real PostgreSQL."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg
import pytest
from click.testing import CliRunner
from pydantic import SecretStr
from sqlalchemy import text

from hub.cli import main
from hub.errors import ConfigurationError, Unavailable
from hub.settings import Settings
from hub.store import database
from hub.store.database import Database
from hub.store.roles import READERS, scram
from tests.support.postgres import FIELD_KEY, fresh_database, nothing, server

OTHER_KEY = FIELD_KEY.replace("A", "B", 1)


def settings(**given: Any) -> Settings:
    return Settings(**given)


async def with_policy(db: Database) -> None:
    """A table of two rows of which the bureau may see one."""
    await db.ensure_roles()
    bureau = db.reader_role_name("bureau")
    async with db.transaction() as connection:
        await connection.execute(
            f"""
            create table person (id int primary key, county text not null);
            insert into person values (1, '450305'), (2, '350582');
            alter table person enable row level security;
            grant select on person to {bureau};
            create policy slice on person to {bureau}
                using (county = nullif(current_setting('hub.division', true), ''));
            """
        )


@pytest.fixture(scope="module")
async def db() -> AsyncIterator[Database]:
    async with fresh_database(with_policy) as opened:
        yield opened


async def test_the_owner_reaches_everything(db: Database) -> None:
    assert await db.owner.fetchval("select count(*) from person") == 2
    async with db.engine.connect() as connection:
        assert (await connection.execute(text("select count(*) from person"))).scalar_one() == 2
    listener = await db.connect()
    try:
        assert await listener.fetchval("select current_user") == await db.owner.fetchval("select user")
    finally:
        await listener.close()


async def test_a_transaction_is_all_or_nothing(db: Database) -> None:
    async def fail() -> None:
        async with db.transaction() as connection:
            await connection.execute("insert into person values (3, '450305')")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    assert await db.owner.fetchval("select count(*) from person") == 2


async def test_a_reader_sees_its_slice_and_fails_closed(db: Database) -> None:
    reader = await db.reader("bureau")
    seen = "select array_agg(id) from person"
    assert await reader.fetchval(seen) is None
    async with reader.acquire() as connection, connection.transaction():
        await connection.execute("select set_config('hub.division', '450305', true)")
        assert await connection.fetchval(seen) == [1]
    assert await reader.fetchval(seen) is None, "the scope must end with its transaction"


@pytest.mark.parametrize(
    "attempt",
    [
        "set role hub",
        "reset role; set session authorization postgres",
        "alter table person disable row level security",
        "alter role {login} bypassrls",
        "set row_security = off; select * from person",
        "update person set county = '450305'",
        "delete from person",
        "copy person from stdin",
        "create table mine (a int)",
        "create role another",
        "select pg_read_file('/etc/passwd')",
        "copy (select 1) to program 'true'",
    ],
)
@pytest.mark.parametrize("planned", [False, True])
async def test_a_reader_cannot_get_past_its_slice(db: Database, planned: bool, attempt: str) -> None:
    reader = await db.reader("bureau", planned=planned)
    async with reader.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        try:
            with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.InvalidParameterValueError)):
                await connection.execute(attempt.format(login=db.reader_role_name("bureau")))
        finally:
            await transaction.rollback()


PLANS = """
    select session_user, current_setting('plan_cache_mode'), array(select g.rolname::text
        from pg_auth_members m join pg_roles g on g.oid = m.roleid where m.member = session_user::regrole)"""


async def test_every_login_is_an_ordinary_one_of_its_own(db: Database) -> None:
    names = [db.reader_role_name(role) for role in READERS]
    assert len(set(names)) == len(READERS)
    members = []
    for role, name in zip(READERS, names, strict=True):
        reader = await db.reader(role)
        [found] = await reader.fetch(PLANS)
        assert tuple(found) == (name, "force_generic_plan", [])
        [found] = await (await db.reader(role, planned=True)).fetch(PLANS)
        assert tuple(found)[1:] == ("force_custom_plan", [name])
        members.append(found[0])
    query = """
        select count(*) from pg_roles where rolname = any($1) and rolcanlogin and not (rolsuper
        or rolbypassrls or rolcreaterole or rolcreatedb or rolreplication) and rolinherit = $2
    """
    assert await db.owner.fetchval(query, names, False) == len(READERS)
    assert await db.owner.fetchval(query, members, True) == len(READERS)
    with pytest.raises(ValueError, match="no reader of the hub"):
        db.reader_role_name("postgres")
    with pytest.raises(ValueError, match="no reader of the hub"):
        await db.reader("owner")


async def test_readers_are_bounded_in_time_and_keep_china_time(db: Database) -> None:
    reader = await db.reader("agency")
    assert await reader.fetchval("show statement_timeout") == "15s"
    assert await reader.fetchval("show jit") == "off"
    assert await reader.fetchval("show timezone") == "Asia/Shanghai"
    assert await db.owner.fetchval("show timezone") == "Asia/Shanghai"
    assert await db.owner.fetchval("show statement_timeout") == "0"


async def test_giving_a_reader_back_costs_no_round_trip(db: Database) -> None:
    for pool, sends in ((db.owner, True), (await db.reader("operator"), False)):
        queries: list[str] = []
        async with pool.acquire() as connection:
            connection.add_query_logger(lambda record, seen=queries: seen.append(record.query))
        assert bool(queries) is sends


async def test_long_statements_stay_prepared(db: Database) -> None:
    reader = await db.reader("township")
    statement = f"select length('{'x' * 40_000}')"
    async with reader.acquire() as connection:
        for _ in range(2):
            assert await connection.fetchval(statement) == 40_000
        kept = "select count(*) from pg_prepared_statements where length(statement) > 40000"
        assert await connection.fetchval(kept) == 1


async def test_making_logins_again_writes_nothing(db: Database) -> None:
    version = "select array_agg(xmin::text order by rolname) from pg_authid where rolname like 'hub\\_%\\_%'"
    admin = await _superuser(db)
    if admin is None:
        pytest.skip("only a superuser reads pg_authid")
    try:
        before = await admin.fetchval(version)
        await db.ensure_roles()
        assert await admin.fetchval(version) == before
    finally:
        await admin.close()


async def _superuser(db: Database) -> asyncpg.Connection[asyncpg.Record] | None:
    here = await server()
    dsn = here.superuser_dsn(db.name)
    return await asyncpg.connect(dsn) if dsn else None


async def test_logins_made_at_once_from_several_databases_do_not_collide() -> None:
    async with fresh_database(nothing) as first, fresh_database(nothing) as second:
        await asyncio.gather(*(database.ensure_roles() for database in (first, second) * 4))
        assert first.name != second.name
        assert first.reader_role_name("bureau") == second.reader_role_name("bureau"), "copies share them"


async def test_logins_of_two_hubs_differ(db: Database) -> None:
    here = await server()
    async with here.database("hub_test_other") as name:
        other = await Database.open(here.settings(name))
        try:
            assert other.reader_role_name("bureau") != db.reader_role_name("bureau")
        finally:
            await other.close()


async def test_a_changed_setting_reaches_the_logins_at_the_next_start() -> None:
    here = await server()
    async with here.database("hub_test_setting") as name:
        opened = await Database.open(here.settings(name))
        await opened.ensure_roles()
        await opened.close()
        opened = await Database.open(here.settings(name, statement_timeout_ms=100))
        try:
            reader = await opened.reader("bureau")
            with pytest.raises(asyncpg.QueryCanceledError):
                await reader.fetchval("select pg_sleep(5)")
        finally:
            await opened.close()


async def test_an_owner_that_may_make_logins_and_nothing_else_is_enough() -> None:
    """As docs/operations.md has it: no superuser, and no databases of its own."""
    here = await server()
    if here.superuser_dsn("postgres") is None:
        pytest.skip("only a superuser makes such an owner")
    async with here.database("hub_test_owner") as name:
        admin, logins = await asyncpg.connect(here.superuser_dsn(name)), []
        before = await admin.fetchval(
            "select datdba::regrole::text from pg_database where datname = $1", name
        )
        try:
            await admin.execute(f"""
                create role hub_test_plain login createrole nocreatedb password 'plain';
                alter database {name} owner to hub_test_plain""")
            url = urlsplit(here.dsn(name))
            plain = url._replace(netloc=f"hub_test_plain:plain@{url.netloc.rpartition('@')[2]}").geturl()
            for seconds in (1, 2):  # a setting that has changed has the logins brought up to date
                changed = {"database_url": SecretStr(plain), "statement_timeout_ms": 1_000 * seconds}
                opened = await Database.open(here.settings(name).model_copy(update=changed))
                try:
                    await opened.ensure_roles()
                    reader = await opened.reader("bureau", planned=True)
                    assert await reader.fetchval("show statement_timeout") == f"{seconds}s"
                    logins = [await each.fetchval("select user") for each in await both(opened)]
                finally:
                    await opened.close()
        finally:
            await admin.execute(f"alter database {name} owner to {before}")
            for login in logins:
                await admin.execute(f"drop owned by {login}; drop role {login}")
            await admin.execute("drop owned by hub_test_plain; drop role hub_test_plain")
            await admin.close()


async def both(db: Database) -> list[Any]:
    """The readers of all logins, members first."""
    return [await db.reader(role, planned=planned) for planned in (True, False) for role in READERS]


async def test_a_login_that_somebody_made_a_member_of_more_is_refused(db: Database) -> None:
    admin = await _superuser(db)
    if admin is None:
        pytest.skip("only a superuser grants this")
    here = await server()
    async with here.database("hub_test_member") as name:
        opened = await Database.open(here.settings(name))
        await opened.ensure_roles()
        login = opened.reader_role_name("agency")
        await opened.close()
        await admin.execute(f"grant pg_monitor to {login}")
        with pytest.raises(ConfigurationError, match="is a member of pg_monitor"):
            await Database.open(here.settings(name))
    await admin.close()


async def test_another_field_key_is_refused(db: Database) -> None:
    here = await server()
    with pytest.raises(ConfigurationError, match="another field key"):
        await Database.open(here.settings(db.name, field_key=OTHER_KEY))


async def test_without_a_url_the_hub_brings_its_own_server(tmp_path: Path) -> None:
    alike = settings(data_dir=tmp_path)
    first, second = await asyncio.gather(Database.open(alike), Database.open(alike))
    try:
        await asyncio.gather(first.ensure_roles(), second.ensure_roles())
        await first.close()
        reader = await second.reader("bureau")
        assert await reader.fetchval("select session_user") == second.reader_role_name("bureau")
    finally:
        await second.close()


async def test_closing_does_not_wait_for_a_connection_somebody_keeps(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(database, "CLOSE_SECONDS", 0.2)
    async with fresh_database(nothing) as opened:
        kept = await opened.owner.acquire()
        async with asyncio.timeout(5):
            await opened.close()
        with pytest.raises(asyncpg.InterfaceError, match="released"):
            await kept.fetchval("select 1")


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("mysql://hub@localhost/hub", ConfigurationError),
        ("postgresql://hub@/hub?host=/nowhere/at/all", Unavailable),
        ("postgresql://hub@127.0.0.1:9/hub", Unavailable),
    ],
)
async def test_a_wrong_url_says_so_and_keeps_its_password(
    url: str, error: type[Exception], tmp_path: Path
) -> None:
    wrong = url.replace("hub@", "hub:s3cret@")
    with pytest.raises(error) as caught:
        await Database.open(settings(database_url=SecretStr(wrong), data_dir=tmp_path))
    assert "s3cret" not in str(caught.value)


async def test_a_database_that_is_not_there_is_a_configuration_error() -> None:
    here = await server()
    with pytest.raises(ConfigurationError, match="does not exist"):
        await Database.open(here.settings("hub_test_nowhere"))


def test_the_password_is_stored_as_postgresql_would() -> None:
    """The example of RFC 7677, section 3, whose proof and signature follow from these two keys."""
    stored = scram("pencil", salt=b64decode("W22ZaJ0SNY7soEsUEjb6gQ=="))
    assert stored == (
        "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY="
        ":wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU="
    )


async def test_of_several_hosts_who_must_not_read_old_rows_gets_the_one_that_can_write(db: Database) -> None:
    assert await db.reader("bureau", primary=True) is await db.reader("bureau")
    here = await server()
    url = here.dsn(db.name)
    host = parse_qs(urlsplit(url).query).get("host")
    if host is None:
        pytest.skip("the hosts of HUB_TEST_DATABASE_URL are not ours to name twice")
    several = here.settings(db.name).model_copy(
        update={"database_url": SecretStr(f"{url},{quote(host[0], safe='')}")}
    )
    opened = await Database.open(several)
    try:
        writing = await opened.lender("bureau", primary=True)
        assert writing.pool is not await opened.reader("bureau")
        assert await writing.fetchval("select pg_is_in_recovery()") is False
    finally:
        await opened.close()


async def test_a_command_says_when_there_is_no_hub() -> None:
    async with fresh_database(nothing) as empty:
        given = {"HUB_DATABASE_URL": (await server()).dsn(empty.name), "HUB_FIELD_KEY": FIELD_KEY}
        found = await asyncio.to_thread(CliRunner().invoke, main, ["client", "list"], env=given)
    assert (found.exit_code, "[NOT_MIGRATED]" in found.output) == (1, True), found.output
