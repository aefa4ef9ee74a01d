"""One run of the hub's sync engine, as ``hub sync`` does it. See ``hub.py``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict
from typing import Any

from benchmarks.sync.child import Job, Work, serve
from benchmarks.sync.connector import People
from benchmarks.sync.contenders.hub import SOURCE, register, settings_of
from benchmarks.sync.people import TODAY
from hub.command import run
from hub.log import configure
from hub.store.database import Database
from hub.store.keys import load_vault
from hub.sync.connector import Connector
from hub.sync.run import run_source


@asynccontextmanager
async def prepared(
    job: Job, connector: Connector | None = None, located: Callable[[Job], str] = lambda job: str(job["csv"])
) -> AsyncIterator[Work]:
    """``located``: where the source is; what it does to bring it there is not measured."""
    reads = connector or People()
    settings = settings_of(job)
    configure(settings)
    database = await Database.open(settings)
    try:
        vault = load_vault(settings)
        await register(database, reads.name, located(job))

        async def work() -> dict[str, Any]:
            return asdict(await run_source(database, vault, {reads.name: reads}, SOURCE, today=TODAY))

        yield work
    finally:
        await database.close()


if __name__ == "__main__":
    serve(prepared, run)
