"""``hub client``: the registry on the command line, over a real database."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from click.testing import CliRunner, Result
from joserfc.jwk import ECKey
from sqlalchemy import text

from hub.access.scopes import atoms
from hub.cli import main
from hub.cli_client import ROLES
from hub.domain.dates import CHINA
from hub.errors import BadArgument, NotFound, Unauthenticated
from hub.oauth.client_keys import new_key, read_keys, rotate_keys
from hub.oauth.clients import Client, find_client
from hub.store import roles
from tests.support.oauth import BASE_URL, DONGJIANG, QIXING, OAuthHub, oauth_hub, refused
from tests.support.oauth import new_key as key_of
from tests.support.postgres import FIELD_KEY, server
from tests.support.purposes import granted


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[OAuthHub]:
    async with oauth_hub() as hub:
        yield hub


async def command(hub: OAuthHub, *words: str) -> Result:
    environment = {
        "HUB_DATABASE_URL": (await server()).dsn(hub.db.name),
        "HUB_FIELD_KEY": FIELD_KEY,
        "HUB_BASE_URL": BASE_URL,
    }
    purpose = ["--no-purpose"] if words[0] == "add" and "--purpose" not in words else []
    return await asyncio.to_thread(CliRunner().invoke, main, ["client", *words, *purpose], env=environment)


async def said(hub: OAuthHub, *words: str) -> str:
    found = await command(hub, *words)
    assert found.exit_code == 0, found.output
    return found.output


async def client_of(hub: OAuthHub, client_id: str) -> Client:
    found = await find_client(hub.db, client_id)
    assert found is not None
    return found


def take(hub: OAuthHub, client_id: str, private: Path) -> None:
    """Sign with the key of this file from now on."""
    hub.client_keys[client_id] = ECKey.import_key(json.loads(private.read_bytes()))


async def test_a_client_is_added_with_a_new_key_and_gets_a_token(hub: OAuthHub, tmp_path: Path) -> None:
    private = tmp_path / "portal.jwk"
    words = "--name 门户 --role bureau --expires 2099-01-02 --scope visit.rs --scope station.rs"
    text = await said(hub, "add", "portal", *words.split(), "--division", QIXING, "--make-key", str(private))
    for expected in ("portal", BASE_URL, f"{BASE_URL}/oauth/token", str(private), "2099-01-02 00:00"):
        assert expected in text
    assert stat.S_IMODE(private.stat().st_mode) == 0o600
    assert json.loads(private.read_bytes())["d"] not in text
    client = await client_of(hub, "portal")
    assert client.scopes == atoms(["visit.rs", "station.rs"])
    assert client.expires_at == dt.datetime(2099, 1, 2, tzinfo=CHINA)
    take(hub, "portal", private)
    await hub.bearer.viewer(f"Bearer {await hub.token('portal')}")


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "PS256"])
@pytest.mark.parametrize("form", ["pem", "jwk", "jwks"])
def test_public_keys_are_read_as_they_come(algorithm: str, form: str) -> None:
    key = key_of(algorithm)
    jwk = key.as_dict(private=False)
    forms = {
        "pem": key.as_pem(private=False),
        "jwk": json.dumps(jwk).encode(),
        "jwks": json.dumps({"keys": [jwk]}).encode(),
    }
    found = read_keys(forms[form])
    assert [each["kty"] for each in found["keys"]] == [jwk["kty"]]


@pytest.mark.parametrize("content", [b"", b"x", b"[]", b"7", b"-----BEGIN PUBLIC KEY-----\nAAAA\n", b"\xff"])
def test_what_is_no_key_is_refused(content: bytes) -> None:
    with pytest.raises(BadArgument, match="PEM, a JWK, or a JWK Set"):
        read_keys(content)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--role", "bureau"], "belongs to a division"),
        # Below a county a bureau's slice would be empty: its rows are bounded by counties.
        (["--role", "bureau", "--division", DONGJIANG], "a province, a city or a county"),
        (["--role", "township", "--division", QIXING], "a township or sub-district"),
        (["--role", "bureau", "--division", "990000000000"], "knows no such division"),
        (["--role", "contractor"], "belongs to a contractor"),
        (["--role", "contractor", "--credit-code", "nobody's"], "No source has brought a contractor"),
        (["--role", "operator", "--scope", "all"], "A scope is one of"),
        (["--role", "operator", "--grant-type", "password"], "A grant type is one of"),
        (["--role", "operator", "--public"], "nothing to prove itself with"),
    ],
)
async def test_a_registration_that_does_not_hold_together(
    hub: OAuthHub, tmp_path: Path, words: list[str], expected: str
) -> None:
    key = [] if "--public" in words else ["--make-key", str(tmp_path / "key")]
    found = await command(hub, "add", "never", "--name", "x", *words, *key)
    assert found.exit_code == 1
    assert expected in found.output
    assert "[BAD_ARGUMENT]" in found.output
    assert not (tmp_path / "key").exists()
    assert await find_client(hub.db, "never") is None


async def test_a_key_is_given_or_made(hub: OAuthHub, tmp_path: Path) -> None:
    private = tmp_path / "mine.jwk"
    private.write_bytes(json.dumps(new_key().as_dict(private=True)).encode())
    start = ["add", "keyless", "--name", "x", "--role", "operator"]
    for words, expected in (
        ([], "--make-key"),
        (["--key", str(private), "--make-key", str(tmp_path / "other")], "--make-key"),
        (["--key", str(private)], "the private key stays with the client"),
        (["--make-key", str(private)], "File exists"),
    ):
        found = await command(hub, *start, *words)
        assert (found.exit_code, expected in found.output) == (1, True), found.output


async def test_a_public_portal_is_added(hub: OAuthHub) -> None:
    words = "--name 网站 --role operator --public --grant-type authorization_code"
    output = await said(hub, "add", "site", *words.split(), "--redirect-uri", "https://site.example/in")
    assert "authenticates with:  none" in output
    found = await command(hub, "rotate", "site", "--make-key", "/dev/null/x")
    assert found.exit_code == 1
    with pytest.raises(BadArgument, match="no keys"):
        await rotate_keys(hub.db, "site", {"keys": [new_key().as_dict(private=False)]}, dt.timedelta())


async def test_a_client_of_a_contractor_is_added_by_credit_code(hub: OAuthHub, tmp_path: Path) -> None:
    number = await hub.contractor()
    async with hub.db.engine.connect() as connection:
        found = await connection.execute(
            text("select credit_code from contractor where id = :n"), {"n": number}
        )
        code = found.scalar_one()
    words = [
        "--name",
        "机构",
        "--role",
        "contractor",
        "--credit-code",
        code,
        "--make-key",
        str(tmp_path / "k"),
    ]
    await said(hub, "add", "house", *words)
    assert (await client_of(hub, "house")).organisation_id == number
    assert f"contractor:          {code} 示例机构\n" in await said(hub, "show", "house")
    assert f"house  contractor  {code} 示例机构  ACTIVE  机构\n" in await said(hub, "list")
    again = await command(hub, "add", "house", *words[:-1], str(tmp_path / "k2"))
    assert "registered already" in again.output
    await said(hub, "add", "house", *words[:-1], str(tmp_path / "k3"), "--replace")


async def test_show_and_list_hold_all_that_is_registered_and_nothing_secret(hub: OAuthHub) -> None:
    client = await hub.register("agency", name="医保局", division_code=QIXING)
    await granted(hub.db, client.client_id, "relief")
    limits = "--per-request 50 --per-minute 70 --requests-per-minute 9 --purpose relief=5"
    await said(hub, "budget", client.client_id, *limits.split())
    shown = await said(hub, "show", client.client_id)
    for expected in (
        "医保局",
        QIXING,
        "ACTIVE",
        "status.",
        " 50",
        " 70",
        " 9",
        "relief  用途 relief  5 units",
    ):
        assert expected in shown
    assert str(hub.client_keys[client.client_id].kid) in shown
    listed = await said(hub, "list")
    assert f"{client.client_id}  agency  {QIXING}  ACTIVE  医保局" in listed.splitlines()
    found = await command(hub, "show", "nobody")
    assert "[NOT_FOUND]" in found.output


async def test_questions_are_budgeted_watched_and_allowed_again(hub: OAuthHub) -> None:
    client = await hub.register("agency", division_code=QIXING)
    name = client.client_id
    await granted(hub.db, name, "relief")
    limits = "--questions-per-minute 12000 --questions-per-day 50000 --purpose-questions relief=100/2000"
    await said(hub, "budget", name, *limits.split())
    shown = await said(hub, "show", name)
    for expected in (" 12000", " 50000", "100 persons a minute, 2000 a day"):
        assert expected in shown
    assert "questions barred" not in shown
    wrong = await command(hub, "budget", name, "--purpose-questions", "other=1/2")
    assert "hub purpose grant" in wrong.output

    await hub.db.fetch(
        "insert into question_day values ($1, '', current_date, 4321, 98, 21, 2),"
        " ($1, '', '2001-01-01', 9, 9, 9, 9)",
        name,
    )
    assert "stopped" not in await said(hub, "watch")
    await hub.db.fetch("update oauth_client set questions_barred_at = now() where client_id = $1", name)
    assert "questions barred:" in await said(hub, "show", name)
    watched = await said(hub, "watch", name)
    [line] = [line.split() for line in watched.splitlines() if line.startswith("20")]
    assert line[1:] == [name, "-", "4321", "98", "21", "2"]
    assert f"stopped: {name}" in watched
    assert "may ask about persons again" in await said(hub, "watch", name, "--allow")
    assert "stopped" not in await said(hub, "watch")
    assert "[NOT_FOUND]" in (await command(hub, "watch", name, "--allow")).output
    assert "Name the client" in (await command(hub, "watch", "--allow")).output


async def test_suspending_resuming_and_ending(hub: OAuthHub) -> None:
    client = await hub.register("operator")
    name = client.client_id
    await said(hub, "suspend", name)
    refused(await hub.post(hub.assertion(name)), "invalid_client")
    assert "SUSPENDED" in await said(hub, "list")
    await said(hub, "resume", name)
    await hub.token(name)
    await said(hub, "expire", name, "--on", "2020-01-01")
    refused(await hub.post(hub.assertion(name)), "invalid_client")
    assert f"{name}  operator  -  EXPIRED" in await said(hub, "list")
    await said(hub, "expire", name)
    await hub.token(name)
    for verb in ("suspend", "resume", "expire"):
        assert "[NOT_FOUND]" in (await command(hub, verb, "nobody")).output


# Rotation


async def test_a_key_is_rotated_without_a_moment_in_which_none_is_good(hub: OAuthHub, tmp_path: Path) -> None:
    name = (await hub.register("operator")).client_id
    old, private = hub.client_keys[name], tmp_path / "new.jwk"
    output = await said(hub, "rotate", name, "--overlap-hours", "1", "--make-key", str(private))
    assert output.count("until") == 1
    assert await hub.token(name)
    take(hub, name, private)
    assert await hub.token(name)
    hub.client_keys[name] = old
    assert await hub.token(name)


async def test_the_old_key_ends_with_the_overlap(hub: OAuthHub) -> None:
    name = (await hub.register("operator")).client_id
    old, new = hub.client_keys[name], key_of("ES256")
    fresh = {"keys": [new.as_dict(private=False)]}
    kept = await rotate_keys(hub.db, name, fresh, dt.timedelta(seconds=1.5))
    assert len(kept["keys"]) == 2
    await asyncio.sleep(1.6)
    refused(await hub.post(hub.assertion(name)), "invalid_client")
    hub.client_keys[name] = new
    assert await hub.token(name)
    assert str(old.kid) not in await said(hub, "show", name)
    kept = await rotate_keys(
        hub.db, name, {"keys": [key_of("EdDSA").as_dict(private=False)]}, dt.timedelta(1)
    )
    assert [key["kty"] for key in kept["keys"]] == ["OKP", "EC"]


async def test_a_lost_key_ends_at_once(hub: OAuthHub, tmp_path: Path) -> None:
    name = (await hub.register("operator")).client_id
    token = await hub.token(name)
    await said(hub, "rotate", name, "--overlap-hours", "0", "--make-key", str(tmp_path / "k"))
    refused(await hub.post(hub.assertion(name)), "invalid_client")
    with pytest.raises(Unauthenticated):
        await hub.bearer.viewer(f"Bearer {token}")
    take(hub, name, tmp_path / "k")
    await hub.bearer.viewer(f"Bearer {await hub.token(name)}")


async def test_an_end_is_never_put_off_and_keys_are_few(hub: OAuthHub) -> None:
    name = (await hub.register("operator")).client_id
    kept: dict[str, Any] = {}
    for hours in (1, 5, 9, 9, 9, 9, 9):
        fresh = {"keys": [key_of("ES256").as_dict(private=False)]}
        kept = await rotate_keys(hub.db, name, fresh, dt.timedelta(hours=hours))
    ends = [key.get("exp", 0) for key in kept["keys"]]
    assert len(ends) == 8
    assert ends[-1] < ends[-2] < ends[-3]
    with pytest.raises(BadArgument, match="8 keys at most"):
        await rotate_keys(hub.db, name, {"keys": [key_of("ES256").as_dict(private=False)]}, dt.timedelta(1))
    for wrong in (dt.timedelta(days=91), dt.timedelta(seconds=-1)):
        with pytest.raises(BadArgument, match="0 to 90 days"):
            await rotate_keys(hub.db, name, kept, wrong)
    with pytest.raises(NotFound):
        await rotate_keys(hub.db, "nobody", {"keys": kept["keys"][:1]}, dt.timedelta())


def test_the_command_knows_the_roles() -> None:
    assert ROLES == roles.ROLES
