"""Signing in, step by step: password, second factor or its set-up, a password of one's own, session.

What failed is told alike for a login nobody has, a wrong password, and an account that may not sign in.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import structlog

from hub.errors import BadUserInput
from hub.oauth import totp
from hub.oauth.consents import Consents
from hub.oauth.passwords import Passwords, WeakPassword, is_outdated
from hub.oauth.recovery import CODE, RecoveryCodes, plain
from hub.oauth.sessions import Pending, Sessions, SignedIn, Step
from hub.oauth.tries import Tries
from hub.oauth.users import User, find_user, normal_login
from hub.store.database import Database
from hub.store.vault import Vault

log = structlog.get_logger(__name__)

ISSUER: Final = "民政枢纽"
"""What an authenticator app shows beside the login."""

_SECRET: Final = "select totp_secret from hub_user where id = $1"  # noqa: S105 — a statement
_OFFER: Final = """
    update user_session s set totp_secret = coalesce(s.totp_secret, $2) from hub_user u
    where s.id = $1 and u.id = s.user_id and u.totp_confirmed_at is null returning s.totp_secret
"""
_STEP: Final = """
    update hub_user set totp_step = $2 where id = $1 and totp_confirmed_at is not null
        and coalesce(totp_step, -1) < $2 returning id
"""
_CONFIRM: Final = """
    update hub_user set totp_secret = $3, totp_confirmed_at = now(), totp_step = $2
    where id = $1 and totp_confirmed_at is null returning id
"""
_OWN: Final = """
    update hub_user set password_hash = $2, password_ends_at = null where id = $1 and password_hash = $3
    returning id
