"""婚姻登记: whose household matters is asked about, and what is news becomes a warning."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors.emulators.model import Person
from connectors.marriages.fields import ASKED, BY_MEANS
from hub.settings import Settings
from hub.sync.subjects import known_in
from tests.connectors.hub_of import TODAY
from tests.connectors.platform_of import Asked, asked, people_of
from tests.support.logs import captured_logs

WARNINGS = """
    select b.id_number, w.kind, w.raised_on, w.settled_on, w.department from warning w
        join beneficiary b on b.id = w.beneficiary_id and b.county_code = w.county_code"""
DAY = dt.timedelta(days=1)


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Asked]:
    """A hub that knows the low-income people of a small county, and three of whom something is news."""
    async with asked(tmp_path, people_of(400)) as asking:
        await asking.sync()
        for number, person in enumerate(subjects_of(asking)[:3], 1):
            when = TODAY - number * DAY
            asking.platform.marriages[str(person.id_number)] = "IB" if number == 2 else "IA", when
        yield asking


def subjects_of(there: Asked) -> list[Person]:
    """Adults who are listed for the means of their household, by number."""
    listed = {n for n, category in there.platform.truth.facts("low-income") if category in BY_MEANS}
    grown = dt.date(TODAY.year - 18, TODAY.month, TODAY.day)
    found = [p for p in there.platform.people if p.id_number in listed and p.birth_on and p.birth_on <= grown]
    return sorted(found, key=lambda p: str(p.id_number))


def since(there: Asked, person: Person) -> dt.date:
    """The first day of what the person still has for the means of a household."""
    return min(day for code, day in there.platform._classes(person))


def news(there: Asked) -> dict[str, tuple[str, dt.date]]:
    """Of those who are asked about."""
    words, found = {"IA": "结婚登记", "IB": "离婚登记"}, {}
    for person in subjects_of(there):
        number = str(person.id_number)
        code, day = there.platform.marriages.get(number, ("", dt.date.min))
        if code in words and day > since(there, person):
            found[number] = words[code], day
    return found


async def warned(there: Asked) -> dict[str, tuple[str, dt.date]]:
    """As the hub says it."""
    rows = await there.hub.database.owner.fetch(WARNINGS)
    assert all(row["settled_on"] is None and row["department"] == "婚姻登记机关" for row in rows)
    return {there.hub.vault.open(row["id_number"]): (row["kind"], row["raised_on"]) for row in rows}


async def test_what_happened_after_the_benefit_began_is_warned_of_and_changes_nothing(there: Asked) -> None:
    before, people = (
        await there.hub.benefits(),
        "select md5(string_agg(b::text, '' order by b.id)) from beneficiary b",
    )
    as_they_were = await there.hub.one(people)
    report = await there.sync("marriages")
    assert await warned(there) == news(there)
    assert 3 <= len(news(there)) < len(there.platform.marriages)
    assert (report.read, report.changed, report.quarantined) == (len(news(there)),) * 2 + (0,)
    assert await there.hub.benefits() == before
    assert await there.hub.one(people) == as_they_were
    there.clock.pass_time(days=1)
    assert (await there.sync("marriages")).changed == 0


async def test_only_adults_whose_household_matters_are_asked_about(there: Asked) -> None:
    await there.sync("marriages")
    expected = [str(person.id_number) for person in subjects_of(there)]
    assert sorted(there.platform.looked_up) == expected
    everybody = {number for number, _ in await there.hub.benefits()}
    assert 0 < len(expected) < len(everybody)


async def test_women_are_asked_about_as_women(there: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    asked_as: dict[str, str] = {}
    called = type(there.platform)._called

    async def noted(self: Any, request: Any) -> Any:
        content = await called(self, request)
        if isinstance(content, dict):
            asked_as.update((value, name) for name, value in content.items() if name.startswith("cert_num"))
        return content

    monkeypatch.setattr(type(there.platform), "_called", noted)
    await there.sync("marriages")
    assert len(asked_as) == len(subjects_of(there))
    for number, name in asked_as.items():
        assert name == ("cert_num_man" if int(number[16]) % 2 else "cert_num_woman")


async def test_the_next_event_takes_the_place_of_the_one_before(there: Asked) -> None:
    await there.sync("marriages")
    number, (kind, _) = next(iter(news(there).items()))
    there.platform.marriages[number] = "IB" if kind == "结婚登记" else "IA", TODAY
    there.clock.pass_time(days=1)
    report = await there.sync("marriages")
    assert report.changed == 1
    assert await warned(there) == news(there)


async def test_a_certificate_issued_again_says_nothing(there: Asked) -> None:
    await there.sync("marriages")
    before, number = await warned(there), next(iter(news(there)))
    there.platform.marriages[number] = "ICA", TODAY
    there.clock.pass_time(days=1)
    report = await there.sync("marriages")
    assert (report.read, report.changed, report.withdrawn) == (len(before) - 1, 0, 0)
    assert await warned(there) == before


async def test_a_mistaken_record_and_a_benefit_granted_since_take_the_warning_back(there: Asked) -> None:
    await there.sync("marriages")
    mistaken, granted, *_ = before = news(there)
    del there.platform.marriages[mistaken]
    await there.hub.database.owner.execute(
        "update category_membership set starts_on = $2 where beneficiary_id ="
        " (select id from beneficiary where id_number_hash = $1)",
        there.hub.vault.look_up(there.hub.vault.blind(granted)),
        TODAY,
    )
    there.clock.pass_time(days=1)
    report = await there.sync("marriages")
    assert report.withdrawn == 2
    assert await warned(there) == {n: event for n, event in before.items() if n not in (mistaken, granted)}


# --- the catalogue -----------------------------------------------------------------------------


async def test_x8_a_day_has_so_many_questions(there: Asked) -> None:
    there.platform.daily = 5
    await there.sync("marriages")
    assert (len(there.platform.looked_up), there.platform.refused) == (5, {"quota": 1})
    there.platform.daily = 10_000
    there.clock.pass_time(days=1)
    await there.sync("marriages")
    assert sorted(set(there.platform.looked_up)) == [str(p.id_number) for p in subjects_of(there)]
    assert await warned(there) == news(there)


@pytest.mark.parametrize(("fault", "times"), [("x14-case", 3), ("x07-expired", 1), ("x06-empty", 2)])
async def test_x6_x7_x14_what_changes_nothing(there: Asked, fault: str, times: int) -> None:
    there.platform.switches.turn_on(fault, times)
    await there.sync("marriages")
    assert there.platform.switches.count(fault) == times
    assert await warned(there) == news(there)


async def test_x16_an_event_nobody_has_heard_of(there: Asked) -> None:
    first = subjects_of(there)[0]
    held = there.platform.marriages
    there.platform.marriages = {str(first.id_number): ("IA", TODAY)}
    there.platform.switches.turn_on("x16-event", 1)
    report = await there.sync("marriages")
    assert (there.platform.switches.count("x16-event"), report.quarantined) == (1, 1)
    assert list((await there.hub.reasons()).values()) == [["CODE_UNKNOWN"]]
    there.platform.marriages = held
    there.clock.pass_time(days=1)
    await there.sync("marriages")
    assert await there.hub.reasons() == {}
    assert await warned(there) == news(there)


@pytest.mark.parametrize(
    ("day", "code"), [("2026-07-01", "DATE_OUT_OF_RANGE"), ("", "REQUIRED"), ("2026.1", "DATE_AMBIGUOUS")]
)
async def test_x28_days_that_cannot_be(there: Asked, day: str, code: str) -> None:
    there.platform.marriages = {str(subjects_of(there)[0].id_number): ("IA", day)}  # type: ignore[dict-item]
    report = await there.sync("marriages")
    assert (report.read, report.quarantined) == (1, 1)
    assert list((await there.hub.reasons()).values()) == [[code]]
    assert await warned(there) == {}


async def test_x35_whom_somebody_married_is_kept_nowhere(there: Asked) -> None:
    with captured_logs(Settings()) as logs:
        await there.sync("marriages")
    assert await warned(there)
    said = await there.hub.one("select coalesce(string_agg(q::text, ''), '') from quarantined_row q")
    for text in (said, logs.text, str(await there.hub.database.owner.fetch("select * from warning"))):
        assert "测试配偶" not in text
        assert not [number for number in there.platform.looked_up if number in text]


async def test_subjects_say_since_when_and_what_is_held(there: Asked) -> None:
    await there.sync("marriages")
    async with there.hub.database.transaction() as connection:
        source = await connection.fetchval("select id from source where code = 'marriages'")
        known = known_in(connection, there.hub.vault, there.hub.county, TODAY, source)
        found = {one.values["id_number"]: one async for one in known(ASKED, 0, 10**6)}
        elsewhere = known_in(connection, there.hub.vault, there.hub.county, TODAY, source + 1)
        assert not [one async for one in elsewhere(ASKED, 0, 10**6) if one.is_held]
    people = {str(person.id_number): person for person in subjects_of(there)}
    assert found.keys() == people.keys()
    assert {n: one.since for n, one in found.items()} == {n: since(there, p) for n, p in people.items()}
    assert {n for n, one in found.items() if one.is_held} == news(there).keys()
