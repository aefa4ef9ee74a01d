"""The least that must be done: ready bytes into an unlogged table, then one statement. See ``floor.py``."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg

from benchmarks.sync.child import Job, Work, serve
from benchmarks.sync.columns import KEY, NAMES
from benchmarks.sync.source import definition

_SET: Final = ", ".join(f"{name} = excluded.{name}" for name in NAMES if name != KEY)
_OLD, _NEW = (", ".join(f"{of}.{name}" for name in NAMES) for of in ("p", "excluded"))
MERGE: Final = f"""
    insert into person as p ({", ".join(NAMES)}) select {", ".join(NAMES)} from stage
    on conflict ({KEY}) do update set {_SET} where ({_OLD}) is distinct from ({_NEW})"""


@asynccontextmanager
async def prepared(job: Job) -> AsyncIterator[Work]:
    connection = await asyncpg.connect(job["dsn"])
    try:

        async def work() -> int:
            async with connection.transaction():
                await connection.execute(f"create unlogged table stage ({definition()})")
                await connection.copy_to_table("stage", source=job["ready"], columns=NAMES, format="binary")
                done = await connection.execute(MERGE)
                await connection.execute("drop table stage")
            return int(done.split()[-1])

        yield work
    finally:
        await connection.close()


if __name__ == "__main__":
    serve(prepared)
