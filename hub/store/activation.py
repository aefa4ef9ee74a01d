"""Activating and retiring field keys: what the file and the database say of it, together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

from hub.errors import HubError
from hub.settings import Settings
from hub.store import field_keys
from hub.store.database import Connection, Database
from hub.store.keys import change_field_keys, load_vault, read_field_keys
from hub.store.rotation import HOLD, USED, counted, in_use
from hub.store.vault import Vault

Clock = Callable[[], float]


class KeyNeeded(HubError):
    """A row still needs the field key."""

    code, status, zh = "FIELD_KEY_NEEDED", 409, "仍有数据需要该密钥"


@asynccontextmanager
async def _alone(database: Database) -> AsyncIterator[Connection]:
    """When no run is merging, and none begins to."""
    async with database.transaction() as connection:
        await connection.execute(f"select pg_advisory_xact_lock({HOLD})")
        yield connection


async def activate(database: Database, settings: Settings, key_id: str, clock: Clock) -> Vault:
    """The key seals from now on; the vault as it is then. Waits until every process can know the key.

    The file first: should that be all that is done, runs end with FIELD_KEYS_BEHIND until it is repeated.
    """
    vault = load_vault(settings)
    first = vault.keys[0]
    if key_id != first.id:
        pending = field_keys.named(read_field_keys(settings), key_id)["since"] + field_keys.NOTICED
        await asyncio.sleep(max(0.0, pending - clock()))
    async with _alone(database) as connection:
        move = partial(field_keys.activate, key_id=key_id, now=clock(), first=first)
        change_field_keys(settings, move)
        if await in_use(connection, vault) != key_id:
            await connection.execute(USED, key_id)
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
