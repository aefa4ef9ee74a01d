"""The upstream systems of a demo: started with it, registered as sources, and moved on to the next day."""

from __future__ import annotations

import asyncio
import datetime as dt
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

import structlog

from connectors.emulators.moving import Moving
from connectors.emulators.rosters import OWNER_ONLY, truth
from connectors.emulators.running import Running, Site
from connectors.emulators.starts import roster
from connectors.emulators.systems import System
from connectors.emulators.world import World
from hub.domain.dates import china_now
from hub.store.database import Database
from hub.store.rounds import pause
from hub.store.vault import Vault
from hub.sync.registry import keep_secret, register_source

log = structlog.get_logger("hub.demo")

TEND_SECONDS: Final = 5.0
AN_HOUR: Final = 60
A_DAY: Final = 24 * 60
A_MONTH: Final = 31 * 24


@dataclass(slots=True)
class Stand:
    """``systems``: those the world was made with; what the machine lacks for one by now, it goes without.

    ``times``: when the first day was published, and each after it. ``running``: by the code of the source,
    rosters among them.
    """

    world: World
    folder: Path
    hub: str
    systems: tuple[System, ...] = ()
    times: list[dt.datetime] = field(default_factory=list)
    running: dict[str, Running] = field(default_factory=dict)
    _ports: dict[str, int] = field(default_factory=dict)
    _open: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def lists(self) -> Path:
        return self.folder / "upstream"

    async def start(self) -> None:
        """Every server, and what it told on each of the days."""
        for system in self.systems:
            if system.lacks:
                continue
            started = system.start(self._site(system.code, system.county))
            try:
                self.running[system.code] = await self._open.enter_async_context(started)
            except (OSError, RuntimeError) as error:
                # The demo goes without it, and tries again with its next start.
                log.warning("system_not_started", source=system.code, kind=type(error).__name__)
        for number in range(len(self.times)):
            await self._publish(number)
        for county in self.world.counties:
            code, six = f"roster-{county.county_code}", county.county_code
            told = partial(truth, self.world, six)
            self.running[code] = roster(self._site(code, six), self.lists / six, told)

    async def close(self) -> None:
        await self._open.aclose()

    async def next_day(self, now: dt.datetime) -> int:
        """Every system tells the next day; its number, from 1."""
        self.times.append(now)
        await self._publish(len(self.times) - 1)
        return len(self.times) - 1

    async def mend(self, code: str, name: str) -> None:
        """Turn a fault off and take it back; the system tells again what is so."""
        running = self.running[code]
        running.switches.turn_off(name)
        if running.mend is not None:
            await running.mend(name)
        else:
            system = next(system for system in self.systems if system.code == code)
            await self._tell([system], len(self.times) - 1, china_now())

    async def tend(self, stop: asyncio.Event) -> None:
        """Until ``stop``: what systems do by themselves."""
        while not stop.is_set():
            for running in self.running.values():
                await running.tend()
            await pause(stop, TEND_SECONDS)

    def codes(self) -> list[str]:
        """Sources in the order they are first read. What takes minutes is left to the worker."""
        soon = [s for s in self.systems if s.code in self.running and s.every_minutes < AN_HOUR]
        rosters = [code for code in self.running if code.startswith("roster-")]
        first, then = ([s.code for s in soon if s.first is wanted] for wanted in (True, False))
        return [*first, *rosters, *then]

    async def register(self, database: Database, vault: Vault) -> None:
        for system in self.systems:
            if (running := self.running.get(system.code)) is None:
                continue
            await register_source(
                database,
                code=system.code,
                name=system.name,
                connector=system.connector,
                division_code=f"{system.county}000000",
                location=running.location,
                max_age_hours=24,
                every_minutes=system.every_minutes,
            )
            for name, value in running.secrets.items():
                await keep_secret(database, vault, system.code, name, value)
        for county in self.world.counties:
            await register_source(
                database,
                code=f"roster-{county.county_code}",
                name=f"{county.bureau_name}名单",
                connector="roster",
                division_code=county.code,
                location=self.running[f"roster-{county.county_code}"].location,
                max_age_hours=A_MONTH,
                every_minutes=A_DAY,
            )

    def _site(self, code: str, county: str) -> Site:
        above = self.folder / "sandbox"
        above.mkdir(mode=OWNER_ONLY, exist_ok=True)
        site = Site(code, county, above / code, self.hub, self.world, self._ports)
        site.folder.mkdir(exist_ok=True)
        return site

    async def _publish(self, number: int) -> None:
        await self._tell([system for system in self.systems if system.code in self.running], number)

    async def _tell(self, systems: list[System], number: int, at: dt.datetime | None = None) -> None:
        """``at``: when, else the time of the day."""
        moving = Moving(self.world, tuple(self.times[1 : number + 1]))
        for county in sorted({system.county for system in systems}):
            people = await asyncio.to_thread(list, moving.people(county))
            for system in systems:
                if system.county == county:
                    await self.running[system.code].publish(at or self.times[number], people)
