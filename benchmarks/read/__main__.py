"""``python -m benchmarks.read``."""

from __future__ import annotations

from functools import partial

from benchmarks.command import command
from benchmarks.read import options
from benchmarks.read.check import Different
from benchmarks.read.measure import Failed
from benchmarks.read.run import run

if __name__ == "__main__":
    given = options.read()
    command(partial(run, given), given.json, Different, Failed)
