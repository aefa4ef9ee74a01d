"""A contender's process: it gets ready, waits for the word, does its work once, and waits to be measured."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any

Job = dict[str, Any]
Work = Callable[[], Awaitable[Any]]


def serve(
    prepared: Callable[[Job], AbstractAsyncContextManager[Work]],
    run: Callable[[Coroutine[Any, Any, None]], None] = asyncio.run,
) -> None:
    """The job is the last argument; what the work gives is printed as a line of JSON."""
    run(_serve(prepared, json.loads(sys.argv[-1])))


async def _serve(prepared: Callable[[Job], AbstractAsyncContextManager[Work]], job: Job) -> None:
    async with prepared(job) as work:
        print("ready", flush=True)
        sys.stdin.readline()
        found = await work()
        print(json.dumps(found), flush=True)
        sys.stdin.readline()
