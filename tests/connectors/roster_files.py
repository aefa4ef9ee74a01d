"""Small files as bureaus send them, and what the reader makes of them."""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from connectors.roster.client import list_files, read_file
from connectors.roster.workbook import Workbooks
from hub.domain.id_number import make_id_number
from hub.sync.connector import Batch, Row

TITLE = "七星区2026年城乡低保对象名单"
DATE_LINE = "填报单位：七星区民政局    制表日期：2026年3月31日"
DIBAO = (
    "户编号",
    "姓名",
    "性别",
    "身份证号",
    "出生日期",
    "区划代码",
    "家庭住址",
    "月保障金额（元）",
    "起始日期",
)
VILLAGE = "450305001001"

BIRTH = dt.date(1950, 1, 1)


def number(sequence: int, birth_on: dt.date = BIRTH) -> str:
    """A valid identity number of nobody."""
    return make_id_number("459999", birth_on, sequence)


def person(sequence: int, **cells: Any) -> list[Any]:
    """A row of a dibao list in the order of ``DIBAO``; ``cells`` by English word replace the usual ones."""
    usual: dict[str, Any] = {
        "household": f"H{sequence:03}",
        "name": "王" + chr(0x4E00 + sequence * 7),
        "sex": "男" if sequence % 2 else "女",
        "id": number(sequence),
        "birth": BIRTH,
        "division": VILLAGE,
        "address": f"新建路{sequence}号",
        "amount": 500,
        "start": dt.date(2024, 1, 1),
    }
    return list((usual | cells).values())


def sheet_of(rows: Sequence[Sequence[Any]], *, merged: Sequence[str] = (), name: str = "Sheet1") -> Workbook:
    book = Workbook()
    fill(only(book), rows, merged).title = name
    return book


def only(book: Workbook) -> Worksheet:
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    return sheet


def fill(sheet: Worksheet, rows: Sequence[Sequence[Any]], merged: Sequence[str] = ()) -> Worksheet:
    for row in rows:
        sheet.append(list(row))
    for ref in merged:
        sheet.merge_cells(ref)
    return sheet


def dibao(*people: Sequence[Any], header: Sequence[str] = DIBAO) -> Workbook:
    """A proper list: title in row 1, date line in row 2, header in row 3, people from row 4."""
    return sheet_of([[TITLE], [DATE_LINE], header, *people], merged=["A1:I1"])


def save(folder: Path, book: Workbook, name: str = "城乡低保对象名单.xlsx") -> Path:
    path = folder / name
    book.save(path)
    return path


def rewrite(path: Path, part: str, change: Mapping[str, str]) -> None:
    """Replaces text inside a part of an .xlsx, as a program that wrote it otherwise would have."""
    with ZipFile(path) as package:
        parts = {name: package.read(name) for name in package.namelist()}
    text = parts[part].decode()
    for old, new in change.items():
        assert old in text, f"{old} does not stand in {part}"
        text = text.replace(old, new)
    parts[part] = text.encode()
    with ZipFile(path, "w", ZIP_DEFLATED) as package:
        for name, data in parts.items():
            package.writestr(name, data)


class Reading:
    """Everything a folder gave."""

    def __init__(self, folder: Path, workbooks: Workbooks) -> None:
        self.batches: list[Batch] = [
            batch
            for path in list_files(folder)
            for batch in read_file(workbooks, path, path.relative_to(folder).as_posix())
        ]

    @property
    def rows(self) -> list[Row]:
        return [row for batch in self.batches for row in batch.rows]

    @property
    def refused(self) -> list[tuple[str, int, str, str]]:
        """File, row, code and header of every refusal."""
        return [
            (row.file, row.number, refusal.code, refusal.header)
            for batch in self.batches
            for row, refusals in batch.refused
            for refusal in refusals
        ]

    @property
    def names(self) -> list[str]:
        return [str(row.values.get("姓名")) for row in self.rows]

    def numbers(self) -> list[int]:
        return [row.number for row in self.rows]


Read = Callable[[], Reading]


def names(*people: Sequence[Any]) -> list[str]:
    return [str(row[1]) for row in people]


# --- .xls, BIFF8 in a compound file ------------------------------------------------------------


def _record(kind: int, body: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _cell(row: int, column: int, value: Any) -> bytes:
    if isinstance(value, str):
        text = value.encode("utf-16-le")
        return _record(0x204, struct.pack("<HHHHB", row, column, 0, len(value), 1) + text)
    return _record(0x203, struct.pack("<HHHd", row, column, 0, value))


def xls(rows: Sequence[Sequence[Any]], *, stray: tuple[int, int] | None = None) -> bytes:
    """A workbook of Excel 97 with one sheet; ``stray``: a further cell there."""
    name = "名单"
    start = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))

    def globals_(offset: int) -> bytes:
        sheet = struct.pack("<IBBBB", offset, 0, 0, len(name), 1) + name.encode("utf-16-le")
        return start + _record(0x85, sheet) + _record(0x0A)

    body = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            body += _cell(r, c, value) if value != "" else b""
    body += _cell(*stray, "x") if stray else b""
    return _compound(globals_(len(globals_(0))) + body + _record(0x0A))


def _compound(stream: bytes) -> bytes:
    """Sectors of 512 bytes: the directory, the stream, the allocation table."""
    stream = stream.ljust(max(4096, -(-len(stream) // 512) * 512), b"\0")
    count = len(stream) // 512
    table = [0xFFFFFFFE, *range(2, count + 1), 0xFFFFFFFE, 0xFFFFFFFD]
    assert len(table) <= 128, "one sector of allocation table is enough for a test"
    table += [0xFFFFFFFF] * (128 - len(table))
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    head += b"\0" * 6 + struct.pack("<9I", 0, 1, 0, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    head += struct.pack("<109I", count + 1, *[0xFFFFFFFF] * 108)
    directory = _entry("Root Entry", 5, 1, 0xFFFFFFFE, 0)
    directory += _entry("Workbook", 2, 0xFFFFFFFF, 1, len(stream)) + _entry("", 0, 0xFFFFFFFF, 0, 0) * 2
    return head + directory + stream + struct.pack("<128I", *table)


def _entry(name: str, kind: int, child: int, start: int, size: int) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0" if name else b""
    about = struct.pack("<HBBIII", len(text), kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
    return text.ljust(64, b"\0") + about + b"\0" * 36 + struct.pack("<IQ", start, size)
