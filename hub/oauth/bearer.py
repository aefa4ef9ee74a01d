"""The resource side: from the ``Authorization`` header to a viewer.

Three things must agree: a good signature of ours, claims meant for us and in time, and the registry as
it stands now. A checked token is remembered for a minute and a client's standing for two seconds, both in
this process: in a cache that others can write to, a remembered token would be a way around the signature.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

import orjson
import structlog
from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry

from hub.access.scopes import compact, parse
from hub.access.viewer import Viewer, make_viewer
from hub.errors import BadArgument, Unauthenticated
from hub.oauth.clients import find_client
from hub.oauth.jose import OURS, SigningKeys, Unverified, verified
from hub.oauth.metadata import Issuer
from hub.oauth.tokens import IDENTITY_CLAIMS, identity_claims
from hub.store.cache import MemoryCache
from hub.store.database import Database

log = structlog.get_logger(__name__)

STANDING_SECONDS: Final = 2
TOKEN_SECONDS: Final = 60
CLOCK_SKEW: Final = 5
"""The hosts of one hub keep the same time within this."""

_TOKEN: Final = re.compile(r"[\w.-]+", re.ASCII)
_TYPES: Final = ("at+jwt", "application/at+jwt")


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a checked token says. ``identity``: role, division and organisation when it was issued."""

    client_id: str
    scope: str
    identity: dict[str, Any]
    ends_at: float


@dataclass(frozen=True, slots=True)
class Standing:
    """What the registry says of an active client now."""

    scope: str
    identity: dict[str, Any]


class Bearer:
    def __init__(self, db: Database, issuer: Issuer, keys: SigningKeys) -> None:
        self._db = db
        self._issuer = issuer
        self._keys = keys
        self._tokens = MemoryCache()
        self._standings = MemoryCache()
        self._expected = JWTClaimsRegistry(
            leeway=CLOCK_SKEW,
            iss={"essential": True, "value": issuer.url},
            aud={"essential": True, "value": issuer.url},
            sub={"essential": True},
            client_id={"essential": True},
            scope={"essential": True},
            iat={"essential": True},
            exp={"essential": True},
            jti={"essential": True},
        )

    async def viewer(self, authorization: str | None) -> Viewer:
        """Who asks. Unauthenticated for anything but one good token; ``challenge`` makes its header."""
        token = await self._token(_token_in(authorization))
        standing = await self._standing(token.client_id)
        if standing is None:
            raise Unauthenticated("The client of the access token is not active.", zh="令牌所属客户端已停用")
        if token.identity != standing.identity:
            raise Unauthenticated(
                "The client was changed after the token was issued.", zh="客户端登记已变更，请重新获取令牌"
            )
        return _viewer(token.client_id, token.scope, standing.scope, **standing.identity)

    def challenge(self, error: Unauthenticated) -> str:
        """The value of ``WWW-Authenticate`` (RFC 6750, 3; RFC 9728, 5.1) to send with ``error``."""
        where = f'Bearer realm="hub", resource_metadata="{self._issuer.resource_metadata_url}"'
        if error.message == Unauthenticated().message:
            # Whoever brought no token is told where to get one, not that it was wrong.
            return where
        return f'{where}, error="invalid_token", error_description="{error.message}"'

    async def _token(self, text: str) -> AccessToken:
        key = sha256(text.encode()).hexdigest()
        known = await self._tokens.get(key)
        token = AccessToken(**orjson.loads(known)) if known else self._checked(text)
        seconds = token.ends_at - time.time()
        if seconds <= 0:
            raise _refused("expired")
        if not known:
            await self._tokens.set(key, orjson.dumps(token), ttl=min(seconds, TOKEN_SECONDS))
        return token

    def _checked(self, text: str) -> AccessToken:
        try:
            header, claims = verified(text, self._keys.named, OURS)
            self._expected.validate(claims)
            scope = compact(parse(claims["scope"]))
        except (Unverified, JoseError, BadArgument) as error:
            raise _refused(str(error)) from None
        if str(header.get("typ")).lower() not in _TYPES:
            raise _refused("typ")
        if claims["sub"] != claims["client_id"]:
            raise _refused("sub")
        identity: dict[str, Any] = {name: claims[name] for name in IDENTITY_CLAIMS if name in claims}
        return AccessToken(claims["client_id"], scope, identity, claims["exp"] + CLOCK_SKEW)

    async def _standing(self, client_id: str) -> Standing | None:
        known = await self._standings.get(client_id)
        if known:
            return Standing(**orjson.loads(known))
        client = await find_client(self._db, client_id)
        if client is None or not client.is_active():
            return None
        standing = Standing(compact(client.scopes), identity_claims(client))
        await self._standings.set(client_id, orjson.dumps(standing), ttl=STANDING_SECONDS)
        return standing


def _token_in(authorization: str | None) -> str:
    scheme, _, rest = (authorization or "").partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthenticated
    token = rest.strip(" ")
    if not _TOKEN.fullmatch(token):
        raise _refused("form")
    return token


def _refused(reason: str) -> Unauthenticated:
    log.info("access_token_refused", reason=reason)
    return Unauthenticated("The access token is not valid, or not any more.", zh="访问令牌无效或已过期")


@lru_cache(maxsize=4096)
def _viewer(
    client_id: str,
    asked: str,
    granted: str,
    *,
    role: str,
    division: str | None = None,
    organisation: int | None = None,
) -> Viewer:
    return make_viewer(
        client_id,
        role,
        parse(asked) & parse(granted),
        division_code=division,
        organisation_id=organisation,
    )
