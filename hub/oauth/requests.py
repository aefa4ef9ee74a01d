"""Authorization requests: what a client may ask of a browser, checked, and kept until the user has answered.

A request is found by a random name, which stands in the ``request_uri`` of a pushed one (RFC 9126) and in the
address of the page that asks the user. The user's answer takes the row away, so a request is good for one. To
open it is not yet to use it up (FAPI 2.0, 5.3.2.2, note 3): there is software that loads every link it sees.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc6749.errors import InvalidClientError, InvalidRequestError
from sqlalchemy import Connection, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.expression import bindparam

from hub.oauth.clients import CLIENT_ID, Client
from hub.oauth.code import AuthorizationCode
from hub.oauth.flows import FAPI2
from hub.oauth.metadata import PROMPTS
from hub.oauth.purge import purge
from hub.oauth.server import Form, TokenServer
from hub.oauth.tokens import digest, random_value

MAX_FIELDS: Final = 32
PUSHED_SECONDS: Final = 60
"""To open a pushed request. The hub's own promise: RFC 9126 and FAPI 2.0 (less than 600) leave it open."""
ASKING_SECONDS: Final = 600
"""For the user to sign in and answer; the hub's own promise too."""
KEPT: Final = ("redirect_uri", "state", "code_challenge", "prompt", "ui_locales", "dpop_jkt")

STATE: Final = re.compile(r"[\x20-\x7e]{1,2000}")
# Kept as JSON, which in PostgreSQL has no NUL: one would look like a database that is away.
_LOCALES: Final = re.compile(r"[A-Za-z0-9 -]{1,200}", re.ASCII)
_JKT: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_SAVE: Final = text(
    "insert into oauth_request (request_hash, client_id, parameters, expires_at)"
    " values (:name, :client, :parameters, now() + make_interval(secs => :life))"
).bindparams(bindparam("parameters", type_=JSONB))
_OPEN: Final = text(
    "update oauth_request set expires_at = created_at + make_interval(secs => :asking)"
    " where request_hash = :name and client_id = :client"
    " and created_at > now() - make_interval(secs => :pushed) returning true"
)
_LOOK: Final = text(
    "select client_id, parameters, created_at from oauth_request"
    " where request_hash = :name and expires_at > now()"
).columns(parameters=JSONB)
_TAKE: Final = text(
    "delete from oauth_request where request_hash = :name and expires_at > now()"
    " returning client_id, parameters, created_at"
).columns(parameters=JSONB)
_PURGE: Final = text(purge("oauth_request"))


@dataclass(frozen=True, slots=True)
class Asked:
    """``parameters``: those of ``KEPT`` that came, and ``scope``, as granted to the client."""

    client_id: str
    parameters: Mapping[str, str]
    created_at: dt.datetime

    @property
    def redirect_uri(self) -> str:
        return self.parameters["redirect_uri"]

    @property
    def state(self) -> str | None:
        return self.parameters.get("state")

    @property
    def prompts(self) -> frozenset[str]:
        return frozenset(self.parameters.get("prompt", "").split())


def check_request(server: TokenServer, form: Form, client: Client, *, pushed: bool) -> dict[str, str]:
    """What to keep of a request; an ``OAuth2Error`` with ``redirect_uri`` once that is known to be good."""
    uri = AuthorizationCode.validate_authorization_redirect_uri(form, client)
    asked = form.form
    try:
        if client.profile == FAPI2 and not pushed:
            raise InvalidRequestError("A client of this profile pushes its requests (RFC 9126).")
        _check_parameters(asked)
        form.issuer.check_resource(asked.get("resource"))
        # Looks at client, redirect_uri, PKCE and scope.
        server.get_consent_grant(form)
    except OAuth2Error as error:
        error.redirect_uri = uri
        raise
    return {**{name: asked[name] for name in KEPT if name in asked}, "scope": form.scope}


def _check_parameters(asked: Mapping[str, str]) -> None:
    if "request" in asked or "request_uri" in asked:
        raise OAuth2Error("Request objects are not taken (RFC 9101).", error="request_not_supported")
    if "response_type" not in asked:
        raise InvalidRequestError("The response_type is missing.")
    if asked["response_type"] != "code":
        raise OAuth2Error("The one response_type is code.", error="unsupported_response_type")
    if asked.get("response_mode", "query") != "query":
        raise InvalidRequestError("The one response_mode is query.")
    if not STATE.fullmatch(asked.get("state", "-")):
        raise InvalidRequestError("The state is 1 to 2000 printable ASCII characters.")
    if not _JKT.fullmatch(asked.get("dpop_jkt", "-" * 43)):
        raise InvalidRequestError("The dpop_jkt is the SHA-256 thumbprint of a key.")
    if not _LOCALES.fullmatch(asked.get("ui_locales", "zh")):
        raise InvalidRequestError("The ui_locales are language tags, of 200 characters at most.")
    prompts = asked["prompt"].split(" ") if "prompt" in asked else []
    if not set(prompts) <= set(PROMPTS) or ("none" in prompts and len(prompts) > 1):
        raise InvalidRequestError(f"A prompt is none, or of: {', '.join(PROMPTS[1:])}.")


def known_client(server: TokenServer, client_id: str | None) -> Client:
    """A client whose users may be asked; InvalidClientError, which only a page may show."""
    client = server.query_client(client_id) if client_id and CLIENT_ID.fullmatch(client_id) else None
    if client is None or not client.is_active():
        raise InvalidClientError("The client is not known, or not active.")
    return client


def save(
    connection: Connection, client_id: str, parameters: dict[str, str], seconds: int = ASKING_SECONDS
) -> str:
    """Keep a checked request; its name."""
    name = random_value()
    values = {"name": _stored(name), "client": client_id, "parameters": parameters, "life": seconds}
    connection.execute(_SAVE, values)
    connection.execute(_PURGE)
    return name


def is_open(connection: Connection, name: str, client_id: str) -> bool:
    """Whether the client pushed this request just now; then the user has ``ASKING_SECONDS`` to answer it."""
    values = {
        "name": _stored(name),
        "client": client_id,
        "pushed": PUSHED_SECONDS,
        "asking": ASKING_SECONDS,
    }
    return connection.execute(_OPEN, values).scalar() is True


def look(connection: Connection, name: str) -> Asked | None:
    return _asked(connection.execute(_LOOK, {"name": _stored(name)}).one_or_none())


def take(connection: Connection, name: str) -> Asked | None:
    """It is gone then: of ten answers at once, one finds it."""
    return _asked(connection.execute(_TAKE, {"name": _stored(name)}).one_or_none())


def _asked(row: Any) -> Asked | None:
    return Asked(row.client_id, row.parameters, row.created_at) if row else None


def _stored(name: str) -> bytes:
    return digest("request", name)
