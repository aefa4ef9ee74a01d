"""``hub user``: what the operator types, and what is printed once and never again."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator

import pytest_asyncio
from click.testing import CliRunner, Result

from hub.cli import main
from hub.oauth.users import Users
from tests.support.oauth import DONGJIANG
from tests.support.postgres import FIELD_KEY, server
from tests.support.users import UserHub, user_hub

PASSWORD = re.compile(r"^Initial password of ([\w.-]+): ([a-z2-7-]{19})$", re.MULTILINE)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[UserHub]:
    async with user_hub() as hub:
        yield hub


async def typed(hub: UserHub, *words: str) -> Result:
    environment = {
        "HUB_DATABASE_URL": (await server()).dsn(hub.db.name),
        "HUB_FIELD_KEY": FIELD_KEY,
        "HUB_DATA_DIR": str((await server()).directory / "commands"),
    }
    return await asyncio.to_thread(CliRunner().invoke, main, ["user", *words], env=environment)


async def add(hub: UserHub, login: str, *more: str) -> Result:
    place = () if "--role" in more else ("--role", "township", "--division", DONGJIANG)
    return await typed(hub, "add", login, "--name", "周明", *place, *more)


async def test_a_user_is_added_and_the_password_printed_once(hub: UserHub) -> None:
    found = await add(hub, "Zhou.Ming", "--scope", "visit.rs field:care")
    assert found.exit_code == 0, found.output
    printed = PASSWORD.search(found.output)
    assert printed is not None
    answer = await hub.browser().sign_in("zhou.ming", printed[2])
    assert "/login/enrol" in answer.headers["location"]
    shown = await typed(hub, "show", "zhou.ming")
    for line in ("login         zhou.ming", "role          township", f"division      {DONGJIANG}"):
        assert line in shown.output
    assert re.search(r"^scopes +visit.rs field:care$", shown.output, re.MULTILINE)
    assert "initial password, no second step yet" in shown.output
    listed = await typed(hub, "list")
    assert f"zhou.ming  township  {DONGJIANG}  ACTIVE  initial password, no second step yet" in listed.output
    for output in (shown.output, listed.output):
        assert printed[2] not in output
        assert "argon2" not in output


async def test_what_a_user_needs_is_said(hub: UserHub) -> None:
    for more, said in (
        (("--role", "nobody"), "A role is one of"),
        (("--role", "township"), "A user of role township belongs to a division"),
        (("--role", "bureau", "--division", DONGJIANG), "belongs to a province, a city or a county"),
        (("--role", "contractor"), "A user of role contractor belongs to a contractor"),
        (("--role", "contractor", "--credit-code", "x"), "No source has brought a contractor"),
        (("--role", "township", "--division", "450399001000"), "knows no such division"),
        (("--scope", "nothing.rs"), "scope"),
        (("--name", " "), "A name has 1 to 100 characters"),
    ):
        found = await add(hub, "needs", *more)
        assert found.exit_code == 1, more
        assert said in found.output
    assert "A login is 2 to 64" in (await add(hub, "周明")).output
    assert (await add(hub, "twice")).exit_code == 0
    assert "registered already" in (await add(hub, "TWICE")).output


async def test_a_user_of_a_contractor_is_added_by_its_credit_code(hub: UserHub) -> None:
    adding = "insert into contractor (credit_code, name) values ('52450305', '示例机构') returning id"
    number = await hub.db.owner.fetchval(adding)
    assert (await add(hub, "li.na", "--role", "contractor", "--credit-code", "52450305")).exit_code == 0
    assert (await Users(hub.db, hub.vault).named("li.na")).organisation_id == number
    shown = (await typed(hub, "show", "li.na")).output
    assert re.search(r"^contractor +52450305 示例机构$", shown, re.MULTILINE)
    assert "li.na  contractor  52450305 示例机构  ACTIVE" in (await typed(hub, "list")).output


async def test_every_command_does_what_it_says(hub: UserHub) -> None:
    await hub.settled("served")
    browser = hub.browser()

    async def signs_in() -> None:
        await Users(hub.db, hub.vault).unlock("served")
        await browser.whole("served")
        assert await browser.who() is not None

    await signs_in()
    assert "Sessions ended: 1." in (await typed(hub, "end-sessions", "served")).output
    await signs_in()
    assert "sessions ended: 1." in (await typed(hub, "lock", "served")).output
    assert "  SUSPENDED  own password, second step set up" in (await typed(hub, "list")).output
    assert await browser.who() is None
    assert "may sign in" in (await typed(hub, "unlock", "served")).output
    await signs_in()
    assert "sets up the second step" in (await typed(hub, "reset-totp", "served")).output
    assert await browser.who() is None
    assert "own password, no second step yet" in (await typed(hub, "show", "served")).output
    printed = PASSWORD.search((await typed(hub, "reset-password", "served")).output)
    assert printed is not None
    assert "/login/enrol" in (await browser.sign_in("served", printed[2])).headers["location"]


async def test_nobody_is_said_to_be_nobody(hub: UserHub) -> None:
    for command in ("show", "lock", "unlock", "reset-password", "reset-totp", "end-sessions"):
        found = await typed(hub, command, "nobody")
        assert found.exit_code == 1
        assert "No user has this login. [NOT_FOUND]" in found.output
