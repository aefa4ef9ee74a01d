"""Users of an OpenID provider: who gets in, as whom, and what no token of the provider's can do."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from hub.access.scopes import atoms
from hub.oauth.provider_rules import BASIC, POST, NotAdmitted
from hub.oauth.provider_users import Arrival, admit
from hub.oauth.providers import (
    find_provider,
    link,
    register_provider,
    remove_provider,
    resume_provider,
    suspend_provider,
    unlink,
)
from hub.oauth.users import find_user
from tests.support.oauth import BASE_URL
from tests.support.providers import (
    GRANTED,
    REGISTERED,
    UNKNOWN,
    open_id,
    refused,
    registered,
)
from tests.support.users import UserHub, user_hub


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[UserHub]:
    async with user_hub() as hub:
        yield hub


# There and back


async def test_a_user_is_made_within_the_registration(hub: UserHub) -> None:
    async with registered(hub, **GRANTED) as provider:
        browser = hub.browser()
        await browser.get("/login")
        assert "使用广西统一认证登录" in browser.page
        answer = await provider.visited(browser, next="/oauth/authorize?client_id=x")
        assert answer.status_code == 303
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert provider.asked["redirect_uri"] == f"{BASE_URL}/login/provider/province/back"
        assert (provider.asked["response_type"], provider.asked["code_challenge_method"]) == ("code", "S256")
        assert (provider.asked["scope"], provider.asked["max_age"]) == ("openid", "28800")
        back = await browser.http.get(provider.back())
        assert back.headers["location"] == f"{BASE_URL}/oauth/authorize?client_id=x"
        who = await browser.who()
        assert who is not None
        assert (who.role, who.division_code, who.display_name) == ("township", "450305001000", "李华")
        assert who.scopes == GRANTED["scopes"]
        assert (who.provider, who.has_password) == ("province", False)
        assert provider.check_proof(hub).items() >= {"iss": REGISTERED, "sub": REGISTERED}.items()
        assert provider.check_proof(hub)["aud"] == provider.issuer
        page = await browser.get("/account")
        assert "/account/password" not in page.text
        # The same person again is the same user.
        again = hub.browser()
        await provider.sign_in(again)
        found = await again.who()
        assert found is not None
        assert found.user_id == who.user_id


async def test_a_linked_user_has_the_rights_the_operator_gave(hub: UserHub) -> None:
    await hub.settled("linked")
    user = await find_user(hub.db, "linked")
    assert user is not None
    async with registered(hub) as provider:
        browser = hub.browser()
        await refused(hub, browser, await provider.sign_in(browser), 403, UNKNOWN)
        await link(hub.db, user, "province", "person-1")
        await provider.sign_in(browser, post="county", unit="七星", scope="field:credential", role="bureau")
        who = await browser.who()
        assert who is not None
        assert (who.user_id, who.role, who.scopes) == (user.id, "township", atoms(["visit.rs"]))
        assert who.has_password
        await unlink(hub.db, user, "province")
        assert await browser.who() is None
        await hub.users.lock("linked")
        await link(hub.db, user, "province", "person-1")
        await refused(hub, browser, await provider.sign_in(browser), 403, UNKNOWN)


@pytest.mark.parametrize("method", [BASIC, POST])
async def test_a_provider_that_knows_secrets_only(hub: UserHub, method: str) -> None:
    secret = hub.vault.seal("s3cret: +/=%")
    async with registered(hub, auth_method=method, secret=secret, **GRANTED) as provider:
        browser = hub.browser()
        await provider.sign_in(browser)
        assert await browser.who() is not None
        form = provider.forms[-1]
        if method == POST:
            assert (form["client_id"], form["client_secret"]) == (REGISTERED, "s3cret: +/=%")
        else:
            assert (
                form["authorization"] == httpx.BasicAuth(REGISTERED, "s3cret%3A%20%2B%2F%3D%25")._auth_header
            )
        assert "client_assertion" not in form
        stored = await hub.fetch("select client_secret from oauth_provider where name = 'province'")
        assert b"s3cret" not in stored


async def test_claims_that_change_move_the_user_and_end_what_was(hub: UserHub) -> None:
    async with registered(hub, **GRANTED) as provider:
        first, second = hub.browser(), hub.browser()
        await provider.sign_in(first, sub="mover")
        await provider.sign_in(second, sub="mover", unit="穿山")
        assert await first.who() is None
        who = await second.who()
        assert who is not None
        assert who.division_code == "450305002000"
        third = hub.browser()
        await refused(hub, third, await provider.sign_in(third, sub="mover", unit="别处"), 403, UNKNOWN)
        assert await second.who() is None


async def test_who_has_to_sign_in_anew_does_so_there(hub: UserHub) -> None:
    async with registered(hub, **GRANTED) as provider:
        browser = hub.browser()
        await browser.get("/login", prompt="login")
        assert "/login/provider/province?next=%2Faccount&amp;prompt=login" in browser.page
        await provider.visited(browser, prompt="login")
        assert (provider.asked["prompt"], provider.asked["max_age"]) == ("login", "0")
        provider.claims = {"auth_time": int(time.time()) - 3600}
        await refused(hub, browser, await browser.http.get(provider.back()))
        # Otherwise the session is as old as the sign-in there.
        await provider.sign_in(browser, auth_time=int(time.time()) - 3600)
        who = await browser.who()
        assert who is not None
        assert 3500 < time.time() - who.signed_in_at.timestamp() < 3700


async def test_a_way_of_signing_in_that_is_not_enough(hub: UserHub) -> None:
    async with registered(hub, acr_values=("loa3",), **GRANTED) as provider:
        browser = hub.browser()
        await refused(hub, browser, await provider.sign_in(browser, acr="loa1"))
        await provider.sign_in(browser, acr="loa3")
        assert provider.asked["acr_values"] == "loa3"
        assert await browser.who() is not None


# What ends


async def test_suspending_ends_what_came_through_it(hub: UserHub) -> None:
    await hub.settled("both")
    user = await find_user(hub.db, "both")
    assert user is not None
    async with registered(hub, **GRANTED) as provider:
        await link(hub.db, user, "province", "both-1")
        made, linked, here = hub.browser(), hub.browser(), hub.browser()
        await provider.sign_in(made)
        await provider.sign_in(linked, sub="both-1")
        await here.whole("both")
        assert await suspend_provider(hub.db, "province") == (2, 0)
        assert [await each.who() is None for each in (made, linked, here)] == [True, True, False]
        await refused(hub, made, await provider.visited(made))
        assert "广西统一认证" not in (await hub.browser().get("/login", prompt="login")).text
        await resume_provider(hub.db, "province")
        assert await made.who() is None, "for good"
        await provider.sign_in(made)
        assert await made.who() is not None


async def test_a_visit_under_way_ends_with_the_provider(hub: UserHub) -> None:
    async with registered(hub, **GRANTED) as provider:
        browser = hub.browser()
        await provider.visited(browser)
        await suspend_provider(hub.db, "province")
        await refused(hub, browser, await browser.http.get(provider.back()))


async def test_a_registration_that_changes_meanwhile_lets_nobody_in_by_the_one_before(hub: UserHub) -> None:
    async with registered(hub, **GRANTED) as provider:
        before = await find_provider(hub.db, "province")
        assert before is not None
        fewer = {**GRANTED, "scopes": frozenset({"visit.r"})}
        await register_provider(hub.db, provider.provider(**fewer), replace=True)
        with pytest.raises(NotAdmitted):
            await admit(hub.db, before, Arrival({"sub": "x", "post": "street", "unit": "东江"}, "", 0))


async def test_removing_locks_who_was_made(hub: UserHub) -> None:
    async with open_id() as provider:
        await register_provider(hub.db, provider.provider("gone", **GRANTED))
        browser = hub.browser()
        await provider.sign_in(browser, "gone", sub="gone-1")
        who = await browser.who()
        assert who is not None
        await remove_provider(hub.db, "gone")
        assert await browser.who() is None
        assert await hub.fetch("select status from hub_user where id = $1", who.user_id) == "SUSPENDED"


async def test_another_registration_ends_what_came_by_the_one_before(hub: UserHub) -> None:
    async with registered(hub, **GRANTED) as provider:
        browser = hub.browser()
        await provider.sign_in(browser, sub="narrowed")
        fewer = {**GRANTED, "scopes": frozenset({"visit.r"})}
        await register_provider(hub.db, provider.provider(**fewer), replace=True)
        assert await browser.who() is None
        await provider.sign_in(browser, sub="narrowed")
        who = await browser.who()
        assert who is not None
        assert who.scopes == {"visit.r"}


# State, browser, mix-up


async def test_what_comes_back_is_good_once_and_in_one_browser(hub: UserHub) -> None:
    async with registered(hub, **GRANTED) as provider:
        browser, thief = hub.browser(), hub.browser()
        await provider.visited(browser)
        asked = provider.asked
        await provider.visited(thief)  # which gives it a cookie of its own
        provider.asked = asked
        stolen = provider.back()
        await refused(hub, thief, await thief.http.get(stolen))
        assert (await browser.http.get(stolen)).status_code == 303
        hub_cookie = browser.cookie
        provider.asked = asked
        assert (await browser.http.get(provider.back())).status_code == 400
        assert browser.cookie == hub_cookie
        assert provider.fetched.count("/token") == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"state": "another"},
        {"state": None},
        {"iss": "https://evil.example"},
        {"iss": None},  # it says that it names itself
        {"code": None},
        {"error": "access_denied"},
    ],
)
async def test_an_answer_that_is_not_the_one_expected(hub: UserHub, changed: dict[str, Any]) -> None:
    async with registered(hub, **GRANTED) as provider:
        browser = hub.browser()
        await provider.visited(browser)
        await refused(hub, browser, await browser.http.get(provider.back(**changed)))
        assert "/token" not in provider.fetched


async def test_a_parameter_stands_once(hub: UserHub) -> None:
    async with registered(hub, **GRANTED) as provider:
        browser = hub.browser()
        await provider.visited(browser)
        await refused(hub, browser, await browser.http.get(f"{provider.back()}&code=another"))
        await refused(hub, browser, await browser.http.get(f"{provider.back()}&x={'x' * 9000}"))


async def test_the_code_of_one_provider_does_not_go_to_another(hub: UserHub) -> None:
    async with registered(hub, **GRANTED) as honest, registered(hub, "evil", **GRANTED) as evil:
        browser = hub.browser()
        await honest.visited(browser)
        code = honest.back()
        # The evil one has the browser bring the honest one's code to its own address.
        await refused(hub, browser, await browser.http.get(code.replace("/province/", "/evil/")))
        await honest.visited(browser)
        evil.asked = honest.asked
        await refused(hub, browser, await browser.http.get(evil.back().replace("/evil/", "/province/")))
        assert "/token" not in evil.fetched + honest.fetched


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/%2fevil.example", "data:x"])
async def test_nobody_is_sent_elsewhere(hub: UserHub, target: str) -> None:
    async with registered(hub, **GRANTED) as provider:
        browser = hub.browser()
        await provider.visited(browser, next=target)
        answer = await browser.http.get(provider.back())
        assert answer.headers["location"] == f"{BASE_URL}/account"


async def test_another_site_does_not_send_users_there(hub: UserHub) -> None:
    async with registered(hub, **GRANTED) as provider:
        answer = await hub.browser(**{"sec-fetch-site": "cross-site"}).http.get("/login/provider/province")
        assert answer.headers["location"].startswith(f"{BASE_URL}/login?")
        assert provider.fetched == []


async def test_no_such_provider(hub: UserHub) -> None:
    browser = hub.browser()
    for path in (
        "/login/provider/nobody",
        "/login/provider/nobody/back?code=x&state=y",
    ):
        await refused(hub, browser, await browser.http.get(path))


async def test_names_of_people_stay_out_of_the_database_of_visits(hub: UserHub) -> None:
    """What is kept of a visit signs nobody in: a hash of what only the browser and the provider hold."""
    async with registered(hub, **GRANTED) as provider:
        browser = hub.browser()
        await provider.visited(browser)
        rows = await hub.db.fetch("select * from provider_visit where provider = 'province'")
        assert [set(row.keys()) for row in rows] == [
            {"visit_hash", "provider", "next", "is_fresh", "created_at", "expires_at"}
        ]
        await hub.db.fetch("update provider_visit set expires_at = now()")
        await refused(hub, browser, await browser.http.get(provider.back()))
