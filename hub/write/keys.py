"""Doing a thing once: a client that did not get the answer may ask again with the same key.

The key is written in the transaction of what it stands for. So of several that come at once one does it, and
the others wait for its end; if it fails, the next does it.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Final

import orjson

from hub.access.mutation import Mutation
from hub.errors import BadArgument, Conflict
from hub.store.database import Database
from hub.store.vault import Vault

if TYPE_CHECKING:
    from hub.write.work import Key, Work

ARGUMENT: Final = "key"
FORM: Final = re.compile(r"[!-~]{1,64}")

CLAIM: Final = """
    insert into write_key (client_id, user_id, key, asked) values ($1, $2, $3, $4)
    on conflict do nothing returning true"""
FOUND: Final = """
    select asked, county_code, entity_id from write_key
    where client_id = $1 and user_id = $2 and key = $3"""
DONE: Final = """
    update write_key set county_code = $4, entity_id = $5
    where client_id = $1 and user_id = $2 and key = $3"""
KEPT_DAYS: Final = 30
"""How long a repeat is known as one."""
FORGET: Final = "delete from write_key where made_at < now() - make_interval(days => $1)"
NOBODY: Final = 0
"""In place of a user, where the client asks for itself."""


class KeyReused(Conflict):
    """This key was given with other arguments before; take a new one for what is new."""

    code, zh = "KEY_REUSED", "该幂等键已用于其他内容，请更换"


async def once(work: Work, asked: Mutation, do: Callable[[dict[str, Any]], Awaitable[Key]]) -> Key:
    """What ``do`` makes of the arguments; where it was done under the same key, the record of then."""
    given = dict(asked.arguments)
    key = given.pop(ARGUMENT, None)
    if key is None:
        return await do(given)
    if not FORM.fullmatch(key):
        raise BadArgument(
            "Expected a key of 1 to 64 letters, digits or signs of ASCII.",
            zh="幂等键应为 1 至 64 个 ASCII 字符",
        )
    viewer = asked.viewer
    whose = viewer.client_id, viewer.user_id or NOBODY, key
    digest = _digest(asked.vault, asked.name, given)
    if await work.own_row(CLAIM, *whose, digest):
        made = await do(given)
        await work.own_row(DONE, *whose, made.county, made.id)
        return made
    found = await work.own_row(FOUND, *whose)
    if found["asked"] != digest:
        raise KeyReused
    return work.key(found["county_code"], found["entity_id"])


async def forget_keys(database: Database) -> int:
    """Deletes the keys under which nobody repeats anything any more; how many."""
    return int((await database.owner.execute(FORGET, KEPT_DAYS)).split()[-1])


def _digest(vault: Vault, name: str, given: dict[str, Any]) -> bytes:
    """Keyed, since arguments may hold what is about a person."""
    told = orjson.dumps([name, given], option=orjson.OPT_SORT_KEYS, default=str)
    return vault.blind("mutation " + told.decode())
