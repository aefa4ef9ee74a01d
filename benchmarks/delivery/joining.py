"""The floor of many at once: bare Starlette and asyncpg, and one join of hashes that are given."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from benchmarks.read.contenders.serving import POOL, run

JOIN: Final = """
    select '{"data":{"eligibilities":{"items":[' || string_agg(
        case when m.yes then '{"answer":"YES"}' else '{"answer":"NO"}' end, ',' order by g.n)
        || '],"refused":[]}}}'
    from unnest($2::bytea[]) with ordinality g(hash, n)
    left join lateral (
        select true as yes from beneficiary b
        where b.county_code = $1 and b.id_number_hash = g.hash
            and (b.deceased_on is null or b.deceased_on >= current_date) and exists (
            select from category_membership m
            where m.county_code = b.county_code and m.beneficiary_id = b.id and m.category = 'DIBAO'
                and m.starts_on <= current_date
                and (m.ends_on is null or m.ends_on >= current_date))) m on true"""


def application(dsn: str) -> Starlette:
    pool: asyncpg.Pool[asyncpg.Record]

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        nonlocal pool
        pool = await asyncpg.create_pool(dsn, min_size=POOL, max_size=POOL)
        yield
        await pool.close()

    async def many(request: Request) -> Response:
        given = orjson.loads(await request.body())
        hashes = [bytes.fromhex(each) for each in given["hashes"]]
        answer = await pool.fetchval(JOIN, given["county"], hashes)
        return Response(answer, media_type="application/json")

    return Starlette(lifespan=lifespan, routes=[Route("/many", many, methods=["POST"])])


if __name__ == "__main__":
    dsn, port = sys.argv[1:]
    run(application(dsn), int(port))
