"""A contractor's day with nothing but GraphQL: see what is due, visit, send it, see the numbers move."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest_asyncio

from tests.support.casework import begin_casework
from tests.support.county import TODAY
from tests.support.handing import NEIGHBOUR, PERSON, SENDER, add, fact, handing_world, id_of
from tests.support.reading import World

MINE: Final = """{ contracts { nodes { id beneficiaries(first: 200) { nodes { id } } } } }"""
DUE: Final = """query ($of: [ID!]!, $rules: [String!]) {
    compliance(of: $of, rules: $rules, status: [NOT_MET, DUE]) {
        record rule status value target dueOn basis { article quote } } }"""
QUOTAS: Final = """query ($of: [ID!]!) {
    compliance(of: $of, rules: ["R201"]) {
        record status value target dueOn inputCount inputs { record } } }"""
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
    (told,) = (await world.ask(SENDER, QUOTAS, of=[contract]))["compliance"]
    return told


async def test_a_day(world: World) -> None:
    contracts = (await world.ask(SENDER, MINE))["contracts"]["nodes"]
    (mine,) = [each for each in contracts if each["beneficiaries"]["nodes"]]
    people = [each["id"] for each in mine["beneficiaries"]["nodes"]]
    assert {*people} == {id_of(PERSON), id_of(NEIGHBOUR)}

    # The morning: whom to visit, by which words.
    due = (await world.ask(SENDER, DUE, of=people, rules=["R165"]))["compliance"]
    assert {each["record"] for each in due} == {*people}
    assert all("每月定期入户探访特困老人" in each["basis"]["quote"] for each in due)
    before = await quota(world, mine["id"])
    assert (before["target"], before["status"]) == ("500", "DUE")

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
    assert int(after["value"]) == int(before["value"]) + 10
    assert {each["id"] for each in sent} <= {each["record"] for each in after["inputs"]}
