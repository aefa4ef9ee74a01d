"""The body of a table as rows: what is a row at all, and which cells stand for which header."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from connectors.roster.headers import ANSWERS, DAYS
from connectors.roster.package import Unreadable
from connectors.roster.table import Column, Table
from connectors.roster.workbook import Sheet
from hub.domain.dates import parse_date
from hub.domain.refusal import Refused
from hub.domain.text import CELL_LIMIT, fold, fold_cell, is_empty
from hub.sync.connector import Refusal, Row

RAW_LIMIT: Final = 2_000
"""Characters of a cell that are kept in the raw copy of a row."""

LOST: Final = "\ufffd"
"""What stands for a character that could not be read."""

_TOTAL: Final = re.compile(r".{0,12}[合小总共累]计.{0,8}|[合总共累]计[:：].{0,60}|共[0-9]+[户人名条].{0,20}")
_FIGURES: Final = re.compile(r"[-\d.,，]{0,11}[户人名条元份]?(?:/月)?")
"""What stands beside a total; a division code is longer."""

_EXAMPLE: Final = re.compile("(?:示例|样例|例如|例|填写示例|填表示例)[:：]?")
_SIGNATURE: Final = re.compile(
    "(?:填表|填报|制表|审核|复核|审批|经办|负责|分管|主管|领导|签字|签名|盖章|单位|日期|备注|说明|注)"
    r"[^:：]{0,8}(?:[:：]|签字$|签名$|盖章$)|以下空白|此页无正文|第[0-9]+页"
)
_PLACE: Final = re.compile("[\u4e00-\u9fa5]{2,12}(?:街道|街道办事处|社区|居委会|村委会)")
"""A row of its own above the people of a place; no name of a person ends so."""

OWN_WORDS: Final = 3
"""Cells of its own that make a row one, whatever its first cell looks like."""

_SERIAL: Final = re.compile("[0-9]{5}")
"""A day as a number in a cell of text; 202303 and 20230331 have more digits."""

_MARKS: Final = frozenset("无暂不-—–－/／\\＼nN(（#＃'‘’`＇＂\"") | frozenset(
    " \t\r\n\u3000\u00a0\ufeff\u200b"
)
"""What a cell begins with that may say there is nothing in it."""

_TOO_WIDE: Final = Refusal.of(Refused("ROW_TOO_WIDE"), "")
"""Which cell stands in which column nobody can tell."""

Found = tuple[Row, list[Refusal]]


def read_rows(sheet: Sheet, table: Table, file: str, required: Sequence[str]) -> Iterator[Found]:
    """Every row of the table with what is already wrong with it. Raises Unreadable."""
    reader = Reader(sheet, table, file, required)
    return map(reader.read, reader.bodies(table.first, table.last))


class Body(NamedTuple):
    """Cells of a row ``at`` its place in the sheet."""

    at: int
    cells: Sequence[Any]


class Reader:
    """Reads the rows of a table.

    Totals, signatures and examples are left out where a required cell is empty and hardly another
    is filled; hidden rows are rows. Cells of a merged range have the value of its first cell, sums excepted.

    ``carried``: by row the (column, row above that holds the value) of cells inside merged ranges.
    ``broken``: by row the columns whose formula has no value. ``needed``: places of columns that a row
    which is none leaves empty; ``width``: of a row that reaches the last column.
    """

    def __init__(self, sheet: Sheet, table: Table, file: str, required: Sequence[str]) -> None:
        self.sheet, self.table, self.file = sheet, table, file
        self.carried, self.broken = _carried(sheet, table), _broken(sheet, table)
        self.needed = [c.place for c in table.columns if c.header in required]
        self.width = max(c.place for c in table.columns) + 1

    def wide(self, cells: Sequence[Any]) -> Sequence[Any]:
        """With empty cells where the row ends before the last column."""
        return [*cells, *[""] * (self.width - len(cells))] if len(cells) < self.width else cells

    def bodies(self, first: int, last: int) -> Iterator[Body]:
        """What are rows, from ``first`` to ``last`` (excluded)."""
        for at, given in enumerate(self.sheet.rows[first:last], first):
            cells = self.wide(given)
            if not self.is_none(at, cells):
                yield Body(at, self._merged(at, cells))

    def is_none(self, at: int, cells: Sequence[Any]) -> bool:
        return _is_no_row(cells, self.table.columns, self.needed, at - self.table.first)

    def _merged(self, at: int, cells: Sequence[Any]) -> Sequence[Any]:
        if at not in self.carried:
            return cells
        cells = [*cells]
        for column, origin in self.carried[at]:
            cells[column] = self.sheet.rows[origin][column]
        return cells

    def is_too_wide(self, cells: Sequence[Any]) -> bool:
        table = self.table
        return self.sheet.is_text and (len(cells) > table.widest or any(cells[table.width :]))

    def read(self, body: Body) -> Found:
        at, cells = body
        columns = self.table.columns
        row = self.row(at, cells)
        refusals = [_too_long(c.header) for c in columns if _is_too_long(cells[c.place])]
        if self.is_too_wide(cells):
            refusals.append(_TOO_WIDE)
        if self.sheet.is_text and any(LOST in text for text in row.raw.values()):
            refusals += [_damaged(header) for _, header, text in columns if LOST in row.raw.get(text, "")]
        if broken := self.broken.get(at):
            refusals += [_no_value(c.header) for c in columns if c.place in broken]
        return row, refusals

    def row(self, at: int, cells: Sequence[Any] | Mapping[int, Any]) -> Row:
        """``cells``: by the places of the columns."""
        of_1904 = self.sheet.epoch_1904
        values: dict[str, Any] = {}
        raw: dict[str, str] = {}
        for place, header, text in self.table.columns:
            value = cells[place]
            if type(value) is not str:
                if value is not None:
                    raw[text] = as_raw(value)
                    values[header] = _day_of_1904(value) if of_1904 and header in DAYS else value
            elif value:
                raw[text] = value if len(value) <= RAW_LIMIT else value[:RAW_LIMIT] + "…"
                if of_1904 and header in DAYS and _SERIAL.fullmatch(value.strip()):
                    values[header] = _day_of_1904(int(value))
                elif value[0] not in _MARKS or header in ANSWERS or not is_empty(value):
                    values[header] = value
        return Row(self.file, self.sheet.name, at + 1, values, raw)


def _is_too_long(value: Any) -> bool:
    return type(value) is str and len(value) > CELL_LIMIT


def as_raw(value: Any) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _day_of_1904(value: Any) -> Any:
    """A number of the 1904 date system as a day; whatever else it is stays as it is."""
    try:
        return parse_date(value, epoch_1904=True) if isinstance(value, int | float) else value
    except Refused:
        return value


# --- what is no row ----------------------------------------------------------------------------


def _is_no_row(cells: Sequence[Any], columns: Sequence[Column], needed: Sequence[int], place: int) -> bool:
    """A row that may be somebody's is one: better a refusal too many than a person too few."""
    for index in needed:
        if cells[index] == "":
            break
    else:
        return place == 0 and _numbers_columns(cells)
    known = [cells[c.place] for c in columns if cells[c.place] != "" and not is_empty_text(cells[c.place])]
    if not known:
        return True
    filled = [cell for cell in cells if cell != ""]
    first = fold(filled[0][:RAW_LIMIT]) if isinstance(filled[0], str) else ""
    if _EXAMPLE.fullmatch(first):
        return True
    if _TOTAL.fullmatch(first):
        return all(cell == filled[0] or _FIGURES.fullmatch(_short(cell)) for cell in known)
    if _PLACE.fullmatch(first):
        return len(filled) == 1
    return bool(_SIGNATURE.match(first)) and _own_words(known) < OWN_WORDS


