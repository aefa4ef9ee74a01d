"""Sessions of users: begun with a password, whole after the last step, ended by time or by somebody.

How long they live is the hub's own promise; NIST SP 800-63B-4, 2.2.3 allows an hour idle and a day in all.
"""

from __future__ import annotations

import datetime as dt
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from hashlib import sha256
from typing import Any, Final

import structlog

from hub.access.scopes import still_offered
from hub.store.database import Database

log = structlog.get_logger(__name__)

IDLE_MINUTES: Final = 30
WHOLE_HOURS: Final = 8
STEPS_MINUTES: Final = 20
"""From the password to the last step, in which an app may have to be installed."""

_ALIVE: Final = (
    f"u.status = 'ACTIVE' and s.expires_at > now() and s.seen_at > now() - interval '{IDLE_MINUTES} min'"
    " and (s.provider is null or exists"
    " (select from oauth_provider p where p.name = s.provider and p.status = 'ACTIVE'))"
)
_FIND: Final = f"""
    select s.id as session_id, s.user_id, u.login, u.display_name, u.role, u.division_code, u.organisation_id,
        u.scopes, s.provider, s.signed_in_at, s.factor_at is not null as proved,
        u.password_hash is not null as has_password,
        u.totp_confirmed_at is not null as enrolled,
        u.password_ends_at is not null as initial, s.seen_at < now() - interval '1 min' as stale
    from user_session s join hub_user u on u.id = s.user_id where s.cookie_hash = $1 and {_ALIVE}
"""  # noqa: S608 — numbers of this file
_HELD: Final = f"""
    select s.id, s.browser, s.provider, s.signed_in_at, s.seen_at
    from user_session s join hub_user u on u.id = s.user_id
    where s.user_id = $1 and s.signed_in_at is not null and {_ALIVE} order by s.seen_at desc, s.id desc
"""  # noqa: S608 — numbers of this file
_SEEN: Final = "update user_session set seen_at = now() where id = $1"
_BEGIN: Final = f"""
    insert into user_session (cookie_hash, user_id, browser, expires_at)
    select $1, id, $3, now() + interval '{STEPS_MINUTES} min' from hub_user
    where id = $2 and password_hash = $4 and status = 'ACTIVE' returning id
"""  # noqa: S608 — numbers of this file
_PROVE: Final = "update user_session set factor_at = now(), totp_secret = null where id = $1"
_FINISH: Final = f"""
    update user_session set cookie_hash = $2, signed_in_at = now(), seen_at = now(),
        expires_at = now() + interval '{WHOLE_HOURS} hours'
    where id = $1 and signed_in_at is null returning id
"""  # noqa: S608 — numbers of this file
_END: Final = """
    delete from user_session
    where user_id = $1 and ($2::bigint is null or id = $2) and ($3::bigint is null or id <> $3) returning id
"""
_PURGE: Final = f"delete from user_session s using hub_user u where u.id = s.user_id and not ({_ALIVE})"  # noqa: S608


class Step(Enum):
    """What is missing before somebody is signed in."""

    ENROL = "ENROL"
    CODE = "CODE"
    PASSWORD = "PASSWORD"  # noqa: S105 — a name
    FINISH = "FINISH"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who sits in front of a browser, as the registry has them now. ``scopes`` are atoms."""

    user_id: int
    login: str
    display_name: str
    role: str
    division_code: str | None
    organisation_id: int | None
    scopes: frozenset[str]
    signed_in_at: dt.datetime
    csrf: str = field(repr=False)
    session_id: int
    provider: str | None
    """Where the user signed in, if not at the hub."""
    has_password: bool


@dataclass(frozen=True, slots=True)
class Pending:
    """Somebody whose password was right, and who has not signed in yet."""

    session_id: int
    user_id: int
    login: str
    display_name: str
    step: Step
    csrf: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Held:
    """A session as its user sees it."""

    id: int
    browser: str
    provider: str | None
    signed_in_at: dt.datetime
    seen_at: dt.datetime


class Sessions:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def of(self, cookie: str | None) -> SignedIn | None:
        """Who is signed in with this cookie; using it keeps the session from going idle."""
        row = await self._find(cookie)
        if row is None or row["signed_in_at"] is None or cookie is None:
            return None
        if row["stale"]:
            await self._db.fetch(_SEEN, row["session_id"])
        names = ("user_id", "login", "display_name", "role", "division_code", "organisation_id")
        return SignedIn(
            **{
                name: row[name] for name in (*names, "signed_in_at", "session_id", "provider", "has_password")
            },
            scopes=still_offered(row["scopes"]),
            csrf=csrf_of(cookie),
        )

    async def pending(self, cookie: str | None) -> Pending | None:
        """Who is on the way to sign in with this cookie."""
        row = await self._find(cookie)
        if row is None or row["signed_in_at"] is not None or cookie is None:
            return None
        names = ("session_id", "user_id", "login", "display_name")
        return Pending(**{name: row[name] for name in names}, step=_step(row), csrf=csrf_of(cookie))

    async def begin(self, user_id: int, password_hash: str, browser: str) -> str | None:
        """The cookie of a new session, which opens nothing yet.

        None when the password, or the user's right to sign in, changed after it was looked at.
        """
        cookie, hashed = new_cookie()
        await self._db.fetch(_PURGE)
        return cookie if await self._db.fetch(_BEGIN, hashed, user_id, browser, password_hash) else None

    async def prove(self, session_id: int) -> None:
        """The second factor was given."""
        await self._db.fetch(_PROVE, session_id)

    async def finish(self, session_id: int) -> str | None:
        """The cookie of the session that is whole now, another than before; None when it was before."""
        cookie, hashed = new_cookie()
        return cookie if await self._db.fetch(_FINISH, session_id, hashed) else None

    async def held(self, user_id: int) -> list[Held]:
        return [Held(**dict(row)) for row in await self._db.fetch(_HELD, user_id)]

    async def end(self, user_id: int, *, only: int | None = None, but: int | None = None) -> int:
        """End a user's sessions: all, ``only`` one, or all ``but`` one; how many."""
        ended = len(await self._db.fetch(_END, user_id, only, but))
        log.info("sessions_ended", user_id=user_id, count=ended)
        return ended

    async def _find(self, cookie: str | None) -> Mapping[str, Any] | None:
        found = await self._db.fetch(_FIND, _hash(cookie)) if cookie else []
        return dict(found[0]) if found else None


def new_cookie() -> tuple[str, bytes]:
    """And what is stored of it."""
    cookie = secrets.token_urlsafe(32)
    return cookie, _hash(cookie)


def csrf_of(cookie: str) -> str:
    """What a form must bring to prove that it is of a page shown to this cookie's browser."""
    return urlsafe_b64encode(sha256(f"csrf {cookie}".encode()).digest()).rstrip(b"=").decode()


def _hash(cookie: str) -> bytes:
    return sha256(cookie.encode(errors="replace")).digest()


def _step(row: Mapping[str, Any]) -> Step:
    if not row["proved"]:
        return Step.CODE if row["enrolled"] else Step.ENROL
    return Step.PASSWORD if row["initial"] else Step.FINISH
