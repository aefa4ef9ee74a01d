"""Every fault harms what it says it harms, and the roster connector does with it what it must.

Read and checked without a database: what a row refers to is looked up only when rows are merged.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from python_calamine import CalamineWorkbook

from connectors.emulators.fault_files import Folder
from connectors.emulators.faults import FAULTS, FaultReport, apply
from connectors.emulators.rosters import publish
from connectors.emulators.world import build_world
from connectors.lists.mapping import LISTS
from connectors.roster.client import list_files, read_file
from connectors.roster.workbook import Workbooks
from hub.domain.refusal import REFUSALS
from hub.store.vault import Vault
from hub.sync.check import ListCheck
from hub.sync.connector import Context
from hub.sync.layout import lay_out

TODAY = dt.date(2026, 11, 22)
USUAL = "450305"
ELSEWHERE = {"x27-successor": "350212", "x27-abolished": "350212"}
"""Faults that need a county whose towns were recoded."""

MOVES_ROWS = frozenset({"x30-merged-header", "x30-numbered-columns", "x30-two-tables"})
PARTLY_THE_SAME = frozenset({"x30-hidden-rows", "x34-huge-cell", "x23-two-names"})
"""Not every touched row has other cells than before: of two people with one number only one is written to."""

Place = tuple[str, str, int]
Harm = Callable[[str], tuple[Path, FaultReport]]


class Outcome(NamedTuple):
    """What becomes of the rows of some files: statements as text, or the first refusal's code."""

    good: dict[Place, str]
    bad: dict[Place, str]


@pytest.fixture(scope="module")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("faults") / "upstream"
    publish(build_world(1, 1_000, today=TODAY), folder)
    return folder


@pytest.fixture(scope="module")
def read() -> Iterator[Callable[[Path, set[str] | None], Outcome]]:
    vault = Vault(bytes(32))
    checks = {kind: ListCheck(lay_out(one, n), vault) for n, (kind, one) in enumerate(LISTS.items())}
    with Workbooks() as workbooks:

        def outcome(folder: Path, files: set[str] | None = None) -> Outcome:
            found = Outcome({}, {})
            context = Context(county_code=folder.name, today=TODAY, blind=vault.blind)
            for path in list_files(folder):
                if files is None or path.name in files:
                    for batch in read_file(workbooks, path, path.name):
                        for row, refusals in batch.refused:
                            found.bad[row.file, row.sheet, row.number] = refusals[0].code
                        for row in batch.rows:
                            place = row.file, row.sheet, row.number
                            statements, refused = checks[batch.list_kind].read(row, context)
                            if refused:
                                found.bad[place] = refused[0].code
                            else:
                                found.good[place] = repr(statements)
            return found

        yield outcome


@pytest.fixture(scope="module")
def clean(upstream: Path, read: Callable[..., Outcome]) -> dict[str, Outcome]:
    return {county: read(upstream / county) for county in {USUAL, *ELSEWHERE.values()}}


@pytest.fixture(scope="module")
def harm(upstream: Path, tmp_path_factory: pytest.TempPathFactory) -> Harm:
    """Each fault is done once, to a copy of its own."""

    @cache
    def on_a_copy(name: str) -> tuple[Path, FaultReport]:
        county = ELSEWHERE.get(name, USUAL)
        folder = tmp_path_factory.mktemp(name) / county
        shutil.copytree(upstream / county, folder)
        return folder, apply(name, folder, count=2)

    return on_a_copy


def test_nothing_is_refused_in_clean_lists(upstream: Path, read: Callable[..., Outcome]) -> None:
    for county in sorted(path for path in upstream.iterdir() if path.is_dir()):
        outcome = read(county)
        assert not outcome.bad
        assert outcome.good


