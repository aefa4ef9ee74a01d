"""Tries to sign in: counted before they are looked at, and slowed down the more of them fail.

Whoever wanted to lock somebody out could fail in their name for ever. Three things stand against it: a wait
ends by itself; what comes meanwhile is not counted; and a browser that once signed in is counted apart, by
a cookie (OWASP, "Slow Down Online Guessing Attacks with Device Cookies"), so others' failures do not
reach it. Only keyed hashes are stored, of logins that exist as of those that do not.
"""

from __future__ import annotations

import math
import secrets
from typing import Final

import structlog

from hub.errors import TooOften
from hub.store.database import Database
from hub.store.vault import BLIND_BYTES, Vault

log = structlog.get_logger(__name__)

FREE: Final = 5
"""Tries that nobody waits after."""
FIRST_WAIT: Final = 30
LONGEST_WAIT: Final = 15 * 60
"""Seconds: the wait doubles up to this."""
FORGOTTEN_HOURS: Final = 24
DEVICE_DAYS: Final = 180
NONCE_BYTES: Final = 16

_TAKE: Final = f"""
    insert into sign_in_try as t (tried_hash, failure_count, free_at) values ($1, 1, '-infinity')
    on conflict (tried_hash) do update set tried_at = now(),
        failure_count = case when t.tried_at < now() - interval '{FORGOTTEN_HOURS} hours' then 1
            else t.failure_count + 1 end,
        free_at = case
            when t.tried_at < now() - interval '{FORGOTTEN_HOURS} hours' or t.failure_count < {FREE - 1}
                then '-infinity'
            else now() + make_interval(secs =>
                least({LONGEST_WAIT}, {FIRST_WAIT} * 2 ^ least(t.failure_count - {FREE - 1}, 20))) end
    where t.free_at <= now()
    returning failure_count
"""  # noqa: S608 — numbers of this file
"""Where nobody waits, not ``now()``: of tries at once, one may have begun before another ended."""
_WAIT: Final = """
    select extract(epoch from greatest(free_at, now()) - now()) from sign_in_try where tried_hash = $1
"""
_CLEAR: Final = "delete from sign_in_try where tried_hash = any($1::bytea[])"
_PURGE: Final = "delete from sign_in_try where tried_at < now() - make_interval(hours => $1)"


class MustWait(TooOften):
    """Too many tries have failed."""

    code, zh = "SIGN_IN_WAIT", "尝试次数过多"

    @classmethod
    def seconds(cls, seconds: int) -> MustWait:
        minutes = math.ceil(seconds / 60)
        error = cls(
            f"Too many tries failed. Try again in {minutes} min, or in a browser you have signed in with.",
            zh=f"失败次数过多，请在 {minutes} 分钟后再试，或使用您曾登录过的浏览器",
        )
        error.details["retryAfter"] = seconds
        return error


class Tries:
    def __init__(self, db: Database, vault: Vault) -> None:
        self._db = db
        self._vault = vault

    async def take(self, what: str, login: str, device: str | None) -> None:
        """Count a try before its outcome is known, so that many at once are no way around; or MustWait."""
        key = self._key(what, login, device)
        taken = await self._db.fetch(_TAKE, key)
        if taken:
            if taken[0]["failure_count"] == FREE:
                log.warning("sign_in_slowed", kind=what)
            return
        found = await self._db.fetch(_WAIT, key)
        log.info("sign_in_refused", kind=what, reason="waiting")
        raise MustWait.seconds(max(1, math.ceil(found[0][0] if found else 1)))

    async def clear(self, login: str, device: str | None = None) -> None:
        """After success, or when somebody who may says so."""
        keys = [self._key(what, login, device) for what in ("password", "code")]
        await self._db.fetch(_CLEAR, keys)
        await self._db.fetch(_PURGE, FORGOTTEN_HOURS)

    def new_device(self, login: str) -> str:
        """A cookie for the browser in which ``login`` signed in."""
        return self._vault.token(self._login_hash(login) + secrets.token_bytes(NONCE_BYTES), "device")

    def knows(self, login: str, device: str | None) -> bool:
        """Whether ``login`` signed in with this cookie's browser."""
        try:
            held = self._vault.untoken(device or "", "device")
        except ValueError:
            return False
        return held[:BLIND_BYTES] == self._login_hash(login)

    def _key(self, what: str, login: str, device: str | None) -> bytes:
        where = device if self.knows(login, device) else ""
        return self._vault.blind(f"try {what} {login} {where}")

    def _login_hash(self, login: str) -> bytes:
        return self._vault.blind(f"login {login}")
