"""What upstream systems push: checked, kept, and read by the next run of their source.

Deliveries are signed as Standard Webhooks says: ``webhook-id``, ``webhook-timestamp`` (seconds) and
``webhook-signature``, a list of ``v1,`` with the base64 of HMAC-SHA256 over ``id.timestamp.body``. They come
at least once and in any order; one that comes again under its id is kept once. A sender is told that a
delivery has arrived when it is committed, and not before.
"""

from __future__ import annotations

import asyncio
import binascii
import datetime as dt
import hmac
import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from hub.errors import HubError
from hub.store.database import Connection, Database
from hub.store.lender import PATIENCE, UNREACHABLE, unavailable
from hub.store.vault import Vault
from hub.sync.connector import Delivery
from hub.sync.registry import opened

LOCK: Final = 0x6875_6205
"""Advisory lock of a source: its deliveries are committed in the order of their numbers, so that no run reads
past one that is still under way."""

SECRET: Final = "webhook"  # noqa: S105, a name
"""Name of the secret, or of several with blanks between them while one takes the place of another."""

TOLERANCE_SECONDS: Final = 300
"""How far a sender's clock may be from the hub's, either way."""

NAME: Final = re.compile(r"[A-Za-z0-9_.:-]{1,100}")
TIME: Final = re.compile(r"[0-9]{1,12}")
AT_ONCE: Final = 200

KEEP: Final = """
    insert into hook_delivery (source_id, name, sent_at, body) values ($1, $2, $3, $4)
    on conflict (source_id, name) do nothing"""
READ: Final = """
    select number, name, body, sent_at from hook_delivery
    where source_id = $1 and number > $2 order by number limit $3"""
FORGET: Final = """
    delete from hook_delivery d using source s
    where s.id = d.source_id and d.number <= (s.checkpoint ->> 'delivery')::bigint
        and d.received_at < now() - make_interval(days => $1)"""


class HookRefused(HubError):
    """The source, the signature or the time of this delivery is not accepted."""

    code, status, zh = "HOOK_REFUSED", 401, "推送来源、签名或时间不被接受"


class Hooks:
    """``receive`` for all sources that have a secret for it; of others nobody is told that there are none."""

    def __init__(self, database: Database, vault: Vault, clock: Callable[[], dt.datetime]) -> None:
        self._database, self._vault, self._clock = database, vault, clock

    async def receive(self, code: str, heads: Mapping[str, str], body: bytes) -> None:
        """Returns when the delivery is kept for good. HookRefused, Unavailable."""
        source_id, keys = await self._source(code)
        sent_at = self._verified(keys, heads, body)
        text = self._vault.seal(body.decode("utf-8", "replace"))
        try:
            async with asyncio.timeout(PATIENCE), self._database.transaction() as connection:
                await connection.execute("select pg_advisory_xact_lock($1, $2)", LOCK, source_id)
                await connection.execute(KEEP, source_id, heads["webhook-id"], sent_at, text)
        except UNREACHABLE as error:
            raise unavailable(error) from None

    async def _source(self, code: str) -> tuple[int, Sequence[str]]:
        """With a key that nobody has where there is no such source: its signature is looked at, too."""
        found = await self._database.fetch("select id, secrets from source where code = $1", code)
        held = opened(self._vault, found[0]["secrets"]) if found else {}
        keys = str(held.get(SECRET, "")).split()
        return (found[0]["id"], keys) if keys else (0, [b64encode(secrets.token_bytes(24)).decode()])

    def _verified(self, keys: Sequence[str], heads: Mapping[str, str], body: bytes) -> dt.datetime:
        name, time = heads.get("webhook-id", ""), heads.get("webhook-timestamp", "")
        given = heads.get("webhook-signature", "")
        right = [signature(key, name, time, body) for key in keys]
        # Every one is compared with every one: how long it takes tells nothing.
        good = [hmac.compare_digest(one.encode(), each.encode()) for one in given.split() for each in right]
        if not any(good) or not NAME.fullmatch(name) or not TIME.fullmatch(time):
            raise HookRefused
        if abs(self._clock().timestamp() - int(time)) > TOLERANCE_SECONDS:
            raise HookRefused
        return dt.datetime.fromtimestamp(int(time), dt.UTC)


def signature(key: str, name: str, time: str, body: bytes) -> str:
    """``key``: base64, with ``whsec_`` before it or without; what is no base64 is taken as it stands."""
    plain = key.removeprefix("whsec_")
    try:
        secret = b64decode(plain, validate=True)
    except binascii.Error:
        secret = plain.encode()
    return "v1," + b64encode(hmac.digest(secret, f"{name}.{time}.".encode() + body, "sha256")).decode()


async def deliveries(connection: Connection, vault: Vault, source_id: int, after: int) -> Sequence[Delivery]:
    rows = await connection.fetch(READ, source_id, after, AT_ONCE)
    return [Delivery(row["number"], row["name"], vault.open(row["body"]), row["sent_at"]) for row in rows]


async def forget_deliveries(db: Database, days: int) -> int:
    """Deletes those that a run has read, ``days`` later; so long one that comes again is known."""
    return int((await db.owner.execute(FORGET, days)).split()[-1])
