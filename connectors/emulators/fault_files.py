"""Published lists opened for harm: workbooks with openpyxl, delimited text with csv."""

from __future__ import annotations

import csv
import io
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any, Final, Literal, NamedTuple
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from connectors.emulators.dialects import DIALECTS, Dialect
from connectors.emulators.lists import FORMS

PEOPLE: Final = ("dibao", "tekun", "temp_aid", "child", "elder", "disability", "vagrant", "other")
TITLE_ROWS: Final = 2

Choice = Literal["any", "spare", "alone"]
"""Which rows may be harmed. ``spare``: what nothing else depends on: the person has no assignment or
visit, or stands on another list too. ``alone``: no assignment or visit, and on no other list."""


class Table(ABC):
    """One file of a list; rows count from 1 as they stand in the file, columns are canonical headers."""

    def __init__(self, path: Path, kind: str, dialect: Dialect) -> None:
        self.path, self.kind, self.dialect = path, kind, dialect
        self.headers = FORMS[kind].headers

    @property
    def file(self) -> str:
        return self.path.name

    @property
    @abstractmethod
    def sheet(self) -> str:
        """Name of the sheet; empty for text."""

    @property
    @abstractmethod
    def first(self) -> int:
        """First row below the header."""

    @abstractmethod
    def cells(self, row: int) -> list[Any]:
        """All cells of a row; empty ones are None."""

    @abstractmethod
    def put(self, row: int, header: str, value: Any) -> None: ...

    @abstractmethod
    def add(self, cells: Iterable[Any]) -> int:
        """Append a row; returns its number."""

    @abstractmethod
    def save(self) -> None: ...

    @property
    @abstractmethod
    def last(self) -> int: ...

    def get(self, row: int, header: str) -> Any:
        return self.cells(row)[self.headers.index(header)]

    def text(self, row: int, header: str) -> str:
        """The cell as text; "" where the county says there is nothing."""
        value = self.get(row, header)
        return "" if value is None or value == self.dialect.nothing else str(value)

    def body(self) -> Iterator[int]:
        for row in range(self.first, self.last + 1):
            cells = self.cells(row)
            if all(cell is None for cell in cells) or cells[0] == "合计":
                return
            yield row


class Book(Table):
    """A workbook; ``sheet_of`` is openpyxl's own."""

    def __init__(self, path: Path, kind: str, dialect: Dialect) -> None:
        super().__init__(path, kind, dialect)
        self.book = load_workbook(path)
        self.sheet_of: Worksheet = self.book.worksheets[0]

    @property
    def sheet(self) -> str:
        return self.sheet_of.title

    @property
    def header_row(self) -> int:
        return TITLE_ROWS + 1 + self.dialect.helper_row

    @property
    def first(self) -> int:
        two = self.dialect.two_header_rows and any("住址" in header for header in self.headers)
        return self.header_row + 1 + two

    @property
    def last(self) -> int:
        return self.sheet_of.max_row

    def cells(self, row: int) -> list[Any]:
        return [self.sheet_of.cell(row, column).value for column in range(1, len(self.headers) + 1)]

    def put(self, row: int, header: str, value: Any) -> None:
        self.put_at(row, self.headers.index(header) + 1, value)

    def put_at(self, row: int, column: int, value: Any, *, formula: bool = False) -> None:
        cell = self.sheet_of.cell(row, column)
        cell.value = value
        cell.number_format = "General"
        if isinstance(value, str) and not formula:
            cell.data_type = "s"

    def add(self, cells: Iterable[Any]) -> int:
        row = self.last + 1
        for column, value in enumerate(cells, 1):
            if value is not None:
                self.put_at(row, column, value)
        return row

    def save(self) -> None:
        self.book.save(self.path)


class Text(Table):
    """Delimited text, kept as rows of cells until it is saved."""

    def __init__(self, path: Path, kind: str, dialect: Dialect) -> None:
        super().__init__(path, kind, dialect)
        self.encoding, self.delimiter = dialect.delimited[kind], ","
        self.rows = list(csv.reader(io.StringIO(path.read_text(self.encoding, errors="strict"), newline="")))
        self.raw: dict[int, str] = {}

    @property
    def sheet(self) -> str:
        return ""

    @property
    def first(self) -> int:
        return TITLE_ROWS + 2

    @property
    def last(self) -> int:
        return len(self.rows)

    def cells(self, row: int) -> list[Any]:
        return [cell or None for cell in self.rows[row - 1]]

    def put(self, row: int, header: str, value: Any) -> None:
        self.rows[row - 1][self.headers.index(header)] = str(value)

    def put_line(self, row: int, line: str) -> None:
        """Write the row as ``line``, whatever a csv writer would have made of it."""
        self.raw[row] = line

    def add(self, cells: Iterable[Any]) -> int:
        self.rows.append(["" if cell is None else str(cell) for cell in cells])
        return len(self.rows)

    def save(self) -> None:
        out = io.StringIO(newline="")
        writer = csv.writer(out, delimiter=self.delimiter)
        for number, row in enumerate(self.rows, 1):
            if number in self.raw:
                out.write(self.raw[number] + "\r\n")
            else:
                writer.writerow(row)
        self.path.write_text(out.getvalue(), self.encoding, errors="replace", newline="")


