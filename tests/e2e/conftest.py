"""A hub filled as ``hub demo`` fills it, once for all tests that only read."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

import pytest
import pytest_asyncio
from rich.console import Console

from connectors.emulators.personas import PersonaSpec, personas
from connectors.emulators.world import World, build_world
from hub.demo import Wanted, fill
from hub.progress import Steps
from hub.store.database import Database
from tests.e2e.eyes import Eyes
from tests.e2e.running import Hub, running, settings_in
from tests.e2e.truth import Truth, numbers
from tests.support.postgres import fresh_database

TODAY: Final = dt.date(2026, 6, 15)
"""In the middle of the contracts' year, and past: a list of a day to come would be taken for a slip."""

PEOPLE: Final = 1_200


@dataclass
class Filled:
    """The hub over the database of a whole world, and the world itself."""

    hub: Hub
    database: Database
    world: World
    truth: Truth
    specs: dict[str, PersonaSpec]

    def eyes(self, name: str) -> Eyes:
        return Eyes(self.truth, self.specs[name], self.hub.clock)


@pytest_asyncio.fixture(scope="session")
async def filled(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Filled]:
    settings = settings_in(tmp_path_factory.mktemp("filled"), demo=True)
    async with fresh_database() as database:
        with Steps(Console(file=io.StringIO())) as steps:
            await fill(database, settings, Wanted(PEOPLE, 1, TODAY), steps)
        world = build_world(seed=1, people=PEOPLE, today=TODAY)
        async with running(database, settings.data_dir, TODAY) as hub:
            made = Filled(hub, database, world, Truth(world), {spec.name: spec for spec in personas(world)})
            for name in made.specs:
                eyes = made.eyes(name)
                if "credential" in eyes.groups:
                    seen = numbers(eyes.all("Beneficiary")) | numbers(eyes.all("Personnel"))
                    hub.may_see[name] = seen
            yield made
