"""Exports of the relief system: real workbooks that people put into a folder, without marker and digest."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from openpyxl import load_workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from connectors.emulators.logs import Cells
from connectors.emulators.relief import Relief, export
from connectors.emulators.world import build_world
from hub.settings import Settings
from tests.connectors.hub_of import TODAY, Filled, hub_of
from tests.support.logs import captured_logs

COUNTY: Final = "450305"
STANDING: Final = "select number from relief_episode"


@pytest.fixture(scope="module")
async def database() -> AsyncIterator[Filled]:
    async with hub_of(COUNTY) as filled:
        await filled.open_stations()
        yield filled


@pytest.fixture(scope="module")
def stays() -> Sequence[Cells]:
    people = list(build_world(seed=3, people=1500, today=TODAY).people(COUNTY))
    return list(Relief(people, 0, "").stays().values())


@pytest.fixture
async def hub(database: Filled, tmp_path: Path) -> Filled:
    await database.database.owner.execute("truncate source, beneficiary, seen_row, withdrawn_record cascade")
    await database.register("relief-files", str(tmp_path))
    return database


async def numbers(hub: Filled) -> set[str]:
    return {row["number"] for row in await hub.database.owner.fetch(STANDING)}


def of(stays: Sequence[Cells]) -> set[str]:
    return {cells["JZBH"] for cells in stays}


async def test_an_export_arrives_as_it_is(hub: Filled, tmp_path: Path, stays: Sequence[Cells]) -> None:
    export(tmp_path, COUNTY, dt.date(2026, 6, 1), stays, title="某市救助管理站救助记录")
    with captured_logs(Settings()) as lines:
        first = await hub.sync()
    assert (await hub.reasons(), await numbers(hub)) == ({}, of(stays))
    assert (first.read, first.accepted) == (len(stays), len(stays))
    assert '"count": 3' in lines.text.replace('"count":3', '"count": 3'), "photo, face and DNA are dropped"
    again = await hub.sync()
    assert (again.read, again.changed) == (0, 0)


async def test_an_export_of_some_stays_takes_none_back(
    hub: Filled, tmp_path: Path, stays: Sequence[Cells]
) -> None:
    export(tmp_path, COUNTY, dt.date(2026, 6, 1), stays)
    await hub.sync()
    left = {**stays[0], "LZRQ": "2026-06-02", "LZFS": "01"}
    export(tmp_path, COUNTY, dt.date(2026, 6, 3), [left])
    report = await hub.sync()
    assert (report.read, report.withdrawn, await numbers(hub)) == (1, 0, of(stays))
    export(tmp_path, COUNTY, dt.date(2026, 6, 2), [{**left, "LZFS": "02"}])
    await hub.sync()
    departure = await hub.one("select departure from relief_episode where number = $1", stays[0]["JZBH"])
    assert departure == "ESCORTED", "an older export that comes later says nothing new"


async def test_half_a_file_is_refused_and_read_once_it_is_whole(
    hub: Filled, tmp_path: Path, stays: Sequence[Cells]
) -> None:
    path = export(tmp_path, COUNTY, dt.date(2026, 6, 1), stays)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    await hub.sync()
    assert await hub.reasons() == {path.name: ["UNREADABLE_FILE"]}
    assert await numbers(hub) == set()
    path.write_bytes(whole)
    await hub.sync()
    assert (await hub.reasons(), await numbers(hub)) == ({}, of(stays))


async def test_a_file_that_is_replaced_is_read_again(
    hub: Filled, tmp_path: Path, stays: Sequence[Cells]
) -> None:
    path = export(tmp_path, COUNTY, dt.date(2026, 6, 1), stays[:3])
    await hub.sync()
    os.utime(export(tmp_path, COUNTY, dt.date(2026, 6, 1), stays[:5]), (1, 1))
    await hub.sync()
    assert path.exists()
    assert await numbers(hub) == of(stays[:5])


def edited(path: Path, change: Any) -> None:
    book = load_workbook(path)
    change(book)
    book.save(path)


@pytest.mark.parametrize("fault", ["header", "epoch", "number", "twice"])
async def test_what_is_refused(hub: Filled, tmp_path: Path, stays: Sequence[Cells], fault: str) -> None:
    path = export(tmp_path, COUNTY, dt.date(2026, 6, 1), stays[:4])

    def harm(book: Any) -> None:
        sheet = book.active
        if fault == "header":
            sheet.cell(1, 4).value = "编号"
        elif fault == "epoch":
            book.epoch = CALENDAR_MAC_1904
        elif fault == "number":
            sheet.cell(3, 4).value = 459999199001010005
        else:
            sheet.append(
                [
                    *(cell.value for cell in sheet[2]),
                ]
            )
            sheet.cell(sheet.max_row, 2).value = "另一人"

    edited(path, harm)
    report = await hub.sync()
    code = {
        "header": "HEADER_MISSING",
        "epoch": "UNREADABLE_FILE",
        "number": "ID_LOST_DIGITS",
        "twice": "DUPLICATE_KEY",
    }[fault]
    assert await hub.reasons() == {path.name: [code]}
    assert report.quarantined == {"header": 1, "epoch": 1, "number": 1, "twice": 2}[fault]
    assert len(await numbers(hub)) == {"header": 0, "epoch": 0, "number": 3, "twice": 3}[fault]
