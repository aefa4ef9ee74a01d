"""The benchmark of syncing runs from end to end, and notices a contender that does not do what it should."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest
from rich.console import Console

from benchmarks.sync import options, report
from benchmarks.sync.columns import COLUMNS, HEADERS
from benchmarks.sync.contenders.contender import Different
from benchmarks.sync.contenders.dlt import Dlt, DltAdbc
from benchmarks.sync.contenders.floor import Floor
from benchmarks.sync.contenders.registry import CONTENDERS, USUAL
from benchmarks.sync.measure import DELIVERED, Figures
from benchmarks.sync.people import COUNTY, FAULTS, MOST, is_bad, is_changed, people
from benchmarks.sync.run import run
from hub.domain.id_number import parse_id_number

ROOT = Path(__file__).parents[2]
ROWS = 1500


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("benchmark")


@pytest.fixture(scope="module")
def found(directory: Path) -> dict[str, Any]:
    """The JSON of a small run without dlt, whose packages are not at hand."""
    given = [
        "--rows",
        str(ROWS),
        "--contenders",
        "floor,floor_indexed,hub",
        "--data",
        str(directory / "data"),
    ]
    command = [sys.executable, "-m", "benchmarks.sync", *given, "--json", str(directory / "found.json")]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    read: dict[str, Any] = orjson.loads((directory / "found.json").read_bytes())
    return read


def test_ratios_hold_every_case_and_peer(found: dict[str, Any]) -> None:
    assert found["ratios"].keys() == {"first", "unchanged", "one_percent"}
    assert all(ratio.keys() == {"floor", "floor_indexed"} for ratio in found["ratios"].values())


def test_figures_stand_beside_the_ratios(found: dict[str, Any]) -> None:
    cells = {(f["case"], f["contender"]): f for f in found["figures"]}
    assert len(cells) == len(found["figures"]) == 9
    assert all(f["wal_bytes"] >= 0 and f["peak_memory_mb"] > 0 and f["seconds"] > 0 for f in cells.values())
    for (case, contender), ours in cells.items():
        cpu = ours["process_cpu_s"] + ours["database_cpu_s"]
        assert ours["cpu_s"] == pytest.approx(cpu, abs=0.01)
        assert contender != "floor" or ours["rows_written"] == {"first": ROWS, "unchanged": 0}.get(case, 15)


def test_what_was_refused_and_what_changed_is_told(found: dict[str, Any]) -> None:
    assert found["run"]["refused"] == dict.fromkeys(FAULTS[: ROWS // 500], 1)
    assert found["run"]["changed"] == ROWS // 100
    assert found["run"]["values_compared"] >= 500


def test_nothing_is_left_of_a_run(found: dict[str, Any], directory: Path) -> None:
    assert found
    assert left_in(directory / "data") == []


async def test_the_roster_reads_the_same_records(tmp_path: Path) -> None:
    """A run checks its counts, what is refused and what is stored itself."""
    given = options.read(["--rows", "1000", "--contenders", "roster", "--data", str(tmp_path)])
    found = await run(given, Console(quiet=True))
    written = {each["case"]: each["rows_written"] for each in found["figures"]}
    assert written == {"first": 3 * (1000 - 2), "unchanged": 0, "one_percent": 15}
    assert found["run"]["refused"] == {"ID_CHECKSUM": 1, "DATE_UNREADABLE": 1}


class Forgetful(Floor):
    """Believes that the first record is another one."""

    async def stored(self, connection: Any, keys: Any) -> Any:
        found = await super().stored(connection, keys)
        first = min(found)
        return {**found, first: (*found[first][:-1], None)}


class Lazy(Floor):
    """Was to write one row."""

    def rows(self, case: str, source: Any) -> range:
        return range(1, 2)


class Broken(Floor):
    def command(self) -> list[str]:
        return [sys.executable, "-c", "raise SystemExit('the disk is full')"]


class Slow(Floor):
    def command(self) -> list[str]:
        return [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.mark.parametrize(
    ("contender", "said"),
    [
        (Forgetful, "instead of"),
        (Lazy, "100 rows written, not 1 to 1"),
        (Broken, "the disk is full"),
        (Slow, "took more than 2 s"),
    ],
)
async def test_a_contender_that_fails_ends_the_run(
    contender: type[Floor], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(CONTENDERS, "floor", contender)
    if contender is Slow:
        monkeypatch.setattr(options, "LEAST_SECONDS", 2)
    given = options.read(["--rows", "100", "--contenders", "floor", "--data", str(tmp_path)])
    with pytest.raises(Different, match=said):
        await run(given, Console(quiet=True))
    assert left_in(tmp_path) == []


def left_in(directory: Path) -> list[Path]:
    return [*directory.iterdir()]


def test_records_are_the_same_every_time_and_of_nobody() -> None:
    records = list(people(1000, 7))
    assert records == list(people(1000, 7))
    assert len({record.meant[0] for record in records}) == 1000
    numbers = {record.meant[HEADERS.index("身份证号")] for record in records}
    assert len(numbers) == 1000
    assert all(number.startswith("459999") for number in numbers)
    for record in records:
        birth_on, sex = record.meant[HEADERS.index("出生日期")], record.meant[HEADERS.index("性别")]
        told = parse_id_number(record.meant[2], today=birth_on)
        assert (told.birth_on, told.sex) == (birth_on, sex)
        assert record.meant[HEADERS.index("区划代码")].startswith(COUNTY)
        assert len(record.written) == len(record.meant) == len(COLUMNS) == 25


def test_one_in_five_hundred_is_bad_and_one_in_a_hundred_changes_one_cell() -> None:
    records = list(people(3000, 7))
    assert [r.fault for r in records if r.fault] == [*FAULTS, FAULTS[0]]
    changed = [record for record in records if record.changed]
    assert len(changed) == 30
    for record in changed:
        assert record.changed is not None
        for before, after in zip(record[:2], record.changed, strict=True):
            assert sum(a != b for a, b in zip(before, after, strict=True)) == 1
    assert not any(is_bad(index) and is_changed(index) for index in range(10_000))


@pytest.mark.parametrize("rows", [0, MOST + 1])
def test_there_are_numbers_for_so_many_only(rows: int) -> None:
    with pytest.raises(ValueError, match="records are expected"):
        next(people(rows, 1))


def test_a_ratio_is_the_peers_cpu_over_the_hubs() -> None:
    hub = Figures(1.0, 3.0, 4.0, 100, 90.0, 2, 0.0)
    peer = replace(hub, process_cpu_s=0.0, database_cpu_s=2.0)
    measured = {(case, name): of for case in DELIVERED for name, of in (("floor", peer), ("hub", hub))}
    assert report.ratios(measured) == {case: {"floor": 0.5} for case in DELIVERED}
    assert report.ratios({("first", "floor"): peer})["first"] == {}


def test_dlt_is_told_the_socket_and_how_files_go() -> None:
    dsn = "postgresql://hub@/benchmark_dlt?host=%2Ftmp%2Fsocket"
    jobs = {kind.name: kind(Path("/d"), dsn).job(Path("/a.csv"), Path("/a.copy")) for kind in (Dlt, DltAdbc)}
    assert {name: job["format"] for name, job in jobs.items()} == {"dlt": None, "dlt_adbc": "parquet"}
    assert all(job["dsn"] == "postgresql://hub:-@%2Ftmp%2Fsocket/benchmark_dlt" for job in jobs.values())
    assert Dlt.versions().keys() == {"dlt", "pyarrow", "psycopg2-binary", "adbc-driver-postgresql"}


def test_options_name_what_is_measured() -> None:
    assert options.read([]).rows == 1_000_000
    assert options.read([]).contenders == USUAL == ("floor", "dlt", "dlt_adbc", "hub")
    assert options.read(["--contenders", "hub,floor"]).contenders == ("floor", "hub")
    with pytest.raises(SystemExit):
        options.read(["--contenders", "spreadsheet"])
