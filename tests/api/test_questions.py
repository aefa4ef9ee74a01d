"""How many persons a client may ask about, and who asks as if to try numbers out."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Iterable
from dataclasses import replace
from typing import Any, Final

import orjson
import pytest
import pytest_asyncio

from hub.access.limits import Allowance, Limits, questions_of
from hub.access.persons import person_key, token_of
from hub.access.purposes import Granted, Purpose
from hub.access.viewer import Viewer
from hub.domain.dates import CHINA
from hub.domain.id_number import make_id_number
from hub.errors import BadArgument
from hub.store.cache import MemoryCache
from hub.web.limits import Rate
from hub.web.questions import Questions
from tests.support.county import TODAY
from tests.support.http import refused
from tests.support.reading import AGENCY, BUREAU, World, small_world
from tests.support.serving import serving

ALIKE: Final = 5
DAY: Final = dt.date(1950, 1, 1)
ONE: Final = "query($n: String!) { eligibility(person: {idNumber: $n}, programme: DIBAO) { answer } }"
OLDER: Final = "query($n: String!) { beneficiaryStatus(idNumber: $n, programme: DIBAO) { entitled } }"
FOUND: Final = "query($n: String!) { beneficiary(idNumber: $n) { id } }"
MANY: Final = """query($p: [PersonInput!]!) {
    eligibilities(persons: $p, programme: DIBAO) { items { answer } } }"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        yield made


@pytest.fixture
def counting(world: World) -> Iterable[Questions]:
    """In an hour of its own, with nothing asked."""
    limits = Limits(questions_per_minute=1000, questions_per_day=2000)
    clock = [dt.datetime.combine(TODAY, dt.time(23, 59, 30), CHINA)]
    made = Questions(world.database, Rate(MemoryCache(), 9, 9), limits, ALIKE, lambda: clock[0])
    world.engine.count_questions = made.count
    yield made
    world.engine.count_questions = None


def client(name: str, **more: Any) -> Viewer:
    return replace(AGENCY, client_id=name, **more)


def apart(count: int, first: int = 0) -> list[str]:
    """Numbers of different days of birth."""
    return [make_id_number("459999", DAY + dt.timedelta(days=first + n), 7) for n in range(count)]


def alike(count: int) -> list[str]:
    return [make_id_number("459999", DAY, n) for n in range(1, count + 1)]


async def many(world: World, who: Viewer, numbers: Iterable[str]) -> str | None:
    """The code it was refused with."""
    answer = await world.answer(who, MANY, p=[{"idNumber": each} for each in numbers])
    return code_in(answer.body)


def code_in(body: bytes) -> str | None:
    errors = orjson.loads(body).get("errors") or [{"extensions": {"code": None}}]
    found: str | None = errors[0]["extensions"]["code"]
    return found


async def days(world: World, name: str) -> list[tuple[Any, ...]]:
    rows = await world.database.fetch(
        "select purpose, questions, unknown, most_alike, most_repeated from question_day"
        " where client_id = $1 order by purpose",
        name,
    )
    return [tuple(row) for row in rows]


async def codes(world: World, who: Viewer, query: str, numbers: Iterable[str]) -> list[str | None]:
    return [code_in((await world.answer(who, query, n=each)).body) for each in numbers]


@pytest.mark.parametrize(("who", "query"), [(AGENCY, ONE), (AGENCY, OLDER), (BUREAU, FOUND)])
async def test_who_tries_numbers_out_is_stopped(
    world: World, counting: Questions, who: Viewer, query: str
) -> None:
    """One by one, by every question there is, and then asks in vain about anybody."""
    who = replace(who, client_id=f"tries-{len(query)}")
    refusals = await codes(world, who, query, alike(ALIKE + 3))
    assert refusals == [None] * ALIKE + ["QUESTIONS_BARRED"] * 3
    assert await codes(world, who, query, apart(1)) == ["QUESTIONS_BARRED"]
    assert await many(world, client("another"), apart(1)) is None


async def test_a_list_and_tokens_are_looked_at_as_well(world: World, counting: Questions) -> None:
    assert await many(world, client("lists"), [*apart(200), *alike(ALIKE + 1)]) == "QUESTIONS_BARRED"
    who = client("tokens", person_keys=frozenset({1}))
    key = person_key(world.engine.vault, "tokens", 1)
    answer = await world.answer(who, MANY, p=[{"token": token_of(key, 1, n)} for n in alike(ALIKE + 1)])
    assert code_in(answer.body) == "QUESTIONS_BARRED"


