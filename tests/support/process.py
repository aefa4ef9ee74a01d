"""``hub serve`` as a process of its own, over a small county, on a port of the loopback."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx
from joserfc.jwk import ECKey

from hub.oauth.clients import register_client
from hub.oauth.tokens import fetch_token
from hub.store.database import Database
from tests.support.postgres import FIELD_KEY, server
from tests.support.reading import QIXING, small_world

HUB: Final = Path(sys.executable).with_name("hub")
START_SECONDS: Final = 60


@dataclass
class Process:
    """``token``: of a bureau. ``database``: what it serves, opened here too."""

    port: int
    pid: int
    token: str
    database: Database

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/graphql"

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}

    @property
    def memory(self) -> int:
        """Bytes it holds in memory."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = re.search(r"VmRSS:\s+(\d+) kB", status)
        assert found
        return int(found[1]) * 1024

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        number: int = probe.getsockname()[1]
        return number


@asynccontextmanager
async def hub_serve(**settings: str) -> AsyncIterator[Process]:
    """``settings``: more variables of its environment."""
    here, port = await server(), free_port()
    async with small_world() as world:
        key = ECKey.generate_key("P-256", auto_kid=True)
        jwks = {"keys": [key.as_dict(private=False)]}
        await register_client(
            world.database, "bureau", name="民政局", role="bureau", jwks=jwks, division_code=QIXING
        )
        base_url = f"http://127.0.0.1:{port}"
        environment = {
            "HUB_DATABASE_URL": here.dsn(world.database.name),
            "HUB_DATA_DIR": str(here.directory / f"serve-{port}"),
            "HUB_FIELD_KEY": FIELD_KEY,
            "HUB_BASE_URL": base_url,
            **settings,
        }
        async with serve(port, environment) as pid:
            async with httpx.AsyncClient(base_url=base_url, trust_env=False) as http:
                token = await fetch_token(
                    http, f"{base_url}/oauth/token", "bureau", key.as_dict(private=True)
                )
            yield Process(port, pid, token, world.database)


@asynccontextmanager
async def serve(port: int, settings: Mapping[str, str]) -> AsyncIterator[int]:
    """A process that serves on ``port``; its number."""
    environment = {**os.environ, "HUB_PORT": str(port), "HUB_LOG_LEVEL": "error", **settings}
    process = await asyncio.create_subprocess_exec(HUB, "serve", env=environment)
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            await _ready(http, process)
        yield process.pid
    finally:
        with suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def _ready(http: httpx.AsyncClient, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(START_SECONDS):
        while True:
            assert process.returncode is None, "the hub ended before it served"
            try:
                if (await http.get("/health/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.1)
