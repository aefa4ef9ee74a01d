"""What a run is told on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.sync.contenders.registry import CONTENDERS, USUAL

SECONDS_PER_MILLION: Final = 3600
LEAST_SECONDS: Final = 300


@dataclass(frozen=True, slots=True)
class Options:
    rows: int
    seed: int
    contenders: tuple[str, ...]
    data: Path
    json: Path | None

    @property
    def limit(self) -> float:
        """Seconds one case may take, so that the run stops by itself."""
        return LEAST_SECONDS + SECONDS_PER_MILLION * self.rows / 1_000_000


def read(arguments: Sequence[str] | None = None) -> Options:
    given = _parser().parse_args(arguments)
    return Options(**{name: getattr(given, name) for name in Options.__slots__})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.sync", description=__doc__)
    add = parser.add_argument
    add("--rows", type=int, default=1_000_000, help="records of 25 columns (default: %(default)s)")
    add("--seed", type=int, default=1, help="of the records (default: %(default)s)")
    add(
        "--contenders",
        type=_contenders,
        default=USUAL,
        help=f"of {','.join(CONTENDERS)} (default: {','.join(USUAL)})",
    )
    add(
        "--data",
        type=Path,
        default=Path("benchmark-data"),
        help="directory for the run's own files and databases, removed in the end (default: %(default)s)",
    )
    add("--json", type=Path, help="file for everything that was measured")
    return parser


def _contenders(text: str) -> tuple[str, ...]:
    asked = text.split(",")
    if not set(asked) <= set(CONTENDERS):
        raise argparse.ArgumentTypeError(f"there are: {','.join(CONTENDERS)}")
    return tuple(name for name in CONTENDERS if name in asked)
