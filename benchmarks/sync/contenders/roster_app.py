"""One run of the hub over a folder of rosters. See ``roster.py``."""

from __future__ import annotations

import csv
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from itertools import chain, islice
from pathlib import Path
from typing import Final

from benchmarks.sync.child import Job, Work, serve
from benchmarks.sync.columns import HEADERS
from benchmarks.sync.contenders.hub_app import prepared
from benchmarks.sync.source import DAY
from connectors.emulators.workbook import SheetWriter
from connectors.roster import Roster
from hub.command import run

ROWS: Final = 50_000
"""Of a file; a county sends several."""
RENAMED: Final = {"档案编号": "户编号"}


def write(job: Job, suffix: str) -> str:
    """The folder, with the records of the job's csv."""
    folder = Path(job["directory"]) / "lists"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    headers = [RENAMED.get(header, header) for header in HEADERS]
    with Path(job["csv"]).open(newline="") as file:
        rows = csv.reader(file)
        next(rows)
        number = 0
        while first := next(rows, None):
            number += 1
            path = folder / f"城乡低保对象名单{number:03}.{suffix}"
            (_workbook if suffix == "xlsx" else _text)(path, chain([headers, first], islice(rows, ROWS - 1)))
            os.utime(path, (DAY, DAY))
    return str(folder)


def _text(path: Path, rows: Iterable[Sequence[str]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def _workbook(path: Path, rows: Iterable[Sequence[str]]) -> None:
    with SheetWriter(path, "名单", len(HEADERS)) as sheet:
        for row in rows:
            sheet.write(row)


def _prepared(job: Job) -> AbstractAsyncContextManager[Work]:
    return prepared(job, Roster(), lambda job: write(job, sys.argv[1]))


if __name__ == "__main__":
    serve(_prepared, run)
