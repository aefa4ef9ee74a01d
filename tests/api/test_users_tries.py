"""Guessing is slowed, whatever login it is for, and cannot keep a user out who has signed in before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from hub.oauth.tries import FIRST_WAIT, FREE, LONGEST_WAIT, MustWait
from hub.settings import Settings
from tests.support.logs import captured_logs
from tests.support.users import OWN, Browser, UserHub, user_hub


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[UserHub]:
    async with user_hub() as hub:
        yield hub


async def waits(hub: UserHub, login: str, device: str | None = None) -> int:
    """Seconds that the next try of a password must wait."""
    try:
        await hub.signing_in.tries.take("password", login, device)
    except MustWait as error:
        return error.retry_after or 0
    return 0


async def pass_wait(hub: UserHub) -> None:
    await hub.db.fetch("update sign_in_try set free_at = free_at - interval '1 day'")


@pytest.mark.parametrize("login", ["known", "nobody"])
async def test_the_wait_doubles_up_to_a_quarter_of_an_hour(hub: UserHub, login: str) -> None:
    if login == "known":
        await hub.settled(login)
    assert [await waits(hub, login) for _ in range(FREE)] == [0] * FREE
    found = []
    for _ in range(8):
        found.append(await waits(hub, login))
        await pass_wait(hub)
        assert await waits(hub, login) == 0
    wanted = [min(LONGEST_WAIT, FIRST_WAIT * 2**n) for n in range(8)]
    assert all(0 <= want - have <= 5 for want, have in zip(wanted, found, strict=True)), found
    assert wanted[-1] == LONGEST_WAIT == 900


async def test_what_comes_while_waiting_is_not_counted(hub: UserHub) -> None:
    for _ in range(FREE + 20):
        await waits(hub, "flooded")
    assert 0 < await waits(hub, "flooded") <= FIRST_WAIT
    await pass_wait(hub)
    assert await waits(hub, "flooded") == 0


async def test_many_at_once_are_counted_one_by_one(hub: UserHub) -> None:
    answers = await asyncio.gather(*(waits(hub, "parallel") for _ in range(20)))
    assert answers.count(0) == FREE


async def test_a_day_later_all_is_forgotten(hub: UserHub) -> None:
    for _ in range(FREE + 1):
        await waits(hub, "old")
    await hub.db.fetch(
        "update sign_in_try set tried_at = tried_at - interval '25 hours',"
        " free_at = free_at - interval '25 hours'"
    )
    assert [await waits(hub, "old") for _ in range(FREE + 1)][:FREE] == [0] * FREE
    await hub.db.fetch("update sign_in_try set tried_at = tried_at - interval '25 hours'")
    await hub.signing_in.tries.clear("somebody-else")
    assert await hub.fetch("select count(*) from sign_in_try") == 0


async def test_the_right_password_does_not_help_while_waiting(hub: UserHub) -> None:
    await hub.settled("guessed")
    browser = hub.browser()
    for _ in range(FREE):
        assert (await browser.sign_in("guessed", "wrong")).status_code == 422
    answer = await browser.sign_in("guessed", OWN)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= FIRST_WAIT
    assert "1 分钟" in browser.problem()


async def test_others_failures_do_not_lock_out_who_signed_in_before(hub: UserHub) -> None:
    await hub.settled("victim")
    mine, attacker = hub.browser(), hub.browser()
    await mine.whole("victim")
    for _ in range(FREE + 1):
        answer = await attacker.sign_in("victim", "wrong")
    assert answer.status_code == 429
    assert (await mine.whole("victim")).status_code == 303
    assert (await attacker.sign_in("victim", OWN)).status_code == 429


async def test_a_known_browser_is_slowed_too_and_known_for_its_own_login_only(hub: UserHub) -> None:
    for login in ("insider", "target"):
        await hub.settled(login)
    browser = hub.browser()
    await browser.whole("insider")
    for _ in range(FREE):
        await browser.sign_in("target", "wrong")
    assert (await hub.browser().sign_in("target", OWN)).status_code == 429
    for _ in range(FREE):
        await browser.sign_in("insider", "wrong")
    assert (await browser.sign_in("insider", OWN)).status_code == 429
    assert (await hub.browser().sign_in("insider", OWN)).status_code == 303
    for forged in ("x", "x" * 60, hub.vault.token(b"y" * 32)):
        assert not hub.signing_in.tries.knows("insider", forged)


async def test_codes_are_slowed_apart_from_passwords(hub: UserHub) -> None:
    """The right password again does not make codes free to guess."""
    await hub.settled("second-step")

    async def begun() -> Browser:
        browser = hub.browser()
        await browser.sign_in("second-step", OWN)
        return browser

    for _ in range(FREE - 1):
        assert (await (await begun()).submit("/login/code", code="000")).status_code == 422
    browser = await begun()
    assert (await browser.submit("/login/code", code="000")).status_code == 422
    answer = await browser.submit("/login/code", code=hub.code("second-step"))
    assert answer.status_code == 429
    assert await browser.who() is None
    assert "分钟" in browser.problem()


async def test_success_and_the_operator_clear_the_count(hub: UserHub) -> None:
    await hub.settled("cleared")
    for _ in range(2):
        for _ in range(FREE - 1):
            await hub.browser().sign_in("cleared", "wrong")
        assert (await hub.browser().whole("cleared")).status_code == 303
    for _ in range(FREE + 1):
        await waits(hub, "cleared")
    await hub.users.unlock("cleared")
    assert (await hub.browser().sign_in("cleared", OWN)).status_code == 303


async def test_the_log_tells_what_happened_and_nobodys_login(hub: UserHub) -> None:
    login = "log.sentinel"
    codes = await hub.settled(login)
    with captured_logs(Settings()) as logs:
        browser = hub.browser()
        for given in (login, "no.sentinel"):
            for _ in range(FREE + 1):
                await browser.sign_in(given, "Wrong-sentinel-1")
        await hub.users.unlock(login)
        await browser.whole(login)
        await hub.users.lock(login)
        cookie = str(browser.cookie)
    lines = logs.lines()
    events = [(line["event"], line.get("reason")) for line in lines]
    assert ("sign_in_refused", "password") in events
    assert ("sign_in_refused", "unknown") in events
    assert ("sign_in_refused", "waiting") in events
    for event in ("sign_in_slowed", "factor_given", "signed_in", "user_locked", "sessions_ended"):
        assert (event, None) in events
    assert not any("withheld" in line for line in lines)
    for secret in ("sentinel", OWN, cookie, "周明", hub.secrets[login], *codes):
        assert secret not in logs.text
    held = "".join([str(dict(row)) for row in await hub.db.fetch("select * from sign_in_try")])
    assert "sentinel" not in held
