"""Every answer that reads a table has its entry in the access log first."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import nullcontext

import asyncpg
import pytest
import pytest_asyncio

from hub.access.viewer import REQUEST_ID
from hub.audit.shape import Shape
from hub.errors import Unavailable
from hub.read import audit
from tests.support.reading import BUREAU, CONTRACTOR, World, small_world
from tests.support.serving import serving

QUERY = "{ beneficiaries(first: 1) { nodes { id station { id } } } }"
ENTRIES = "select client_id, role, operation, tables, request_id, at from access_entry order by sequence"


@pytest_asyncio.fixture(loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        yield made


async def test_an_entry_says_who_read_which_tables_and_by_which_document(world: World) -> None:
    REQUEST_ID.set("of-this-request")
    await world.ask(BUREAU, QUERY)
    [entry] = await world.database.owner.fetch(ENTRIES)
    assert entry["client_id"] == BUREAU.client_id
    assert entry["role"] == "bureau"
    assert entry["operation"] == hashlib.sha256(QUERY.encode()).hexdigest()
    assert entry["tables"] == ["beneficiary", "station"]
    assert entry["request_id"] == "of-this-request"


async def test_a_question_that_is_refused_and_one_that_reads_nothing_have_none(world: World) -> None:
    await world.answer(BUREAU, "{ nothing }")
    await world.ask(BUREAU, "{ viewer { role } __typename }")
    assert not await world.database.owner.fetch(ENTRIES)


async def test_entries_of_one_moment_are_written_together(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    write = audit.Audit._write

    async def counted(
        self: audit.Audit,
        entries: list[audit.Entry],
        waiting: list[asyncio.Future[None]],
        new: dict[bytes, str],
    ) -> None:
        written.append(len(entries))
        await write(self, entries, waiting, new)

    monkeypatch.setattr(audit.Audit, "_write", counted)
    await asyncio.gather(*(world.ask(CONTRACTOR, QUERY) for _ in range(30)))
    assert sum(written) == 30
    assert len(written) < 30
    assert len(await world.database.owner.fetch(ENTRIES)) == 30


async def being_written(log: audit.Audit) -> None:
    """Until all that waited is."""
    for _ in range(10_000):
        if not log._waiting:
            return
        await asyncio.sleep(0)
    raise AssertionError("never written")


async def test_what_comes_while_entries_are_written_goes_together_afterwards(world: World) -> None:
    log = world.engine.asker.audit
    shape = Shape(b"\0" * 32, "{}")

    async def note(name: bytes) -> None:
        await log.written(BUREAU, name, shape, ("station",), "")

    first = asyncio.create_task(note(b"first"))
    await asyncio.sleep(0)
    await being_written(log)
    await asyncio.gather(first, *(note(b"%d" % n) for n in range(10)))
    times = [entry["at"] for entry in await world.database.owner.fetch(ENTRIES)]
    assert len(times) == 11
    assert len(set(times)) == 2


async def test_writing_that_is_cancelled_leaves_nobody_waiting(world: World) -> None:
    log, shape = world.engine.asker.audit, Shape(b"\0" * 32, "{}")
    for is_begun in (False, True):
        one = log.written(BUREAU, b"one", shape, ("station",), "")
        if is_begun:
            await being_written(log)
        assert log._writer is not None
        log._writer.cancel()
        other = log.written(BUREAU, b"other", shape, ("station",), "")
        with pytest.raises(Unavailable) if is_begun else nullcontext():
            await one
        await other
    told = [entry["operation"] for entry in await world.database.owner.fetch(ENTRIES)]
    assert told.count(b"other".hex()) == 2


async def test_who_leaves_takes_nobodys_entry_along(world: World) -> None:
    asking = [asyncio.create_task(world.ask(BUREAU, QUERY)) for _ in range(6)]
    await asyncio.sleep(0)
    asking[0].cancel()
    answers = await asyncio.gather(*asking, return_exceptions=True)
    assert all(isinstance(answer, dict) for answer in answers[1:])


async def test_without_an_entry_there_is_no_answer(world: World) -> None:
    await world.database.owner.execute("alter table access_entry rename to access_entry_gone")
    assert await world.code(BUREAU, QUERY) == "UNAVAILABLE"
    await world.database.owner.execute("alter table access_entry_gone rename to access_entry")
    assert (await world.ask(BUREAU, QUERY))["beneficiaries"]


async def test_over_http_the_entry_has_the_number_of_the_answer() -> None:
    async with serving() as hub:
        answer = await hub.ask(QUERY)
        [entry] = await hub.world.database.owner.fetch(ENTRIES)
        assert entry["request_id"] == answer.headers["x-request-id"]
        reader = await hub.world.database.reader("bureau")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await reader.fetch("select from access_entry")