def _own_words(known: Sequence[Any]) -> int:
    """Cells that are neither labels such as 审核人： nor stand behind one."""
    own, answered = 0, False
    for cell in known:
        word = fold(cell[:40]) if isinstance(cell, str) else ""
        if not _SIGNATURE.match(word):
            own += not answered
        answered = word.endswith((":", "："))
    return own


def is_empty_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= CELL_LIMIT and is_empty(value)


def _numbers_columns(cells: Sequence[Any]) -> bool:
    """The row 甲 乙 1 2 3 below the header of a statistical form."""
    words = [_short(cell) for cell in cells if cell != ""]
    numbers = [int(word) for word in words if word.isdecimal()]
    others = [word for word in words if not word.isdecimal()]
    in_order = numbers == list(range(1, len(numbers) + 1)) and len(numbers) >= 2
    return in_order and others == list("甲乙丙丁戊己"[: len(others)])


def _short(cell: Any) -> str:
    try:
        return fold_cell(cell)
    except Refused:
        return "?"


# --- merged and broken cells -------------------------------------------------------------------


def _carried(sheet: Sheet, table: Table) -> Mapping[int, list[tuple[int, int]]]:
    wanted = {c.place for c in table.columns} - table.summed
    left = (table.last - table.first) * (len(wanted) + 1)
    carried: dict[int, list[tuple[int, int]]] = {}
    for first, column, last, _ in sheet.merged:
        if column not in wanted or last == first or not table.first <= first < table.last:
            continue
        left -= min(last, table.last - 1) - first
        if left < 0:
            raise Unreadable("Merged ranges that do not overlap.", "合并单元格不得重叠")
        for row in range(first + 1, min(last, table.last - 1) + 1):
            if sheet.rows[row][column] == "":
                carried.setdefault(row, []).append((column, first))
    return carried


def _broken(sheet: Sheet, table: Table) -> Mapping[int, list[int]]:
    wanted = {c.place for c in table.columns}
    broken: dict[int, list[int]] = {}
    for row, column in sheet.no_value:
        if column in wanted and table.first <= row < table.last:
            broken.setdefault(row, []).append(column)
    return broken


# --- refusals ----------------------------------------------------------------------------------


def _no_value(header: str) -> Refusal:
    return Refusal.of(Refused("FORMULA_WITHOUT_VALUE"), header)


def _damaged(header: str) -> Refusal:
    return Refusal.of(Refused("CHARACTER_LOST"), header)


def _too_long(header: str) -> Refusal:
    return Refusal.of(Refused("CELL_TOO_LONG"), header)
