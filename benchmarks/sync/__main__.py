"""``python -m benchmarks.sync``."""

from __future__ import annotations

from functools import partial

from benchmarks.command import command
from benchmarks.sync import options
from benchmarks.sync.contenders.contender import Different
from benchmarks.sync.run import run

if __name__ == "__main__":
    given = options.read()
    command(partial(run, given), given.json, Different)
