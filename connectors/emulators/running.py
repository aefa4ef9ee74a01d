"""A system of the demo while it runs: where it is, what opens it, and how it is made to go wrong."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from connectors.emulators import catalogue
from connectors.emulators.model import Person
from connectors.emulators.switches import Switches
from connectors.emulators.truth import Truth
from connectors.emulators.world import World

Publish = Callable[[dt.datetime, Sequence[Person]], Awaitable[None]]
Act = Callable[[str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Site:
    """Where a system is set up. ``code``: of its source. ``hub``: the address of the hub, to push to.
    ``world`` is for what no day changes: who serves the county, and by which contract.

    ``ports``: of servers that several systems have in common, by name.
    """

    code: str
    county: str
    folder: Path
    hub: str
    world: World
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def switches(self) -> Switches:
        return Switches(self.folder / "faults")


async def nothing() -> None:
    pass


@dataclass(frozen=True, slots=True)
class Running:
    """``has``: whose faults of the catalogue it can have, ``but`` those that find nothing in it to harm.

    ``publish``: as of this time its people are these. ``strike`` does a fault at once, and counts it; without
    it a fault waits until the system is asked. ``mend`` takes back what it did; without it publishing again
    does. ``tend`` is called every few seconds. ``asked_once``: its connector asks once for what it then has.
    """

    location: str
    secrets: Mapping[str, str]
    has: Sequence[str]
    switches: Switches
    truth: Callable[[], Truth]
    publish: Publish
    strike: Act | None = None
    mend: Act | None = None
    tend: Callable[[], Awaitable[object]] = nothing
    but: frozenset[str] = frozenset()
    asked_once: bool = False

    def faults(self) -> list[catalogue.Fault]:
        return [f for f in catalogue.FAULTS if f.system in self.has and f.name not in self.but]
