"""The seeded world as things with relations: what is true, whoever asks. Nothing of the hub's database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final

from connectors.emulators.model import Assignment, Contract, Person, Visit, Worker
from connectors.emulators.world import World
from hub.domain.division import load_divisions
from hub.domain.text import mask_id_number, mask_name


@dataclass(eq=False, repr=False)  # a repr would walk the whole world
class Thing:
    """``kind``: its type in GraphQL. ``fact``: what the world says of it. ``county``: six digits."""

    kind: str
    fact: Any
    county: str = ""
    one: dict[str, Thing | None] = field(default_factory=dict)
    many: dict[str, list[Thing]] = field(default_factory=lambda: defaultdict(list))

    def belongs(self, name: str, other: Thing | None, back: str = "") -> None:
        self.one[name] = other
        if other is not None and back:
            other.many[back].append(self)


def _plain(*names: str) -> dict[str, Callable[[Any], Any]]:
    """Fields that the world's record has under the same name, in GraphQL's spelling."""
    return {name: attrgetter(_snake(name)) for name in names}


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name)


def _masked(number: str | None) -> str | None:
    return None if number is None else mask_id_number(number)


def _guardian(part: str) -> Callable[[Person], Any]:
    return lambda person: getattr(person.guardian, part) if person.guardian else None


def _household_relation(person: Person) -> str | None:
    return person.relation_code if person.household else None


Getters = Mapping[str, Callable[[Any], Any]]

FIELDS: Final[Mapping[str, Mapping[str, Getters]]] = {
    "Division": {"public": _plain("code", "name", "fullName", "level", "kind", "isPilotTown")},
    "Station": {
        "public": _plain(
            "divisionCode", "name", "formerName", "kind", "status", "renamedOn", "openedOn", "staffedOn",
            "siteHostKind", "address", "phone",
        )
    },
    "Personnel": {
        "public": _plain(
            "staffNumber", "divisionCode", "kind", "education", "major", "credential",
            "credentialObtainedOn", "isFullTime", "isLowIncomeVerifier", "onboardedOn", "leftOn",
            "reviewedByBureauOn",
        ),
        "identity": {
            **_plain("name", "sex", "birthOn"),
            "idNumberMasked": lambda worker: _masked(worker.id_number),
        },
        "contact": _plain("phone"),
        "credential": _plain("idNumber"),
    },
    "Contractor": {
        "public": _plain(
            "creditCode", "name", "kind", "registrationAuthority", "businessScope", "grade",
            "hasPartyOrganisation",
        ),
        "contact": _plain("contactName", "contactPhone"),
    },
    "Contract": {
        "public": _plain(
            "number", "title", "divisionCode", "purchaserName", "procurementMethod", "signedOn", "startsOn",
            "endsOn", "cycleYears", "amount", "standards", "evaluationRules", "renewalOfNumber", "status",
            "annualEvaluation",
        )
    },
    "Household": {
        "public": {"householdNumber": lambda home: home.number, **_plain("divisionCode")},
        "contact": _plain("address"),
        "care": {"economicStatusCheckedOn": lambda home: home.checked_on},
        # Who is not shown the children of a home is not told how many live there.
        "minor": {"registeredMemberCount": lambda home: home.member_count},
    },
    "Beneficiary": {
        "public": {
            "nameMasked": lambda person: mask_name(person.name),
            **_plain("divisionCode", "dossierOpenedOn"),
        },
        "identity": {
            "idNumberMasked": lambda person: _masked(person.id_number),
            "householdRelationCode": _household_relation,
            **_plain("name", "fileNumber", "sex", "birthOn", "ethnicityCode"),
        },
        "contact": _plain("address", "phone"),
        "credential": _plain("idNumber", "disabilityCertificate"),
        "care": _plain(
            "riskLevel", "selfCare", "abilityLevel", "abilityStandard", "disabilityCategory",
            "disabilityGrade",
        ),
        "minor": {
            "guardianName": _guardian("name"),
            "guardianRelation": _guardian("relation"),
            "guardianPhone": _guardian("phone"),
            **_plain("school"),
        },
    },
    "CategoryMembership": {
        "care": {
            **_plain("category", "startsOn", "endsOn", "supportMode", "certificateNumber"),
            # The single sum of temporary aid is no monthly benefit.
            "monthlyAmount": lambda m: m.amount if m.list_kind in ("dibao", "tekun") else None,
        }
    },
    "Assignment": {"public": _plain("startsOn", "endsOn")},
    "Visit": {
        "public": _plain("visitedOn", "kind", "purpose", "hasPhotos", "hasRegisterForm"),
        "care": _plain("textRecord"),
    },
}  # fmt: skip
"""Type, group of columns, field: how the world knows its value."""

RELATIONS: Final[Mapping[str, Mapping[str, str]]] = {
    "Division": {
        "children": "Division", "stations": "Station", "contracts": "Contract", "residents": "Beneficiary",
    },
    "Station": {
        "division": "Division", "operator": "Contractor", "personnel": "Personnel", "contracts": "Contract",
        "beneficiaries": "Beneficiary", "assignments": "Assignment", "visits": "Visit",
    },
    "Personnel": {
        "division": "Division", "station": "Station", "employer": "Contractor", "assignments": "Assignment",
        "visits": "Visit",
    },
    "Contractor": {
        "contracts": "Contract", "stations": "Station", "personnel": "Personnel",
        "assignments": "Assignment", "visits": "Visit",
    },
    "Contract": {
        "division": "Division", "contractor": "Contractor", "stations": "Station",
        "assignments": "Assignment", "beneficiaries": "Beneficiary", "visits": "Visit",
    },
    "Household": {"division": "Division", "members": "Beneficiary"},
    "Beneficiary": {
        "division": "Division", "household": "Household", "station": "Station",
        "memberships": "CategoryMembership", "assignments": "Assignment", "contracts": "Contract",
        "visits": "Visit",
    },
    "CategoryMembership": {"beneficiary": "Beneficiary"},
    "Assignment": {
        "beneficiary": "Beneficiary", "station": "Station", "contract": "Contract",
        "contractor": "Contractor", "worker": "Personnel",
    },
    "Visit": {
        "beneficiary": "Beneficiary", "station": "Station", "contract": "Contract",
        "contractor": "Contractor", "worker": "Personnel",
    },
}  # fmt: skip

THROUGH_ASSIGNMENTS: Final = {
    ("Contract", "beneficiaries"): "beneficiary",
    ("Beneficiary", "contracts"): "contract",
}
"""Relations that lead over the assignments a viewer sees, and where those lead."""


class Truth:
    """Everything of a world, by type."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.things: dict[str, list[Thing]] = {kind: [] for kind in RELATIONS}
        self.divisions = {row.code: self._add("Division", row) for row in load_divisions()}
        for division in self.things["Division"]:
            above = self.divisions.get(division.fact.parent_code)
            division.belongs("parent", above, "children")
        self.contractors = {c.credit_code: self._add("Contractor", c) for c in world.contractors}
        self.stations: dict[str, Thing] = {}
        self.contracts: dict[tuple[str, str], Thing] = {}
        self.workers: dict[tuple[str, str], Thing] = {}
        for county in world.counties:
            self._registers(county.county_code)
        self._households: dict[str, Thing] = {}
        for person in world.everybody():
            self._person(person)

    @property
    def people(self) -> list[Thing]:
        return self.things["Beneficiary"]

    def _add(self, kind: str, fact: Any, county: str = "") -> Thing:
        made = Thing(kind, fact, county)
        self.things[kind].append(made)
        return made

    def _registers(self, county: str) -> None:
        for station in self.world.stations(county):
            made = self.stations[station.division_code] = self._add("Station", station, county)
            made.belongs("division", self.divisions[station.division_code], "stations")
            operator = station.operator_credit_code
            made.belongs("operator", self.contractors[operator] if operator else None, "stations")
        for contract in self.world.contracts_of(county):
            self._contract(contract)
        for worker in self.world.personnel(county):
            self._worker(worker)

    def _contract(self, contract: Contract) -> None:
        key = contract.county_code, contract.number
        made = self.contracts[key] = self._add("Contract", contract, contract.county_code)
        made.belongs("division", self.divisions[contract.division_code], "contracts")
        made.belongs("contractor", self.contractors[contract.contractor.credit_code], "contracts")
        for code in contract.station_codes:
            made.many["stations"].append(self.stations[code])
            self.stations[code].many["contracts"].append(made)

    def _worker(self, worker: Worker) -> None:
        key = worker.county_code, worker.staff_number
        made = self.workers[key] = self._add("Personnel", worker, worker.county_code)
        made.belongs("division", self.divisions[worker.division_code])
        made.belongs("station", self.stations.get(worker.township_code or ""), "personnel")
        employer = worker.employer_credit_code
        made.belongs("employer", self.contractors[employer] if employer else None, "personnel")

    def _person(self, person: Person) -> None:
        made = self._add("Beneficiary", person, person.county_code)
        made.belongs("division", self.divisions[person.division_code], "residents")
        made.belongs("station", self.stations[person.township_code], "beneficiaries")
        made.belongs("household", self._household(person), "members")
        for membership in person.memberships:
            stated = self._add("CategoryMembership", membership, person.county_code)
            stated.belongs("beneficiary", made, "memberships")
        for assignment in person.assignments:
            self._work(self._add("Assignment", assignment, person.county_code), made, "assignments")
        for visit in person.visits:
            self._work(self._add("Visit", visit, person.county_code), made, "visits")

    def _household(self, person: Person) -> Thing | None:
        home = person.household
        if home is None:
            return None
        if home.number not in self._households:
            made = self._households[home.number] = self._add("Household", home, person.county_code)
            made.belongs("division", self.divisions[home.division_code])
        return self._households[home.number]

    def _work(self, made: Thing, person: Thing, name: str) -> None:
        """An assignment or a visit, and everything it stands under."""
        fact: Assignment | Visit = made.fact
        contract = self.contracts[person.county, fact.contract.number]
        made.belongs("beneficiary", person, name)
        made.belongs("station", self.stations[fact.station_code], name)
        made.belongs("contract", contract, name)
        made.belongs("contractor", contract.one["contractor"], name)
        worker = self.workers[person.county, fact.staff_number] if fact.staff_number else None
        made.belongs("worker", worker, name)


def shown(value: Any) -> Any:
    """A value of the world as JSON has it."""
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    if isinstance(value, bool) or value is None or isinstance(value, int):
        return value
    return str(value)


def numbers(things: Iterable[Thing]) -> frozenset[str]:
    """Whole identity numbers of people and staff, and those inside disability certificates."""
    return frozenset(thing.fact.id_number for thing in things if thing.fact.id_number)
