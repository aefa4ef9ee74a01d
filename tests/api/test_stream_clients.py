"""The npm packages ``graphql-ws`` and ``graphql-sse``, unmodified, against the hub. Needs Node and npm."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from hub.oauth.bearer import Bearer
from hub.oauth.clients import suspend_client
from tests.support.http import ANSWER, QUERY
from tests.support.needs import need
from tests.support.streaming import Followed, begun, commit, following, streaming
from tests.support.wire import listening

FOLDER = Path(__file__).resolve().parents[1] / "streams"
CLIENTS = ("graphql-ws", "graphql-sse")
START_SECONDS = 30.0


@dataclass
class Client:
    process: asyncio.subprocess.Process

    async def says(self) -> Any:
        """Its next line; None when it has ended."""
        assert self.process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            line = await self.process.stdout.readline()
        return json.loads(line) if line else None

    async def event(self) -> Any:
        """The one field of its next result; what it says of its connections is passed over."""
        while "closed" in (said := await self.says()):
            pass
        ((_, event),) = said["data"].items()
        return event


@pytest.fixture(scope="module", autouse=True)
def installed() -> None:
    import subprocess

    for program in ("node", "npm"):
        if shutil.which(program) is None:
            need(program)
    if not (FOLDER / "node_modules/graphql-ws").exists():
        done = subprocess.run(("npm", "ci"), cwd=FOLDER, capture_output=True, check=False)
        if done.returncode:
            need("graphql-ws (npm ci)")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Followed]:
    async with streaming() as followed:
        yield followed


@pytest.fixture
def people(hub: Followed) -> list[int]:
    return [r["id"] for r in hub.served.world.rows["beneficiary"] if r["county_code"] == "450305"]


@asynccontextmanager
async def running(
    hub: Followed, client: str, count: int, query: str = "", role: str = "bureau"
) -> AsyncIterator[Client]:
    environment = {
        **os.environ,
        "CLIENT": client,
        "FOLLOW_URL": hub.http_url,
        "FOLLOW_TOKEN": hub.served.tokens[role],
        "QUERY": query or following(),
        "COUNT": str(count),
    }
    process = await asyncio.create_subprocess_exec(
        "node", "follow.mjs", cwd=FOLDER, env=environment, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield Client(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


@pytest.mark.parametrize("name", CLIENTS)
async def test_a_client_follows(hub: Followed, people: list[int], name: str) -> None:
    async with running(hub, name, 3) as client:
        assert (await client.event())["operation"] == "CURRENT"
        await commit(hub.database, beneficiary=people[:2])
        ids = [(await client.event())["id"] for _ in range(2)]
        assert ids == [f"Beneficiary:450305:{number}" for number in people[:2]]
        while (said := await client.says()) is not None:
            assert "error" not in said


@pytest.mark.parametrize("name", CLIENTS)
async def test_a_client_whose_token_ends_comes_back_and_misses_nothing(
    hub: Followed, people: list[int], name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = Bearer.ends_at

    def soon(*_: object) -> float:
        monkeypatch.setattr(Bearer, "ends_at", ends)
        return time.time() + 3

    monkeypatch.setattr(Bearer, "ends_at", soon)
    async with running(hub, name, 4) as client:
        assert (await client.event())["operation"] == "CURRENT"
        said = await client.says()
        if name == "graphql-ws":
            assert said == {"closed": 4403, "reason": "TOKEN_EXPIRED"}
        else:
            assert said["errors"][0]["extensions"]["code"] == "TOKEN_EXPIRED"
        await commit(hub.database, beneficiary=people[:2])
        events = [await client.event() for _ in range(3)]
        told = {event["id"] for event in events if event["operation"] == "UPSERT"}
        assert told == {f"Beneficiary:450305:{number}" for number in people[:2]}


@pytest.mark.parametrize("name", CLIENTS)
async def test_a_client_that_is_suspended_is_told_and_stays_away(hub: Followed, name: str) -> None:
    async with running(hub, name, 9, following("stationChanges"), role="township") as client:
        assert (await client.event())["operation"] == "CURRENT"
        await suspend_client(hub.database, "township")
        try:
            said = [line async for line in _rest(client)]
        finally:
            await hub.served.resume("township")
    if name == "graphql-ws":
        assert said[0] == {"closed": 4401, "reason": "UNAUTHENTICATED"}
        assert said[1]["error"]["code"] == 4401
    else:
        assert said[0]["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
        assert said[1] == {"complete": True}


async def _rest(client: Client) -> AsyncIterator[Any]:
    while (line := await client.says()) is not None:
        yield line


@pytest.mark.parametrize("name", CLIENTS)
async def test_a_client_asks_a_query_and_is_refused_a_wrong_one(hub: Followed, name: str) -> None:
    async with running(hub, name, 9, QUERY) as client:
        said = [line async for line in _rest(client)]
        assert said[0] == ANSWER
        assert {"complete": True} in said
    async with running(hub, name, 9, "subscription { nothing { id } }") as client:
        said = [line async for line in _rest(client)]
        errors = said[0].get("error") or said[0]["errors"]
        assert errors[0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize("name", CLIENTS)
async def test_a_client_goes_on_at_the_process_after_one_that_ended(
    hub: Followed, people: list[int], name: str
) -> None:
    app = begun(hub.served.app)
    async with listening(app) as first:
        other = Followed(hub.served, first)
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(running(other, name, 3))
            assert (await client.event())["operation"] == "CURRENT"
            first.server.should_exit = True
            if name == "graphql-ws":
                assert (await client.says())["closed"] == 1012
            await asyncio.sleep(0.5)
            await commit(hub.database, beneficiary=people[:1])
            await stack.enter_async_context(listening(app, first.port))
            events = [await client.event() for _ in range(2)]
    assert [event["operation"] for event in events] == ["UPSERT", "CURRENT"]
