"""Hand-written SQL on bare Starlette and asyncpg: what no general interface can be faster than by much."""

from __future__ import annotations

import sys
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version
from typing import Any, Final

from benchmarks.read.cases import Case
from benchmarks.read.contenders.contender import Contender
from benchmarks.read.server import serving
from benchmarks.read.shapes import OF_THE_HUB
from benchmarks.read.wire import get

GIVEN: Final = {
    "Q1": ("county", "number", "programme", "on"),
    "Q2": ("township",),
    "Q3": ("county", "from", "to"),
    "Q4": ("contract", "contractor", "today"),
}


class Floor(Contender):
    """Answers in the very form of the hub, so that both send the same bytes."""

    name = "floor"

    def serving(self) -> AbstractAsyncContextManager[int]:
        module = "benchmarks.read.contenders.floor_app"
        place = [self.stage.dsn, str(self.stage.directory), str(self.port)]
        return serving([sys.executable, "-m", module, *place], self.port, self.log)

    async def requests(self, workload: str, cases: list[Case]) -> list[bytes]:
        path, names = f"/{workload.lower()}", GIVEN[workload]
        return [get(path, {name: case.values[name] for name in names}) for case in cases]

    def shape(self, workload: str, case: Case, answer: Any) -> Any:
        return OF_THE_HUB[workload](answer["data"])

    def versions(self) -> dict[str, str]:
        return {name: version(name) for name in ("starlette", "uvicorn", "asyncpg", "uvloop")}
