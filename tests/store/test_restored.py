"""A dump that is restored into another cluster: which administrators are there, and what can be done."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner, Result
from pydantic import SecretStr

from hub.cli import main
from hub.doctor import _administrators
from hub.errors import BadArgument, HubError, NotFound
from hub.prepare import prepare
from hub.settings import Settings
from hub.store.administrators import add, ensure, everybody, group, remove
from hub.store.binaries import find_binaries
from hub.store.database import Database
from hub.store.embedded import Embedded
from tests.support.postgres import FIELD_KEY

RESTORE = ("--no-owner", "--no-acl", "--no-policies", "--exit-on-error")
"""As docs/operations.md has it."""
PAGE = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


@dataclass
class Town:
    """A hub with a cluster of its own."""

    directory: Path
    database: Database
    server: Embedded

    def dsn(self, name: str | None = None, user: str = "hub") -> str:
        return self.server.dsn(user, name or "hub")

    async def run(self, program: str, *words: str) -> None:
        path = find_binaries(None, None).directory / program
        process = await asyncio.create_subprocess_exec(str(path), *words, env={"PATH": os.defpath})
        assert await process.wait() == 0

    async def hub(self, *words: str) -> Result:
        given = {"HUB_DATABASE_URL": None, "HUB_DATA_DIR": str(self.directory), "HUB_FIELD_KEY": FIELD_KEY}
        return await asyncio.to_thread(CliRunner().invoke, main, words, env=given)

    async def logins(self) -> set[str]:
        rows = await self.database.owner.fetch(
            "select rolname from pg_roles where rolname like 'hub_admin_%' and rolcanlogin"
        )
        return {row["rolname"] for row in rows}


async def opened(directory: Path) -> Town:
    database = await Database.open(Settings(data_dir=directory, database_url=None, field_key=FIELD_KEY))
    assert database._embedded is not None
    return Town(directory, database, database._embedded)


@pytest.fixture(scope="module")
async def first(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    town = await opened(tmp_path_factory.mktemp("first"))
    try:
        await prepare(town.database)
        for login, duty in (("zhou", "SYSTEM"), ("qian", "SECURITY"), ("sun", "AUDIT")):
            await add(town.database, login, f"S-{login}", duty)
        yield town
    finally:
        await town.database.close()


@pytest.fixture(scope="module")
async def second(first: Town, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    """The first one's database, in another cluster that never saw its logins."""
    dump = str(first.directory / "hub.dump")
    await first.run("pg_dump", "--format=custom", f"--file={dump}", first.dsn())
    town = await opened(tmp_path_factory.mktemp("second"))
    try:
        await town.run("pg_restore", *RESTORE, "--dbname", town.dsn(), dump)
        await prepare(town.database)
        yield town
    finally:
        await town.database.close()


async def test_who_has_no_login_there_is_removed_or_gets_one_anew(second: Town) -> None:
    """By the commands, whose acts are in the log."""
    assert {each.login for each in await everybody(second.database)} == {"zhou", "qian", "sun"}
    assert await second.logins() == set()
    with pytest.raises(HubError, match=r"3: .*no login"):
        await _administrators(second.database)
    gone = await second.hub("admin", "remove", "zhou")
    assert (gone.exit_code, "zhou is no administrator" in gone.output) == (0, True), gone.output
    words = ("admin", "add", "qian", "--duty", "security", "--person", "S-qian")
    anew = await second.hub(*words)
    assert anew.exit_code == 0, anew.output
    assert "made anew, with a new password" in anew.output
    name, password = next(line for line in anew.output.splitlines() if line.startswith("hub_admin")).split()
    assert await second.logins() == {name}
    again = await second.hub(*words)
    assert (again.exit_code, "administrator already" in again.output) == (1, True), "it has a login now"
    for other in (("--duty", "audit", "--person", "S-qian"), ("--duty", "security", "--person", "S-x")):
        refused = await second.hub("admin", "add", "qian", *other)
        assert "administrator already" in refused.output
    assert {each.login for each in await everybody(second.database)} == {"qian", "sun"}
    await works(second, name, password)
    acts = await second.database.owner.fetch(
        "select content::jsonb->>'operation' from access_shape s join access_entry e on e.shape = s.digest"
        " where content like '{\"act\"%' order by sequence desc limit 2"
    )
    assert [row[0] for row in acts] == ["renew administrator", "delete administrator"]


