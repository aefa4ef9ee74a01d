"""The published lists: every row of the world, once, in files a reader can open again."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from connectors.emulators.dialects import DIALECTS
from connectors.emulators.files import ROWS_A_FILE, ListFiles
from connectors.emulators.lists import FORMS
from connectors.emulators.rosters import MARKER, PublishReport, publish, source_folders
from connectors.emulators.world import World, build_world
from hub.errors import ConfigurationError

TODAY = dt.date(2026, 11, 22)


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(1, 2_000, today=TODAY)


@pytest.fixture(scope="module")
def published(world: World, tmp_path_factory: pytest.TempPathFactory) -> PublishReport:
    return publish(world, tmp_path_factory.mktemp("demo") / "upstream")


def rows_of(path: Path, encoding: str | None) -> list[list[Any]]:
    if encoding:
        with path.open(encoding=encoding, newline="") as file:
            return list(csv.reader(file))
    return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()


def body_of(path: Path, county: str, kind: str) -> Iterator[list[Any]]:
    """The rows below the header, by the look of the first cells."""
    dialect = DIALECTS[county]
    rows = rows_of(path, dialect.delimited.get(kind))
    word = dialect.headers.get(FORMS[kind].headers[0], FORMS[kind].headers[0])
    header = next(n for n, row in enumerate(rows) if row[0] == word)
    for row in rows[header + 1 :]:
        if row[0] == "合计" or not any(row):
            return
        if "详细地址" not in row:
            yield row


def test_lists_hold_as_many_rows_as_the_world(published: PublishReport, world: World) -> None:
    truth: dict[str, Counter[str]] = defaultdict(Counter)
    for person in world.everybody():
        truth[person.county_code].update(person.list_kinds)
        truth[person.county_code]["assignment"] += len(person.assignments)
        truth[person.county_code]["visit"] += len(person.visits)
    for county in world.counties:
        code = county.county_code
        truth[code]["contractor"] = len(world.contractors_of(code))
        truth[code]["station"] = len(county.townships)
        truth[code]["contract"] = len(world.contracts_of(code))
        truth[code]["personnel"] = len(world.personnel(code))
        for kind, form in FORMS.items():
            suffix = "csv" if kind in DIALECTS[code].delimited else "xlsx"
            path = published.folder / code / f"{form.name}.{suffix}"
            found = sum(1 for _ in body_of(path, code, kind))
            assert found == truth[code][kind] == published.rows[code][kind], (code, kind)
    assert set(source_folders(published.folder)) == set(truth)


def test_numbers_stay_text_and_totals_are_right(published: PublishReport) -> None:
    rows = rows_of(published.folder / "450305" / "城乡低保对象名单.xlsx", None)
    at = {header: n for n, header in enumerate(rows[2])}
    body = list(body_of(published.folder / "450305" / "城乡低保对象名单.xlsx", "450305", "dibao"))
    assert all(isinstance(row[at["身份证号"]], str) and len(row[at["身份证号"]]) == 18 for row in body)
    assert all(isinstance(row[at["起始日期"]], dt.date) for row in body)
    (total,) = [row for row in rows if row[0] == "合计"]
    assert total[at["月保障金额（元）"]] == sum(row[at["月保障金额（元）"]] for row in body)


def test_a_second_time_is_skipped_and_another_world_replaces(tmp_path: Path) -> None:
    folder = tmp_path / "upstream"
    small = build_world(1, 120, today=TODAY)
    seen: list[tuple[str, int, int]] = []
    first = publish(small, folder, lambda *step: seen.append(step))
    assert not first.skipped
    assert seen[-1][1:] == (120, 120)
    stamp = (folder / MARKER).stat().st_mtime_ns
    again = publish(small, folder)
    assert again.skipped
    assert again.rows == first.rows
    assert (folder / MARKER).stat().st_mtime_ns == stamp
    other = publish(build_world(2, 130, today=TODAY), folder)
    assert not other.skipped
    assert other.rows != first.rows
    assert [path.name for path in tmp_path.iterdir()] == ["upstream"]


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("mine")
    with pytest.raises(ConfigurationError):
        publish(build_world(1, 100, today=TODAY), tmp_path)
    assert (tmp_path / "letters.txt").read_text() == "mine"


def test_long_lists_are_cut(tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ROWS_A_FILE == 50_000
    monkeypatch.setattr("connectors.emulators.files.ROWS_A_FILE", 10)
    county = world.county("450305")
    files = ListFiles(tmp_path, "other", FORMS["other"], county, DIALECTS["450305"], TODAY)
    for number in range(25):
        files.add([f"人{number}", *["x"] * 9])
    files.close()
    assert [path.name for path in files.paths] == [f"其他服务对象名单_{n}.xlsx" for n in (1, 2, 3)]
    counts = [sum(1 for _ in body_of(path, "450305", "other")) for path in files.paths]
    assert counts == [10, 10, 5]


def test_only_the_owner_reads_the_lists(published: PublishReport) -> None:
    """Of invented people; but who tries the hub with real lists copies what the demo does."""
    paths = [published.folder, *published.folder.rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_dir()} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in paths if path.is_file()} == {0o600}
