"""Rows of a table as lines: one that the engine has merged before is never made a row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter, itemgetter
from typing import Any, Final, NamedTuple

import orjson

from connectors.roster.rows import LOST, Found, Reader
from connectors.roster.twins import Twins, compared, contradicted
from hub.domain.text import CELL_LIMIT
from hub.sync.connector import ListMapping, Row
from hub.sync.lines import Lines

_LOST: Final = LOST.encode()


class Chunk(NamedTuple):
    """Rows that nothing speaks against, as lines, and those that are refused."""

    lines: Lines
    refused: Sequence[Found]


def read_chunks(reader: Reader, mapping: ListMapping, size: int) -> Iterator[Chunk]:
    """The rows of the table, ``size`` rows of the sheet at a time. Raises Unreadable.

    A line holds the cells of the table's columns in the order of their headers, whatever order they stand in
    and whatever they are called there.
    """
    return _Lines(reader, mapping, size).chunks()


class _Lines:
    def __init__(self, reader: Reader, mapping: ListMapping, size: int) -> None:
        self._reader, self._mapping, self._size = reader, mapping, size
        columns = sorted(reader.table.columns, key=attrgetter("header"))
        self._watched: set[int] = {*reader.carried, *reader.broken}
        """Rows inside merged ranges, and those that may have to be refused."""
        self._places = [column.place for column in columns]
        self._cells = _getter(self._places)
        headers = [column.header for column in columns]
        self._form = orjson.dumps([reader.sheet.epoch_1904, headers]).decode()

    def chunks(self) -> Iterator[Chunk]:
        keys: list[Sequence[Any]] = []
        told = [*self._told(keys)]
        table = self._reader.table
        twins = contradicted(self._reader.sheet, table, self._mapping, keys)
        del keys
        for start in range(0, max(1, len(told)), self._size):
            yield self._chunk(table.first + start, told[start : start + self._size], twins)

    def _told(self, keys: list[Sequence[Any]]) -> Iterator[bytes | None]:
        """What each row says, None where it is no row; fills ``keys`` with what rows are compared by."""
        reader, table = self._reader, self._reader.table
        key_of = _getter([column.place for column in compared(table, self._mapping)])
        needed_of = _getter(reader.needed)
        for at, given in enumerate(reader.sheet.rows[table.first : table.last], table.first):
            cells = given if len(given) >= reader.width else reader.wide(given)
            keys.append(key_of(cells))
            if ("" in needed_of(cells) or at == table.first) and reader.is_none(at, cells):
                yield None
                continue
            if len(cells) > table.width and reader.is_too_wide(cells):
                self._watched.add(at)
            yield self._line(cells)

    def _chunk(self, first: int, told: Sequence[bytes | None], twins: Twins) -> Chunk:
        refused: list[Found] = []
        good: list[bytes] = []
        numbers: list[int] = []
        for at, line in enumerate(told, first):
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
        file, sheet = self._reader.file, self._reader.sheet.name
        return Chunk(Lines(file, sheet, self._form, good, numbers, self._rows), refused)

    def _line(self, cells: Sequence[Any]) -> bytes:
        # What orjson gives keeps the room it was written in, ten times what it takes.
        return bytes(memoryview(orjson.dumps(self._cells(cells))))

    def _rows(self, told: Sequence[bytes], numbers: Sequence[int]) -> Iterator[Row]:
        for line, number in zip(told, numbers, strict=True):
            cells = dict(zip(self._places, orjson.loads(line), strict=True))
            yield self._reader.row(number - 1, cells)


def _getter(places: Sequence[int]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Of a row the cells at these places."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda cells: [cells[place] for place in places]
