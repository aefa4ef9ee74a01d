"""Every roster fault, done to copies of published lists: several to a folder, never two to one person.

A fault alone is tried by ``tests/connectors/test_faults.py``; here lists come as they come in life, with
many faults at once, and go through the hub from the folder to the answer.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from connectors.emulators.fault_files import Folder, Table
from connectors.emulators.faults import FAULTS, Expected, FaultReport, Touched, apply
from connectors.emulators.lists import FORMS

QIXING, TONGAN = "450305", "350212"
COUNT: Final = 1
SEEDS: Final = 30

KIND_OF: Final = {form.name: kind for kind, form in FORMS.items()}

# Faults of whole files, a change of encoding last. Those of the first five leave every row where it is, so
# that others may come before them.
WITH_CELLS: Final = (
    ("x13-column-added", "x13-header-missing", "x31-gbk"),
    ("x13-header-synonym-1", "x34-document-type", "x31-gb18030"),
    ("x13-header-synonym-2", "x34-cut-off", "x31-utf-8"),
    ("x13-header-synonym-3", "x34-huge-cell", "x31-utf-8-sig"),
    ("x30-wps", "x31-utf-16"),
)
ALONE: Final = (
    ("x13-columns-reordered", "x30-merged-header", "x30-numbered-columns", "x31-semicolon"),
    ("x30-two-tables", "x30-merged-body", "x29-merged-total", "x30-total-row", "x30-remark-row",
     "x30-example-row", "x31-tab"),
    ("x28-epoch-1904", "x31-quoted-newline", "x31-scientific", "x31-unquoted", "x34-markup-in-note",
     "x30-blank-continuation"),
)  # fmt: skip
RECODED: Final = ("x27-successor", "x27-abolished")
"""Only 同安区 had towns that were recoded."""


@dataclass(frozen=True)
class Scenario:
    number: int
    county: str
    faults: tuple[str, ...]

    def __str__(self) -> str:
        return f"folder-{self.number}"


def _plan() -> Iterator[Scenario]:
    named = {name for group in (*WITH_CELLS, *ALONE, RECODED) for name in group}
    cells = [name for name in FAULTS if name not in named]
    for number, whole in enumerate(WITH_CELLS):
        yield Scenario(number, QIXING, (*cells[number :: len(WITH_CELLS)], *whole))
    for number, whole in enumerate(ALONE, len(WITH_CELLS)):
        yield Scenario(number, QIXING, whole)
    yield Scenario(len(WITH_CELLS) + len(ALONE), TONGAN, RECODED)


SCENARIOS: Final = tuple(_plan())
SCENARIO_OF: Final = {name: scenario for scenario in SCENARIOS for name in scenario.faults}


@dataclass
class Lists:
    """The lists of one county, to be looked into."""

    path: Path
    _folder: Folder = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._folder = Folder(self.path, 1)

    def table(self, file: str) -> Table:
        (found,) = (one for one in self._folder.tables(kind_of(file)) if one.file == file)
        return found

    def text(self, touched: Touched, header: str) -> str:
        """A cell of a row that was touched; "" where the list has no such column or row."""
        table = self.table(touched.file)
        there = header in table.headers and 0 < touched.row <= table.last
        return table.text(touched.row, header) if there else ""

    def person(self, touched: Touched) -> str:
        """Identity number of the row, else its file number; of a register the number of the entry."""
        for header in ("身份证号", "残疾人证号", "档案编号", "合同编号"):
            if found := self.text(touched, header):
                return found[:18]
        return ""


def kind_of(file: str) -> str:
    return KIND_OF[Path(file).stem]


@dataclass
class Harmed:
    """A folder with its faults; ``clean`` are the lists before them, ``now`` those with them."""

    scenario: Scenario
    folder: Path
    clean: Lists
    now: Lists
    reports: dict[str, FaultReport]

    def touched(self, *expected: Expected) -> list[tuple[str, Touched]]:
        """Fault and place of what was touched, with one of these fates."""
        return [
            (name, place)
            for name, report in self.reports.items()
            for place in report.touched
            if place.expected in expected
        ]

    def repair(self) -> None:
        """The bureau sends the lists again as they should have been."""
        shutil.rmtree(self.folder)
        shutil.copytree(self.clean.path, self.folder)


def harm(scenario: Scenario, published: Path, folder: Path) -> Harmed:
    """Does the faults one after the other, each to people no other fault has touched."""
    clean = Lists(published / scenario.county)
    shutil.copytree(clean.path, folder)
    taken: set[str] = set()
    reports = {}
    for name in scenario.faults:
        reports[name] = _harm(name, clean, folder, taken)
    kept = shutil.copytree(folder, folder.parent / "kept" / scenario.county)
    return Harmed(scenario, folder, clean, Lists(kept), reports)


def _harm(name: str, clean: Lists, folder: Path, taken: set[str]) -> FaultReport:
    before = folder.with_name("before")
    for seed in range(1, SEEDS):
        shutil.rmtree(before, ignore_errors=True)
        shutil.copytree(folder, before)
        try:
            report = apply(name, folder, COUNT, seed)
        except ValueError:
            report = None
        people = {clean.person(place) for place in report.touched if place.row > 0} if report else set()
        if report and not people & taken:
            taken |= people - {""}
            return report
        shutil.rmtree(folder)
        before.rename(folder)
    raise AssertionError(f"{name} finds nobody whom no other fault has touched")
