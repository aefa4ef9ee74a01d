"""From checked claims to a session: whose it is, made or brought up to date within the registration."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import structlog
from sqlalchemy import Connection, text

from hub.access.scopes import compact, still_offered
from hub.errors import BadArgument
from hub.oauth.clients import ACTIVE
from hub.oauth.provider_rules import NotAdmitted, Provider, Rights, check_inside, rights_of
from hub.oauth.providers import end_of, former_of, lock_provider
from hub.oauth.sessions import WHOLE_HOURS, new_cookie
from hub.oauth.users import LONGEST_NAME
from hub.store.database import Database

log = structlog.get_logger(__name__)

_HIDDEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]")
"""Controls, and what turns the direction of text round or cannot be seen."""

_FIND: Final = text(
    "select u.id, u.status, i.is_made, u.role, u.division_code, u.scopes from user_identity i"
    " join hub_user u on u.id = i.user_id where i.provider = :provider and i.subject = :subject"
    " for update of u"
)
_ADD: Final = text(
    "insert into hub_user (login, display_name, role, division_code, scopes)"
    " select :login, :display_name, :role, code, :scopes from division where code = :division returning id"
)
_LINK: Final = text(
    "with former as (delete from former_identity where subject = :subject"
    " and issuer = (select issuer from oauth_provider where name = :provider))"
    " insert into user_identity (provider, subject, user_id, is_made)"
    " values (:provider, :subject, :user, true)"
)
_RETURN: Final = text("update hub_user set status = 'ACTIVE' where id = :user")
_MOVE: Final = text(
    "update hub_user set display_name = coalesce(:display_name, display_name), role = :role,"
    " division_code = :division, scopes = :scopes"
    " where id = :user and exists (select from division where code = :division) returning id"
)
_BEGIN: Final = text(
    "insert into user_session (cookie_hash, user_id, browser, provider, factor_at, signed_in_at, expires_at)"
    " values (:cookie, :user, :browser, :provider, now(), least(now(), to_timestamp(:signed_in_at)),"
    " now() + make_interval(hours => :hours))"
)


@dataclass(frozen=True, slots=True)
class Arrival:
    """``signed_in_at``: at the provider, in seconds since 1970."""

    claims: Mapping[str, Any]
    browser: str
    signed_in_at: float


async def admit(db: Database, provider: Provider, arrival: Arrival) -> str:
    """The cookie of a session; NotAdmitted where the registry grants nothing.

    What came with rights that are granted no more ends, also where nobody is let in.
    """
    async with db.engine.begin() as connection:
        cookie = await connection.run_sync(_admit, provider, arrival)
    if cookie is None:
        raise NotAdmitted
    return cookie


def _admit(connection: Connection, provider: Provider, arrival: Arrival) -> str | None:
    if lock_provider(connection, provider.name) != provider.version:
        return None  # suspended, or registered otherwise, while the user was there
    user_id = _user(connection, provider, arrival.claims)
    if user_id is None:
        return None
    cookie, hashed = new_cookie()
    values = {
        "cookie": hashed,
        "user": user_id,
        "browser": arrival.browser,
        "provider": provider.name,
        "signed_in_at": arrival.signed_in_at,
        "hours": WHOLE_HOURS,
    }
    connection.execute(_BEGIN, values)
    log.info("signed_in", user_id=user_id, provider=provider.name)
    return cookie


def _user(connection: Connection, provider: Provider, claims: Mapping[str, Any]) -> int | None:
    who = {"provider": provider.name, "subject": claims["sub"]}
    found = connection.execute(_FIND, who).one_or_none()
    if found is None:
        return _newcomer(connection, provider, claims, who)
    if found.status != ACTIVE:
        return None
    if not found.is_made:
        return int(found.id) if _is_inside(provider, found.division_code) else None
    rights = _granted(provider, claims)
    if rights != Rights(found.role, found.division_code, still_offered(found.scopes)):
        end_of(connection, provider.name, found.id)
    return _move(connection, found.id, rights, _name(provider, claims)) if rights else None


def _newcomer(
    connection: Connection, provider: Provider, claims: Mapping[str, Any], who: dict[str, Any]
) -> int | None:
    """The user made before for this subject of the issuer, or a new one. None for who was locked."""
    former = former_of(connection, who)
    rights = _granted(provider, claims)
    if rights is None or (former and former.is_locked):
        return None
    name = _name(provider, claims)
    if former is None or not former.is_made:
        return _make(connection, who, rights, name)
    back = _move(connection, former.user_id, rights, name)
    if back is not None:
        connection.execute(_RETURN, {"user": back})
        connection.execute(_LINK, {**who, "user": back})
        log.info("user_returned", role=rights.role, provider=who["provider"], user_id=back)
    return back


def _is_inside(provider: Provider, division_code: str | None) -> bool:
    """As when the user was linked: the registration may have become narrower."""
    try:
        check_inside(provider, division_code)
    except BadArgument:
        return False
    return True


def _granted(provider: Provider, claims: Mapping[str, Any]) -> Rights | None:
    try:
        return rights_of(provider, claims)
    except NotAdmitted:
        return None


def _make(connection: Connection, who: dict[str, Any], rights: Rights, name: str | None) -> int | None:
    """None where the hub does not know the division."""
    login = f"{who['provider']}.{secrets.token_hex(6)}"
    values = {**_values(rights), "login": login, "display_name": name or login}
    user_id: int | None = connection.execute(_ADD, values).scalar_one_or_none()
    if user_id is not None:
        connection.execute(_LINK, {**who, "user": user_id})
        log.info("user_added", role=rights.role, provider=who["provider"], user_id=user_id)
    return user_id


def _move(connection: Connection, user_id: int, rights: Rights, name: str | None) -> int | None:
    values = {**_values(rights), "user": user_id, "display_name": name}
    moved: int | None = connection.execute(_MOVE, values).scalar_one_or_none()
    return moved


def _values(rights: Rights) -> dict[str, Any]:
    scopes = compact(rights.scopes).split()
    return {"role": rights.role, "division": rights.division_code, "scopes": scopes}


def _name(provider: Provider, claims: Mapping[str, Any]) -> str | None:
    """For the user alone to see; None where the claims have none."""
    said = claims.get(provider.name_claim) if provider.name_claim else None
    if not isinstance(said, str):
        return None
    whole = said.encode(errors="ignore").decode()  # JSON can hold halves of characters
    return _HIDDEN.sub("", whole).strip()[:LONGEST_NAME] or None
