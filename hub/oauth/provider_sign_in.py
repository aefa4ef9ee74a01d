"""Signing in at an OpenID provider: there, and back with a code (OpenID Connect Core, 3.1; RFC 9207, 9700).

``nonce`` and ``code_verifier`` are made from the state and a cookie of the browser, and so is the name under
which the visit is kept: with the state alone, or the database, nobody comes back in another browser. A visit
ends when somebody comes back from it, whatever they bring.
"""

from __future__ import annotations

import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from urllib.parse import quote

import asyncpg
import httpx
import structlog
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE
from authlib.oauth2.rfc7636 import create_s256_code_challenge

from hub.errors import BadUserInput, Language
from hub.oauth.id_token import Expected, UnknownKey, read_id_token
from hub.oauth.jose import SigningKeys, Unverified
from hub.oauth.metadata import Issuer
from hub.oauth.provider_http import Documents, Endpoints, ProviderAway, WrongAnswer, fetch
from hub.oauth.provider_rules import NAME, POST, PRIVATE_KEY, NotAdmitted, Provider
from hub.oauth.provider_users import Arrival, admit
from hub.oauth.providers import find_provider, offered_providers
from hub.oauth.sessions import WHOLE_HOURS
from hub.oauth.signed_in import LOGIN_PATH
from hub.oauth.tokens import make_assertion
from hub.store.database import Database
from hub.store.vault import Vault

log = structlog.get_logger(__name__)

VISIT_MINUTES: Final = 10
_BEGIN: Final = f"""
    with over as (delete from provider_visit where expires_at <= now())
    insert into provider_visit (visit_hash, provider, next, is_fresh, expires_at)
    values ($1, $2, $3, $4, now() + interval '{VISIT_MINUTES} min')
"""  # noqa: S608 — a number of this file
_END: Final = """
    delete from provider_visit where visit_hash = $1 and provider = $2 and expires_at > now()
    returning next, is_fresh, extract(epoch from created_at)::float8 as begun
"""


class SignInFailed(BadUserInput):
    """Signing in at the provider did not succeed; begin again here."""

    code, status, zh = "PROVIDER_SIGN_IN_REFUSED", 400, "在身份提供方的登录未成功，请在此重新开始"


@dataclass(frozen=True, slots=True)
class Welcome:
    """``cookie`` of the session, and where to go on."""

    cookie: str
    next: str


