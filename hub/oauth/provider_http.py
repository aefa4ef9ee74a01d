"""What the hub fetches of OpenID providers: metadata, keys, tokens; small, soon, from registered hosts.

No redirect is followed and no compression taken. Each address that a document names is on the issuer's host
or on one that the registration adds, so a provider cannot send the hub about in the hub's own network.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Generic, TypeVar

import httpx
import orjson
import structlog
from authlib.oauth2.rfc8414 import get_well_known_url
from cachetools import LRUCache

from hub.errors import Unavailable
from hub.oauth.provider_rules import Provider

log = structlog.get_logger(__name__)
T = TypeVar("T")

MOST_BYTES: Final = 256 * 1024
SECONDS: Final = 8
FRESH_SECONDS: Final = 600
STALE_SECONDS: Final = 86_400
"""What was fetched is used for so long while the provider cannot be reached."""
PAUSE_SECONDS: Final = 10
"""Between two tries: whoever sends tokens of unknown keys does not make the hub ask and ask."""
MOST_KEYS: Final = 64
KEPT: Final = 64
"""Providers whose documents are remembered in a process."""
ENDPOINTS: Final = ("authorization_endpoint", "token_endpoint", "jwks_uri")
OPENID: Final = "/.well-known/openid-configuration"


class ProviderAway(Unavailable):
    """The identity provider does not answer as it should; try again later, or sign in another way."""

    code, zh = "PROVIDER_UNAVAILABLE", "身份提供方暂时无法正常应答，请稍后再试，或改用其他方式登录"


class WrongAnswer(Exception):
    """The message is for the log, and holds nothing that was answered."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    authorization: str
    token: str
    jwks: str
    names_itself: bool
    """Whether its answers to the browser have ``iss`` (RFC 9207)."""


@cache
def _trust() -> ssl.SSLContext:
    """Of the system, where an administration adds its own authority, and of certifi."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


async def fetch(
    method: str,
    address: str,
    *,
    form: Mapping[str, str] | None = None,
    auth: httpx.Auth | None = None,
    within: float = SECONDS,
) -> tuple[int, dict[str, Any]]:
    """Status and the JSON object; WrongAnswer for anything else, or where it takes too long or too much."""
    headers = {"accept": "application/json", "accept-encoding": "identity"}
    try:
        async with (
            asyncio.timeout(within),
            httpx.AsyncClient(verify=_trust(), follow_redirects=False, trust_env=False) as http,
            http.stream(method, address, data=form, auth=auth, headers=headers) as answer,
        ):
            if "content-encoding" in answer.headers:
                raise WrongAnswer("compressed")
            return answer.status_code, _object(await _beginning(answer))
    except TimeoutError:
        raise WrongAnswer("took too long") from None
    except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, OSError) as error:
        raise WrongAnswer(type(error).__name__) from None


async def _beginning(answer: httpx.Response) -> bytes:
    body = b""
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > MOST_BYTES:
            raise WrongAnswer("too long")
    return body


def _object(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise WrongAnswer("no JSON object")
    return found


class Kept(Generic[T]):
    """Fetched again when it is old or ``again`` is asked for, but not too often, and used meanwhile."""

    def __init__(self, fetching: Callable[[], Awaitable[T]], clock: Callable[[], float]) -> None:
        self._fetching = fetching
        self._clock = clock
        self._lock = asyncio.Lock()
        self._value: T | None = None
        self._at = self._tried_at = float("-inf")

    async def get(self, *, again: bool = False) -> T:
        """ProviderAway when there is none that is good."""
        async with self._lock:
            now = self._clock()
            if (again or now - self._at >= FRESH_SECONDS) and now - self._tried_at >= PAUSE_SECONDS:
                self._tried_at = now
                await self._try(now)
            if self._value is None or now - self._at >= STALE_SECONDS:
                raise ProviderAway
            return self._value

    async def _try(self, now: float) -> None:
        try:
            self._value, self._at = await self._fetching(), now
        except WrongAnswer as error:
            log.warning("provider_away", reason=str(error))


class Documents:
    """Metadata and keys of providers, in this process. A registration that changes begins anew."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._endpoints: LRUCache[tuple[Any, ...], Kept[Endpoints]] = LRUCache(KEPT)
        self._keys: LRUCache[tuple[Any, ...], Kept[list[dict[str, Any]]]] = LRUCache(KEPT)

    async def endpoints(self, provider: Provider) -> Endpoints:
        key = (provider.issuer, provider.hosts, provider.auth_method)
        if key not in self._endpoints:
            self._endpoints[key] = Kept(lambda: _discover(provider), self._clock)
        return await self._endpoints[key].get()

    async def keys(self, provider: Provider, *, again: bool = False) -> list[dict[str, Any]]:
        """JSON Web Keys. ``again``: a token names one that is not among them."""
        address = (await self.endpoints(provider)).jwks
        if (provider.issuer, address) not in self._keys:
            self._keys[provider.issuer, address] = Kept(lambda: _jwks(address), self._clock)
        return await self._keys[provider.issuer, address].get(again=again)


async def _discover(provider: Provider) -> Endpoints:
    """OpenID Connect Discovery 1.0, 4; where there is none, RFC 8414, 3."""
    status, found = await fetch("GET", provider.issuer.rstrip("/") + OPENID)
    if status == httpx.codes.NOT_FOUND:
        status, found = await fetch("GET", str(get_well_known_url(provider.issuer, external=True)))
    if status != httpx.codes.OK:
        raise WrongAnswer("metadata refused")
    if found.get("issuer") != provider.issuer:
        raise WrongAnswer("another issuer")
    authorization, token, jwks = (_named(provider, found, member) for member in ENDPOINTS)
    _check_able(found, "code_challenge_methods_supported", "S256")
    _check_able(found, "token_endpoint_auth_methods_supported", provider.auth_method)
    return Endpoints(
        authorization, token, jwks, found.get("authorization_response_iss_parameter_supported") is True
    )


def _named(provider: Provider, found: Mapping[str, Any], member: str) -> str:
    address = found.get(member)
    if not isinstance(address, str) or not provider.may_name(address):
        raise WrongAnswer(f"{member} on a host that is not registered")
    return address


def _check_able(found: Mapping[str, Any], member: str, needed: str) -> None:
    """Many providers leave such lists out; none has to say it."""
    listed = found.get(member, [needed])
    if not isinstance(listed, list) or needed not in listed:
        raise WrongAnswer(f"{member} without what is needed")


async def _jwks(address: str) -> list[dict[str, Any]]:
    status, found = await fetch("GET", address)
    keys = found.get("keys")
    if status != httpx.codes.OK or not isinstance(keys, list) or len(keys) > MOST_KEYS:
        raise WrongAnswer("no keys")
    return [key for key in keys if isinstance(key, dict)]
