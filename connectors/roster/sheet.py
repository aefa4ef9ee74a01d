"""Where the tables of a sheet stand: title, date line, header of one or more rows, first and last row.

A sheet may hold several tables, one below the other. Row and column indices count from 0 here.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, Final

from connectors.roster.delimited import unknown, widths
from connectors.roster.headers import all_keys, columns_of, keys, kinds_named
from connectors.roster.table import Column, Table, Unknown
from connectors.roster.workbook import Sheet
from hub.domain.dates import parse_date, parse_month_end
from hub.domain.refusal import Refused
from hub.domain.text import fold
from hub.sync.connector import ListMapping

LONGEST_HEADER: Final = 40
FEWEST_HEADERS: Final = 3
TALLEST_HEADER: Final = 3
FOOT_ROWS: Final = 5
"""So many rows from the end a date of signing is looked for."""

SEARCHED_ROWS: Final = 60
"""So far from the top a header is looked for by its folded words; further down by its exact ones."""

_DATE_LINE: Final = re.compile(
    r"(?:制表|填表|填报|统计|上报|报送|编制|数据|截止|截至)(?:日期|时间|日)?(?:截[止至])?[:：]?\s*"
    r"([0-9]{4}(?:年|[-./])[0-9]{1,2}(?:(?:月|[-./])(?:[0-9]{1,2}日?)?)?|[0-9]{8})"
)
_OTHER_PERSON: Final = re.compile("父|母|监护|配偶|委托|户主|子女|赡养|抚养|代办|经办|申请人|紧急")
"""Groups of columns about someone else: a 姓名 below them is not the person's."""

_LAST_DAY: Final = re.compile("[停止终退截离销迁亡]|结束|到期|期满|失效")
"""What a column that tells a last day may be called, whatever else it is called."""

_LABELLED: Final = re.compile(r"[\u4e00-\u9fff（）()]{2,12}[:：]")


@dataclass(slots=True)
class _Head:
    """A header as found: rows ``top`` to ``bottom``, and the words of each column, outermost first."""

    top: int
    bottom: int
    words: dict[int, tuple[str, ...]] = field(default_factory=dict)


def find_tables(sheet: Sheet, file_name: str, lists: Mapping[str, ListMapping]) -> list[Table | Unknown]:
    """Every table of the sheet, in order. ``lists``: what each kind of list must have."""
    heads = list(_heads(sheet))
    tops = [_title_top(sheet, head, heads[n - 1].bottom if n else -1) for n, head in enumerate(heads)]
    found: list[Table | Unknown] = []
    titles = ""
    for head, top, last in zip(heads, tops, [*tops[1:], len(sheet.rows)], strict=False):
        own = _text(sheet.rows[top : head.top])
        titles = own or titles  # a header printed again on each page has no title of its own
        table = _identify(head, last, (titles, sheet.name, file_name), lists)
        if isinstance(table, Table):
            foot = _text(sheet.rows[max(table.first, last - FOOT_ROWS) : last])
            table = replace(table, observed_on=_observed_on(own) or _observed_on(foot))
            if sheet.is_text:
                padded = max(table.width, len(sheet.rows[table.header_row]))
                table = replace(table, padded=padded, widest=_usual_length(sheet, table, padded))
        found.append(table)
    return found


def _usual_length(sheet: Sheet, table: Table, padded: int) -> int:
    rows = sheet.rows[table.first : table.last]
    if max(widths(unknown(rows)[1]), default=0) <= padded:
        return padded  # no row that is known is longer
    lengths = Counter(widths(rows))
    del lengths[0]
    return max(padded, lengths.most_common(1)[0][0])


def looks_like_a_list(sheet: Sheet) -> bool:
    """Whether a sheet without a known header holds rows all the same; instructions are narrower."""
    wide = sum(1 for row in sheet.rows[:200] if sum(1 for cell in row if cell != "") >= FEWEST_HEADERS)
    return not sheet.hidden and wide >= 2


# --- headers -----------------------------------------------------------------------------------


def _heads(sheet: Sheet) -> Iterator[_Head]:
    known: set[Any] = set(all_keys())
    after = -1
    further = zip(*unknown(sheet.rows[SEARCHED_ROWS:]), strict=True)
    # A row that is known may have stood further down.
    for index, row in chain(
        enumerate(sheet.rows[:SEARCHED_ROWS]), ((SEARCHED_ROWS + n, row) for n, row in further)
    ):
        if index <= after or (index >= SEARCHED_ROWS and known.isdisjoint(row)):
            continue
        if _is_header(row):
            head = _complete(sheet, index, after)
            known.update(words[-1] for words in head.words.values())
            after = head.bottom
            yield head


def _words(row: Sequence[Any]) -> dict[int, str]:
    """Text by column, as far as it may be a header."""
    return {
        index: cell
        for index, cell in enumerate(row)
        if isinstance(cell, str) and cell and len(cell) <= LONGEST_HEADER and fold(cell)
    }


def _is_known(word: str) -> bool:
    return any(key in all_keys() for key in keys(word))


def _is_header(row: Sequence[Any]) -> bool:
    words = _words(row)
    known = sum(map(_is_known, words.values()))
    filled = sum(1 for cell in row if cell != "")
    return known >= FEWEST_HEADERS and known * 2 >= filled


