"""What the clients that work without a network do with what is rare, one by one, by answers of a script.

``test_offline.py`` plays them against the hub; here stand the answers and the machines that it cannot have.
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.clients.test_offline import PYTHON, python
from tests.support.copying import checksum_of, checksum_of_page
from tests.support.process import free_port

KEY: Final = ECKey.generate_key("P-256", auto_kid=True)
PROGRAMS: Final = {"python": "steps.py", "typescript": "steps.js"}
PERSON: Final = "Beneficiary:1"
LINK: Final = {"id": PERSON, "reason": None, "version": "1", "mergedInto": None}
PIECE: Final = 250_000
"""Bytes that the line carries in a second."""
NAME: Final = "欧阳不留"
__all__ = ["python"]


class Said(NamedTuple):
    """``body``: None to cut the connection."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = {}


def refusal(code: str, status: int = 422) -> Said:
    return Said({"errors": [{"message": "…", "extensions": {"code": code}}]}, status)


def done(asked: Any) -> Said:
    """All items of a request."""
    items = asked["variables"]["items"]
    return Said(
        {"data": {"done": [{"id": item.get("dossier", item["key"]), "version": "2"} for item in items]}}
    )


def page(entries: list[Any], whole: Any = None) -> Said:
    told = {"entries": entries, "cursor": "c", "hasMore": False, "checksum": checksum_of_page(entries)}
    return Said({"data": {"caseload": {**told, "whole": whole}}})


@dataclass
class Script:
    """Answers as ``answer`` says, by what was asked. ``ahead``: seconds by which its clock is."""

    port: int
    answer: Callable[[Any], Said] = done
    asked: list[Any] = field(default_factory=list)
    tokens: int = 0
    ahead: float = 0.0
    program: list[str] = field(default_factory=list)
    store: Path = Path()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head, body = await reader.readuntil(b"\r\n\r\n"), b""
        named = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:] if b": " in line)
        length = int(named.get(b"content-length", b"0"))
        for left in range(length, 0, -PIECE):
            body += await reader.readexactly(min(left, PIECE))
            await asyncio.sleep(1 if left > PIECE else 0)
        path = head.split(b" ", 2)[1]
        said = self._token(body.decode()) if path == b"/oauth/token" else self._told(path, json.loads(body))
        if said.body is not None:
            content = json.dumps(said.body, ensure_ascii=False).encode()
            headers = {
                "Date": formatdate(self.now, usegmt=True),
                "Content-Length": str(len(content)),
                "Connection": "close",
                **said.headers,
            }
            lines = [f"HTTP/1.1 {said.status} ?", *(f"{name}: {value}" for name, value in headers.items())]
            writer.write("\r\n".join([*lines, "", ""]).encode() + content)
            await writer.drain()
        writer.close()

    @property
    def now(self) -> float:
        return time.time() + self.ahead

    def _told(self, path: bytes, asked: Any) -> Said:
        self.asked.append({**asked, "path": path.decode()})
        return self.answer(asked)

    def _token(self, form: str) -> Said:
        self.tokens += 1
        assertion = dict(pair.split("=", 1) for pair in form.split("&"))["client_assertion"]
        if abs(jwt.decode(assertion, KEY).claims["iat"] - self.now) > 30:
            return Said({"error": "invalid_client"}, 400)
        return Said({"access_token": "t", "token_type": "Bearer", "expires_in": 300})

    async def play(self, *steps: Any) -> list[Any]:
        environment = {
            **os.environ,
            "HUB_URL": f"http://127.0.0.1:{self.port}",
            "CLIENT_KEY": json.dumps(KEY.as_dict(private=True)),
            "STORE": str(self.store),
        }
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(
            *self.program, env=environment, stdin=pipe, stdout=pipe, stderr=pipe
        )
        said, complaint = await process.communicate(json.dumps(steps).encode())
        assert process.returncode == 0, complaint.decode()
        return list(json.loads(said))


