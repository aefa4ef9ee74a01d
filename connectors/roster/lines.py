"""Rows of a table as lines: one that the engine has merged before is never made a row.

Of a text that is read again nearly all lines are not even cut (``connectors.roster.blocks``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import blake2b
from operator import attrgetter, itemgetter
from typing import Any, Final, NamedTuple

import orjson

from connectors.roster.blocks import Part, Reading, Text
from connectors.roster.delimited import Cut
from connectors.roster.rows import LOST, Found, Reader
from connectors.roster.twins import Comparison, Twins, compared
from hub.domain.text import CELL_LIMIT
from hub.sync.connector import ListMapping, Row
from hub.sync.header import is_empty
from hub.sync.lines import Lines, Recalled

_LOST: Final = LOST.encode()


class Chunk(NamedTuple):
    """Rows that nothing speaks against, as lines, and those that are refused."""

    lines: Lines
    refused: Sequence[Found]


class TableLines:
    """The rows of a table, as lines. ``text``: that it is a table of, where that may have been read before.

    A line holds the cells of the table's columns in the order of their headers, whatever order they stand in
    and whatever they are called there.
    """

    def __init__(self, reader: Reader, mapping: ListMapping, text: Text | None = None) -> None:
        self._reader, self._text = reader, text
        table = reader.table
        columns = sorted(table.columns, key=attrgetter("header"))
        self._comparison = Comparison(table, mapping)
        self._watched: set[int] = {*reader.carried, *reader.broken}
        """Rows inside merged ranges, and those that may have to be refused."""
        self._places = [column.place for column in columns]
        self._cells = _getter(self._places)
        self._key_of = _getter([column.place for column in compared(table, mapping)])
        headers = [column.header for column in columns]
        self._form = orjson.dumps([reader.sheet.epoch_1904, headers]).decode()
        self._told: dict[int, bytes | None] = {}
        """What rows say that were looked at, None where one is no row."""
        self._keys: list[Sequence[Any]] = []
        """Of the same, in their order, what they are compared by."""
        self._reading: Reading | None = None

    def recall(self) -> bool:
        """Whether what is known of the text was read by the same columns; to be asked before all else."""
        assert self._text is not None
        fits = self._text.use(self.form, self._reader.table.first)
        self._reading = self._text.begin(self._reader.table, len(self._comparison.by))
        return fits

    @property
    def form(self) -> bytes:
        """What decides, with the text of a row, whether and how it is read."""
        table, rows = self._reader.table, self._reader.sheet.rows
        assert isinstance(rows, Cut)
        columns = [[tuple(column) for column in some] for some in (table.columns, table.ignored)]
        told: list[Any] = [table.kind, table.width, table.padded, *columns, self._reader.needed]
        told += [self._comparison.by, self._comparison.content, rows.delimiter, rows.is_plain]
        return blake2b(orjson.dumps(told), digest_size=16).digest()

    @property
    def dropped(self) -> Sequence[int] | None:
        """Cells of rows that are known, by the columns nobody asked for."""
        return self._reading.dropped() if self._reading else None

    def remembered(self) -> Part | None:
        """What is to be known next time, once all chunks were taken; None where that is known already."""
        return self._reading.remembered(self.form) if self._reading else None

    def chunks(self, size: int) -> Iterator[Chunk]:
        """``size`` rows of the sheet at a time. Raises Unreadable."""
        table, reading = self._reader.table, self._reading
        self._tell(
            [table.first + place for place in reading.unknown()]
            if reading
            else range(table.first, table.last)
        )
        if reading and (alike := reading.alike([at - table.first for at in self._told])):
            self._tell([table.first + place for place in alike])
        twins = self._comparison.twins(self._reader.sheet.rows, [*self._told], self._keys)
        self._keys = []
        for first in range(table.first, max(table.first + 1, table.last), size):
            chunk = self._chunk(first, min(first + size, table.last), twins)
            yield chunk
            if reading:
                reading.settle(chunk.lines.numbers, chunk.lines.hashed, chunk.lines.under)

    def _tell(self, places: Sequence[int]) -> None:
        """Looks at these rows of the sheet."""
        reader, table = self._reader, self._reader.table
        needed_of = _getter(reader.needed)
        ignored = [column.place for column in table.ignored] if self._reading else []
        begun, dropped, long = len(self._keys), [], []
        for at, given in zip(places, _rows_at(reader.sheet.rows, places), strict=True):
            cells = given if len(given) >= reader.width else reader.wide(given)
            self._keys.append(self._key_of(cells))
            if ignored:
                dropped.append([place < len(cells) and not is_empty(cells[place]) for place in ignored])
            if ("" in needed_of(cells) or at == table.first) and reader.is_none(at, cells):
                self._told[at] = None
                continue
            if len(cells) > table.width and reader.is_too_wide(cells):
                self._watched.add(at)
            if self._reading and len(cells) > table.padded:
                long.append(at - table.first)
            self._told[at] = self._line(cells)
        if self._reading and len(places):
            marks = self._comparison.marks(self._keys[begun:], self._reading.mark)
            self._reading.note([at - table.first for at in places], marks, dropped, long)

    def _chunk(self, first: int, last: int, twins: Twins) -> Chunk:
        refused: list[Found] = []
        good: list[bytes | None] = []
        numbers: list[int] = []
        if self._told.keys().isdisjoint(range(first, last)):
            return Chunk(self._lines([None] * (last - first), range(first + 1, last + 1)), refused)
        for at in range(first, last):
            if at not in self._told:
                good.append(None)
                numbers.append(at + 1)
                continue
            line = self._told[at]
            if line is None:
                continue
            if at in self._watched or at in twins.places or _LOST in line or len(line) > CELL_LIMIT:
                [body] = self._reader.bodies(at, at + 1)
                line = self._line(body.cells)
                found = twins.judge(self._reader.read(body))
                if found[1]:
                    refused.append(found)
                    continue
            good.append(line)
            numbers.append(at + 1)
        return Chunk(self._lines(good, numbers), refused)

    def _lines(self, told: Sequence[bytes | None], numbers: Sequence[int]) -> Lines:
        recalled = None
        if self._reading and None in told:
            recalled = Recalled(self._reading.hashes_of(numbers), self._reading.under, self._line_at)
        file, sheet = self._reader.file, self._reader.sheet.name
        return Lines(file, sheet, self._form, told, numbers, self._rows, recalled)

    def _line_at(self, number: int) -> bytes:
        return self._line(self._reader.wide(self._reader.sheet.rows[number - 1]))

    def _line(self, cells: Sequence[Any]) -> bytes:
        # What orjson gives keeps the room it was written in, ten times what it takes.
        return bytes(memoryview(orjson.dumps(self._cells(cells))))

    def _rows(self, told: Sequence[bytes], numbers: Sequence[int]) -> Iterator[Row]:
        for line, number in zip(told, numbers, strict=True):
            cells = dict(zip(self._places, orjson.loads(line), strict=True))
            yield self._reader.row(number - 1, cells)


def _rows_at(rows: Sequence[Sequence[Any]], places: Sequence[int]) -> Iterable[Sequence[Any]]:
    return rows.at(places) if isinstance(rows, Cut) else (rows[place] for place in places)


def _getter(places: Sequence[int]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Of a row the cells at these places."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda cells: [cells[place] for place in places]
