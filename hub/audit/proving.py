"""Where a receipt stands in the access log."""

from __future__ import annotations

from typing import Any, Final

from hub.audit.chain import canonical, digest_of, entry_of
from hub.audit.export import ENTRIES
from hub.audit.receipt import APART, SHAPE, BadReceipt, Receipt, moment_of, proof
from hub.audit.seal import batch_of
from hub.store.database import Database

_ENTRY: Final = """
    select sequence from access_entry
    where client_id = $1 and operation = $2 and shape = $3
        and at between $4::timestamptz - $5::interval and $4::timestamptz + $5::interval"""
_BATCH: Final = """
    select b.*, (select max(last_sequence) from access_batch where number < b.number) as reached
    from access_batch b where $1 between b.first_sequence and b.last_sequence"""


async def prove(database: Database, receipt: Receipt) -> dict[str, Any]:
    """What ``check_proof`` reads. BadReceipt where the log has no such receipt, or not any more."""
    given = str(receipt.head["client"]), receipt.digest, SHAPE.digest, moment_of(receipt), APART
    rows = await database.fetch(_ENTRY, *given)
    if not rows:
        raise BadReceipt(
            "The access log has no such receipt; entries older than HUB_AUDIT_DAYS are deleted.",
            zh="访问记录中没有该回执；早于 HUB_AUDIT_DAYS 的记录已清除",
        )
    batches = await database.fetch(_BATCH, rows[0]["sequence"])
    if not batches:
        raise BadReceipt(
            "Its entry is not sealed yet; ask again in some seconds.", zh="记录尚未封存，请稍后再试"
        )
    batch = batch_of(batches[0])
    entries = await database.fetch(ENTRIES, batches[0]["reached"] or 0, batch.last)
    told = [entry_of(row) for row in entries]
    own = next(entry for entry in told if entry[0] == rows[0]["sequence"])
    return proof(own, [digest_of(batch.algorithm, canonical(each)).hex() for each in told], batch)
