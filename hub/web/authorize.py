"""``/oauth/authorize`` and ``/oauth/consent`` over HTTP: a browser asks, a user answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from hmac import compare_digest

import structlog
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749.errors import InvalidRequestError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.errors import Language, Unavailable
from hub.oauth.authorize import Authorizations
from hub.oauth.jose import SigningKeys
from hub.oauth.metadata import AUTHORIZE_PATH, CONSENT_PATH, Issuer
from hub.oauth.server import MAX_FIELDS, MAX_FORM_BYTES, NotNow, read_fields
from hub.oauth.signed_in import Sessions, SignedIn
from hub.store.database import Database
from hub.web.consent import consent_page, failure_page, spoken
from hub.web.following import Places
from hub.web.forms import is_own_form
from hub.web.pages import SESSION

log = structlog.get_logger(__name__)

Answer = Callable[[Request, SignedIn | None], Awaitable[Response]]


def authorize_routes(db: Database, issuer: Issuer, keys: SigningKeys, sessions: Sessions) -> list[Route]:
    authorizations, places = Authorizations(db, issuer, keys), Places(issuer)
    cookie = places.cookie(SESSION)

    def answering(answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                return await answer(request, await sessions.of(request.cookies.get(cookie)))
            except OAuth2Error as error:
                return _failed(request, error)
            except Unavailable:
                return _failed(request, NotNow())

        return endpoint

    async def authorize(request: Request, user: SignedIn | None) -> Response:
        return _sent(await authorizations.begin(request.scope["query_string"], user))

    async def consent(request: Request, user: SignedIn | None) -> Response:
        name = read_fields(request.scope["query_string"], MAX_FIELDS).get("request", "")
        found = await authorizations.question(name, user)
        if isinstance(found, str) or user is None:
            return _sent(str(found))
        return consent_page(issuer, found, user, _language(request, found.ui_locales))

    async def answered(request: Request, user: SignedIn | None) -> Response:
        fields = await _form(request, places.origin)
        if user is None or not compare_digest(fields.get("csrf", "").encode(), user.csrf.encode()):
            raise InvalidRequestError("The session has ended, or another has begun.")
        allowed = fields.get("scope") if fields.get("decision") == "allow" else None
        return _sent(await authorizations.answer(fields.get("request", ""), user, allowed))

    return [
        Route(AUTHORIZE_PATH, answering(authorize), methods=["GET"]),
        Route(CONSENT_PATH, answering(consent), methods=["GET"]),
        Route(CONSENT_PATH, answering(answered), methods=["POST"], max_body_size=MAX_FORM_BYTES),
    ]


async def _form(request: Request, origin: str) -> dict[str, str]:
    """The fields of a form of our own page; InvalidRequestError for another site's."""
    if not is_own_form(request, origin):
        raise InvalidRequestError("This answer did not come from the page that asked.")
    return read_fields(await request.body(), MAX_FIELDS)


def _sent(location: str) -> Response:
    """303, so that a form is never sent on (FAPI 2.0, 5.3.2.2)."""
    return Response(
        status_code=303,
        headers={"location": location, "cache-control": "no-store", "referrer-policy": "no-referrer"},
    )


def _failed(request: Request, error: OAuth2Error) -> Response:
    log.info("authorization_refused", error=error.error, description=error.description)
    return failure_page(error, _language(request, ""))


def _language(request: Request, locales: str) -> Language:
    return spoken(locales, request.headers.get("accept-language", ""))
