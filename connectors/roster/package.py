"""What is inside an .xlsx before anyone trusts it: size, document types, formulas without a value.

An .xlsx is a zip of XML. Measured against python-calamine 0.9.1, which reads the values: it
resolves no entity, but gives an error or a lost formula value as an empty cell.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field
from typing import BinaryIO, Final
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile, ZipInfo

from hub.domain.refusal import Refused

LIMIT: Final = 512 * 1024 * 1024
"""Bytes a workbook may unfold to; 50,000 rows of 20 text columns are some 60 MB."""

_CHUNK: Final = 1 << 20
_OVERLAP: Final = 32
_MARKS: Final = (b"<f", b":f", b'"e"', b"'e'")
"""One of them stands in every part with a formula or an error; to look for them first is ten times faster."""

_FORMULA: Final = re.compile(rb"""<(?:\w+:)?f[\s/>]|\bt\s*=\s*["']e["']""")
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_EPOCH_1904: Final = re.compile(rb"""\bdate1904\s*=\s*["'](?:1|true|on)["']""")
_REFERENCE: Final = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_NOTHING: Final = "#N/A"
"""The error of a look-up that found nothing; read as an empty cell, as everywhere else."""


class Unreadable(Refused):
    """A file cannot be read; the two sentences say what was expected."""

    def __init__(self, expected: str, expected_zh: str) -> None:
        super().__init__("UNREADABLE_FILE", expected=expected, expected_zh=expected_zh)


@dataclass(frozen=True, slots=True)
class Package:
    """``no_value``: by sheet name the cells (row, column, from 0) whose formula has no value."""

    epoch_1904: bool = False
    no_value: dict[str, set[tuple[int, int]]] = field(default_factory=dict)


def inspect(file: BinaryIO) -> Package:
    """Unfolds every part once, in pieces. Raises ``Unreadable``."""
    try:
        with ZipFile(file) as package:
            return _inspect(package)
    except (BadZipFile, expat.ExpatError, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise Unreadable(
            "A complete .xlsx workbook without a password.", "应为完整且未加密的xlsx文件"
        ) from error


def _inspect(package: ZipFile) -> Package:
    parts = {part.filename: part for part in package.infolist()}
    if "xl/workbook.xml" not in parts or len(parts) != len(package.infolist()):
        raise Unreadable("An .xlsx workbook.", "应为xlsx工作簿")
    left = LIMIT
    with_formulas = []
    for name, part in parts.items():
        used, formulas = _scan(package, part)
        left -= used
        if left < 0:
            raise Unreadable("A workbook of at most 512 MB when unfolded.", "文件解压后不得超过512MB")
        if formulas and _SHEET.fullmatch(name):
            with_formulas.append(name)
    sheets = _sheets(package, parts) if with_formulas else {}
    return Package(
        bool(_EPOCH_1904.search(package.read("xl/workbook.xml"))),
        {sheets[name]: _no_value(package, parts[name]) for name in with_formulas if name in sheets},
    )


def _pieces(package: ZipFile, part: ZipInfo) -> Iterator[bytes]:
    """What the part really unfolds to: the size it declares is only a claim."""
    claim = copy(part)
    claim.file_size = 1 << 40
    with package.open(claim) as stream:
        while piece := stream.read(_CHUNK):
            yield piece


def _scan(package: ZipFile, part: ZipInfo) -> tuple[int, bool]:
    """Size of the part, and whether it may hold a formula or an error."""
    used, formulas, tail = 0, False, b""
    xml = part.filename.lower().endswith((".xml", ".rels"))
    prologue = _Prologue() if xml else None
    for piece in _pieces(package, part):
        used += len(piece)
        if used > LIMIT:
            break
        if prologue and not prologue.over:
            prologue.feed(piece)
        if xml and not formulas:
            seam = tail + piece
            formulas = any(mark in seam for mark in _MARKS) and bool(_FORMULA.search(seam))
            tail = piece[-_OVERLAP:]
    return used, formulas


class _Prologue:
    """Everything before the root element; a document type there could name files or grow without end."""

    def __init__(self) -> None:
        self.over = False
        self._parser = expat.ParserCreate()
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.StartElementHandler = self._end

    def feed(self, piece: bytes) -> None:
        for at in range(0, len(piece), 4096):
            if self.over:
                return
            self._parser.Parse(piece[at : at + 4096], False)

    def _refuse(self, *_: object) -> None:
        raise Unreadable("A workbook without document type declarations.", "文件不得包含DTD声明")

    def _end(self, *_: object) -> None:
        self.over = True


def _sheets(package: ZipFile, parts: dict[str, ZipInfo]) -> dict[str, str]:
    """Sheet name by part name."""
    names: dict[str, str] = {}
    targets: dict[str, str] = {}

    def of_workbook(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "sheet":
            relation = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            names[relation] = attributes.get("name", "")

    def of_relations(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "Relationship":
            target = attributes.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            targets[attributes.get("Id", "")] = path

    for name, handler in {"xl/workbook.xml": of_workbook, "xl/_rels/workbook.xml.rels": of_relations}.items():
        if name in parts:
            parser = expat.ParserCreate()
            parser.StartElementHandler = handler
            parser.Parse(package.read(name), True)
    return {path: names[relation] for relation, path in targets.items() if relation in names}


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _no_value(package: ZipFile, part: ZipInfo) -> set[tuple[int, int]]:
    cells = _Cells()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = cells.start
    parser.EndElementHandler = cells.end
    parser.CharacterDataHandler = cells.text
    for piece in _pieces(package, part):
        parser.Parse(piece, False)
    parser.Parse(b"", True)
    return cells.found


class _Cells:
    """Collects cells with a formula and no value, and cells that hold an error."""

    def __init__(self) -> None:
        self.found: set[tuple[int, int]] = set()
        self._row, self._column = -1, -1
        self._type = ""
        self._formula, self._inside = False, False
        self._value: str | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = _local(tag)
        if name == "c":
            self._place(attributes.get("r", ""))
            self._type = attributes.get("t", "")
            self._formula, self._value = False, None
        elif name == "v":
            self._inside, self._value = True, ""
        elif name == "f":
            self._formula = True
        elif name == "row":
            self._row, self._column = int(attributes.get("r", self._row + 2)) - 1, -1

    def text(self, data: str) -> None:
        if self._inside and self._value is not None:
            self._value += data

    def end(self, tag: str) -> None:
        name = _local(tag)
        if name == "v":
            self._inside = False
        elif name == "c":
            empty_text = self._type == "str" and self._value is not None
            lost = self._formula and not self._value and not empty_text
            if lost or (self._type == "e" and self._value != _NOTHING):
                self.found.add((self._row, self._column))

    def _place(self, reference: str) -> None:
        """A cell without a reference stands right of the one before."""
        if found := _REFERENCE.fullmatch(reference):
            column = 0
            for letter in found[1].upper():
                column = column * 26 + ord(letter) - ord("A") + 1
            self._row, self._column = int(found[2]) - 1, column - 1
        else:
            self._column += 1
