"""One request, one bill: what explanations take is in the price of the request, each alias for itself."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest
import pytest_asyncio

from hub.access.limits import Allowance
from hub.access.viewer import Viewer
from hub.read.answers import Answer, Cost
from hub.read.cost import LOOKED_UP, REQUEST
from hub.read.till import Unlimited
from tests.support.reading import BUREAU, CONTRACTOR, World, small_world

RECORD: Final = 'explainAccess(id: "Beneficiary:450305:1") { visible grounds { until } }'
LIST: Final = "explainList(of: {beneficiaries: {riskLevel: {eq: LEVEL_1}, station: {}}}) { count }"
TYPE: Final = 'access(type: "Beneficiary") { readable }'
KINDS: Final = {
    "explainAccess": lambda n: " ".join(f"a{i}: {RECORD}" for i in range(n)),
    "explainList": lambda n: " ".join(f"a{i}: {LIST}" for i in range(n)),
    "access": lambda n: "viewer { " + " ".join(f"a{i}: {TYPE}" for i in range(n)) + " }",
    "fragment": lambda n: "".join(f"... on Query {{ a{i}: {RECORD} }} " for i in range(n)),
}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world(11) as made:
        yield made


async def answer(world: World, who: Viewer, query: str, **given: Any) -> Answer:
    return await world.answer(who, query, **given)


async def cost(world: World, who: Viewer, query: str, **given: Any) -> Cost:
    found = await answer(world, who, query, **given)
    assert "errors" not in json.loads(found.body), found.body
    assert found.cost is not None
    return found.cost


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("who", [BUREAU, CONTRACTOR])
async def test_each_alias_is_in_the_price(world: World, kind: str, who: Viewer) -> None:
    one = await cost(world, who, f"{{ {KINDS[kind](1)} }}")
    twenty = await cost(world, who, f"{{ {KINDS[kind](20)} }}")
    assert one.static >= REQUEST + LOOKED_UP
    around = REQUEST * (2 if kind == "access" else 1)
    assert twenty.static == pytest.approx(20 * (one.static - around) + around, abs=20)
    assert 20 * LOOKED_UP <= twenty.actual <= twenty.static
    assert LOOKED_UP <= one.actual <= one.static


@pytest.mark.parametrize("kind", KINDS)
async def test_twenty_are_refused_by_a_small_budget_before_anything_is_asked(world: World, kind: str) -> None:
    who = dataclasses.replace(BUREAU, allowance=Allowance(cost_per_request=5_000))
    before = await world.database.owner.fetchval("select count(*) from access_entry")
    found = await answer(world, who, f"{{ {KINDS[kind](20)} }}")
    (error,) = json.loads(found.body)["errors"]
    assert (found.status, error["extensions"]["code"]) == (422, "COST_EXCEEDED")
    assert error["extensions"]["cost"] > 20 * LOOKED_UP
    assert await world.database.owner.fetchval("select count(*) from access_entry") == before
    assert (await cost(world, who, f"{{ {KINDS[kind](2)} }}")).static <= 5_000


async def test_a_minute_is_charged_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    spent: list[int] = []

    class Counter(Unlimited):
        async def spend(self, who: str, units: int) -> int:
            spent.append(units)
            return units

    monkeypatch.setattr(world.engine.till, "counter", Counter())
    found = await cost(world, BUREAU, f"{{ {KINDS['explainAccess'](3)} {KINDS['access'](2)} }}")
    assert spent == [found.static]


async def test_a_list_is_explained_for_what_counting_it_takes(world: World) -> None:
    count = await cost(world, BUREAU, "{ beneficiaries { totalCount } }")
    one = await cost(world, BUREAU, "{ explainList(of: {beneficiaries: {}}) { count } }")
    steps = await cost(world, BUREAU, f"{{ {LIST} }}")
    assert one.static >= count.static + LOOKED_UP
    assert steps.static > one.static + count.static - REQUEST


async def test_contracts_that_are_told_are_paid_for(world: World) -> None:
    bare = 'viewer { access(type: "Beneficiary") { rows { day } } }'
    told = 'viewer { access(type: "Beneficiary") { rows { day contracts { number } } } }'
    for who, more in ((CONTRACTOR, True), (BUREAU, False)):
        without, with_ = [(await cost(world, who, f"{{ {q} }}")).static for q in (bare, told)]
        assert (with_ > without) is more
    inside = 'explainAccess(id: "Visit:450305:1") { access { rows { contracts { number } } } }'
    plain = 'explainAccess(id: "Visit:450305:1") { visible }'
    costs = [(await cost(world, CONTRACTOR, f"{{ {q} }}")).static for q in (plain, inside)]
    assert costs[0] < costs[1]


async def test_what_is_left_out_is_not_paid_for(world: World) -> None:
    query = """query ($no: Boolean!) {
        viewer { role access(type: "Beneficiary") @skip(if: $no) { readable } }
        explainAccess(id: "Beneficiary:450305:1") @skip(if: $no) { visible } }"""
    assert (await cost(world, BUREAU, query, no=True)).static == 2 * REQUEST
    assert (await cost(world, BUREAU, query, no=False)).static > 2 * LOOKED_UP


async def test_what_is_compiled_beside_it_is_on_the_same_bill(world: World) -> None:
    page = "beneficiaries(first: 5) { nodes { id name } }"
    alone = await cost(world, BUREAU, f"{{ {page} }}")
    record = await cost(world, BUREAU, f"{{ a: {RECORD} }}")
    both = await cost(world, BUREAU, f"{{ {page} a: {RECORD} }}")
    assert both.static == pytest.approx(alone.static + record.static - REQUEST, abs=2)


@pytest.mark.parametrize(
    "query",
    [
        'explainAccess(id: "x") { visible }',
        'explainAccess(id: "Nothing:1") { visible }',
        'explainList(of: {beneficiaries: {divisionCode: {within: "4503x"}}}) { count }',
    ],
)
async def test_one_that_is_wrong_says_so_itself(world: World, query: str) -> None:
    assert await world.code(BUREAU, f"{{ {query} }}") == "BAD_ARGUMENT"
    before = await world.database.owner.fetchval("select count(*) from access_entry")
    await answer(world, BUREAU, f"{{ {query} }}")
    assert await world.database.owner.fetchval("select count(*) from access_entry") == before
