"""The life of a field key: PENDING, ACTIVE, RETIRING, gone. What stands in ``keys/field-keys.json``.

The file holds the keys that were added; the first key has a place of its own (``hub.store.keys``) and is the
active one while none of these is. It may come and go, but never ends: hashes are made with it that are kept
for years and cannot be made anew (``hub.store.vault``).
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

import orjson

from hub.errors import BadArgument, ConfigurationError, NotFound
from hub.store.ciphers import HASHES, KEY_BYTES, FieldKey, HashName
from hub.store.vault import Ring

Stored: TypeAlias = dict[str, Any]
"""``id``, ``key`` in base64, ``hash``, ``state`` and ``since``, in seconds since 1970."""

PENDING: Final = "PENDING"
ACTIVE: Final = "ACTIVE"
RETIRING: Final = "RETIRING"
NOTICED: Final = 3.0
"""Seconds in which every process has looked at the file again (``hub.store.vault.SECONDS``)."""
SPARE: Final = 60.0
"""Seconds in which nothing is sealed any more with the key that was active."""


def stored_of(content: bytes, where: object) -> list[Stored]:
    """The keys of a file; ConfigurationError for anything else."""
    try:
        stored: list[Stored] = orjson.loads(content)["keys"]
        whole = all(key_of(each).id == each["id"] and each["since"] >= 0 for each in stored)
        ids, states = {each["id"] for each in stored}, [each["state"] for each in stored]
    except (ValueError, KeyError, TypeError):
        raise ConfigurationError(f"{where} must hold field keys, as `hub field-key add` writes it") from None
    known = set(states) <= {PENDING, ACTIVE, RETIRING} and states.count(ACTIVE) <= 1
    if not (whole and known and len(ids) == len(stored)):
        raise ConfigurationError(f"{where} must give each key its own id and a state, ACTIVE to one at most")
    return stored


def key_of(stored: Mapping[str, Any]) -> FieldKey:
    """ValueError, KeyError or TypeError for what is none."""
    return FieldKey(b64decode(stored["key"], validate=True), stored["hash"])


def ring_of(stored: Iterable[Stored]) -> Ring:
    kept = list(stored)
    active = next((each["id"] for each in kept if each["state"] == ACTIVE), None)
    return Ring(tuple(map(key_of, kept)), active)


def add(stored: list[Stored], now: float, hash_: HashName, first: FieldKey) -> list[Stored]:
    """One more, which opens and finds, and seals nothing yet."""
    if any(each["state"] == PENDING for each in stored):
        raise BadArgument("A key is pending already; activate or retire it first.", zh="已有待启用的密钥")
    if hash_ not in HASHES:
        raise BadArgument(f"The hash is one of {', '.join(HASHES)}.", zh="摘要算法不在可选范围之内")
    taken = {first.id, *(each["id"] for each in stored)}
    while True:
        master = os.urandom(KEY_BYTES)
        made = FieldKey(master, hash_)
        if made.id not in taken:
            break
    told = {"id": made.id, "key": b64encode(master).decode(), "hash": hash_, "state": PENDING}
    return [*stored, {**told, "since": now}]


def activate(stored: list[Stored], key_id: str, now: float, first: FieldKey) -> list[Stored]:
    """It seals from now on; none of the file does where ``key_id`` is the first key's."""
    if key_id != first.id:
        named(stored, key_id)
    active = next((each["id"] for each in stored if each["state"] == ACTIVE), first.id)
    if active == key_id:
        return stored
    moves = {active: RETIRING, key_id: ACTIVE}
    return [
        {**each, "state": moves[each["id"]], "since": now} if each["id"] in moves else each for each in stored
    ]


def retire(stored: list[Stored], key_id: str, now: float, first: FieldKey) -> list[Stored]:
    """Without it. BadArgument while it seals, or may have sealed a moment ago; whether a row needs it is
    asked elsewhere (``hub.store.rotation``)."""
    if key_id == first.id:
        raise BadArgument(
            "The first key stays: the access log and the keys of sources' records are hashed with it.",
            zh="首个密钥须保留：访问记录与来源记录号的摘要由其生成",
        )
    chosen = named(stored, key_id)
    if chosen["state"] == ACTIVE:
        raise BadArgument(
            "The active key cannot be retired; activate another one first.", zh="密钥正在启用中"
        )
    left = chosen["since"] + SPARE - now
    if chosen["state"] == RETIRING and left > 0:
        raise BadArgument(
            f"The key was active a moment ago; wait {left:.0f} seconds more.", zh="密钥刚刚停用，请稍候再试"
        )
    return [each for each in stored if each is not chosen]


def named(stored: Iterable[Stored], key_id: str) -> Stored:
    for each in stored:
        if each["id"] == key_id:
            return each
    raise NotFound("No field key has this id.")
