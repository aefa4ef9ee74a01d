"""Cost over HTTP: told in every answer, refused with advice, and budgets by client and purpose."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from click.testing import CliRunner

from hub.access.limits import Allowance, units_of
from hub.cli import main
from hub.errors import BadArgument, NotFound
from hub.oauth.clients import find_client
from hub.oauth.purposes import allow_client
from hub.read.answers import Answer, Cost
from hub.store.cache import MemoryCache
from hub.web.costs import body_of, headers_of
from hub.web.limits import Budget
from tests.support.http import COST
from tests.support.postgres import FIELD_KEY, server
from tests.support.purposes import granted
from tests.support.serving import Served, serving

PEOPLE = "query($n: Int) { beneficiaries(first: $n) { nodes { id visits(first: 50) { nodes { id } } } } }"
CHEAP = "{ viewer { role } }"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Served]:
    async with serving(cost_per_request=120, cost_per_minute=1_000_000) as served:
        # Without statistics prices are guesses, and these tests are about numbers.
        await served.world.database.owner.execute("vacuum analyze")
        yield served


def cost(answer: httpx.Response) -> dict[str, Any]:
    found: dict[str, Any] = answer.json()["extensions"]["cost"]
    assert set(found) == COST
    return found


async def refused(hub: Served) -> httpx.Response:
    """The answer to a request that costs too much."""
    answer = await hub.ask(PEOPLE, n=200)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["extensions"]["code"] == "COST_EXCEEDED"
    assert "data" not in answer.json()
    return answer


async def allow(hub: Served, client: str, own: Allowance, units: Mapping[str, int] | None = None) -> None:
    """And forget whom tokens stood for, which takes two seconds otherwise."""
    await allow_client(hub.world.database, client, own, units)
    await asyncio.sleep(2.1)


# ── told ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_an_answer_says_what_it_cost(hub: Served) -> None:
    found = cost(await hub.ask(PEOPLE, n=1))
    assert 10 < found["actual"] <= found["static"] <= 120
    assert (found["perRequest"], found["perMinute"]) == (120, 1_000_000)
    after = cost(await hub.ask(PEOPLE, n=1))
    assert found["remaining"] - after["remaining"] == after["actual"]


async def test_more_rows_cost_more(hub: Served) -> None:
    one, two = [cost(await hub.ask(PEOPLE, n=n))["static"] for n in (1, 2)]
    assert one < two


@pytest.mark.parametrize(
    "query", ["{", "{ nothing }", "query($n: Int!) { stations(first: $n) { totalCount } }"]
)
async def test_what_is_not_run_costs_nothing(hub: Served, query: str) -> None:
    found = cost(await hub.ask(query))
    assert (found["static"], found["actual"], found["remaining"]) == (0, 0, None)


async def test_introspection_and_the_viewer_have_a_price(hub: Served) -> None:
    assert cost(await hub.ask(CHEAP))["static"] == 20
    answer = await hub.ask("{ __schema { queryType { name } } }")
    assert (answer.status_code, cost(answer)["static"]) == (422, 1_010)


async def test_the_log_and_the_metrics_hold_the_numbers(hub: Served) -> None:
    found = cost(await hub.ask(PEOPLE, "township", n=1))
    line = [line for line in hub.logs.lines() if line.get("event") == "request"][-1]
    assert (line["cost_static"], line["cost_actual"]) == (found["static"], found["actual"])
    metrics = (await hub.http.get("/metrics")).text
    assert 'hub_request_cost_count{role="township"}' in metrics
    assert 'hub_request_cost_bucket{le="30.0",role="township"}' in metrics


async def test_the_viewer_knows_its_limits(hub: Served) -> None:
    query = """{ viewer { purpose limits { requestsPerMinute questionsPerMinute questionsPerDay
      costPerRequest costPerMinute
      purposes { purpose costPerMinute } } } }"""
    assert (await hub.ask(query, "operator")).json()["data"]["viewer"] == {
        "purpose": None,
        "limits": {
            "requestsPerMinute": 6_000,
            "questionsPerMinute": 600,
            "questionsPerDay": 864_000,
            "costPerRequest": 120,
            "costPerMinute": 1_000_000,
            "purposes": [],
        },
    }


# ── one request ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_dear_request_is_refused_with_what_would_fit(hub: Served) -> None:
    answer = await refused(hub)
    (error,) = answer.json()["errors"]
    told = error["extensions"]
    assert told["cost"] == cost(answer)["static"] > told["allowed"] == 120
    assert told["path"] == "beneficiaries.visits"
    (smaller,) = told["suggestions"]
    assert (smaller["path"], smaller["argument"], smaller["given"]) == ("beneficiaries", "first", 200)
    assert f"first: {smaller['suggested']} instead of 200 at beneficiaries" in error["message"]
    assert "retry-after" not in answer.headers
    followed = await hub.ask(PEOPLE, n=smaller["suggested"])
    assert followed.status_code == 200, followed.text
    assert (await hub.ask(PEOPLE, n=smaller["suggested"] + 1)).status_code == 422


async def test_it_is_said_in_chinese(hub: Served) -> None:
    content = json.dumps({"query": PEOPLE, "variables": {"n": 200}})
    answer = await hub.post(content, headers={"Accept-Language": "zh"})
    (error,) = answer.json()["errors"]
    assert error["message"] == error["extensions"]["messageZh"]
    assert "beneficiaries 的 first 由 200 改为 " in error["message"]


async def test_where_no_page_helps_it_is_said_what_is_dear(hub: Served) -> None:
    dear = " ".join(f"a{i}: visitsAggregate {{ groups(by: [worker]) {{ count }} }}" for i in range(90))
    answer = await hub.ask(f"{{ {dear} }}")
    (error,) = answer.json()["errors"]
    assert answer.status_code == 422
    assert error["extensions"]["suggestions"] == []
    assert error["extensions"]["path"] in error["message"]
    assert "leave something out" in error["message"]


async def test_a_refused_request_is_not_run(hub: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    def lender(_: str) -> None:
        raise AssertionError("PostgreSQL was asked")

    monkeypatch.setattr(hub.world.database, "lender", lender)
    await refused(hub)


async def test_a_query_that_is_ended_costs_its_price(hub: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ended(*_: Any) -> None:
        await asyncio.sleep(0.1)
        raise asyncpg.QueryCanceledError

    monkeypatch.setattr("hub.store.lender.Lender.fetchval", ended)
    answer = await hub.ask(PEOPLE, n=1)
    assert answer.status_code == 503
    assert cost(answer)["actual"] == cost(answer)["static"] > 0


# ── a minute ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def quiet_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not where a minute ends."""
    monkeypatch.setattr("hub.web.limits.now", lambda: 6_000_000_015)


