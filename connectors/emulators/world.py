"""A synthetic truth world: what six real counties might hold if their people were invented.

Everything follows from ``seed``, the number of people and ``today``. Bureaus, stations, staff and
contracts are made at once; people are made anew, township by township, each time they are read, so
that a world of any size needs no memory for them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.emulators import agreements, geography, staffing
from connectors.emulators import people as _people
from connectors.emulators import stations as _stations
from connectors.emulators.caseload import Caseload
from connectors.emulators.contractors import contractors
from connectors.emulators.identity import IdentityDealer
from connectors.emulators.model import Contract, Contractor, County, Person, Station, Township, Worker
from hub.domain.vocabulary import Category

DEFAULT_PEOPLE = 20_000


@dataclass(frozen=True, slots=True)
class World:
    """``size``: people in all counties. A county is asked for by its code of 6 or 12 digits."""

    seed: int
    size: int
    today: dt.date
    counties: tuple[County, ...]
    contractors: tuple[Contractor, ...]
    contracts: tuple[Contract, ...]
    _stations: dict[str, tuple[Station, ...]]
    _personnel: dict[str, tuple[Worker, ...]]

    def county(self, code: str) -> County:
        return next(county for county in self.counties if county.county_code == code[:6])

    def stations(self, county: str) -> tuple[Station, ...]:
        return self._stations[county[:6]]

    def personnel(self, county: str) -> tuple[Worker, ...]:
        """Who is or was on the county's staff list."""
        return self._personnel[county[:6]]

    def contracts_of(self, county: str) -> tuple[Contract, ...]:
        return tuple(contract for contract in self.contracts if contract.county_code == county[:6])

    def contractors_of(self, county: str) -> tuple[Contractor, ...]:
        """Those on the county's register."""
        return tuple(contractor for contractor in self.contractors if county[:6] in contractor.county_codes)

    def people(self, county: str) -> Iterator[Person]:
        """Everybody of the county with memberships, assignments and visits, one after another."""
        for township in self.county(county).townships:
            yield from self.people_of_township(township)

    def people_of_township(self, township: Township) -> Iterator[Person]:
        county = self.county(township.code)
        caseload = Caseload(
            township, self.contracts_of(county.code), self.personnel(county.code), self.seed, self.today
        )
        for person in _people.people(county, township, self.seed, self.today):
            yield caseload.serve(person)

    def everybody(self) -> Iterator[Person]:
        for county in self.counties:
            yield from self.people(county.code)

    def example_id_number(self) -> str:
        """Of somebody alive in 七星区 whom a 低保 membership of today entitles."""
        for person in self.people("450305"):
            if person.id_number and not person.deceased_on and person.is_in(Category.DIBAO, self.today):
                return person.id_number
        raise ValueError("a larger world is expected: nobody in it has 低保")


def build_world(seed: int = 1, people: int = DEFAULT_PEOPLE, *, today: dt.date) -> World:
    """The same for the same arguments. ``today``: the day everything is seen from."""
    counties = geography.counties(seed, people)
    everyone = contractors()
    registers = {county.county_code: agreements.contracts(county, everyone, today) for county in counties}
    dealer = IdentityDealer(geography.STAFF_LANE)
    return World(
        seed=seed,
        size=people,
        today=today,
        counties=counties,
        contractors=everyone,
        contracts=tuple(contract for register in registers.values() for contract in register),
        _stations={
            c.county_code: _stations.stations(c, registers[c.county_code], seed, today) for c in counties
        },
        _personnel={
            c.county_code: staffing.personnel(c, registers[c.county_code], dealer, seed, today)
            for c in counties
        },
    )
