"""``hub demo`` as a process, from an empty directory through every way it can end."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import gettempdir
from typing import Any, Final

import httpx
import pytest

from connectors.emulators import mariadb
from connectors.emulators.systems import SYSTEMS
from hub.domain.dates import china_now
from tests.support.embedded import processes, until
from tests.support.needs import need
from tests.support.process import HUB, free_port

PEOPLE: Final = "300"
LAST_LINE: Final = "Ctrl-C stops the hub"
START_SECONDS: Final = 240


@dataclass
class Demo:
    process: asyncio.subprocess.Process
    data_dir: Path
    said: str

    @property
    def facts(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.data_dir / "demo.json").read_bytes())
        return found

    async def paste(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """The answers to the lines that the demo tells people to paste into a shell."""
        begin, end = self.said.index("TOKEN="), self.said.index("\nCtrl-C")
        environment = {**os.environ, "PATH": f"{HUB.parent}:{os.environ['PATH']}", "no_proxy": "*"}
        shell = await asyncio.create_subprocess_exec(
            "bash", "-euc", self.said[begin:end], stdout=asyncio.subprocess.PIPE, env=environment
        )
        said, _ = await shell.communicate()
        query, document = said.decode().replace("}{", "}\n{").splitlines()
        first, second = json.loads(query), json.loads(document)
        assert not {"errors"} & {*first, *second}
        return first["data"], second["data"]

    async def ends(self, how: signal.Signals) -> int:
        self.process.send_signal(how)
        return await asyncio.wait_for(self.process.wait(), START_SECONDS)


@asynccontextmanager
async def demo(data_dir: Path, port: int) -> AsyncIterator[Demo]:
    """Up to the last line it says, which is when it serves."""
    process = await start(data_dir, port)
    said = ""
    try:
        assert process.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            while LAST_LINE not in said:
                line = (await process.stdout.readline()).decode()
                assert line, f"the demo ended early:\n{said}"
                said += line
        yield Demo(process, data_dir, said)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def heed_interrupts() -> None:
    """As at a terminal: a shell without one starts what it runs in the background deaf to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def temporary(data_dir: Path) -> Path:
    """Where the demo's database of an upstream system lies: in a folder that its account may enter."""
    folder = Path(gettempdir()) / f"demo-of-{os.getpid()}-{data_dir.parent.name}"
    folder.mkdir(mode=0o755, exist_ok=True)
    return folder


def left_behind(data_dir: Path) -> list[str]:
    """Servers that still run, and folders that were made for one."""
    folder = temporary(data_dir)
    servers = [str(pid) for pid in processes(data_dir)]
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            if os.fsencode(folder) in path.read_bytes():
                servers.append(path.parent.name)
    return [*servers, *(path.name for path in folder.iterdir())]


async def start(data_dir: Path, port: int, people: str = PEOPLE) -> asyncio.subprocess.Process:
    options = ("--data", str(data_dir), "--port", str(port), "--people", people)
    return await asyncio.create_subprocess_exec(
        HUB,
        "demo",
        *options,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        preexec_fn=heed_interrupts,
        env={**os.environ, "TMPDIR": str(temporary(data_dir))},
    )


async def refused(data_dir: Path, port: int, people: str = PEOPLE) -> str:
    """The sentence of a demo that does not start."""
    process = await start(data_dir, port, people)
    said, _ = await asyncio.wait_for(process.communicate(), START_SECONDS)
    assert process.returncode == 1
    assert b"Traceback" not in said
    return said.decode()


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "county 县"


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