class ProviderSignIn:
    """``clock``: seconds since 1970."""

    def __init__(
        self,
        db: Database,
        vault: Vault,
        issuer: Issuer,
        keys: SigningKeys,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._db = db
        self._vault = vault
        self._issuer = issuer
        self._keys = keys
        self._clock = clock
        self.documents = Documents()

    async def offered(self) -> list[Provider]:
        return await offered_providers(self._db)

    async def begin(self, name: str, cookie: str, following: str, language: Language, *, fresh: bool) -> str:
        """Where the browser goes. ``fresh``: the user signs in there anew. SignInFailed, ProviderAway."""
        provider = await self._active(name)
        endpoints = await self.documents.endpoints(provider)
        state = secrets.token_urlsafe(32)
        try:
            await self._db.fetch(_BEGIN, _made("visit", state, cookie), name, following, fresh)
        except asyncpg.ForeignKeyViolationError:
            raise _refused(name, "no such provider") from None  # it was removed just now
        asked = {
            "response_type": "code",
            "client_id": provider.registered_as,
            "redirect_uri": back_of(self._issuer, name),
            "scope": " ".join(provider.asked_scopes),
            "state": state,
            "nonce": _text("nonce", state, cookie),
            "code_challenge": create_s256_code_challenge(_text("verifier", state, cookie)),
            "code_challenge_method": "S256",
            "max_age": "0" if fresh else str(WHOLE_HOURS * 3600),
            "ui_locales": "zh-CN" if language == "zh" else "en",
            **({"prompt": "login"} if fresh else {}),
            **({"acr_values": " ".join(provider.acr_values)} if provider.acr_values else {}),
        }
        return str(add_params_to_uri(endpoints.authorization, list(asked.items())))

    async def finish(self, name: str, cookie: str, given: Mapping[str, str], browser: str) -> Welcome:
        """SignInFailed, NotAdmitted, ProviderAway. ``given``: the parameters the browser came back with."""
        state = given.get("state", "")
        visits = await self._db.fetch(_END, _made("visit", state, cookie), name)
        if not visits:
            raise _refused(name, "visit")
        visit, provider = visits[0], await self._active(name)
        now = self._clock()
        endpoints = await self.documents.endpoints(provider)
        _check_answer(provider, endpoints, given)
        token = await self._redeem(provider, endpoints, given["code"], _text("verifier", state, cookie))
        earliest = visit["begun"] if visit["is_fresh"] else now - WHOLE_HOURS * 3600
        claims = await self._read(provider, token, Expected(_text("nonce", state, cookie), earliest, now))
        signed_in_at = now if visit["is_fresh"] else claims["auth_time"]
        try:
            session = await admit(self._db, provider, Arrival(claims, browser, signed_in_at))
        except NotAdmitted:
            log.info("sign_in_refused", kind="provider", provider=name, reason="not admitted")
            raise
        return Welcome(session, visit["next"])

    async def _active(self, name: str) -> Provider:
        provider = await find_provider(self._db, name)
        if provider is None or not provider.is_active():
            raise _refused(name, "no such provider")
        return provider

    async def _redeem(self, provider: Provider, endpoints: Endpoints, code: str, verifier: str) -> str:
        """The ID token. No other token of the answer is used, or kept."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": back_of(self._issuer, provider.name),
            "code_verifier": verifier,
        }
        proof, auth = self._proof(provider)
        try:
            status, answer = await fetch("POST", endpoints.token, form={**form, **proof}, auth=auth)
        except WrongAnswer as error:
            log.warning("provider_away", provider=provider.name, reason=str(error))
            raise ProviderAway from None
        token = answer.get("id_token")
        if status != httpx.codes.OK or not isinstance(token, str):
            raise _refused(provider.name, f"token endpoint {status}")
        return token

    def _proof(self, provider: Provider) -> tuple[dict[str, str], httpx.Auth | None]:
        """How the hub shows who it is: in the form, or beside it."""
        who = provider.registered_as
        if provider.auth_method == PRIVATE_KEY:
            key = self._keys.active.keys[0].as_dict(private=True)
            assertion = make_assertion(who, key, provider.issuer)
            return {
                "client_id": who,
                "client_assertion_type": ASSERTION_TYPE,
                "client_assertion": assertion,
            }, None
        secret = self._vault.open(provider.secret or b"")
        if provider.auth_method == POST:
            return {"client_id": who, "client_secret": secret}, None
        # RFC 6749, 2.3.1: each part encoded as a form is.
        return {}, httpx.BasicAuth(quote(who, safe=""), quote(secret, safe=""))

    async def _read(self, provider: Provider, token: str, expected: Expected) -> dict[str, Any]:
        try:
            keys = await self.documents.keys(provider)
            try:
                return read_id_token(token, provider, keys, expected)
            except UnknownKey:
                keys = await self.documents.keys(provider, again=True)
                return read_id_token(token, provider, keys, expected)
        except Unverified as error:
            raise _refused(provider.name, f"ID token: {error}") from None


def back_of(issuer: Issuer, name: str) -> str:
    """Where a provider's answers come to: each to an address of its own (RFC 9700, 4.4.2.2)."""
    return f"{issuer.url}{LOGIN_PATH}/provider/{name}/back"


def _check_answer(provider: Provider, endpoints: Endpoints, given: Mapping[str, str]) -> None:
    """SignInFailed unless it is this provider's, and a code."""
    if given.get("iss", None if endpoints.names_itself else provider.issuer) != provider.issuer:
        raise _refused(provider.name, "iss")
    if "error" in given or not given.get("code"):
        raise _refused(provider.name, "error" if "error" in given else "no code")


def _refused(name: str, reason: str) -> SignInFailed:
    known = name if NAME.fullmatch(name) else None
    log.info("sign_in_refused", kind="provider", provider=known, reason=reason)
    return SignInFailed()


def _made(kind: str, state: str, cookie: str) -> bytes:
    return sha256(f"{kind} {state} {cookie}".encode(errors="replace")).digest()


def _text(kind: str, state: str, cookie: str) -> str:
    return urlsafe_b64encode(_made(kind, state, cookie)).rstrip(b"=").decode()
