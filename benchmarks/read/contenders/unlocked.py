"""The hub twice over: as it is, and with everything taken out that says who may see what and who saw it."""

from __future__ import annotations

import sys
from typing import ClassVar

from benchmarks.read.contenders.hub import Hub


class Told(Hub):
    """Asked by documents that say themselves which part they mean, so that ``Open`` can be asked the same."""

    name = "hub-told"
    placed: ClassVar = True


class Open(Told):
    """No predicate of a slice, no row-level security, no marks and no access log; authentication stays."""

    name = "hub-open"
    shows_more: ClassVar = frozenset({"Q3", "Q4"})

    def command(self) -> list[str]:
        return [sys.executable, "-m", "benchmarks.read.contenders.unlocked_app"]
