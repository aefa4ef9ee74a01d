"""Users of an OpenID provider: who gets in, as whom, and what no token of the provider's can do."""

from __future__ import annotations

import gzip
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
import pytest_asyncio
from joserfc.jwk import OctKey
from starlette.responses import JSONResponse, RedirectResponse, Response

from hub.access.scopes import atoms
from hub.oauth.provider_http import MOST_BYTES, PAUSE_SECONDS, Documents
from hub.oauth.provider_rules import ALGORITHMS, BASIC, POST, NotAdmitted
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
from tests.support.oauth import BASE_URL, es256_key, hs256, new_key, signer, unsigned
from tests.support.providers import GRANTED, REGISTERED, OpenId, open_id
from tests.support.users import Browser, UserHub, user_hub

FAILED = "在身份提供方的登录未成功"
UNKNOWN = "未向该账户授予任何权限"
AWAY = "身份提供方暂时无法正常应答"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[UserHub]:
    async with user_hub() as hub:
        yield hub


@asynccontextmanager
async def registered(hub: UserHub, name: str = "province", **changed: Any) -> AsyncIterator[OpenId]:
    async with open_id() as provider:
        await register_provider(hub.db, provider.provider(name, **changed))
        hub.providers.documents = Documents()  # a port comes again
        try:
            yield provider
        finally:
            await remove_provider(hub.db, name)


async def refused(
    hub: UserHub,
    browser: Browser,
    answer: httpx.Response,
    status: int = 400,
    said: str = FAILED,
) -> None:
    assert answer.status_code == status, answer.text
    assert said in answer.text
    assert answer.headers["content-type"].startswith("text/html")
    assert await browser.who() is None


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


# What does not get in


def _other_key(provider: OpenId) -> None:
    provider.sign = signer("ES256", es256_key())


def _none(provider: OpenId) -> None:
    provider.sign, provider.header = unsigned, {"alg": "none"}


def _hmac_of_the_public_key(provider: OpenId) -> None:
    provider.sign, provider.header = hs256(str(provider.key["x"]).encode()), {"alg": "HS256"}


def _key_in_the_header(provider: OpenId) -> None:
    mine = es256_key()
    provider.sign, provider.header = signer("ES256", mine), {"jwk": mine.as_dict(private=False), "kid": None}


def _address_in_the_header(provider: OpenId) -> None:
    provider.header = {"jku": f"{provider.issuer}/other", "kid": "other"}


def _rs256(provider: OpenId) -> None:
    key = new_key("PS256")
    provider.keys = [key.as_dict(private=False)]
    provider.sign, provider.header = signer("RS256", key), {"alg": "RS256", "kid": key.kid}


def _symmetric_key(provider: OpenId) -> None:
    key = OctKey.import_key("0" * 64, {"kid": "sym"})
    provider.keys = [key.as_dict()]
    provider.sign, provider.header = hs256(b"0" * 64), {"alg": "HS256", "kid": "sym"}


def _two_without_a_name(provider: OpenId) -> None:
    provider.keys = [es256_key().as_dict(private=False), *provider.keys]
    provider.header = {"kid": None}


def _for_encryption(provider: OpenId) -> None:
    provider.keys = [{**provider.keys[0], "use": "enc"}]


def _access_token(provider: OpenId) -> None:
    provider.header = {"typ": "at+jwt"}


def _critical(provider: OpenId) -> None:
    provider.header = {"crit": ["exp"], "exp": 1}


def _said(**claims: Any) -> Callable[[OpenId], None]:
    def change(provider: OpenId) -> None:
        provider.claims = claims

    return change


NOW = int(time.time())
WRONG = {
    "another key": _other_key,
    "alg none": _none,
    "hmac": _hmac_of_the_public_key,
    "key in the header": _key_in_the_header,
    "address in the header": _address_in_the_header,
    "an algorithm not registered": _rs256,
    "a symmetric key": _symmetric_key,
    "a key without a name": _two_without_a_name,
    "a key for encryption": _for_encryption,
    "another type": _access_token,
    "crit": _critical,
    "another issuer": _said(iss="https://evil.example"),
    "an issuer with a slash": _said(iss="http://127.0.0.1/"),
    "another audience": _said(aud="somebody"),
    "audiences": _said(aud=[REGISTERED, "somebody"], azp=REGISTERED),
    "no audience": _said(aud=[]),
    "another azp": _said(azp="somebody"),
    "another nonce": _said(nonce="x"),
    "no nonce": _said(nonce=None),
    "a nonce that is none": _said(nonce=["x"]),
    "expired": _said(exp=NOW - 120),
    "never ends": _said(exp=None),
    "exp is no number": _said(exp=float("nan")),
    "exp is true": _said(exp=True),
    "issued long ago": _said(iat=NOW - 7200),
    "issued in the future": _said(iat=NOW + 7200),
    "not yet": _said(nbf=NOW + 7200),
    "no auth_time": _said(auth_time=None),
    "signed in long ago": _said(auth_time=NOW - 86_400),
    "no sub": _said(sub=None),
    "a sub that is none": _said(sub=7),
    "a long sub": _said(sub="x" * 256),
    "a sub with controls": _said(sub="x\u0000"),
}


