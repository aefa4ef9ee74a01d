"""Three administrators with real logins: each does what its duty takes and no more, and is recorded."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest
from joserfc.jwk import ECKey
from pydantic import SecretStr

from hub.audit.entries import newest, told
from hub.errors import BadArgument, ConfigurationError, NotFound
from hub.oauth.clients import allow_client, register_client, suspend_client
from hub.oauth.users import Users
from hub.prepare import prepare
from hub.settings import Settings
from hub.store.activation import activate
from hub.store.administrators import DUTIES, add, ensure, everybody, group, note, remove
from hub.store.database import Database
from hub.store.field_keys import add as add_key
from hub.store.keys import change_field_keys, load_vault
from hub.store.rotation import convert, keyed_tables
from hub.sync.run import register_source
from tests.support.postgres import server
from tests.support.reading import QIXING

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
                house.passwords[login] = await add(database, login, f"S-{login}", duty)
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


async def test_nobody_has_two_duties(house: House) -> None:
    for login, person in (("zhou", "S-new"), ("other", "S-zhou")):
        with pytest.raises(BadArgument, match="nobody has two duties"):
            await add(house.owner, login, person, "AUDIT")
    with pytest.raises(asyncpg.UniqueViolationError):
        await house.owner.owner.execute(
            "insert into administrator (login, person, duty, db_login) values ('x', 'S-zhou', 'AUDIT', 'x')"
        )
    with pytest.raises(BadArgument, match="2 to 24"):
        await add(house.owner, "Zhou!", "S-1", "AUDIT")
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
        "before": {"status": "ACTIVE"},
        "after": {"status": "SUSPENDED"},
    }
    assert acts[2][2]["after"]["password_hash"] == "…"
    assert "argon2" not in json.dumps(acts)


async def test_system_keeps_sources_and_budgets(house: House) -> None:
    jwks = {"keys": [ECKey.generate_key("P-256", auto_kid=True).as_dict(private=False)]}
    await register_client(
        house.owner, "agency-1", name="医保", role="agency", division_code=QIXING, jwks=jwks
    )
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


async def test_who_is_removed_is_out_at_once(house: House) -> None:
    house.passwords["zheng"] = await add(house.owner, "zheng", "S-zheng", "AUDIT")
    database = await as_(house, "zheng")
    try:
        await remove(house.owner, "zheng")
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await database.owner.fetchval("select 1 from administrator")
    finally:
        await database.close()
    assert "zheng" not in {each.login for each in await everybody(house.owner)}