@pytest.mark.usefixtures("quiet_minute")
async def test_a_client_that_has_spent_its_minute_waits(hub: Served) -> None:
    await allow(hub, "contractor", Allowance(cost_per_minute=50))
    spent = 0
    for _ in range(2):
        answer = await hub.ask(CHEAP, "contractor")
        spent += cost(answer)["actual"]
        assert cost(answer)["remaining"] == 50 - spent
    await hub.ask(CHEAP, "contractor")
    answer = await hub.ask(CHEAP, "contractor")
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (429, "BUDGET_EXCEEDED")
    assert answer.headers["retry-after"] == "45"
    assert error["extensions"]["retryAfter"] == 45
    assert (error["extensions"]["cost"], error["extensions"]["allowed"]) == (20, 50 - 33)
    assert (await hub.ask(CHEAP, "operator")).status_code == 200


@pytest.mark.usefixtures("quiet_minute")
async def test_purposes_have_minutes_of_their_own(hub: Served) -> None:
    await granted(hub.world.database, "agency", "relief", "audit-2026")
    await allow(hub, "agency", Allowance(100, 40), {"relief": 25, "audit-2026": 90})

    async def ask(purpose: str | None) -> httpx.Response:
        headers = {} if purpose is None else {"Hub-Purpose": purpose}
        content = json.dumps(
            {"query": "{ viewer { purpose limits { purposes { purpose costPerMinute } } } }"}
        )
        return await hub.post(content, role="agency", headers=headers)

    relief = await ask("relief")
    told = relief.json()["data"]["viewer"]
    assert told["purpose"] == "relief"
    purposes = {each["purpose"]: each["costPerMinute"] for each in told["limits"]["purposes"]}
    assert purposes == {"relief": 25, "audit-2026": 90}
    assert (cost(relief)["perRequest"], cost(relief)["perMinute"]) == (25, 25)
    assert (await ask("relief")).status_code == 429
    assert [cost(await ask(purpose))["perMinute"] for purpose in (None, "audit-2026")] == [40, 90]


@pytest.mark.parametrize("purpose", ["statistics", "", "Relief", "relief "])
async def test_a_purpose_that_is_not_registered_is_refused(hub: Served, purpose: str) -> None:
    answer = await hub.post(json.dumps({"query": CHEAP}), headers={"Hub-Purpose": purpose})
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (403, "PURPOSE_REFUSED")
    assert error["extensions"]["purposes"] == []


