"""A paper as PDF, with the letters that it uses inside.

Fonts are Noto Serif SC for 宋体 and 仿宋, of which no free one can be installed, and Noto Sans SC for 黑体.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import Final

from fpdf import FPDF
from fpdf.enums import Align, TableHeadingsDisplay, WrapMode, XPos, YPos
from fpdf.fonts import FontFace, TTFFont
from pylopdf_fonts_zh_cn import sans_path, serif_path

from hub.papers.paper import NOTHING, Paper, Table, plain, shares

TOP, BOTTOM, LEFT, RIGHT = 37, 35, 28, 26
"""Millimetres, as the length of everything here; sizes of letters are points."""
TITLE, TEXT, SMALL, NUMBER = 22, 16, 10.5, 14
LINE: Final = 10.2
"""225 mm have 22 lines."""
SMALL_LINE: Final = 5.6
TABLE: Final = 8 * SMALL_LINE
"""That much of a table is not left alone by its heading."""
GREY: Final = (235, 235, 235)

logging.getLogger("fpdf").setLevel(
    logging.ERROR
)  # it would log letters that no font has, those of names first
logging.getLogger("fontTools").setLevel(logging.ERROR)


class _Page(FPDF):
    def footer(self) -> None:
        """— 1 —, at the outer edge."""
        self.set_y(-28)
        self.set_font("song", size=NUMBER)
        side = Align.R if self.page_no() % 2 else Align.L
        self.cell(0, 7, f"— {self.page_no()} —", align=side)


def pdf(paper: Paper) -> bytes:
    page = _Page(format="A4")
    page.set_margins(LEFT, TOP, RIGHT)
    page.set_auto_page_break(True, BOTTOM)
    page.add_font("song", fname=serif_path())
    page.add_font("hei", fname=sans_path())
    page.set_title(paper.title)
    page.set_lang("zh-CN")
    page.set_creation_date(dt.datetime.combine(paper.day, dt.time(), dt.UTC))
    page.add_page()
    _line(page, paper.title, "hei", TITLE, 14, Align.C)
    _line(page, paper.subtitle, "song", TEXT, LINE, Align.C)
    page.ln(LINE / 2)
    for part in paper.parts:
        _keep(page, 2 * LINE + TABLE if part.tables else 2 * LINE)
        _line(page, part.heading, "hei", TEXT, LINE, Align.L)
        for label, value in part.facts:
            _line(page, f"　　{label}：{value or NOTHING}", "song", TEXT, LINE, Align.L)
        for text in part.texts:
            _line(page, f"　　{text}", "song", TEXT, LINE, Align.L)
        for table in part.tables:
            _table(page, table)
    for line in paper.attached:
        _line(page, f"　　{line}", "song", TEXT, LINE, Align.L)
    _keep(page, (len(paper.signs) + 1) * LINE)
    page.ln(LINE)
    for sign in paper.signs:
        _line(page, sign, "song", TEXT, LINE, Align.R)
    page.ln(LINE)
    for n, note in enumerate(paper.notes, 1):
        _line(page, f"说明{n}：{note}", "song", SMALL, SMALL_LINE, Align.L)
    for n, table in enumerate(paper.attachments, 1):
        page.add_page()
        _line(page, f"附件{n}", "hei", TEXT, LINE, Align.L)
        _table(page, table)
    for font in page.fonts.values():
        if isinstance(font, TTFFont):
            font.ttfont.recalcBBoxes = False  # of every letter, which takes longer than all else
    return bytes(page.output())


def _line(page: FPDF, text: str, font: str, size: float, height: float, align: Align) -> None:
    page.set_font(font, size=size)
    page.multi_cell(
        0,
        height,
        plain(text),
        align=align,
        new_x=XPos.LMARGIN,
        new_y=YPos.NEXT,
        wrapmode=WrapMode.CHAR,  # by words it would break after the spaces that a paragraph begins with
    )


def _keep(page: FPDF, height: float) -> None:
    """What follows within that height stays together."""
    if page.will_page_break(height):
        page.add_page()


def _table(page: FPDF, table: Table) -> None:
    _keep(page, LINE + TABLE)
    _line(page, f"{table.heading}", "hei", SMALL + 1.5, LINE, Align.C)
    page.set_font("song", size=SMALL)
    widths = shares(table)
    head = FontFace(family="hei", fill_color=GREY)
    with page.table(
        col_widths=tuple(round(1000 * each) for each in widths),
        line_height=SMALL_LINE,
        padding=0.6,
        headings_style=head,
        repeat_headings=TableHeadingsDisplay.ON_TOP_OF_EVERY_PAGE,
        text_align=Align.C,
    ) as made:
        for cells in (table.columns, *table.rows):
            row = made.row()
            for cell, share in zip(cells, widths, strict=True):
                row.cell(
                    plain(cell), align=Align.L if share > 0.25 and cells is not table.columns else Align.C
                )
        if not table.rows:
            made.row().cell(NOTHING, colspan=len(table.columns), align=Align.C)
    page.ln(1.5)
    if table.note:
        _line(page, table.note, "song", SMALL, SMALL_LINE, Align.R)
    page.ln(1.5)
