"""The registry of clients: who is known, with which keys, for which scopes.

Rows are read on every token request and, at most every two seconds per client, on every use of a
token; so a suspension reaches tokens that are already out.
"""

from __future__ import annotations

import datetime as dt
import re
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any, Final

import orjson
from authlib.oauth2.rfc6749.errors import InvalidScopeError
from sqlalchemy import JSON, ColumnElement, RowMapping, bindparam, case, func, literal_column, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.access.limits import Allowance
from hub.access.purposes import Granted, Purpose, granted
from hub.access.scopes import DEFAULT_SCOPES, compact, parse, still_offered
from hub.domain.vocabulary import ClientStatus
from hub.errors import BadArgument, NotFound
from hub.oauth.flows import (
    AUTH_METHOD,
    BASELINE,
    CODE_GRANT,
    GRANT_TYPE,
    PUBLIC,
    check_flows,
)
from hub.oauth.jose import public_jwks
from hub.oauth.places import check_place
from hub.oauth.redirects import is_same
from hub.store.database import Database
from hub.tables.identity import oauth_client

ACTIVE: Final = ClientStatus.ACTIVE.name
SUSPENDED: Final = ClientStatus.SUSPENDED.name
IS_ACTIVE: Final = f"(c.status = '{ACTIVE}' and (c.expires_at is null or c.expires_at > now()))"
"""``Client.is_active`` in a statement, of a row ``c``."""

CLIENT_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Client:
    """A row of ``oauth_client``. ``scopes`` are atoms; ``jwks`` holds public keys only."""

    client_id: str
    name: str
    role: str
    division_code: str | None
    organisation_id: int | None
    scopes: frozenset[str]
    status: str
    expires_at: dt.datetime | None
    jwks: Mapping[str, Any] = field(compare=False, repr=False)
    documents_only: bool = False
    """It may ask nothing but its trusted documents."""
    allowance: Allowance = field(default_factory=Allowance)
    purposes: tuple[Purpose, ...] = ()
    """All it is granted, or was."""
    purpose_needed: bool = False
    """Every request of it must have a purpose."""
    grant_types: tuple[str, ...] = (GRANT_TYPE,)
    redirect_uris: tuple[str, ...] = ()
    auth_method: str = AUTH_METHOD
    profile: str = BASELINE
    person_key: int = 0
    person_key_before_until: dt.datetime | None = None
    questions_barred_at: dt.datetime | None = None
    """Since when it may ask about nobody, until somebody decides (``hub.web.questions``)."""
    token_series: int = 0
    """That of the access tokens it gets now; those of another are ended."""

    def is_active(self) -> bool:
        return self.status == ACTIVE and not self.has_expired()

    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= dt.datetime.now(dt.UTC)

    def person_keys(self) -> frozenset[int]:
        """Numbers of the keys whose tokens of persons are taken now."""
        until = self.person_key_before_until
        before = until is not None and until > dt.datetime.now(dt.UTC)
        return frozenset(n for n in (self.person_key, self.person_key - before) if n > 0)

    def granted(self, role: str, fixed: str | None = None) -> Granted:
        """What it may ask for now, for somebody in ``role``; ``fixed``: by a token for this purpose."""
        return granted(self.purposes, role, time.time(), needed=self.purpose_needed, fixed=fixed)

    # The questions Authlib puts to a client.

    def get_client_id(self) -> str:
        return self.client_id

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.grant_types

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and CODE_GRANT in self.grant_types

    def check_redirect_uri(self, given: str) -> bool:
        any_port = self.auth_method == PUBLIC
        return any(is_same(registered, given, any_port=any_port) for registered in self.redirect_uris)

    def get_allowed_scope(self, scope: str | None) -> str:
        """The scopes asked for, or all that are granted; invalid_scope for one that is not granted."""
        try:
            asked = parse(scope or "") or self.scopes
        except BadArgument as error:
            raise InvalidScopeError(error.message) from None
        if not asked or not asked <= self.scopes:
            raise InvalidScopeError("A scope was asked for that this client is not granted.")
        return compact(asked)


