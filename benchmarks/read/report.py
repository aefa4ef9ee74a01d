"""What a run found, as JSON and as a table."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from benchmarks.read.cases import TITLES
from benchmarks.read.contenders.contender import Contender
from benchmarks.read.measure import Cell, Figures, Measured, medians
from benchmarks.read.options import Options
from benchmarks.read.world import World

COMPARED_AT: Final = 16
"""Connections at which throughput is compared."""
SUBJECT: Final = "hub"


def ratios(figures: Mapping[Cell, Figures]) -> dict[str, dict[str, float]]:
    """The hub's median throughput over each peer's: workload → peer → ratio."""
    found: dict[str, dict[str, float]] = {}
    for cell, peer in figures.items():
        hub = figures.get(Cell(cell.workload, SUBJECT, COMPARED_AT))
        if hub is not None and cell.concurrency == COMPARED_AT and cell.contender != SUBJECT:
            ratio = hub.requests_per_second / peer.requests_per_second
            found.setdefault(cell.workload, {})[cell.contender] = round(ratio, 3)
    return found


def results(measured: Measured) -> dict[str, Any]:
    figures = medians(measured)
    return {
        "ratios": ratios(figures),
        "figures": [_entry(cell, found, measured[cell]) for cell, found in figures.items()],
    }


def _entry(cell: Cell, found: Figures, rounds: Sequence[Figures]) -> dict[str, Any]:
    each = [round(f.requests_per_second, 1) for f in rounds]
    rounded = {name: round(value, 4) for name, value in asdict(found).items()}
    return {**asdict(cell), **rounded, "requests_per_second_of_rounds": each}


def facts(contenders: Sequence[Contender], server_version: str) -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "postgresql": server_version,
        "versions": {c.name: c.versions() for c in contenders},
    }


def told(options: Options, world: World | None = None) -> dict[str, Any]:
    """What the run was told to do; ``world`` where it is over one data set."""
    size = {"people": world.people, "stations": world.stations, "contracts": world.contracts} if world else {}
    return {
        **size,
        "rounds": options.rounds,
        "seconds": options.seconds,
        "concurrency": options.concurrency,
        "clients": options.clients,
    }


def show(console: Console, measured: Measured) -> None:
    figures = medians(measured)
    relative = ratios(figures)
    for workload in dict.fromkeys(cell.workload for cell in figures):
        table = Table(
            *("contender", "connections", "requests/s", "p50 ms", "p99 ms"),
            *("CPU app ms", "CPU database ms", "hub is"),
            box=SIMPLE,
            title=f"{workload}: {TITLES[workload]}",
            title_justify="left",
        )
        for column in table.columns[1:]:
            column.justify = "right"
        for cell, found in figures.items():
            if cell.workload == workload:
                table.add_row(*_row(cell, found, relative))
        console.print(table)


def _row(cell: Cell, found: Figures, relative: Mapping[str, Mapping[str, float]]) -> list[str]:
    ratio = relative.get(cell.workload, {}).get(cell.contender)
    compared = ratio is not None and cell.concurrency == COMPARED_AT
    return [
        cell.contender,
        str(cell.concurrency),
        f"{found.requests_per_second:,.0f}",
        f"{found.p50_ms:.2f}",
        f"{found.p99_ms:.2f}",
        f"{found.app_cpu_ms:.3f}",
        f"{found.database_cpu_ms:.3f}",
        f"{ratio:.2f} ×" if compared else "",
    ]