@pytest.mark.parametrize("name", WRONG)
async def test_a_token_that_is_not_good(hub: UserHub, name: str) -> None:
    async with registered(hub, **GRANTED) as provider:
        browser = hub.browser()
        WRONG[name](provider)
        await provider.visited(browser)
        await refused(hub, browser, await browser.http.get(provider.back()))
        assert await hub.fetch("select 1 from user_identity where provider = 'province'") is None


async def test_rs256_where_it_is_registered(hub: UserHub) -> None:
    async with registered(hub, algorithms=(*ALGORITHMS, "RS256"), **GRANTED) as provider:
        _rs256(provider)
        browser = hub.browser()
        await provider.sign_in(browser)
        assert await browser.who() is not None


@pytest.mark.parametrize(
    "claims",
    [
        {"post": "chief"},
        {"post": None},
        {"post": ["street", "county"]},
        {"post": {"street": True}},
        {"post": "bureau"},
        {"post": "county"},  # which does not go with a township
        {"post": [["street"]]},
        {"unit": "450305001000"},
        {"unit": ""},
        {"unit": ["东江", "穿山"]},
        {"role": "bureau", "division": "450305000000", "post": None},
    ],
)
async def test_values_that_are_not_in_the_tables(hub: UserHub, claims: dict[str, Any]) -> None:
    async with registered(hub, **GRANTED) as provider:
        browser = hub.browser()
        answer = await provider.sign_in(browser, **claims)
        await refused(hub, browser, answer, 403, UNKNOWN)


async def test_a_list_with_one_value_that_counts(hub: UserHub) -> None:
    async with registered(hub, **GRANTED) as provider:
        browser = hub.browser()
        await provider.sign_in(browser, post=["printer", "street", 7], name="  \u202eEvil\u0000\ud800 ")
        who = await browser.who()
        assert who is not None
        assert who.display_name == "Evil"


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


# Documents


def _long() -> Response:
    return JSONResponse({"issuer": "x" * 1_000_000})


def _bomb() -> Response:
    packed = gzip.compress(b" " * 10_000_000)
    return Response(packed, headers={"content-encoding": "gzip", "content-type": "application/json"})


@pytest.mark.parametrize(
    "answer",
    [
        _long,
        _bomb,
        lambda: Response("[" * 100_000),
        lambda: JSONResponse([]),
        lambda: JSONResponse({}, 500),
        lambda: RedirectResponse("http://127.0.0.1:9/"),
    ],
)
async def test_a_document_that_is_none(hub: UserHub, answer: Callable[[], Response]) -> None:
    async with registered(hub, **GRANTED) as provider:
        provider.answers["/.well-known/openid-configuration"] = answer
        browser = hub.browser()
        await refused(hub, browser, await provider.visited(browser), 503, AWAY)
        assert len(_long().body) > MOST_BYTES


@pytest.mark.parametrize(
    "metadata",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"jwks_uri": "http://169.254.169.254/latest"},
        {"token_endpoint": "http://127.0.0.1:5432/"},
        {"token_endpoint": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"authorization_endpoint": "https://evil.example/"},
        {"jwks_uri": ["x"]},
        {"jwks_uri": "http://[::1"},
        {"code_challenge_methods_supported": ["plain"]},
        {"token_endpoint_auth_methods_supported": ["client_secret_post"]},
    ],
)
async def test_metadata_that_lead_elsewhere_or_cannot_do(hub: UserHub, metadata: dict[str, Any]) -> None:
    async with registered(hub, **GRANTED) as provider:
        provider.metadata = metadata
        browser = hub.browser()
        await refused(hub, browser, await provider.visited(browser), 503, AWAY)


async def test_metadata_as_rfc_8414_has_them(hub: UserHub) -> None:
    async with registered(hub, **GRANTED) as provider:
        provider.answers = {
            "/.well-known/openid-configuration": lambda: Response("{}", 404),
            "/.well-known/oauth-authorization-server": lambda: JSONResponse(provider._metadata()),
        }
        assert (await provider.visited(hub.browser())).status_code == 303


async def test_a_new_key_is_fetched_once(hub: UserHub) -> None:
    async with registered(hub, **GRANTED) as provider:
        clock = [1000.0]
        hub.providers.documents = Documents(lambda: clock[0])
        browser = hub.browser()
        await provider.sign_in(browser)
        provider.key = es256_key()
        provider.keys = [provider.key.as_dict(private=False)]
        assert (await provider.sign_in(browser)).status_code == 400, "too soon to ask again"
        clock[0] += PAUSE_SECONDS
        assert (await provider.sign_in(browser)).status_code == 303
        assert provider.fetched.count("/jwks") == 2
        # Away for hours: what is known is used.
        clock[0] += 3600
        provider.answers = {
            path: lambda: Response(status_code=503) for path in ("/jwks", "/.well-known/openid-configuration")
        }
        assert (await provider.sign_in(browser)).status_code == 303
        clock[0] += 86_400
        assert (await provider.visited(browser)).status_code == 503


async def test_a_provider_that_is_down_when_the_code_comes(hub: UserHub) -> None:
    async with registered(hub, **GRANTED) as provider:
        browser = hub.browser()
        await provider.visited(browser)
        provider.answers = {"/token": lambda: Response("busy", 503)}
        await refused(hub, browser, await browser.http.get(provider.back()), 503, AWAY)
        await provider.visited(browser)
        provider.answers = {"/token": lambda: JSONResponse({"id_token": 7})}
        await refused(hub, browser, await browser.http.get(provider.back()))


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