_COLUMNS: Final = [column for column in oauth_client.c if column.name != "purposes"]
_PURPOSES: Final = """(select coalesce(json_agg(json_build_object(
        'code', p.code, 'label_zh', p.label_zh, 'label_en', p.label_en, 'legal_basis', p.legal_basis,
        'citation', p.citation, 'roles', p.roles, 'opens', p.opens, 'since', extract(epoch from p.valid_from),
        'until', extract(epoch from least(p.valid_until, g.valid_until)), 'units', g.cost_per_minute,
        'questions_per_minute', g.questions_per_minute, 'questions_per_day', g.questions_per_day,
        'usual', g.is_default) order by p.code), '[]')
    from client_purpose g join purpose p on p.code = g.purpose where g.client_id = oauth_client.client_id)"""
STORED: Final = (*_COLUMNS, literal_column(_PURPOSES, JSON).label("purposes"))
"""What ``to_client`` reads."""
_CLIENT: Final = select(*STORED).order_by(oauth_client.c.client_id)


CLIENT_ROW: Final = _CLIENT.where(oauth_client.c.client_id == bindparam("name"))
"""Finds the client ``name``; the caller brings the connection."""


NEXT_SERIES: Final = oauth_client.c.token_series + 1
"""As the new ``token_series`` it ends every access token that is out, for good."""
_JSON: Final = ("jwks", "purposes")
COLUMNS: Final = ", ".join((*(column.name for column in _COLUMNS), f"{_PURPOSES} as purposes"))
"""The same as text."""
_FIND: Final = f"select {COLUMNS} from oauth_client where client_id = $1"  # noqa: S608


def to_client(held: RowMapping | Mapping[str, Any]) -> Client:
    return Client(
        **{name: held[name] for name in ("client_id", "name", "role", "division_code", "organisation_id")},
        scopes=still_offered(held["scopes"]),
        status=held["status"],
        expires_at=held["expires_at"],
        jwks=held["jwks"],
        documents_only=held["documents_only"],
        allowance=Allowance(**{limit.name: held[limit.name] for limit in fields(Allowance)}),
        purposes=tuple(map(_purpose, held["purposes"])),
        purpose_needed=held["purpose_needed"],
        grant_types=tuple(held["grant_types"]),
        redirect_uris=tuple(held["redirect_uris"]),
        auth_method=held["auth_method"],
        profile=held["profile"],
        person_key=held["person_key"],
        person_key_before_until=held["person_key_before_until"],
        questions_barred_at=held["questions_barred_at"],
        token_series=held["token_series"],
    )


def _purpose(held: Mapping[str, Any]) -> Purpose:
    sets = {name: frozenset(held[name]) for name in ("roles", "opens")}
    return Purpose(**{**held, **sets})


async def find_client(db: Database, client_id: str) -> Client | None:
    row = await (await db.asking()).fetchrow(_FIND, client_id)
    return stored_client(dict(row)) if row else None


def stored_client(row: Mapping[str, Any]) -> Client:
    """Of a row of ``COLUMNS`` as asyncpg has it."""
    return to_client({**row, **{name: orjson.loads(row[name]) for name in _JSON}})


async def list_clients(db: Database) -> list[Client]:
    async with db.engine.connect() as connection:
        return [to_client(row) for row in (await connection.execute(_CLIENT)).mappings()]


