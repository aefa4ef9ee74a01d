"""Passwords: hashed with argon2id, a few at once beside the event loop; and what a new one must be.

Parameters are those of RFC 9106, 4, second choice (64 MiB, 3 passes), on one lane: the lanes of one password
would take the cores of requests, so it takes longer and costs a guesser the same. Rules of new passwords
follow NIST SP 800-63B-4, 3.1.1.2: length and what others use, no kinds of characters, no expiry.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import unicodedata
from base64 import b32encode, b64encode
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from hub.errors import BadUserInput, Unavailable

T = TypeVar("T")

PASSES: Final = 3
MEMORY_KIB: Final = 64 * 1024
AT_ONCE: Final = 2
"""Hashings at the same time in one process; each takes 64 MiB and a core."""
WAITING: Final = 32
"""More than these in line are told to come again: about ten seconds of work."""

SHORTEST: Final = 12
LONGEST: Final = 128
STRONG: Final = 3
"""Of zxcvbn's 0 to 4: more than 10^8 guesses by somebody who knows what people choose."""
JUDGED: Final = 72
"""zxcvbn takes no more characters."""

HASHER: Final = PasswordHasher(PASSES, MEMORY_KIB, 1)


class WeakPassword(BadUserInput):
    """The new password is not one the hub takes."""

    code, zh = "WEAK_PASSWORD", "新口令不符合要求"
    field = "new"


class Passwords:
    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, "password")
        self._line = 0

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Takes as long without a hash as with one, so that nobody learns which logins there are."""
        return await self._run(_fits, hashed or _decoy(), _normal(password))

    async def hash(self, password: str) -> str:
        return await self._run(HASHER.hash, _normal(password))

    async def check_new(self, password: str, about: Sequence[str]) -> None:
        """WeakPassword unless it is long enough and hard to guess. ``about``: words of the user."""
        text = _normal(password)
        if not SHORTEST <= len(text) <= LONGEST:
            raise WeakPassword(
                f"A password has {SHORTEST} to {LONGEST} characters.",
                zh=f"口令须为 {SHORTEST} 至 {LONGEST} 个字符",
            )
        if any(len(word) > 2 and word.lower() in text.lower() for word in about):
            raise WeakPassword(
                "A password does not hold the login or the name.", zh="口令中不能含有登录名或姓名"
            )
        if await self._run(_score, text[:JUDGED], [*about]) < STRONG:
            raise WeakPassword(
                "This password is too easy to guess: others use it, or it repeats itself.",
                zh="该口令过于常见或有规律，容易被猜中，请换一个",
            )

    async def _run(self, work: Callable[..., T], *given: object) -> T:
        if self._line >= AT_ONCE + WAITING:
            raise Unavailable("Too many sign in just now; try again in a minute.", zh="登录繁忙，请稍后再试")
        self._line += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)
        finally:
            self._line -= 1


def is_outdated(hashed: str) -> bool:
    """Made with other parameters than those of today."""
    return HASHER.check_needs_rehash(hashed)


def initial_password() -> str:
    """80 random bits that can be read out over a telephone: ``abcd-efgh-2345-mnop``."""
    return grouped(secrets.token_bytes(10))


def grouped(data: bytes) -> str:
    text = b32encode(data).decode().lower()
    return "-".join(text[at : at + 4] for at in range(0, len(text), 4))


def _decoy() -> str:
    """A hash of today's parameters that no password has."""
    salt, digest = (b64encode(os.urandom(size)).rstrip(b"=").decode() for size in (16, 32))
    return f"$argon2id$v=19$m={MEMORY_KIB},t={PASSES},p=1${salt}${digest}"


def _normal(password: str) -> str:
    """One spelling, whatever keyboard it came from."""
    return unicodedata.normalize("NFKC", password)


def _fits(hashed: str, password: str) -> bool:
    try:
        return HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _score(password: str, about: list[str]) -> int:
    from zxcvbn import zxcvbn  # a tenth of a second of word lists, which few commands need

    return int(zxcvbn(password, user_inputs=about)["score"])
