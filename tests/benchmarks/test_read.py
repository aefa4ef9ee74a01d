"""The benchmark of reading runs from end to end; that it finds anything fast is not a matter of tests."""

from __future__ import annotations

import subprocess
import sys
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pytest
from rich.console import Console

from benchmarks.read import costs, options
from benchmarks.read.run import run

ROOT = Path(__file__).parents[2]
WORKLOADS = {"Q1", "Q2", "Q3", "Q4"}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("benchmark")


def small(directory: Path, *told: str) -> list[str]:
    return ["--people", "2000", "--rounds", "1", "--clients", "4", "--data", str(directory), *told]


@pytest.fixture(scope="module")
def found(directory: Path) -> dict[str, Any]:
    """The JSON of a small run of the floor and the hub."""
    given = small(directory, "--seconds", "0.2", "--contenders", "floor,hub", "--concurrency", "16")
    command = [sys.executable, "-m", "benchmarks.read", *given, "--json", str(directory / "found.json")]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    read: dict[str, Any] = orjson.loads((directory / "found.json").read_bytes())
    return read


def test_answers_are_compared(found: dict[str, Any]) -> None:
    assert found["run"]["answers_compared"] == 20 * len(WORKLOADS)


def test_ratios_hold_every_workload_and_peer(found: dict[str, Any]) -> None:
    assert found["ratios"].keys() == WORKLOADS
    assert all(ratio.keys() == {"floor"} and ratio["floor"] > 0 for ratio in found["ratios"].values())


def test_figures_stand_beside_the_ratios(found: dict[str, Any]) -> None:
    cells = [(f["workload"], f["contender"], f["concurrency"]) for f in found["figures"]]
    assert len(cells) == len(set(cells)) == 2 * len(WORKLOADS)
    assert all(f["requests_per_second"] > 0 for f in found["figures"])
    assert all(0 < f["p50_ms"] <= f["p99_ms"] for f in found["figures"])
    assert all(f["app_cpu_ms"] >= 0 and f["database_cpu_ms"] >= 0 for f in found["figures"])


def test_the_run_says_what_it_was(found: dict[str, Any]) -> None:
    assert found["run"]["people"] == 2000
    assert found["run"]["rounds"] == 1
    assert found["facts"]["cores"] >= 1
    assert found["facts"]["postgresql"]


@pytest.mark.usefixtures("found")
async def test_locks_and_cold_documents_are_measured_over_the_same_data(directory: Path) -> None:
    given = small(directory, "--seconds", "0.02", "--locks", "--cold", "--workloads", "Q1,Q4")
    probed = await run(options.read(given), Console(quiet=True))
    assert {row["workload"] for row in probed["locks"]} == {"Q1", "Q4"}
    assert ("Q4", "contractor") in {(row["workload"], row["role"]) for row in probed["locks"]}
    assert all(row[name] > 0 for row in probed["locks"] for name in ("open_ms", "slices_ms", "both_ms"))
    assert probed["cold"].keys() == {"Q1", "Q4"}
    assert all(row["ratio"] > 0 for row in probed["cold"].values())


@pytest.mark.usefixtures("found")
async def test_a_price_says_what_an_operation_takes(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.read.costs.TIMES", 3)
    monkeypatch.setattr("benchmarks.read.costs.measure", partial(costs.measure, number=100))
    probed = await run(options.read(small(directory, "--costs")), Console(quiet=True))
    assert len(probed["costs"]["operations"]) > 80
    assert probed["costs"]["rank_correlation_with_cpu"]["static"] > 0.6
    assert all(one["rows"] <= 2 * one["static"] for one in probed["costs"]["operations"])
