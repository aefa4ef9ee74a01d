"""How the time of one request grows with the data: the same questions over data sets of several sizes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from benchmarks.read.measure import Cell, Figures

ALONE = 1
"""Connections: the time of a request that waits for no other."""


def summary(by_size: Mapping[int, Mapping[Cell, Figures]]) -> list[dict[str, Any]]:
    """p50 by size, and the largest data set's over the smallest's."""
    sizes = sorted(by_size)
    found = []
    for cell in by_size[sizes[0]]:
        p50 = {str(size): round(by_size[size][cell].p50_ms, 3) for size in sizes}
        ratio = by_size[sizes[-1]][cell].p50_ms / by_size[sizes[0]][cell].p50_ms
        entry = {"workload": cell.workload, "contender": cell.contender, "p50_ms": p50}
        found.append({**entry, "ratio": round(ratio, 3)})
    return found


def show(console: Console, found: Sequence[Mapping[str, Any]]) -> None:
    sizes = list(found[0]["p50_ms"]) if found else []
    table = Table("", "contender", *(f"{int(size):,}" for size in sizes), "ratio", box=SIMPLE)
    table.title = "p50 in ms of one connection, by people"
    for row in found:
        times = [f"{ms:.2f}" for ms in row["p50_ms"].values()]
        table.add_row(row["workload"], row["contender"], *times, f"{row['ratio']:.2f} ×")
    console.print(table)
