"""``/health/live``: the process answers. ``/health/ready``: it can answer from the database too."""

from __future__ import annotations

import asyncpg
import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.errors import Unavailable
from hub.store.database import Database

PATIENCE_SECONDS = 2.0


def health_routes(database: Database) -> list[Route]:
    async def live(_: Request) -> Response:
        return _state("live", 200)

    async def ready(_: Request) -> Response:
        try:
            await database.fetch("select 1 from division limit 1", seconds=PATIENCE_SECONDS)
        except (Unavailable, asyncpg.PostgresError):
            return _state("unavailable", 503)
        return _state("ready", 200)

    return [Route("/health/live", live), Route("/health/ready", ready)]


def _state(word: str, status: int) -> Response:
    return Response(orjson.dumps({"status": word}), status, media_type="application/json")
