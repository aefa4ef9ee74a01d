"""``python -m benchmarks.sync``."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import Final

import orjson
from rich.console import Console

from benchmarks.sync import options
from benchmarks.sync.contenders.contender import Different
from benchmarks.sync.run import run

WIDTH: Final = 110


async def main() -> None:
    given = options.read()
    task = asyncio.current_task()
    assert task is not None
    # So that a benchmark that is ended takes its processes and databases along.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    found = await run(given, Console(width=WIDTH))
    if given.json is not None:
        given.json.write_bytes(orjson.dumps(found, option=orjson.OPT_INDENT_2) + b"\n")


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except (Different, TimeoutError) as error:
        sys.exit(f"{type(error).__name__}: {error}")
    except (KeyboardInterrupt, asyncio.CancelledError):
        sys.exit(130)
