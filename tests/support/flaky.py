"""A network that fails, and a machine that does, between clients and a hub; each request is a connection.

Each request meets a fate, from a shuffled deck in which each is once, so that all come and nobody knows when.
The first page of each client's copy is altered.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from tests.support.process import free_port

FATES: Final = (
    "PASS",
    "CUT",  # nothing of it arrives
    "LOST",  # it arrives, and its answer does not
    "HALF",  # of the answer
    "LATE",
    "TWICE",  # it arrives twice; what the second is answered is told
    "BUSY",
    "BROKEN",
    "ENDED",  # the token, before its time
    "STRANGE",  # somebody else answers, such as a page to sign in to a network
    "KILLED_BEFORE",  # the client, by SIGKILL, before it arrives
    "KILLED_UNANSWERED",
    "KILLED_ANSWERED",  # some moments after the answer
)
THIS, THAT = "甲".encode(), "申".encode()
PASSES: Final = 6
"""In each deck, beside one of each fate."""
MOST_KILLS: Final = 6
"""Of one client in one phase: it has to come to an end."""
BUSY: Final = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
)
BROKEN: Final = b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 3\r\nConnection: close\r\n\r\nbad"
ENDED: Final = b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
STRANGE: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\nConnection: close\r\n\r\n<html>"
)
SAID: Final = {"BUSY": BUSY, "BROKEN": BROKEN, "ENDED": ENDED, "STRANGE": STRANGE}


@dataclass
class Victim:
    """``kills``: of a phase. ``has_ended``: its last request was told that its token has ended."""

    process: asyncio.subprocess.Process
    kills: int = 0
    is_told: bool = False
    has_ended: bool = False


@dataclass
class Flaky:
    """``victims``: clients by how their ``User-Agent`` begins. ``met``: how often which fate was met."""

    port: int
    target: int
    rng: random.Random
    victims: dict[str, Victim] = field(default_factory=dict)
    met: Counter[str] = field(default_factory=Counter)
    is_calm: bool = False
    _deck: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = await reader.readuntil(b"\r\n\r\n")
            named = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
            body = await reader.readexactly(int(named.get(b"content-length", b"0")))
            await self._meet(head, body, named.get(b"user-agent", b"").decode(), writer)
        writer.close()

    async def _meet(self, head: bytes, body: bytes, agent: str, writer: asyncio.StreamWriter) -> None:
        victim = next((each for begins, each in self.victims.items() if agent.startswith(begins)), None)
        fate = self._fate(head, body, victim)
        self.met[fate] += 1
        if fate == "KILLED_BEFORE":
            _kill(victim)
        if fate == "LATE":
            await asyncio.sleep(self.rng.uniform(0, 0.3))
        answer = SAID.get(fate, b"")
        if fate not in (*SAID, "CUT", "KILLED_BEFORE"):
            answer = await self._forward(head, body)
        if fate == "TWICE":
            answer = await self._forward(head, body)
        if fate == "KILLED_UNANSWERED":
            _kill(victim)
        writer.write(_told(fate, answer))
        await writer.drain()
        if fate == "KILLED_ANSWERED":
            await asyncio.sleep(self.rng.uniform(0, 0.02))
            _kill(victim)

    def _fate(self, head: bytes, body: bytes, victim: Victim | None) -> str:
        if self.is_calm or victim is None:
            return "PASS"
        if b'"since":null' in body and not victim.is_told:
            victim.is_told = True
            return "ALTERED"
        if not self._deck:
            self._deck = [*FATES, *["PASS"] * PASSES]
            self.rng.shuffle(self._deck)
        fate = self._deck.pop()
        if fate.startswith("KILLED"):
            if victim.kills == MOST_KILLS or victim.process.returncode is not None:
                return "PASS"
            victim.kills += 1
        if b"/oauth/" in head.split(b"\r\n", 1)[0]:
            return "PASS" if fate in ("TWICE", "ENDED") else fate  # a proof of who asks is good once
        if fate == "ENDED" and victim.has_ended:
            return "PASS"  # once is chance, and twice is no
        victim.has_ended = fate == "ENDED"
        return fate

    async def _forward(self, head: bytes, body: bytes) -> bytes:
        """The whole answer."""
        lines = [
            each
            for each in head[:-4].split(b"\r\n")
            if not each.lower().startswith((b"connection:", b"accept-encoding:"))
        ]
        reader, writer = await asyncio.open_connection("127.0.0.1", self.target)
        writer.write(b"\r\n".join([*lines, b"Connection: close", b"", b""]) + body)
        await writer.drain()
        answer = await reader.read()
        writer.close()
        return answer


def _told(fate: str, answer: bytes) -> bytes:
    """What of an answer comes back."""
    match fate:
        case "LOST" | "KILLED_UNANSWERED":
            return b""
        case "HALF":
            return answer[: len(answer) // 2]
        case "ALTERED":
            return answer.replace(THIS, THAT, 1)
    return answer


def _kill(victim: Victim | None) -> None:
    assert victim is not None
    with suppress(ProcessLookupError):
        victim.process.kill()


@asynccontextmanager
async def flaky(target: int, seed: int, port: int | None = None) -> AsyncIterator[Flaky]:
    """Before the hub on ``target``."""
    made = Flaky(port or free_port(), target, random.Random(seed))
    async with await asyncio.start_server(made.serve, "127.0.0.1", made.port, limit=2**23):
        yield made
