"""殡葬火化: whom the hub knows is asked about one by one, in turns, as many a day as the platform allows."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors.deaths.fields import ASKED
from connectors.emulators.model import Person
from connectors.platform import PlatformRefused
from connectors.web import Again
from hub.settings import Settings
from hub.sync import subjects
from tests.connectors.hub_of import TODAY
from tests.connectors.platform_of import Asked, asked, people_of
from tests.support.logs import captured_logs

DEAD = """
    select b.id_number, b.deceased_on from beneficiary b where b.deceased_on is not null"""
MARK = "select checkpoint ->> $1 from source where code = 'deaths'"


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Asked]:
    """A hub that knows the low-income people of a small county, of whom three have died."""
    people = people_of(400)
    async with asked(tmp_path, people) as asking:
        await asking.sync()
        for number, person in enumerate(_cremated(asking)[:3], 1):
            person.deceased_on = TODAY - dt.timedelta(days=10 * number)
        yield asking


def _cremated(there: Asked) -> list[Person]:
    """Listed people whose death would be recorded."""
    numbers = {number for number, _ in there.platform.truth.facts("low-income")}
    return [p for p in there.platform.people if p.id_number in numbers and int(str(p.id_number)[16]) % 5]


async def dead(there: Asked) -> dict[str, dt.date]:
    """As the hub knows them."""
    rows = await there.hub.database.owner.fetch(DEAD)
    return {there.hub.vault.open(row["id_number"]): row["deceased_on"] for row in rows}


def recorded(there: Asked) -> dict[str, dt.date]:
    numbers = {number for number, _ in there.platform.truth.facts("low-income")}
    return {number: day for number, day in there.platform.deaths().items() if number in numbers}


async def test_a_day_of_death_arrives_and_no_benefit_goes(there: Asked) -> None:
    before = await there.hub.benefits()
    report = await there.sync("deaths")
    assert await dead(there) == recorded(there)
    assert len(recorded(there)) == 3
    assert (report.read, report.changed, report.quarantined) == (3, 3, 0)
    assert await there.hub.benefits() == before
    assert sorted(there.platform.asked) == sorted({number for number, _ in before})
    stated = "select count(*) from beneficiary_record where list_kind = 'death' and deceased_on is not null"
    assert await there.hub.one(stated) == 3


async def test_who_receives_nothing_is_not_asked_about(there: Asked) -> None:
    await there.hub.database.owner.execute("update category_membership set ends_on = $1", TODAY)
    there.clock.pass_time(days=1)
    await there.sync("deaths")
    assert there.platform.asked == []


async def test_a_day_has_so_many_questions_and_the_next_goes_on(there: Asked) -> None:
    await there.register("deaths", daily="7")
    everybody = {number for number, _ in await there.hub.benefits()}
    days = -(-len(everybody) // 7)
    for _ in range(days):
        await there.sync("deaths")
        await there.sync("deaths")
        there.clock.pass_time(days=1)
    first_round = list(there.platform.asked)
    assert sorted(first_round) == sorted(everybody), "each once, and nobody twice"
    assert await dead(there) == recorded(there)
    await there.sync("deaths")
    await there.sync("deaths")
    assert there.platform.asked[len(everybody) :] == first_round[:7], "whose turn was longest ago comes first"


async def test_who_was_called_dead_by_mistake_lives_again(there: Asked) -> None:
    await there.sync("deaths")
    mistaken = next(iter(recorded(there)))
    person = next(p for p in there.platform.people if p.id_number == mistaken)
    person.deceased_on = None
    there.clock.pass_time(days=1)
    report = await there.sync("deaths")
    assert report.withdrawn == 1
    assert await dead(there) == recorded(there)
    person.deceased_on = TODAY
    there.clock.pass_time(days=2)
    there.platform.today += dt.timedelta(days=3)
    await there.sync("deaths")
    assert (await dead(there))[mistaken] == TODAY


# --- the catalogue -----------------------------------------------------------------------------


async def test_x8_a_platform_that_allows_less_is_asked_tomorrow(there: Asked) -> None:
    there.platform.daily = 9
    await there.sync("deaths")
    assert (await there.sync("deaths")).read == 0
    assert (len(there.platform.asked), there.platform.refused) == (9, {"quota": 1}), (
        "told once, not asked again"
    )
    there.clock.pass_time(days=1)
    await there.sync("deaths")
    assert len(set(there.platform.asked)) == 18
    assert there.platform.refused == {"quota": 2}


async def test_x5_a_person_the_service_cannot_answer_about_blocks_nobody(there: Asked) -> None:
    there.platform.switches.turn_on("x06-code", 10)  # two people, five attempts each
    await there.sync("deaths")
    assert there.platform.switches.count("x06-code") == 10
    everybody = {number for number, _ in await there.hub.benefits()}
    assert len(set(there.platform.asked)) == len(everybody) - 2
    there.clock.pass_time(days=1)
    await there.sync("deaths")
    assert set(there.platform.asked) == everybody
    assert await dead(there) == recorded(there)


async def test_x5_a_service_that_is_away_fails_the_run(there: Asked) -> None:
    there.platform.switches.turn_on("x05-500", 99)
    with pytest.raises(Again):
        await there.sync("deaths")
    assert await there.hub.one(MARK, "after") is None
    there.platform.switches.turn_off("x05-500")
    there.platform.switches.turn_on("x07-grant", 99)
    with pytest.raises(PlatformRefused):
        await there.sync("deaths")


@pytest.mark.parametrize(("fault", "times"), [("x14-case", 2), ("x07-expired", 1), ("x05-half-open", 2)])
async def test_x5_x7_x14_what_changes_nothing(there: Asked, fault: str, times: int) -> None:
    there.platform.switches.turn_on(fault, times)
    await there.sync("deaths")
    assert there.platform.switches.count(fault) == times
    assert await dead(there) == recorded(there)


async def test_x32_the_record_of_somebody_else(there: Asked) -> None:
    there.platform.switches.turn_on("x32-other", 1)
    with captured_logs(Settings()) as logs:
        report = await there.sync("deaths")
    assert (there.platform.switches.count("x32-other"), report.quarantined) == (1, 1)
    assert list((await there.hub.reasons()).values()) == [["CONTRADICTION"]]
    assert len(await dead(there)) == 2
    there.clock.pass_time(days=1)
    await there.sync("deaths")
    assert await there.hub.reasons() == {}
    assert await dead(there) == recorded(there)
    said = logs.text
    assert "subjects_asked_about" in said
    assert not [number for number in there.platform.asked if number in said]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"DEATH_TIME": ""}, "REQUIRED"),
        ({"DEATH_TIME": "2026-07-01"}, "PERIOD_REVERSED"),
        ({"DEATH_TIME": "1890-01-01"}, "DATE_OUT_OF_RANGE"),
        ({"CREMATION_TIME": "2020-01-01"}, "PERIOD_REVERSED"),
        ({"ID_CARD": "459999195001010019"}, "ID_CHECKSUM"),
        (None, "CONTRADICTION"),
    ],
)
async def test_x32_records_that_cannot_be(
    there: Asked, monkeypatch: pytest.MonkeyPatch, change: dict[str, str] | None, code: str
) -> None:
    answer = type(there.platform)._answer

    def wrong(self: Any, rows: Any, total: int) -> Any:
        other = [{**row, **(change or {"DEATH_TIME": "2026-05-01"})} for row in rows]
        return answer(self, other if change else [*rows, *other], total)

    monkeypatch.setattr(type(there.platform), "_answer", wrong)
    report = await there.sync("deaths")
    assert report.quarantined == 3 if change else 6
    assert {reason for (reason, *_) in (await there.hub.reasons()).values()} == {code}
    assert await dead(there) == {}


async def test_subjects_come_in_turns(there: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subjects, "AT_ONCE", 4)
    async with there.hub.database.transaction() as connection:
        known = subjects.known_in(connection, there.hub.vault, there.hub.county, TODAY)
        everybody = [one.id async for one in known(ASKED, 0, 10**6)]
        assert len(everybody) == await there.hub.one("select count(*) from beneficiary")
        assert [one.id async for one in known(ASKED, everybody[5], 10**6)] == everybody[6:]
        assert [one.id async for one in known(ASKED, everybody[5], 6)] == everybody[6:12]
        assert [one.id async for one in known(ASKED, everybody[-1], 2)] == []
        assert [one.id async for one in known(ASKED, 0, 0)] == []
        (first,) = [one async for one in known(ASKED, 0, 1)]
    assert str(first.values["id_number"]) not in repr(first)
