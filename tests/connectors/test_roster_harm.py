"""Files that harm, and the connector as a whole."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import cast
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
import xlsxwriter
from openpyxl import Workbook

from connectors import CONNECTORS
from connectors.roster import cells
from connectors.roster.client import read_file
from connectors.roster.workbook import Workbooks
from hub.errors import SourceError
from hub.sync.connector import Batch, Place
from tests.connectors.roster_files import (
    DIBAO,
    Read,
    Reading,
    dibao,
    fill,
    names,
    person,
    rewrite,
    save,
    sheet_of,
    xls,
)

LIST = "城乡低保对象名单.xlsx"
SHEET = "xl/worksheets/sheet1.xml"
ONE, TWO = person(1), person(2)

# --- files that harm, X9 X34 -------------------------------------------------------------------


def corrupt(kind: str, path: Path) -> None:
    save(path.parent, dibao(ONE), path.name)
    data = path.read_bytes()
    if kind == "empty":
        path.write_bytes(b"")
    elif kind == "half":
        path.write_bytes(data[: len(data) // 2])
    elif kind == "no workbook":
        with ZipFile(path, "w") as package:
            package.writestr("word/document.xml", "<x/>")
    elif kind == "web page":
        path.write_text("<html><table><tr><td>姓名</td></tr></table></html>", "utf-8")
    elif kind == "document type":
        rewrite(path, SHEET, {"<worksheet": '<!DOCTYPE x [<!ENTITY a "b">]><worksheet'})
    elif kind == "outside entity":
        entity = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]><sst'
        with ZipFile(path, "a") as package:
            package.writestr("xl/other.xml", entity + "><t>&a;</t></sst>")
    elif kind == "far cell":
        rewrite(
            path, SHEET, {"</sheetData>": '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'}
        )
    elif kind == "false count":
        rewrite(path, SHEET, {"</sheetData>": '<row r="9"><c r="A9" t="s"><v>0</v></c></row></sheetData>'})
        with ZipFile(path, "a") as package:
            package.writestr(
                "xl/sharedStrings.xml", '<sst uniqueCount="99999999999" count="1"><si><t>x</t></si></sst>'
            )
    elif kind == "far cell of excel 97":
        path.write_bytes(xls([DIBAO], stray=(65535, 65535)))


@pytest.mark.parametrize(
    "kind",
    [
        "empty",
        "half",
        "no workbook",
        "web page",
        "document type",
        "outside entity",
        "far cell",
        "false count",
        "far cell of excel 97",
    ],
)
def test_a_harmful_file_is_refused_and_the_next_is_read(tmp_path: Path, read: Read, kind: str) -> None:
    corrupt(kind, tmp_path / "低保1.xlsx")
    save(tmp_path, dibao(TWO), "低保2.xlsx")
    got = read()
    assert [r[:3] for r in got.refused] == [("低保1.xlsx", 0, "UNREADABLE_FILE")]
    assert got.names == names(TWO)


@pytest.mark.parametrize("claimed", [None, 10])
def test_a_zip_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, claimed: int | None) -> None:
    """Also one that claims to be small: what counts is what it unfolds to."""
    path = save(tmp_path, dibao(ONE))
    with ZipFile(path, "a", ZIP_DEFLATED) as package:
        package.writestr("xl/media/x.bin", bytes(4 << 20))
        if claimed is not None:
            package.getinfo("xl/media/x.bin").file_size = claimed
    monkeypatch.setattr("connectors.roster.package.LIMIT", 2 << 20)
    assert next(cells.read(path))["error"][0] == "A workbook of at most 512 MB when unfolded."


def test_a_reader_that_dies_is_replaced(tmp_path: Path) -> None:
    save(tmp_path, dibao(ONE), "低保1.xlsx")
    with Workbooks() as own:
        assert len(Reading(tmp_path, own).rows) == 1
        assert own._reader is not None
        own._reader.kill()
        own._reader.wait()
        assert len(Reading(tmp_path, own).rows) == 1


@pytest.mark.parametrize(
    "kind", ["empty", "half", "no workbook", "web page", "document type", "outside entity"]
)
def test_what_the_reader_says_of_harmful_files(tmp_path: Path, kind: str) -> None:
    """Those that do not end it, without the process."""
    corrupt(kind, tmp_path / LIST)
    assert [list(frame) for frame in cells.read(tmp_path / LIST)] == [["error"]]


def test_cells_without_a_value_are_told(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / LIST, {"date_1904": True})
    sheet = book.add_worksheet("甲")
    book.add_worksheet("乙")
    for row, value in enumerate([5, "", "#REF!", "#N/A", "词"]):
        sheet.write_formula(row, 27, "=A1", None, value)
    book.close()
    first, second = (frame["sheet"] for frame in list(cells.read(tmp_path / LIST))[:2])
    assert first["no_value"] == [(1, 27), (2, 27)]
    assert first["epoch_1904"] is True
    assert (second["name"], second["rows"], second["no_value"]) == ("乙", [], [])


def test_cells_without_references_are_counted(tmp_path: Path) -> None:
    path = save(tmp_path, sheet_of([["甲"], ["乙", "=A1"]]))
    with ZipFile(path) as package:
        text = package.read(SHEET).decode()
    rewrite(path, SHEET, {text: text.replace(' r="', ' x="')})
    assert next(cells.read(path))["sheet"]["no_value"] == [(1, 1)]


def test_the_readers_frames(tmp_path: Path) -> None:
    """What the reading process sends, without the process."""
    good = list(cells.read(save(tmp_path, dibao(ONE))))
    assert good[0]["sheet"]["merged"] == [(0, 0, 0, 8)]
    assert good[-1] == {"end": True}
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04broken")
    assert next(cells.read(tmp_path / "x.xlsx"))["error"]
    (tmp_path / "x.xls").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert next(cells.read(tmp_path / "x.xls"))["error"]


# --- the connector -----------------------------------------------------------------------------


async def test_the_connector_reads_a_folder(tmp_path: Path) -> None:
    (tmp_path / "朝阳乡").mkdir()
    save(tmp_path / "朝阳乡", dibao(ONE))
    save(tmp_path, dibao(TWO), "~$城乡低保对象名单.xlsx")
    (tmp_path / ".DS_Store").write_bytes(b"x")
    (tmp_path / "outside.xlsx").symlink_to(tmp_path / "朝阳乡" / LIST)
    connector = CONNECTORS["roster"]
    batches = [batch async for batch in connector.extract(Place(str(tmp_path), "450305"), None)]
    assert [(b.list_kind, [r.file for r in b.rows]) for b in batches] == [("dibao", [f"朝阳乡/{LIST}"])]


@pytest.mark.parametrize("kind", ["far cell", "half"])
async def test_a_file_read_ahead_may_end_the_reader(tmp_path: Path, kind: str) -> None:
    """While one workbook's rows are used the next is read: its end must not touch the one before."""
    save(tmp_path, dibao(ONE), "低保1.xlsx")
    corrupt(kind, tmp_path / "低保2.xlsx")
    (tmp_path / "低保3.csv").write_text(",".join(DIBAO), "utf-8")
    save(tmp_path, dibao(TWO), "低保4.xlsx")
    batches = [batch async for batch in CONNECTORS["roster"].extract(Place(str(tmp_path), "450305"), None)]
    assert [len(b.rows) for b in batches] == [1, 0, 0, 1]
    assert [row.file for b in batches for row, _ in b.refused] == ["低保2.xlsx"]