"""


class SignInRefused(BadUserInput):
    """The login or the password is wrong, or the account may not sign in."""

    code, zh = "SIGN_IN_REFUSED", "登录名或口令有误，或该账户不能登录"
    field = "login"


class CodeRefused(BadUserInput):
    """The code is wrong, out of time, or was used before."""

    code, zh = "CODE_REFUSED", "验证码有误、已过期或已使用过"
    field = "code"


class WrongPassword(BadUserInput):
    """The present password is wrong."""

    code, zh = "WRONG_PASSWORD", "当前口令有误"
    field = "password"


class SigningIn:
    """``clock``: seconds since 1970."""

    def __init__(
        self, db: Database, vault: Vault, sessions: Sessions, clock: Callable[[], float] = time.time
    ) -> None:
        self._db = db
        self._vault = vault
        self._clock = clock
        self._passwords = Passwords()
        self.sessions = sessions
        self.consents = Consents(db)
        self.tries = Tries(db, vault)
        self.recovery = RecoveryCodes(db, vault)

    async def begin(self, login: str, password: str, device: str | None, browser: str) -> str:
        """The cookie of a session that still needs the second factor; SignInRefused, MustWait."""
        login = normal_login(login)
        await self.tries.take("password", login, device)
        user = await find_user(self._db, login)
        fits = await self._passwords.verify(user.password_hash if user else None, password)
        if user is None or not fits or not user.may_sign_in():
            log.info("sign_in_refused", kind="password", reason=_reason(user, fits))
            raise SignInRefused
        held = await self._rehashed(user, password)
        cookie = await self.sessions.begin(user.id, held, browser)
        if cookie is None:
            raise SignInRefused
        return cookie

    async def prove(self, pending: Pending, code: str, device: str | None) -> None:
        """Take a code of the app, or a recovery code; CodeRefused, MustWait."""
        await self.tries.take("code", pending.login, device)
        code = plain(code)
        if CODE.fullmatch(code):
            kind, good = "recovery", await self.recovery.use(pending.user_id, code)
        else:
            kind, good = "totp", await self._use_step(pending.user_id, code)
        if not good:
            log.info("sign_in_refused", kind=kind, reason="code", user_id=pending.user_id)
            raise CodeRefused
        await self.sessions.prove(pending.session_id)
        log.info("factor_given", kind=kind, user_id=pending.user_id)

    async def offer(self, pending: Pending) -> str:
        """The secret to put into an app, in base32: this session's own until a code of it confirms it.

        Whoever began before, and saw another secret, knows nothing of it.
        """
        return self._vault.open(await self._offered(pending))

    async def confirm(self, pending: Pending, code: str) -> list[str]:
        """Recovery codes, to be shown once, after a first code of the app; CodeRefused."""
        sealed = await self._offered(pending)
        step = self._step(sealed, plain(code))
        if step is None or not await self._db.fetch(_CONFIRM, pending.user_id, step, sealed):
            raise CodeRefused
        await self.sessions.prove(pending.session_id)
        log.info("totp_enrolled", user_id=pending.user_id)
        return await self.recovery.renew(pending.user_id)

    async def choose(self, pending: Pending, new: str) -> None:
        """Put the user's own password in place of the initial one; WeakPassword."""
        user = await self._user(pending.login)
        await self._set(user, new)

    async def finish(self, pending: Pending, device: str | None) -> str | None:
        """The cookie of the whole session; None when a step is missing."""
        if pending.step is not Step.FINISH:
            return None
        cookie = await self.sessions.finish(pending.session_id)
        if cookie:
            await self.tries.clear(pending.login, device)
            log.info("signed_in", user_id=pending.user_id)
        return cookie

    async def change(self, who: SignedIn, present: str, new: str, device: str | None) -> int:
        """Another password; the user's other sessions end. WrongPassword, WeakPassword, MustWait."""
        await self.tries.take("password", who.login, device)
        user = await self._user(who.login)
        if not await self._passwords.verify(user.password_hash, present):
            log.info("password_refused", user_id=who.user_id)
            raise WrongPassword
        await self.tries.clear(who.login, device)
        await self._set(user, new)
        return await self.sessions.end(who.user_id, but=who.session_id)

    async def _user(self, login: str) -> User:
        user = await find_user(self._db, login)
        if user is None:
            raise SignInRefused
        return user

    async def _set(self, user: User, new: str) -> None:
        await self._passwords.check_new(new, (user.login, user.display_name))
        if await self._passwords.verify(user.password_hash, new):
            raise WeakPassword("The new password is the old one.", zh="新口令不能与原口令相同")
        hashed = await self._passwords.hash(new)
        if not await self._db.fetch(_OWN, user.id, hashed, user.password_hash):
            raise SignInRefused  # it was reset meanwhile
        log.info("password_changed", user_id=user.id)

    async def _rehashed(self, user: User, password: str) -> str:
        """The user's hash, made anew when the parameters have changed since."""
        if user.password_ends_at is not None or not is_outdated(user.password_hash):
            return user.password_hash
        hashed = await self._passwords.hash(password)
        return (
            hashed if await self._db.fetch(_OWN, user.id, hashed, user.password_hash) else user.password_hash
        )

    async def _offered(self, pending: Pending) -> bytes:
        rows = await self._db.fetch(_OFFER, pending.session_id, self._vault.seal(totp.new_secret()))
        if not rows:  # set up in another window meanwhile
            raise CodeRefused
        return bytes(rows[0]["totp_secret"])

    async def _use_step(self, user_id: int, code: str) -> bool:
        """Whether the code is good and nobody used it, or a later one, before."""
        rows = await self._db.fetch(_SECRET, user_id)
        sealed = rows[0]["totp_secret"] if rows else None
        step = self._step(sealed, code) if sealed else None
        return step is not None and bool(await self._db.fetch(_STEP, user_id, step))

    def _step(self, sealed: bytes, code: str) -> int | None:
        return totp.step_of(self._vault.open(sealed), code, self._clock())


def _reason(user: User | None, fits: bool) -> str:
    """For the log only."""
    if user is None:
        return "unknown"
    return "not active" if fits else "password"
