"""A paper as a workbook: the text on the first sheet, each table on one of its own. All cells are text."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Sequence
from math import ceil
from typing import Any, Final

import xlsxwriter

from hub.papers.paper import NOTHING, Paper, Table, halves, shares

WIDE: Final = 96
"""Characters across a sheet, which is printed one page wide."""
LINE: Final = 16
"""Points."""


def sheet(paper: Paper) -> bytes:
    told = io.BytesIO()
    with xlsxwriter.Workbook(
        told, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        book.set_properties({"title": paper.title, "created": dt.datetime.combine(paper.day, dt.time())})
        styles = {
            "title": {"font_name": "宋体", "font_size": 22, "bold": True, "align": "center"},
            "subtitle": {"font_name": "仿宋", "font_size": 14, "align": "center"},
            "heading": {"font_name": "黑体", "font_size": 14},
            "text": {"font_name": "仿宋", "font_size": 12, "text_wrap": True, "valign": "top"},
            "sign": {"font_name": "仿宋", "font_size": 14, "align": "right"},
            "head": {
                "font_name": "黑体",
                "bg_color": "#EBEBEB",
                "border": 1,
                "text_wrap": True,
                "align": "center",
            },
            "cell": {
                "font_name": "仿宋",
                "border": 1,
                "text_wrap": True,
                "valign": "vcenter",
                "num_format": "@",
            },
        }
        formats = {name: book.add_format(style) for name, style in styles.items()}
        _first(book, paper, formats)
        names: set[str] = set()
        for table in (*(one for part in paper.parts for one in part.tables), *paper.attachments):
            _table(book, table, formats, _name(table.heading, names))
    return told.getvalue()


def _first(book: Any, paper: Paper, formats: dict[str, Any]) -> None:
    page = book.add_worksheet("正文")
    _printed(page)
    page.set_column(0, 0, 28)
    page.set_column(1, 1, 60)
    row = 0

    def across(text: str, style: str, height: float | None = None) -> None:
        nonlocal row
        page.merge_range(row, 0, row, 1, "", formats[style])
        page.write_string(row, 0, text, formats[style])
        if height is not None:
            page.set_row(row, height)
        row += 1

    across(paper.title, "title", 36)
    across(paper.subtitle, "subtitle", 24)
    for part in paper.parts:
        across(part.heading, "heading", 26)
        for label, value in part.facts:
            page.write_string(row, 0, label, formats["cell"])
            page.write_string(row, 1, value or NOTHING, formats["cell"])
            row += 1
        for text in part.texts:
            across(text, "text", 22)
        for table in part.tables:
            across(
                f"{table.heading}（{len(table.rows)}条，见同名工作表）"
                if table.rows
                else f"{table.heading}：{NOTHING}",
                "text",
            )
    for text in paper.attached:
        across(text, "text", 22)
    for sign in paper.signs:
        across(sign, "sign", 30)
    for n, note in enumerate(paper.notes, 1):
        across(f"说明{n}：{note}", "text", 32)


def _table(book: Any, table: Table, formats: dict[str, Any], name: str) -> None:
    page = book.add_worksheet(name)
    _printed(page)
    page.repeat_rows(0, 1)
    page.freeze_panes(2, 0)
    page.write_string(0, 0, table.heading, formats["heading"])
    widths = [max(8.0, WIDE * share) for share in shares(table)]
    for n, (head, width) in enumerate(zip(table.columns, widths, strict=True)):
        page.set_column(n, n, width)
        page.write_string(1, n, head, formats["head"])
    rows = table.rows or [[NOTHING, *[""] * (len(table.columns) - 1)]]
    for m, cells in enumerate(rows, 2):
        page.set_row(m, LINE * _lines(cells, widths))
        for n, cell in enumerate(cells):
            page.write_string(m, n, cell, formats["cell"])
    if table.note:
        page.write_string(len(rows) + 2, 0, table.note)


def _lines(cells: Sequence[str], widths: Sequence[float]) -> int:
    """A wrapped cell does not make its row higher by itself in every program."""
    return max(ceil((halves(cell) or 1) / (width - 2)) for cell, width in zip(cells, widths, strict=True))


def _printed(page: Any) -> None:
    page.set_paper(9)  # A4
    page.set_margins(left=1.0, right=0.9, top=1.2, bottom=1.2)
    page.fit_to_pages(1, 0)
    page.set_footer("&C— &P —")


def _name(heading: str, taken: set[str]) -> str:
    """A name that Excel takes, of 31 letters, once in the book."""
    plain = re.sub(r"[\[\]:*?/\\']", "", heading)[:28] or "表"
    name, n = plain, 1
    while name in taken:
        n += 1
        name = f"{plain}{n}"
    taken.add(name)
    return name