async def test_a_run_given_up_leaves_no_process(tmp_path: Path) -> None:
    save(tmp_path, dibao(ONE), "低保1.xlsx")
    save(tmp_path, dibao(TWO), "低保2.xlsx")
    before = children()
    stream = CONNECTORS["roster"].extract(Place(str(tmp_path), "450305"), None)
    await anext(stream)
    assert children() - before
    await cast(AsyncGenerator[Batch, None], stream).aclose()
    assert not children() - before


async def test_a_run_cancelled_while_it_reads_leaves_no_process(tmp_path: Path) -> None:
    for n in range(1, 6):
        save(tmp_path, dibao(ONE), f"低保{n}.xlsx")
    before = children()

    async def run() -> None:
        async with contextlib.aclosing(
            cast(
                AsyncGenerator[Batch, None],
                CONNECTORS["roster"].extract(Place(str(tmp_path), "450305"), None),
            )
        ) as stream:
            async for _ in stream:
                pass

    task = asyncio.create_task(run())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not children() - before


def children() -> set[str]:
    """Processes this one started, from any of its threads."""
    tasks = Path(f"/proc/{os.getpid()}/task")
    if not (tasks / str(os.getpid()) / "children").exists():
        pytest.skip("this system does not tell the children of a process")
    found: set[str] = set()
    for task in tasks.iterdir():
        with contextlib.suppress(FileNotFoundError):  # a thread that ended meanwhile
            found |= set((task / "children").read_text().split())
    return found


