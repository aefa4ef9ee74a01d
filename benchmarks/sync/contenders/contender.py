"""What a contender is to the benchmark."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar

import asyncpg

from benchmarks.sync.child import Job
from benchmarks.sync.columns import COLUMNS
from benchmarks.sync.source import Sampled, Source

Values = Mapping[str, tuple[Any, ...]]
"""What is stored of people, by key, in the order of ``COLUMNS``."""


class Different(Exception):
    """A contender did not do what was asked."""


class Contender(ABC):
    """One process for each case, and one database."""

    name: ClassVar[str]
    tables: ClassVar[Sequence[str]]
    """Where people are stored."""

    def __init__(self, directory: Path, dsn: str) -> None:
        self.directory = directory
        self.dsn = dsn

    async def prepare(self) -> None:
        """Empty tables, and whatever else is there before the first record comes."""
        return

    @abstractmethod
    def command(self) -> list[str]:
        """Of a process that speaks as ``benchmarks.sync.child`` does."""

    def environment(self) -> dict[str, str]:
        return {}

    def job(self, csv: Path, ready: Path) -> Job:
        return {
            "dsn": self.dsn,
            "csv": str(csv),
            "ready": str(ready),
            "directory": str(self.directory),
            "columns": [column.name for column in COLUMNS],
        }

    @abstractmethod
    async def stored(self, connection: asyncpg.Connection[Any], keys: Iterable[str]) -> Values:
        """What is stored under ``keys``, those left out that have nothing."""

    def expected(self, sample: Mapping[str, Sampled]) -> Values:
        """What must be stored of the sample."""
        return {key: record.meant for key, record in sample.items()}

    @abstractmethod
    def rows(self, case: str, source: Source) -> range:
        """How many rows of ``tables`` the case may write."""

    async def check(
        self, connection: asyncpg.Connection[Any], case: str, answer: Any, source: Source
    ) -> None:
        """Raises ``Different`` where the contender says something else than it should, or does."""
        return

    @staticmethod
    def versions() -> dict[str, str]:
        return {}