async def test_of_a_purpose_named_twice_none_is_chosen_but_the_first(hub: Served) -> None:
    await granted(hub.world.database, "agency", "relief", "audit-2026")
    await allow(hub, "agency", Allowance(), {"relief": 90, "audit-2026": 80})
    try:
        headers = [*hub.bearer("agency").items(), ("Hub-Purpose", "relief"), ("Hub-Purpose", "audit-2026")]
        answer = await hub.http.post("/graphql", json={"query": CHEAP}, headers=headers)
        assert answer.status_code == 403 or cost(answer)["perMinute"] == 90
    finally:
        await allow(hub, "agency", Allowance())


async def test_what_was_not_spent_is_given_back_with_the_next_request(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 60
    monkeypatch.setattr("hub.web.limits.now", lambda: now)
    one, other = (Budget(cache) for cache in [MemoryCache()] * 2)
    assert await one.spend("a", 100) == 100
    one.settle("a", -60)
    one.settle("a", -20)
    assert await other.spend("a", 5) == 105  # which has not heard of it yet
    assert await one.spend("a", 10) == 35
    assert await one.spend("b", 1) == 1
    one.settle("a", -30)
    assert one.seconds_left() == 60
    now = 121
    assert await one.spend("a", 7) == 7  # a new minute, for which nothing is owed
    assert one.seconds_left() == 59


async def test_what_is_owed_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hub.web.limits.OWING", 3)
    budget = Budget(MemoryCache())
    for i in range(20):
        budget.settle(str(i), -1)
    assert len(budget.owed) <= 3


# ── the registry ─────────────────────────────────────────────────────────────────────────────────────


async def test_limits_of_a_registration(hub: Served) -> None:
    database = hub.world.database
    await granted(database, "township", "relief")
    await allow_client(database, "township", Allowance(5), {"relief": 9})
    found = await find_client(database, "township")
    assert found is not None
    assert found.allowance == Allowance(5)
    assert [(purpose.code, purpose.units) for purpose in found.purposes] == [("relief", 9)]
    await allow_client(database, "township", Allowance())
    for own in (Allowance(0), Allowance(None, -1), Allowance(10**12)):
        with pytest.raises(BadArgument):
            await allow_client(database, "township", own)
    for units in ({"relief": 0}, {"relief": 2_000_000_001}, {"audit-2026": 5}, {"": 5}):
        with pytest.raises(BadArgument):
            await allow_client(database, "township", Allowance(7), units)
    found = await find_client(database, "township")
    assert found is not None
    assert (found.allowance, found.purposes[0].units) == (Allowance(), None)
    with pytest.raises(NotFound):
        await allow_client(database, "nobody", Allowance())


@pytest.mark.parametrize("text", ["relief", "relief=", "relief=x", "relief=-5", "relief=5=5", "=5a"])
def test_a_purpose_is_given_with_a_number(text: str) -> None:
    with pytest.raises(BadArgument):
        units_of([text])


async def test_the_command_sets_them(hub: Served) -> None:
    made = await server()
    environment = {"HUB_DATABASE_URL": made.dsn(hub.world.database.name), "HUB_FIELD_KEY": FIELD_KEY}
    await granted(hub.world.database, "operator", "relief")
    words = ["client", "budget", "operator", "--per-minute", "7000", "--purpose", "relief=50"]
    found = await asyncio.to_thread(CliRunner().invoke, main, words, env=environment)
    assert found.exit_code == 0, found.output
    client = await find_client(hub.world.database, "operator")
    assert client is not None
    assert (client.allowance, client.purposes[0].units) == (Allowance(None, 7_000), 50)
    await allow_client(hub.world.database, "operator", Allowance())


# ── other answers ────────────────────────────────────────────────────────────────────────────────────


def test_the_header_of_answers_without_extensions() -> None:
    whole = Answer(b'{"data":{}}', True, cost=Cost(20, 11, 120, 1_000, 989))
    assert headers_of(whole) == {
        "Hub-Cost": "static=20, actual=11, per-request=120, per-minute=1000, remaining=989"
    }
    assert json.loads(body_of(whole)) == {
        "data": {},
        "extensions": {
            "cost": {"static": 20, "actual": 11, "perRequest": 120, "perMinute": 1000, "remaining": 989}
        },
    }
    spent = Answer(b"{}", False, 429, 7, Cost(20, 0, 120, 1_000, None))
    assert headers_of(spent) == {
        "Hub-Cost": "static=20, actual=0, per-request=120, per-minute=1000",
        "Retry-After": "7",
    }
    bare = Answer(b'{"data":{}}', True)
    assert (headers_of(bare), body_of(bare)) == ({}, bare.body)
