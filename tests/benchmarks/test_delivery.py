"""The benchmark of what agencies and contractors are given runs over little data, and says what is met."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from benchmarks.delivery.__main__ import GOALS, Goal

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    ("most", "found", "met"), [(True, 1.5, True), (True, 1.6, False), (False, 1.4, False)]
)
def test_a_goal_is_a_bound(most: bool, found: float, met: bool) -> None:
    goal = Goal("part", ("ratios", "one"), 1.5, most, "")
    assert goal.is_met(goal.found({"part": {"ratios": {"one": found}}})) is met


def test_parts_are_measured_and_compared_with_their_goals(tmp_path: Path) -> None:
    out = tmp_path / "delivery.json"
    parts = ["--only", "agencies", "--only", "caseload"]
    few = ["--people", "3000", "--small", "300", "--rounds", "1", "--seconds", "0.2"]
    command = [sys.executable, "-m", "benchmarks.delivery", *parts, *few, "--data", str(tmp_path)]
    ran = subprocess.run(
        [*command, "--json", str(out)], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    found = orjson.loads(out.read_bytes())
    goals = [goal for goal in GOALS if goal.part != "webhooks"]
    assert [each["goal"] for each in found["goals"]] == [goal.text for goal in goals]
    assert all(each["found"] > 0 for each in found["goals"])
    assert "met" in ran.stdout
