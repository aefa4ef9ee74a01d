"""The receivers of docs/webhooks.md take what the hub sends, and refuse what it did not."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import orjson
import pytest

from tests.delivery.test_webhooks import people
from tests.support.delivery import Endpoint
from tests.support.serving import Served
from tests.support.streaming import commit

PAGE = Path(__file__).parents[2] / "docs" / "webhooks.md"


def text(language: str) -> str:
    [found] = re.findall(rf"```{language} receiver\n(.*?)```", PAGE.read_text(), re.S)
    return str(found)


@asynccontextmanager
async def receiver(
    language: str, folder: Path, port: int, secret: str
) -> AsyncIterator[asyncio.subprocess.Process]:
    file = folder / ("receiver.py" if language == "python" else "receiver.mjs")
    file.write_text(text(language))
    command = (
        [
            sys.executable,
            "-m",
            "uvicorn",
            "--no-access-log",
            "--app-dir",
            str(folder),
            "--port",
            str(port),
            "receiver:app",
        ]
        if language == "python"
        else ["node", str(file)]
    )
    given = {**os.environ, "SECRET": secret, "PORT": str(port)}
    process = await asyncio.create_subprocess_exec(*command, env=given, stdout=asyncio.subprocess.PIPE)
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.mark.parametrize("language", ["python", "js"])
async def test_a_receiver_of_the_page(hub: Served, endpoint: Endpoint, tmp_path: Path, language: str) -> None:
    if language == "js" and shutil.which("node") is None:
        pytest.skip("no Node")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}/hub"
    secret = await endpoint.add(url=url)
    async with receiver(language, tmp_path, port, secret) as process:
        async with httpx.AsyncClient(trust_env=False) as http, asyncio.timeout(20):
            while True:
                try:
                    forged = {"webhook-id": "x", "webhook-timestamp": "1", "webhook-signature": "v1,AA=="}
                    answer = await http.post(url, content=b"{}", headers=forged)
                    break
                except httpx.TransportError:
                    await asyncio.sleep(0.1)
        assert answer.status_code in (401, 500)
        numbers = await people(hub, count=2)
        await commit(endpoint.database, beneficiary=numbers)
        assert process.stdout is not None
        async with asyncio.timeout(20):
            message = orjson.loads(await process.stdout.readline())
        assert [e["data"]["beneficiaryChanges"]["id"] for e in message["data"]["events"]] == [
            f"Beneficiary:450305:{n}" for n in numbers
        ]
        await endpoint.place(delivered_count=2, lease=None)
