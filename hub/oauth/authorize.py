"""The authorization endpoint (RFC 6749, 4.1) without its pages: from a request to the user's answer.

An error goes back to the client only where its ``redirect_uri`` has been found to be its own; any other is an
``OAuth2Error`` for a page. Every answer names the hub as its ``iss`` (RFC 9207).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

import structlog
from authlib.common.urls import add_params_to_uri
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749.errors import AccessDeniedError, InvalidRequestError

from hub.access.scopes import compact, parse
from hub.errors import BadArgument
from hub.oauth import requests
from hub.oauth.clients import Client
from hub.oauth.code import AuthorizationCode
from hub.oauth.consents import open_grant
from hub.oauth.holders import read_holder, serves
from hub.oauth.jose import SigningKeys
from hub.oauth.metadata import AUTHORIZE_PATH, CONSENT_PATH, Issuer
from hub.oauth.par import REQUEST_URI
from hub.oauth.requests import Asked
from hub.oauth.server import Form, TokenServer, Transactions, read_fields
from hub.oauth.signed_in import LOGIN_PATH, LONGEST_NEXT, SignedIn
from hub.store.database import Database

log = structlog.get_logger(__name__)

OVER = "The request has ended, or was used before."
AGAIN = frozenset({"login", "select_account"})
"""Prompts that want the user to sign in after the request was made."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the user is asked. ``scopes``: what would be given; none where the client may not have them."""

    name: str
    client_name: str
    redirect_uri: str
    scopes: tuple[str, ...]
    ui_locales: str


