"""Idiomatic Strawberry with SQLAlchemy and DataLoaders; it checks no rights."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from importlib.metadata import version
from typing import Any, ClassVar, Final

from benchmarks.read.cases import Case
from benchmarks.read.contenders.contender import Contender
from benchmarks.read.server import serving
from benchmarks.read.shapes import groups
from benchmarks.read.wire import post

Q1: Final = """query Q1($county: String!, $number: String!, $programme: String!, $on: Date!) {
  beneficiaryStatus(county: $county, idNumber: $number, programme: $programme, on: $on)
}"""

Q2: Final = """query Q2($township: String!) {
  beneficiaries(divisionCode: $township, first: 50) {
    nodes {
      id nameMasked riskLevel birthOn
      station { name }
      assignments(first: 1) { worker { name } }
      visits(first: 1) { visitedOn kind }
    }
    hasNextPage
  }
}"""

Q3: Final = """query Q3($county: String!, $from: Date!, $to: Date!) {
  people(county: $county) {
    count
    byRisk: groups(by: "riskLevel") { key count }
    byStation: groups(by: "station") { key count }
  }
  visits(county: $county, since: $from, until: $to) {
    count
    byStation: groups(by: "station") { key count }
  }
  stations(county: $county) { count }
  contractCounts(county: $county) { count }
  contracts(county: $county, first: 20) { number endsOn }
}"""

Q4: Final = """query Q4($contract: Int!, $contractor: Int!, $today: Date!) {
  contract(id: $contract, contractor: $contractor, today: $today) {
    stations(first: 10) {
      name
      personnel(first: 5) { name kind }
      beneficiaries(first: 10) { nameMasked riskLevel visits(first: 3) { visitedOn kind } }
    }
  }
}"""

DOCUMENTS: Final = {"Q1": Q1, "Q2": Q2, "Q3": Q3, "Q4": Q4}
GIVEN: Final = {
    "Q1": ("county", "number", "programme", "on"),
    "Q2": ("township",),
    "Q3": ("county", "from", "to"),
    "Q4": ("contract", "contractor", "today"),
}


class Strawberry(Contender):
    name = "strawberry"
    caches: ClassVar[bool] = False

    def serving(self) -> AbstractAsyncContextManager[int]:
        module = "benchmarks.read.contenders.strawberry_app"
        caches = "caches" if self.caches else "plain"
        place = [self.stage.dsn, str(self.stage.directory), str(self.port), caches]
        return serving([sys.executable, "-m", module, *place], self.port, self.log)

    async def requests(self, workload: str, cases: list[Case]) -> list[bytes]:
        names, document = GIVEN[workload], DOCUMENTS[workload]
        given = [{name: case.values[name] for name in names} for case in cases]
        return [post("/graphql/", {"query": document, "variables": variables}) for variables in given]

    def shape(self, workload: str, case: Case, answer: Any) -> Any:
        return SHAPES[workload](answer["data"])

    def versions(self) -> dict[str, str]:
        return {name: version(name) for name in ("strawberry-graphql", "graphql-core", "sqlalchemy")}


class StrawberryWithCaches(Strawberry):
    """With the two extensions its documentation offers: what was parsed and validated once is kept."""

    name = "strawberry-caches"
    caches = True


def q1(data: Any) -> Any:
    return data["beneficiaryStatus"]


def q2(data: Any) -> Any:
    page = data["beneficiaries"]
    return [[_row(person) for person in page["nodes"]], page["hasNextPage"]]


def _row(person: Any) -> list[Any]:
    worker = next((a["worker"] for a in person["assignments"]), None)
    return [
        *(person[name] for name in ("id", "nameMasked", "riskLevel", "birthOn")),
        person["station"] and person["station"]["name"],
        worker and worker["name"],
        next(iter(_visits(person)), None),
    ]


def _visits(person: Any) -> list[Any]:
    return [[v["visitedOn"], v["kind"]] for v in person["visits"]]


def q3(data: Any) -> Any:
    people, visits = data["people"], data["visits"]
    return {
        "people": people["count"],
        "by_risk": groups((g["key"], g["count"]) for g in people["byRisk"]),
        "by_station": groups((g["key"], g["count"]) for g in people["byStation"]),
        "visits": visits["count"],
        "visits_by_station": groups((g["key"], g["count"]) for g in visits["byStation"]),
        "stations": data["stations"]["count"],
        "contracts": data["contractCounts"]["count"],
        "ending": [[c["number"], c["endsOn"]] for c in data["contracts"]],
    }


def q4(data: Any) -> Any:
    contract = data["contract"]
    return contract and [
        [
            station["name"],
            [[p["name"], p["kind"]] for p in station["personnel"]],
            [[p["nameMasked"], p["riskLevel"], _visits(p)] for p in station["beneficiaries"]],
        ]
        for station in contract["stations"]
    ]


SHAPES: Final[dict[str, Callable[[Any], Any]]] = {"Q1": q1, "Q2": q2, "Q3": q3, "Q4": q4}
