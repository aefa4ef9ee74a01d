"""How the Python peers are served: with the options the hub serves itself with, in one process."""

from __future__ import annotations

from typing import Any, Final

import uvicorn

POOL: Final = 8
"""Connections to PostgreSQL of every contender, the hub's default."""


def run(application: Any, port: int) -> None:
    uvicorn.run(
        application,
        host="127.0.0.1",
        port=port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        lifespan="on",
        timeout_keep_alive=30,
    )
