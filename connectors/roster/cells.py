"""Reads the cells of workbooks in a process of its own.

python-calamine allocates what a file claims to need. A cell at the far corner of a sheet, or a
false count of strings, asks for hundreds of gigabytes, and Rust then ends the *process*
(measured with 0.9.1, .xlsx and .xls alike). So the process that dies is this one, under a limit of
memory, and the hub refuses one file and reads on.

Each line of standard input is the bytes of a path in hexadecimal: names may be in any encoding. For
each come frames: eight bytes of length, then JSON with the line as ``path`` and ``{"sheet": …}`` for
every sheet, at last ``{"end": true}`` or ``{"error": [en, zh]}``.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson
from python_calamine import CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from connectors.roster.package import Package, Unreadable, inspect

MEMORY: Final = 2 << 30
"""Bytes of address space."""

FILE_LIMIT: Final = 200 * 1024 * 1024
ZIP: Final = b"PK\x03\x04"
OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")
"""The stream that holds an .xlsx with a password, inside an OLE file."""


def main() -> None:
    _limit()
    for line in sys.stdin.buffer:
        path = line.decode().strip()
        for frame in read(Path(os.fsdecode(bytes.fromhex(path)))):
            data = orjson.dumps({"path": path, **frame}, default=str)
            sys.stdout.buffer.write(len(data).to_bytes(8, "big") + data)
        sys.stdout.buffer.flush()


def _limit() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def read(path: Path) -> Iterator[dict[str, Any]]:
    """The frames of one workbook. A day becomes ``2023-03-31``, an empty cell ``""``."""
    try:
        yield from _sheets(_content(path))
        yield {"end": True}
    except Unreadable as error:
        yield {"error": [error.expected, error.expected_zh]}
    except (Exception, MemoryError) as error:  # a panic of calamine is a BaseException of its own
        yield _error(error)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        yield _error(error)


def _error(error: BaseException) -> dict[str, Any]:
    if type(error).__name__ == "PasswordError":
        return {"error": ["A workbook without a password.", "文件不得加密"]}
    return {"error": ["A complete .xlsx or .xls workbook.", "应为完整的xlsx或xls文件"]}


def _content(path: Path) -> BytesIO:
    if path.stat().st_size > FILE_LIMIT:
        raise Unreadable("A file of at most 200 MB.", "文件不得超过200MB")
    return BytesIO(path.read_bytes())


def _sheets(file: BytesIO) -> Iterator[dict[str, Any]]:
    package = _inspected(file)
    workbook = CalamineWorkbook.from_filelike(file)
    for index, about in enumerate(workbook.sheets_metadata):
        sheet = workbook.get_sheet_by_index(index)
        yield {
            "sheet": {
                "name": about.name,
                "hidden": about.visible is not SheetVisibleEnum.Visible,
                "rows": sheet.to_python(skip_empty_area=False) if sheet.end else [],
                "merged": _tall(sheet),
                "no_value": sorted(package.no_value.get(about.name, ())),
                "epoch_1904": package.epoch_1904,
            }
        }


def _inspected(file: BinaryIO) -> Package:
    start = file.read(len(OLE))
    file.seek(0)
    if start == OLE:
        if ENCRYPTED in file.read():
            raise Unreadable("A workbook without a password.", "文件不得加密")
        file.seek(0)
        return Package()
    if not start.startswith(ZIP):
        raise Unreadable("An .xlsx or .xls workbook, or a .csv text.", "应为xlsx、xls或csv文件")
    package = inspect(file)
    file.seek(0)
    return package


def _tall(sheet: CalamineSheet) -> list[tuple[int, int, int, int]]:
    """Merged ranges: first row, first column, last row, last column, from 0."""
    return [(*first, *last) for first, last in sheet.merged_cell_ranges or ()]