def _complete(sheet: Sheet, index: int, after: int) -> _Head:
    """The header around one of its rows: group names above it, single names below it."""
    top = bottom = index
    while top - 1 > after and index - top < TALLEST_HEADER - 1 and _is_group_row(sheet, top - 1):
        top -= 1
    while bottom + 1 < len(sheet.rows) and bottom - top < TALLEST_HEADER - 1 and _goes_on(sheet, bottom):
        bottom += 1
    head = _Head(top, bottom)
    merged = [m for m in sheet.merged if top <= m[0] and m[2] <= bottom]
    for column in range(max(len(sheet.rows[r]) for r in range(top, bottom + 1))):
        stack = [_word_at(sheet, merged, row, column, bottom) for row in range(top, bottom + 1)]
        words = tuple(dict.fromkeys(word for word in stack if word))
        if words:
            head.words[column] = words
    return head


def _is_group_row(sheet: Sheet, row: int) -> bool:
    """Names merged over some of the columns below, not a title over all of them nor a date line."""
    words = _words(sheet.rows[row])
    if any(_LABELLED.search(word) for word in words.values()):
        return False
    spans = [m for m in sheet.merged if m[0] == row and (m[1] in words)]
    return len(words) >= 2 and any(m[3] > m[1] or m[2] > row for m in spans)


def _goes_on(sheet: Sheet, row: int) -> bool:
    """Whether the row below still belongs to the header."""
    below = _words(sheet.rows[row + 1])
    if any(m[0] <= row < m[2] and m[1] in _words(sheet.rows[m[0]]) for m in sheet.merged):
        return True
    if not below or len(below) != sum(1 for cell in sheet.rows[row + 1] if cell != ""):
        return False
    return all(map(_is_known, below.values())) and not _is_header_again(sheet, row)


def _is_header_again(sheet: Sheet, row: int) -> bool:
    """The same words twice are two headers, of an empty table and of the next."""
    return sheet.rows[row] == sheet.rows[row + 1]


def _word_at(sheet: Sheet, merged: Sequence[Sequence[int]], row: int, column: int, bottom: int) -> str:
    cells = sheet.rows[row]
    cell = cells[column] if column < len(cells) else ""
    if isinstance(cell, str) and cell:
        return cell
    for first, left, last, right in merged:
        if first <= row <= last and left <= column <= right:
            origin = sheet.rows[first][left]
            return origin if isinstance(origin, str) else ""
    if (
        not sheet.merged
        and row < bottom
        and column < len(sheet.rows[row + 1])
        and sheet.rows[row + 1][column]
    ):
        # Text files have no merged cells: a group name stands over its first column only.
        return next((c for c in reversed(cells[:column]) if isinstance(c, str) and c), "")
    return ""


# --- titles ------------------------------------------------------------------------------------


def _title_top(sheet: Sheet, head: _Head, previous: int) -> int:
    """First row of the title above a header; all rows above the first header are its title."""
    if previous < 0:
        return 0
    top = head.top
    while top - 1 > previous and _is_title_row(sheet.rows[top - 1]):
        top -= 1
    return top


def _is_title_row(row: Sequence[Any]) -> bool:
    filled = [cell for cell in row if cell != ""]
    if any(isinstance(cell, str) and (_LABELLED.search(cell) or _DATE_LINE.search(cell)) for cell in filled):
        return len(filled) <= 4
    return len(filled) <= 1


def _text(rows: Sequence[Sequence[Any]]) -> str:
    """All text of the rows; a day in a cell of its own follows the word that names it."""
    return " ".join(str(cell) for row in rows for cell in row if cell != "")


def _observed_on(text: str) -> dt.date | None:
    for found in reversed(_DATE_LINE.findall(text)):
        for parse in (parse_date, parse_month_end):
            try:
                return parse(found)
            except Refused:
                continue
    return None


# --- kinds -------------------------------------------------------------------------------------


def _identify(
    head: _Head, last: int, texts: Sequence[str], lists: Mapping[str, ListMapping]
) -> Table | Unknown:
    """The first kind named by title, sheet or file whose required columns are all there."""
    named = list(dict.fromkeys(kind for text in texts for kind in kinds_named(text)))
    for kind in named:
        columns, ignored = _columns(head, kind)
        present = {c.header for c in columns}
        if present.issuperset(lists[kind].required):
            lost = [header for header in lists[kind].expected if header not in present]
            if lost and (under := [c for c in ignored if _LAST_DAY.search(c.text)]):
                return Unknown(head.top, kind, lost, under, columns=columns)
            return Table(kind, head.bottom, head.bottom + 1, last, max(head.words) + 1, columns, ignored)
    if not named:
        return Unknown(head.top)
    columns, ignored = _columns(head, named[0])
    present = {c.header for c in columns}
    missing = [header for header in lists[named[0]].required if header not in present]
    return Unknown(head.top, named[0], missing, ignored, columns=columns)


def _columns(head: _Head, kind: str) -> tuple[list[Column], list[Column]]:
    """Columns of the kind, and those nobody asked for. The first of a name counts."""
    known = columns_of(kind)
    taken: dict[str, Column] = {}
    for exact in (True, False):
        for index, words in head.words.items():
            header = _header_of(words, known, exact)
            if header and header not in taken and all(c.place != index for c in taken.values()):
                taken[header] = Column(index, header, words[-1])
    used = {c.place for c in taken.values()}
    ignored = [Column(index, "", words[-1]) for index, words in head.words.items() if index not in used]
    return sorted(taken.values()), ignored


def _header_of(words: tuple[str, ...], known: Mapping[str, str], exact: bool) -> str | None:
    """Group and name together (监护人 over 姓名) before the name alone; first only canonical words."""
    group, own = "".join(words[:-1]), words[-1]
    of_another = bool(group) and bool(_OTHER_PERSON.search(group))
    for candidate in (group + own,) if of_another else (group + own, own):
        for key in keys(candidate):
            header = known.get(key)
            if header and (not exact or key in keys(header) or candidate != own):
                return header
    return None