@pytest.mark.parametrize(("tried", "code"), [(2 * ALIKE, None), (4 * ALIKE, "QUESTIONS_BARRED")])
async def test_much_of_a_region_is_not_taken_for_numbers_tried_out(
    world: World, counting: Questions, tried: int, code: str | None
) -> None:
    """8,000 people of ten years: two of every day, and for three times as many nobody is stopped."""
    counting.limits = Limits(questions_per_minute=10_000, questions_per_day=10_000)
    whole = [
        make_id_number("459999", DAY + dt.timedelta(days=n % 3700), 500 + n // 3700) for n in range(8000)
    ]
    who = client(f"county-{tried}")
    assert await many(world, who, whole) is None
    assert await many(world, who, alike(tried)) == code


async def test_what_is_told_does_not_depend_on_whom_the_hub_knows(world: World, counting: Questions) -> None:
    """Somebody who is known among those tried, or nobody: stopped at the same question."""
    known = next(n for p in world.rows["beneficiary"] if (n := number_of(world, p)))
    stem, born = known[:6], dt.date(int(known[6:10]), int(known[10:12]), int(known[12:14]))
    serial = int(known[14:17])
    others = [make_id_number(stem, born, (serial + n) % 999 or 999) for n in range(1, ALIKE + 2)]
    with_known = await codes(world, client("knows"), ONE, [others[0], known, *others[1:]])
    without = await codes(world, client("knows-not"), ONE, others)
    assert with_known[: ALIKE + 1] == without == [None] * ALIKE + ["QUESTIONS_BARRED"]


async def test_a_check_of_a_caseload_is_not_stopped(world: World, counting: Questions) -> None:
    """All there are, twice, among many more; and its day is counted to the last."""
    known = {n for p in world.rows["beneficiary"] if (n := number_of(world, p))}
    assert len(known) > 10
    strangers = apart(400)
    for _ in range(2):
        assert await many(world, client("honest"), [*known, *strangers]) is None
    await counting.write()
    [(purpose, asked, unknown, most_alike, repeated)] = await days(world, "honest")
    assert (purpose, asked, unknown, repeated) == ("", 2 * (len(known) + 400), 800, 2)
    assert most_alike <= ALIKE
    assert not any(number in repr(row) for row in await days(world, "honest") for number in known)


def number_of(world: World, person: Any) -> str | None:
    return world.engine.vault.open(person["id_number"]) if person.get("id_number") else None


async def test_a_list_that_does_not_fit_is_refused_whole(world: World, counting: Questions) -> None:
    who = client("small", allowance=Allowance(questions_per_minute=100, questions_per_day=150))
    assert await many(world, who, apart(101)) == "LIMIT_EXCEEDED"
    assert await many(world, who, apart(60)) is None
    assert await many(world, who, apart(41)) == "RATE_LIMITED"
    assert await many(world, who, apart(40)) is None
    await counting.write()
    assert await days(world, "small") == [("", 100, 100, 1, 2)]
    counting.rate = Rate(MemoryCache(), 9, 9)  # the next minute
    for _ in range(2):  # before it is written, and as another process has it
        answer = await world.answer(who, MANY, p=[{"idNumber": each} for each in apart(51)])
        assert code_in(answer.body) == "QUESTIONS_EXCEEDED"
        assert answer.retry_after == 30  # to midnight
        counting.asked.clear()
    assert await many(world, who, apart(50)) is None
    await counting.write()
    assert await days(world, "small") == [("", 150, 150, 1, 3)]


async def test_a_purpose_may_have_questions_of_its_own(world: World, counting: Questions) -> None:
    relief = Purpose("relief", "救助", "Relief", questions_per_minute=10, questions_per_day=15)
    who = client("two", granted=Granted((relief,)), allowance=Allowance(questions_per_minute=30))
    for asker, most in ((replace(who, stated=relief), 10), (who, 30)):
        assert await many(world, asker, apart(most + 1)) == "LIMIT_EXCEEDED"
        assert await many(world, asker, apart(most)) is None
        assert await many(world, asker, apart(1)) == "RATE_LIMITED"
    await counting.write()
    assert [row[:2] for row in await days(world, "two")] == [("", 30), ("relief", 10)]
    counting.rate = Rate(MemoryCache(), 9, 9)
    assert await many(world, replace(who, stated=relief), apart(6)) == "QUESTIONS_EXCEEDED"
    assert await many(world, replace(who, stated=relief), apart(5)) is None
    assert await many(world, who, apart(6)) is None


async def test_counts_wait_for_a_database_that_is_away(
    world: World, counting: Questions, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await many(world, client("waits"), apart(3)) is None
    with monkeypatch.context() as broken:
        broken.setattr("hub.web.questions.WRITE", "select 1 from nothing_there where $1 = $2")
        await counting.write()
    assert await days(world, "waits") == []
    assert await many(world, client("waits"), apart(4)) is None
    await counting.write()
    await counting.write()
    assert await days(world, "waits") == [("", 7, 7, 1, 2)]


async def test_over_http_a_bar_stands_until_somebody_decides() -> None:
    async with serving(questions_alike=2) as hub:
        database = hub.world.database
        for n in alike(2):
            assert (await hub.ask(ONE, "agency", n=n)).status_code == 200
        for _ in range(2):
            refused(await hub.ask(ONE, "agency", n=alike(3)[-1]), 403, "QUESTIONS_BARRED")
        [row] = await database.fetch(
            "select questions_barred_at is null from oauth_client where client_id = 'agency'"
        )
        assert not row[0]
        metrics = (await hub.http.get("/metrics")).text
        assert "hub_clients_barred 1.0" in metrics


def test_questions_of_a_purpose_are_read() -> None:
    assert questions_of(["relief=10/20"]) == {"relief": (10, 20)}
    with pytest.raises(BadArgument, match="relief=100/2000"):
        questions_of(["relief=10"])
