"""``hub demo``: a synthetic world, published as upstream systems would, synced, and served.

Nothing reaches the API but through a connector. A second start in the same directory finds its data.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import fcntl
import shlex
import socket
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any, Final

import orjson
from rich.box import SIMPLE
from rich.console import Console
from rich.table import Table

from connectors import CONNECTORS
from connectors.emulators.rosters import publish
from connectors.emulators.systems import MOST_PEOPLE, SYSTEMS, System, elsewhere
from connectors.emulators.world import World, build_world
from hub import log
from hub.demo_personas import register
from hub.documents.files import read_files
from hub.documents.registry import push
from hub.domain.dates import china_now
from hub.errors import ConfigurationError, HubError
from hub.exercise.writing import Ids
from hub.exercise.writing import write as write_exercise
from hub.personas import FILE, read_demo
from hub.prepare import prepare
from hub.progress import Steps
from hub.sandbox import Clock, Sandbox, open_sandbox
from hub.sealing import sealer
from hub.serve import serve
from hub.settings import Settings
from hub.stand import Stand
from hub.store.database import Database
from hub.store.keys import load_vault
from hub.sync.history import explain
from hub.sync.run import run_source
from hub.worker import labour

DOCUMENTS: Final = Path(__file__).with_name("demo_documents")
"""A folder for each persona that has trusted documents."""

LAST_SECONDS: Final = 3.0
"""Runs under way get this long to end after Ctrl-C."""

SOURCE: Final = "select name, last_success_at from source where code = $1"
QUERY: Final = (
    "{ viewer { role } beneficiaries(first: 2, orderBy: [{riskLevel: ASC}]) "
    "{ totalCount nodes { nameMasked riskLevel station { name } visits { totalCount } } } }"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What decides the world; a directory holds one.

    ``systems``: codes of those that some counties have beside rosters. ``times``: when systems told each day.
    ``clock``: the day it was set to.
    """

    people: int
    seed: int
    today: dt.date
    systems: tuple[str, ...] = ()
    times: tuple[dt.datetime, ...] = ()
    clock: dt.date | None = None

    def facts(self) -> dict[str, Any]:
        return {
            "people": self.people,
            "seed": self.seed,
            "today": self.today.isoformat(),
            "systems": self.systems,
            "times": [at.isoformat() for at in self.times],
            "clock": self.clock,
        }

    def world(self) -> World:
        return build_world(seed=self.seed, people=self.people, today=self.today)

    def chosen(self) -> tuple[System, ...]:
        return tuple(system for system in SYSTEMS if system.code in self.systems)


def settings_for(data_dir: Path, port: int) -> Settings:
    here, quiet = f"http://127.0.0.1:{port}", "warning"
    return Settings(
        data_dir=data_dir, port=port, base_url=here, demo=True, log_format="console", log_level=quiet
    )


async def demo(data_dir: Path, port: int, people: int, seed: int) -> None:
    """Set up what is missing, say what there is, serve until interrupted."""
    console = Console(stderr=False)
    settings = settings_for(data_dir, port)
    log.configure(settings)
    ensure_free(port)
    wanted = known_or_new(data_dir, people, seed)
    held = hold(data_dir)
    world = wanted.world()
    stand = Stand(world, data_dir, settings.base_url, wanted.chosen(), list(wanted.times))
    try:
        with Steps(console) as steps:
            with steps.step("PostgreSQL"):
                database = await Database.open(settings)
            try:
                await fill(database, settings, wanted, steps, stand)
                with steps.step("Exercise of the rules"):
                    ids = await write_exercise(database, data_dir)
            except BaseException:
                await database.close()
                raise
        try:
            clock = Clock(wanted.clock)
            async with at_work(database, settings, stand, wanted, clock, ids):
                await serve(settings, database, lambda: say(console, settings, stand), clock)
        finally:
            await database.close()
    finally:
        await stand.close()
        held.close()


@asynccontextmanager
async def at_work(
    database: Database, settings: Settings, stand: Stand, wanted: Wanted, clock: Clock, exercise: Ids
) -> AsyncIterator[None]:
    """While it serves: the worker, what systems do by themselves, and the sandbox.

    ``exercise``: what ``hub sandbox rules`` is about.
    """

    def keep() -> None:
        write_world(settings.data_dir, replace(wanted, times=tuple(stand.times), clock=clock.day))

    stop = asyncio.Event()
    sandbox = Sandbox(stand, database, load_vault(settings), keep, clock, exercise)
    async with open_sandbox(sandbox, settings.data_dir):
        tasks = [
            asyncio.create_task(labour(database, settings, stop, clock)),
            asyncio.create_task(stand.tend(stop)),
        ]
        try:
            yield
        finally:
            stop.set()
            _, late = await asyncio.wait(tasks, timeout=LAST_SECONDS)
            for task in late:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def hold(data_dir: Path) -> IO[bytes]:
    """ConfigurationError where another demo serves ``data_dir``; the lock ends with the process."""
    file = (data_dir / "demo.lock").open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise ConfigurationError(f"Another demo is running in {data_dir}.") from None
    return file


