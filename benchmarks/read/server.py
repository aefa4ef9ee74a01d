"""A contender's process: started, waited for, ended."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

START_SECONDS: Final = 60.0
STOP_SECONDS: Final = 15.0


@asynccontextmanager
async def serving(
    command: Sequence[str], port: int, log: Path, environment: Mapping[str, str] | None = None
) -> AsyncIterator[int]:
    """The number of the process, once it takes connections; what it says goes to ``log``."""
    _ensure_free(port)
    log.parent.mkdir(exist_ok=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    with log.open("wb") as file:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=file, stderr=file,
            env={**kept, **(environment or {})},
        )  # fmt: skip
    try:
        await _until_it_listens(process, port, log)
        yield process.pid
    finally:
        await _end(process)


def _ensure_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))


async def _until_it_listens(process: asyncio.subprocess.Process, port: int, log: Path) -> None:
    async with asyncio.timeout(START_SECONDS):
        while True:
            if process.returncode is not None:
                raise RuntimeError(f"a contender ended at once; see {log}")
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.05)
            else:
                writer.close()
                return


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()
