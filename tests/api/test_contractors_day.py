"""A contractor's day with nothing but GraphQL: see what is due, visit, send it, see the numbers move."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest_asyncio

from hub.compliance.following import look
from tests.support.casework import begin_casework
from tests.support.county import TODAY
from tests.support.handing import NEIGHBOUR, PERSON, SENDER, add, fact, handing_world, id_of
from tests.support.reading import World

BOARD: Final = (
    """{ dueVisits(first: 200) { totalCount nodes { rule status dueOn quote beneficiary { id } } } }"""
)
MINE: Final = """{ contracts { nodes { id beneficiaries(first: 200) { nodes { id } } } } }"""
DUE: Final = """query ($of: [ID!]!, $rules: [String!]) {
    compliance(of: $of, rules: $rules, status: [NOT_MET, DUE]) {
        record rule status value target dueOn basis { article quote } } }"""
QUOTAS: Final = """query ($contract: ID!) {
    quotas(contract: $contract) {
        rule status value target remaining dueOn inputCount inputs { record } } }"""
SEND: Final = (
    """mutation ($items: [RecordVisitItem!]!) { recordVisits(items: $items) { id beneficiary { id } } }"""
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with handing_world() as made:
        elders = [
            {**fact(9_000 + person, person), "category": "TEKUN_ELDER", "starts_on": dt.date(2026, 1, 1)}
            for person in (PERSON, NEIGHBOUR)
        ]
        await add(made, {"category_membership": elders})
        yield await begin_casework(made)


async def quota(world: World, contract: str) -> Any:
    lines = (await world.ask(SENDER, QUOTAS, contract=contract))["quotas"]
    return {each["rule"]: each for each in lines}


async def test_a_day(world: World) -> None:
    contracts = (await world.ask(SENDER, MINE))["contracts"]["nodes"]
    (mine,) = [each for each in contracts if each["beneficiaries"]["nodes"]]
    people = [each["id"] for each in mine["beneficiaries"]["nodes"]]
    assert {*people} == {id_of(PERSON), id_of(NEIGHBOUR)}

    # The morning: whom to visit, by which words. The board is of verdicts that are kept.
    await look(world.database, TODAY)
    board = (await world.ask(SENDER, BOARD))["dueVisits"]
    assert {each["beneficiary"]["id"] for each in board["nodes"]} == {*people}
    assert {(each["rule"], each["status"]) for each in board["nodes"]} <= {
        ("R165", "DUE"),
        ("R165", "NOT_MET"),
    }
    assert all("每月定期入户探访特困老人" in each["quote"] for each in board["nodes"])
    due = (await world.ask(SENDER, DUE, of=people, rules=["R165"]))["compliance"]
    assert {each["record"] for each in due} == {*people}
    assert all("每月定期入户探访特困老人" in each["basis"]["quote"] for each in due)
    before = await quota(world, mine["id"])
    visits = before.pop("R201")
    assert (visits["target"], visits["status"]) == ("500", "DUE")

    # Ten visits without a line; each has a key of its own.
    days = [(TODAY - dt.timedelta(days=n)).isoformat() for n in range(5)]
    items = [
        {
            "beneficiary": person,
            "visitedOn": day,
            "kind": "HOME",
            "purpose": "ELDER_MONTHLY",
            "key": f"{person}/{day}",
        }
        for person in people
        for day in days
    ]
    sent = (await world.ask(SENDER, SEND, items=items))["recordVisits"]
    assert [each["beneficiary"]["id"] for each in sent] == [each["beneficiary"] for each in items]
    # The line broke before the answer came: sent again, nothing is noted twice.
    assert (await world.ask(SENDER, SEND, items=items))["recordVisits"] == sent

    # The evening: nobody is due, and ten more count towards the year.
    assert (await world.ask(SENDER, DUE, of=people, rules=["R165"]))["compliance"] == []
    after = await quota(world, mine["id"])
    moved = after.pop("R201")
    assert int(moved["value"]) == int(visits["value"]) + 10
    assert int(moved["remaining"]) == int(visits["remaining"]) - 10
    assert {each["id"] for each in sent} <= {each["record"] for each in moved["inputs"]}
    assert after == before, "no other quota moves"
    await look(world.database, TODAY)
    assert (await world.ask(SENDER, BOARD))["dueVisits"]["totalCount"] == 0