def ensure_free(port: int) -> None:
    """ConfigurationError before any work, where another program listens already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise ConfigurationError(f"Port {port} is in use; name another with --port.") from None


def known_or_new(data_dir: Path, people: int, seed: int) -> Wanted:
    """The world ``data_dir`` holds already, which must be the one asked for, or a new one of today."""
    now = china_now()
    marker = data_dir / "world.json"
    if not marker.exists():
        data_dir.mkdir(parents=True, exist_ok=True)
        systems = () if people > MOST_PEOPLE else tuple(each.code for each in SYSTEMS if not each.lacks)
        write_world(data_dir, Wanted(people, seed, now.date(), systems, (now,)))
    found = orjson.loads(marker.read_bytes())
    if (found["people"], found["seed"]) != (people, seed):
        raise ConfigurationError(
            f"{data_dir} holds a world of {found['people']} people with seed {found['seed']}; "
            "name another --data, or remove it."
        )
    return Wanted(
        people,
        seed,
        dt.date.fromisoformat(found["today"]),
        # A world of an earlier version has rosters and nothing else.
        tuple(found.get("systems", ())),
        tuple(map(dt.datetime.fromisoformat, found.get("times", ()))),
        dt.date.fromisoformat(found["clock"]) if found.get("clock") else None,
    )


def write_world(data_dir: Path, wanted: Wanted) -> None:
    made = data_dir / "world.json.new"
    made.write_bytes(orjson.dumps(wanted.facts()))
    made.replace(data_dir / "world.json")


async def fill(
    database: Database, settings: Settings, wanted: Wanted, steps: Steps, stand: Stand | None = None
) -> None:
    """Without a ``stand`` from rosters alone."""
    world = wanted.world()
    stand = stand or Stand(world, settings.data_dir, settings.base_url)
    starting = asyncio.create_task(stand.start())
    try:
        with steps.step("Tables, policies, divisions"):
            await prepare(database)
        with steps.step("Rosters of the counties") as progress:
            told = elsewhere(stand.systems)
            await asyncio.to_thread(publish, world, stand.lists, progress, told)
        with steps.step("Upstream systems"):
            await starting
            await stand.register(database, load_vault(settings))
    except BaseException:
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        raise
    await sync(database, settings, stand.codes(), steps)
    with steps.step("Personas"):
        await sealer(settings, database).move()  # its address is the port of this start
        await register(database, settings, world)
        for folder in sorted(DOCUMENTS.iterdir()):
            await push(database, f"demo-{folder.name}", read_files([folder]))


async def sync(database: Database, settings: Settings, codes: Iterable[str], steps: Steps) -> None:
    """Each source that was never read; one that does not deliver holds up no other, and is read again."""
    vault, today = load_vault(settings), china_now().date()
    for code in codes:
        source = await database.owner.fetchrow(SOURCE, code)
        assert source is not None, "it is registered"
        with steps.step(f"Sync {code} {source['name']}") as progress:
            if source["last_success_at"] is not None:
                continue
            try:
                await run_source(database, vault, CONNECTORS, code, today=today, progress=progress)
            except HubError as error:
                steps.console.print(f"  ! {code}: {explain(error)}", highlight=False, markup=False)


def say(console: Console, settings: Settings, stand: Stand) -> None:
    found = read_demo(settings.data_dir)
    table = Table(title="\nPersonas 演示身份", title_justify="left", box=SIMPLE)
    for heading in ("name", "role", "belongs to"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "name")
    for entry in found["personas"]:
        table.add_row(entry["name"], entry["role"], entry["organisation"] or entry["division"] or "–")
    console.print(table)
    for line in systems(settings.data_dir, stand):
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    console.print(f"Explorer  {found['explorer_url']}", highlight=False)
    console.print(f"Personas, keys  {settings.data_dir / FILE}\n", highlight=False)
    console.print(
        "\n".join(curl(found["base_url"], settings.data_dir)),
        soft_wrap=True,
        highlight=False,
        markup=False,
    )
    console.print("\nCtrl-C stops the hub; the same command starts it again with its data.", highlight=False)


def systems(data_dir: Path, stand: Stand) -> Iterable[str]:
    """What feeds the hub, and how it is made to fail."""
    yield f"Upstream systems 上游系统: rosters of each county{', and' if stand.systems else ''}"
    for system in stand.systems:
        why = f"{system.lacks} is not installed" if system.lacks else "it did not start"
        away = "" if system.code in stand.running else f" – not now: {why}"
        yield f"  {system.code}  {system.name}{away}"
    for system in SYSTEMS:
        if system.lacks and system not in stand.systems:
            yield f"  without {system.name}, which needs {system.lacks}: its county has rosters alone"
    sandbox = f"{command()} sandbox list --data {shlex.quote(str(data_dir))}"
    yield f"Make them fail, or go on to the next day: {sandbox}\n"


def command() -> str:
    return shlex.quote(str(Path(sys.argv[0]))) if Path(sys.argv[0]).name == "hub" else "hub"


def curl(base_url: str, data_dir: Path) -> Iterable[str]:
    """Lines to paste into a shell: a query of a contractor, a document of a township."""
    body = orjson.dumps({"query": QUERY}).decode()
    token = f"{command()} token --data {shlex.quote(str(data_dir))} --persona"
    yield f"TOKEN=$({token} contractor-licheng)"
    yield f'curl -s {base_url}/graphql -H "Authorization: Bearer $TOKEN" \\'
    yield f"  -H 'Content-Type: application/json' -d {shlex.quote(body)}"
    yield f"TOKEN=$({token} township-dongjiang)"
    yield f"""curl -s '{base_url}/documents/township-caseload?first=2' -H "Authorization: Bearer $TOKEN\""""
