"""One row of the quarantine, looked at by whoever has to find out what is wrong with it.

Its cells are a person's. They are shown by their shape: of each character what kind it is. That tells a date
from a number, a letter O from a zero, and a name from a remark, and whose row it is not. A look is in the
access log before anything is told.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson

from hub.errors import NotFound
from hub.store.database import Database
from hub.store.vault import Vault

ROW: Final = """
    select s.code as source, q.list_kind, q.file, q.sheet, q.row_number, q.reason_codes, q.reasons, q.raw,
        q.run_id, q.quarantined_at, q.resolved_at, s.checkpoint is not null as sends_news
    from quarantined_row q join source s on s.id = q.source_id where q.id = $1"""
NOTE: Final = "select note_act($1, $2, null, $3::jsonb)"
LONGEST: Final = 200
"""Characters of a cell that are shown."""

SHAPES: Final[Mapping[str, str]] = {"Nd": "9", "Lu": "A", "Ll": "a", "Lo": "文"}
WIDE: Final[Mapping[str, str]] = {"9": "９", "A": "Ａ", "a": "ａ"}


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """``reasons``: sentences that name columns and no values. ``cells`` by header of the source.

    ``masked``: each cell is told by its shape. ``sends_news``: its source says the row no more by itself.
    """

    id: int
    source: str
    list_kind: str
    file: str
    sheet: str
    row_number: int
    reason_codes: Sequence[str]
    reasons: Sequence[str]
    run_id: int
    quarantined_at: dt.datetime
    resolved_at: dt.datetime | None
    sends_news: bool
    masked: bool
    cells: Mapping[str, str] = field(repr=False)


async def refused_row(
    db: Database, vault: Vault, number: int, *, opened_for: str | None = None
) -> RefusedRow:
    """``opened_for``: why the cells are to be told as they came. NotFound where there is no such row."""
    async with db.transaction() as connection:
        row = await connection.fetchrow(ROW, number)
        if row is None:
            raise NotFound(f"There is no row {number} in quarantine.", zh="没有该隔离行")
        verb = "look at" if opened_for is None else "open"
        why = None if opened_for is None else orjson.dumps({"reason": opened_for}).decode()
        await connection.execute(NOTE, f"{verb} quarantined_row", str(number), why)
    found = dict(row)
    cells: Mapping[str, str] = orjson.loads(vault.open(found.pop("raw")))
    if opened_for is None:
        cells = {header: shape(str(cell)) for header, cell in cells.items()}
    return RefusedRow(number, **found, masked=opened_for is None, cells=cells)


def shape(cell: str) -> str:
    """``4.5E+17`` → ``9.9A+99``: of each character its kind; marks and blanks stay, what is wide is wide."""
    return "".join(map(_kind, cell[:LONGEST])) + ("…" if len(cell) > LONGEST else "")


def _kind(character: str) -> str:
    kind = SHAPES.get(unicodedata.category(character))
    if kind is None:
        return character if unicodedata.category(character)[0] in "PSZ" else "?"
    return WIDE.get(kind, kind) if unicodedata.east_asian_width(character) == "F" else kind
