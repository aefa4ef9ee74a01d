"""A mutation's entry in the access log: which records it wrote, which columns of each, and its name."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from hub.access.mutation import Mutation
from hub.access.viewer import REQUEST_ID
from hub.audit.shape import Place, Shape, keep, shape
from hub.domain.names import camel, pascal
from hub.store.database import Connection
from hub.tables import PERSON

if TYPE_CHECKING:
    from hub.write.work import Work, Wrote

SHAPE: Final = keep("(values ($1::bytea, $2::text))")
ENTRY: Final = """
    insert into access_entry
        (client_id, user_id, role, purpose, operation, shape, request_id, tables, records, asked)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"""


async def note_entry(work: Work, asked: Mutation) -> None:
    """At the end of the transaction: from here to its end no batch of the log is sealed."""
    kinds = list(dict.fromkeys(_place(each) for each in work.wrote))
    made = shape(asked.document, asked.operation, kinds, (f"Mutation.{asked.name}",))
    records = " ".join(f"{kinds.index(_place(each))}:{_key(each)}" for each in work.wrote)
    await write_entry(work.connection, asked, made, sorted({each.table for each in work.wrote}), records)


async def write_entry(
    connection: Connection,
    asked: Mutation,
    made: Shape,
    tables: Sequence[str],
    records: str,
    numbers: Sequence[str] = (),
) -> None:
    """``records`` and ``numbers``, which are keyed hashes of identity numbers, as in the form of the log."""
    viewer = asked.viewer
    await connection.execute(SHAPE, made.digest, made.content)
    await connection.execute(
        ENTRY, viewer.client_id, viewer.user_id, viewer.role, viewer.cause, asked.digest.hex(), made.digest,
        REQUEST_ID.get(), tables, records or None, numbers or None,
    )  # fmt: skip


def _place(each: Wrote) -> Place:
    return Place(pascal(each.table), tuple(camel(name) for name in each.columns))


def _key(each: Wrote) -> str:
    """As ``hub.audit.records`` has it."""
    if each.table == PERSON:
        return f"{each.key.text}/"
    return each.key.text if each.person is None else f"{each.key.text}/{each.person}"
