"""The embedded server through everything that can happen to it: all against the real one."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import stat
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from hub.errors import ConfigurationError, Unavailable
from hub.store import binaries
from hub.store.cluster import SETTINGS
from hub.store.embedded import Embedded
from tests.support.embedded import (
    ask,
    copy_of_the_programs,
    is_kept,
    keeper,
    kill,
    kill_all,
    leave,
    other_process,
    postmaster,
    processes,
    running,
    socket_dir,
    stale_number,
    started_at,
    stranger,
    timed,
    until,
    write,
)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One cluster for all tests of this file; each must leave it so that the next can start."""
    return tmp_path_factory.mktemp("embedded") / "hub data 数据"


@pytest.fixture(autouse=True)
async def _nothing_left(data_dir: Path) -> AsyncIterator[None]:
    yield
    await until(lambda: not processes(data_dir), "a test left a server behind")


async def test_start_and_stop_are_quick(data_dir: Path) -> None:
    seconds = {}
    for kind in ("cold", "warm"):
        begun = time.perf_counter()
        async with running(data_dir) as server:
            seconds[kind] = time.perf_counter() - begun
            seconds[f"stop after {kind}"] = await timed(server.stop)
    print({kind: round(value, 3) for kind, value in seconds.items()})
    assert seconds["warm"] < 5
    assert seconds["cold"] < 60


async def test_it_is_as_the_hub_needs_it(data_dir: Path) -> None:
    async with running(data_dir) as server:
        await ask(server, "create extension if not exists pg_trgm")
        assert await ask(server, "select array_length(show_trgm('民政'), 1)")
        assert await ask(server, "select '测试' similar to '%试'")
        assert await ask(server, "show server_encoding") == "UTF8"
        assert await ask(server, "show data_checksums") == "on"
        assert await ask(server, "select 'b' < 'a'::text collate \"default\" or 'B' < 'a'") is True
        assert (
            await ask(server, "select rolsuper or rolbypassrls from pg_roles where rolname = user") is False
        )
        for name in ("fsync", "synchronous_commit", "max_wal_size", "timezone", "jit"):
            assert await ask(server, f"show {name}") == SETTINGS[name]


async def test_nobody_else_reaches_it(data_dir: Path) -> None:
    async with running(data_dir) as server:
        assert await ask(server, "show listen_addresses") == ""
        directory = socket_dir(data_dir)
        state = state_of(directory)
        assert stat.S_IMODE(state.st_mode) & 0o007 == 0
        assert state.st_gid == os.getegid()
        assert len(str(directory / ".s.PGSQL.5432")) < 100
    assert not directory.exists()


def state_of(path: Path) -> os.stat_result:
    return path.stat()


def log_of(data_dir: Path) -> str:
    return (data_dir / "postgres" / "log").read_text()


async def test_its_log_quotes_no_rows(data_dir: Path) -> None:
    async with running(data_dir) as server:
        await ask(server, "create table if not exists person (name text primary key)")
        await ask(server, "insert into person values ('测试某人') on conflict do nothing")
        with pytest.raises(asyncpg.UniqueViolationError):
            await ask(server, "insert into person values ('测试某人')")
        with pytest.raises(asyncpg.InvalidTextRepresentationError):
            await ask(server, "select 'x'::int from person where name = '测试某人'")
    log = log_of(data_dir)
    assert "duplicate key value" in log
    assert "测试某人" not in log


async def test_a_second_process_attaches_and_outlives_the_first(data_dir: Path) -> None:
    async with other_process(data_dir) as first:
        async with running(data_dir) as server:
            begun = await started_at(server)
            await leave(first)
            await asyncio.sleep(0.5)
            assert await started_at(server) == begun
        assert not processes(data_dir, b"listen_addresses=")


async def test_leaving_does_not_end_the_server_of_others(data_dir: Path) -> None:
    async with other_process(data_dir):
        async with running(data_dir) as server:
            begun = await started_at(server)
        await asyncio.sleep(0.5)
        async with running(data_dir) as again:
            assert await started_at(again) == begun


async def test_many_at_once_share_one_server(data_dir: Path) -> None:
    servers = await asyncio.gather(*(Embedded.start(data_dir) for _ in range(8)))
    assert len({await started_at(server) for server in servers}) == 1
    assert len(processes(data_dir, b"keeper.py")) == 1
    await asyncio.gather(*(server.stop() for server in servers))


async def test_stopping_and_starting_may_overlap(data_dir: Path) -> None:
    for pause in (0.0, 0.05, 0.1, 0.15):
        first = await Embedded.start(data_dir)
        leaving = asyncio.create_task(first.stop())
        await asyncio.sleep(pause)
        async with running(data_dir) as second:
            assert await ask(second, "select 1") == 1
            await leaving
            assert await ask(second, "select 1") == 1


async def test_killing_the_hub_ends_the_server_and_loses_nothing(data_dir: Path) -> None:
    async with other_process(data_dir) as first, running(data_dir) as server:
        await write(server, "before the kill")
        await server.stop()
        begun = time.monotonic()
        await kill(first)
        await until(lambda: not processes(data_dir), "a killed hub leaves its server", seconds=10)
        print("ended", round(time.monotonic() - begun, 2), "s after kill -9")
    async with running(data_dir) as server:
        assert await is_kept(server, "before the kill")


