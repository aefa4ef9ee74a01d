"""``python -m benchmarks.delivery``: all that agencies and contractors are given, each beside its floor.

The parts run one after the other, each in a database of its own below ``--data``, and can be run alone:
``benchmarks.delivery.agencies``, ``.caseload`` and ``.webhooks``.
"""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

from rich.console import Console
from rich.table import Table

from benchmarks.command import command
from benchmarks.delivery import agencies, caseload, webhooks

Part = Callable[[argparse.Namespace, Console], Awaitable[dict[str, Any]]]
PARTS: Final[Mapping[str, Part]] = {
    "agencies": agencies.run,
    "caseload": caseload.run,
    "webhooks": webhooks.run,
}


class Goal(NamedTuple):
    """``of``: where in what its part has found. ``most``: it is to be no more, else no less."""

    part: str
    of: tuple[str, ...]
    bound: float
    most: bool
    text: str

    def found(self, parts: Mapping[str, Any]) -> float:
        found: Any = parts[self.part]
        for name in self.of:
            found = found[name]
        return float(found)

    def is_met(self, found: float) -> bool:
        return found <= self.bound if self.most else found >= self.bound


GOALS: Final = (
    Goal("agencies", ("ratios", "unsigned"), 0.6, False, "an answer, of the floor's rate"),
    Goal("agencies", ("ratios", "signed"), 0.35, False, "an answer with a receipt, of the floor's rate"),
    Goal("agencies", ("ratios", "batch"), 2.0, True, "10,000 persons, beside a join of their hashes"),
    Goal("caseload", ("first pull / statement",), 1.5, True, "a first pull, beside one statement"),
    Goal("caseload", ("100 changes, large / small",), 1.3, True, "100 changes, large beside small"),
    Goal("caseload", ("of a core for 500 clients",), 0.2, True, "500 clients every 30 s, of a core"),
    Goal("webhooks", ("ratio",), 0.5, False, "messages, of a bare loop's rate"),
)


async def run(given: argparse.Namespace, console: Console) -> dict[str, Any]:
    found = {}
    for name in given.only or PARTS:
        console.rule(name)
        own = argparse.Namespace(**{**vars(given), "data": given.data / name})
        found[name] = await PARTS[name](own, console)
    table = Table("", "goal", "found", "", box=None)
    goals = []
    for goal in (goal for goal in GOALS if goal.part in found):
        value = goal.found(found)
        met = goal.is_met(value)
        goals.append({"goal": goal.text, "bound": goal.bound, "found": value, "met": met})
        bound = f"{'≤' if goal.most else '≥'} {goal.bound}"
        table.add_row(goal.text, bound, f"{value:.2f}", "met" if met else "missed")
    console.print(table)
    return {"goals": goals, **found}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.delivery", description=__doc__)
    add = parser.add_argument
    add("--people", type=int, default=500_000, help="beneficiaries (default: %(default)s)")
    add("--small", type=int, default=5_000, help="people of the small caseload (default: %(default)s)")
    add("--subscribers", type=int, default=10_000, help="of webhooks (default: %(default)s)")
    add("--changed", type=int, default=10, help="people who change in a round of webhooks")
    add("--rounds", type=int, default=3, help="times everything is measured (default: %(default)s)")
    add("--seconds", type=float, default=5.0, help="of each measurement of answers")
    add("--only", choices=PARTS, action="append", help="a part; several may be given")
    add("--data", type=Path, default=Path("benchmark-data"), help="where data sets are kept")
    add("--json", type=Path, help="file for the figures")
    given = parser.parse_args()
    command(partial(run, given), given.json, agencies.Different, caseload.Different, webhooks.Wrong)


if __name__ == "__main__":
    main()