async def test_it_lives_through_interruption_and_murder(data_dir: Path, port: int) -> None:
    if shutil.which("curl") is None:
        need("curl")
    async with demo(data_dir, port) as first:
        answers, facts = await first.paste(), first.facts
        answer, caseload = answers
        assert answer["viewer"]["role"] == "contractor"
        assert 0 < answer["beneficiaries"]["totalCount"] < int(PEOPLE)
        assert all(node["visits"]["totalCount"] >= 0 for node in answer["beneficiaries"]["nodes"])
        assert len(caseload["beneficiaries"]["nodes"]) == 2
        assert caseload["beneficiaries"]["nodes"][0]["name"]
        token = await hub("token", "--data", str(data_dir), "--persona", "operator")
        assert len(token.splitlines()) == 1
        assert token.count(".") == 2
        assert "in use" in await refused(data_dir, port)
        assert "Another demo is running" in await refused(data_dir, free_port())
        assert first.facts == facts
        assert await first.ends(signal.SIGINT) == 0
        assert first.process.stdout is not None
        assert b"Traceback" not in await first.process.stdout.read()
    await until(lambda: not left_behind(data_dir), "Ctrl-C left a server behind")

    async with demo(data_dir, port) as second:
        assert (second.facts, await second.paste()) == (facts, answers)
        await second.ends(signal.SIGKILL)
    await until(lambda: not left_behind(data_dir), "kill -9 left a server behind")

    elsewhere = free_port()
    async with demo(data_dir, elsewhere) as third:
        assert third.facts["base_url"] == f"http://127.0.0.1:{elsewhere}"
        assert await third.paste() == answers
        log = await hub(
            "audit", "verify", "--data", str(data_dir)
        )  # refused where the log is of another address
        assert "are as they were sealed" in log, "the access log moves with the demo"
        assert await third.ends(signal.SIGTERM) == 0
        assert not (data_dir / "sandbox.json").exists()
    await until(lambda: not left_behind(data_dir), "SIGTERM left a server behind")


async def fault(data_dir: Path, name: str, source: str | None = None, **asked: Any) -> dict[str, Any]:
    """What the command asks, without starting one each time."""
    found = json.loads((data_dir / "sandbox.json").read_bytes())
    head = {"authorization": f"Bearer {found['secret']}"}
    async with httpx.AsyncClient(base_url=found["url"], trust_env=False, timeout=60, headers=head) as http:
        answer = await http.post("/fault", json={"name": name, "source": source, **asked})
        assert (await http.get("/state", headers={"authorization": "Bearer x"})).status_code == 401
    said: dict[str, Any] = answer.json()
    return said


async def judged_for(running: Demo, data_dir: Path) -> str:
    """The day that a bureau is told verdicts are of."""
    token = await hub("token", "--data", str(data_dir), "--persona", "county-bureau-qixing")
    head = {"authorization": f"Bearer {token.strip()}"}
    async with httpx.AsyncClient(
        base_url=running.facts["base_url"], trust_env=False, timeout=60, headers=head
    ) as http:
        answer = await http.post("/graphql", json={"query": "{ complianceSummary { asOf } }"})
    day: str = answer.json()["data"]["complianceSummary"]["asOf"]
    return day


async def test_systems_are_made_to_fail_while_it_runs(data_dir: Path, port: int) -> None:
    """What happened so often stands beside what the hub made of it, and is mended."""
    if not mariadb.is_there():
        need("mariadbd")
    exchange, sandbox = "social-assistance-640104", ("--data", str(data_dir))
    async with demo(data_dir, port) as running:
        listed = await hub("sandbox", "list", *sandbox)
        assert all(system.code in running.said and system.code in listed for system in SYSTEMS)
        said = await hub("sandbox", "fault", "x24-lost-characters", "--source", exchange, *sandbox)
        happened = re.search(r"happened (\d+) times", said)
        assert happened, said
        assert int(happened[1]) > 0
        assert f" {happened[1]} refused" in said
        assert f"now: NAME_LOST_CHARACTER {happened[1]}" in said
        assert (await fault(data_dir, "x24-lost-characters", exchange, off=True))["refused"] == {}
        assert "SCHEMA_DRIFT" in (await fault(data_dir, "x13-renamed", exchange))["run"]["error"]
        assert (await fault(data_dir, "x13-renamed", exchange))["code"] == "CONFLICT", "it is renamed"
        mended = await fault(data_dir, "x13-renamed", exchange, off=True)
        assert mended["run"]["status"] == "SUCCEEDED"
        again = await fault(data_dir, "x05-500", "child-welfare-350203", times=2)
        assert (again["happened"], again["run"]["status"]) == (2, "SUCCEEDED")
        assert (await fault(data_dir, "x05-500"))["code"] == "BAD_ARGUMENT", "several have it"
        assert (await fault(data_dir, "x99-nothing"))["code"] == "NOT_FOUND"
        harmed = await fault(data_dir, "x19-checksum", "roster-450305")
        assert (harmed["happened"], harmed["refused"]) == (1, {"ID_CHECKSUM": 1})
        assert (await fault(data_dir, "x19-checksum", "roster-450305", off=True))["refused"] == {}
        assert "day 1" in await hub("sandbox", "day", *sandbox)
        rules = await hub("sandbox", "rules", *sandbox)
        assert "142 bounds: 136 met and not met, 6 cannot be both" in rules
        turned = await hub("sandbox", "change", "whole project", "amount=345000.01", *sandbox)
        assert "R117  contract.amount  MET → NOT_MET  345000.01 / 345000.00" in turned
        assert "1 verdicts turn; all is as it was" in turned
        state = await hub("sandbox", "state", *sandbox)
        assert "days since the start: 1" in state
        assert "x13-renamed happened once" in state
        assert "the day is 2026-03-31" in await hub("sandbox", "clock", "2026-03-31", *sandbox)
        assert await judged_for(running, data_dir) == "2026-03-31"
        assert "that has come" in await hub("sandbox", "clock", "2999-01-01", *sandbox)
        assert "the clock: 2026-03-31" in await hub("sandbox", "state", *sandbox)
        await hub("sandbox", "clock", "now", *sandbox)
        assert await judged_for(running, data_dir) == china_now().date().isoformat()
        await running.ends(signal.SIGKILL)
    await until(lambda: not left_behind(data_dir), "kill -9 left a server behind")
    assert "No demo answers" in await hub("sandbox", "state", *sandbox)


