"""The rows of a dropped text in our words; rows that contradict each other are refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Final

from connectors.drops.drop import DropList
from connectors.lists.wording import SchemaDrift
from connectors.roster import delimited
from connectors.roster.package import Unreadable
from connectors.roster.rows import read_rows
from connectors.roster.table import Column, Table
from connectors.roster.workbook import Sheet
from hub.domain.dates import CHINA, parse_date
from hub.domain.refusal import Refused
from hub.domain.text import fold, header_key
from hub.sync.connector import Refusal, Row

OPERATION: Final = "操作类型"
OPERATIONS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("I", "U", "A", "新增", "变更", "修改", "更新"), "said"),
    **dict.fromkeys(("D", "删除", "注销"), "gone"),
}
_COLUMNS: Final = {"操作类型": OPERATION, "操作标志": OPERATION, "OP_TYPE": OPERATION}

Found = tuple[Row, str, list[Refusal]]
"""A row, whether it is ``said`` or ``gone``, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a drop. ``is_delta``: every row says what is done to a record."""

    part: str
    sheet: Sheet
    table: Table
    is_delta: bool
    absent: Sequence[str]


def read_text(each: DropList, part: str, data: bytes, file: str) -> Text:
    """Raises Unreadable, and Refused where a column is missing."""
    rows = delimited.read_rows(data)
    top = next(index for index, row in enumerate(rows) if any(row))
    words = {_word(each, cell): (place, cell) for place, cell in reversed(list(enumerate(rows[top]))) if cell}
    _expect(each, words.keys() - {OPERATION}, file)
    known = {*each.wording.fields, OPERATION}
    columns = sorted(Column(place, word, cell) for word, (place, cell) in words.items() if word in known)
    ignored = [cell for word, (_, cell) in words.items() if word not in known]
    width, widest = len(rows[top]), max(map(len, rows))
    table = Table(each.mapping.kind, top, top + 1, len(rows), width, columns, ignored, widest=widest)
    absent = sorted(field.header for word, field in each.wording.fields.items() if word not in words)
    return Text(part, Sheet(part, rows, is_text=True), table, OPERATION in words, absent)


def _expect(each: DropList, words: Set[str], file: str) -> None:
    needed = each.wording.needed
    if len(needed & words) * 2 < len(needed):
        # What stands there may be a person's, and is neither told nor logged.
        listed = "、".join(sorted(needed))
        raise Refused(
            "HEADER_MISSING",
            expected=f"A header with the columns of the list is expected: {listed}.",
            expected_zh=f"首行应为表头，含：{listed}",
        )
    try:
        each.wording.expect(words, file)
    except SchemaDrift as drift:
        raise Refused("HEADER_MISSING", expected=drift.message, expected_zh=drift.message_zh) from None


def _word(each: DropList, cell: str) -> str:
    """The wording's name of a column, whatever the header calls it."""
    key = header_key(cell).upper()
    return _COLUMNS.get(key) or each.synonyms.get(key, key)


def rows_of(each: DropList, text: Text, file: str, day: dt.date, turn: int) -> list[Found]:
    """Rows in our words; what contradicts another row is refused with it."""
    fields = each.wording.fields.items()
    required = [word for word, field in fields if field.header in each.mapping.required]
    read = read_rows(text.sheet, text.table, file, required)
    found = [_in_our_words(each, text, row, wrong, day, turn) for row, wrong in read]
    for code, key, content in each.agree:
        _agree(found, code, key, content)
    return found


def _in_our_words(
    each: DropList, text: Text, row: Row, wrong: list[Refusal], day: dt.date, turn: int
) -> Found:
    operation = "said"
    if text.is_delta:
        stated = row.values.get(OPERATION)
        known = OPERATIONS.get(fold(stated).upper()) if stated and not wrong else None
        if known is None and not wrong:
            code = "CODE_UNKNOWN" if stated else "REQUIRED"
            wrong = [Refusal.of(Refused(code), OPERATION)]
        operation = known or operation
    if wrong:
        return row, operation, wrong
    values = each.derive(each.wording.row(row.values, file=row.file).values)
    mine = replace(row, values=values, raw=values)
    return replace(mine, observed_at=_dated(each, values, day, turn)), operation, wrong


def _dated(each: DropList, values: Mapping[str, str], day: dt.date, turn: int) -> dt.datetime | None:
    """The day a row names, before anything its file says of it; of two files the later one is the newer."""
    if each.dated is None:
        return None
    try:
        named = parse_date(values.get(each.dated))
    except Refused:
        return None  # it is refused where it is read
    later = dt.timedelta(microseconds=day.toordinal() * 100 + min(turn, 99))
    return dt.datetime.combine(min(named, day), dt.time(), CHINA) + later


def _agree(found: list[Found], code: str, key: Sequence[str], content: Sequence[str]) -> None:
    """Refuses rows with one key that differ: one would quietly take the other's place."""
    by_key: dict[tuple[str, ...], list[int]] = {}
    for index, (row, _, wrong) in enumerate(found):
        told = tuple(_folded(row.values.get(header)) for header in key)
        if not wrong and all(told):
            by_key.setdefault(told, []).append(index)
    for same in by_key.values():
        if len({_content(found[index], content) for index in same}) > 1:
            for index in same:
                found[index][2].append(Refusal.of(Refused(code), key[0]))


def _content(found: Found, content: Sequence[str]) -> tuple[str, ...]:
    row, operation, _ = found
    if content:
        return tuple(_folded(row.values.get(header)) for header in content)
    return operation, *(f"{header} {_folded(row.values[header])}" for header in sorted(row.values))


def _folded(value: object) -> str:
    return fold(value).upper() if isinstance(value, str) else ""


def is_news(texts: Sequence[Text]) -> bool:
    """Whether the texts are changes, else the whole list; Unreadable where they are of both kinds."""
    kinds = {text.is_delta for text in texts}
    if len(kinds) != 1:
        raise Unreadable("A .zip of changes, or of whole lists.", "zip内应全为增量或全为全量文件")
    return kinds.pop()