@pytest.mark.parametrize("name", FAULTS)
def test_connector(
    name: str,
    harm: Harm,
    read: Callable[..., Outcome],
    clean: dict[str, Outcome],
) -> None:
    """Exactly the harmed rows are refused, and every other row says what it said before."""
    folder, report = harm(name)
    files = {one.file for one in report.touched}
    before = {place: said for place, said in clean[folder.name].good.items() if place[0] in files}
    after = read(folder, files)
    fault = FAULTS[name]

    harmed = {(one.file, one.sheet, one.row) for one in report.touched}
    assert after.bad == (dict.fromkeys(harmed, fault.code) if fault.expected == "quarantined" else {})
    whole = all(row == 0 for _, _, row in harmed)
    if fault.expected == "quarantined":
        lost = len(before) if whole else len(harmed)
        assert len(after.good) == len(before) - lost
        assert not Counter(after.good.values()) - Counter(before.values())
    elif fault.expected == "accepted" and not whole:
        untouched = Counter(said for place, said in after.good.items() if place not in harmed)
        assert len(after.good) == len(before)
        assert not untouched - Counter(before.values())
    else:
        assert Counter(after.good.values()) == Counter(before.values())


@pytest.mark.parametrize("name", FAULTS)
def test_touches_what_it_claims(name: str, upstream: Path, harm: Harm) -> None:
    folder, report = harm(name)
    original = upstream / folder.name
    assert report.fault == name
    assert report.touched
    changed = {
        path.name for path in folder.iterdir() if path.read_bytes() != (original / path.name).read_bytes()
    }
    touched = {one.file for one in report.touched}
    assert changed == touched or (changed < touched and name in {"x13-header-synonym-1", "x31-gb18030"})
    if name in MOVES_ROWS or all(one.row == 0 for one in report.touched):
        return
    for file in touched:
        rows = {one.row for one in report.touched if one.file == file}
        differ = differing(original / file, folder / file)
        assert differ <= rows
        if name not in PARTLY_THE_SAME:
            assert differ == rows


def differing(one: Path, other: Path) -> set[int]:
    """Numbers of the rows that are not the same."""
    before, after = cells(one), cells(other)
    return {n for n in range(1, max(map(len, (before, after))) + 1) if before[n - 1 : n] != after[n - 1 : n]}


def cells(path: Path) -> list[list[Any]]:
    if path.suffix == ".csv":
        lines = path.read_bytes().decode("gb18030").split("\r\n")
        return [[line] for line in lines if line]
    rows: list[list[Any]] = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    return rows


def test_same_seed_same_harm(upstream: Path, tmp_path: Path) -> None:
    reports = []
    for copy in ("one", "two"):
        folder = tmp_path / copy / USUAL
        shutil.copytree(upstream / USUAL, folder)
        reports.append(apply("x19-checksum", folder, count=3, seed=7))
    assert reports[0] == reports[1]
    folder = tmp_path / "three" / USUAL
    shutil.copytree(upstream / USUAL, folder)
    assert apply("x19-checksum", folder, count=3, seed=8) != reports[0]


def test_harm_takes_no_assignment_or_visit_with_it(upstream: Path, tmp_path: Path) -> None:
    folder = tmp_path / USUAL
    shutil.copytree(upstream / USUAL, folder)
    apply("x19-checksum", folder, count=5)
    lists = Folder(folder, 1)
    people = {v.text("身份证号") for v in lists.rows("dibao", "tekun", "temp_aid", "child", "elder")}
    people |= {v.text("身份证号") for v in lists.rows("disability", "vagrant", "other")}
    assert {v.text("身份证号") for v in lists.rows("assignment", "visit")} <= people


def test_names_and_codes() -> None:
    catalogue = {fault.catalogue for fault in FAULTS.values()}
    assert catalogue == {"X13", *(f"X{n}" for n in range(18, 35))}
    for fault in FAULTS.values():
        assert (fault.code is None) == (fault.expected != "quarantined")
        assert fault.code is None or fault.code in REFUSALS


def test_refuses_what_it_cannot_do(tmp_path: Path, upstream: Path) -> None:
    with pytest.raises(KeyError):
        apply("x99", upstream / USUAL)
    with pytest.raises(ValueError, match="named after a published county"):
        apply("x19-checksum", tmp_path)
    with pytest.raises(ValueError, match="finds nothing to harm"):
        apply("x27-successor", upstream / USUAL)
