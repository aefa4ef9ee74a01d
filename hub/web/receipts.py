"""Receipts of answers, for who asks with ``Prefer: receipt`` (RFC 7240; docs/receipts.md).

Around a route, and inside of what compresses: it waits for the whole answer, has the access log keep the
receipt, and sends both. An answer of which none can be kept is not sent.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any, Final

import orjson
from joserfc.jwk import ECKey
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.access.viewer import Viewer
from hub.audit.chain import stamp
from hub.audit.receipt import SALT_BYTES, SHAPE, Receipt, asked, sign, sign_long
from hub.errors import HubError
from hub.oauth.jose import SigningKeys, public_jwks
from hub.read.audit import Audit
from hub.store.database import Database
from hub.web.accept import JSON, language
from hub.web.heads import ASKING, DOCUMENT, heads
from hub.web.refusals import refusal

PATH: Final = "/receipts/keys.json"
PREFERENCE: Final = "receipt"
HEADER: Final = "Hub-Receipt"
LARGE: Final = 1024 * 1024
"""Bytes above which hashing takes milliseconds, and is done beside the event loop."""
STREAM: Final = b"text/event-stream"

_KEEP: Final = """
    insert into receipt_key (kid, jwk, first_used_at) values ($1, $2, now()) on conflict (kid) do nothing"""
_KEYS: Final = "select jwk, first_used_at from receipt_key order by first_used_at"


class Receipts:
    """``issuer``: the hub's address; ``most``: bytes of a request there is a receipt of.

    Keys that have signed stay published, so that receipts outlive them.
    """

    def __init__(self, database: Database, audit: Audit, keys: SigningKeys, issuer: str, most: int) -> None:
        self._database, self._audit, self._keys, self._issuer = database, audit, keys, issuer
        self.most = most
        self._kept: set[str] = set()

    async def given(
        self, viewer: Viewer, request: bytes, status: int, answer: bytes, document: str | None = None
    ) -> Receipt:
        """A receipt that is in the access log; Unavailable where it cannot be."""
        claims = self._claims(viewer, status, document)
        given = await self._key(), claims, secrets.token_bytes(SALT_BYTES), request, answer
        large = len(request) + len(answer) > LARGE
        return await self._noted(viewer, await asyncio.to_thread(sign, *given) if large else sign(*given))

    async def of_file(
        self, viewer: Viewer, target: str, salt: bytes, salted: bytes, document: str
    ) -> Receipt:
        """The same of a file as ``GET target`` answers it; ``salted``: SHA-256 of salt and file."""
        claims = self._claims(viewer, 200, document)
        return await self._noted(
            viewer, sign_long(await self._key(), claims, salt, asked("GET", target, b""), salted)
        )

    def _claims(self, viewer: Viewer, status: int, document: str | None) -> dict[str, Any]:
        claims: dict[str, Any] = {
            "iss": self._issuer,
            "client": viewer.client_id,
            "at": stamp(dt.datetime.now(dt.UTC)),
            "status": status,
        }
        if viewer.purpose:
            claims["purpose"] = viewer.purpose
        if document is not None:
            claims["document"] = hashlib.sha256(document.encode()).hexdigest()
        return claims

    async def _noted(self, viewer: Viewer, receipt: Receipt) -> Receipt:
        await self._audit.written(viewer, bytes.fromhex(receipt.digest), SHAPE, (), "")
        return receipt

    async def _key(self) -> ECKey:
        key = self._keys.active.keys[0]
        assert isinstance(key, ECKey)
        if key.kid not in self._kept:
            await self._keep(key)
        return key

    async def _keep(self, key: ECKey) -> None:
        [public] = public_jwks({"keys": [key.as_dict(private=False)]})["keys"]
        await self._database.fetch(_KEEP, key.kid, orjson.dumps(public).decode())
        self._kept.add(str(key.kid))

    async def published(self) -> dict[str, Any]:
        """A JWK Set of all keys that have signed receipts, with the time of the first (``nbf``)."""
        rows = await self._database.fetch(_KEYS)
        return {
            "keys": [
                {
                    **orjson.loads(row["jwk"]),
                    "use": "sig",
                    "alg": "ES256",
                    "nbf": int(row["first_used_at"].timestamp()),
                }
                for row in rows
            ]
        }


def receipted(receipts: Receipts | None) -> list[Middleware]:
    return [] if receipts is None else [Middleware(Receipted, receipts)]


def receipt_routes(receipts: Receipts) -> list[Route]:
    async def keys(_: Request) -> Response:
        return Response(orjson.dumps(await receipts.published()), media_type="application/jwk-set+json")

    return [Route(PATH, keys, methods=["GET"])]


class Receipted:
    def __init__(self, app: ASGIApp, receipts: Receipts) -> None:
        self.app = app
        self.receipts = receipts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] != "HEAD" and _wanted(heads(scope)):
            await self._with_receipt(scope, receive, send)
        else:
            await self.app(scope, receive, send)

    async def _with_receipt(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, answer = bytearray(), bytearray()
        start: Message | None = None
        more = True

        async def hearing() -> Message:
            nonlocal more
            message = await receive()
            more = message.get("more_body", False)
            body.extend(message.get("body", b""))
            return message

        async def telling(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and not _streams(message):
                start = message
                return
            if start is None:  # a stream, which has no whole answer
                await send(message)
                return
            answer.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            viewer = scope.get(ASKING)
            while viewer is not None and more and len(body) <= self.receipts.most:
                await hearing()  # what was refused unread has been asked all the same
            if viewer is not None and not more:
                try:
                    text = await self._text(viewer, scope, bytes(body), start["status"], bytes(answer))
                except HubError as error:
                    spoken = language(heads(scope).get("accept-language", ""))
                    await refusal(error, spoken, JSON)(scope, receive, send)
                    return
                applied = ((HEADER, text), ("Preference-Applied", PREFERENCE), ("Vary", "Prefer"))
                start["headers"].extend((name.lower().encode(), value.encode()) for name, value in applied)
            await send(start)
            await send({"type": "http.response.body", "body": bytes(answer)})

        await self.app(scope, hearing, telling)

    async def _text(self, viewer: Viewer, scope: Scope, body: bytes, status: int, answer: bytes) -> str:
        query = scope["query_string"].decode("latin-1")
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        target = path + (f"?{query}" if query else "")
        request = asked(scope["method"], target, body)
        receipt = await self.receipts.given(viewer, request, status, answer, scope.get(DOCUMENT))
        return receipt.text


def _wanted(given: Mapping[str, str]) -> bool:
    return any(
        each.partition(";")[0].strip().lower() == PREFERENCE for each in given.get("prefer", "").split(",")
    )


def _streams(start: Message) -> bool:
    return any(name == b"content-type" and value.startswith(STREAM) for name, value in start["headers"])
