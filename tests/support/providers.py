"""An OpenID provider on a port of this machine that does what a test says, right or wrong."""

from __future__ import annotations

import asyncio
import secrets
import socket
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
import uvicorn
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from hub.oauth.jose import CLIENTS
from hub.oauth.provider_http import Documents
from hub.oauth.provider_rules import Provider
from hub.oauth.providers import register_provider, remove_provider
from tests.support.oauth import GUILIN, QIXING, Sign, compact_jwt, es256_key, signer, without
from tests.support.users import Browser, UserHub

REGISTERED: Final = "hub-at-the-province"
GRANTED: Final[dict[str, Any]] = {
    "name_claim": "name",
    "role_claim": "post",
    "role_values": {"street": "township", "county": "bureau"},
    "division_claim": "unit",
    "division_values": {"东江": "450305001000", "穿山": "450305002000", "七星": QIXING},
    "scopes": frozenset({"visit.r", "visit.s", "beneficiary.r", "beneficiary.s", "field:identity"}),
}
"""A registration by which users are made."""
FAILED = "在身份提供方的登录未成功"
UNKNOWN = "未向该账户授予任何权限"
AWAY = "身份提供方暂时无法正常应答"
"""What pages say."""


class OpenId:
    """``claims``, ``header`` and ``metadata``: what it says otherwise than it should; None leaves out."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.key = es256_key()
        self.keys: Any = [self.key.as_dict(private=False)]
        self.sign: Sign | None = None
        self.claims: dict[str, Any] = {}
        self.header: dict[str, Any] = {}
        self.metadata: dict[str, Any] = {}
        self.asked: dict[str, str] = {}
        """By the browser's last visit."""
        self.codes: dict[str, dict[str, str]] = {}
        self.forms: list[dict[str, str]] = []
        """What came to the token endpoint, and under ``authorization`` the header."""
        self.fetched: list[str] = []
        self.answers: dict[str, Callable[[], Response]] = {}
        """By path, in place of its own."""
        self.app = Starlette(
            routes=[Route("/{path:path}", self._answer, methods=["GET", "POST"])],
        )

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        self.fetched.append(path)
        if path in self.answers:
            return self.answers[path]()
        if path == "/authorize":
            self.asked = dict(request.query_params)
            return RedirectResponse(self.back(), 303)
        if path == "/token":
            return self._token(dict(parse_qsl((await request.body()).decode())), request)
        if path == "/jwks":
            return JSONResponse({"keys": self.keys})
        known = path == "/.well-known/openid-configuration"
        return JSONResponse(self._metadata()) if known else Response(status_code=404)

    def _metadata(self) -> dict[str, Any]:
        good = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            "authorization_response_iss_parameter_supported": True,
        }
        return without({**good, **self.metadata})

    def _token(self, form: dict[str, str], request: Request) -> Response:
        self.forms.append({**form, "authorization": request.headers.get("authorization", "")})
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or create_s256_code_challenge(form["code_verifier"]) != asked["code_challenge"]:
            return JSONResponse({"error": "invalid_grant"}, 400)
        return JSONResponse(
            {"access_token": "unused", "token_type": "Bearer", "id_token": self.id_token(asked)}
        )

    def id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        good = {
            "iss": self.issuer,
            "sub": "person-1",
            "aud": REGISTERED,
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "name": "李华",
            "post": "street",
            "unit": "东江",
        }
        head = {"alg": "ES256", "kid": self.key.kid, **self.header}
        claims = without({**good, **self.claims})
        return compact_jwt(without(head), claims, self.sign or signer("ES256", self.key))

    def back(self, **changed: str | None) -> str:
        """The address with which it sends the browser back, its user signed in."""
        code = secrets.token_urlsafe(8)
        self.codes[code] = self.asked
        given = without({"code": code, "state": self.asked["state"], "iss": self.issuer, **changed})
        return f"{self.asked['redirect_uri']}?{urlencode(given)}"

    async def visited(self, browser: Browser, name: str = "province", **params: str) -> httpx.Response:
        """Send the browser there."""
        answer = await browser.http.get(f"/login/provider/{name}", params=params or None)
        location = answer.headers.get("location", "")
        if location.startswith(f"{self.issuer}/authorize?"):
            self.asked = dict(parse_qsl(urlsplit(location).query))
        return answer

    async def sign_in(self, browser: Browser, name: str = "province", /, **claims: Any) -> httpx.Response:
        """There and back again; what the hub answers at the end."""
        self.claims = claims
        await self.visited(browser, name)
        return await browser.http.get(self.back())

    def check_proof(self, hub: UserHub) -> dict[str, Any]:
        """The claims of the assertion with which the hub proved itself, by its published keys."""
        published: Any = hub.keys.published()
        keys = KeySet.import_key_set(published)
        return dict(jwt.decode(self.forms[-1]["client_assertion"], keys, registry=CLIENTS).claims)

    def provider(self, name: str = "province", **changed: Any) -> Provider:
        good: dict[str, Any] = {
            "name": name,
            "title_zh": "广西统一认证",
            "title_en": "Guangxi sign-in",
            "issuer": self.issuer,
            "registered_as": REGISTERED,
            "division_code": GUILIN,
        }
        return Provider(**{**good, **changed})


@asynccontextmanager
async def open_id() -> AsyncIterator[OpenId]:
    listener = socket.create_server(("127.0.0.1", 0))
    made = OpenId(f"http://127.0.0.1:{listener.getsockname()[1]}")
    server = uvicorn.Server(uvicorn.Config(made.app, log_config=None, access_log=False, lifespan="off"))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield made
    finally:
        server.should_exit = True
        await running


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
