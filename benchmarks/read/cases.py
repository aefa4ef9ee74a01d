"""What is asked: four workloads, and for each a seeded list of parameters that every contender gets alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from benchmarks.read.world import County, World, number_of, unknown_number
from hub.domain.dates import CHINA
from hub.store.vault import Vault

SEED: Final = 20260615
CASES: Final = 1_000
UNKNOWN_SHARE: Final = 0.1
PROGRAMMES: Final = ("DIBAO", "TEKUN", "SEVERE_DISABLED", "DISABLED")
DAYS_OF_DATA: Final = 270
NEW_YEAR: Final = dt.date(2026, 1, 1)

TITLES: Final = {
    "Q1": "status by identity number",
    "Q2": "township caseload page",
    "Q3": "county dashboard",
    "Q4": "contract, stations, staff and people",
}


@dataclass(frozen=True, slots=True)
class Client:
    """A client of the hub: role, and the division or contractor it belongs to."""

    role: str
    division_code: str | None = None
    organisation_id: int | None = None

    @property
    def name(self) -> str:
        return f"bench-{self.role}-{self.division_code or self.organisation_id}"


@dataclass(frozen=True, slots=True)
class Case:
    """One question. ``values``: all it says, with what the hub knows from the client and others are told."""

    client: Client
    values: dict[str, Any]


class Draw:
    """Cases of a workload; ``clients`` bounds how many different clients ask."""

    def __init__(self, world: World, vault: Vault, clients: int) -> None:
        self.world = world
        self.vault = vault
        random = Random(SEED)
        self.counties = _some(random, list(world.counties), clients)
        self.townships = _some(random, [t for c in world.counties for t in c.townships], clients)
        self.contracts = _some(random, list(range(1, world.contracts + 1)), clients)
        self.today = dt.datetime.now(CHINA).date()

    def cases(self, workload: str, count: int = CASES) -> list[Case]:
        random = Random(f"{SEED} {workload}")
        draw: Callable[[Random], Case] = getattr(self, workload.lower())
        return [draw(random) for _ in range(count)]

    def q1(self, random: Random) -> Case:
        county: County = random.choice(self.counties)
        number = number_of(county, random.randrange(county.sampled))
        if random.random() < UNKNOWN_SHARE:
            number = unknown_number(random.randrange(10_000))
        values = {
            "county": county.code,
            "number": number,
            "hash": self.vault.blind(number).hex(),
            "programme": random.choice(PROGRAMMES),
            "on": (NEW_YEAR + dt.timedelta(days=random.randrange(DAYS_OF_DATA))).isoformat(),
        }
        return Case(Client("agency", f"{county.code}000000"), values)

    def q2(self, random: Random) -> Case:
        township = random.choice(self.townships)
        return Case(Client("township", township), {"township": township})

    def q3(self, random: Random) -> Case:
        county: County = random.choice(self.counties)
        start = NEW_YEAR + dt.timedelta(days=random.randrange(DAYS_OF_DATA - 90))
        end = start + dt.timedelta(days=random.randrange(30, 90))
        values = {"county": county.code, "from": start.isoformat(), "to": end.isoformat()}
        return Case(Client("bureau", f"{county.code}000000"), values)

    def q4(self, random: Random) -> Case:
        contract = random.choice(self.contracts)
        contractor = 1 + contract * 7 % self.world.contractors
        county = next(c for c in reversed(self.world.counties) if c.first_contract <= contract)
        values = {
            "contract": contract,
            "contractor": contractor,
            "county": county.code,
            "today": self.today.isoformat(),
        }
        return Case(Client("contractor", organisation_id=contractor), values)


def _some(random: Random, of: list[Any], most: int) -> list[Any]:
    return random.sample(of, min(most, len(of)))
