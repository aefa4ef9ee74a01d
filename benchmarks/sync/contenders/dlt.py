"""dlt with Arrow tables and the merge strategy "upsert", in an environment of its own.

It stores the cells of the source as they stand: nothing is normalised, checked, sealed or remembered.
``Dlt`` moves them as dlt does by itself, in csv files it compresses; ``DltAdbc`` by the fastest of
the ways its documentation names, Parquet files and binary COPY by ADBC.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Final
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg

from benchmarks.sync.child import Job
from benchmarks.sync.columns import KEY, NAMES
from benchmarks.sync.contenders.contender import Contender, Values
from benchmarks.sync.source import Sampled, Source

FOLDER: Final = Path(__file__).parents[1] / "dlt"
PYTHON: Final = FOLDER / ".venv" / "bin" / "python"
STORED: Final = f"select {', '.join(NAMES)} from benchmark.person where {KEY} = any($1::text[])"


class Dlt(Contender):
    name = "dlt"
    tables = ("benchmark.person",)
    format: ClassVar[str | None] = None
    """Of the files dlt makes; None leaves it to dlt."""

    async def prepare(self) -> None:
        await _install()

    def job(self, csv: Path, ready: Path) -> Job:
        """It wants a host, be it the directory of a socket, and a password, be it one nobody asks for."""
        url = urlsplit(self.dsn)
        [host] = parse_qs(url.query)["host"]
        address = f"{url.username}:-@{quote(host, safe='')}"
        return {
            **super().job(csv, ready),
            "dsn": url._replace(netloc=address, query="").geturl(),
            "format": self.format,
        }

    def environment(self) -> dict[str, str]:
        return {"DLT_DATA_DIR": str(self.directory), "RUNTIME__DLTHUB_TELEMETRY": "false"}

    def command(self) -> list[str]:
        return [str(PYTHON), str(FOLDER / "app.py")]

    async def stored(self, connection: asyncpg.Connection[Any], keys: Iterable[str]) -> Values:
        return {row[0]: tuple(row) for row in await connection.fetch(STORED, list(keys))}

    def expected(self, sample: Mapping[str, Sampled]) -> Values:
        return {key: tuple(cell or None for cell in record.written) for key, record in sample.items()}

    def rows(self, case: str, source: Source) -> range:
        """It updates every row it is given, changed or not; a version that does not is as welcome."""
        least = {"first": source.rows, "unchanged": 0, "one_percent": source.changed}[case]
        return range(least, source.rows + 1)

    @staticmethod
    def versions() -> dict[str, str]:
        locked = tomllib.loads((FOLDER / "uv.lock").read_text())["package"]
        wanted = {"dlt", "pyarrow", "psycopg2-binary", "adbc-driver-postgresql"}
        return {each["name"]: each["version"] for each in locked if each["name"] in wanted}


class DltAdbc(Dlt):
    name = "dlt_adbc"
    format = "parquet"


async def _install() -> None:
    """The packages of the lock file. ``UV`` is set by ``uv run``."""
    uv = os.environ.get("UV") or shutil.which("uv")
    if uv is None:
        raise FileNotFoundError("uv is not installed; leave dlt out of --contenders")
    environment = {
        name: value for name, value in os.environ.items()
        if name not in ("UV_PROJECT_ENVIRONMENT", "VIRTUAL_ENV")
    }  # fmt: skip
    process = await asyncio.create_subprocess_exec(
        uv, "sync", "--locked", "--quiet", cwd=FOLDER, env=environment
    )
    if await process.wait():
        raise RuntimeError("uv sync failed")
