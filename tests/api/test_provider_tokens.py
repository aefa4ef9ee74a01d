"""What no token and no document of an OpenID provider can do."""

from __future__ import annotations

import gzip
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
import pytest_asyncio
from joserfc.jwk import OctKey
from starlette.responses import JSONResponse, RedirectResponse, Response

from hub.oauth.provider_http import MOST_BYTES, PAUSE_SECONDS, Documents
from hub.oauth.provider_rules import ALGORITHMS
from tests.support.oauth import es256_key, hs256, new_key, signer, unsigned
from tests.support.providers import (
    AWAY,
    GRANTED,
    REGISTERED,
    UNKNOWN,
    OpenId,
    refused,
    registered,
)
from tests.support.users import UserHub, user_hub


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[UserHub]:
    async with user_hub() as hub:
        yield hub


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


def _broken_keys(provider: OpenId) -> None:
    kid = provider.key.kid
    provider.keys = [{"kty": "EC", "crv": "P-256", "kid": kid}, {"kty": "x", "kid": kid}, {"kid": kid}, 7]


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
    "broken keys": _broken_keys,
    "another type": _access_token,
    "crit": _critical,
    "another issuer": _said(iss="https://evil.example"),
    "an issuer with a slash": _said(iss="http://127.0.0.1/"),
    "another audience": _said(aud="somebody"),
    "audiences": _said(aud=[REGISTERED, "somebody"], azp=REGISTERED),
    "no audience": _said(aud=[]),
    "another azp": _said(azp="somebody"),
    "another nonce": _said(nonce="x"),
    "half a character for a nonce": _said(nonce="\ud800"),
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
