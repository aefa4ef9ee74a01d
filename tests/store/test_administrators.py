"""Three administrators with real logins: each does what its duty takes and no more, and is recorded."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from click.testing import CliRunner, Result
from joserfc.jwk import ECKey
from pydantic import SecretStr

from hub.audit.entries import newest, told
from hub.cli import main
from hub.command import actor
from hub.errors import BadArgument, ConfigurationError, NotFound
from hub.oauth.clients import register_client, suspend_client
from hub.oauth.purposes import allow_client
from hub.oauth.users import Users
from hub.prepare import prepare
from hub.settings import Settings
from hub.store.activation import activate
from hub.store.activation import add as add_field_key
from hub.store.administrators import DUTIES, add, ensure, everybody, group, note, remove
from hub.store.database import Database
from hub.store.field_keys import add as add_key
from hub.store.keys import change_field_keys, load_vault
from hub.store.rotation import convert, keyed_tables
from hub.sync.registry import register_source
from tests.support.postgres import FIELD_KEY, server
from tests.support.reading import QIXING

CUT_OFF = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)
"""What asyncpg says of a connection that ended, by where it learns of it."""
PEOPLE = {"zhou": "SYSTEM", "qian": "SECURITY", "sun": "AUDIT"}


@dataclass
class House:
    owner: Database
    settings: Settings
    passwords: dict[str, str] = field(default_factory=dict)

    def of(self, login: str) -> Settings:
        assert self.settings.database_url
        url = urlsplit(self.settings.database_url.get_secret_value())
        name = f"hub_admin_{login}_{group(self.owner, 'AUDIT')[-8:]}"
        place = url.netloc.rpartition("@")[2]
        made = url._replace(netloc=f"{name}:{self.passwords[login]}@{place}").geturl()
        return self.settings.model_copy(update={"database_url": SecretStr(made)})

    async def acts(self) -> list[tuple[str, str, dict[str, Any]]]:
        rows = await self.owner.owner.fetch(
            "select e.role, s.content from access_entry e join access_shape s on s.digest = e.shape"
            " order by sequence"
        )
        found = [(row["role"], json.loads(row["content"])) for row in rows]
        return [(role, shape["operation"], shape["act"]) for role, shape in found if "act" in shape]


@pytest.fixture(scope="module")
async def house() -> AsyncIterator[House]:
    here = await server()
    await here.start()
    async with here.database(f"duties{os.getpid()}") as name:
        settings = here.settings(name)
        database = await Database.open(settings)
        house = House(database, settings)
        try:
            await prepare(database)
            for login, duty in PEOPLE.items():
                house.passwords[login] = (await add(database, login, f"S-{login}", duty)).password
            yield house
        finally:
            for each in await everybody(database):
                await remove(database, each.login)
            for duty in DUTIES:
                name = group(database, duty)
                await database.owner.execute(
                    f"grant {name} to current_user; drop owned by {name}; drop role {name}"
                )
            await database.close()


async def as_(house: House, login: str) -> Database:
    return await Database.open(house.of(login), login)


async def test_the_three_are_known_by_themselves(house: House) -> None:
    assert {e.login: e.duty for e in await everybody(house.owner)} == PEOPLE
    await ensure(house.owner)
    for login, duty in PEOPLE.items():
        database = await as_(house, login)
        try:
            assert not database.is_owner
            member = await database.owner.fetchval(
                "select array_agg(g.rolname::text) from pg_auth_members m join pg_roles g on g.oid = m.roleid"
                " join pg_roles r on r.oid = m.member where r.rolname = current_user"
            )
            assert member == [group(database, duty)]
            with pytest.raises(ConfigurationError, match="owner"):
                await ensure(database)
        finally:
            await database.close()


async def test_a_reader_in_the_way_does_not_stop_it(house: House) -> None:
    """Who reads two tables, and the policies of both, in turns: PostgreSQL ends one of them."""
    async with house.owner.transaction() as reader:
        await reader.execute("select from user_identity limit 1")
        making = asyncio.create_task(ensure(house.owner))
        waits = "select count(*) from pg_locks where not granted and relation = 'user_identity'::regclass"
        for _ in range(1_000):
            if await house.owner.owner.fetchval(waits):
                break
            await asyncio.sleep(0.01)
        await reader.execute("select from administrator limit 1")  # taken by then
    await making


async def test_nobody_has_two_duties(house: House) -> None:
    for login, person in (("zhou", "S-new"), ("other", "S-zhou")):
        with pytest.raises(BadArgument, match="nobody has two duties"):
            await add(house.owner, login, person, "AUDIT")
    with pytest.raises(asyncpg.UniqueViolationError):
        await house.owner.owner.execute(
            "insert into administrator (login, person, duty, db_login) values ('x', 'S-zhou', 'AUDIT', 'x')"
        )
    for written in ("s-ZHOU", "Ｓ-zhou", " S-zhou "):
        with pytest.raises(BadArgument, match="nobody has two duties"):
            await add(house.owner, "other", written, "AUDIT")
    for login in ("Zhou!", "security"):
        with pytest.raises(BadArgument, match="2 to 24"):
            await add(house.owner, login, "S-1", "AUDIT")
        with pytest.raises(NotFound):
            await remove(house.owner, login)
    with pytest.raises(BadArgument, match="A duty is one of"):
        await add(house.owner, "wu", "S-1", "ALL")
    with pytest.raises(NotFound):
        await remove(house.owner, "nobody")


async def test_an_administrator_has_no_data_role(house: House) -> None:
    users = Users(house.owner, load_vault(house.settings))
    with pytest.raises(BadArgument, match="no data role"):
        await users.add("qian", name="钱", role="bureau", division_code=QIXING)
    await users.add("wu.li", name="吴", role="bureau", division_code=QIXING)
    with pytest.raises(asyncpg.CheckViolationError):
        await house.owner.owner.execute("update hub_user set login = 'sun' where login = 'wu.li'")
    await users.add("li4", name="李", role="bureau", division_code=QIXING)
    with pytest.raises(BadArgument, match="data role"):
        await add(house.owner, "li4", "S-li4", "SECURITY")


PERSON = (
    "insert into beneficiary (county_code, name, name_masked, division_code, id_number, id_number_hash)"
    " values ('450305', '测试', '测*', '450305001000', $1, $2) returning id"
)
DENIED = asyncpg.InsufficientPrivilegeError


async def test_security_registers_and_rotates_and_reads_no_person(house: House, tmp_path: Path) -> None:
    vault = load_vault(house.settings)
    number = "459999195003070019"
    await house.owner.owner.fetchval(PERSON, vault.seal_steady(number), vault.look_up(vault.blind(number)))
    database = await as_(house, "qian")
    settings = house.settings.model_copy(update={"data_dir": tmp_path})
    try:
        jwks = {"keys": [ECKey.generate_key("P-256", auto_kid=True).as_dict(private=False)]}
        await register_client(database, "portal", name="门户", role="bureau", division_code=QIXING, jwks=jwks)
        await suspend_client(database, "portal")
        users = Users(database, vault)
        await users.add("feng", name="冯", role="bureau", division_code=QIXING)
        await users.lock("feng")
        await users.reset_password("feng")
        made = change_field_keys(settings, lambda s: add_key(s, 0.0, "sm3", vault.keys[0]))[-1]["id"]
        changed = await activate(database, settings, made, lambda: 1000.0)
        for keyed in keyed_tables():
            async for _ in convert(database, changed, keyed):
                pass
        await note(database, "field-key rotate", made)
        with pytest.raises(DENIED):
            await database.owner.fetch("select name from beneficiary")
        for table in ("access_entry", "source", "visit"):
            with pytest.raises(DENIED):
                await database.owner.fetch(f"select * from {table}")
        with pytest.raises(DENIED):
            await database.owner.execute("update beneficiary set risk_level = 'LEVEL_1'")
        with pytest.raises(DENIED):
            await database.owner.execute("update administrator set duty = 'AUDIT'")
        with pytest.raises(DENIED):
            await database.owner.execute("insert into access_entry (client_id) values ('x')")
    finally:
        await database.close()
    sealed = await house.owner.owner.fetchrow("select id_number, id_number_hash from beneficiary")
    assert sealed
    assert changed.open(sealed["id_number"]) == number
    assert sealed["id_number_hash"] == changed.look_up(changed.blind(number))
    acts = [a for a in await house.acts() if a[0] == "security"]
    assert [(operation, act["on"]) for _, operation, act in acts] == [
        ("insert oauth_client", "portal"),
        ("update oauth_client", "portal"),
        ("insert hub_user", "feng"),
        ("update hub_user", "feng"),
        ("update hub_user", "feng"),
        ("insert field_key_use", made),
        ("field-key rotate", made),
    ]
    assert acts[1][2] == {
        "on": "portal",
        "by": "qian",
        "as": "hub by qian",
        "before": {"status": "ACTIVE", "token_series": 0},
        "after": {"status": "SUSPENDED", "token_series": 1},
    }
    assert acts[2][2]["after"]["password_hash"] == "…"
    assert "argon2" not in json.dumps(acts)


async def agency(house: House, client_id: str) -> None:
    jwks = {"keys": [ECKey.generate_key("P-256", auto_kid=True).as_dict(private=False)]}
    await register_client(house.owner, client_id, name="医保", role="agency", division_code=QIXING, jwks=jwks)


async def test_system_keeps_sources_and_budgets(house: House) -> None:
    await agency(house, "agency-1")
    database = await as_(house, "zhou")
    try:
        await register_source(
            database, code="roster-1", name="名单", connector="roster", division_code=QIXING, location="/x",
            max_age_hours=24,
        )  # fmt: skip
        client = (await register_like(house, "agency-1")).allowance
        await allow_client(database, "agency-1", client)
        for statement in (
            "update oauth_client set status = 'SUSPENDED'",
            "update oauth_client set scopes = '{}'",
            "select * from hub_user",
            "select * from access_entry",
            "select * from beneficiary",
            "insert into field_key_use (identifier) values ('x')",
            "delete from administrator",
        ):
            with pytest.raises(DENIED):
                await database.owner.execute(statement)
    finally:
        await database.close()
    acts = [a for a in await house.acts() if a[0] == "system"]
    assert [(operation, act["on"]) for _, operation, act in acts] == [
        ("insert source", "roster-1"),
        ("update oauth_client", "agency-1"),
    ]


async def test_security_makes_no_session_and_no_grant(house: House) -> None:
    """Each would let in whoever has it, as somebody else, and no entry would tell."""
    users = Users(house.owner, load_vault(house.settings))
    await users.add("gong", name="龚", role="bureau", division_code=QIXING)
    await agency(house, "agency-gong")
    grant = await house.owner.owner.fetchval(
        "insert into oauth_grant (client_id, user_id, scopes, expires_at, revoked_at)"
        " select 'agency-gong', id, '{}', 'infinity', now() from hub_user where login = 'gong' returning id"
    )
    database = await as_(house, "qian")
    try:
        for statement in (
            "insert into user_session (cookie_hash, user_id, browser, signed_in_at, expires_at)"
            " select 'x', id, '', now(), 'infinity' from hub_user",
            "update user_session set signed_in_at = now()",
            "insert into recovery_code (user_id, code_hash) select id, 'x' from hub_user",
            "insert into oauth_grant (client_id, user_id, scopes, expires_at)"
            " select 'agency-gong', id, '{}', 'infinity' from hub_user",
            "update oauth_grant set expires_at = 'infinity'",
            "update oauth_grant set revoked_at = null",
            "select * from oauth_code",
            "insert into oauth_refresh (family_hash, grant_id, token_hash) values ('x', $1, 'x')",
            "update oauth_request set parameters = '{}'",
            "delete from oauth_revoked",
            "create function public.lower(text) returns text language sql as 'select 1'",
        ):
            with pytest.raises(DENIED):
                await database.owner.execute(statement.replace("$1", f"'{grant}'"))
        await Users(database, load_vault(house.settings)).lock("gong")  # which ends sessions and grants
        await database.owner.execute("update hub_user set password_hash = 'mine' where login = 'gong'")
        await database.owner.execute("update hub_user set created_at = '2020-01-01' where login = 'gong'")
        assert await Users(database, load_vault(house.settings)).end_sessions("gong") == 0
    finally:
        await database.close()
    acts = [(o, a["on"], a["after"]) for role, o, a in await house.acts() if role == "security"]
    assert acts[-2] == ("update hub_user", "gong", {"password_hash": "…"})
    assert acts[-1] == ("update hub_user", "gong", {"created_at": "2020-01-01T00:00:00+08:00"})


async def test_system_says_nothing_of_what_a_run_has_done(house: House) -> None:
    database = await as_(house, "zhou")
    try:
        for statement in (
            "update source set checkpoint = null",
            "update source set last_success_at = now()",
            "delete from source",
        ):
            with pytest.raises(DENIED):
                await database.owner.execute(statement)
    finally:
        await database.close()


async def register_like(house: House, client_id: str) -> Any:
    from dataclasses import replace

    from hub.oauth.clients import find_client

    client = await find_client(house.owner, client_id)
    assert client
    return replace(client, allowance=replace(client.allowance, requests_per_minute=7))


async def test_audit_reads_the_log_and_changes_nothing(house: House) -> None:
    database = await as_(house, "sun")
    try:
        await note(database, "audit show")
        lines = [line for row in await newest(database, None, 50) for line in told(row)]
        assert any("sun as audit (hub by sun): audit show" in line for line in lines)
        assert any('    status: "ACTIVE" → "SUSPENDED"' in line for line in lines)
        for statement in (
            "delete from access_entry",
            "update access_batch set head = ''",
            "insert into access_entry (client_id) values ('x')",
            "select * from beneficiary",
            "select * from hub_user",
            "update oauth_client set status = 'ACTIVE'",
        ):
            with pytest.raises(DENIED):
                await database.owner.execute(statement)
    finally:
        await database.close()


async def hub(house: House, login: str | None, *words: str, data_dir: Path) -> Result:
    settings = house.settings if login is None else house.of(login)
    assert settings.database_url
    given = {
        "HUB_DATABASE_URL": settings.database_url.get_secret_value(),
        "HUB_DATA_DIR": str(data_dir),
        "HUB_FIELD_KEY": None if login == "sun" and words[0] != "field-key" else FIELD_KEY,
    }
    return await asyncio.to_thread(CliRunner().invoke, main, words, env=given)


async def said(house: House, login: str | None, *words: str, data_dir: Path) -> str:
    result = await hub(house, login, *words, data_dir=data_dir)
    assert result.exit_code == 0, result.output
    return result.output


async def test_the_commands_of_administrators(house: House, tmp_path: Path) -> None:
    printed = await said(house, None, "admin", "roles", data_dir=tmp_path)
    assert f"grant select on access_entry to {group(house.owner, 'AUDIT')};" in printed
    assert "ready" in await said(house, None, "admin", "roles", "--create", data_dir=tmp_path)
    words = ("admin", "add", "he", "--duty", "audit", "--person", "S-he")
    assert "hub_admin_he_" in await said(house, None, *words, data_dir=tmp_path)
    assert "he  AUDIT  S-he" in await said(house, None, "admin", "list", data_dir=tmp_path)
    assert "no administrator" in await said(house, None, "admin", "remove", "he", data_dir=tmp_path)
    acts = await house.acts()
    assert [(r, o, a["on"]) for r, o, a in acts[-2:]] == [
        ("owner", "insert administrator", "he"),
        ("owner", "delete administrator", "he"),
    ]
    assert acts[-1][2]["as"] == f"hub by {actor()}"


async def test_an_auditor_needs_no_key_and_others_are_refused(house: House, tmp_path: Path) -> None:
    file = str(tmp_path / "log.jsonl")
    await said(house, None, "audit", "head", data_dir=tmp_path)
    await said(house, "sun", "audit", "export", file, data_dir=tmp_path / "sun")
    assert "entries are as they were sealed" in await said(house, None, "audit", "verify", data_dir=tmp_path)
    assert "sun as audit" in await said(house, "sun", "audit", "show", data_dir=tmp_path / "sun")
    for login, words in (
        ("zhou", ("audit", "show")),
        ("qian", ("audit", "show")),
        ("sun", ("audit", "prune")),
        ("sun", ("documents", "list")),
        ("zhou", ("client", "suspend", "agency-1")),
        ("qian", ("documents", "list")),
        ("qian", ("admin", "remove", "sun")),
    ):
        refused = await hub(house, login, *words, data_dir=tmp_path / login)
        assert (refused.exit_code, "[OTHER_DUTY]" in refused.output) == (1, True), (login, words)


async def test_the_commands_of_field_keys(house: House, tmp_path: Path) -> None:
    await house.owner.owner.execute("delete from field_key_use; delete from beneficiary")
    vault = load_vault(house.settings)
    first, number = vault.keys[0].id, "459999195003070019"
    await house.owner.owner.fetchval(PERSON, vault.seal_steady(number), vault.look_up(vault.blind(number)))

    async def field_key(*words: str) -> str:
        return await said(house, "qian", "field-key", *words, data_dir=tmp_path)

    made = (await field_key("add", "--hash", "sm3")).strip()
    assert f"{made}  sm3  PENDING  0 values" in await field_key("list")
    assert "seals from now on" in await field_key("activate", made)
    assert f"{first}  sha256  RETIRING, first key  1 values" in await field_key("list")
    assert "1 values sealed anew; 0 left." in await field_key("rotate", "--pause", "0")
    assert f"{made}  sm3  ACTIVE  1 values" in await field_key("list")
    refused = await hub(house, "qian", "field-key", "retire", first, data_dir=tmp_path)
    assert "The first key stays" in refused.output
    await field_key("activate", first)
    await field_key("rotate", "--pause", "0")
    early = await hub(house, "qian", "field-key", "retire", made, data_dir=tmp_path)
    assert "seconds more" in early.output
    settings = house.settings.model_copy(update={"data_dir": tmp_path})
    change_field_keys(settings, lambda stored: [{**each, "since": 0.0} for each in stored])
    assert "forgotten" in await field_key("retire", made)
    acts = [(o, a["on"]) for role, o, a in await house.acts() if role == "security"]
    assert ("field-key retire", made) in acts


async def test_another_duty_touches_no_file_of_keys(house: House, tmp_path: Path) -> None:
    made = (await said(house, "qian", "field-key", "add", data_dir=tmp_path)).strip()
    file = tmp_path / "keys" / "field-keys.json"
    content = file.read_bytes()
    for words in (("activate", made), ("add",), ("retire", made)):
        for login in ("zhou", "sun"):
            refused = await hub(house, login, "field-key", *words, data_dir=tmp_path)
            assert (refused.exit_code, "[OTHER_DUTY]" in refused.output) == (1, True), (login, words)
    assert file.read_bytes() == content
    acts = [(o, a["on"]) for role, o, a in await house.acts() if role == "security"]
    assert acts[-1] == ("field-key add", made)


async def test_keys_of_another_hub_are_not_taken(house: House, tmp_path: Path) -> None:
    """Where HUB_FIELD_KEY is forgotten, a new first key would be made, and its ring end every run."""
    settings = house.of("qian").model_copy(update={"field_key": None, "data_dir": tmp_path})
    database = await Database.open(settings, "qian")
    try:
        with pytest.raises(ConfigurationError, match="another field key"):
            await add_field_key(database, settings, "sha256", lambda: 0.0)
    finally:
        await database.close()
    assert not (tmp_path / "keys" / "field-keys.json").exists()


MADE = ("--zh", "测", "--en", "x", "--basis", "CONSENT", "--role", "agency")
PROVIDER = ("--issuer", "https://id.example", "--client-id", "hub", "--title-zh", "测", "--title-en", "x",
            "--division", QIXING)  # fmt: skip


async def test_what_the_table_of_duties_says(house: House, tmp_path: Path) -> None:
    """docs/operations.md: each command works under the login of its duty, and under no other."""
    duties = {
        "qian": [
            ("purpose", "add", "claim", *MADE),
            ("purpose", "grant", "claim", "agency-1"),
            ("purpose", "require", "agency-1"),
            ("purpose", "withdraw", "claim", "agency-1"),
            ("purpose", "end", "claim"),
            ("provider", "add", "gx", *PROVIDER),
            ("provider", "show", "gx"),
            ("provider", "list"),
            ("provider", "suspend", "gx"),
            ("provider", "resume", "gx"),
            ("user", "link", "feng", "--provider", "gx", "--subject", "f-1"),
            ("user", "unlink", "feng", "--provider", "gx"),
            ("provider", "remove", "gx", "--yes"),
            ("user", "lock", "feng"),
            ("user", "unlock", "feng"),
            ("user", "reset-totp", "feng"),
            ("user", "end-sessions", "feng"),
            ("user", "list"),
            ("client", "suspend", "agency-1"),
            ("client", "resume", "agency-1"),
        ],
        "zhou": [
            ("source", "add", "roster-2", "--name", "名单", "--connector", "roster", "--division", QIXING,
             "--location", "/y"),
            ("source", "add", "roster-2", "--name", "名单二", "--connector", "roster", "--division", QIXING,
             "--location", "/y"),
            ("client", "set", "agency-1", "--queries", "any"),
            ("client", "budget", "agency-1", "--requests-per-minute", "9"),
        ],
    }  # fmt: skip
    for login, commands in duties.items():
        for words in commands:
            for other in {"zhou", "sun", "qian"} - {login}:
                if words[1] not in ("list", "show", "set", "budget") or other == "sun":
                    refused = await hub(house, other, *words, data_dir=tmp_path)
                    assert refused.exit_code == 1, (other, words, refused.output)
            await said(house, login, *words, data_dir=tmp_path)


async def test_who_is_removed_is_out_at_once(house: House) -> None:
    house.passwords["zheng"] = (await add(house.owner, "zheng", "S-zheng", "AUDIT")).password
    database = await as_(house, "zheng")
    try:
        await remove(house.owner, "zheng")
        with pytest.raises(CUT_OFF):
            await database.owner.fetchval("select 1 from administrator")
    finally:
        await database.close()
    assert "zheng" not in {each.login for each in await everybody(house.owner)}
