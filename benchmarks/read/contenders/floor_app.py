"""The floor: bare Starlette and asyncpg, a route and a statement for each workload, no rights, no log."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.read.contenders import floor_sql
from benchmarks.read.contenders.serving import POOL, run
from hub.settings import Settings
from hub.store.keys import load_vault
from hub.store.vault import Vault


def application(dsn: str, vault: Vault) -> Starlette:
    pool: asyncpg.Pool[asyncpg.Record]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        nonlocal pool
        pool = await asyncpg.create_pool(
            dsn, min_size=POOL, max_size=POOL, max_inactive_connection_lifetime=0
        )
        yield
        await pool.close()

    async def answer(text: str, *values: object) -> Response:
        return Response(await pool.fetchval(text, *values), media_type="application/json")

    async def q1(request: Request) -> Response:
        given = request.query_params
        day, hashed = dt.date.fromisoformat(given["on"]), vault.blind(given["number"])
        return await answer(floor_sql.Q1, given["county"], hashed, given["programme"], day)

    async def q2(request: Request) -> Response:
        return await answer(floor_sql.Q2, request.query_params["township"])

    async def q3(request: Request) -> Response:
        given = request.query_params
        county, days = given["county"], [dt.date.fromisoformat(given[name]) for name in ("from", "to")]
        beyond = str(int(county) + 1)
        return await answer(floor_sql.Q3, f"{county}000000", f"{beyond}000000", county, *days)

    async def q4(request: Request) -> Response:
        given = request.query_params
        today = dt.date.fromisoformat(given["today"])
        return await answer(floor_sql.Q4, int(given["contract"]), int(given["contractor"]), today)

    ways: dict[str, Callable[[Request], Awaitable[Response]]] = {"q1": q1, "q2": q2, "q3": q3, "q4": q4}
    return Starlette(lifespan=lifespan, routes=[Route(f"/{name}", way) for name, way in ways.items()])


if __name__ == "__main__":
    dsn, data_dir, port = sys.argv[1:]
    run(application(dsn, load_vault(Settings(data_dir=Path(data_dir)))), int(port))
