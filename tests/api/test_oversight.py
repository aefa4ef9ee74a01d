"""Reports, evaluations and money: who notes what, and which rule is found to ask for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any, Final

import orjson
import pytest
import pytest_asyncio

from hub.access.viewer import Viewer
from hub.domain.dates import CHINA
from hub.domain.vocabulary import EvaluationKind
from tests.support.county import TODAY
from tests.support.handing import (
    BUREAU,
    FROM,
    OTHER,
    RECEIVER,
    SENDER,
    TOWNSHIP,
    add,
    begin,
    contract,
    handing_world,
)
from tests.support.reading import GUANGXI, JINJIANG, QIXING, World, viewer

CONTRACT: Final = f"Contract:{FROM}"
GUILIN: Final = viewer("bureau", "450300000000")
PROVINCE: Final = viewer("bureau", GUANGXI)
JJ_CONTRACT, JJ_LINE, LINE, FUND, LAST_YEAR, ABROAD = 24, 31, 32, 41, 42, 43
"""A contract in Jinjiang of 2024 with a line of its budget; a line of the sender's; funds of the county for
this year and the last, and one of another county."""

SUBMIT: Final = """mutation ($kind: ReportKind!, $to: Party!, $from: Date!, $until: Date!, $contract: ID,
        $station: ID, $key: String) {
    submitReport(kind: $kind, recipient: $to, periodStartsOn: $from, periodEndsOn: $until,
        contract: $contract, station: $station, title: "工作报告", content: "本月走访正常", key: $key) {
    id rule dueOn isDueDayIncluded sender recipient recipientDivisionCode divisionCode
    status submittedAt } }"""
MAY: Final = {"from": "2026-05-01", "until": "2026-05-31"}
EVALUATE: Final = """mutation ($station: ID!, $kind: EvaluationKind!, $score: Decimal, $full: Decimal,
        $grade: Rating) {
    evaluateStation(station: $station, kind: $kind, score: $score, fullScore: $full, grade: $grade,
        periodStartsOn: "2026-01-01", periodEndsOn: "2026-05-31") {
    id evaluator score grade contract { id } station { id } } }"""
OF_CONTRACT: Final = """mutation ($contract: ID!, $kind: EvaluationKind!) {
    evaluateContract(contract: $contract, kind: $kind, opinion: "良好", grade: QUALIFIED,
        periodStartsOn: "2026-01-01", periodEndsOn: "2026-05-31") { id contract { id } } }"""
SPEND: Final = """mutation ($on: Date!, $amount: Decimal!, $own: Boolean!, $contract: ID, $line: ID,
        $fund: ID, $key: String) {
    recordExpenditure(spentOn: $on, amount: $amount, isCivilAffairsMoney: $own, contract: $contract,
        budgetLine: $line, fundSource: $fund, key: $key) {
    id amount isCivilAffairsMoney budgetLine { id } contract { id } provenance { source } } }"""


def stated(number: int, **more: Any) -> dict[str, Any]:
    at = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
    origin = {"source_id": 1, "record_key": f"r:{number}", "content_hash": b"", "run_id": 1}
    return {"id": number, **origin, "observed_at": at, "received_at": at, **more}


def fund(number: int, division: str, year: int) -> dict[str, Any]:
    told = {"division_code": division, "year": year, "amount": 100, "is_earmarked": True}
    return stated(number, kind="LOTTERY_REGION", **told)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def made() -> AsyncIterator[World]:
    async with handing_world() as world:
        old = {"starts_on": dt.date(2024, 1, 1), "ends_on": dt.date(2024, 12, 31)}
        lines = [
            stated(number, contract_id=under, category="ACTIVITY", planned_amount=10)
            for number, under in ((JJ_LINE, JJ_CONTRACT), (LINE, FROM))
        ]
        funds = [fund(FUND, QIXING, 2026), fund(LAST_YEAR, QIXING, 2025), fund(ABROAD, JINJIANG, 2026)]
        rows = {"contract": [{**contract(JJ_CONTRACT, 1, "350582"), **old}], "budget_line": lines}
        await add(world, {**rows, "fund_source": funds})
        yield world


@pytest_asyncio.fixture(loop_scope="session")
async def world(made: World) -> World:
    await begin(made)
    await made.database.owner.execute("truncate report, evaluation, expenditure, write_key, change")
    made.engine.clock = lambda: dt.datetime.combine(TODAY, dt.time(9), CHINA)
    return made


async def count(world: World, table: str) -> int:
    return int(await world.database.owner.fetchval(f"select count(*) from {table}"))


# ── reports ──────────────────────────────────────────────────────────────────────────────────────────

ACCEPT: Final = """mutation ($report: ID!, $version: String, $key: String) {
    acceptReport(report: $report, version: $version, key: $key) { status decidedAt returnReason version } }"""
RETURN: Final = """mutation ($report: ID!, $reason: String!, $version: String) {
    returnReport(report: $report, reason: $reason, version: $version) { status decidedAt returnReason } }"""
SENT: Final = "{ reports { nodes { id version status returnReason } } }"


async def sent(world: World) -> dict[str, Any]:
    asked = {"kind": "MONTHLY", "to": "COUNTY_BUREAU", **MAY, "contract": CONTRACT}
    number = (await world.ask(SENDER, SUBMIT, **asked))["submitReport"]["id"]
    found = (await world.ask(BUREAU, SENT))["reports"]["nodes"]
    return next(dict(each) for each in found if each["id"] == number)


async def test_whom_a_report_is_for_sends_it_back_and_takes_the_next(world: World) -> None:
    first = await sent(world)
    given = {"report": first["id"], "version": first["version"]}
    back = (await world.ask(BUREAU, RETURN, **given, reason="缺少走访数据"))["returnReport"]
    assert (back["status"], back["returnReason"]) == ("RETURNED", "缺少走访数据")
    assert dt.datetime.fromisoformat(back["decidedAt"]) == world.engine.clock()
    assert await world.code(BUREAU, ACCEPT, **given) == "STALE"
    assert await world.code(BUREAU, ACCEPT, report=first["id"]) == "CONFLICT"
    second = await sent(world)
    for _ in range(2):
        taken = (await world.ask(BUREAU, ACCEPT, report=second["id"], key="accept-1"))["acceptReport"]
        assert (taken["status"], taken["returnReason"]) == ("ACCEPTED", None)
    assert await world.code(BUREAU, RETURN, report=second["id"], reason="重复") == "CONFLICT"
    shown = (await world.ask(SENDER, SENT))["reports"]["nodes"]
    assert [(each["status"], each["returnReason"]) for each in shown] == [
        ("RETURNED", "缺少走访数据"),
        ("ACCEPTED", None),
    ]
    changes = await world.database.owner.fetch(
        "select operation from change where entity = 'report' order by sequence"
    )
    assert [row[0] for row in changes] == ["I", "U", "I", "U"]


async def test_nobody_else_decides_on_a_report(world: World) -> None:
    report = (await sent(world))["id"]
    for who in (GUILIN, PROVINCE, TOWNSHIP, viewer("bureau", JINJIANG)):
        assert await world.code(who, ACCEPT, report=report) == "FORBIDDEN"
        assert await world.code(who, RETURN, report=report, reason="不合格") == "FORBIDDEN"
    for who in (SENDER, OTHER, viewer("bureau", QIXING, scopes=["report.crs"])):
        assert await world.code(who, ACCEPT, report=report) == "GRAPHQL_VALIDATION_FAILED"
    assert await world.code(BUREAU, RETURN, report=report, reason=" ") == "BAD_ARGUMENT"
    assert await world.code(BUREAU, ACCEPT, report="Report:999999") == "FORBIDDEN"
    assert await world.database.owner.fetchval("select status from report") == "SUBMITTED"


async def test_a_township_takes_what_is_for_it_and_a_bureau_many(world: World) -> None:
    asked = {"kind": "MONTHLY", "to": "TOWNSHIP", **MAY, "contract": CONTRACT, "station": "Station:1"}
    own = (await world.ask(SENDER, SUBMIT, **asked))["submitReport"]["id"]
    assert await world.code(BUREAU, ACCEPT, report=own) == "FORBIDDEN", "it is for the township"
    assert (await world.ask(TOWNSHIP, ACCEPT, report=own))["acceptReport"]["status"] == "ACCEPTED"
    numbers = [(await sent(world))["id"] for _ in range(2)]
    answer = await world.answer(
        BUREAU,
        "mutation ($items: [AcceptReportItem!]!) { acceptReports(items: $items) { id status } }",
        items=[{"report": each, "key": f"a-{n}"} for n, each in enumerate([numbers[0], own, numbers[1]])],
    )
    told = orjson.loads(answer.body)
    assert [each and each["status"] for each in told["data"]["acceptReports"]] == [
        "ACCEPTED",
        None,
        "ACCEPTED",
    ]
    assert [error["path"] for error in told["errors"]] == [["acceptReports", 1]]


async def test_a_report_goes_to_whom_it_is_for(world: World) -> None:
    asked = {"kind": "MONTHLY", "to": "COUNTY_BUREAU", **MAY, "contract": CONTRACT, "key": "m-5"}
    shown = [(await world.ask(SENDER, SUBMIT, **asked))["submitReport"] for _ in range(2)]
    assert shown[0] == shown[1]
    assert {**shown[0], "id": None} == {
        "id": None,
        "rule": "R119",
        "dueOn": None,
        "isDueDayIncluded": None,
        "sender": "CONTRACTOR",
        "recipient": "COUNTY_BUREAU",
        "recipientDivisionCode": QIXING,
        "divisionCode": QIXING,
        "status": "SUBMITTED",
        "submittedAt": "2026-06-15T09:00:00+08:00",
    }
    query = "{ reports { nodes { id content } } }"
    for who, number in ((BUREAU, 1), (SENDER, 1), (PROVINCE, 1), (TOWNSHIP, 0), (OTHER, 0), (RECEIVER, 0)):
        assert len((await world.ask(who, query))["reports"]["nodes"]) == number, who
    to_township = {**asked, "to": "TOWNSHIP", "key": None}
    assert await world.code(SENDER, SUBMIT, **to_township) == "BAD_ARGUMENT"  # which one?
    shown_there = (await world.ask(SENDER, SUBMIT, **to_township, station="Station:1"))["submitReport"]
    assert shown_there["recipientDivisionCode"] == "450305001000"
    assert [each["id"] for each in (await world.ask(TOWNSHIP, query))["reports"]["nodes"]] == [
        shown_there["id"]
    ]


@pytest.mark.parametrize(
    ("who", "kind", "to", "until", "expected"),
    [
        (GUILIN, "PROGRESS", "PROVINCE_DEPARTMENT", "2025-03-31", ("R122", "2025-04-10", None)),
        (GUILIN, "PROGRESS", "PROVINCE_DEPARTMENT", "2025-06-30", ("R123", "2025-07-10", None)),
        (GUILIN, "ANNUAL", "PROVINCE_DEPARTMENT", "2025-12-31", ("R124", "2025-12-31", True)),
        (GUILIN, "PROGRESS", "PROVINCE_DEPARTMENT", "2026-03-31", (None, None, None)),  # of 2025 only
        (
            viewer("bureau", "350200000000"),
            "HALF_YEAR",
            "PROVINCE_DEPARTMENT",
            "2026-06-30",
            ("R126", None, None),
        ),
        (
            viewer("bureau", "350203000000"),
            "HALF_YEAR",
            "PREFECTURE_BUREAU",
            "2026-06-30",
            ("R127", None, None),
        ),
        (
            viewer("township", "350203001000"),
            "HALF_YEAR",
            "COUNTY_BUREAU",
            "2026-06-30",
            ("R128", None, None),
        ),
        (
            viewer("bureau", "640104000000"),
            "HALF_YEAR",
            "PROVINCE_DEPARTMENT",
            "2026-06-30",
            ("R135", None, None),
        ),
    ],
)
async def test_the_rule_and_the_day_are_found(
    world: World, who: Viewer, kind: str, to: str, until: str, expected: tuple[Any, ...]
) -> None:
    asked = {"kind": kind, "to": to, "from": "2025-01-01", "until": until}
    shown = (await world.ask(who, SUBMIT, **asked))["submitReport"]
    assert (shown["rule"], shown["dueOn"], shown["isDueDayIncluded"]) == expected
    assert shown["divisionCode"] == who.division_code


@pytest.mark.parametrize(
    ("who", "more", "code"),
    [
        (SENDER, {"to": "PREFECTURE_BUREAU"}, "BAD_ARGUMENT"),
        (SENDER, {"to": "STATION"}, "BAD_ARGUMENT"),
        (SENDER, {"until": "2026-04-30"}, "BAD_ARGUMENT"),
        (SENDER, {"from": "2026-07-01", "until": "2026-07-31"}, "BAD_ARGUMENT"),
        (SENDER, {"contract": None}, "BAD_ARGUMENT"),  # it holds several
        (RECEIVER, {}, "FORBIDDEN"),
        (BUREAU, {}, "BAD_ARGUMENT"),
        (PROVINCE, {"contract": None}, "BAD_ARGUMENT"),
        (viewer("operator"), {}, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_what_is_not_reported(world: World, who: Viewer, more: dict[str, Any], code: str) -> None:
    asked = {"kind": "MONTHLY", "to": "COUNTY_BUREAU", **MAY, "contract": CONTRACT, **more}
    await world.database.owner.execute(
        f"update contract set status = 'ACTIVE', ends_on = '2026-12-31' where id = {JJ_CONTRACT}"
    )
    assert await world.code(who, SUBMIT, **asked) == code
    assert await count(world, "report") == 0


# ── evaluations ──────────────────────────────────────────────────────────────────────────────────────

WHO: Final = {
    "contractor": SENDER,
    "township": TOWNSHIP,
    "county": BUREAU,
    "city": GUILIN,
    "province": PROVINCE,
}
NOTED_BY: Final[dict[str, tuple[str, ...]]] = {
    "SELF_STATION": ("contractor",),
    "SELF_CONTRACTOR": ("contractor",),
    "SECTION_SCORE": ("county",),
    "OBJECT_OPINION": ("county",),
    "THIRD_PARTY": ("county", "city", "province"),
    "PROVINCE_SPOT_CHECK": ("province",),
    "PURCHASER_SPOT_CHECK": ("county",),  # the purchaser of this contract, as below
    "FINAL_YEAR": ("county",),
    "ANNUAL_FOR_RENEWAL": ("county",),
    "COMPREHENSIVE_REVIEW": ("county", "city", "province"),
    "COUNTY_APPRAISAL": ("county", "city", "province"),
    "FINANCE_AUDIT": ("county", "city", "province"),
    "STAGE_INSPECTION": ("county", "city", "province"),
    "ANNUAL": ("county", "city", "province"),
}


def test_every_kind_has_its_evaluators() -> None:
    assert NOTED_BY.keys() == set(EvaluationKind.__members__)


@pytest.mark.parametrize("kind", NOTED_BY)
async def test_who_notes_an_evaluation(world: World, kind: str) -> None:
    of_station = kind in ("SELF_STATION", "SECTION_SCORE")
    for name, who in WHO.items():
        if of_station:
            query, asked = EVALUATE, {"station": "Station:1", "kind": kind, "grade": "QUALIFIED"}
        else:
            query, asked = OF_CONTRACT, {"contract": CONTRACT, "kind": kind}
        if name in NOTED_BY[kind]:
            assert await world.ask(who, query, **asked)
        else:
            assert await world.code(who, query, **asked) in ("BAD_ARGUMENT", "FORBIDDEN")
    assert await count(world, "evaluation") == len(NOTED_BY[kind])


@pytest.mark.parametrize("kind", ["PURCHASER_SPOT_CHECK", "FINAL_YEAR", "ANNUAL_FOR_RENEWAL"])
async def test_the_purchaser_may_be_a_township(world: World, kind: str) -> None:
    change = "update contract set division_code = $1 where id = $2"
    await world.database.owner.execute(change, TOWNSHIP.division_code, FROM)
    assert await world.ask(TOWNSHIP, OF_CONTRACT, contract=CONTRACT, kind=kind)
    assert await world.code(BUREAU, OF_CONTRACT, contract=CONTRACT, kind=kind) == "FORBIDDEN"
    await world.database.owner.execute(change, QIXING, FROM)


async def test_an_evaluation_of_a_station(world: World) -> None:
    asked: dict[str, Any] = {"station": "Station:1", "kind": "SECTION_SCORE", "score": "92.5", "full": "100"}
    shown = (await world.ask(BUREAU, EVALUATE, **asked))["evaluateStation"]
    assert (shown["score"], shown["evaluator"]) == ("92.50", "广西壮族自治区桂林市七星区")
    own = {"station": "Station:1", "kind": "SELF_STATION", "score": "80"}
    shown = (await world.ask(SENDER, EVALUATE, **own))["evaluateStation"]
    assert (shown["evaluator"], shown["station"]["id"]) == ("机构1", "Station:1")
    for more in (
        {"score": "101"},
        {"score": "-1"},
        {"score": "1.001"},
        {"score": None},
        {"kind": "FINAL_YEAR"},
    ):
        assert await world.code(BUREAU, EVALUATE, **{**asked, **more}) == "BAD_ARGUMENT"
    for who in (viewer("bureau", JINJIANG), BUREAU):
        number = 1 if who is not BUREAU else 3
        assert await world.code(who, EVALUATE, **{**asked, "station": f"Station:{number}"}) == "FORBIDDEN"
    assert await world.code(OTHER, EVALUATE, **own) == "FORBIDDEN"
    assert await count(world, "evaluation") == 2


# ── money ────────────────────────────────────────────────────────────────────────────────────────────


async def test_money_is_noted_with_whose_it_is(world: World) -> None:
    asked: dict[str, Any] = {
        "on": "2026-06-01",
        "amount": "1234.50",
        "own": True,
        "contract": CONTRACT,
        "key": "e",
    }
    shown = [
        (await world.ask(SENDER, SPEND, **asked, line=f"BudgetLine:{LINE}"))["recordExpenditure"]
        for _ in range(2)
    ]
    assert shown[0] == shown[1]
    assert (shown[0]["amount"], shown[0]["budgetLine"]["id"]) == ("1234.50", f"BudgetLine:{LINE}")
    assert {each["source"] for each in shown[0]["provenance"]} == {"hub"}
    query = "{ expenditures { nodes { id } } }"
    for who, number in (
        (BUREAU, 1),
        (SENDER, 1),
        (TOWNSHIP, 1),
        (RECEIVER, 0),
        (viewer("bureau", JINJIANG), 0),
    ):
        assert len((await world.ask(who, query))["expenditures"]["nodes"]) == number, who
    assert await world.ask(BUREAU, SPEND, **{**asked, "key": None}, fund=f"FundSource:{FUND}")


@pytest.mark.parametrize(
    ("who", "more", "code"),
    [
        (SENDER, {"amount": "0"}, "BAD_ARGUMENT"),
        (SENDER, {"amount": "-1"}, "BAD_ARGUMENT"),
        (SENDER, {"amount": "0.001"}, "BAD_ARGUMENT"),
        (SENDER, {"on": "2026-06-16"}, "BAD_ARGUMENT"),
        (SENDER, {"on": "2026-03-01"}, "BAD_ARGUMENT"),
        (SENDER, {"line": f"BudgetLine:{JJ_LINE}"}, "BAD_ARGUMENT"),
        (SENDER, {"fund": f"FundSource:{FUND}"}, "FORBIDDEN"),
        (RECEIVER, {}, "FORBIDDEN"),
        (BUREAU, {"fund": f"FundSource:{LAST_YEAR}"}, "BAD_ARGUMENT"),
        (BUREAU, {"fund": f"FundSource:{ABROAD}"}, "FORBIDDEN"),
        (viewer("bureau", JINJIANG), {}, "FORBIDDEN"),
        (TOWNSHIP, {}, "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_what_is_not_noted_of_money(world: World, who: Viewer, more: dict[str, Any], code: str) -> None:
    asked: dict[str, Any] = {"on": "2026-06-01", "amount": "1", "own": True, "contract": CONTRACT, **more}
    assert await world.code(who, SPEND, **asked) == code
    assert await count(world, "expenditure") == 0


async def rule(world: World, who: Viewer, **asked: Any) -> str:
    (error,) = await world.errors(who, SPEND, **asked)
    return f"{error['extensions']['code']} {error['extensions']['rule']}"


async def test_money_is_kept_apart_where_that_is_the_rule(world: World) -> None:
    await world.database.owner.execute(f"update contract set ends_on = '2024-12-31' where id = {JJ_CONTRACT}")
    apart: dict[str, Any] = {"amount": "1", "own": False}
    jinjiang = {**apart, "on": "2024-06-01", "contract": f"Contract:{JJ_CONTRACT}"}
    assert await rule(world, SENDER, **jinjiang, line=f"BudgetLine:{JJ_LINE}") == "AGAINST_RULE R109"
    assert await world.ask(SENDER, SPEND, **jinjiang)
    qixing = {**apart, "on": "2026-06-01", "contract": CONTRACT}
    assert await rule(world, BUREAU, **qixing, fund=f"FundSource:{FUND}") == "AGAINST_RULE R100"
    assert await world.ask(SENDER, SPEND, **qixing, line=f"BudgetLine:{LINE}")  # no document says so there
    assert await count(world, "expenditure") == 2
