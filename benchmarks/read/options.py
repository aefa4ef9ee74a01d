"""What a run is told on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.read.cases import TITLES
from benchmarks.read.contenders.registry import CONTENDERS, USUAL

CLIENTS: Final = 64


@dataclass(frozen=True, slots=True)
class Options:
    people: int
    per_station: int | None
    rounds: int
    seconds: float
    workloads: tuple[str, ...]
    contenders: tuple[str, ...]
    concurrency: tuple[int, ...]
    clients: int
    data: Path
    json: Path | None
    port: int
    locks: bool
    cold: bool
    costs: bool
    tokens: bool
    growth: tuple[int, ...]


def read(arguments: Sequence[str] | None = None) -> Options:
    given = _parser().parse_args(arguments)
    return Options(**{name: getattr(given, name) for name in Options.__slots__})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.read", description=__doc__)
    add = parser.add_argument
    add("--people", type=int, default=500_000, help="beneficiaries in the data set (default: %(default)s)")
    add(
        "--per-station",
        type=int,
        help="people of a station; without it 1,500 stations, or fewer for few people",
    )
    add("--rounds", type=int, default=5, help="times everything is measured (default: %(default)s)")
    add("--seconds", type=float, default=3.0, help="length of one measurement (default: %(default)s)")
    add("--workloads", type=_some_of(TITLES), default=tuple(TITLES), help="such as Q1,Q2")
    add(
        "--contenders",
        type=_some_of(CONTENDERS),
        default=USUAL,
        help=f"of {','.join(CONTENDERS)}",
    )
    add("--concurrency", type=_numbers, default=(1, 16, 64), help="connections that ask (default: 1,16,64)")
    add("--clients", type=int, default=CLIENTS, help="different clients that ask (default: %(default)s)")
    add(
        "--data",
        type=Path,
        default=Path("benchmark-data"),
        help="directory of data sets, kept (default: %(default)s)",
    )
    add("--json", type=Path, help="file for everything that was measured")
    add("--port", type=int, default=8301, help="first of the ports used on loopback (default: %(default)s)")
    add("--locks", action="store_true", help="instead: what slices and row-level security cost in PostgreSQL")
    add("--cold", action="store_true", help="instead: what a document costs that was never seen")
    add(
        "--costs", action="store_true", help="instead: static cost of random operations beside what they take"
    )
    add("--tokens", action="store_true", help="instead: what issuing a token costs, and knowing it again")
    add("--growth", type=_numbers, default=(), help="instead: p50 over data sets of these sizes, by commas")
    return parser


class _some_of:  # noqa: N801 - argparse shows the name
    """Names out of ``known``, by commas, in the order of ``known``."""

    def __init__(self, known: Iterable[str]) -> None:
        self.known = tuple(known)

    def __call__(self, text: str) -> tuple[str, ...]:
        asked = text.split(",")
        if not set(asked) <= set(self.known):
            raise argparse.ArgumentTypeError(f"there are: {','.join(self.known)}")
        return tuple(name for name in self.known if name in asked)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))
