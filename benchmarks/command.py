"""A benchmark as a command, on the loop of the hub. It ends what it started however it ends, and writes what
it found."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

import orjson
from rich.console import Console

from hub.command import runner

WIDTH: Final = 110

Run = Callable[[Console], Awaitable[dict[str, Any]]]


def command(run: Run, json: Path | None, *failures: type[Exception]) -> None:
    """``failures`` end the process with their sentence, others with a traceback."""
    try:
        with runner() as loop:
            found = loop.run(_ended(run))
    except failures as error:
        sys.exit(f"{type(error).__name__}: {error}")
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(130)
    if json is not None:
        json.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n")


async def _ended(run: Run) -> dict[str, Any]:
    task = asyncio.current_task()
    assert task is not None
    # So that a benchmark that is ended takes its servers along.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    return await run(Console(width=WIDTH))
