"""A hub's OAuth side over a real database, and tokens written by hand rather than by the code under test."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

import httpx
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey
from joserfc.jws import JWSRegistry
from sqlalchemy import text
from starlette.applications import Starlette

from hub.oauth.bearer import Bearer
from hub.oauth.clients import Client, register_client
from hub.oauth.jose import SigningKeys
from hub.oauth.metadata import Issuer
from hub.store.database import Database
from hub.tables import client_purpose, contractor, division, metadata, oauth_provider, purpose, question_day
from hub.tables.identity import (
    oauth_assertion,
    oauth_client,
    oauth_code,
    oauth_grant,
    oauth_proof,
    oauth_refresh,
    oauth_request,
    oauth_revoked,
)
from hub.web.oauth import oauth_routes
from tests.support.postgres import fresh_database

BASE_URL: Final = "https://hub.example"
TOKEN_URL: Final = f"{BASE_URL}/oauth/token"
GUILIN: Final = "450300000000"
QIXING: Final = "450305000000"
DONGJIANG, ANOTHER_TOWN = "450305001000", "450305002000"

Sign = Callable[[bytes], bytes]

_numbers = itertools.count(1)


def es256_key(**parameters: Any) -> ECKey:
    return ECKey.generate_key("P-256", parameters=parameters or None, auto_kid=True)  # type: ignore[arg-type]


def new_key(algorithm: str) -> ECKey | OKPKey | RSAKey:
    if algorithm == "PS256":
        return RSAKey.generate_key(2048, auto_kid=True)
    return OKPKey.generate_key("Ed25519", auto_kid=True) if algorithm.startswith("Ed") else es256_key()


def signer(algorithm: str, key: Key) -> Sign:
    return lambda message: JWSRegistry.algorithms[algorithm].sign(message, key)


def hs256(secret: bytes) -> Sign:
    return lambda message: hmac.new(secret, message, hashlib.sha256).digest()


def unsigned(message: bytes) -> bytes:
    return b""


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def compact_jwt(header: Any, claims: Any, sign: Sign) -> str:
    message = ".".join(b64(json.dumps(part).encode()) for part in (header, claims))
    return f"{message}.{b64(sign(message.encode()))}"


def without(claims: Mapping[str, Any]) -> dict[str, Any]:
    """The claims that are not None, so that a test can take one away by giving None."""
    return {name: value for name, value in claims.items() if value is not None}


class OAuthHub:
    """``signing[0]`` is the active key, ``signing[1]`` one that was active before it."""

    def __init__(self, db: Database, base_url: str = BASE_URL) -> None:
        self.db = db
        self.issuer = Issuer.of(base_url)
        self.signing = [es256_key(), es256_key()]
        self.client_keys: dict[str, ECKey | OKPKey | RSAKey] = {}
        held = SigningKeys(self.signing)
        self.bearer = Bearer(db, self.issuer, held)
        app = Starlette(routes=oauth_routes(db, self.issuer, held))
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE_URL)

    async def register(
        self, role: str = "bureau", *, algorithm: str = "ES256", client_id: str = "", **options: Any
    ) -> Client:
        client_id = client_id or f"{role}-{next(_numbers)}"
        key = self.client_keys.setdefault(client_id, new_key(algorithm))
        jwks = {"keys": [key.as_dict(private=False)]}
        if role in ("bureau", "township"):
            options = {"division_code": QIXING if role == "bureau" else DONGJIANG, **options}
        if role == "contractor":
            options = {"organisation_id": await self.contractor(), **options}
        options = {"name": client_id, "role": role, "jwks": jwks, **options}
        return await register_client(self.db, client_id, **options)

    async def contractor(self) -> int:
        adding = text("insert into contractor (credit_code, name) values (:code, '示例机构') returning id")
        async with self.db.engine.begin() as connection:
            found = await connection.execute(adding, {"code": f"TEST{next(_numbers):014}"})
            return int(found.scalar_one())

    def assertion(
        self,
        client_id: str,
        *,
        sign: Sign | None = None,
        header: Mapping[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """A good assertion, except for what the test says; a claim or header of None is left out."""
        key = self.client_keys[client_id] if client_id in self.client_keys else es256_key()
        now = int(time.time())
        good = {
            "iss": client_id,
            "sub": client_id,
            "aud": BASE_URL,
            "iat": now,
            "exp": now + 60,
            "jti": f"jti-{next(_numbers)}-{now}",
        }
        head = {"alg": "ES256", "kid": key.kid, **(header or {})}
        return compact_jwt(without(head), without({**good, **claims}), sign or signer(head["alg"], key))

    async def post(self, assertion: str | None = None, **fields: str | None) -> httpx.Response:
        good = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        }
        return await self.http.post("/oauth/token", data=without({**good, **fields}))

    async def token(self, client_id: str, scope: str | None = None) -> str:
        answer = await self.post(self.assertion(client_id), scope=scope)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["access_token"])

    def access_token(
        self,
        client: Client,
        *,
        sign: Sign | None = None,
        header: Mapping[str, Any] | None = None,
        **claims: Any,
    ) -> str:
        """A good access token of the active key, except for what the test says."""
        now = int(time.time())
        good = {
            "iss": BASE_URL,
            "aud": BASE_URL,
            "sub": client.client_id,
            "client_id": client.client_id,
            "iat": now,
            "exp": now + 300,
            "jti": f"jti-{next(_numbers)}",
            "scope": "beneficiary.rs",
            "role": client.role,
            "division": client.division_code,
            "organisation": client.organisation_id,
        }
        head = {"alg": "ES256", "typ": "at+jwt", "kid": self.signing[0].kid, **(header or {})}
        return compact_jwt(
            without(head), without({**good, **claims}), sign or signer("ES256", self.signing[0])
        )


async def identity_tables(db: Database) -> None:
    """Only what OAuth needs, so that these tests say nothing of the rest."""
    needed = [
        division,
        contractor,
        oauth_client,
        oauth_assertion,
        oauth_request,
        oauth_grant,
        oauth_code,
        oauth_refresh,
        oauth_revoked,
        oauth_proof,
        purpose,
        client_purpose,
        question_day,
        oauth_provider,
    ]
    divisions = text(
        "insert into division (code, name, full_name, level, kind, depth) values"
        " (:guilin, '桂林市', '桂林市', 'PREFECTURE', 'PREFECTURE_CITY', 1),"
        " (:qixing, '七星区', '桂林市七星区', 'COUNTY', 'DISTRICT', 2),"
        " (:dongjiang, '东江街道', '桂林市七星区东江街道', 'TOWNSHIP', 'SUBDISTRICT', 3),"
        " (:another, '穿山街道', '桂林市七星区穿山街道', 'TOWNSHIP', 'SUBDISTRICT', 3)"
    )
    async with db.engine.begin() as connection:
        await connection.run_sync(metadata.create_all, tables=needed)
        await connection.execute(
            divisions, {"guilin": GUILIN, "qixing": QIXING, "dongjiang": DONGJIANG, "another": ANOTHER_TOWN}
        )


@asynccontextmanager
async def oauth_hub() -> AsyncIterator[OAuthHub]:
    """With one client already: ``bureau``, of 七星区, with all scopes."""
    async with fresh_database(identity_tables, pool_size=10) as db:
        hub = OAuthHub(db)
        await hub.register("bureau", client_id="bureau")
        async with hub.http:
            yield hub


def refused(answer: httpx.Response, error: str, status: int = 400) -> None:
    """It is the error body of RFC 6749, 5.2, with this code."""
    assert answer.status_code == status, answer.text
    assert answer.json()["error"] == error
    assert set(answer.json()) == {"error", "error_description"}
    assert answer.json()["error_description"].isascii()
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-type"] == "application/json"