async def register_client(
    db: Database,
    client_id: str,
    *,
    name: str,
    role: str,
    jwks: Mapping[str, Any] | None = None,
    division_code: str | None = None,
    organisation_id: int | None = None,
    scopes: Iterable[str] | None = None,
    expires_at: dt.datetime | None = None,
    documents_only: bool | None = None,
    purpose_needed: bool | None = None,
    grant_types: Sequence[str] = (GRANT_TYPE,),
    redirect_uris: Sequence[str] = (),
    auth_method: str = AUTH_METHOD,
    profile: str = BASELINE,
    replace: bool = False,
) -> Client:
    """Add a client; with ``replace`` also put this registration, active, in place of an older one.

    ``jwks`` holds the client's public keys; a public client has none. Without ``scopes`` the role's defaults
    are granted; ``documents_only`` and ``purpose_needed`` of None leave a client as it is. Where one of
    its keys is not among the new ones, or the older registration has ended, the tokens that are out end.
    BadArgument says what a registration needs, or that the name is taken.
    """
    _check(client_id, role, division_code, organisation_id, expires_at)
    check_flows(grant_types, redirect_uris, auth_method, profile)
    values = {
        "name": name,
        "role": role,
        "division_code": division_code,
        "organisation_id": organisation_id,
        "scopes": compact(DEFAULT_SCOPES[role] if scopes is None else scopes).split(),
        "jwks": _keys(auth_method, jwks),
        "status": ACTIVE,
        "expires_at": expires_at,
        "grant_types": list(grant_types),
        "redirect_uris": list(redirect_uris),
        "auth_method": auth_method,
        "profile": profile,
        **{
            name: value
            for name, value in (("documents_only", documents_only), ("purpose_needed", purpose_needed))
            if value is not None
        },
    }
    adding = insert(oauth_client).values(client_id=client_id, **values)
    statement = (
        adding.on_conflict_do_update(
            index_elements=["client_id"], set_={**values, "token_series": _replaced(adding.excluded.jwks)}
        )
        if replace
        else adding.on_conflict_do_nothing()
    )
    try:
        async with db.engine.begin() as connection:
            answer = await connection.execute(statement.returning(oauth_client.c.client_id))
            if answer.one_or_none() is None:
                raise BadArgument("A client of this name is registered already.")
            return to_client((await connection.execute(CLIENT_ROW, {"name": client_id})).mappings().one())
    except IntegrityError:
        raise BadArgument("The hub knows no such division, or no such contractor.") from None


PROLONGED: Final = case(
    (oauth_client.c.expires_at <= func.now(), NEXT_SERIES), else_=oauth_client.c.token_series
)
"""The series of a registration that may have ended, and goes on: what ended with it stays ended."""


def _replaced(jwks: ColumnElement[Any]) -> ColumnElement[int]:
    """The series once the client has these keys: another one unless those it had are among them."""
    return case((jwks.contains(oauth_client.c.jwks), PROLONGED), else_=NEXT_SERIES)


def _keys(auth_method: str, jwks: Mapping[str, Any] | None) -> dict[str, Any]:
    if auth_method != PUBLIC:
        return public_jwks(jwks or {})
    if jwks is not None:
        raise BadArgument("A public client has no keys.")
    return {"keys": []}


def _check(
    client_id: str,
    role: str,
    division_code: str | None,
    organisation_id: int | None,
    expires_at: dt.datetime | None,
) -> None:
    if not CLIENT_ID.fullmatch(client_id):
        raise BadArgument("A client's name is 1 to 64 letters, digits and . _ ~ -, a letter or digit first.")
    check_place("client", role, division_code, organisation_id)
    if expires_at is not None and expires_at.tzinfo is None:
        raise BadArgument("The end of a registration is a time with a time zone.")


async def suspend_client(db: Database, client_id: str) -> None:
    """No more tokens, and within two seconds none that is out, for good. NotFound for no such client."""
    await _change(db, client_id, status=SUSPENDED, token_series=NEXT_SERIES)


async def resume_client(db: Database, client_id: str) -> None:
    """It gets tokens again. NotFound for no such client."""
    await _change(db, client_id, status=ACTIVE)


async def end_client(db: Database, client_id: str, at: dt.datetime | None) -> None:
    """Let the registration end ``at`` this time, or at none. NotFound for no such client.

    Where it has ended, the tokens that were out then stay ended.
    """
    await _change(db, client_id, expires_at=at, token_series=PROLONGED)


async def limit_to_documents(db: Database, client_id: str, limited: bool) -> None:
    """Answer only the client's trusted documents, or others too, within two seconds. NotFound as above."""
    await _change(db, client_id, documents_only=limited)


async def _change(db: Database, client_id: str, **values: Any) -> None:
    async with db.engine.begin() as connection:
        await change_client(connection, client_id, **values)


async def change_client(connection: AsyncConnection, client_id: str, **values: Any) -> None:
    """NotFound for no such client."""
    statement = update(oauth_client).where(oauth_client.c.client_id == client_id).values(**values)
    changed = await connection.execute(statement.returning(oauth_client.c.client_id))
    if changed.one_or_none() is None:
        raise NotFound("No client has this name.")
