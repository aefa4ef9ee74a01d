"""Short statements that are asked at the same moment share a round trip, and nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from hub.access.live import NONE
from hub.access.policies import setting
from hub.errors import Unavailable
from hub.read.asker import SETTINGS, scoped
from hub.read.leaves import viewer_values
from hub.store import together as module
from hub.store.lender import Lender
from hub.store.together import Together
from tests.support.county import TODAY
from tests.support.reading import GUANGXI, JINJIANG, QIXING, World, small_world, viewer

DIVIDED = "select 100 / $1::int"
SLOW = "select pg_sleep($1::float8)::text"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        yield made


class Counting(Lender):
    """Counts what is sent: how many statements at a time."""

    sent: list[int]

    async def fetchval(self, text: str, *given: Any) -> Any:
        self.sent.append(1)
        return await super().fetchval(text, *given)

    async def fetchvals(self, text: str, several: Sequence[Sequence[Any]]) -> list[Any]:
        self.sent.append(len(several))
        return await super().fetchvals(text, several)


@pytest_asyncio.fixture(loop_scope="session")
async def lender(world: World) -> AsyncIterator[Counting]:
    made = Counting(await world.database.reader("bureau"), 2, 5)
    made.sent = []
    yield made
    await made.close()


async def test_what_is_asked_in_one_turn_is_sent_together(lender: Counting) -> None:
    together = Together(lender)
    found = await asyncio.gather(*(together.fetchval(DIVIDED, n) for n in range(1, 11)))
    assert [each.value for each in found] == [100 // n for n in range(1, 11)]
    assert lender.sent == [10]
    assert all(0 < each.seconds < 10 for each in found)
    assert len({each.seconds for each in found}) == 1, "each is told its share"


async def test_one_alone_is_sent_as_ever(lender: Counting) -> None:
    together = Together(lender)
    for n in (1, 2, 5):
        assert (await together.fetchval(DIVIDED, n)).value == 100 // n
    assert lender.sent == [1, 1, 1]


async def test_other_texts_are_sent_apart(lender: Counting) -> None:
    together = Together(lender)
    asked = [together.fetchval(text, n) for n in (4, 5) for text in (DIVIDED, "select $1::int")]
    assert [each.value for each in await asyncio.gather(*asked)] == [25, 4, 20, 5]
    assert lender.sent == [2, 2]


async def test_no_more_than_some_are_sent_at_once(lender: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 4)
    together = Together(lender)
    found = await asyncio.gather(*(together.fetchval(DIVIDED, n) for n in range(1, 11)))
    assert [each.value for each in found] == [100 // n for n in range(1, 11)]
    assert sorted(lender.sent) == [2, 4, 4]


async def test_one_that_fails_fails_alone(lender: Counting) -> None:
    together = Together(lender)
    found = await asyncio.gather(*(together.fetchval(DIVIDED, n) for n in (5, 0, 4)), return_exceptions=True)
    assert isinstance(found[1], asyncpg.DivisionByZeroError)
    assert [found[0].value, found[2].value] == [20, 25]  # type: ignore[union-attr]
    assert lender.sent == [3, 1, 1, 1]


async def test_what_cannot_be_sent_fails_alone(lender: Counting) -> None:
    """asyncpg refuses a parameter before PostgreSQL hears of it."""
    together = Together(lender)
    found = await asyncio.gather(*(together.fetchval(DIVIDED, n) for n in (5, "x")), return_exceptions=True)
    assert isinstance(found[1], asyncpg.DataError)
    assert found[0].value == 20  # type: ignore[union-attr]


async def test_who_goes_away_leaves_the_others_their_answers(lender: Counting) -> None:
    together = Together(lender)
    asking = [asyncio.create_task(together.fetchval(DIVIDED, n)) for n in (2, 4, 5)]
    await asyncio.sleep(0)
    asking[1].cancel()
    found = await asyncio.gather(*asking, return_exceptions=True)
    assert isinstance(found[1], asyncio.CancelledError)
    assert [found[0].value, found[2].value] == [50, 20]  # type: ignore[union-attr]


async def test_a_statement_whose_askers_have_all_gone_is_ended(lender: Counting) -> None:
    """It would keep a connection that nobody waits for."""
    together = Together(lender)
    for number in (1, 3):
        asking = [asyncio.create_task(together.fetchval(SLOW, 20.0)) for _ in range(number)]
        await asyncio.sleep(0.1)
        for each in asking:
            each.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
    async with asyncio.timeout(5):
        found = await asyncio.gather(*(lender.fetchval("select 1") for _ in range(4)))
        await asyncio.gather(*together._under_way, return_exceptions=True)
    assert found == [1] * 4


async def test_all_are_told_that_postgresql_does_not_answer(world: World) -> None:
    class Gone(Lender):
        async def fetchvals(self, *_: Any) -> list[Any]:
            raise Unavailable

    together = Together(Gone(await world.database.reader("bureau"), 1, 5))
    found = await asyncio.gather(*(together.fetchval(DIVIDED, n) for n in (1, 2, 3)), return_exceptions=True)
    assert [type(each) for each in found] == [Unavailable] * 3
    assert len({id(each) for each in found}) == 3, "each gets its own, which may be added to"


async def test_each_sees_its_own_slice_and_no_other(world: World) -> None:
    """Row-level security alone, of viewers that take turns in one transaction."""
    names = SETTINGS["bureau"]
    text = scoped(
        "select string_agg(distinct county_code, ' ' order by county_code) from beneficiary", 0, names, 10**6
    )
    together = Together(await world.database.lender("bureau"))
    asking = [viewer("bureau", code) for code in (QIXING, JINJIANG, GUANGXI, QIXING, JINJIANG)]
    apart, joined = [], []
    for settings in ([setting(viewer_values(v, NONE, TODAY)[n]) for n in names] for v in asking):
        apart.append((await together.fetchval(text, *settings)).value)
        joined.append(together.fetchval(text, *settings))
    found = [each.value for each in await asyncio.gather(*joined)]
    assert found == apart
    assert found[:2] == [QIXING[:6].encode(), JINJIANG[:6].encode()]
