"""Text files: their encoding, their delimiter, and their rows even where a quote was never closed."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final, overload

from connectors.roster.package import Unreadable

SUFFIXES: Final = frozenset({".csv", ".txt", ".tsv"})
DELIMITERS: Final = (",", "\t", ";")
FIELD_LIMIT: Final = 256 * 1024 * 1024
"""The csv module gives up a whole record above its limit; the cell alone is refused later instead."""

_BOMS: Final = {b"\xef\xbb\xbf": "utf-8", b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_SAMPLE: Final = 200
_LONGEST_QUOTE: Final = 200
"""Lines a quoted cell may span; more is a quote nobody closed."""

_DAMAGED: Final = 20
"""One line in so many may be damaged; more is another encoding."""

_AS_FORMULA: Final = re.compile(r'="([^"]*)"')
"""``="450305…"``: how exports keep Excel from making a number of it."""


def decode(data: bytes) -> str:
    """By byte order mark, else UTF-8, else GB 18030, which holds GBK and GB 2312."""
    for mark, encoding in _BOMS.items():
        if data.startswith(mark):
            candidates: tuple[str, ...] = (encoding,)
            data = data[len(mark) :]
            break
    else:
        candidates = ("utf-8", "gb18030")
    for encoding in candidates:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return _decode_lines(data, candidates)


def _decode_lines(data: bytes, encodings: Sequence[str]) -> str:
    """Line by line, where few lines are damaged: a damaged character becomes U+FFFD and costs its row."""
    lines = data.split(b"\n")
    for encoding in encodings:
        if encoding.startswith("utf-16"):
            continue
        read = [line.decode(encoding, "replace") for line in lines]
        if sum("\ufffd" in line for line in read) * _DAMAGED <= len(lines):
            return "\n".join(read)
    raise Unreadable("Text in UTF-8 or GB 18030.", "应为UTF-8或GB18030编码的文本")


def read_rows(data: bytes) -> list[Sequence[str]]:
    """As ``rows_in``, all of them cut."""
    return [*rows_in(data)]


def rows_in(data: bytes) -> Sequence[Sequence[str]]:
    """Rows as a spreadsheet would number them: one per record, empty lines among them."""
    text = decode(data)
    if not text or text.isspace():
        raise Unreadable("A file that is not empty.", "文件不得为空")
    lines = list(io.StringIO(text, newline=""))
    csv.field_size_limit(FIELD_LIMIT)
    delimiter, is_plain = _delimiter(lines), '="' not in text
    if _are_records([line for line in lines if '"' in line], delimiter):
        return Cut(lines, delimiter, is_plain)
    return [[_plain(cell) for cell in row] for row in _records(lines, delimiter)]


def _are_records(lines: Sequence[str], delimiter: str) -> bool:
    """Whether each line closes its quotes; none goes on into the line behind the last one."""
    return sum(1 for _ in csv.reader((*lines, ""), delimiter=delimiter)) == len(lines) + 1


class Cut(Sequence[Sequence[str]]):
    """Rows of a text of which each line is one, cut into cells whenever they are looked at.

    Cells take ten times the memory of their line, and are needed only in passing. ``is_plain``: there is
    no ``="…"``.
    """

    def __init__(self, lines: Sequence[str], delimiter: str, is_plain: bool) -> None:
        self._lines, self._delimiter, self._is_plain = lines, delimiter, is_plain

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Sequence[str]]:
        rows = csv.reader(self._lines, delimiter=self._delimiter)
        return rows if self._is_plain else ([*map(_plain, row)] for row in rows)

    @overload
    def __getitem__(self, place: int) -> Sequence[str]: ...
    @overload
    def __getitem__(self, place: slice) -> Cut: ...
    def __getitem__(self, place: int | slice) -> Sequence[str] | Cut:
        if isinstance(place, slice):
            return Cut(self._lines[place], self._delimiter, self._is_plain)
        return self._cut(self._lines[place])

    def widths(self) -> Iterator[int]:
        """Cells of each row."""
        for line in self._lines:
            if '"' in line:
                yield len(self._cut(line))
            else:
                yield line.count(self._delimiter) + 1 if line.strip("\r\n") else 0

    def _cut(self, line: str) -> Sequence[str]:
        [row] = Cut([line], self._delimiter, self._is_plain)
        return row


def widths(rows: Sequence[Sequence[Any]]) -> Iterator[int]:
    return rows.widths() if isinstance(rows, Cut) else map(len, rows)


def _plain(cell: str) -> str:
    if cell.startswith("=") and (found := _AS_FORMULA.fullmatch(cell)):
        return found[1]
    return cell


def _delimiter(lines: Sequence[str]) -> str:
    """The one that cuts most lines into the same number of cells, more than one."""

    def agreement(delimiter: str) -> tuple[int, int]:
        width, count = _usual_width(lines, delimiter)
        return (count, width) if width > 1 else (0, 0)

    return max(DELIMITERS, key=agreement)


def _usual_width(lines: Sequence[str], delimiter: str) -> tuple[int, int]:
    sample = (line for line in lines[:_SAMPLE] if line.strip() and line.count('"') % 2 == 0)
    widths = Counter(len(row) for row in csv.reader(sample, delimiter=delimiter))
    return widths.most_common(1)[0] if widths else (0, 0)


class _Feed:
    """Lines from ``at`` on, but no more for one record than a quoted cell may span: a quote that is never
    closed would else be read to the end of the file, by every line that has one."""

    def __init__(self, lines: Sequence[str], at: int) -> None:
        self._lines = lines
        self._next = self.record = at

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._next >= len(self._lines) or self._next - self.record > _LONGEST_QUOTE:
            raise StopIteration
        self._next += 1
        return self._lines[self._next - 1]


def _records(lines: Sequence[str], delimiter: str) -> Iterator[list[str]]:
    """As ``csv.reader``, but a quote that is never closed costs its own line and no other."""
    width, _ = _usual_width(lines, delimiter)
    at = 0
    while at < len(lines):
        feed = _Feed(lines, at)
        reader = csv.reader(feed, delimiter=delimiter)
        before = 0
        for row in reader:
            used = reader.line_num - before
            feed.record = at + reader.line_num
            if used > 1 and (len(row) != width or used > _LONGEST_QUOTE):
                yield from csv.reader([lines[at + before]], delimiter=delimiter, quoting=csv.QUOTE_NONE)
                break
            before = reader.line_num
            yield row
        else:
            return
        at += before + 1
