"""PostGraphile 5, as npm gives it, with the plugins the questions need; it checks no rights."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

import orjson

from benchmarks.read.cases import Case
from benchmarks.read.contenders.contender import Contender
from benchmarks.read.contenders.postgraphile_documents import DOCUMENTS, SHAPES, VARIABLES
from benchmarks.read.server import serving
from benchmarks.read.wire import post

FOLDER: Final = Path(__file__).parents[1] / "postgraphile"
NODE: Final = FOLDER / "node_modules" / "node" / "bin" / "node"
"""From npm as well: PostGraphile needs a newer one than many systems have."""


class PostGraphile(Contender):
    name = "postgraphile"

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[int]:
        await _install()
        [socket] = parse_qs(urlsplit(self.stage.dsn).query)["host"]
        command = [str(NODE), str(FOLDER / "server.mjs"), socket, str(self.port)]
        async with serving(command, self.port, self.log, {"NODE_ENV": "production"}) as pid:
            yield pid

    async def requests(self, workload: str, cases: list[Case]) -> list[bytes]:
        return [
            post("/graphql", {"query": DOCUMENTS[workload], "variables": VARIABLES[workload](case.values)})
            for case in cases
        ]

    def shape(self, workload: str, case: Case, answer: Any) -> Any:
        return SHAPES[workload](answer["data"], case.values)

    def versions(self) -> dict[str, str]:
        wanted: dict[str, str] = orjson.loads((FOLDER / "package.json").read_bytes())["dependencies"]
        return wanted


async def _install() -> None:
    """The packages of the lock file, where they are missing."""
    if NODE.exists():
        return
    npm = shutil.which("npm")
    if npm is None:
        raise FileNotFoundError("npm is not installed; leave postgraphile out of --contenders")
    process = await asyncio.create_subprocess_exec(npm, "ci", "--no-audit", "--no-fund", cwd=FOLDER)
    if await process.wait():
        raise RuntimeError("npm ci failed")
