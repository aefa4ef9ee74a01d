"""A spreadsheet (ECMA-376) written as its rows come: a zip of XML, of which nothing is kept and no file made.

Other writers keep all cells in memory or in a file beside; people's data is to be in neither. Texts stand in
their cells (``inlineStr``), so none is ever a formula.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Sequence
from decimal import Decimal
from typing import IO, Any, Final
from xml.sax.saxutils import escape, quoteattr

MOST_ROWS: Final = 1_048_576
"""Of a sheet, with the headings."""
LONGEST: Final = 32_767
"""Characters of a cell; what is longer ends with an ellipsis."""
FIRST_DAY: Final = dt.datetime(1899, 12, 30)
_BAD: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""What XML cannot hold."""
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATED: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
DAY, MOMENT = 1, 2
"""Styles."""
_STYLES: Final = (
    f'<styleSheet xmlns="{_MAIN}"><numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>'
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
)


class Workbook:
    """Sheets of the same columns, as many as the rows need. ``sink``: where the bytes go."""

    def __init__(self, sink: Any, headings: Sequence[str], most_rows: int = MOST_ROWS) -> None:
        self._zip = zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._headings, self._most = headings, most_rows
        self._sheets = self._rows = 0
        self._out: IO[bytes]
        self._begin()

    def add(self, values: Sequence[Any]) -> None:
        if self._rows == self._most:
            self._end()
            self._begin()
        self._row(values)

    def close(self) -> None:
        self._end()
        numbers = range(1, self._sheets + 1)
        sheets = "".join(f'<sheet name="{n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
        self._file(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATED}"><sheets>{sheets}</sheets></workbook>',
        )
        self._file("xl/styles.xml", _STYLES)
        parts = [(f"rId{n}", "worksheet", f"worksheets/sheet{n}.xml") for n in numbers]
        self._relations("xl/_rels/workbook.xml.rels", [*parts, ("rIdS", "styles", "styles.xml")])
        self._relations("_rels/.rels", [("rId1", "officeDocument", "xl/workbook.xml")])
        kinds = [("xl/workbook", "sheet.main"), ("xl/styles", "styles")]
        kinds += [(f"xl/worksheets/sheet{n}", "worksheet") for n in numbers]
        overrides = "".join(
            f'<Override PartName="/{name}.xml" ContentType="{_TYPE}.{kind}+xml"/>' for name, kind in kinds
        )
        relations = "application/vnd.openxmlformats-package.relationships+xml"
        self._file(
            "[Content_Types].xml",
            f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" ContentType="{relations}"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{overrides}</Types>',
        )
        self._zip.close()

    def _begin(self) -> None:
        self._sheets, self._rows = self._sheets + 1, 0
        self._out = self._zip.open(_entry(f"xl/worksheets/sheet{self._sheets}.xml"), "w", force_zip64=True)
        self._out.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
        self._row(self._headings)

    def _end(self) -> None:
        self._out.write(b"</sheetData></worksheet>")
        self._out.close()

    def _row(self, values: Sequence[Any]) -> None:
        self._rows += 1
        self._out.write(f"<row>{''.join(map(_cell, values))}</row>".encode())

    def _relations(self, name: str, all_: Sequence[tuple[str, str, str]]) -> None:
        told = "".join(
            f'<Relationship Id="{id_}" Type="{_RELATED}/{kind}" Target={quoteattr(target)}/>'
            for id_, kind, target in all_
        )
        self._file(name, f'<Relationships xmlns="{_PACKAGE}/relationships">{told}</Relationships>')

    def _file(self, name: str, content: str) -> None:
        self._zip.writestr(_entry(name), _HEAD + content)


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _cell(value: Any) -> str:
    match value:
        case None:
            return "<c/>"
        case bool():
            return f'<c t="b"><v>{int(value)}</v></c>'
        case int() | float() | Decimal():
            return f"<c><v>{value}</v></c>"
        case dt.datetime():
            return f'<c s="{MOMENT}"><v>{(value - FIRST_DAY) / dt.timedelta(days=1)!r}</v></c>'
        case dt.date():
            return f'<c s="{DAY}"><v>{(value - FIRST_DAY.date()).days}</v></c>'
    text = _BAD.sub("", str(value))
    if len(text) > LONGEST:
        text = text[: LONGEST - 1] + "…"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
