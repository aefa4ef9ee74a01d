"""One fact of a county, a prefecture, a province or a station changes exactly the verdicts it is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Collection, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

import pytest

from hub.compliance.evaluate import LEVELS, Verdict
from hub.domain.division import STATION_KINDS, is_township, kind_of, level_of, names_above_villages
from hub.domain.vocabulary import DivisionLevel
from hub.store.database import Database
from tests.compliance.facts import Facts, told

HAICANG, XIAMEN = "350205000000", "350200000000"
XIUFENG, GUILIN, GUANGXI = "450302000000", "450300000000", "450000000000"
HELAN, JINJIANG = "640122000000", "350582000000"
MET_NOT: Final = "MET", "NOT_MET"
Row = tuple[str, Mapping[str, Any]]


def day(year: int, month: int, number: int) -> dt.date:
    return dt.date(year, month, number)


def townships(county: str) -> list[str]:
    return [
        code
        for code, name in names_above_villages().items()
        if code[:6] == county[:6] and is_township(code) and kind_of(code, name) in STATION_KINDS
    ]


def stations(county: str, **values: Any) -> tuple[Row, ...]:
    """One in each township."""
    return tuple(
        (
            "station",
            {
                "division_code": code,
                "county_code": county[:6],
                "name": "某站",
                "status": "OPERATING",
                **values,
            },
        )
        for code in townships(county)
    )


def at(division: str, table: str, **values: Any) -> Row:
    return table, {"division_code": division, **values}


def report(division: str, sender: str, kind: str, of: tuple[dt.date, dt.date], on: dt.date) -> Row:
    return at(
        division,
        "report",
        kind=kind,
        sender=sender,
        recipient="PROVINCE_DEPARTMENT",
        recipient_division_code=division[:2].ljust(12, "0"),
        period_starts_on=of[0],
        period_ends_on=of[1],
        submitted_at=dt.datetime(on.year, on.month, on.day, 23, tzinfo=dt.timezone(dt.timedelta(hours=8))),
        status="SUBMITTED",
    )


def half_year(division: str, sender: str, on: dt.date) -> Row:
    first = day(on.year, 1 if on.month < 7 else 7, 1)
    return report(division, sender, "HALF_YEAR", (first, on), on)


def copied(row: Row) -> Row:
    return row[0], {**row[1], "is_copy": True, "recipient": "PREFECTURE_BUREAU"}


def fund(division: str, kind: str, year: int, amount: int, **values: Any) -> Row:
    return at(division, "fund_source", kind=kind, year=year, amount=Decimal(amount), **values)


def capped(division: str, base: str, **values: Any) -> Row:
    of = {"cap_base": base, "cap_base_amount": Decimal(1_000_000)}
    return fund(division, "ASSISTANCE_HANDLING", 2026, 20_000, **(of | values))


def resident(since: dt.date, certified_on: dt.date | None = None) -> Row:
    return "personnel", {
        "county_code": JINJIANG[:6],
        "division_code": "350582101000",
        "kind": "RESIDENT",
        "onboarded_on": since,
        "credential": "ASSISTANT" if certified_on else "OTHER",
        "credential_obtained_on": certified_on,
    }


def evaluated(kind: str, on: dt.date) -> Row:
    of = {"period_starts_on": day(2025, 1, 1), "period_ends_on": day(2025, 6, 30), "evaluator": "县局"}
    return at(townships(XIUFENG)[0], "evaluation", kind=kind, evaluated_on=on, **of)


class Change(NamedTuple):
    """``rows`` in ``division`` on ``on``; then the row ``row`` has ``values``, or is gone where they are
    None."""

    division: str
    rows: tuple[Row, ...]
    on: dt.date
    row: int
    values: Mapping[str, Any] | None
    flips: Mapping[str, tuple[str, str]]


EARLY: Final = day(2020, 1, 1)
Q1, Q2 = (day(2025, 1, 1), day(2025, 3, 31)), (day(2025, 4, 1), day(2025, 6, 30))
CHANGES: Final = {
    "a township without a station": Change(
        HAICANG,
        stations(HAICANG),
        day(2026, 5, 1),
        2,
        None,
        {"R5 station.per_township": MET_NOT},
    ),
    "a township whose station opens later": Change(
        HAICANG,
        stations(HAICANG),
        day(2026, 5, 1),
        2,
        {"opened_on": day(2026, 5, 2)},
        {"R5 station.per_township": MET_NOT},
    ),
    "a township whose station is only planned": Change(
        HAICANG,
        stations(HAICANG),
        day(2026, 5, 1),
        0,
        {"status": "PLANNED"},
        {"R5 station.per_township": MET_NOT},
    ),
    "a station not staffed while there is time": Change(
        XIUFENG,
        stations(XIUFENG, staffed_on=day(2025, 5, 1)),
        day(2025, 6, 30),
        1,
        {"staffed_on": day(2025, 7, 1)},
        {"R216 station.staffed_on": ("MET", "DUE")},
    ),
    "a station staffed late": Change(
        XIUFENG,
        stations(XIUFENG, staffed_on=day(2025, 5, 1)),
        day(2025, 8, 1),
        1,
        {"staffed_on": day(2025, 7, 1)},
        {"R216 station.staffed_on": MET_NOT},
    ),
    "a station of which nobody says when it was staffed": Change(
        XIUFENG,
        stations(XIUFENG, staffed_on=day(2025, 5, 1)),
        day(2025, 8, 1),
        1,
        {"staffed_on": None},
        {"R216 station.staffed_on": ("MET", "UNKNOWN")},
    ),
    "a town whose station opened late": Change(
        HELAN,
        stations(HELAN, opened_on=day(2021, 9, 1)),
        day(2022, 5, 1),
        1,
        {"opened_on": day(2022, 1, 1)},
        {"R216 station.opened_on AT_MOST": MET_NOT},
    ),
    "a county without a guidance centre": Change(
        HELAN,
        (at(HELAN, "guidance_centre", name="指导中心", opened_on=day(2021, 9, 30)),),
        day(2022, 5, 1),
        0,
        None,
        {"R27 guidance_centre.count": MET_NOT, "R27 guidance_centre.opened_on": MET_NOT},
    ),
    "a guidance centre that opened late": Change(
        HELAN,
        (at(HELAN, "guidance_centre", name="指导中心", opened_on=day(2021, 9, 30)),),
        day(2022, 5, 1),
        0,
        {"opened_on": day(2021, 10, 1)},
        {"R27 guidance_centre.opened_on": MET_NOT},
    ),
    "a guidance centre while there is time": Change(
        HELAN,
        (at(HELAN, "guidance_centre", name="指导中心", opened_on=day(2021, 8, 1)),),
        day(2021, 9, 30),
        0,
        {"opened_on": day(2021, 10, 1)},
        {"R27 guidance_centre.count": ("MET", "DUE"), "R27 guidance_centre.opened_on": ("MET", "DUE")},
    ),
    "less than sixty of a hundred certified": Change(
        JINJIANG,
        (*(resident(EARLY, EARLY) for _ in range(3)), *(resident(EARLY) for _ in range(2))),
        day(2024, 12, 31),
        0,
        {"credential_obtained_on": day(2025, 1, 1)},
        {"R46 county.certified_share": MET_NOT},
    ),
    "less than sixty of a hundred certified while there is time": Change(
        JINJIANG,
        (*(resident(EARLY, EARLY) for _ in range(3)), *(resident(EARLY) for _ in range(2))),
        day(2024, 12, 30),
        0,
        {"left_on": day(2024, 12, 1)},
        {"R46 county.certified_share": ("MET", "DUE")},
    ),
    "two of a hundred of the fund": Change(
        XIUFENG,
        (capped(XIUFENG, "FUND_TOTAL"),),
        day(2026, 5, 1),
        0,
        {"amount": Decimal("20000.01")},
        {"R97 fund.assistance_purchase": MET_NOT},
    ),
    "a fund without a base": Change(
        XIUFENG,
        (capped(XIUFENG, "FUND_TOTAL"),),
        day(2026, 5, 1),
        0,
        {"cap_base_amount": None},
        {"R97 fund.assistance_purchase": ("MET", "UNKNOWN")},
    ),
    "a fund with the base of another region": Change(
        XIUFENG,
        (capped(XIUFENG, "FUND_TOTAL"),),
        day(2026, 5, 1),
        0,
        {"cap_base": "EXPENDITURE_TOTAL"},
        {"R97 fund.assistance_purchase": ("MET", "UNKNOWN")},
    ),
    "three of a hundred of what is spent": Change(
        HELAN,
        (capped(HELAN, "EXPENDITURE_TOTAL", surplus_amount=Decimal(1)),),
        day(2026, 5, 1),
        0,
        {"amount": Decimal("30000.01")},
        {"R112 fund.assistance_purchase": MET_NOT},
    ),
    "no surplus": Change(
        HELAN,
        (capped(HELAN, "EXPENDITURE_TOTAL", surplus_amount=Decimal(1)),),
        day(2026, 5, 1),
        0,
        {"surplus_amount": Decimal(0)},
        {"R114 fund.surplus": MET_NOT},
    ),
    "nobody states the surplus": Change(
        HELAN,
        (capped(HELAN, "EXPENDITURE_TOTAL", surplus_amount=Decimal(1)),),
        day(2026, 5, 1),
        0,
        {"surplus_amount": None},
        {"R114 fund.surplus": ("MET", "UNKNOWN")},
    ),
    "no money of social assistance": Change(
        HELAN,
        (capped(HELAN, "EXPENDITURE_TOTAL", surplus_amount=Decimal(1)),),
        day(2026, 5, 1),
        0,
        {"kind": "LOTTERY_LOCAL"},
        {
            "R112 fund.assistance_purchase": ("MET", "UNKNOWN"),
            "R114 fund.surplus": ("MET", "NOT_APPLICABLE"),
        },
    ),
    "thirty million, in two allotments": Change(
        GUANGXI,
        (
            fund(XIUFENG, "LOTTERY_REGION", 2025, 10_000_000, is_earmarked=True),
            fund(GUILIN, "LOTTERY_CENTRAL", 2025, 20_000_000, is_earmarked=True),
        ),
        day(2025, 5, 1),
        0,
        {"is_earmarked": False},
        {"R99 fund.earmarked": MET_NOT},
    ),
    "an inspection after its time": Change(
        XIUFENG,
        (evaluated("STAGE_INSPECTION", day(2025, 9, 30)),),
        day(2025, 12, 31),
        0,
        {"evaluated_on": day(2025, 10, 1)},
        {"R184 evaluation.STAGE_INSPECTION": MET_NOT},
    ),
    "an inspection before its time": Change(
        XIUFENG,
        (evaluated("STAGE_INSPECTION", day(2025, 7, 1)),),
        day(2025, 7, 2),
        0,
        {"evaluated_on": day(2025, 6, 30)},
        {"R184 evaluation.STAGE_INSPECTION": ("MET", "DUE")},
    ),
    "the assessment of the year after it": Change(
        XIUFENG,
        (evaluated("ANNUAL", day(2025, 12, 31)),),
        day(2026, 2, 1),
        0,
        {"evaluated_on": day(2026, 1, 1)},
        {"R184 evaluation.ANNUAL": MET_NOT},
    ),
    "a report on the day itself (A23)": Change(
        GUILIN,
        (report(GUILIN, "PREFECTURE_BUREAU", "PROGRESS", Q1, day(2025, 4, 9)),),
        day(2025, 5, 1),
        0,
        {"submitted_at": dt.datetime(2025, 4, 9, 16, tzinfo=dt.UTC)},
        {"R122 report.PROGRESS_Q1": MET_NOT},
    ),
    "a report about another quarter": Change(
        GUILIN,
        (report(GUILIN, "PREFECTURE_BUREAU", "PROGRESS", Q2, day(2025, 7, 1)),),
        day(2025, 7, 9),
        0,
        {"period_ends_on": day(2025, 3, 31)},
        {"R123 report.PROGRESS_Q2": ("MET", "DUE")},
    ),
    "a report that was returned": Change(
        GUILIN,
        (report(GUILIN, "PREFECTURE_BUREAU", "ANNUAL", (Q1[0], day(2025, 12, 20)), day(2025, 12, 31)),),
        day(2026, 1, 1),
        0,
        {"status": "RETURNED"},
        {"R124 report.ANNUAL": MET_NOT},
    ),
    "no training by the city in the year": Change(
        XIAMEN,
        (at(XIAMEN, "training_event", kind="BUREAU", held_on=day(2026, 3, 1)),),
        day(2026, 12, 31),
        0,
        {"held_on": day(2025, 5, 1)},
        {"R52 training.by_city": MET_NOT},
    ),
    "no report of the city in the half-year": Change(
        XIAMEN,
        (half_year(XIAMEN, "PREFECTURE_BUREAU", day(2026, 6, 30)),),
        day(2026, 6, 30),
        0,
        {"submitted_at": dt.datetime(2026, 6, 30, 16, tzinfo=dt.UTC)},
        {"R126 report.HALF_YEAR": MET_NOT},
    ),
    "a report of the district while there is time": Change(
        HAICANG,
        (
            half_year(HAICANG, "COUNTY_BUREAU", day(2025, 12, 30)),
            half_year(HAICANG, "COUNTY_BUREAU", day(2026, 6, 1)),
        ),
        day(2026, 6, 29),
        1,
        None,
        {"R127 report.HALF_YEAR": ("MET", "DUE")},
    ),
    "no report of the district in the half-year before": Change(
        HAICANG,
        (half_year(HAICANG, "COUNTY_BUREAU", day(2025, 12, 30)),),
        day(2026, 6, 29),
        0,
        {"is_copy": True},
        {"R127 report.HALF_YEAR": ("DUE", "NOT_MET")},
    ),
    "a report that was late is of the half-year before": Change(
        HAICANG,
        (half_year(HAICANG, "COUNTY_BUREAU", day(2025, 12, 30)),),
        day(2026, 2, 1),
        0,
        {"submitted_at": dt.datetime(2026, 2, 2, tzinfo=dt.UTC)},
        {"R127 report.HALF_YEAR": ("DUE", "NOT_MET")},
    ),
    "no copy to the prefecture": Change(
        HELAN,
        (
            half_year(HELAN, "COUNTY_BUREAU", day(2026, 6, 30)),
            copied(half_year(HELAN, "COUNTY_BUREAU", day(2026, 6, 30))),
        ),
        day(2026, 6, 30),
        1,
        None,
        {"R135 report.HALF_YEAR.PREFECTURE_BUREAU": MET_NOT},
    ),
    "a report of the county that somebody else sent": Change(
        HELAN,
        (half_year(HELAN, "COUNTY_BUREAU", day(2026, 6, 30)),),
        day(2026, 6, 30),
        0,
        {"sender": "TOWNSHIP"},
        {"R135 report.HALF_YEAR": MET_NOT},
    ),
}
TABLES: Final = (
    *("expenditure", "fund_source", "contract_station", "contract", "station", "personnel", "contractor"),
    *("guidance_centre", "evaluation", "report", "training_event"),
)
"""What is made here, what refers to others first."""


class Places(Facts):
    def __init__(self, db: Database) -> None:
        super().__init__(db, HAICANG[:6], HAICANG)

    async def add_all(self, rows: Collection[Row]) -> list[int]:
        return [await self.add(table, **values) for table, values in rows]

    async def judged(self, division: str, on: dt.date) -> list[Verdict]:
        subjects = LEVELS[DivisionLevel(level_of(division))]
        return await self.of(subjects, int(division), on, division=division)


@pytest.fixture
async def places(db: Database) -> AsyncIterator[Places]:
    yield Places(db)
    for table in TABLES:
        await db.owner.execute(f"delete from {table}")


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_a_fact_and_what_it_changes(places: Places, change: Change) -> None:
    ids = await places.add_all(change.rows)
    before = told(await places.judged(change.division, change.on))
    table, id_ = change.rows[change.row][0], ids[change.row]
    if change.values is None:
        await places.remove(table, id_)
    else:
        await places.change(table, id_, **change.values)
    after = told(await places.judged(change.division, change.on))
    assert before.keys() == after.keys()
    assert {key: (before[key], after[key]) for key in before if before[key] != after[key]} == change.flips


async def test_a_county_says_which_township_has_no_station(places: Places) -> None:
    rows = stations(HAICANG)
    await places.add_all(rows[1:])
    found = {each.rule.key: each for each in await places.judged(HAICANG, day(2026, 5, 1))}["R5"]
    assert (found.rule.document.code, found.rule.article) == ("XM", "二（一）")
    assert (found.value, found.target, found.inputs) == (
        "0",
        "1",
        [f"division:{rows[0][1]['division_code']}"],
    )


async def test_what_has_no_threshold_is_unknown(places: Places) -> None:
    """Of the money a quarter is spent, and the section has scored once (A7, A8)."""
    [fund_id] = await places.add_all([fund(XIUFENG, "LOTTERY_REGION", 2026, 400, is_earmarked=True)])
    contract = await places.add("contract", contractor_id=await places.add("contractor"))
    for amount, on in ((100, day(2026, 4, 1)), (50, day(2026, 5, 2))):
        spent = {
            "contract_id": contract,
            "fund_source_id": fund_id,
            "amount": Decimal(amount),
            "spent_on": on,
        }
        await places.add("expenditure", **spent)
    await places.add_all([evaluated("SECTION_SCORE", day(2026, 4, 30))])
    found = {each.rule.key: each for each in await places.judged(XIUFENG, day(2026, 5, 1))}
    assert (found["R101"].status, found["R101"].value, found["R101"].target) == ("UNKNOWN", "0.25", None)
    assert (found["R181"].status, found["R181"].value, found["R181"].target) == ("UNKNOWN", "1", None)


async def test_money_of_2025_is_not_asked_for_later(places: Places) -> None:
    for year, status in ((2025, "UNKNOWN"), (2026, "NOT_APPLICABLE")):
        assert told(await places.judged(GUANGXI, day(year, 5, 1))) == {"R99 fund.earmarked": status}
    await places.add_all(
        [
            fund(GUANGXI, "LOTTERY_REGION", 2025, 30_000_000, is_earmarked=True),
            fund(XIUFENG, "LOTTERY_REGION", 2025, 10_000_000, is_earmarked=True),
        ]
    )
    [found] = await places.judged(GUANGXI, day(2025, 5, 1))
    assert (found.status, found.value) == ("MET", "30000000.00")


async def test_an_urban_subdistrict_is_to_be_first(places: Places) -> None:
    """Its station opened between the two days: too late for it, and in time for all."""
    ids = await places.add_all(stations(HELAN, opened_on=day(2021, 9, 1)))
    urban = [n for n, code in enumerate(townships(HELAN)) if code[6] == "0"]
    await places.change("station", ids[urban[0]], opened_on=day(2021, 10, 1))
    found = {
        each.bound.when: (each.status, each.value)
        for each in await places.judged(HELAN, day(2022, 5, 1))
        if each.rule.key == "R216"
    }
    assert found == {"URBAN_SUBDISTRICT": ("NOT_MET", "2021-10-01"), None: ("MET", "2021-10-01")}


async def test_one_core_project_in_each_township(places: Places) -> None:
    """The contract of the station's operator is its core project; another contractor's there is none."""
    operator, other = [await places.add("contractor", name="某机构") for _ in range(2)]
    ids = await places.add_all(stations(HAICANG, operator_id=operator))
    term = {"starts_on": day(2026, 1, 1), "ends_on": day(2026, 12, 31), "status": "ACTIVE"}

    async def serves(station: int, contractor: int) -> int:
        contract = await places.add("contract", contractor_id=contractor, **term)
        await places.db.owner.execute("insert into contract_station values ($1, $2)", contract, station)
        return contract

    async def verdict(year: int = 2026) -> tuple[str, str | None]:
        found = {each.rule.key: each for each in await places.judged(HAICANG, day(year, 5, 1))}["R91"]
        return str(found.status), found.value

    contracts = [await serves(station, operator) for station in ids]
    await serves(ids[0], other)
    assert await verdict() == ("MET", "1")
    assert await verdict(2027) == ("NOT_MET", "0")
    second = await serves(ids[1], operator)
    assert await verdict() == ("NOT_MET", "2")
    await places.change("contract", second, status="DRAFT")
    assert await verdict() == ("MET", "1")
    await places.change("station", ids[2], operator_id=None)
    assert await verdict() == ("UNKNOWN", None)
    await places.change("contract", contracts[3], ends_on=day(2026, 4, 30))
    assert await verdict() == ("NOT_MET", "0")


async def test_a_township_reports_each_half_year(places: Places) -> None:
    [station] = await places.add_all(stations(HAICANG)[:1])
    township = townships(HAICANG)[0]

    async def verdict(on: dt.date) -> str:
        return told(await places.verdicts("station", station, on, ["R128"]))["R128 report.HALF_YEAR"]

    places.division = township
    await places.add_all([half_year(township, "TOWNSHIP", day(2026, 6, 30))])
    assert [await verdict(day(2026, 6, n)) for n in (29, 30)] == ["NOT_MET", "MET"]
    assert [await verdict(on) for on in (day(2026, 7, 1), day(2026, 12, 31))] == ["DUE", "NOT_MET"]