async def test_its_secrets_are_the_owners_alone(data_dir: Path) -> None:
    for path in (data_dir / "demo.json", data_dir / "sandbox", *(data_dir / "keys").iterdir()):
        assert path.stat().st_mode & 0o077 == 0, path.name


async def test_a_directory_holds_one_world(data_dir: Path, port: int) -> None:
    assert "holds a world of 300 people" in await refused(data_dir, port, people="400")


async def test_interrupted_while_it_fills_it_ends_quietly_and_goes_on_later(tmp_path: Path) -> None:
    data_dir, port = tmp_path / "half", free_port()
    process = await start(data_dir, port)
    assert process.stdout is not None
    said = ""
    async with asyncio.timeout(START_SECONDS):
        while "Sync roster-450305" not in said:
            said += (await process.stdout.readline()).decode()
    process.send_signal(signal.SIGINT)
    rest, _ = await asyncio.wait_for(process.communicate(), START_SECONDS)
    assert process.returncode == 130
    assert b"Traceback" not in rest
    await until(lambda: not left_behind(data_dir), "a server stayed behind")
    async with demo(data_dir, port) as again:
        async with httpx.AsyncClient(trust_env=False) as http:
            assert (await http.get(f"{again.facts['base_url']}/health/ready")).status_code == 200
        await again.ends(signal.SIGINT)


async def hub(*words: str, stopped_after: float | None = None) -> str:
    """All that a command says; ``stopped_after`` these seconds by Ctrl-C."""
    process = await asyncio.create_subprocess_exec(
        HUB,
        *words,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        preexec_fn=heed_interrupts,
    )
    if stopped_after is not None:
        await asyncio.sleep(stopped_after)
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
    said, _ = await asyncio.wait_for(process.communicate(), START_SECONDS)
    return said.decode()


@pytest.mark.parametrize("seconds", [0.9, 1.2, 1.5])
async def test_a_run_that_is_stopped_says_nothing_of_a_person(data_dir: Path, seconds: float) -> None:
    said = await hub("sync", "roster-350582", "--data", str(data_dir), stopped_after=seconds)
    assert "459999" not in said
    assert "身份证号" not in said


async def test_a_folder_that_is_gone_is_a_sentence(data_dir: Path) -> None:
    folder = data_dir / "upstream" / "640324"
    folder.rename(folder.with_name("away"))
    said = await hub("sync", "roster-640324", "--data", str(data_dir))
    folder.with_name("away").rename(folder)
    assert "[UNREADABLE_FILE]" in said or "[SOURCE_ERROR]" in said
    assert "Traceback" not in said
