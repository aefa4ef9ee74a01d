"""The sharing platform of a test: emulated, with a clock that is set, and a hub whose sources ask it."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import stamina

from connectors.deaths import Deaths
from connectors.emulators import platform as emulated
from connectors.emulators.model import Person
from connectors.emulators.platform import SharingPlatform
from connectors.emulators.switches import Switches
from connectors.emulators.web import Faulty, served
from connectors.emulators.world import build_world
from connectors.low_income import LowIncome
from connectors.marriages import Marriages
from hub.domain.dates import CHINA
from hub.sync.connector import Connector
from hub.sync.run import RunReport, run_source
from tests.connectors.hub_of import TODAY, Filled, hub_of

COUNTY = "450305"
FAST = 1000.0
"""Questions a second."""
SECRETS = {
    "appkey": emulated.APPKEY,
    "access_key": emulated.ACCESS_KEY,
    "access_secret": emulated.ACCESS_SECRET,
}


@dataclass
class Clock:
    """In China. ``slow``: by how much the hub's is behind."""

    now: dt.datetime = field(default_factory=lambda: dt.datetime.combine(TODAY, dt.time(9), CHINA))
    slow: dt.timedelta = dt.timedelta()

    def __call__(self) -> dt.datetime:
        return self.now - self.slow

    def platform(self) -> dt.datetime:
        return self.now

    def pass_time(self, **span: int) -> None:
        self.now += dt.timedelta(**span)


def people_of(size: int = 1500) -> list[Person]:
    return list(build_world(seed=3, people=size, today=TODAY).people(COUNTY))


@dataclass
class Asked:
    """A hub with the sources ``low-income``, ``deaths`` and ``marriages`` of one platform."""

    platform: SharingPlatform
    clock: Clock
    hub: Filled
    base: str

    async def sync(self, code: str = "low-income", **options: Any) -> RunReport:
        """At the clock's day."""
        hub, today = self.hub, self.clock.now.date()
        return await run_source(hub.database, hub.vault, hub.connectors, code, today=today, **options)

    async def register(self, code: str, **options: str) -> None:
        """``options`` go into the location."""
        service = {"deaths": "cremations"}.get(code, code)
        location = SharingPlatform.location(self.base, service)
        location += "".join(f"&{name}={value}" for name, value in options.items())
        await self.hub.register(code, location, code=code, **SECRETS)


@asynccontextmanager
async def asked(folder: Path, people: list[Person]) -> AsyncIterator[Asked]:
    """Nothing waits, between two questions or before it tries again."""
    clock = Clock()
    there = SharingPlatform(people, TODAY, clock.platform, Switches(folder))
    connectors: list[Connector] = [each(clock, 0, FAST) for each in (LowIncome, Deaths, Marriages)]
    named = {each.name: each for each in connectors}
    with stamina.set_testing(True, attempts=5):
        async with served(Faulty(there.app, there.switches)) as base, hub_of(COUNTY, named) as hub:
            await hub.open_stations()
            asking = Asked(there, clock, hub, base)
            await asking.register("low-income")
            await asking.register("deaths")
            await asking.register("marriages")
            yield asking
