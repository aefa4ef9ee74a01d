"""The resource side: from the ``Authorization`` header to a viewer.

Three things must agree: a good signature of ours, claims meant for us and in time, and the registry as
it stands now. A good signature is remembered for a minute and its viewer for two seconds, both in this
process: in a cache that others can write to, they would be a way around the signature.
"""

from __future__ import annotations

import time
from functools import lru_cache
from hashlib import sha256
from secrets import token_bytes
from typing import Final

from cachetools import TTLCache

from hub.access.limits import Allowance
from hub.access.purposes import Granted
from hub.access.scopes import parse
from hub.access.viewer import Viewer, make_viewer
from hub.errors import Unauthenticated
from hub.oauth.access_token import FORM, AccessToken, Reader, refused
from hub.oauth.clients import Client
from hub.oauth.dpop import ALGORITHMS, BadProof, Given, Proofs, bad_proof, redeem
from hub.oauth.holders import Holder
from hub.oauth.jose import SigningKeys
from hub.oauth.metadata import Issuer
from hub.oauth.nonces import Nonces
from hub.oauth.revoked import find_standing
from hub.oauth.tokens import identity_claims
from hub.store.database import Database

VIEWER_SECONDS: Final = 2
"""How long a suspension or a narrower grant may take to reach a token that is out."""
TOKEN_SECONDS: Final = 60
KEPT: Final = 10_000
"""Tokens remembered; a viewer takes about a kilobyte."""
UNKNOWN: Final = (None, 0.0)
BEARER: Final = "bearer"
DPOP: Final = "dpop"


class Bearer:
    """``nonces``: those of every process; without them, some that nobody else knows."""

    def __init__(self, db: Database, issuer: Issuer, keys: SigningKeys, nonces: Nonces | None = None) -> None:
        self._db = db
        self._issuer = issuer
        self._keys = keys
        self._turn = keys.turn
        self._tokens: TTLCache[bytes, AccessToken] = TTLCache(KEPT, TOKEN_SECONDS)
        self._viewers: TTLCache[bytes, tuple[Viewer, float]] = TTLCache(KEPT, VIEWER_SECONDS)
        # Apart, so that what a proven request left is never found by one without a proof.
        self._proven: TTLCache[bytes, tuple[Viewer, float]] = TTLCache(KEPT, VIEWER_SECONDS)
        self._reader = Reader(issuer, keys)
        self.nonces = nonces or Nonces(token_bytes(32))
        self._proofs = Proofs(self.nonces)

    async def viewer(self, authorization: str | None) -> Viewer:
        """Who asks with a bearer token. Unauthenticated for anything but one good token, bound to no key;
        ``challenge`` makes its header."""
        key = _key_of(authorization or "")
        viewer, ends_at = self._viewers.get(key, UNKNOWN)
        if viewer is None or ends_at <= time.time():
            scheme, text = _token_in(authorization)
            if scheme == DPOP:
                raise bad_proof("missing")
            token = self._token(text)
            if token.jkt is not None:
                raise refused("bound to a key")
            viewer = await self._standing(token)
            self._viewers[key] = viewer, token.ends_at
        return viewer

    async def proven(self, authorization: str | None, given: Given) -> Viewer:
        """Who asks with a proof: the proof is used up by it. A bearer token has no need of one."""
        scheme, text = _token_in(authorization)
        if scheme == BEARER:
            return await self.viewer(authorization)
        token = self._token(text)
        if token.jkt is None:
            raise refused("bound to no key")
        proof = self._proofs.check(given.proof, given.method, self._issuer.url + given.path, text)
        if proof.jkt != token.jkt:
            raise bad_proof("key")
        viewer = await self.still(authorization)
        if not await redeem(self._db, proof):
            raise bad_proof("used before")
        return viewer

    async def still(self, authorization: str | None) -> Viewer:
        """Who asked, of a request that was let in before: the same without a new proof."""
        scheme, text = _token_in(authorization)
        if scheme == BEARER:
            return await self.viewer(authorization)
        key = _key_of(text)
        viewer, ends_at = self._proven.get(key, UNKNOWN)
        if viewer is None or ends_at <= time.time():
            token = self._token(text)
            viewer = await self._standing(token)
            self._proven[key] = viewer, token.ends_at
        return viewer

    def ends_at(self, authorization: str | None) -> float:
        """When the token that was accepted ends, in seconds since 1970."""
        return self._token(_token_in(authorization)[1]).ends_at

    def challenge(self, error: Unauthenticated, authorization: str | None = None) -> str:
        """The ``WWW-Authenticate`` (RFC 6750, 3; RFC 9449, 7.1; RFC 9728, 5.1) to send with ``error``."""
        where = f'realm="hub", resource_metadata="{self._issuer.resource_metadata_url}"'
        algorithms = f'algs="{" ".join(ALGORITHMS)}"'
        if error.message == Unauthenticated().message:
            # Whoever brought no token is told where to get one, not that it was wrong.
            return f"Bearer {where}, DPoP {algorithms}"
        word = error.word if isinstance(error, BadProof) else "invalid_token"
        wrong = f'error="{word}", error_description="{error.message}"'
        if isinstance(error, BadProof) or (authorization or "").lower().startswith("dpop "):
            return f"DPoP {where}, {wrong}, {algorithms}"
        return f"Bearer {where}, {wrong}, DPoP {algorithms}"

    async def _standing(self, token: AccessToken) -> Viewer:
        found = await find_standing(self._db, token.client_id, token.jti, token.grant)
        if found.revoked:
            raise refused("revoked")
        return joined(token, found.client, found.holder)

    def _token(self, text: str) -> AccessToken:
        if self._turn != (turn := self._keys.turn):
            self._tokens.clear()  # one of them may be signed with a key that is none any more
            self._turn = turn
        key = _key_of(text)
        token = self._tokens.get(key)
        if token is None:
            token = self._tokens[key] = self._reader.read(text)
        if token.ends_at <= time.time():
            raise refused("expired")
        return token


