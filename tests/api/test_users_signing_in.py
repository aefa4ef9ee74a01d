"""Signing in at the hub: the steps, what is refused, and what a browser is told and given."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio

from hub.access.scopes import DEFAULT_SCOPES, atoms
from hub.oauth.sessions import csrf_of
from tests.support.oauth import BASE_URL, DONGJIANG
from tests.support.users import OWN, UserHub, user_hub


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[UserHub]:
    async with user_hub() as hub:
        yield hub


async def test_the_first_sign_in_sets_up_everything(hub: UserHub) -> None:
    password = await hub.add("first")
    browser = hub.browser()
    answer = await browser.sign_in("First ", password, next="/explorer?x=1")
    assert answer.headers["location"] == f"{BASE_URL}/login/enrol?next=%2Fexplorer%3Fx%3D1"
    codes = await browser.enrol("first")
    assert len({*codes}) == 10
    assert await browser.who() is None
    answer = await browser.submit("/login/onward", next="/explorer?x=1")
    assert answer.headers["location"] == f"{BASE_URL}/login/password?next=%2Fexplorer%3Fx%3D1"
    assert await browser.who() is None
    answer = await browser.submit("/login/password", new=OWN, again=OWN, next="/explorer?x=1")
    assert answer.headers["location"] == f"{BASE_URL}/explorer?x=1"
    who = await browser.who()
    assert who is not None
    assert (who.login, who.display_name, who.role) == ("first", "周明", "township")
    assert (who.division_code, who.organisation_id) == (DONGJIANG, None)
    assert who.scopes == atoms(DEFAULT_SCOPES["township"])
    assert who.csrf == csrf_of(str(browser.cookie))
    assert abs(who.signed_in_at - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)
    assert str(browser.cookie) not in repr(who)
    assert who.csrf not in repr(who)


async def test_the_next_sign_in_takes_password_and_code(hub: UserHub) -> None:
    await hub.settled("second")
    browser = hub.browser()
    assert (await browser.whole("second", next="/explorer")).headers["location"] == f"{BASE_URL}/explorer"
    assert await browser.who() is not None


async def test_the_initial_password_is_good_no_more_and_ends_by_itself(hub: UserHub) -> None:
    password = await hub.add("late")
    await hub.db.fetch("update hub_user set password_ends_at = now() - interval '1 min' where login = 'late'")
    browser = hub.browser()
    assert (await browser.sign_in("late", password)).status_code == 422
    first = await hub.add("used")
    await browser.sign_in("used", first)
    await browser.enrol("used")
    await browser.submit("/login/onward")
    await browser.submit("/login/password", new=OWN, again=OWN)
    assert (await hub.browser().sign_in("used", first)).status_code == 422


async def test_steps_cannot_be_left_out(hub: UserHub) -> None:
    await hub.settled("steps")
    browser = hub.browser()
    await browser.sign_in("steps", OWN)
    assert await browser.who() is None
    for path, fields in (
        ("/login/onward", {}),
        ("/login/password", {"new": OWN, "again": OWN}),
        ("/login/enrol", {"code": hub.code("steps")}),
        ("/account/end", {"session": "others"}),
        ("/account/password", {"password": OWN, "new": OWN, "again": OWN}),
    ):
        answer = await browser.http.post(path, data={"csrf": browser.csrf, **fields})
        assert answer.status_code == 303, path
        assert await browser.who() is None, path
    for path in ("/account", "/account/password", "/login/enrol", "/login/password"):
        answer = await browser.http.get(path)
        assert "/login" in answer.headers["location"], path


async def test_wrong_password_unknown_login_and_locked_user_are_told_alike(hub: UserHub) -> None:
    await hub.settled("locked")
    await hub.users.lock("locked")
    await hub.add("there")
    answers = [
        await hub.browser().sign_in(login, password)
        for login, password in (
            ("there", "wrong"),
            ("nobody", OWN),
            ("locked", OWN),
            ("\u4e2d", ""),
            ("", ""),
        )
    ]
    assert {answer.status_code for answer in answers} == {422}
    said = {answer.text.partition('<div class="problem"')[2].partition("</div>")[0] for answer in answers}
    assert len(said) == 1
    assert "登录名或口令有误" in said.pop()


async def test_a_code_works_once_and_no_earlier_one_after_it(hub: UserHub) -> None:
    await hub.settled("replay")
    code, before, later = (hub.code("replay", steps) for steps in (0, -1, 1))
    for given, good in ((code, True), (code, False), (before, False), ("000", False), (later, True)):
        browser = hub.browser()
        await browser.sign_in("replay", OWN)
        answer = await browser.submit("/login/code", code=given)
        assert (answer.status_code == 303) == good, given
        assert (await browser.who() is not None) == good
        if not good:
            assert browser.problem() == "验证码有误、已过期或已使用过"


async def test_four_uses_of_a_code_at_once_are_one(hub: UserHub) -> None:
    await hub.settled("race")
    browsers = [hub.browser() for _ in range(4)]
    for browser in browsers:
        await browser.sign_in("race", OWN)
    code = hub.code("race")
    answers = await asyncio.gather(*(b.submit("/login/code", code=code) for b in browsers))
    assert sorted(answer.status_code for answer in answers) == [303, 422, 422, 422]


async def test_codes_of_other_times_are_refused(hub: UserHub) -> None:
    await hub.settled("clock")
    hub.clock.pass_step()
    hub.clock.pass_step()
    browser = hub.browser()
    await browser.sign_in("clock", OWN)
    for steps in (-2, 2):
        assert (await browser.submit("/login/code", code=hub.code("clock", steps))).status_code == 422
    assert (await browser.submit("/login/code", code=hub.code("clock", 1))).status_code == 303


async def test_a_recovery_code_works_once(hub: UserHub) -> None:
    codes = await hub.settled("lost")
    browser = hub.browser()
    await browser.sign_in("lost", OWN)
    answer = await browser.submit("/login/code", code=codes[3].upper().replace("-", " "))
    assert answer.status_code == 303
    assert "剩余恢复码：9 个" in browser.page
    other = hub.browser()
    await other.sign_in("lost", OWN)
    assert (await other.submit("/login/code", code=codes[3])).status_code == 422
    assert (await other.submit("/login/code", code=codes[4])).status_code == 303


async def test_a_recovery_code_is_nobody_elses(hub: UserHub) -> None:
    codes = await hub.settled("mine")
    await hub.settled("yours")
    browser = hub.browser()
    await browser.sign_in("yours", OWN)
    assert (await browser.submit("/login/code", code=codes[0])).status_code == 422


async def test_a_dump_of_the_database_opens_nothing(hub: UserHub) -> None:
    browser = hub.browser()
    codes = await hub.settled("dumped")
    await browser.whole("dumped")
    kept = ""
    for table in ("hub_user", "user_session", "recovery_code", "sign_in_try"):
        for row in await hub.db.fetch(
            f"select t::text, encode(convert_to(t::text, 'UTF8'), 'escape') from {table} t"
        ):
            kept += "".join(row)
    secret = hub.secrets["dumped"]
    assert "$argon2id$v=19$m=65536,t=3,p=1$" in kept
    for known in (OWN, str(browser.cookie), secret, *codes, codes[0].replace("-", "")):
        assert known not in kept
        assert known.encode().hex() not in kept
    sealed = await hub.fetch("select totp_secret from hub_user where login = 'dumped'")
    assert hub.vault.open(sealed) == secret


async def test_who_saw_an_earlier_secret_knows_nothing_of_the_next(hub: UserHub) -> None:
    password = await hub.add("shown")
    first, second = hub.browser(), hub.browser()
    await first.sign_in("shown", password)
    await second.sign_in("shown", password)
    assert first.secret != second.secret
    seen = first.secret
    await first.get("/login/enrol")
    assert first.secret == seen
    await second.enrol("shown")
    answer = await first.submit("/login/enrol", code=hub.code("shown"))
    assert answer.status_code == 303
    assert "/login/code" in answer.headers["location"]


async def test_a_wrong_first_code_leaves_the_secret(hub: UserHub) -> None:
    browser = hub.browser()
    await browser.sign_in("fumble", await hub.add("fumble"))
    secret = browser.secret
    assert (await browser.submit("/login/enrol", code="12")).status_code == 422
    assert browser.secret == secret
    assert len(await browser.enrol("fumble")) == 10


async def test_the_id_of_the_session_changes_and_the_old_one_is_dead(hub: UserHub) -> None:
    await hub.settled("rotate")
    browser = hub.browser()
    browser.http.cookies.set("__Host-hub_session", "chosen-by-somebody", domain="hub.example", path="/")
    await browser.sign_in("rotate", OWN)
    half = browser.cookie
    assert half != "chosen-by-somebody"
    await browser.submit("/login/code", code=hub.code("rotate"))
    hub.clock.pass_step()
    whole = browser.cookie
    assert whole != half
    assert await hub.sessions.of(half) is None
    assert await hub.sessions.pending(half) is None
    await browser.whole("rotate")
    assert await hub.sessions.of(whole) is None


@pytest.mark.parametrize("base", ["https://hub.example", "http://127.0.0.1:8000"])
async def test_cookies_are_bound_to_host_and_hidden_from_scripts(hub: UserHub, base: str) -> None:
    local = UserHub(hub.db, base)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(local.app), base_url=base) as http:
        (made,) = (await http.get("/login")).headers.get_list("set-cookie")
    secure = base.startswith("https")
    name = "__Host-hub_form" if secure else "hub_form"
    parts = {part.strip().lower() for part in made.split(";")[1:]}
    assert made.startswith(f"{name}=")
    assert parts == {"httponly", "path=/", "samesite=lax", *(["secure"] if secure else [])}


async def test_every_cookie_of_a_sign_in_is_so(hub: UserHub) -> None:
    await hub.settled("cookies")
    browser = hub.browser()
    answers = [await browser.get("/login", lang="en"), await browser.sign_in("cookies", OWN)]
    answers.append(await browser.submit("/login/code", code=hub.code("cookies")))
    made = [cookie for answer in answers for cookie in answer.headers.get_list("set-cookie")]
    names = {cookie.partition("=")[0] for cookie in made}
    assert names == {f"__Host-hub_{name}" for name in ("language", "form", "session", "device")}
    for cookie in made:
        assert {"HttpOnly", "Secure", "SameSite=lax", "Path=/"} <= {p.strip() for p in cookie.split(";")}
        assert "domain" not in cookie.lower()


async def test_who_is_signed_in_goes_on_at_once_unless_asked_again(hub: UserHub) -> None:
    browser = hub.browser()
    await hub.settled("again")
    await browser.whole("again")
    assert (await browser.get("/login", next="/explorer")).headers["location"] == f"{BASE_URL}/explorer"
    assert (await browser.get("/login", next="/explorer", prompt="login")).status_code == 200
