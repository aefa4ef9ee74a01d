"""``/oauth/*`` and the two ``/.well-known`` documents over HTTP."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.oauth.introspect import IntrospectEndpoint
from hub.oauth.jose import SigningKeys
from hub.oauth.metadata import (
    CACHED_SECONDS,
    INTROSPECT_PATH,
    JWKS_PATH,
    PAR_PATH,
    REVOKE_PATH,
    TOKEN_PATH,
    Issuer,
    resource_metadata,
    server_metadata,
)
from hub.oauth.nonces import Nonces
from hub.oauth.par import PushEndpoint
from hub.oauth.revoke import RevokeEndpoint
from hub.oauth.server import MAX_FORM_BYTES, Call, Endpoint
from hub.oauth.signed_in import Sessions
from hub.oauth.token_endpoint import TokenEndpoint
from hub.store.database import Database
from hub.web.authorize import authorize_routes
from hub.web.cors import cors
from hub.web.refusals import EVERY_METHOD


def oauth_routes(
    db: Database,
    issuer: Issuer,
    keys: SigningKeys,
    origins: Sequence[str] = (),
    sessions: Sessions | None = None,
    nonces: Nonces | None = None,
) -> list[Route]:
    """``origins``: sites whose pages may ask for a token. ``sessions``: of users; without, none is asked."""
    return [
        _endpoint(TOKEN_PATH, TokenEndpoint(db, issuer, keys, nonces), origins),
        _endpoint(PAR_PATH, PushEndpoint(db, issuer, keys, nonces), origins),
        _endpoint(REVOKE_PATH, RevokeEndpoint(db, issuer, keys), origins),
        _endpoint(INTROSPECT_PATH, IntrospectEndpoint(db, issuer, keys), origins),
        *(authorize_routes(db, issuer, keys, sessions) if sessions else ()),
        _document(JWKS_PATH, keys.published, "application/jwk-set+json"),
        _document(issuer.server_metadata_path, partial(server_metadata, issuer)),
        _document(issuer.resource_metadata_path, partial(resource_metadata, issuer)),
    ]


def _endpoint(path: str, endpoint: Endpoint, origins: Sequence[str]) -> Route:
    async def answer(request: Request) -> Response:
        answer = await endpoint.answer(
            Call(
                method=request.method,
                content_type=request.headers.get("content-type", ""),
                query=request.scope["query_string"],
                authorization=request.headers.getlist("authorization"),
                body=await _beginning(request, MAX_FORM_BYTES + 1),
                dpop=request.headers.getlist("dpop"),
            )
        )
        return Response(orjson.dumps(answer.body), answer.status, dict(answer.headers))

    # The endpoint itself says 405, in the form OAuth clients read.
    return Route(path, answer, methods=EVERY_METHOD, middleware=cors(origins))


async def _beginning(request: Request, size: int) -> bytes:
    """At most ``size`` bytes and one chunk of the body; enough to see that it is too long."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) >= size:
            break
    return body


def _document(
    path: str, content: Callable[[], dict[str, Any]], media_type: str = "application/json"
) -> Route:
    headers = {"Cache-Control": f"public, max-age={CACHED_SECONDS}"}

    async def document(_: Request) -> Response:
        return Response(orjson.dumps(content()), media_type=media_type, headers=headers)

    return Route(path, document, methods=["GET"])
