"""A hub that is filled from dropped files, and a clock that the tests turn."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from connectors import CONNECTORS
from connectors.drops import FileDrops
from connectors.emulators.drop import Drops, Kind
from connectors.emulators.exchange import in_gbk
from connectors.emulators.model import Person
from connectors.emulators.switches import Switches
from connectors.emulators.world import build_world
from hub.domain.dates import CHINA
from hub.sync.run import RunReport
from tests.connectors.hub_of import TODAY, Filled, hub_of

COUNTY = "450305"
LABEL = {"01": "困难残疾人生活补贴", "02": "重度残疾人护理补贴"}
ELDER_LABEL = {"01": "高龄津贴", "02": "养老护理补贴", "03": "养老服务补贴"}
STANDING = """
    select b.id_number, m.legal_basis from category_membership m
        join beneficiary b on b.id = m.beneficiary_id and b.county_code = m.county_code"""


NOW = dt.datetime.combine(TODAY, dt.time(9), CHINA)


@dataclass
class Clock:
    now: dt.datetime = NOW

    def __call__(self) -> dt.datetime:
        return self.now


@dataclass
class Dropping:
    hub: Filled
    drops: Drops
    clock: Clock
    day: dt.date = dt.date(2025, 1, 1)

    def tomorrow(self) -> dt.date:
        self.day += dt.timedelta(days=1)
        self.clock.now = max(self.clock.now, dt.datetime.combine(self.day, dt.time(), CHINA))
        return self.day

    async def sync(self) -> RunReport:
        return await self.hub.sync(today=max(self.day, TODAY))

    async def standing(self) -> set[tuple[str, str]]:
        """Identity number and subsidy of each membership."""
        rows = await self.hub.database.owner.fetch(STANDING)
        return {(self.hub.vault.open(row["id_number"]), row["legal_basis"]) for row in rows}

    def truth(self, kind: Kind = "两项补贴") -> set[tuple[str, str]]:
        labels = LABEL if kind == "两项补贴" else ELDER_LABEL
        return {(number, labels[code]) for number, code in self.drops.truth.facts(kind)}


def everybody() -> list[Person]:
    world = build_world(seed=3, people=1500, today=TODAY)
    return [person for person in world.people(COUNTY) if "?" not in in_gbk(person.name)]


@asynccontextmanager
async def dropping(
    connector: str, folder: Path, people: list[Person], location: str | None = None, **secrets: str
) -> AsyncIterator[Dropping]:
    """``location``: else the folder itself."""
    folder.mkdir(exist_ok=True)  # noqa: ASYNC240 - at once
    clock = Clock()
    found = CONNECTORS[connector]
    assert isinstance(found, FileDrops)
    async with hub_of(COUNTY, {connector: replace(found, now=clock)}) as hub:
        await hub.register(connector, location or str(folder), **secrets)
        await hub.open_stations()
        yield Dropping(hub, Drops(folder, COUNTY, people, Switches(folder.parent / "switches")), clock)
