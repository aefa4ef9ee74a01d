"""Text files: their encoding, their delimiter, and their rows even where a quote was never closed."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, overload

import numpy as np
from numpy.typing import NDArray

from connectors.roster.package import Unreadable
from connectors.roster.raw import RawLines

SUFFIXES: Final = frozenset({".csv", ".txt", ".tsv"})
DELIMITERS: Final = (",", "\t", ";")
FIELD_LIMIT: Final = 256 * 1024 * 1024
"""The csv module gives up a whole record above its limit; the cell alone is refused later instead."""
csv.field_size_limit(FIELD_LIMIT)

UTF_8: Final = "utf-8"
_BOMS: Final = {b"\xef\xbb\xbf": UTF_8, b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
SAMPLE: Final = 200
_LONGEST_QUOTE: Final = 200
"""Lines a quoted cell may span; more is a quote nobody closed."""

_DAMAGED: Final = 20
"""One line in so many may be damaged; more is another encoding."""

_AS_FORMULA: Final = re.compile(r'="([^"]*)"')
"""``="450305…"``: how exports keep Excel from making a number of it."""


def unmarked(data: bytes) -> tuple[bytes, Sequence[str]]:
    """Without its byte order mark, and what it may be written in: GB 18030 holds GBK and GB 2312."""
    for mark, encoding in _BOMS.items():
        if data.startswith(mark):
            return data[len(mark) :], (encoding,)
    return data, (UTF_8, "gb18030")


def _lines(data: bytes) -> tuple[str, Sequence[str]]:
    """The text, and its lines."""
    data, candidates = unmarked(data)
    for encoding in candidates:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if ends_in_feeds(data) and not encoding.startswith("utf-16"):
            return text, RawLines(data, encoding)
        break
    else:
        text = _decode_lines(data, candidates)
    return text, list(io.StringIO(text, newline=""))


def ends_in_feeds(data: bytes) -> bool:
    """Whether no line ends with a carriage return alone."""
    return data.count(b"\r") == data.count(b"\r\n")


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
    text, lines = _lines(data)
    if not text or text.isspace():
        raise Unreadable("A file that is not empty.", "文件不得为空")
    delimiter, is_plain = delimiter_of(lines), '="' not in text
    del text
    if are_records(lines, delimiter):
        return Cut(lines, delimiter, is_plain)
    return [[_plain(cell) for cell in row] for row in _records(lines, delimiter)]


def are_records(lines: Iterable[str], delimiter: str) -> bool:
    """Whether each line closes its quotes; none goes on into the line behind the last one."""
    quoted = [line for line in lines if '"' in line]
    return sum(1 for _ in csv.reader((*quoted, ""), delimiter=delimiter)) == len(quoted) + 1


class Cut(Sequence[Sequence[str]]):
    """Rows of a text of which each line is one, cut into cells whenever they are looked at.

    Cells take ten times the memory of their line, and are needed only in passing. ``is_plain``: there is
    no ``="…"``. ``known``: of each line whether what it says is known, once somebody has told.
    """

    def __init__(
        self, lines: Sequence[str], delimiter: str, is_plain: bool, known: NDArray[np.bool_] | None = None
    ) -> None:
        self.lines, self.delimiter, self.is_plain, self.known = lines, delimiter, is_plain, known

    def __len__(self) -> int:
        return len(self.lines)

    def __iter__(self) -> Iterator[Sequence[str]]:
        rows = csv.reader(self.lines, delimiter=self.delimiter)
        return rows if self.is_plain else ([*map(_plain, row)] for row in rows)

    def unknown(self) -> tuple[Sequence[int], Cut]:
        """Places of the rows that are not known, and the rows."""
        places = self.unknown_places()
        return places, self if len(places) == len(self) else self.at(places)

    def unknown_places(self) -> Sequence[int]:
        if self.known is None:
            return range(len(self))
        places: list[int] = np.flatnonzero(~self.known).tolist()
        return places

    def at(self, places: Sequence[int]) -> Cut:
        """The rows at these places."""
        if isinstance(self.lines, RawLines):
            lines = [line.decode(self.lines.encoding) for line in self.lines.at(places)]
        else:
            lines = [self.lines[place] for place in places]
        return Cut(lines, self.delimiter, self.is_plain)

    @overload
    def __getitem__(self, place: int) -> Sequence[str]: ...
    @overload
    def __getitem__(self, place: slice) -> Cut: ...
    def __getitem__(self, place: int | slice) -> Sequence[str] | Cut:
        if isinstance(place, slice):
            known = None if self.known is None else self.known[place]
            return Cut(self.lines[place], self.delimiter, self.is_plain, known)
        return self._cut(self.lines[place])

    def widths(self) -> Iterator[int]:
        """Cells of each row."""
        for line in self.lines:
            if '"' in line:
                yield len(self._cut(line))
            else:
                yield line.count(self.delimiter) + 1 if line.strip("\r\n") else 0

    def _cut(self, line: str) -> Sequence[str]:
        [row] = Cut([line], self.delimiter, self.is_plain)
        return row


def widths(rows: Sequence[Sequence[Any]]) -> Iterator[int]:
    return rows.widths() if isinstance(rows, Cut) else map(len, rows)


def unknown(rows: Sequence[Sequence[Any]]) -> tuple[Sequence[int], Sequence[Sequence[Any]]]:
    """Rows that have to be looked at, and which they are."""
    return rows.unknown() if isinstance(rows, Cut) else (range(len(rows)), rows)


def _plain(cell: str) -> str:
    if cell.startswith("=") and (found := _AS_FORMULA.fullmatch(cell)):
        return found[1]
    return cell


def delimiter_of(lines: Sequence[str]) -> str:
    """The one that cuts most lines into the same number of cells, more than one."""

    def agreement(delimiter: str) -> tuple[int, int]:
        width, count = _usual_width(lines, delimiter)
        return (count, width) if width > 1 else (0, 0)

    return max(DELIMITERS, key=agreement)


def _usual_width(lines: Sequence[str], delimiter: str) -> tuple[int, int]:
    sample = (line for line in lines[:SAMPLE] if line.strip() and line.count('"') % 2 == 0)
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
