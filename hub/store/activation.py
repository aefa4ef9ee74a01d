"""Activating and retiring field keys: what the file and the database say of it, together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Final

from hub.errors import HubError
from hub.settings import Settings
from hub.store import field_keys
from hub.store.ciphers import HashName
from hub.store.database import Connection, Database
from hub.store.keys import change_field_keys, load_vault, read_field_keys
from hub.store.roles import Logins
from hub.store.rotation import HOLD, counted, in_use
from hub.store.vault import Vault

Clock = Callable[[], float]
USED: Final = "insert into field_key_use (identifier) select $1 where $2"
"""PostgreSQL looks for the right to it first, also where there is no row to add."""


class KeyNeeded(HubError):
    """A row still needs the field key."""

    code, status, zh = "FIELD_KEY_NEEDED", 409, "仍有数据需要该密钥"


@asynccontextmanager
async def _alone(database: Database) -> AsyncIterator[Connection]:
    """When no run is merging, and none begins to. For who may say which key is in use, and nobody else."""
    async with database.transaction() as connection:
        await _use(connection)
        await connection.execute(f"select pg_advisory_xact_lock({HOLD})")
        yield connection


async def _use(connection: Connection, key_id: str = "", changes: bool = False) -> None:
    """InsufficientPrivilegeError for any other duty, before a file is touched."""
    await connection.execute(USED, key_id, changes)


async def _check(database: Database, settings: Settings, vault: Vault) -> None:
    """For who may, and has the first key of this database: another's ring would end every run."""
    async with database.transaction() as connection:
        await _use(connection)
        await Logins(database.name, vault, settings).state(connection)


async def add(database: Database, settings: Settings, hash_: HashName, clock: Clock) -> str:
    """A new key's id. It opens and finds from now on, and seals once it is activated."""
    vault = load_vault(settings)
    await _check(database, settings, vault)
    made = change_field_keys(settings, lambda kept: field_keys.add(kept, clock(), hash_, vault.keys[0]))
    return str(made[-1]["id"])


async def activate(database: Database, settings: Settings, key_id: str, clock: Clock) -> Vault:
    """The key seals from now on; the vault as it is then. Waits until every process can know the key.

    The file is written before the database is told for good: should that be all that is done, runs end with
    FIELD_KEYS_BEHIND until it is repeated.
    """
    vault = load_vault(settings)
    await _check(database, settings, vault)
    first = vault.keys[0]
    if key_id != first.id:
        pending = field_keys.named(read_field_keys(settings), key_id)["since"] + field_keys.NOTICED
        await asyncio.sleep(max(0.0, pending - clock()))
    async with _alone(database) as connection:
        await _use(connection, key_id, await in_use(connection, vault) != key_id)
        move = partial(field_keys.activate, key_id=key_id, now=clock(), first=first)
        change_field_keys(settings, move)
    return load_vault(settings)


async def retire(database: Database, settings: Settings, key_id: str, clock: Clock) -> None:
    """The key is forgotten. KeyNeeded while anything is sealed with it or may have to be found by it."""
    vault = load_vault(settings)
    move = partial(field_keys.retire, key_id=key_id, now=clock(), first=vault.keys[0])
    move(read_field_keys(settings))  # says what is wrong before all is counted
    async with _alone(database):
        needing = (await counted(database)).of(key_id)
        if needing:
            raise KeyNeeded(f"{needing} values still need the key; run `hub field-key rotate`.")
        change_field_keys(settings, move)
