"""When PostgreSQL is slow, busy or gone, and what is kept between requests."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import time
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import orjson
import pytest
import pytest_asyncio
from graphql import get_introspection_query

from hub.access.limits import Limits
from hub.access.viewer import Viewer
from hub.errors import Unavailable
from hub.read import asker
from hub.read.turns import Turns
from hub.store.lender import PATIENCE
from tests.support.postgres import server
from tests.support.reading import AGENCY, BUREAU, CONTRACTOR, World, plainly, small_world


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world(pool_size=2) as made:
        yield made


UNBOUNDED = Limits(cost_per_request=10**9, cost_per_minute=10**9)


def heavy() -> str:
    """The visits of the people of the visits of the people …"""
    body = "id"
    for _ in range(4):
        body = f"beneficiary {{ station {{ visits(first: 20) {{ nodes {{ {body} }} }} }} }}"
    return f"{{ visits(first: 20) {{ nodes {{ {body} }} }} }}"


async def test_a_query_that_takes_too_long_is_ended() -> None:
    async with small_world(pool_size=1) as world:
        pool = await world.database.reader("bureau")
        async with pool.acquire() as connection:  # the only one, which keeps it; roles are of all databases
            await connection.execute("set statement_timeout = '100ms'")
        world.engine.till.limits = UNBOUNDED
        answer = await world.answer(BUREAU, heavy())
        body = orjson.loads(answer.body)
        assert (answer.status, set(body)) == (503, {"errors"}), body
        assert [e["extensions"]["code"] for e in body["errors"]] == ["UNAVAILABLE"]
        assert (await world.ask(BUREAU, "{ stations { totalCount } }"))["stations"] == {"totalCount": 2}


async def test_without_a_database_the_answer_is_503() -> None:
    async with small_world() as world:
        await world.ask(BUREAU, "{ stations { totalCount } }")
        await world.database.close()
        answer = await world.answer(BUREAU, "{ stations { totalCount } }")
        body = orjson.loads(answer.body)
        assert (answer.status, set(body)) == (503, {"errors"})
        assert [e["extensions"]["code"] for e in body["errors"]] == ["UNAVAILABLE"]
        assert await world.ask(BUREAU, "{ viewer { role } }") == {"viewer": {"role": "bureau"}}


async def test_a_connection_that_was_ended_is_replaced(world: World) -> None:
    await world.ask(BUREAU, "{ stations { totalCount } }")
    superuser = (await server()).superuser_dsn(world.database.name)
    if superuser is None:
        pytest.skip("nobody gave us this server's superuser")
    connection = await asyncpg.connect(superuser)
    ending = "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and usename = $2"
    await connection.fetch(ending, world.database.name, world.database.reader_role_name("bureau"))
    await connection.close()
    await asyncio.sleep(0.1)
    answers = [await world.answer(BUREAU, "{ stations { totalCount } }") for _ in range(4)]
    assert {a.status for a in answers} <= {200, 503}
    assert answers[-1].status == 200


async def test_more_requests_than_connections_wait_their_turn(world: World) -> None:
    documents = [f"query Q{i} {{ a{i}: visits(first: {i}) {{ nodes {{ id }} }} }}" for i in range(40)]
    answers = await asyncio.gather(*(world.ask(BUREAU, document) for document in documents))
    assert [len(a[f"a{i}"]["nodes"]) for i, a in enumerate(answers)] == [
        min(i, len(answers[39]["a39"]["nodes"])) for i in range(40)
    ]


ONE = "query($id: ID!) { station(id: $id) { id } }"


@pytest.mark.parametrize("least", [0, 10**9])
async def test_lists_of_who_has_many_rows_are_planned_for_what_they_ask(
    world: World, monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    """By the login of the role that plans; what is asked by key goes through the other."""
    monkeypatch.setattr(asker, "MANY", least)
    asked: list[bool] = []
    for name in ("lender", "together"):

        def noted(role: str, planned: bool = False, primary: bool = False, *, given: Any) -> Any:
            asked.append(planned)
            return given(role, planned=planned, primary=primary)

        monkeypatch.setattr(
            world.database, name, functools.partial(noted, given=getattr(world.database, name))
        )
    await world.ask(BUREAU, "{ beneficiaries(first: 100) { nodes { id visits { nodes { id } } } } }")
    await world.ask(BUREAU, "{ stations(first: 1) { nodes { id } } }")
    await world.ask(BUREAU, "{ visitsAggregate { count } }")
    station = (await world.ask(BUREAU, "{ stations(first: 1) { nodes { id } } }"))["stations"]["nodes"][0]
    asked_before, wide = len(asked), set(asked)
    await world.ask(BUREAU, ONE, **station)
    assert wide == {least == 0}
    assert set(asked[asked_before:]) == {False}


async def test_a_client_with_slow_queries_leaves_connections_to_others() -> None:
    async with small_world(pool_size=2) as world:
        world.engine.asker.turns, world.engine.till.limits = Turns(1), UNBOUNDED
        other = dataclasses.replace(CONTRACTOR, client_id="other")
        slow = [asyncio.create_task(world.answer(CONTRACTOR, heavy())) for _ in range(6)]
        await asyncio.sleep(0.2)
        begun = time.perf_counter()
        await world.ask(other, "{ stations { totalCount } }")
        assert time.perf_counter() - begun < PATIENCE
        for task in slow:
            task.cancel()
        await asyncio.gather(*slow, return_exceptions=True)
        assert not world.engine.asker.turns.running


async def test_turns_are_given_back_and_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.read.turns.PATIENCE", 0.05)
    turns = Turns(1)
    async with turns.of("one"):
        async with turns.of("other"):
            pass
        with pytest.raises(Unavailable):
            async with turns.of("one"):
                pass
    async with turns.of("one"):
        pass
    assert not turns.running


async def test_a_question_counts_for_each_person(world: World) -> None:
    told: list[tuple[str, int]] = []

    async def count(who: Viewer, number: int, _: object) -> None:
        told.append((who.client_id, number))

    world.engine.count_questions = count
    question = 'a%d: beneficiaryStatus(idNumber: "459999195003070019", programme: DIBAO) { entitled }'
    await world.answer(AGENCY, f"{{ {' '.join(question % i for i in range(7))} }}")
    await world.ask(BUREAU, "{ stations { totalCount } }")
    world.engine.count_questions = None
    assert told == [("test", 7)]


async def test_introspection_is_made_once(world: World) -> None:
    query = get_introspection_query()
    first = await world.answer(BUREAU, query)
    started = time.process_time()
    again = [await world.answer(BUREAU, query) for _ in range(50)]
    assert (time.process_time() - started) / 50 < 0.02  # once it took 0.1
    assert {a.body for a in again} == {first.body}
    for who in (CONTRACTOR, AGENCY, BUREAU):
        assert await world.ask(who, query) == plainly(who, query).data


@pytest.mark.parametrize("kind", ["Station", "Direction", "Nothing"])
async def test_introspection_with_a_variable_is_made_each_time(world: World, kind: str) -> None:
    found = await world.ask(BUREAU, "query($n: String!) { __type(name: $n) { name } }", n=kind)
    assert found == {"__type": None if kind == "Nothing" else {"name": kind}}