async def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        async for _ in CONNECTORS["roster"].extract(Place(str(tmp_path / "none"), "450305"), None):
            pass


def test_books_saved_by_other_programs(tmp_path: Path, read: Read) -> None:
    """Prefixed element names, as some libraries write them, and no cell references at all."""
    path = save(tmp_path, sheet_of([DIBAO, person(1, birth="1950-01-01", start="2024-01-01", amount="=1")]))
    with ZipFile(path) as package:
        text = package.read(SHEET).decode()
    rewrite(path, SHEET, {text: text.replace(' r="', ' x="')})
    assert read().refused == [(LIST, 2, "FORMULA_WITHOUT_VALUE", "月保障金额（元）")]


def test_an_empty_workbook(tmp_path: Path, read: Read) -> None:
    save(tmp_path, Workbook())
    assert read().refused == [(LIST, 0, "LIST_UNKNOWN", "")]


async def test_an_empty_folder_says_nothing(tmp_path: Path) -> None:
    """A share that is not mounted looks like this."""
    (tmp_path / "~$名单.xlsx").touch()
    with pytest.raises(SourceError):
        async for _ in CONNECTORS["roster"].extract(Place(str(tmp_path), "450305"), None):
            pass


def test_a_name_in_another_encoding_harms_no_neighbour(tmp_path: Path, workbooks: Workbooks) -> None:
    """A file brought by an archive of another system; its neighbour is read ahead while it is sent."""
    save(tmp_path, dibao(ONE), "a.xlsx")
    odd = tmp_path / os.fsdecode("低保对象名单.xlsx".encode("gbk"))
    odd.write_bytes((tmp_path / "a.xlsx").read_bytes())
    paths = [tmp_path / "a.xlsx", odd, tmp_path / "a.xlsx"]
    for path, then in zip(paths, [*paths[1:], None], strict=True):
        (batch,) = read_file(workbooks, path, path.name, then)
        assert [row.file for row in batch.rows] == [path.name]


def test_a_file_that_disappears_costs_itself(tmp_path: Path, workbooks: Workbooks) -> None:
    (batch,) = read_file(workbooks, tmp_path / "gone.xlsx", "gone.xlsx")
    assert [(row.number, refusal.code) for row, (refusal,) in batch.refused] == [(0, "UNREADABLE_FILE")]


def test_a_password_is_told(tmp_path: Path, workbooks: Workbooks) -> None:
    data = xls([DIBAO, person(1, birth="1950-01-01", start="2024-01-01")])
    (tmp_path / LIST).write_bytes(data + "EncryptedPackage".encode("utf-16-le"))
    (batch,) = read_file(workbooks, tmp_path / LIST, LIST)
    assert batch.refused[0][1][0].expected_zh == "文件不得加密"


def test_time_is_up_only_while_a_workbook_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    book = dibao(ONE)
    fill(book.create_sheet("second"), [["x" * 100] * 9] * 1_000)
    save(tmp_path, book)
    with Workbooks() as own:
        list(own.sheets(tmp_path / LIST))
        monkeypatch.setattr("connectors.roster.workbook.SECONDS", 1.0)
        read: list[str] = []
        for sheet in own.sheets(tmp_path / LIST):
            read.append(sheet.name)
            time.sleep(1.2)
    assert read == ["Sheet1", "second"]