class Authorizations:
    def __init__(self, db: Database, issuer: Issuer, keys: SigningKeys) -> None:
        self._issuer = issuer
        self._base = urlsplit(issuer.url).path
        self._transactions = Transactions(db, issuer, keys)

    async def begin(self, query: bytes, user: SignedIn | None) -> str:
        """Where the browser goes on: the consent page, to sign in, or back with an error."""
        fields = read_fields(query, requests.MAX_FIELDS)
        try:
            return await self._transactions.run(lambda server: self._begin(server, fields, user))
        except OAuth2Error as error:
            return self._back(error, fields.get("state"))

    async def question(self, name: str, user: SignedIn | None) -> Question | str:
        """What to ask the user, or where else the browser goes."""
        return await self._transactions.run(lambda server: self._question(server, name, user))

    async def answer(self, name: str, user: SignedIn, allowed: str | None) -> str:
        """Back to the client, with a code or without; a question is answered once.

        ``allowed``: the scopes that the page showed, which may be fewer than would be given by now.
        """
        return await self._transactions.run(lambda server: self._answer(server, name, user, allowed))

    def _begin(self, server: TokenServer, fields: dict[str, str], user: SignedIn | None) -> str:
        client = requests.known_client(server, fields.get("client_id"))
        if "request_uri" in fields:
            name = fields["request_uri"].removeprefix(REQUEST_URI)
            if not requests.is_open(server.connection, name, client.client_id):
                raise InvalidRequestError(OVER)
            return self._page(name)
        kept = requests.check_request(server, Form(self._issuer, fields), client, pushed=False)
        if kept.get("prompt") == "none":
            raise _unseen(user, kept["redirect_uri"])
        if user is None:
            return self._login(self._again(fields, kept["redirect_uri"]))
        return self._page(requests.save(server.connection, client.client_id, kept))

    def _again(self, fields: dict[str, str], redirect_uri: str) -> str:
        """The request once more, which goes with who has to sign in first: nothing is kept for them, since
        anybody can ask. Signing in is what a prompt wants."""
        given = urlencode({name: value for name, value in fields.items() if name != "prompt"})
        path = f"{AUTHORIZE_PATH}?{given}"
        if len(self._base + path) > LONGEST_NEXT:
            raise InvalidRequestError(
                f"A request of more than {LONGEST_NEXT} characters does not wait for a user to sign in."
                " Push it (RFC 9126), or send a shorter state.",
                redirect_uri=redirect_uri,
            )
        return path

    def _question(self, server: TokenServer, name: str, user: SignedIn | None) -> Question | str:
        asked, client = _found(server, requests.look(server.connection, name))
        if "none" in asked.prompts:
            return self._back(_unseen(user, asked.redirect_uri), asked.state)
        if user is None or _must_sign_in(asked, user):
            return self._login(f"{CONSENT_PATH}?request={name}", again=user is not None)
        scopes = tuple(compact(_given(asked, client, user)).split())
        locales = asked.parameters.get("ui_locales", "")
        return Question(name, client.name, asked.redirect_uri, scopes, locales)

    def _answer(self, server: TokenServer, name: str, user: SignedIn, allowed: str | None) -> str:
        asked, client = _found(server, requests.take(server.connection, name))
        given = _given(asked, client, user) & _shown(allowed)
        if not given or _must_sign_in(asked, user):
            log.info("consent_refused", client_id=client.client_id)
            return self._back(AccessDeniedError(redirect_uri=asked.redirect_uri), asked.state)
        log.info("consent_given", client_id=client.client_id, scope=compact(given))
        return self._with_code(server, asked, client, user, given)

    def _with_code(
        self, server: TokenServer, asked: Asked, client: Client, user: SignedIn, given: Iterable[str]
    ) -> str:
        grant_id = open_grant(server.connection, client.client_id, user, given)
        holder = read_holder(server.connection, grant_id)
        form = Form(self._issuer, {**asked.parameters, "client_id": client.client_id})
        _, _, headers = AuthorizationCode(form, server).create_authorization_response(
            asked.redirect_uri, holder
        )
        return str(add_params_to_uri(dict(headers)["Location"], [("iss", self._issuer.url)]))

    def _back(self, error: OAuth2Error, state: str | None) -> str:
        """To the client with an error; raises one that only a page may show."""
        if error.redirect_uri is None:
            raise error
        said = [("error", error.error), ("error_description", error.description)]
        if state and requests.STATE.fullmatch(state):
            said.append(("state", state))
        return str(add_params_to_uri(error.redirect_uri, [*said, ("iss", self._issuer.url)]))

    def _page(self, name: str) -> str:
        return f"{self._issuer.url}{CONSENT_PATH}?request={name}"

    def _login(self, path: str, *, again: bool = False) -> str:
        following = {"next": self._base + path, **({"prompt": "login"} if again else {})}
        return f"{self._issuer.url}{LOGIN_PATH}?{urlencode(following)}"


def _found(server: TokenServer, asked: Asked | None) -> tuple[Asked, Client]:
    """The request and its client, if both still stand."""
    if asked is None:
        raise InvalidRequestError(OVER)
    client = requests.known_client(server, asked.client_id)
    if not client.check_redirect_uri(asked.redirect_uri):
        raise InvalidRequestError(OVER)
    return asked, client


def _given(asked: Asked, client: Client, user: SignedIn) -> frozenset[str]:
    """Of what was asked for, what the user has and the client may have of this user."""
    if not serves(client, user):
        return frozenset()
    return parse(asked.parameters["scope"]) & user.scopes & client.scopes


def _shown(scopes: str | None) -> frozenset[str]:
    try:
        return parse(scopes or "")
    except BadArgument:
        raise InvalidRequestError("The scopes of the answer are none.") from None


def _unseen(user: SignedIn | None, redirect_uri: str) -> OAuth2Error:
    """The answer to ``prompt=none``: each new grant needs the user's own answer."""
    error = "login_required" if user is None else "consent_required"
    return OAuth2Error("The user has to be asked.", error=error, redirect_uri=redirect_uri)


def _must_sign_in(asked: Asked, user: SignedIn) -> bool:
    return bool(asked.prompts & AGAIN) and user.signed_in_at < asked.created_at
