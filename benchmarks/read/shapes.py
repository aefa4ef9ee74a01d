"""The one form all answers are brought into before they are compared; and how the hub's answers get there.

======== ==============================================================================
Q1       ``entitled``
Q2       people: number, masked name, risk, birth, station, worker, last visit; and is there more
Q3       counts, and groups as ``{risk or station number: count}``; contracts that end first
Q4       stations: name, staff, people with their visits
======== ==============================================================================
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final


def groups(pairs: Iterable[tuple[Any, int]]) -> dict[str, int]:
    """By risk level or station number, a group without one under ``-``; none where nobody is counted."""
    return {str(key if key is not None else "-"): count for key, count in pairs if count}


def number(global_id: str | None) -> str | None:
    return None if global_id is None else global_id.partition(":")[2]


def q1(data: Any) -> Any:
    return data["beneficiaryStatus"]["entitled"]


def q2(data: Any) -> Any:
    page = data["beneficiaries"]
    return [[_row(person) for person in page["nodes"]], page["pageInfo"]["hasNextPage"]]


def _row(person: Any) -> list[Any]:
    worker = next((a["worker"] for a in person["assignments"]["nodes"]), None)
    return [
        number(person["id"]),
        person["nameMasked"],
        person["riskLevel"],
        person["birthOn"],
        person["station"] and person["station"]["name"],
        worker and worker["name"],
        next(([v["visitedOn"], v["kind"]] for v in person["visits"]["nodes"]), None),
    ]


def q3(data: Any) -> Any:
    people, visits, contracts = data["people"], data["visits"], data["contracts"]
    return {
        "people": people["count"],
        "by_risk": groups((g["key"][0], g["count"]) for g in people["byRisk"]),
        "by_station": groups((number(g["key"][0]), g["count"]) for g in people["byStation"]),
        "visits": visits["count"],
        "visits_by_station": groups((number(g["key"][0]), g["count"]) for g in visits["byStation"]),
        "stations": data["stations"]["totalCount"],
        "contracts": contracts["totalCount"],
        "ending": [[c["number"], c["endsOn"]] for c in contracts["nodes"]],
    }


def q4(data: Any) -> Any:
    contract = data["contract"]
    return contract and [
        [
            station["name"],
            [[p["name"], p["kind"]] for p in station["personnel"]["nodes"]],
            [_visited(person) for person in station["beneficiaries"]["nodes"]],
        ]
        for station in contract["stations"]["nodes"]
    ]


def _visited(person: Any) -> list[Any]:
    visits = [[v["visitedOn"], v["kind"]] for v in person["visits"]["nodes"]]
    return [person["nameMasked"], person["riskLevel"], visits]


OF_THE_HUB: Final[dict[str, Callable[[Any], Any]]] = {"Q1": q1, "Q2": q2, "Q3": q3, "Q4": q4}
