"""Serving: uvicorn, one process here or several under its supervisor."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socket import socket

import uvicorn

from hub.app import create
from hub.domain.dates import china_now
from hub.settings import Settings
from hub.store.database import Database
from hub.web.connection import Connection
from hub.web.socket import MAX_MESSAGE, PING_SECONDS, Socket

GRACE_SECONDS = 10
"""Requests under way get this long to end after a signal."""


def config(app: object, settings: Settings, **options: object) -> uvicorn.Config:
    return uvicorn.Config(
        app,  # type: ignore[arg-type]
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # nothing here asks where a client is, or by which scheme it came
        date_header=True,
        lifespan="on",
        http=Connection,
        ws=Socket,
        ws_max_size=MAX_MESSAGE,
        ws_ping_interval=PING_SECONDS,
        ws_ping_timeout=PING_SECONDS,
        ws_per_message_deflate=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=GRACE_SECONDS,
        **options,  # type: ignore[arg-type]
    )


class Server(uvicorn.Server):
    """Ends by itself after a signal, so that what was opened around it is closed in peace.

    uvicorn raises the signal once more when it is done, which would cancel the closing. ``ready`` is
    called once requests are accepted.
    """

    def __init__(self, given: uvicorn.Config, ready: Callable[[], None] | None = None) -> None:
        super().__init__(given)
        self._ready = ready

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._ready is not None:
            self._ready()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        with super().capture_signals():
            yield
            self._captured_signals.clear()


async def serve(
    settings: Settings,
    database: Database | None = None,
    ready: Callable[[], None] | None = None,
    clock: Callable[[], dt.datetime] = china_now,
) -> None:
    """Serve in this process until a signal; an open ``database`` stays open. ``clock``: as for the app."""
    await Server(config(create(settings, database, clock=clock), settings), ready).serve()


def serve_many(settings: Settings) -> None:
    """``settings.workers`` processes on one socket; each reads its settings from the environment."""
    from uvicorn.supervisors import Multiprocess

    many = config("hub.app:create", settings, factory=True, workers=settings.workers)
    Multiprocess(many, sockets=[many.bind_socket()]).run()
