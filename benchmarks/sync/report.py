"""What a run found, as JSON and as a table."""

from __future__ import annotations

import os
import platform
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from benchmarks.sync.contenders.registry import CONTENDERS
from benchmarks.sync.measure import DELIVERED, Figures
from benchmarks.sync.options import Options
from benchmarks.sync.source import Source

SUBJECT: Final = "hub"
MILLION: Final = 1_000_000

Measured = dict[tuple[str, str], Figures]
"""By case and contender."""


def ratios(measured: Measured) -> dict[str, dict[str, float]]:
    """The CPU of each peer over the hub's, by case: above 1 the hub is cheaper."""
    return {
        case: {
            peer: round(found.cpu_s / measured[case, SUBJECT].cpu_s, 3)
            for (of, peer), found in measured.items()
            if of == case and peer != SUBJECT and (case, SUBJECT) in measured
        }
        for case in DELIVERED
    }


def results(measured: Measured, source: Source, options: Options, server_version: str) -> dict[str, Any]:
    return {
        "ratios": ratios(measured),
        "figures": [
            {"case": case, "contender": name, **_entry(found, options.rows)}
            for (case, name), found in measured.items()
        ],
        "run": {
            "rows": options.rows,
            "seed": options.seed,
            "refused": source.faults,
            "changed": source.changed,
            "values_compared": len(source.sample["first"]),
        },
        "facts": {
            "cores": os.cpu_count(),
            "machine": platform.machine(),
            "python": platform.python_version(),
            "postgresql": server_version,
            "versions": {n: CONTENDERS[n].versions() for n in options.contenders},
        },
    }


def _entry(found: Figures, rows: int) -> dict[str, Any]:
    each = {name: round(value, 3) for name, value in asdict(found).items()}
    return {
        "cpu_s": round(found.cpu_s, 3),
        "cpu_s_per_million": round(found.cpu_s * MILLION / rows, 2),
        "wal_bytes_per_row": round(found.wal_bytes / rows, 2),
        **each,
    }


def show(console: Console, measured: Mapping[tuple[str, str], Figures], rows: int) -> None:
    relative = ratios(dict(measured))
    for case in DELIVERED:
        table = Table(
            *("contender", "CPU s per million", "of it database", "rows/s", "WAL bytes/row"),
            *("peak MB", "rows written", "CPU over the hub's"),
            box=SIMPLE,
            title=case,
            title_justify="left",
        )
        for column in table.columns[1:]:
            column.justify = "right"
        for (of, name), found in measured.items():
            if of == case:
                table.add_row(name, *_row(found, rows), f"{relative[case].get(name, 1):.2f} ×")
        console.print(table)


def _row(found: Figures, rows: int) -> list[str]:
    return [
        f"{found.cpu_s * MILLION / rows:,.1f}",
        f"{found.database_cpu_s * MILLION / rows:,.1f}",
        f"{rows / found.seconds:,.0f}",
        f"{found.wal_bytes / rows:,.1f}",
        f"{found.peak_memory_mb:,.0f}",
        f"{found.rows_written:,}",
    ]
