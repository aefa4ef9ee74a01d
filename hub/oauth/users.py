"""The registry of users: who may sign in, for which slice. Kept by commands, never by a page."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import asyncpg
import structlog

from hub.access.scopes import DEFAULT_SCOPES, compact
from hub.errors import BadArgument, NotFound
from hub.oauth.clients import ACTIVE, SUSPENDED
from hub.oauth.consents import Consents
from hub.oauth.passwords import Passwords, initial_password
from hub.oauth.places import check_place
from hub.oauth.sessions import Sessions
from hub.oauth.tries import Tries
from hub.store.database import Database
from hub.store.vault import Vault

log = structlog.get_logger(__name__)

INITIAL_DAYS: Final = 7
"""After that an initial password that nobody used opens nothing."""
LOGIN: Final = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}", re.ASCII)
LONGEST_NAME: Final = 100

_COLUMNS: Final = """
    id, login, display_name, role, division_code, organisation_id, scopes, status, created_at,
    coalesce(password_hash, '') as password_hash, password_ends_at, totp_confirmed_at
"""
_LIST: Final = f"select {_COLUMNS} from hub_user order by login"  # noqa: S608 — names of this file
_FIND: Final = f"select {_COLUMNS} from hub_user where login = $1"  # noqa: S608 — names of this file
_ADD: Final = """
    insert into hub_user (login, display_name, role, division_code, organisation_id, scopes, password_hash,
        password_ends_at)
    values ($1, $2, $3, $4, $5, $6, $7, now() + make_interval(days => $8))
"""
_STATUS: Final = "update hub_user set status = $2 where id = $1"
_FORMER: Final = "update former_identity set is_locked = $2 where user_id = $1"
_INITIAL: Final = """
    update hub_user set password_hash = $2, password_ends_at = now() + make_interval(days => $3) where id = $1
"""
_FORGET: Final = """
    with gone as (delete from recovery_code where user_id = $1)
    update hub_user set totp_secret = null, totp_confirmed_at = null, totp_step = null where id = $1
"""


@dataclass(frozen=True, slots=True)
class User:
    """A row of ``hub_user``. ``password_ends_at``: of the initial password; None for the user's own.

    ``password_hash`` is empty for who was made by signing in at a provider, and signs in there only.
    """

    id: int
    login: str
    display_name: str
    role: str
    division_code: str | None
    organisation_id: int | None
    scopes: tuple[str, ...]
    status: str
    created_at: dt.datetime
    password_hash: str = field(repr=False)
    password_ends_at: dt.datetime | None
    totp_confirmed_at: dt.datetime | None

    def may_sign_in(self) -> bool:
        ends = self.password_ends_at
        return self.status == ACTIVE and (ends is None or ends > dt.datetime.now(dt.UTC))


def normal_login(text: str) -> str:
    return text.strip().lower()


async def find_user(db: Database, login: str) -> User | None:
    rows = await db.fetch(_FIND, login) if LOGIN.fullmatch(login) else []
    return _user(rows[0]) if rows else None


async def find_named(db: Database, login: str) -> User:
    """NotFound for no such user."""
    user = await find_user(db, normal_login(login))
    if user is None:
        raise NotFound("No user has this login.", zh="没有此登录名的用户")
    return user


class Users:
    """What the operator does; each change of what opens an account ends its sessions and grants.

    A wait after failed tries (``Tries``) changes no account and ends nothing: strangers can cause it.
    """

    def __init__(self, db: Database, vault: Vault) -> None:
        self._db = db
        self._passwords = Passwords()
        self._sessions = Sessions(db)
        self._consents = Consents(db)
        self._tries = Tries(db, vault)

    async def add(
        self,
        login: str,
        *,
        name: str,
        role: str,
        division_code: str | None = None,
        organisation_id: int | None = None,
        scopes: Iterable[str] | None = None,
    ) -> str:
        """The initial password. Without ``scopes`` the role's defaults are granted.

        BadArgument says what a user needs, or that the login is taken.
        """
        login = normal_login(login)
        if not LOGIN.fullmatch(login):
            raise BadArgument("A login is 2 to 64 letters, digits and . _ -, a letter or digit first.")
        if not 0 < len(name.strip()) <= LONGEST_NAME:
            raise BadArgument(f"A name has 1 to {LONGEST_NAME} characters.")
        check_place("user", role, division_code, organisation_id)
        held = compact(DEFAULT_SCOPES[role] if scopes is None else scopes).split()
        password = initial_password()
        hashed = await self._passwords.hash(password)
        place = division_code, organisation_id
        try:
            await self._db.fetch(_ADD, login, name.strip(), role, *place, held, hashed, INITIAL_DAYS)
        except asyncpg.UniqueViolationError:
            raise BadArgument("A user of this login is registered already.") from None
        except asyncpg.CheckViolationError:
            raise BadArgument("An administrator has no data role.", zh="管理员不得持有数据角色") from None
        except asyncpg.ForeignKeyViolationError:
            raise BadArgument("The hub knows no such division, or no such contractor.") from None
        log.info("user_added", role=role)
        return password

    async def all(self) -> list[User]:
        return [_user(row) for row in await self._db.fetch(_LIST)]

    async def named(self, login: str) -> User:
        return await find_named(self._db, login)

    async def lock(self, login: str) -> int:
        """Suspend the user until somebody unlocks; how many sessions ended."""
        user = await self.named(login)
        await self._set_status(user, SUSPENDED)
        log.info("user_locked", user_id=user.id)
        return await self._end(user.id, "user locked")

    async def unlock(self, login: str) -> None:
        """Active again, and no wait left from tries that failed. What the lock ended stays ended."""
        user = await self.named(login)
        await self._set_status(user, ACTIVE)
        await self._tries.clear(user.login)
        log.info("user_unlocked", user_id=user.id)

    async def _set_status(self, user: User, status: str) -> None:
        """Where the user signed in at a provider that is removed, or is just being, also there."""
        async with self._db.transaction() as connection:
            await connection.execute(_STATUS, user.id, status)
            await connection.execute(_FORMER, user.id, status != ACTIVE)

    async def reset_password(self, login: str) -> str:
        """A new initial password."""
        user, password = await self.named(login), initial_password()
        if not user.password_hash:
            raise BadArgument("This user signs in at a provider, and has no password.")
        await self._db.fetch(_INITIAL, user.id, await self._passwords.hash(password), INITIAL_DAYS)
        await self._tries.clear(user.login)
        await self._end(user.id, "password reset")
        log.info("password_reset", user_id=user.id)
        return password

    async def reset_totp(self, login: str) -> None:
        """The user sets up the second factor anew at the next sign-in; recovery codes are gone."""
        user = await self.named(login)
        await self._db.fetch(_FORGET, user.id)
        await self._end(user.id, "second step reset")
        log.info("totp_reset", user_id=user.id)

    async def _end(self, user_id: int, reason: str) -> int:
        """How many sessions; grants after them, so that no session gives another."""
        ended = await self._sessions.end(user_id)
        await self._consents.end(user_id, reason)
        return ended

    async def end_sessions(self, login: str) -> int:
        return await self._sessions.end((await self.named(login)).id)


def _user(row: Any) -> User:
    return User(**{**dict(row), "scopes": tuple(row["scopes"])})