class Victim(NamedTuple):
    table: Table
    row: int

    def text(self, header: str) -> str:
        return self.table.text(self.row, header)


class Folder:
    """The lists of one county; ``path`` ends in its six digits."""

    def __init__(self, path: Path, seed: int) -> None:
        self.path, self.county = path, path.name
        if self.county not in DIALECTS:
            raise ValueError("a folder named after a published county is expected")
        self.dialect = DIALECTS[self.county]
        self.chance = Random(f"{seed}:faults:{self.county}")
        self._open: dict[str, list[Table]] = {}
        self._finished: set[Path] = set()

    def tables(self, kind: str) -> list[Table]:
        if kind not in self._open:
            make = Text if kind in self.dialect.delimited else Book
            self._open[kind] = [make(path, kind, self.dialect) for path in self._paths(kind)]
        return self._open[kind]

    def _paths(self, kind: str) -> list[Path]:
        name = FORMS[kind].name
        return sorted(p for p in self.path.iterdir() if p.stem == name or p.stem.startswith(f"{name}_"))

    def as_text(self, kind: str) -> Text:
        """The first file of a list, written again as delimited text in place of the workbook."""
        book = self.tables(kind)[0]
        path = book.path.with_suffix(".csv")
        width = len(book.headers)
        head = [[book.path.stem], [f"填报单位：{self.county}"], list(book.headers)]
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([*(row + [""] * (width - len(row)) for row in head)])
            csv.writer(file).writerows(book.cells(row) for row in book.body())
        book.path.unlink()
        text = Text(path, kind, replace(self.dialect, delimited={kind: "utf-8"}))
        self._open[kind][0] = text
        return text

    def forget(self, table: Table) -> None:
        """The file is as it should be already; what is open of it must not be saved over it."""
        self._finished.add(table.path)

    def save(self, tables: Iterable[Table]) -> None:
        for table in {table.path: table for table in tables}.values():
            if table.path not in self._finished:
                table.save()

    def rows(self, *kinds: str) -> Iterator[Victim]:
        for kind in kinds:
            for table in self.tables(kind):
                yield from (Victim(table, row) for row in table.body())

    def column(self, header: str, *kinds: str) -> Iterator[str]:
        """Every cell of a column that says something, read as fast as can be."""
        for kind in kinds:
            headers = FORMS[kind].headers
            if header in headers:
                at = headers.index(header)
                for path in self._paths(kind):
                    cells = (
                        row[at] for row in _read(path, self.dialect.delimited.get(kind)) if len(row) > at
                    )
                    yield from (cell for cell in cells if isinstance(cell, str) and len(cell) > 1)

    @cached_property
    def _referred(self) -> set[str]:
        """Numbers of people who have an assignment or a visit."""
        work = ("assignment", "visit")
        return {*self.column("身份证号", *work), *self.column("档案编号", *work)}

    @cached_property
    def _listed(self) -> Counter[str]:
        """On how many lists an identity number stands."""
        return Counter(self.column("身份证号", *PEOPLE))

    def may_harm(self, victim: Victim, choice: Choice) -> bool:
        if choice == "any" or victim.table.kind not in PEOPLE:
            return True
        own = victim.text("身份证号")
        file = victim.text("档案编号") if "档案编号" in victim.table.headers else ""
        lonely = own not in self._referred and file not in self._referred
        if choice == "spare":
            return lonely or self._listed[own] > 1
        return lonely and self._listed[own] == 1


def _read(path: Path, encoding: str | None) -> list[list[Any]]:
    if encoding:
        return list(csv.reader(io.StringIO(path.read_text(encoding), newline="")))
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def rewrite_part(path: Path, part: str, old: bytes, new: bytes) -> None:
    """Replace bytes in one part of a workbook's zip, in all places."""
    with ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    if old not in parts[part]:
        raise ValueError(f"{part} does not hold what should be replaced")
    parts[part] = parts[part].replace(old, new)
    with ZipFile(path, "w", ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)
