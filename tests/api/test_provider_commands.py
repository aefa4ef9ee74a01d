"""``hub provider`` and ``hub user link``: what the operator types, and what a registration needs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from click.testing import CliRunner, Result

from hub.cli import main
from hub.oauth.providers import find_provider
from tests.support.oauth import DONGJIANG, GUILIN, QIXING
from tests.support.postgres import FIELD_KEY, server
from tests.support.users import UserHub, user_hub

ISSUER = "https://id.gx.example/realms/civil"
GOOD = (
    *("--issuer", ISSUER, "--client-id", "hub", "--title-zh", "广西统一认证", "--title-en", "Guangxi"),
    *("--division", GUILIN),
)
MAKES = (
    *("--name-claim", "name", "--role-claim", "post", "--role", "street=township", "--role", "a=b=bureau"),
    *("--division-claim", "unit", "--place", f"东江={DONGJIANG}", "--place", f"七星={QIXING}"),
    *("--scope", "visit.rs beneficiary.rs"),
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[UserHub]:
    async with user_hub() as hub:
        yield hub


async def typed(hub: UserHub, *words: str, good: bool = True) -> Result:
    environment = {
        "HUB_DATABASE_URL": (await server()).dsn(hub.db.name),
        "HUB_FIELD_KEY": FIELD_KEY,
        "HUB_DATA_DIR": str((await server()).directory / "commands"),
        "HUB_BASE_URL": "https://hub.example",
    }
    found = await asyncio.to_thread(CliRunner().invoke, main, words, env=environment)
    assert (found.exit_code == 0) is good, found.output
    return found


async def test_from_registration_to_removal(hub: UserHub, tmp_path: Path) -> None:
    said = (await typed(hub, "provider", "add", "gx", *GOOD, *MAKES)).output
    for line in (
        f"issuer          {ISSUER}",
        "method          private_key_jwt",
        "role claim      post: street = township",
        "role claim      post: a=b = bureau",
        f"division claim  unit: 东江 = {DONGJIANG}",
        "scopes          beneficiary.rs visit.rs",
        "redirect_uri  https://hub.example/login/provider/gx/back",
        "jwks_uri      https://hub.example/oauth/jwks.json",
    ):
        assert line in said
    assert "RS256" not in said
    assert "status          ACTIVE" in (await typed(hub, "provider", "show", "gx")).output
    assert f"gx  {GUILIN}  ACTIVE  {ISSUER}" in (await typed(hub, "provider", "list")).output
    assert "sessions ended: 0, grants: 0" in (await typed(hub, "provider", "suspend", "gx")).output
    assert "SUSPENDED" in (await typed(hub, "provider", "list")).output
    await typed(hub, "provider", "resume", "gx")
    secret = tmp_path / "secret"
    secret.write_text("s3cret\n")
    said = (
        await typed(hub, "provider", "add", "gx", *GOOD, "--secret-file", str(secret), "--replace")
    ).output
    assert "client_secret_basic" in said
    assert "none: only linked users sign in" in said
    assert "s3cret" not in said
    stored = await find_provider(hub.db, "gx")
    assert stored is not None
    assert stored.secret is not None
    assert b"s3cret" not in stored.secret
    await typed(hub, "provider", "remove", "gx", "--yes")
    assert "[NOT_FOUND]" in (await typed(hub, "provider", "show", "gx", good=False)).output


async def test_users_are_linked(hub: UserHub) -> None:
    await hub.settled("zhou.ming")
    await typed(hub, "provider", "add", "city", *GOOD)
    link = ("user", "link", "zhou.ming", "--provider", "city", "--subject", "7f3a")
    await typed(hub, *link)
    assert "linked to a user already" in (await typed(hub, *link, good=False)).output
    shown = (await typed(hub, "user", "show", "zhou.ming")).output
    assert "providers     city" in shown
    for words in (("--provider", "none", "--subject", "x"), ("--provider", "city", "--subject", "周")):
        await typed(hub, "user", "link", "zhou.ming", *words, good=False)
    await typed(hub, "user", "unlink", "zhou.ming", "--provider", "city")
    await typed(hub, "user", "unlink", "zhou.ming", "--provider", "city", good=False)
    await typed(hub, "provider", "remove", "city", "--yes")


async def test_a_user_elsewhere_is_not_linked(hub: UserHub) -> None:
    await hub.settled("li.hua")
    changed = [QIXING.replace("450305", "450302") if word == GUILIN else word for word in GOOD]
    await hub.db.fetch(
        "insert into division (code, name, full_name, level, kind, depth)"
        " values ('450302000000', '秀峰区', '桂林市秀峰区', 'COUNTY', 'DISTRICT', 2)"
    )
    await typed(hub, "provider", "add", "xf", *changed)
    found = await typed(hub, "user", "link", "li.hua", "--provider", "xf", "--subject", "x", good=False)
    assert "inside its own" in found.output
    await typed(hub, "provider", "remove", "xf", "--yes")


async def test_who_signs_in_at_a_provider_gets_no_password(hub: UserHub) -> None:
    await hub.db.fetch(
        "insert into hub_user (login, display_name, role, division_code, scopes)"
        " values ('gx.1', '李华', 'township', $1, '{visit.rs}')",
        DONGJIANG,
    )
    assert "no password" in (await typed(hub, "user", "reset-password", "gx.1", good=False)).output
    assert "at a provider" in (await typed(hub, "user", "list")).output
    answer = await hub.browser().sign_in("gx.1", "")
    assert answer.status_code == 422


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--division", "450399000000"), "no such division"),
        (("--role", "x"), "VALUE=MEANING"),
        ((*MAKES, "--role", "x=operator"), "is one of"),
        ((*MAKES, "--scope", "everything"), "A scope is"),
    ],
)
async def test_what_a_registration_needs_is_said(hub: UserHub, words: tuple[str, ...], said: str) -> None:
    found = await typed(hub, "provider", "add", "bad", *GOOD, *words, good=False)
    assert said in found.output
    assert "Traceback" not in found.output


async def test_a_name_and_an_issuer_are_taken_once(hub: UserHub) -> None:
    await typed(hub, "provider", "add", "one", *GOOD)
    assert "already" in (await typed(hub, "provider", "add", "one", *GOOD, good=False)).output
    assert "already" in (await typed(hub, "provider", "add", "two", *GOOD, good=False)).output
    changed = [f"{ISSUER}/other" if word == ISSUER else word for word in GOOD]
    assert "already" in (await typed(hub, "provider", "add", "one", *changed, "--replace", good=False)).output
    assert "[BAD_ARGUMENT]" in (await typed(hub, "provider", "add", "No", *GOOD, good=False)).output
    await typed(hub, "provider", "suspend", "nobody", good=False)
    await typed(hub, "provider", "remove", "one", "--yes")
