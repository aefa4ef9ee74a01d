"""The four questions as clients of the hub ask them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from benchmarks.read.cases import Case, Client

Q1: Final = """query Q1($number: String!, $programme: Programme!, $on: Date!) {
  beneficiaryStatus(idNumber: $number, programme: $programme, on: $on) { entitled }
}"""

Q2: Final = """query Q2($first: Int!) {
  beneficiaries(first: $first, orderBy: [{riskLevel: ASC}]) {
    nodes {
      id nameMasked riskLevel birthOn
      station { name }
      assignments(first: 1) { nodes { worker { name } } }
      visits(first: 1, orderBy: [{visitedOn: DESC}]) { nodes { visitedOn kind } }
    }
    pageInfo { hasNextPage }
  }
}"""

Q3: Final = """query Q3($county: String!, $from: Date!, $to: Date!) {
  people: beneficiariesAggregate(where: {divisionCode: {within: $county}}) {
    count
    byRisk: groups(by: [riskLevel]) { key count }
    byStation: groups(by: [station]) { key count }
  }
  visits: visitsAggregate(where: {visitedOn: {gte: $from, lt: $to}}) {
    count
    byStation: groups(by: [station]) { key count }
  }
  stations(where: {divisionCode: {within: $county}}) { totalCount }
  contracts(first: 20, orderBy: [{endsOn: ASC}]) { totalCount nodes { number endsOn } }
}"""

Q4: Final = """query Q4($id: ID!) {
  contract(id: $id) {
    stations(first: 10) {
      nodes {
        name
        personnel(first: 5) { nodes { name kind } }
        beneficiaries(first: 10) {
          nodes {
            nameMasked riskLevel
            visits(first: 3, orderBy: [{visitedOn: DESC}]) { nodes { visitedOn kind } }
          }
        }
      }
    }
  }
}"""

DOCUMENTS: Final = {"Q1": Q1, "Q2": Q2, "Q3": Q3, "Q4": Q4}

VARIABLES: Final[dict[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "Q1": lambda v: {name: v[name] for name in ("number", "programme", "on")},
    "Q2": lambda _: {"first": 50},
    "Q3": lambda v: {name: v[name] for name in ("county", "from", "to")},
    "Q4": lambda v: {"id": f"Contract:{v['contract']}"},
}


WITHIN: Final = "where: {divisionCode: {within: $place}}, "
PLACED: Final = {
    "Q1": DOCUMENTS["Q1"],
    "Q2": DOCUMENTS["Q2"].replace("$first: Int!", "$first: Int!, $place: String!").replace(
        "(first: $first, ", f"(first: $first, {WITHIN}"
    ),
    "Q3": DOCUMENTS["Q3"].replace("$county: String!", "$county: String!, $place: String!").replace(
        "contracts(first: 20, ", f"contracts(first: 20, {WITHIN}"
    ),
    "Q4": DOCUMENTS["Q4"],
}  # fmt: skip
"""The workloads' documents, saying themselves which part of the country they mean."""


def request_of(workload: str, case: Case, *, placed: bool = False) -> dict[str, Any]:
    """The body of a GraphQL request to the hub."""
    if placed:
        return {"query": PLACED[workload], "variables": placed_variables(workload, case, case.client)}
    return {"query": DOCUMENTS[workload], "variables": VARIABLES[workload](case.values)}


def placed_variables(workload: str, case: Case, asker: Client) -> dict[str, Any]:
    """Those of the workload; and the place, which is the asker's own where he has less than is asked."""
    given = VARIABLES[workload](case.values)
    place = case.values.get("township") or case.values["county"]
    if workload == "Q3" and asker.role == "township":
        place = given["county"] = asker.division_code
    return {**given, "place": place} if "$place" in PLACED[workload] else given
