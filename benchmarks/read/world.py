"""Who and what is in the data: pure arithmetic over counties, so that Python and SQL agree without a look-up.

People of a county have consecutive numbers and are dealt to its stations in turn; so a township has as
many people as any other, and they lie scattered over the pages of the county.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from hub.domain.division import load_divisions
from hub.domain.id_number import make_id_number

SAMPLED: Final = 2_000
"""People of a county who have a real identity number; nobody asks about the others."""
STATIONS: Final = 1_500
LEAST_PER_STATION: Final = 60
"""So that the first page of a township, 50 people, is full in every data set."""
STATIONS_PER_CONTRACT: Final = 4
STAFF_PER_STATION: Final = 5
VISITS_EACH: Final = 3
SERVED_TOWNSHIPS: Final = 399
"""Digits 7 to 9 above are farms and development zones, which have no station."""
REGION: Final = "459999"
EPOCH: Final = dt.date(1930, 1, 1)
BIRTH_DAYS: Final = 30_000


@dataclass(frozen=True, slots=True)
class County:
    """Numbers are those of the first station, contract and person of the county; they run on from there."""

    index: int
    code: str
    townships: tuple[str, ...]
    first_station: int
    first_contract: int
    first_person: int
    people: int

    @property
    def contracts(self) -> int:
        return -(-len(self.townships) // STATIONS_PER_CONTRACT)

    @property
    def sampled(self) -> int:
        return min(SAMPLED, self.people)


@dataclass(frozen=True, slots=True)
class World:
    people: int
    stations: int
    counties: tuple[County, ...]

    @property
    def contracts(self) -> int:
        return sum(county.contracts for county in self.counties)

    @property
    def contractors(self) -> int:
        return max(3, self.contracts // 4)


def build(people: int, per_station: int | None = None, within: str = "") -> World:
    """``per_station``: people of one. ``within``: digits that codes begin with, all of whose townships are
    served then. ValueError where there are too few townships, or people, for it."""
    codes = [
        d.code
        for d in load_divisions()
        if d.level == "TOWNSHIP" and int(d.code[6:9]) <= SERVED_TOWNSHIPS and d.code.startswith(within)
    ]
    wanted = people // per_station if per_station else max(1, min(STATIONS, people // LEAST_PER_STATION))
    if within:
        wanted = len(codes)
    if wanted > min(len(codes), people):
        raise ValueError(f"from 1 to {min(len(codes), people)} stations are expected, not {wanted}")
    return World(people, wanted, tuple(_counties(people, codes[:wanted])))


def _counties(people: int, townships: list[str]) -> list[County]:
    by_county: dict[str, list[str]] = defaultdict(list)
    for code in townships:
        by_county[code[:6]].append(code)
    made: list[County] = []
    station = contract = person = 1
    for index, (code, own) in enumerate(by_county.items()):
        following = people * (station - 1 + len(own)) // len(townships) + 1
        county = County(index, code, tuple(own), station, contract, person, following - person)
        made.append(county)
        station, contract, person = station + len(own), contract + county.contracts, following
    return made


def birth_of(county: County, offset: int) -> dt.date:
    """7919 is prime to ``BIRTH_DAYS``, so that this many people have a day each before one comes again."""
    return EPOCH + dt.timedelta(days=_sample(county, offset) * 7919 % BIRTH_DAYS)


def number_of(county: County, offset: int) -> str:
    """The identity number of person ``offset`` of the county, of those that are sampled."""
    sample = _sample(county, offset)
    return make_id_number(REGION, birth_of(county, offset), sample // BIRTH_DAYS * 2 + sample % 2)


def unknown_number(index: int) -> str:
    """A valid number that nobody has: born before anyone in the data."""
    return make_id_number(REGION, EPOCH - dt.timedelta(days=1 + index // 1000), index % 1000)


def _sample(county: County, offset: int) -> int:
    return county.index * SAMPLED + offset
