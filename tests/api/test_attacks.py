"""Attacks on the hub as a process, and an innocent client beside them: not stalled, and memory is bounded.

Which requests are refused, and how, the other tests say; here is only what they cost.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
import pytest_asyncio
from graphql import get_introspection_query

from tests.support.attacks import REFUSED, VARIABLES
from tests.support.http import ANSWER, BODY, QUERY, told
from tests.support.pace import most_seconds
from tests.support.process import Process, hub_serve
from tests.support.wire import client

MOST_BYTES: Final = 150 * 1024 * 1024
HEAD: Final = "POST /graphql HTTP/1.1\r\nHost: h\r\n"
TICK: Final = os.sysconf("SC_CLK_TCK")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Process]:
    async with hub_serve(HUB_REQUESTS_PER_MINUTE="1000000") as served:
        yield served


@dataclass
class Innocent:
    """Asks again and again; ``longest`` is how long the hub made it wait."""

    hub: Process
    http: httpx.AsyncClient
    longest: float = 0.0
    enough: bool = False

    async def ask(self) -> None:
        started, worked = time.perf_counter(), self.cpu()
        answer = await self.http.post(self.hub.url, json={"query": QUERY}, headers=self.hub.bearer)
        assert (answer.status_code, told(answer)) == (200, ANSWER)
        # What the hub worked meanwhile where that is less: others make us wait on a busy machine.
        self.longest = max(self.longest, min(time.perf_counter() - started, self.cpu() - worked))

    async def ask_on(self) -> None:
        while not self.enough:
            await self.ask()
            await asyncio.sleep(0.02)

    def cpu(self) -> float:
        """Seconds of a processor the hub has had."""
        fields = Path(f"/proc/{self.hub.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK


@asynccontextmanager
async def beside(hub: Process, most_bytes: int = MOST_BYTES) -> AsyncIterator[None]:
    """Whatever happens within, an innocent client hardly notices, nor does the hub's memory."""
    async with httpx.AsyncClient(timeout=30, trust_env=False) as http:
        one = Innocent(hub, http)
        await one.ask()
        before, asking = hub.memory, asyncio.create_task(one.ask_on())
        yield
        one.enough = True
        await asking
    assert hub.memory - before < most_bytes
    assert one.longest < most_seconds()


async def at_once(works: list[Coroutine[Any, Any, Any]], side_by_side: int = 8) -> list[Any]:
    turn = asyncio.Semaphore(side_by_side)

    async def in_turn(work: Coroutine[Any, Any, Any]) -> Any:
        async with turn:
            return await work

    return await asyncio.gather(*map(in_turn, works))


def posted(http: httpx.AsyncClient, hub: Process, content: Any, **headers: str) -> Coroutine[Any, Any, Any]:
    given = {**hub.bearer, "Content-Type": "application/json", **headers}
    return http.post(hub.url, content=content, headers=given)


async def test_documents(hub: Process) -> None:
    bodies = [json.dumps({"query": document}) for document in REFUSED.values()]
    bodies += [json.dumps({"query": query, "variables": given}) for query, given in VARIABLES.values()]
    async with beside(hub), httpx.AsyncClient(timeout=60, trust_env=False) as http:
        answers = await at_once([posted(http, hub, body) for body in bodies])
    assert {answer.status_code for answer in answers} <= {200, 294, 400, 413, 422}


async def test_many_new_documents_at_once(hub: Process) -> None:
    """Of those that take longest to refuse."""
    bodies = [json.dumps({"query": f"# {i}\n{REFUSED['unused fragments']}"}) for i in range(8)] * 2
    async with beside(hub), httpx.AsyncClient(timeout=60, trust_env=False) as http:
        answers = await at_once([posted(http, hub, body) for body in bodies], side_by_side=len(bodies))
    assert {answer.status_code for answer in answers} == {422}


async def endless(hub: Process) -> bytes:
    """The answer to a body that goes on and on."""
    head = f"{HEAD}Authorization: Bearer {hub.token}\r\nContent-Type: application/json\r\n"
    async with client(hub.port) as one:
        one.send(f"{head}Transfer-Encoding: chunked\r\n\r\n", f"10000\r\n{' ' * 65536}\r\n" * 300)
        return await one.reader.readuntil(b"\r\n\r\n")


async def test_bodies(hub: Process) -> None:
    bomb = gzip.compress(bytes(50_000_000))
    bodies = [
        f"[{','.join([BODY] * 1000)}]",
        "[" * 100_000,
        '{"a":' * 50_000,
        "9" * 250_000,
        '"' + "\\u0000" * 40_000,
    ]
    async with beside(hub), httpx.AsyncClient(timeout=60, trust_env=False) as http:
        works = [posted(http, hub, body) for body in bodies * 10]
        works += [posted(http, hub, bomb, **{"Content-Encoding": "gzip"}) for _ in range(20)]
        answers = await at_once(works)
        heads = await at_once([endless(hub) for _ in range(5)])
    assert {answer.status_code for answer in answers} == {400, 415, 422}
    assert all(head.startswith(b"HTTP/1.1 413 ") for head in heads)


FLOODS: Final = [
    HEAD + "A: b\r\n" * 50_000,
    HEAD + "A: " + "x" * 500_000,
    "GET /graphql?query=" + "x" * 500_000,
    "GET /health/live HTTP/1.1\r\nHost: h\r\n\r\n" * 10_000,
    f"{HEAD}Content-Length: 2\r\n\r\n{{}}" * 10_000,
]


async def flood(hub: Process, sent: str) -> bytes:
    async with client(hub.port) as one:
        one.send(sent)
        return await one.answers(10)


async def test_connections(hub: Process) -> None:
    async with beside(hub):
        answers = await at_once([flood(hub, sent) for sent in FLOODS * 8])
    assert all(answer.count(b"HTTP/1.1 ") < 20 for answer in answers)
    assert any(b"LIMIT_EXCEEDED" in answer for answer in answers)


async def half_open(hub: Process, stack: AsyncExitStack) -> None:
    """Half of them silent, half in the middle of a head."""
    for number in range(300):
        one = await stack.enter_async_context(client(hub.port))
        one.send(HEAD + "Content-Le" if number % 2 else b"")


UNREAD: Final = 100
"""Clients that do not read; the hub holds an answer for each, and no second one."""
INTROSPECTION: Final = json.dumps({"query": get_introspection_query()})


async def who_do_not_read(hub: Process, stack: AsyncExitStack) -> None:
    body = INTROSPECTION
    head = f"{HEAD}Authorization: Bearer {hub.token}\r\nContent-Type: application/json\r\n"
    for _ in range(UNREAD):
        one = await stack.enter_async_context(client(hub.port))
        one.writer.transport.pause_reading()  # type: ignore[attr-defined]
        one.send(f"{head}Content-Length: {len(body)}\r\n\r\n{body}" * 8)


@pytest.mark.parametrize(("many", "held"), [(half_open, 0), (who_do_not_read, UNREAD)])
async def test_many_that_wait(
    hub: Process, many: Callable[[Process, AsyncExitStack], Coroutine[Any, Any, None]], held: int
) -> None:
    async with httpx.AsyncClient(timeout=60, trust_env=False) as http:
        answer = await posted(http, hub, INTROSPECTION)
    async with beside(hub, MOST_BYTES + held * len(answer.content)), AsyncExitStack() as stack:
        await many(hub, stack)
        await asyncio.sleep(2)
