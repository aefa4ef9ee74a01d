"""What all contenders stand on: one data set in one PostgreSQL, and the place for their logs."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from benchmarks.read import generate
from benchmarks.read.world import World
from hub.prepare import prepare
from hub.settings import Settings
from hub.store.database import Database
from hub.store.embedded import Embedded
from hub.store.keys import load_vault
from hub.store.migrate import revisions
from hub.store.vault import Vault

MARK: Final = "data-set.json"
POOL: Final = 8
"""Connections to PostgreSQL of every contender, the hub's default."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Stage:
    directory: Path
    world: World
    database: Database
    vault: Vault
    dsn: str
    postmaster: int


def settings_of(directory: Path) -> Settings:
    """Of the embedded PostgreSQL in ``directory``, whatever the environment says."""
    return Settings(data_dir=directory, database_url=None, field_key=None, pool_size=POOL)


def place_of(data: Path, world: World) -> Path:
    """Every data set has a directory of its own, so that a run over several keeps them all."""
    return data.resolve() / f"{world.people}-people-{world.stations}-stations"


@asynccontextmanager
async def opened(data: Path, world: World, say: Say) -> AsyncIterator[Stage]:
    """The data set, made where it is missing; its server runs until the end."""
    directory = place_of(data, world)
    facts = {"people": world.people, "stations": world.stations, "version": generate.VERSION}
    if directory.exists() and _facts(directory) != facts:
        _remove(directory)
    directory.mkdir(parents=True, exist_ok=True)
    settings = settings_of(directory)
    server = await Embedded.start(directory)
    try:
        database = await Database.open(settings)
        try:
            vault = load_vault(settings)
            await _filled(database, vault, directory, world, facts, say)
            yield Stage(directory, world, database, vault, server.dsn(), _postmaster(directory))
        finally:
            await database.close()
    finally:
        await server.stop()


async def _filled(
    database: Database, vault: Vault, directory: Path, world: World, facts: dict[str, int], say: Say
) -> None:
    before = await revisions(database)
    await prepare(database)
    if not (directory / MARK).exists():
        say(f"making {world.people:,} people at {world.stations:,} stations in {directory}")
        await generate.fill(database, vault, world, say)
        (directory / MARK).write_bytes(orjson.dumps(facts))
    elif before[0] != before[1]:
        say("the tables were migrated: vacuum and analyze")
        await database.owner.execute("vacuum analyze", timeout=None)


def _facts(directory: Path) -> object:
    try:
        return orjson.loads((directory / MARK).read_bytes())
    except FileNotFoundError:
        return None


def _remove(directory: Path) -> None:
    """An older or unfinished data set; nothing but what a benchmark makes is there."""
    shutil.rmtree(directory)


def _postmaster(directory: Path) -> int:
    [found] = (directory / "postgres").glob("*/postmaster.pid")
    return int(found.read_text().split("\n", 1)[0])
