"""One list of one county as files: workbooks or delimited text, cut where a sheet would grow too long."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterator, Sequence
from decimal import Decimal
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Final, Protocol

from connectors.emulators.dialects import Dialect
from connectors.emulators.lists import ListForm, Row
from connectors.emulators.model import County
from connectors.emulators.workbook import Cell, SheetWriter

ROWS_A_FILE: Final = 50_000

_ADDRESS: Final = frozenset({"家庭住址", "住址"})


class Sink(Protocol):
    """Where rows go: a sheet, or a text file."""

    def write(self, cells: Sequence[Cell], hidden: bool = False) -> int: ...

    def merge(self, first_row: int, first: int, last_row: int, last: int) -> None: ...

    def close(self) -> None: ...


class TextFile:
    """Comma-separated, as a spreadsheet program saves it: every row of the same width."""

    def __init__(self, path: Path, encoding: str, width: int) -> None:
        self._file: TextIOWrapper = path.open("w", encoding=encoding, newline="")
        self._writer: Any = csv.writer(self._file)
        self._width = width
        self._rows = 0

    def write(self, cells: Sequence[Cell], hidden: bool = False) -> int:
        texts = ["" if cell is None else _text(cell) for cell in cells]
        self._writer.writerow(texts + [""] * (self._width - len(texts)))
        self._rows += 1
        return self._rows

    def merge(self, first_row: int, first: int, last_row: int, last: int) -> None:
        """Text has no merged cells."""

    def close(self) -> None:
        self._file.close()


def _text(cell: Cell) -> str:
    return f"{cell.year}/{cell.month}/{cell.day}" if isinstance(cell, dt.date) else str(cell)


class ListFiles:
    """The files of one list: ``add`` rows, then ``close``. A second file gives both a number."""

    def __init__(
        self, folder: Path, kind: str, form: ListForm, county: County, dialect: Dialect, today: dt.date
    ) -> None:
        self._folder, self._form, self._county, self._dialect = folder, form, county, dialect
        self._encoding = dialect.delimited.get(kind)
        self._today = today
        self._sink: Sink | None = None
        self._body = 0
        self._sum = Decimal(0)
        self.rows = 0
        self.paths: list[Path] = []

    def add(self, row: Row) -> None:
        if self._sink is None or self._body >= ROWS_A_FILE:
            self._finish()
            self._sink = self._open()
        nothing = self._dialect.nothing
        self._sink.write([nothing if cell is None else cell for cell in row] if nothing else row)
        self._body += 1
        self.rows += 1
        if self._form.amount:
            amount = row[self._form.headers.index(self._form.amount)]
            self._sum += amount if isinstance(amount, Decimal) else 0

    def close(self) -> None:
        """An empty list is published too: with its headers and no row."""
        if self._sink is None:
            self._sink = self._open()
        self._finish()
        if len(self.paths) > 1:
            first = self.paths[0]
            self.paths[0] = first.rename(first.with_stem(f"{self._form.name}_1"))

    def _open(self) -> Sink:
        number = len(self.paths) + 1
        stem = self._form.name if number == 1 else f"{self._form.name}_{number}"
        width = len(self._form.headers)
        path = self._folder / f"{stem}.{'csv' if self._encoding else 'xlsx'}"
        self.paths.append(path)
        self._body, self._sum = 0, Decimal(0)
        sheet: Sink = (
            TextFile(path, self._encoding, width)
            if self._encoding
            else SheetWriter(path, self._form.name, width)
        )
        self._head(sheet, width)
        return sheet

    def _head(self, sheet: Sink, width: int) -> None:
        title = f"{self._county.name}{self._today.year}年{self._form.name}"
        day = self._today
        for text in (
            title,
            f"填报单位：{self._county.bureau_name}    制表日期：{day.year}年{day.month}月{day.day}日",
        ):
            row = sheet.write([text])
            sheet.merge(row, 0, row, width - 1)
        if self._dialect.helper_row and not self._encoding:
            sheet.write([f"F{n:02d}" for n in range(1, width + 1)], hidden=True)
        headers = self._form.headers
        home = next((n for n, header in enumerate(headers) if header in _ADDRESS), None)
        if self._dialect.two_header_rows and not self._encoding and home is not None:
            self._two_rows(sheet, home)
        else:
            sheet.write([self._word(header) for header in headers])

    def _two_rows(self, sheet: Sink, home: int) -> None:
        """家庭住址 over 区划代码 and 详细地址; every other header is two rows high."""
        words: list[Cell] = [self._word(header) for header in self._form.headers]
        below: list[Cell] = [None] * len(words)
        below[home - 1 : home + 1] = ["区划代码", "详细地址"]
        words[home - 1 : home + 1] = ["家庭住址", None]
        top = sheet.write(words)
        sheet.write(below)
        sheet.merge(top, home - 1, top, home)
        for column in range(len(words)):
            if column not in (home - 1, home):
                sheet.merge(top, column, top + 1, column)

    def _word(self, header: str) -> str:
        return self._dialect.headers.get(header, header)

    def _finish(self) -> None:
        if self._sink is None:
            return
        if self._dialect.totals and not self._encoding:
            for row in self._closing():
                self._sink.write(row)
        self._sink.close()
        self._sink = None

    def _closing(self) -> Iterator[list[Cell]]:
        if self._form.amount:
            total: list[Cell] = [None] * len(self._form.headers)
            total[0], total[1] = "合计", f"{self._body}人"
            total[self._form.headers.index(self._form.amount)] = self._sum
            yield total
        yield []
        yield ["填表人：民政股", None, None, "审核人：分管领导"]
