"""The rows of a dropped text in our words; rows that contradict each other are refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

from connectors.drops.drop import DropList
from connectors.drops.objects import of_json
from connectors.lists.agreement import Found, agree
from connectors.lists.wording import SchemaDrift
from connectors.roster import delimited
from connectors.roster.package import Unreadable
from connectors.roster.rows import as_raw, read_rows
from connectors.roster.table import Column, Table
from connectors.roster.told import header_of
from connectors.roster.workbook import Sheet, Workbooks
from hub.domain.dates import CHINA, parse_date
from hub.domain.refusal import Refused
from hub.domain.text import fold, header_key
from hub.sync.connector import Refusal, Row
from hub.sync.header import Header

OPERATION: Final = "操作类型"
OPERATIONS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("I", "U", "A", "新增", "变更", "修改", "更新"), "said"),
    **dict.fromkeys(("D", "删除", "注销"), "gone"),
}
_COLUMNS: Final = {"操作类型": OPERATION, "操作标志": OPERATION, "OP_TYPE": OPERATION}

WORKBOOKS: Final = (".xlsx", ".xls")
HIGHEST: Final = 20
"""Rows of a workbook in which its header is looked for."""


class Lacking(Refused):
    """A text lacks a column of its list; ``header``: those it has."""

    def __init__(self, drift: SchemaDrift, header: Header) -> None:
        super().__init__("HEADER_MISSING", expected=drift.message, expected_zh=drift.message_zh)
        self.header = header


@dataclass(frozen=True, slots=True)
class Text:
    """A text of a drop. ``is_delta``: every row says what is done to a record."""

    sheet: Sheet
    table: Table
    is_delta: bool
    absent: Sequence[str]


def read_texts(each: DropList, part: str, data: bytes, file: str) -> list[Text]:
    """A text, or the lists of a workbook. Raises Unreadable, and Refused where a column is missing."""
    if (part or file).casefold().endswith(".json"):
        return [_read(each, of_json(data, part), file)]
    if not (part or file).casefold().endswith(WORKBOOKS):
        return [_read(each, Sheet(part, delimited.read_rows(data), is_text=True), file)]
    sheets = [sheet for sheet in _sheets(data, Path(file).suffix) if sheet.rows]
    lists = [sheet for sheet in sheets if _top(each, sheet.rows) is not None]
    return [_read(each, sheet, file) for sheet in lists or sheets[:1] or [Sheet("", [[""]])]]


def _sheets(data: bytes, suffix: str) -> list[Sheet]:
    """By the reader of rosters, which reads workbooks by their paths, in a process of its own."""
    with NamedTemporaryFile(suffix=suffix) as file, Workbooks() as workbooks:
        file.write(data)
        file.flush()
        sheets = list(workbooks.sheets(Path(file.name)))
    if any(sheet.epoch_1904 for sheet in sheets):
        raise Unreadable("A workbook of the date system of 1900.", "工作簿应使用1900日期系统")
    return sheets


def _top(each: DropList, rows: Sequence[Sequence[Any]]) -> int | None:
    """The row of a workbook that is the header: a title or a date may stand above it."""
    needed = each.wording.needed
    for index, row in enumerate(rows[:HIGHEST]):
        words = {_word(each, cell) for cell in row if isinstance(cell, str) and cell}
        if len(needed & words) * 2 >= len(needed):
            return index
    return None


def _read(each: DropList, sheet: Sheet, file: str) -> Text:
    rows, top = sheet.rows, None if sheet.is_text else _top(each, sheet.rows)
    if top is None:
        top = next((index for index, row in enumerate(rows) if any(row)), 0)
    cells = [(place, cell) for place, cell in enumerate(rows[top]) if cell and isinstance(cell, str)]
    words = {_word(each, cell): (place, cell) for place, cell in reversed(cells)}
    _expect_header(each, words.keys() - {OPERATION})
    known = {*each.wording.fields, OPERATION}
    columns = sorted(Column(place, word, cell) for word, (place, cell) in words.items() if word in known)
    ignored = [Column(place, "", cell) for word, (place, cell) in words.items() if word not in known]
    width, widest = len(rows[top]), max(map(len, rows))
    table = Table(each.mapping.kind, top, top + 1, len(rows), width, columns, ignored, widest=widest)
    try:
        each.wording.expect(words.keys() - {OPERATION}, file)
    except SchemaDrift as drift:
        raise Lacking(drift, columns_of(each, sheet, table, file)) from None
    absent = sorted(field.header for word, field in each.wording.fields.items() if word not in words)
    return Text(sheet, table, OPERATION in words and not each.is_extract, absent)


def columns_of(each: DropList, sheet: Sheet, table: Table, file: str) -> Header:
    """The columns of a text, by the headers of its list."""
    told = header_of(sheet, table, file)
    fields = each.wording.fields
    ours = {word: fields[word].header for word in fields} | {OPERATION: OPERATION}
    return replace(told, columns=[replace(c, header=ours.get(c.header or "")) for c in told.columns])


def _expect_header(each: DropList, words: Set[str]) -> None:
    needed = each.wording.needed
    if len(needed & words) * 2 < len(needed):
        # What stands there may be a person's, and is neither told nor logged.
        listed = "、".join(sorted(needed))
        raise Refused(
            "HEADER_MISSING",
            expected=f"A header with the columns of the list is expected: {listed}.",
            expected_zh=f"首行应为表头，含：{listed}",
        )


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
        agree(found, code, key, content)
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
    told = {header: as_raw(value) for header, value in row.values.items()}
    values = each.derive(each.wording.row(told, file=row.file).values)
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


def is_news(texts: Sequence[Text]) -> bool:
    """Whether the texts are changes, else the whole list; Unreadable where they are of both kinds."""
    kinds = {text.is_delta for text in texts}
    if len(kinds) != 1:
        raise Unreadable("A .zip of changes, or of whole lists.", "zip内应全为增量或全为全量文件")
    return kinds.pop()