def _key_of(text: str) -> bytes:
    return sha256(text.encode()).digest()


def _token_in(authorization: str | None) -> tuple[str, str]:
    """Scheme, in small letters, and token."""
    scheme, _, rest = (authorization or "").partition(" ")
    if scheme.lower() not in (BEARER, DPOP):
        raise Unauthenticated
    token = rest.strip(" ")
    if not FORM.fullmatch(token):
        raise refused("form")
    return scheme.lower(), token


def joined(token: AccessToken, client: Client | None, holder: Holder | None) -> Viewer:
    """The viewer that token and registry agree on: the user of a user's token, the client of any other."""
    if client is None or not client.is_active():
        raise Unauthenticated("The client of the access token is not active.", zh="令牌所属客户端已停用")
    if token.series != client.token_series:
        raise refused("series")
    if token.grant is not None and not _stands(token, client, holder):
        raise Unauthenticated("What the user consented to has ended.", zh="用户授权已失效")
    who = holder or client
    if token.identity != identity_claims(who):
        raise Unauthenticated(
            "The client was changed after the token was issued.", zh="客户端登记已变更，请重新获取令牌"
        )
    held = parse(token.scope) & client.scopes & who.scopes
    place = who.division_code, who.organisation_id
    granted = client.granted(who.role, token.purpose)
    limits = client.documents_only, client.allowance, granted
    of_user, keys = holder and holder.user_id, client.person_keys()
    barred = client.questions_barred_at is not None
    return viewer_with(client.client_id, who.role, held, *place, *limits, of_user, keys, barred)


def _stands(token: AccessToken, client: Client, holder: Holder | None) -> bool:
    return holder is not None and holder.get_user_id() == token.subject and holder.allows(client)


@lru_cache(maxsize=4096)
def viewer_with(
    client_id: str,
    role: str,
    scopes: frozenset[str],
    division_code: str | None,
    organisation_id: int | None,
    documents_only: bool,
    allowance: Allowance,
    granted: Granted,
    user_id: int | None,
    person_keys: frozenset[int],
    is_barred: bool,
) -> Viewer:
    """The same object for the same rights, which makes comparing capabilities cheap."""
    return make_viewer(
        client_id,
        role,
        scopes,
        division_code=division_code,
        organisation_id=organisation_id,
        documents_only=documents_only,
        allowance=allowance,
        granted=granted,
        user_id=user_id,
        person_keys=person_keys,
        is_barred=is_barred,
    )
