"""A paper as Word, in the fonts that every Chinese Word has: 仿宋, 黑体, 宋体."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt
from docx.text.paragraph import Paragraph

from hub.papers.paper import NOTHING, Paper, Table, plain, shares

FANGSONG, HEI, SONG = "仿宋", "黑体", "宋体"
LINE: Final = Pt(28.9)
"""225 mm have 22 lines."""
WIDTH: Final = 156
"""Millimetres of text."""
TWIPS: Final = 1440 / 25.4
"""Of a millimetre."""
FRAME: Final = (
    '<w:tblPr><w:tblStyle w:val="TableGrid"/><w:jc w:val="center"/><w:tblLayout w:type="fixed"/>'
    '<w:tblCellMar><w:left w:w="60" w:type="dxa"/><w:right w:w="60" w:type="dxa"/></w:tblCellMar></w:tblPr>'
)
ZIPPED: Final = (1980, 1, 1, 0, 0, 0)


def word(paper: Paper) -> bytes:
    document = Document()
    _page(document)
    _properties(document, paper)
    _write(document.add_paragraph(), paper.title, SONG, 22, WD_ALIGN_PARAGRAPH.CENTER, bold=True)
    _write(document.add_paragraph(), paper.subtitle, FANGSONG, 16, WD_ALIGN_PARAGRAPH.CENTER)
    for part in paper.parts:
        heading = document.add_paragraph()
        _write(heading, part.heading, HEI, 16)
        heading.paragraph_format.keep_with_next = True
        for label, value in part.facts:
            _write(document.add_paragraph(), f"{label}：{value or NOTHING}", FANGSONG, 16, indent=True)
        for text in part.texts:
            _write(document.add_paragraph(), text, FANGSONG, 16, indent=True)
        for table in part.tables:
            _table(document, table)
    for text in paper.attached:
        _write(document.add_paragraph(), text, FANGSONG, 16, indent=True)
    for n, sign in enumerate(paper.signs):
        line = document.add_paragraph()
        _write(line, sign, FANGSONG, 16, WD_ALIGN_PARAGRAPH.RIGHT)
        line.paragraph_format.keep_with_next = n + 1 < len(paper.signs)
        line.paragraph_format.space_before = LINE if n == 0 else Pt(0)
    for n, note in enumerate(paper.notes, 1):
        line = document.add_paragraph()
        _write(line, f"说明{n}：{note}", FANGSONG, 10.5, line=Pt(16))
        line.paragraph_format.space_before = LINE if n == 1 else Pt(0)
    for n, table in enumerate(paper.attachments, 1):
        line = document.add_paragraph()
        _write(line, f"附件{n}", HEI, 16)
        line.paragraph_format.page_break_before = True
        _table(document, table)
    return _steady(document)


def _page(document: Any) -> None:
    (section,) = document.sections
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(25)
    document.settings.odd_and_even_pages_header_footer = True
    for footer, side in (
        (section.footer, WD_ALIGN_PARAGRAPH.RIGHT),
        (section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT),
    ):
        line = footer.paragraphs[0]
        line.alignment = side
        _run(line, "— ", SONG, 14)
        _number(_run(line, "", SONG, 14))
        _run(line, " —", SONG, 14)


def _number(run: Any) -> None:
    """The field of the page's number."""
    for kind, text in (("begin", None), (None, "PAGE"), ("end", None)):
        if kind is None:
            element = OxmlElement("w:instrText")
            element.text = text
        else:
            element = OxmlElement("w:fldChar")
            element.set(qn("w:fldCharType"), kind)
        run._r.append(element)


def _properties(document: Any, paper: Paper) -> None:
    """Nobody's name, and the day of the figures for every time."""
    properties, made = document.core_properties, dt.datetime.combine(paper.day, dt.time())
    properties.author = properties.last_modified_by = properties.comments = ""
    properties.title, properties.language = paper.title, "zh-CN"
    properties.created = properties.modified = made


def _run(paragraph: Paragraph, text: str, font: str, size: float, *, bold: bool = False) -> Any:
    run: Any = paragraph.add_run(plain(text))
    run.font.size, run.font.name, run.font.bold = Pt(size), font, bold
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)
    return run


def _write(
    paragraph: Paragraph,
    text: str,
    font: str,
    size: float,
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.LEFT,
    *,
    bold: bool = False,
    indent: bool = False,
    line: Pt = LINE,
) -> None:
    _run(paragraph, text, font, size, bold=bold)
    form = paragraph.paragraph_format
    form.alignment, form.space_before, form.space_after = align, Pt(0), Pt(0)
    form.line_spacing_rule, form.line_spacing = WD_LINE_SPACING.EXACTLY, line
    form.first_line_indent = Pt(2 * size) if indent else None


def _table(document: Any, table: Table) -> None:
    caption = document.add_paragraph()
    _write(caption, table.heading, HEI, 12, WD_ALIGN_PARAGRAPH.CENTER)
    caption.paragraph_format.keep_with_next = True
    widths = [int(WIDTH * share * TWIPS) for share in shares(table)]
    rows = [_row(table.columns, widths, head=True), *(_row(row, widths) for row in table.rows)]
    if not table.rows:
        rows.append(_row([NOTHING], [sum(widths)], span=len(widths)))
    grid = "".join(f'<w:gridCol w:w="{width}"/>' for width in widths)
    document.element.body.insert_element_before(
        parse_xml(f"<w:tbl {nsdecls('w')}>{FRAME}<w:tblGrid>{grid}</w:tblGrid>{''.join(rows)}</w:tbl>"),
        "w:sectPr",
    )
    note = document.add_paragraph()
    _write(note, table.note, FANGSONG, 10.5, WD_ALIGN_PARAGRAPH.RIGHT, line=Pt(16))


def _row(cells: Sequence[str], widths: Sequence[int], *, head: bool = False, span: int = 1) -> str:
    """No row is torn by the end of a page, and the first is repeated on each. As text: python-docx would take
    seconds for a long table."""
    told = []
    for cell, width in zip(cells, widths, strict=True):
        font = HEI if head else FANGSONG
        side = "left" if width > sum(widths) / 4 and not head and span == 1 else "center"
        shade = '<w:shd w:val="clear" w:color="auto" w:fill="EBEBEB"/>' if head else ""
        over = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
        told.append(
            f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{over}{shade}'
            f'<w:vAlign w:val="center"/></w:tcPr>'
            f'<w:p><w:pPr><w:spacing w:before="0" w:after="0" w:line="320" w:lineRule="exact"/>'
            f'<w:jc w:val="{side}"/></w:pPr><w:r><w:rPr>'
            f'<w:rFonts w:ascii="{font}" w:hAnsi="{font}" w:eastAsia="{font}"/><w:sz w:val="21"/></w:rPr>'
            f'<w:t xml:space="preserve">{escape(plain(cell))}</w:t></w:r></w:p></w:tc>'
        )
    header = "<w:tblHeader/>" if head else ""
    return f"<w:tr><w:trPr><w:cantSplit/>{header}</w:trPr>{''.join(told)}</w:tr>"


def _steady(document: Any) -> bytes:
    """The same bytes whenever they are made: python-docx dates each part of the archive."""
    made, told = io.BytesIO(), io.BytesIO()
    document.save(made)
    with zipfile.ZipFile(made) as parts, zipfile.ZipFile(told, "w", zipfile.ZIP_DEFLATED) as steady:
        for name in parts.namelist():
            entry = zipfile.ZipInfo(name, ZIPPED)
            entry.compress_type = zipfile.ZIP_DEFLATED
            steady.writestr(entry, parts.read(name))
    return told.getvalue()
