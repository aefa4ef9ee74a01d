"""Faults of whole sheets and files: headers, merged and hidden cells, rows that are none, encodings, zips."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby
from typing import Any, Final

from openpyxl.utils.datetime import CALENDAR_MAC_1904

from connectors.emulators.fault_cells import candidates
from connectors.emulators.fault_files import TITLE_ROWS, Book, Folder, Text, Victim, rewrite_part

_HUGE: Final = 10 * 1024 * 1024
_PLACE: Final = "placeholder-of-a-huge-cell"


def _books(folder: Folder, *kinds: str) -> list[Book]:
    return [table for kind in kinds for table in folder.tables(kind) if isinstance(table, Book)]


def _first(folder: Folder, *kinds: str) -> Book:
    """The first workbook of the lists. Raises ``ValueError`` where the county writes them as text."""
    for book in _books(folder, *kinds):
        return book
    raise ValueError(f"{' and '.join(kinds)} of {folder.county} are no workbooks")


def _whole(book: Book | Text) -> list[Victim]:
    """Row 0 stands for the file."""
    return [Victim(book, 0)]


# --- headers -----------------------------------------------------------------------------------------


def renamed(header: str, word: str, *kinds: str) -> Callable[[Folder, int], list[Victim]]:
    def harm(folder: Folder, count: int) -> list[Victim]:
        books = _books(folder, *kinds)[:count]
        for book in books:
            book.put_at(book.header_row, book.headers.index(header) + 1, word)
        return [victim for book in books for victim in _whole(book)]

    return harm


def column_added(folder: Folder, count: int) -> list[Victim]:
    """A column nobody asked for, right of the others."""
    book = _first(folder, "elder")
    column = len(book.headers) + 1
    book.put_at(book.header_row, column, "银行账号")
    for row in book.body():
        book.put_at(row, column, "6222000000000000000")
    return _whole(book)


def columns_reordered(folder: Folder, count: int) -> list[Victim]:
    book = _first(folder, "elder")
    order = list(range(len(book.headers)))
    folder.chance.shuffle(order)
    sheet = book.sheet_of
    _unmerge_headers(book)
    for row in range(book.header_row, book.last + 1):
        cells = [sheet.cell(row, n + 1) for n in order]
        values = [(cell.value, cell.number_format) for cell in cells]
        for column, (value, form) in enumerate(values, 1):
            sheet.cell(row, column).value = value
            sheet.cell(row, column).number_format = form
    return _whole(book)


def _unmerge_headers(book: Book) -> None:
    """One row of headers, whatever the county prints."""
    for merged in list(book.sheet_of.merged_cells.ranges):
        if merged.min_row > TITLE_ROWS:
            book.sheet_of.unmerge_cells(str(merged))
    for column, header in enumerate(book.headers, 1):
        word = book.dialect.headers.get(header, header)
        book.put_at(book.header_row, column, word)
        if book.first - book.header_row == 2:
            book.sheet_of.cell(book.header_row + 1, column).value = None


def two_header_rows(folder: Folder, count: int) -> list[Victim]:
    """监护人 over 姓名, 关系 and 联系电话: every word below a group means something else than alone."""
    book = _first(folder, "child")
    sheet, top = book.sheet_of, book.header_row
    if book.first - top == 1:
        sheet.insert_rows(top + 1)
        for column in range(1, len(book.headers) + 1):
            sheet.merge_cells(start_row=top, end_row=top + 1, start_column=column, end_column=column)
    at = book.headers.index("监护人姓名") + 1
    for column in range(at, at + 3):
        sheet.unmerge_cells(start_row=top, end_row=top + 1, start_column=column, end_column=column)
    for column, word in enumerate(("姓名", "关系", "联系电话"), at):
        book.put_at(top, column, "监护人" if column == at else None)
        book.put_at(top + 1, column, word)
    sheet.merge_cells(start_row=top, end_row=top, start_column=at, end_column=at + 2)
    return _whole(book)


# --- bodies ------------------------------------------------------------------------------------------


def merged_households(folder: Folder, count: int) -> list[Victim]:
    """户编号 and 家庭住址 once for all members of a household, over merged cells."""
    book = _first(folder, "dibao")
    columns = [book.headers.index(header) + 1 for header in ("户编号", "家庭住址")]
    groups = [list(rows) for _, rows in groupby(book.body(), lambda row: book.text(row, "户编号"))]
    families = [rows for rows in groups if len(rows) > 1][:count]
    for rows in families:
        for column in columns:
            book.sheet_of.merge_cells(
                start_row=rows[0], end_row=rows[-1], start_column=column, end_column=column
            )
    return [Victim(book, row) for rows in families for row in rows[1:]]


def hidden_rows(folder: Folder, count: int) -> list[Victim]:
    """A filter somebody left on: the rows are people all the same."""
    harmed = [v for v in candidates(folder, ("elder",), "any") if isinstance(v.table, Book)][:count]
    for table, row in harmed:
        assert isinstance(table, Book)
        table.sheet_of.row_dimensions[row].hidden = True
    return harmed


def formula(header: str) -> Callable[[Folder, int], list[Victim]]:
    """A formula that was never calculated: no value is stored with it."""

    def harm(folder: Folder, count: int) -> list[Victim]:
        harmed = [v for v in candidates(folder, ("elder",), "spare") if isinstance(v.table, Book)][:count]
        for table, row in harmed:
            assert isinstance(table, Book)
            table.put_at(row, table.headers.index(header) + 1, f"=TRIM(A{row})", formula=True)
        return harmed

    return harm


def extra_row(*cells: Any, merge: int = 0) -> Callable[[Folder, int], list[Victim]]:
    """A row at the end that is no person."""

    def harm(folder: Folder, count: int) -> list[Victim]:
        book = _first(folder, "dibao")
        harmed = []
        for _ in range(count):
            row = book.add(cells)
            if merge:
                book.sheet_of.merge_cells(start_row=row, end_row=row, start_column=1, end_column=merge)
            harmed.append(Victim(book, row))
        return harmed

    return harm


def numbered_columns(folder: Folder, count: int) -> list[Victim]:
    """甲 乙 1 2 3 below the header, as statistical forms have it. Rows below move down by one."""
    book = _first(folder, "other")
    width = len(book.headers)
    book.sheet_of.insert_rows(book.first)
    for column, word in enumerate([*"甲乙", *map(str, range(1, width - 1))], 1):
        book.put_at(book.first, column, word)
    return [Victim(book, book.first)]


def second_table(folder: Folder, count: int) -> list[Victim]:
    """The last rows stand in a table of their own further down the same sheet, under its own header."""
    book = _first(folder, "elder")
    rows = list(book.body())[-count:]
    people = [book.cells(row) for row in rows]
    title, words = (
        book.sheet_of.cell(1, 1).value,
        [book.dialect.headers.get(header, header) for header in book.headers],
    )
    for row in rows:
        for column in range(1, len(book.headers) + 1):
            book.sheet_of.cell(row, column).value = None
    for line in ([], [f"{title}（续）"], words):
        book.add(line or [" "])
    return [Victim(book, book.add(cells)) for cells in people]


def other_program(folder: Folder, count: int) -> list[Victim]:
    """Saved by WPS Office."""
    book = _first(folder, "elder")
    book.save()
    rewrite_part(book.path, "docProps/app.xml", b"Microsoft Excel", "WPS 表格".encode())
    folder.forget(book)
    return _whole(book)


def epoch_1904(folder: Folder, count: int) -> list[Victim]:
    """The date system of old Macintosh workbooks: the same days under numbers smaller by 1462."""
    book = _first(folder, "elder")
    book.book.epoch = CALENDAR_MAC_1904
    return _whole(book)


# --- text files --------------------------------------------------------------------------------------


def _text_of(folder: Folder, kind: str) -> Text:
    """The list as delimited text; a workbook is written again as text first."""
    table = folder.tables(kind)[0]
    return table if isinstance(table, Text) else folder.as_text(kind)


def encoded(encoding: str, delimiter: str = ",") -> Callable[[Folder, int], list[Victim]]:
    """Characters the encoding does not have become ``?``."""

    def harm(folder: Folder, count: int) -> list[Victim]:
        text = _text_of(folder, "visit")
        text.encoding, text.delimiter = encoding, delimiter
        return _whole(text)

    return harm


def text_cell(header: str, change: Callable[[str], str | None]) -> Callable[[Folder, int], list[Victim]]:
    def harm(folder: Folder, count: int) -> list[Victim]:
        text = _text_of(folder, "visit")
        rows = list(text.body())
        folder.chance.shuffle(rows)
        harmed: list[Victim] = []
        for row in rows:
            content = change(text.text(row, header))
            if content is not None and len(harmed) < count:
                text.put(row, header, content)
                harmed.append(Victim(text, row))
        return harmed

    return harm


def unquoted(folder: Folder, count: int) -> list[Victim]:
    """Commas inside a cell that nobody quoted: the cells behind have moved to the right."""
    text = _text_of(folder, "visit")
    rows = list(text.body())
    folder.chance.shuffle(rows)
    for row in rows[:count]:
        text.put_line(row, ",".join([*text.rows[row - 1][:-1], "老人在家", "精神好", "无需求"]))
    return [Victim(text, row) for row in sorted(rows[:count])]


# --- attacks -----------------------------------------------------------------------------------------


def huge_cell(folder: Folder, count: int) -> list[Victim]:
    """Ten million characters in one cell of a workbook."""
    book = _first(folder, "assignment", "visit")
    row = folder.chance.choice(list(book.body()))
    book.put(row, "姓名", _PLACE)
    book.save()
    rewrite_part(book.path, "xl/worksheets/sheet1.xml", _PLACE.encode(), b"A" * _HUGE)
    folder.forget(book)
    return [Victim(book, row)]


def document_type(folder: Folder, count: int) -> list[Victim]:
    """A document type that names a file of the machine that reads it (XXE)."""
    book = _first(folder, "assignment", "visit")
    book.save()
    declaration = b'<!DOCTYPE worksheet [<!ENTITY x SYSTEM "file:///etc/hostname">]><worksheet '
    rewrite_part(book.path, "xl/worksheets/sheet1.xml", b"<worksheet ", declaration)
    folder.forget(book)
    return _whole(book)


def cut_off(folder: Folder, count: int) -> list[Victim]:
    """A file whose copy was interrupted."""
    book = _first(folder, "assignment", "visit")
    data = book.path.read_bytes()
    book.path.write_bytes(data[: len(data) // 2])
    folder.forget(book)
    return _whole(book)