async def test_killing_the_first_hub_leaves_the_second_its_server(data_dir: Path) -> None:
    async with other_process(data_dir) as first, running(data_dir) as server:
        begun = await started_at(server)
        await kill(first)
        await asyncio.sleep(0.5)
        assert await started_at(server) == begun


async def test_killing_everything_at_once_loses_nothing(data_dir: Path) -> None:
    async with other_process(data_dir) as first, running(data_dir) as server:
        await write(server, "before the power cut")
        directory = socket_dir(data_dir)
        first.kill()
        kill_all(data_dir)
        await first.wait()
        await server.stop()
    assert stale_number(data_dir)
    async with running(data_dir) as server:
        assert await is_kept(server, "before the power cut")
    assert not directory.exists(), "the dead server's socket was left behind"


async def test_killing_the_keeper_ends_the_server(data_dir: Path) -> None:
    async with running(data_dir) as server:
        await write(server, "before the keeper died")
        os.kill(keeper(data_dir), signal.SIGKILL)
        await until(lambda: not processes(data_dir, b"keeper.py"), "a killed keeper stays")
        async with running(data_dir) as again:  # waits for the orphan, and starts anew
            assert await is_kept(again, "before the keeper died")


async def test_a_server_that_dies_is_started_again(data_dir: Path) -> None:
    async with running(data_dir) as server:
        await write(server, "before the server died")
        killed = postmaster(data_dir)
        os.kill(killed, signal.SIGKILL)

        async with running(data_dir) as again:
            assert await is_kept(again, "before the server died")
            assert postmaster(data_dir) != killed


async def test_the_terminal_and_service_managers_do_not_end_it(data_dir: Path) -> None:
    async with running(data_dir) as server:
        begun = await started_at(server)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(keeper(data_dir), number)
        await asyncio.sleep(0.3)
        assert os.getsid(keeper(data_dir)) != os.getsid(0)
        assert await started_at(server) == begun


async def test_a_number_used_again_by_a_stranger_does_not_stop_the_start(data_dir: Path) -> None:
    """After a restart of a container the number in postmaster.pid belongs to any process of the same user."""
    async with running(data_dir) as server:
        await write(server, "before the restart")
        kill_all(data_dir)
        await until(lambda: not processes(data_dir), "killed processes stay")
    with stranger(data_dir) as pid:
        stale_number(data_dir, pid)
        async with running(data_dir) as server:
            assert await is_kept(server, "before the restart")


async def test_a_half_made_cluster_is_no_cluster(tmp_path: Path) -> None:
    home = tmp_path / "data" / "postgres"
    (home / "new-left").mkdir(parents=True)
    (home / "new-left" / "PG_VERSION").write_text("18\n")
    async with running(tmp_path / "data") as server:
        assert await ask(server, "select 1") == 1
        assert not list(home.glob("new-*"))


async def test_a_cluster_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "postgres" / "11").mkdir(parents=True)
    with pytest.raises(ConfigurationError, match="PostgreSQL 11"):
        await Embedded.start(tmp_path)
    assert not list((tmp_path / "postgres").glob("1[5-9]"))


async def test_a_server_that_cannot_start_says_why(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SETTINGS, "shared_buffers", "1kB")
    with pytest.raises(Unavailable, match="shared_buffers"):
        await Embedded.start(data_dir)


async def test_a_file_in_the_way_is_a_configuration_error(tmp_path: Path) -> None:
    (tmp_path / "postgres").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be used"):
        await Embedded.start(tmp_path)


async def test_it_can_be_moved(data_dir: Path, tmp_path: Path) -> None:
    async with running(data_dir) as server:
        await write(server, "before the move")
    shutil.move(data_dir, tmp_path / "moved")
    async with running(tmp_path / "moved") as server:
        assert await is_kept(server, "before the move")
    shutil.move(tmp_path / "moved", data_dir)


@pytest.fixture
def closed(tmp_path: Path) -> Path:
    (tmp_path / "closed").mkdir(mode=0o700)
    return tmp_path / "closed"


@pytest.fixture
def programs_place() -> Iterator[Path]:
    place = Path(tempfile.mkdtemp(dir="/var/tmp"))
    place.chmod(0o755)
    yield place
    shutil.rmtree(place)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can close a directory to the user of the server")
async def test_root_may_keep_everything_where_only_root_gets(
    closed: Path, programs_place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clone below /root: neither the programs nor the data are in reach of the user."""
    programs, data_dir = copy_of_the_programs(closed / "site"), closed / "data"
    monkeypatch.setattr(binaries, "COPY_PLACES", (programs_place,))
    monkeypatch.setattr(binaries, "_candidates", lambda: iter([programs]))
    for _ in range(2):
        async with running(data_dir) as server:
            assert await ask(server, "select 1") == 1
            assert state_of(Path(f"/proc/{postmaster(data_dir)}")).st_uid != 0
    assert len(list((programs_place / "civil-affairs-hub").glob("*"))) == 1
