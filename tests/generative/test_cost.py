"""Random operations of random viewers: the price bounds the rows, and what was measured."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import orjson
import pytest
import pytest_asyncio

from benchmarks.read.costs import rows_of
from benchmarks.read.wild import Wild
from hub.access.limits import Limits
from hub.read.cost import REQUEST, ROW
from tests.support.reading import VIEWERS, World, schema, small_world

ROUNDS = 150
LIMITS = Limits(cost_per_request=2_000_000_000, cost_per_minute=2_000_000_000)
"""Whatever is asked at random is answered; many pictures are the dearest."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        await made.database.owner.execute("vacuum analyze")
        made.engine.till.limits = LIMITS
        yield made


@pytest.mark.parametrize("role", sorted(VIEWERS))
async def test_no_answer_has_more_rows_than_its_price(world: World, role: str) -> None:
    viewer = VIEWERS[role]
    wild = Wild(schema(viewer), random.Random(role))
    most = 0
    for _ in range(ROUNDS):
        query = wild.operation()
        answer = await world.answer(viewer, query)
        assert answer.executed, (query, answer.body)
        assert answer.cost is not None
        rows = rows_of(orjson.loads(answer.body))
        assert REQUEST + ROW * rows <= answer.cost.static, query
        assert REQUEST <= answer.cost.actual <= answer.cost.static, query
        most = max(most, rows)
    assert most > 10 or role == "agency", "the random operations hardly saw a row"