@pytest.fixture(params=PROGRAMS)
async def script(
    request: pytest.FixtureRequest, python: list[str], typescript: Path, tmp_path: Path
) -> AsyncIterator[Script]:
    folder = {"python": PYTHON, "typescript": typescript}[request.param]
    made = Script(free_port())
    made.program = [
        {"python": python[0], "typescript": "node"}[request.param],
        str(folder / PROGRAMS[request.param]),
    ]
    made.store = tmp_path / "field"
    async with await asyncio.start_server(made.serve, "127.0.0.1", made.port, limit=2**16):
        yield made


def visits(*keys: str, **item: Any) -> list[Any]:
    return [["put", key, "visit", item] for key in keys]


def dossier(number: int) -> list[Any]:
    return ["put", f"d{number}", "dossier", {"problems": "…"}, {"id": f"Dossier:{number}", "version": "1"}]


async def test_kinds_do_not_wait_for_each_other(script: Script) -> None:
    """Ten visits and ten dossiers, noted in turns, are two requests."""
    steps = [step for n in range(10) for step in (*visits(f"v{n}"), dossier(n))]
    *_, states = await script.play(*steps, ["send"], ["states"])
    assert set(states.values()) == {"DONE"}
    keys = [[item["key"] for item in each["variables"]["items"]] for each in script.asked]
    assert keys == [[f"v{n}" for n in range(10)], [f"d{n}" for n in range(10)]]


@pytest.mark.parametrize("code", ["PERSISTED_QUERY_NOT_FOUND", "GRAPHQL_VALIDATION_FAILED"])
async def test_a_document_that_is_not_there_refuses_no_item(script: Script, code: str) -> None:
    script.answer = lambda _: refusal(code)
    *_, said, states = await script.play(*visits("a", "b"), ["send"], ["states"])
    assert (said, states, len(script.asked)) == (code, {"a": "WAITING", "b": "WAITING"}, 1)


async def test_who_is_told_to_wait_for_long_does_something_else(script: Script) -> None:
    script.answer = lambda _: refusal("QUESTIONS_EXCEEDED", 429)._replace(headers={"Retry-After": "36000"})
    *_, said, states = await script.play(*visits("a"), ["send"], ["states"])
    assert (said, states, len(script.asked)) == ("AWAY 36000", {"a": "WAITING"}, 1)


async def test_one_that_never_arrives_holds_up_no_other(script: Script) -> None:
    """As if it were too large for the line: the others are done after some more times."""
    script.answer = lambda asked: Said(None) if "毒" in str(asked) else done(asked)
    steps = [*visits("a", "b", "c"), *visits("x", textRecord="毒"), *visits("d", "e", "f", "g")]
    *_, states = await script.play(*steps, *[["send"]] * 5, ["states"])
    assert states == {**dict.fromkeys("abcdefg", "DONE"), "x": "WAITING"}
    *_, said, states = await script.play(["send"], ["states"])
    assert (said, states["x"]) == ("AWAY", "WAITING")


async def test_after_an_outage_nobody_waits_for_one_that_never_arrives(script: Script) -> None:
    """Each was alone while nothing arrived."""
    outage = 5 * 3
    script.answer = lambda asked: (
        Said(None) if len(script.asked) <= outage or "毒" in str(asked) else done(asked)
    )
    steps = [*visits("a"), *visits("x", textRecord="毒"), *visits("b")]
    *_, states = await script.play(*steps, *[["send"]] * 7, ["states"])
    assert states == {"a": "DONE", "x": "WAITING", "b": "DONE"}


async def test_what_is_large_has_time_to_arrive(script: Script) -> None:
    """It takes longer than an answer may."""
    *_, said, states = await script.play(*visits("a", textRecord="大" * 400_000), ["send"], ["states"])
    assert (said, states, len(script.asked)) == (None, {"a": "DONE"}, 1)


