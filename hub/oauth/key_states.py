"""The life of a signing key: PENDING, ACTIVE, RETIRING, gone.

=========== =============== =========== =================================================================
state       is published    signs       goes on
=========== =============== =========== =================================================================
``PENDING``  yes             no         when nobody can hold a copy of the published keys without it
``ACTIVE``   yes             yes        when another key becomes active
``RETIRING`` yes             no         when no token it signed can be good any more
=========== =============== =========== =================================================================

Every published key checks tokens, so processes need not change over at the same moment. A key without a
state is of a set that was kept by hand: the first one signs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeAlias

from joserfc.jwk import ECKey

from hub.errors import BadArgument, NotFound
from hub.oauth.access_token import CLOCK_SKEW
from hub.oauth.metadata import CACHED_SECONDS
from hub.oauth.tokens import ACCESS_TOKEN_SECONDS
from hub.store.keys import new_signing_key

Jwk: TypeAlias = dict[str, Any]

PENDING: Final = "PENDING"
ACTIVE: Final = "ACTIVE"
RETIRING: Final = "RETIRING"
SPARE: Final = 30
"""Seconds in which every process and every proxy has noticed a change."""
WAITS: Final = {PENDING: CACHED_SECONDS + SPARE, RETIRING: ACCESS_TOKEN_SECONDS + CLOCK_SKEW + SPARE}
"""Seconds a key stays in a state at least."""


def told(stored: Iterable[Jwk]) -> list[Jwk]:
    """With ``kid``, ``state`` and ``since`` (seconds since 1970) of each."""
    keys = list(stored)
    kept = any("state" in key for key in keys)
    unstated = [ACTIVE, *[RETIRING] * len(keys)]
    return [
        {
            **key,
            "kid": key.get("kid") or ECKey.import_key(key).thumbprint(),
            "state": key.get("state", RETIRING) if kept else unstated[number],
            "since": key.get("since", 0),
        }
        for number, key in enumerate(keys)
    ]


def goes_on_at(key: Jwk) -> float | None:
    """When it may be activated or removed; None for the active one."""
    return key["since"] + WAITS[key["state"]] if key["state"] in WAITS else None


def add(stored: Iterable[Jwk], now: float) -> list[Jwk]:
    """One more, which is published and does not sign yet."""
    keys = told(stored)
    if any(key["state"] == PENDING for key in keys):
        raise BadArgument("A key is pending already; activate or remove it first.")
    return [*keys, {**new_signing_key(), "state": PENDING, "since": int(now)}]


def activate(stored: Iterable[Jwk], kid: str, now: float, *, at_once: bool = False) -> list[Jwk]:
    """It signs from now on, the one that did retires. BadArgument unless all can know it, or ``at_once``."""
    keys = told(stored)
    chosen = _named(keys, kid)
    if chosen["state"] == ACTIVE:
        raise BadArgument("This key is the active one.")
    if chosen["state"] == PENDING:
        _waited(chosen, now, at_once)
    moves = {key["kid"]: RETIRING for key in keys if key["state"] == ACTIVE} | {kid: ACTIVE}
    return [
        {**key, "state": moves[key["kid"]], "since": int(now)} if key["kid"] in moves else key for key in keys
    ]


def remove(stored: Iterable[Jwk], kid: str, now: float, *, at_once: bool = False) -> list[Jwk]:
    """Without it. BadArgument while tokens it signed may be good, which ``at_once`` ends with it."""
    keys = told(stored)
    chosen = _named(keys, kid)
    if chosen["state"] == ACTIVE:
        raise BadArgument("The active key cannot be removed; activate another one first.")
    if chosen["state"] == RETIRING:
        _waited(chosen, now, at_once)
    return [key for key in keys if key is not chosen]


def _named(keys: list[Jwk], kid: str) -> Jwk:
    for key in keys:
        if key["kid"] == kid:
            return key
    raise NotFound("No signing key has this kid.")


def _waited(key: Jwk, now: float, at_once: bool) -> None:
    left = key["since"] + WAITS[key["state"]] - now
    if left > 0 and not at_once:
        raise BadArgument(
            f"Copies without the key, or tokens it signed, may be in use; wait {left:.0f} seconds more.",
            zh="仍可能有不含该密钥的缓存，或由其签发的令牌，请稍候再试",
        )
