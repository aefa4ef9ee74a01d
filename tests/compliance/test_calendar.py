"""The calendar says of the window of a day what the verdict of that day says, and of others by themselves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import pytest

from hub.compliance.boards import Board, on_board
from hub.compliance.calendar import calendar, sent_on
from hub.compliance.evaluate import Verdict, judged
from hub.compliance.measure import Events
from hub.domain.norms import rules_of
from hub.domain.vocabulary import NormSubject, VerdictStatus
from hub.store.database import Database
from tests.compliance.facts import Facts

CONTRACTED: Final = {NormSubject.CONTRACT}
PLACES: Final = {"QX": "450305", "NX": "640104", "XM": "350203", "JJ": "350582"}
FIRST, LAST = dt.date(2024, 3, 15), dt.date(2026, 3, 14)


class Reporting(NamedTuple):
    facts: Facts
    contract: int

    async def report(self, kind: str, month: dt.date, sent: dt.date, recipient: str = "COUNTY_BUREAU") -> int:
        """Of the month that begins then."""
        return await self.facts.add(
            "report",
            contract_id=self.contract,
            kind=kind,
            sender="CONTRACTOR",
            recipient=recipient,
            recipient_division_code=f"{self.facts.county}000000",
            period_starts_on=month,
            period_ends_on=(month + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1),
            submitted_at=dt.datetime(sent.year, sent.month, sent.day, 4, tzinfo=dt.UTC),
            status="SUBMITTED",
        )

    async def due(self, first: dt.date, last: dt.date, today: dt.date) -> list[Verdict]:
        code = f"{self.facts.county}000000"
        return await calendar(self.facts.db.fetch, CONTRACTED, code, [self.contract], first, last, today)


async def reporting(db: Database, county: str) -> Reporting:
    facts = Facts(db, county, f"{county}001000")
    contractor = await facts.add("contractor")
    contract = await facts.add(
        "contract",
        division_code=f"{county}000000",
        contractor_id=contractor,
        status="ACTIVE",
        starts_on=FIRST,
        ends_on=LAST,
    )
    return Reporting(facts, contract)


@pytest.fixture(scope="module")
async def places(db: Database) -> Mapping[str, Reporting]:
    made = {place: await reporting(db, county) for place, county in PLACES.items()}
    for each in made.values():
        await each.report("MONTHLY", dt.date(2024, 5, 1), dt.date(2024, 6, 2))
        await each.report("MONTHLY", dt.date(2025, 6, 1), dt.date(2025, 6, 20), "TOWNSHIP")
        await each.report("MID_TERM", dt.date(2024, 8, 1), dt.date(2024, 9, 1))
        await each.report("SELF_EVALUATION", dt.date(2025, 4, 1), dt.date(2025, 4, 2))
        await each.report("FINAL_TERM", dt.date(2026, 2, 1), dt.date(2026, 3, 13))
    return made


def by_window(verdicts: list[Verdict]) -> dict[tuple[str, str, Any], Verdict]:
    found = {(each.rule.key, each.bound.quantity, each.from_on): each for each in verdicts}
    assert len(found) == len(verdicts)
    return found


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize(
    "today", [FIRST, dt.date(2024, 5, 31), dt.date(2024, 12, 31), dt.date(2025, 7, 1), LAST], ids=str
)
async def test_the_window_of_today_is_that_of_the_verdict(
    places: Mapping[str, Reporting], place: str, today: dt.date
) -> None:
    here, compared = places[place], 0
    code = f"{here.facts.county}000000"
    lines = by_window(await here.due(today - dt.timedelta(days=800), today + dt.timedelta(days=800), today))
    for each in on_board(Board.REPORTS, rules_of(code, today), CONTRACTED):
        if not isinstance(each.measure, Events):
            continue
        for verdict in await judged(here.facts.db.fetch, each, code, [here.contract], today):
            line = lines[verdict.rule.key, verdict.bound.quantity, verdict.from_on]
            assert (line.value, line.target, line.inputs) == (verdict.value, verdict.target, verdict.inputs)
            assert line.due_on == (verdict.due_on if each.bound.value is not None else None)
            missed_before = verdict.status == VerdictStatus.NOT_MET and today < verdict.due_on  # type: ignore[operator]
            assert line.status == (VerdictStatus.DUE if missed_before else verdict.status)
            compared += 1
    in_force = {"QX": today >= dt.date(2025, 2, 13), "NX": True, "XM": today >= dt.date(2025, 4, 30)}
    assert bool(compared) is in_force.get(place, today <= dt.date(2024, 12, 31))


async def test_every_month_has_a_line_and_the_first_and_last_are_short(
    places: Mapping[str, Reporting],
) -> None:
    lines = [
        each for each in await places["NX"].due(FIRST, LAST, LAST) if each.bound.quantity == "report.MONTHLY"
    ]
    assert [(each.from_on, each.due_on) for each in (lines[0], lines[1], lines[-1])] == [
        (FIRST, dt.date(2024, 3, 31)),
        (dt.date(2024, 4, 1), dt.date(2024, 4, 30)),
        (dt.date(2026, 3, 1), LAST),
    ]
    assert len(lines) == 25
    assert [str(each.due_on)[:7] for each in lines if each.status == VerdictStatus.MET] == ["2024-05"]


async def test_each_of_two_recipients_is_told(places: Mapping[str, Reporting]) -> None:
    """R134: the bureau had May of 2024, the township June of 2025."""
    lines = await places["NX"].due(FIRST, LAST, LAST)
    met = {(each.bound.quantity, str(each.due_on)) for each in lines if each.status == VerdictStatus.MET}
    assert met == {("report.MONTHLY", "2024-05-31"), ("report.MONTHLY.TOWNSHIP", "2025-06-30")}


async def test_a_document_asks_only_for_windows_of_its_time(places: Mapping[str, Reporting]) -> None:
    """Guangxi's is of 13 February 2025, Jinjiang's of 2024 alone."""
    months = [each.due_on for each in await places["QX"].due(FIRST, LAST, LAST) if each.rule.key == "R119"]
    assert min(filter(None, months)) == dt.date(2025, 2, 28)
    keys = {each.rule.key for each in await places["JJ"].due(dt.date(2025, 1, 1), LAST, LAST)}
    assert keys == set()


async def test_only_what_is_due_in_those_days_is_listed(places: Mapping[str, Reporting]) -> None:
    lines = await places["NX"].due(dt.date(2025, 1, 31), dt.date(2025, 2, 27), LAST)
    assert {str(each.due_on) for each in lines} == {"2025-01-31"}


async def test_no_interval_is_no_day(places: Mapping[str, Reporting]) -> None:
    """定期 (R129): running, UNKNOWN, and due on no day."""
    (line,) = [each for each in await places["XM"].due(*[dt.date(2025, 7, 1)] * 3) if each.rule.key == "R129"]
    assert (line.status, line.due_on, line.target) == (VerdictStatus.UNKNOWN, None, None)


async def test_the_day_something_was_sent(places: Mapping[str, Reporting]) -> None:
    lines = await places["NX"].due(FIRST, LAST, LAST)
    days = await sent_on(places["NX"].facts.db.fetch, lines)
    assert sorted(days.values()) == [dt.date(2024, 6, 2), dt.date(2025, 6, 20)]


async def test_years_from_29_february_leave_no_day_between_them(db: Database) -> None:
    """In years without that day the next one begins on 1 March."""
    facts = Facts(db, "350203", "350203001000")
    given = {"division_code": "350203000000", "contractor_id": await facts.add("contractor")}
    span = {"status": "ACTIVE", "starts_on": dt.date(2024, 2, 29), "ends_on": dt.date(2029, 2, 28)}
    contract = await facts.add("contract", **given, **span)
    first, last, today = dt.date(2026, 2, 1), dt.date(2029, 3, 1), dt.date(2026, 1, 1)
    made = await calendar(db.fetch, CONTRACTED, "350203000000", [contract], first, last, today)
    years = [
        (dt.date(2025, 3, 1), dt.date(2026, 2, 28)),
        (dt.date(2026, 3, 1), dt.date(2027, 2, 28)),
        (dt.date(2027, 3, 1), dt.date(2028, 2, 28)),
        (dt.date(2028, 2, 29), dt.date(2029, 2, 28)),
    ]
    own = [(each.from_on, each.due_on) for each in made if each.bound.quantity == "evaluation.FINAL_YEAR"]
    assert own == years
    for low, high in years:
        for day in (max(low, dt.date(2025, 5, 1)), high):
            told = [
                (each.from_on, each.due_on)
                for each in await facts.verdicts("contract", contract, day, {"R186"})
                if each.bound.quantity == "evaluation.FINAL_YEAR"
            ]
            assert told == [(low, high)], day
