"""低收入人口动态监测: the list of a month over the sharing platform, and what goes wrong with pages."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from connectors.emulators.model import Person
from connectors.emulators.platform import CLASSES
from connectors.lists.wording import SchemaDrift
from connectors.low_income import client
from connectors.platform import NotAnswered, Platform
from connectors.web import Again
from hub.errors import SourceError
from hub.settings import Settings
from hub.sync.withdrawal import MassDelete
from tests.connectors.hub_of import TODAY
from tests.connectors.platform_of import Asked, asked, people_of
from tests.support.logs import captured_logs


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "PAGE", 50)


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Asked]:
    async with asked(tmp_path, people_of()) as asking:
        yield asking


def listed(there: Asked, count: int = 1) -> list[Person]:
    """People of the list."""
    numbers = {number for number, _ in there.platform.truth.facts("low-income")}
    return [person for person in there.platform.people if person.id_number in numbers][:count]


async def test_everybody_arrives_and_a_second_run_changes_nothing(there: Asked) -> None:
    report = await there.sync()
    assert await there.hub.benefits() == there.platform.truth.facts("low-income")
    assert {category for _, category in there.platform.truth.facts("low-income")} >= {
        "DIBAO_MARGINAL",
        "OTHER_HARDSHIP",
    }
    assert (report.read, report.quarantined) == (len(there.platform.rows()), 0)
    there.clock.pass_time(hours=3)
    again = await there.sync()
    assert (again.unchanged, again.accepted, again.withdrawn, again.changed) == (report.read, 0, 0, 0)


async def test_who_is_no_longer_on_the_list_of_the_month(there: Asked) -> None:
    await there.sync()
    people = await there.hub.one("select count(*) from beneficiary")
    both = next(
        p for p in there.platform.people if len(p.categories & CLASSES.keys()) > 1 and p in listed(there, 99)
    )
    one = next(p for p in listed(there, 9) if p is not both)
    both.memberships = [m for m in both.memberships if m.category in CLASSES][1:]
    both.phone = "15400000001"
    one.memberships = []
    there.clock.pass_time(hours=1)
    report = await there.sync()
    assert await there.hub.benefits() == there.platform.truth.facts("low-income")
    assert report.withdrawn == 3, "two memberships, and the record of the person who has none"
    assert await there.hub.one("select count(*) from beneficiary") == people
    assert await there.hub.one("select count(*) from beneficiary where phone = '15400000001'") == 1


async def test_who_comes_back_within_the_hour(there: Asked) -> None:
    await there.sync()
    (person,) = listed(there)
    were, person.memberships = person.memberships, []
    there.clock.pass_time(minutes=5)
    await there.sync()
    person.memberships = were
    there.clock.pass_time(minutes=5)
    await there.sync()
    assert await there.hub.benefits() == there.platform.truth.facts("low-income")


async def test_the_month_before_counts_until_the_new_list_is_there(there: Asked) -> None:
    await there.sync()
    there.clock.pass_time(days=20)
    assert (await there.sync()).changed == 0
    there.platform.today = dt.date(2026, 7, 5)
    assert (
        await there.hub.one("select checkpoint ->> 'month' from source where code = 'low-income'")
        == "2026-06"
    )
    await there.sync()
    there.platform.today = TODAY
    with pytest.raises(SourceError, match="The list of no month is published"):
        await there.sync()
    assert await there.hub.benefits()


async def test_x10_half_a_list_is_asked_about(there: Asked) -> None:
    await there.sync()
    before = await there.hub.benefits()
    there.platform.people = there.platform.people[: len(there.platform.people) // 2]
    there.clock.pass_time(days=1)
    with pytest.raises(MassDelete):
        await there.sync()
    assert await there.hub.benefits() == before
    await there.sync(accept_losses=True)
    assert await there.hub.benefits() == there.platform.truth.facts("low-income")


# --- the catalogue -----------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["x04-short", "x04-shifted"])
async def test_x4_pages_that_do_not_hold_together_are_read_again(there: Asked, fault: str) -> None:
    await there.sync()
    (person,) = listed(there)
    person.memberships = []
    there.platform.switches.turn_on(fault, 2)
    there.clock.pass_time(hours=1)
    report = await there.sync()
    assert there.platform.switches.count(fault) == 2
    assert await there.hub.benefits() == there.platform.truth.facts("low-income")
    assert report.read == len(there.platform.rows())


@pytest.mark.parametrize("fault", ["x04-short", "x04-shifted"])
async def test_x4_a_list_that_never_holds_withdraws_nobody(there: Asked, fault: str) -> None:
    first, *others = listed(there, 9)
    others[0].memberships, were = [], others[0].memberships
    await there.sync()
    before = await there.hub.benefits()
    first.memberships, others[0].memberships = [], were
    there.platform.switches.turn_on(fault, 99)
    there.clock.pass_time(hours=1)
    report = await there.sync()
    assert (report.withdrawn, report.quarantined) == (0, 0)
    held = await there.hub.benefits()
    assert held >= before
    there.platform.switches.turn_off(fault)
    there.clock.pass_time(hours=1)
    assert (await there.sync()).withdrawn
    assert await there.hub.benefits() == there.platform.truth.facts("low-income")


async def test_two_departments_that_list_the_same_row(there: Asked) -> None:
    there.platform.people = [*there.platform.people, *listed(there, 3)]
    await there.sync()
    assert await there.hub.benefits() == there.platform.truth.facts("low-income")
    assert await there.hub.one("select checkpoint ->> 'month' from source where code = 'low-income'")


@pytest.mark.parametrize("fault", ["x05-500", "x05-half-open", "x06-code", "x06-empty", "x07-expired"])
async def test_x5_x6_x7_what_passes_between_pages(there: Asked, fault: str) -> None:
    there.platform.switches.turn_on(fault, 1)
    await there.sync()
    assert there.platform.switches.count(fault) == 1
    assert await there.hub.benefits() == there.platform.truth.facts("low-income")


async def test_x7_midnight_between_two_pages(there: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    there.clock.now = there.clock.now.replace(hour=23, minute=59, second=58)
    ask = Platform.ask

    async def slowly(self: Any, content: Any) -> Any:
        there.clock.pass_time(seconds=1)
        return await ask(self, content)

    monkeypatch.setattr(Platform, "ask", slowly)
    await there.sync()
    assert there.clock.now.day == TODAY.day + 1
    assert await there.hub.benefits() == there.platform.truth.facts("low-income")


@pytest.mark.parametrize(
    ("fault", "error"), [("x06-code", NotAnswered), ("x06-page", SourceError), ("x08-quota", Again)]
)
async def test_x6_x8_what_does_not_pass_changes_nothing(there: Asked, fault: str, error: Any) -> None:
    await there.sync()
    before = await there.hub.benefits()
    there.platform.people = []
    there.platform.switches.turn_on(fault, 99)
    with pytest.raises(error):
        await there.sync()
    assert there.platform.switches.count(fault)
    assert await there.hub.benefits() == before
    assert await there.hub.one("select last_status from source where code = 'low-income'") == "FAILED"


@pytest.mark.parametrize("fault", ["x14-case", "x15-types"])
async def test_x14_x15_other_cases_other_types(there: Asked, fault: str) -> None:
    there.platform.switches.turn_on(fault, 2)
    report = await there.sync()
    assert (there.platform.switches.count(fault), report.quarantined) == (2, 0)
    assert await there.hub.benefits() == there.platform.truth.facts("low-income")
    assert await there.hub.one("select count(*) from beneficiary where phone = '0' or address = '无'") == 0


async def test_x16_a_class_nobody_knows(there: Asked) -> None:
    await there.sync()
    there.platform.switches.turn_on("x16-code", 2)
    there.clock.pass_time(hours=1)
    report = await there.sync()
    assert (there.platform.switches.count("x16-code"), report.quarantined, report.withdrawn) == (2, 2, 0)
    assert await there.hub.reasons() == {"低收入人口 2026-06": ["CODE_UNKNOWN"]}
    assert await there.hub.benefits() == there.platform.truth.facts("low-income"), (
        "who stands on the list is not taken off it"
    )
    there.clock.pass_time(hours=1)
    await there.sync()
    assert await there.hub.reasons() == {}


async def test_x13_a_field_is_gone(there: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = there.platform.rows()
    without = [{k: v for k, v in row.items() if k != "BEGIN_DATE"} for row in rows]
    monkeypatch.setattr(type(there.platform), "rows", lambda self: without)
    with pytest.raises(SchemaDrift, match="lacks: BEGIN_DATE"):
        await there.sync()


async def test_x35_what_nobody_asked_for_reaches_no_table(there: Asked) -> None:
    row = there.platform.rows()[0]
    there.platform.switches.turn_on("x16-code", 1)
    with captured_logs(Settings()) as logs:
        await there.sync()
    raw = there.hub.vault.open(await there.hub.one("select raw from quarantined_row"))
    for field in ("ACCOUNT_NO", "FACE_ID", "WARNINGS"):
        assert row[field] not in raw
    said = logs.text
    assert "columns_ignored" in said
    assert '"count": 4' in said, "fields that were sent and not asked for"
    assert row["ID_CARD"] not in said
    assert row["NAME"] not in said
    told = await there.hub.database.owner.fetch("select field_class, cell_count, names from dropped_cells")
    sent = len(there.platform.rows())
    assert {each["field_class"]: each["names"] for each in told} == {
        "BANK": ["ACCOUNT_NO"],
        "BIOMETRIC": ["FACE_ID"],
        "OTHER": ["SOURCE_DEPT", "WARNINGS"],
    }
    assert {each["cell_count"] for each in told if each["field_class"] == "BIOMETRIC"} == {sent}
