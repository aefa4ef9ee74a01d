"""What a contender is to the benchmark."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from typing import Any, ClassVar

from benchmarks.read.cases import Case
from benchmarks.read.stage import Stage


class Contender(ABC):
    """One server process on one port."""

    name: ClassVar[str]
    shows_more: ClassVar[frozenset[str]] = frozenset()
    """Workloads whose answers are not compared, since it has no slices that cut them."""

    def __init__(self, stage: Stage, port: int) -> None:
        self.stage = stage
        self.port = port
        self.log = stage.directory / "logs" / f"{self.name}.log"

    @abstractmethod
    def serving(self) -> AbstractAsyncContextManager[int]:
        """Runs it; gives the number of its process."""

    async def prepare(self, cases: list[Case]) -> None:
        """What must be known of the cases before the first request, such as who asks."""
        return

    @abstractmethod
    async def requests(self, workload: str, cases: list[Case]) -> list[bytes]:
        """The cases as requests, good for the next minute."""

    @abstractmethod
    def shape(self, workload: str, case: Case, answer: Any) -> Any:
        """The answer to the case in the form of ``benchmarks.read.shapes``."""

    def versions(self) -> dict[str, str]:
        """Of what it is made of."""
        return {}
