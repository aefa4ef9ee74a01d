"""The four questions in the schema PostGraphile makes of the tables, and the way back from its answers.

What the hub knows from the client stands here in the questions. The cheapest form is taken wherever it
offers several: lists without cursors for what is nested, the county wherever it helps to find people.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping
from typing import Any, Final

from benchmarks.read.shapes import groups

Q1: Final = """query Q1($county: String!, $hash: Base64EncodedBinary!, $programme: String!, $on: Date!) {
  beneficiaryByCountyCodeAndIdNumberHash(countyCode: $county, idNumberHash: $hash) {
    deceasedOn
    categoryMembershipsByCountyCodeAndBeneficiaryIdList(first: 1, filter: {
      category: {equalTo: $programme}, startsOn: {lessThanOrEqualTo: $on},
      or: [{endsOn: {isNull: true}}, {endsOn: {greaterThanOrEqualTo: $on}}]
    }) { rowId }
  }
}"""

Q2: Final = """query Q2($township: String!, $order: [BeneficiaryOrderBy!]) {
  beneficiaries(first: 50, condition: {townshipCode: $township}, orderBy: $order) {
    nodes {
      countyCode rowId nameMasked riskLevel birthOn
      station { name }
      assignmentsByCountyCodeAndBeneficiaryIdList(first: 1) { worker { name } }
      visitsByCountyCodeAndBeneficiaryIdList(first: 1, orderBy: [VISITED_ON_DESC]) { visitedOn kind }
    }
    pageInfo { hasNextPage }
  }
}"""

Q3: Final = """query Q3(
  $county: String!, $lo: String!, $hi: String!, $from: Date!, $to: Date!
) {
  people: beneficiaries(filter: {divisionCode: {greaterThanOrEqualTo: $lo, lessThan: $hi}}) {
    totalCount
    byRisk: groupedAggregates(groupBy: [RISK_LEVEL]) { keys distinctCount { rowId } }
    byStation: groupedAggregates(groupBy: [STATION_ID]) { keys distinctCount { rowId } }
  }
  visits(
    condition: {countyCode: $county}, filter: {visitedOn: {greaterThanOrEqualTo: $from, lessThan: $to}}
  ) {
    totalCount
    byStation: groupedAggregates(groupBy: [STATION_ID]) { keys distinctCount { rowId } }
  }
  stations(filter: {divisionCode: {greaterThanOrEqualTo: $lo, lessThan: $hi}}) { totalCount }
  contracts(
    first: 20, orderBy: [ENDS_ON_ASC], filter: {divisionCode: {greaterThanOrEqualTo: $lo, lessThan: $hi}}
  ) { totalCount nodes { number endsOn } }
}"""

Q4: Final = """query Q4($contract: BigInt!, $contractor: BigInt!, $county: String!, $today: Date!) {
  contract(rowId: $contract) {
    contractStationsList(first: 10, orderBy: [STATION_ID_ASC]) {
      station {
        name
        personnelsList(first: 5, condition: {employerId: $contractor}) { name kind }
        beneficiariesList(
          first: 10, condition: {countyCode: $county},
          filter: {assignmentsByCountyCodeAndBeneficiaryId: {some: {
          contractorId: {equalTo: $contractor}, startsOn: {lessThanOrEqualTo: $today},
          or: [{endsOn: {isNull: true}}, {endsOn: {greaterThanOrEqualTo: $today}}],
          contract: LIVE
        }}}) {
          nameMasked riskLevel
          visitsByCountyCodeAndBeneficiaryIdList(
            first: 3, orderBy: [VISITED_ON_DESC], condition: {contractorId: $contractor},
            filter: {contract: LIVE}
          ) { visitedOn kind }
        }
      }
    }
  }
}""".replace(
    "LIVE",
    '{contractorId: {equalTo: $contractor}, status: {in: ["ACTIVE", "RENEWED", "NOT_RENEWED"]},'
    " startsOn: {lessThanOrEqualTo: $today}, endsOn: {greaterThanOrEqualTo: $today}}",
)

DOCUMENTS: Final = {"Q1": Q1, "Q2": Q2, "Q3": Q3, "Q4": Q4}


VARIABLES: Final[dict[str, Callable[[dict[str, Any]], dict[str, Any]]]] = {
    "Q1": lambda v: {
        "county": v["county"],
        "hash": b64encode(bytes.fromhex(v["hash"])).decode(),
        "programme": v["programme"],
        "on": v["on"],
    },
    "Q2": lambda v: {
        "township": v["township"][:9],
        "order": ["RISK_LEVEL_ASC", "COUNTY_CODE_ASC", "ROW_ID_ASC"],
    },
    "Q3": lambda v: {**v, "lo": f"{v['county']}000000", "hi": f"{int(v['county']) + 1}000000"},
    "Q4": lambda v: v,
}


def q1(data: Any, asked: Mapping[str, Any]) -> Any:
    person = data["beneficiaryByCountyCodeAndIdNumberHash"]
    if person is None or (person["deceasedOn"] or asked["on"]) < asked["on"]:
        return False
    return bool(person["categoryMembershipsByCountyCodeAndBeneficiaryIdList"])


def q2(data: Any, _: Mapping[str, Any]) -> Any:
    page = data["beneficiaries"]
    return [[_row(person) for person in page["nodes"]], page["pageInfo"]["hasNextPage"]]


def _row(person: Any) -> list[Any]:
    worker = next((a["worker"] for a in person["assignmentsByCountyCodeAndBeneficiaryIdList"]), None)
    return [
        f"{person['countyCode']}:{person['rowId']}",
        person["nameMasked"],
        person["riskLevel"],
        person["birthOn"],
        person["station"] and person["station"]["name"],
        worker and worker["name"],
        next(iter(_visits(person)), None),
    ]


def _visits(person: Any) -> list[Any]:
    return [[v["visitedOn"], v["kind"]] for v in person["visitsByCountyCodeAndBeneficiaryIdList"]]


def q3(data: Any, _: Mapping[str, Any]) -> Any:
    people, visits, contracts = data["people"], data["visits"], data["contracts"]
    return {
        "people": people["totalCount"],
        "by_risk": _groups(people["byRisk"]),
        "by_station": _groups(people["byStation"]),
        "visits": visits["totalCount"],
        "visits_by_station": _groups(visits["byStation"]),
        "stations": data["stations"]["totalCount"],
        "contracts": contracts["totalCount"],
        "ending": [[c["number"], c["endsOn"]] for c in contracts["nodes"]],
    }


def _groups(found: Any) -> dict[str, int]:
    return groups((group["keys"][0], int(group["distinctCount"]["rowId"])) for group in found)


def q4(data: Any, _: Mapping[str, Any]) -> Any:
    contract = data["contract"]
    return contract and [
        [
            station["name"],
            [[p["name"], p["kind"]] for p in station["personnelsList"]],
            [[p["nameMasked"], p["riskLevel"], _visits(p)] for p in station["beneficiariesList"]],
        ]
        for station in (link["station"] for link in contract["contractStationsList"])
    ]


SHAPES: Final[dict[str, Callable[[Any, Mapping[str, Any]], Any]]] = {"Q1": q1, "Q2": q2, "Q3": q3, "Q4": q4}
