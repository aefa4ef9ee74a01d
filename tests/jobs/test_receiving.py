"""Uploads: raced, cut off, given up, and deleted while they come."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson

from hub.jobs.asking import KEY
from hub.jobs.persons import NDJSON
from hub.jobs.store import delete, purge
from tests.jobs.conftest import ASKED, Jobs, code_of, eventually
from tests.jobs.test_files import on_a_port


class Slow:
    """A body of which the second half comes when it is ``let``; ``line``: each of its 3,000."""

    def __init__(self, line: bytes) -> None:
        self.line, self.let = line, asyncio.Event()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self.line * 1500
        await self.let.wait()
        yield self.line * 1500


async def begun(jobs: Jobs, body: Slow) -> tuple[asyncio.Task[httpx.Response], str, str]:
    """The upload under way, its key, and the job; a thousand persons of it are kept."""
    key = secrets.token_hex(8)
    task = asyncio.create_task(jobs.upload(body.__aiter__(), NDJSON, key=key))
    return task, key, await kept(jobs, key)


async def kept(jobs: Jobs, key: str) -> str:
    """The job of the key, when a piece of it is there and others are to come."""
    text = "select distinct id from job join job_part on job = id where key = $1 and state = 'RECEIVING'"
    [found] = await eventually(lambda: jobs.hub.world.database.fetch(text, key))
    return str(found["id"])


async def of(jobs: Jobs, id_: str) -> list[int]:
    """Rows of the job, and of its pieces."""
    texts = ("select from job where id::text = $1", "select from job_part where job::text = $1")
    return [len(await jobs.hub.world.database.fetch(text, id_)) for text in texts]


def line_of(jobs: Jobs) -> bytes:
    return orjson.dumps(jobs.persons(1)[0]) + b"\n"


async def test_of_two_uploads_of_a_key_one_is_received(jobs: Jobs) -> None:
    body = Slow(line_of(jobs))
    first, key, id_ = await begun(jobs, body)
    second = await jobs.upload(body.line * 3000, NDJSON, key=key)
    assert (second.status_code, code_of(second)) == (409, "JOB_BEING_RECEIVED")
    assert (await jobs.http.get(f"/jobs/{id_}", headers=jobs.hub.bearer("agency"))).status_code == 404
    body.let.set()
    started = await first
    assert (started.status_code, started.json()["id"]) == (202, id_)
    again = await jobs.upload(body.line * 3000, NDJSON, key=key)
    assert again.json()["id"] == id_
    assert (await jobs.ended(started))["progress"] == {"done": 3000, "total": 3000, "failed": 0}


async def test_what_is_deleted_while_it_comes_is_not_kept(jobs: Jobs) -> None:
    body = Slow(line_of(jobs))
    upload, _, id_ = await begun(jobs, body)
    assert await delete(jobs.hub.world.database, id_)
    body.let.set()
    answer = await upload
    assert (answer.status_code, await of(jobs, id_)) == (404, [0, 0])


async def test_an_upload_that_is_cut_off_leaves_nothing(jobs: Jobs) -> None:
    """Over TCP; nobody is to blame, so nothing is told as a fault."""
    key, line = secrets.token_hex(8), line_of(jobs)
    before = len(jobs.hub.logs.lines())
    async with on_a_port(jobs) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        target = httpx.URL("/jobs", params={"query": ASKED, "variables": '{"programme":"DIBAO"}'})
        head = {**jobs.hub.bearer("agency"), KEY: key, "Content-Type": NDJSON, "Host": "x"}
        told = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        writer.write(
            f"POST {target} HTTP/1.1\r\n{told}Content-Length: {len(line) * 3000}\r\n\r\n".encode()
            + line * 2000
        )
        id_ = await kept(jobs, key)
        writer.transport.abort()
        await eventually(lambda: of(jobs, id_), lambda left: left == [0, 0])

    async def told_of() -> list[dict[str, Any]]:
        return jobs.hub.logs.lines()[before:]

    lines = await eventually(told_of)
    assert [line["status"] for line in lines if line["event"] == "request"] == [0]
    assert not [line for line in lines if line["level"] in ("warning", "error")]


async def test_an_upload_is_given_up_when_nothing_comes_any_more(jobs: Jobs) -> None:
    """Its process died; a slow one, whose pieces come, is not."""
    database, body = jobs.hub.world.database, Slow(line_of(jobs))
    upload, key, id_ = await begun(jobs, body)
    await database.fetch("update job set started_at = now() - interval '1 day' where id::text = $1", id_)
    await purge(database)
    assert await of(jobs, id_) == [1, 1]
    await database.fetch("update job set due_at = now() - interval '6 minutes' where id::text = $1", id_)
    taken = await jobs.upload(body.line * 1000, NDJSON, key=key)  # its key is free
    assert (taken.status_code, await of(jobs, id_)) == (202, [0, 0])
    body.let.set()
    assert (await upload).status_code == 404
    assert (await jobs.ended(taken))["progress"]["done"] == 1000


async def test_no_more_begin_at_once_than_may(jobs: Jobs) -> None:
    """Twelve at the same moment; five may be under way."""
    body = Slow(line_of(jobs))
    uploads = [asyncio.create_task(jobs.upload(body.__aiter__(), NDJSON)) for _ in range(12)]
    under_way = "select from job where client_id = 'agency' and state = 'RECEIVING'"
    await eventually(lambda: jobs.hub.world.database.fetch(under_way), lambda found: len(found) == 5)
    body.let.set()
    answers = await asyncio.gather(*uploads)
    assert sorted(answer.status_code for answer in answers) == [202] * 5 + [429] * 7
    assert {code_of(answer) for answer in answers if answer.status_code == 429} == {"TOO_MANY_JOBS"}
    for answer in answers:
        if answer.status_code == 202:
            await jobs.ended(answer)