@pytest.mark.parametrize("ahead", [86_400.0, -86_400.0, 45.0])
async def test_a_clock_that_is_wrong(script: Script, ahead: float) -> None:
    script.ahead = ahead
    *_, said, states = await script.play(*visits("a"), ["send"], ["states"])
    assert (said, states, script.tokens) == (None, {"a": "DONE"}, 2)


async def test_what_was_not_sent_for_its_clock_does_not_grow_old(script: Script) -> None:
    script.ahead = 40 * 86_400.0
    right, script.answer = script.answer, lambda _: refusal("UNAUTHENTICATED", 401)
    await script.play(*visits("a"), ["send"])
    script.answer = right
    *_, said, states = await script.play(["send"], ["states"])
    assert (said, states) == (None, {"a": "DONE"})


async def test_nothing_is_sent_on_to_another_address(script: Script) -> None:
    elsewhere = {"Location": f"http://127.0.0.1:{script.port}/elsewhere"}
    script.answer = lambda _: Said({}, 307, elsewhere)
    *_, said, states = await script.play(*visits("a"), ["send"], ["states"])
    assert (said, states) == ("AWAY", {"a": "WAITING"})
    assert {each["path"] for each in script.asked} == {"/graphql"}


async def test_who_is_gone_is_in_no_file(script: Script) -> None:
    """And files are their owner's alone, whatever they were before."""
    script.store.touch(0o644)
    here = {"operation": "UPSERT", **LINK, "beneficiary": {"id": PERSON, "name": NAME}}
    gone = {"operation": "TOMBSTONE", **LINK, "reason": "UNASSIGNED", "beneficiary": None}
    script.answer = lambda _: page([here] if len(script.asked) == 1 else [gone])
    said = await script.play(["pull"], ["holds", NAME], ["pull"], ["holds", NAME], ["modes"])
    assert said == [[PERSON], True, [], False, ["0o600"]]


async def test_the_whole_is_asked_for_once(script: Script) -> None:
    """It is priced as everybody, at each page that asks for it."""
    here = {"operation": "UPSERT", **LINK, "beneficiary": {"id": PERSON}}
    whole = {"count": 1, "checksum": checksum_of({PERSON: "1"})}
    script.answer = lambda asked: page([here] if asked["variables"]["since"] is None else [], whole)
    assert await script.play(["verify"]) == [[PERSON]]
    told = [(each["variables"]["first"], each["variables"]["whole"]) for each in script.asked]
    assert told == [(200, False), (1, True)]


async def test_many_at_once_are_kept_each(script: Script) -> None:
    """Each is more than what is written in one piece."""
    items = [[f"k{n}", "visit", {"textRecord": f"{n}" * 1_500_000}] for n in range(4)]
    said = await script.play(["together", *items], ["open"], ["states"])
    assert said == [None, None, {f"k{n}": "WAITING" for n in range(4)}]


async def test_two_that_open_one_store_lose_nothing(script: Script) -> None:
    """A file of SQLite is for both; of a log the one before is told that it has it no more."""
    first, second, third, _, states = await script.play(
        *visits("a"), ["behind", "b"], *visits("c"), ["open"], ["states"]
    )
    assert (first, second) == (None, None)
    assert (third is None) == (script.program[0] != "node")
    assert states == dict.fromkeys("ab" if third else "abc", "WAITING")


async def test_a_disk_that_is_full(script: Script) -> None:
    """What does not fit is told, and is not there; what fits is, and goes on to be."""
    script.program = ["prlimit", "--fsize=300000", *script.program]
    large = {"textRecord": "大" * 400_000}
    said = await script.play(
        *visits("a"), *visits("b", **large), *visits("c"), ["states"], ["open"], ["states"]
    )
    assert isinstance(said[1], str), "the large one is told"
    assert said[0] is said[2] is said[4] is None
    assert said[3] == said[5] == {"a": "WAITING", "c": "WAITING"}