def test_the_page_restores_in_the_same_way() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert f"pg_restore {' '.join(RESTORE)} --dbname=" in page
    assert page.index("pg_restore") < page.index("hub admin roles --create\n")


async def works(town: Town, name: str, password: str) -> None:
    """As security, and nothing else. (The socket asks for no password; the verifier is compared.)"""
    connection = await asyncpg.connect(town.dsn(user=name))
    try:
        assert await connection.fetch("select login from hub_user") == []
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.fetch("select * from access_entry")
    finally:
        await connection.close()
    assert len(password) == 32


async def test_a_login_without_a_registration_is_taken_away_or_taken_over(second: Town) -> None:
    """It stayed in the cluster when an older dump was restored over it; its rights were those of then."""
    made = await add(second.database, "li", "S-li", "SECURITY")
    assert not made.again
    await second.database.owner.execute("delete from administrator where login = 'li'")
    with pytest.raises(HubError, match=rf"{made.db_login} is a member of .* unregistered"):
        await _administrators(second.database)
    connection = await asyncpg.connect(second.dsn(user=made.db_login))
    try:
        await connection.execute("insert into purpose (code, label_zh, label_en, roles, opens)"
                                 " values ('x', '测', 'x', '{bureau}', '{}')")  # fmt: skip
        entry = await second.database.owner.fetchrow(
            "select client_id, role from access_entry order by sequence desc limit 1"
        )
        assert entry is not None
        assert tuple(entry) == (f"login:{made.db_login}", "unregistered"), "told, whoever it is"
        again = await add(second.database, "li", "S-li", "AUDIT")
        assert again.again
        assert again.db_login == made.db_login
        with pytest.raises((asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError)):
            await connection.fetch("select 1")
    finally:
        await connection.close()
    duty = await second.database.owner.fetch(
        "select g.rolname from pg_auth_members m join pg_roles g on g.oid = m.roleid"
        " join pg_roles r on r.oid = m.member where r.rolname = $1", made.db_login,
    )  # fmt: skip
    assert [row[0] for row in duty] == [group(second.database, "AUDIT")]
    await second.database.owner.execute("delete from administrator where login = 'li'")
    await remove(second.database, "li")
    assert made.db_login not in await second.logins()
    assert "no administrator" in (await second.hub("admin", "remove", "qian")).output
    before = await second.database.owner.fetchval("select count(*) from access_entry")
    assert "No administrator has this login" in (await second.hub("admin", "remove", "qian")).output
    assert await second.database.owner.fetchval("select count(*) from access_entry") == before
    for nobody in ("li", "No!"):
        with pytest.raises(NotFound):
            await remove(second.database, nobody)


async def test_a_copy_of_another_name_leaves_the_logins_of_the_first_alone(first: Town) -> None:
    """In one cluster: the row names a login of the other database, which goes on."""
    await first.database.owner.execute("create database copied template template0")
    dump = str(first.directory / "copied.dump")
    await first.run("pg_dump", "--format=custom", f"--file={dump}", first.dsn())
    await first.run("pg_restore", *RESTORE, "--dbname", first.dsn("copied"), dump)
    copied = await Database.open(first_settings(first, first.dsn("copied")))
    try:
        before = await first.logins()
        await prepare(copied)
        await ensure(copied)
        await remove(copied, "zhou")
        assert await first.logins() == before
        made = await add(copied, "sun", "S-sun", "AUDIT")
        assert made.again
        assert made.db_login not in before
        with pytest.raises(BadArgument, match="already"):
            await add(first.database, "sun", "S-sun", "AUDIT")
        await remove(copied, "sun")
        assert await first.logins() == before
    finally:
        await copied.close()


def first_settings(first: Town, url: str) -> Settings:
    return Settings(data_dir=first.directory, database_url=SecretStr(url), field_key=FIELD_KEY)
