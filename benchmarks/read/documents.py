"""The four questions as clients of the hub ask them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from benchmarks.read.cases import Case

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


def request_of(workload: str, case: Case) -> dict[str, Any]:
    """The body of a GraphQL request to the hub."""
    return {"query": DOCUMENTS[workload], "variables": VARIABLES[workload](case.values)}
