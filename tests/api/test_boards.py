"""Boards: one fact changes one line, and each audience sees the lines of its slice."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

import pytest
import pytest_asyncio

from graphql_schema.board_records import MOST_RECORDS
from graphql_schema.boards import KINDS
from graphql_schema.rule_verdict import MOST_INPUTS
from graphql_schema.schema import EXECUTOR, audience
from hub.access.viewer import Viewer
from hub.compliance.boards import on_board
from hub.compliance.evaluate import LEVELS, SUBJECTS
from hub.domain.dates import CHINA
from hub.domain.norms import RULES
from hub.domain.vocabulary import NormSubject
from hub.read import cost
from hub.read.run import Engine
from hub.store.vault import Vault
from hub.sync.registry import register_source
from tests.compliance.facts import SOURCE, Facts
from tests.compliance.project import DAY, Project, make_project, on
from tests.support.postgres import everything, fresh_database
from tests.support.reading import AGENCY, BUREAU, JINJIANG, OPERATOR, QIXING, World, schema, viewer

TYPES: Final = {
    **dict.fromkeys(("contract", "station"), "ID"),
    **dict.fromkeys(("at", "from", "until"), "Date"),
    "division": "String",
    "status": "[VerdictStatus!]",
}
FIGURES: Final = {
    "quotas": "fromOn remaining percent expected",
    "reportsDue": "fromOn sender recipients sentOn isLate",
    "staffGaps": "remaining",
    "funds": "base baseAmount planned spent",
    "milestones": "reachedOn",
}
WHEN: Final = dt.date(2024, 6, 1)
"""A day on which Jinjiang's document was in force."""
YINCHUAN: Final = "640104000000"
TOWNSHIP: Final = viewer("township", "450305003000")
Lines = dict[str, str]


class Boards(NamedTuple):
    world: World
    project: Project

    @property
    def contractor(self) -> Viewer:
        return viewer("contractor", None, self.project.rows["contractor"][1])

    @property
    def contract(self) -> str:
        return f"Contract:{self.project.contract}"

    async def ask(self, who: Viewer, root: str, fields: str, **given: Any) -> list[dict[str, Any]]:
        heads = ", ".join(f"${name}: {TYPES[name]}" for name in given)
        call = ", ".join(f"{name}: ${name}" for name in given)
        of, to = f"({heads})" if given else "", f"({call})" if given else ""
        found = await self.world.ask(who, f"query{of} {{ {root}{to} {{ {fields} }} }}", **given)
        return [*found[root]]

    async def lines(self, who: Viewer, root: str, **given: Any) -> Lines:
        """What each line says, by whom it is about, rule, quantity, target and last day."""
        told = f"record rule quantity target dueOn status value inputCount {FIGURES[root]}"
        found = {}
        for each in await self.ask(who, root, told, **given):
            record, *key = (str(each.pop(name)) for name in ("record", "rule", "quantity", "target", "dueOn"))
            line = " ".join([record.partition(":")[0], *key])
            found[f"{line} {record}" if root == "staffGaps" or line in found else line] = " ".join(
                map(str, each.values())
            )
        return found

    async def changed(
        self, rows: str, change: Mapping[str, Any], who: Viewer, root: str, **given: Any
    ) -> tuple[Lines, Lines]:
        """Lines that differ once rows are changed: as they were, and as they are."""
        facts, before = self.project.facts, await self.lines(who, root, **given)
        kept = []
        for name in rows.split(", "):
            table, id_ = self.project.rows[name]
            columns = ", ".join(f'"{column}"' for column in change)
            (old,) = await facts.db.owner.fetch(f'select {columns} from "{table}" where id = $1', id_)
            kept.append((table, id_, old))
            await facts.change(table, id_, **change)
        after = await self.lines(who, root, **given)
        for table, id_, old in kept:
            await facts.change(table, id_, **dict(old))
        assert await self.lines(who, root, **given) == before
        return {key: line for key, line in before.items() if after.get(key) != line}, {
            key: line for key, line in after.items() if before.get(key) != line
        }


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def boards() -> AsyncIterator[Boards]:
    async with fresh_database(everything) as db:
        await register_source(
            db,
            code="s",
            name="来源",
            connector="roster",
            division_code=QIXING,
            location="/",
            max_age_hours=24,
        )
        await db.owner.execute(f"""
            update source set id = {SOURCE};
            insert into sync_run (id, source_id, started_at, status)
            overriding system value values (1, {SOURCE}, now(), 'SUCCEEDED')""")
        project = await make_project(db)
        clock = dt.datetime.combine(DAY, dt.time(9), CHINA)
        engine = Engine(db, Vault(bytes(range(32))), audience, EXECUTOR, clock=lambda: clock)
        yield Boards(World(engine, {}, db), project)


# ── quotas ───────────────────────────────────────────────────────────────────────────────────────────


async def test_quotas_of_a_contract_are_the_rules_own(boards: Boards) -> None:
    lines = await boards.ask(
        BUREAU,
        "quotas",
        "name quantity target comparator unit fromOn dueOn basis { article quote document { code } }",
        contract=boards.contract,
    )
    targets = {(each["quantity"], each["comparator"], each["target"]) for each in lines}
    assert targets >= {
        ("visit.designated", "AT_LEAST", "500"), ("dossier.designated", "AT_LEAST", "5000"),
        ("case.CONSULTATION", "AT_LEAST", "24"), ("case.PROFESSIONAL", "AT_LEAST", "6"),
        ("group.series", "AT_LEAST", "1"), ("activity.large", "AT_LEAST", "4"),
        ("activity.small", "AT_LEAST", "16"), ("volunteer.trained", "AT_LEAST", "20"),
        ("volunteer.activities", "AT_LEAST", "3"), ("volunteer.trainings", "AT_LEAST", "2"),
        ("publicity.assistance", "AT_LEAST", "12"), ("media.articles", "AT_LEAST", "6"),
        ("adoption_assessment", "AT_MOST", "2"),
    }  # fmt: skip
    assert len(lines) == 26
    assert {(each["fromOn"], each["dueOn"]) for each in lines if each["quantity"] == "patrol"} == {
        ("2026-06-22", "2026-06-28")
    }, "a week begins on Monday"
    assert all(each["basis"]["quote"] and each["basis"]["article"] for each in lines)


@pytest.mark.parametrize(
    ("rows", "change", "before", "after"),
    [
        (
            "visit",
            {"kind": "PHONE"},
            {"Contract R201 visit.designated 500 2026-12-31": "MET 500 500 2026-01-01 0 100.0 242"},
            {"Contract R201 visit.designated 500 2026-12-31": "DUE 499 499 2026-01-01 1 99.8 242"},
        ),
        (
            "patrol 24",
            {"patrolled_on": DAY + dt.timedelta(days=1)},
            {"Contract R172 patrol 2 2026-06-28": "MET 2 2 2026-06-22 0 100.0 2"},
            {"Contract R172 patrol 2 2026-06-28": "DUE 1 1 2026-06-22 1 50.0 2"},
        ),
        (
            "adoption 3",
            {"is_in_urban_area": True},
            {"Contract R203 adoption_assessment 2 None": "MET 2 3 None 0 None None"},
            {"Contract R203 adoption_assessment 2 None": "NOT_MET 3 3 None 0 None None"},
        ),
        (
            "volunteer training 1",
            {"attendee_count": 19},
            {"Contract R210 volunteer.trained 20 2026-12-31": "MET 20 2 2026-01-01 0 100.0 10"},
            {"Contract R210 volunteer.trained 20 2026-12-31": "UNKNOWN None 2 2026-01-01 None None 10"},
        ),
    ],
    ids=["a visit", "a patrol", "an assessment too many", "who came is not known"],
)
async def test_a_fact_less_moves_one_quota(
    boards: Boards, rows: str, change: Mapping[str, Any], before: Lines, after: Lines
) -> None:
    """A window of the contract's year: by 25 June 176 of 365 days are gone."""
    assert await boards.changed(rows, change, BUREAU, "quotas", contract=boards.contract) == (before, after)


# ── reports ──────────────────────────────────────────────────────────────────────────────────────────


async def test_the_calendar_has_every_window_of_the_year(boards: Boards) -> None:
    lines = await boards.lines(BUREAU, "reportsDue", contract=boards.contract)
    monthly = {key.split()[-1][5:7]: line.split()[0] for key, line in lines.items() if " R119 " in key}
    late, sent, to_come = ("01", "02", "03", "04"), ("05", "06"), ("07", "08", "09", "10", "11", "12")
    assert monthly == {
        **dict.fromkeys(late, "NOT_MET"), **dict.fromkeys(sent, "MET"), **dict.fromkeys(to_come, "DUE")
    }  # fmt: skip
    assert (
        lines["Contract R119 report.MONTHLY 1 2026-05-31"]
        == "MET 1 1 2026-05-01 CONTRACTOR ['COUNTY_BUREAU'] 2026-06-03 True"
    ), "handed in, but after its month: late"
    assert lines["Contract R177 incident.told_within None None"].startswith("UNKNOWN 2 1 None"), "及时"
    assert lines["Contract R178 supervision 1 2026-12-31"].split()[-2:] == ["2026-03-05", "False"]
    part = await boards.lines(
        BUREAU,
        "reportsDue",
        contract=boards.contract,
        until="2026-03-30",
        status=["NOT_MET"],
        **{"from": "2026-02-01"},
    )
    assert [*part] == [
        "Contract R119 report.MONTHLY 1 2026-02-28", "Contract R137 bulletin 1 2026-02-28"
    ]  # fmt: skip


async def test_a_report_that_came_back_was_not_sent(boards: Boards) -> None:
    key = "Contract R119 report.MONTHLY 1 2026-05-31"
    before, after = await boards.changed(
        "report of May", {"status": "RETURNED"}, BUREAU, "reportsDue", contract=boards.contract
    )
    assert before == {key: "MET 1 1 2026-05-01 CONTRACTOR ['COUNTY_BUREAU'] 2026-06-03 True"}
    assert after == {key: "NOT_MET 0 0 2026-05-01 CONTRACTOR ['COUNTY_BUREAU'] None True"}


async def test_what_is_due_without_a_day_nobody_can_call_late(boards: Boards) -> None:
    """及时 and 定期: listed, with its words, and UNKNOWN (A8)."""
    found = await boards.ask(
        BUREAU, "reportsDue", "rule status dueOn isLate sender recipients basis { quote }", division=QIXING
    )
    undated = {each["rule"]: each for each in found if each["dueOn"] is None}
    assert {*undated} == {"R125", "R177", "R180", "R181", "R182"}
    assert {(each["isLate"], each["status"]) for each in undated.values() if each["rule"] != "R177"} == {
        (False, "UNKNOWN")
    }
    assert (undated["R125"]["sender"], undated["R125"]["recipients"]) == (
        "COUNTY_BUREAU",
        ["PROVINCE_DEPARTMENT"],
    )
    assert "及时报送" in undated["R125"]["basis"]["quote"]


async def test_a_province_sees_what_prefectures_owe_it(boards: Boards) -> None:
    facts = boards.project.facts
    lines = await boards.lines(
        viewer("bureau", "450300000000"),
        "reportsDue",
        division="450300",
        until="2025-12-31",
        **{"from": "2025-01-01"},
    )
    key = "Division R122 report.PROGRESS_Q1 2025-04-10 2025-04-09"
    assert lines[key] == "NOT_MET None 0 None PREFECTURE_BUREAU ['PROVINCE_DEPARTMENT'] None True"
    report = await facts.add(
        "report", division_code="450300000000", kind="PROGRESS", sender="PREFECTURE_BUREAU",
        recipient="PROVINCE_DEPARTMENT", recipient_division_code="450000000000", status="SUBMITTED",
        period_starts_on=dt.date(2025, 1, 1), period_ends_on=dt.date(2025, 3, 31),
        submitted_at=dt.datetime(2025, 4, 9, 4, tzinfo=dt.UTC),
    )  # fmt: skip
    lines = await boards.lines(
        viewer("bureau", "450300000000"),
        "reportsDue",
        division="450300",
        until="2025-12-31",
        **{"from": "2025-01-01"},
    )
    assert lines[key] == "MET 2025-04-09 1 None PREFECTURE_BUREAU ['PROVINCE_DEPARTMENT'] 2025-04-09 False"
    await facts.remove("report", report)


# ── staff ────────────────────────────────────────────────────────────────────────────────────────────


async def test_staff_that_is_missing(boards: Boards) -> None:
    before, after = await boards.changed(
        "worker 2", {"left_on": on(6, 24)}, BUREAU, "staffGaps", contract=boards.contract
    )
    gone = f" Personnel:{boards.project.rows['worker 2'][1]}"
    assert before
    assert all(key.endswith(gone) for key in before), "nothing is missing of who has left"
    assert after == {
        f"Contract R36 project.staff 6 None {boards.contract}": "NOT_MET 5 5 1",
        f"Contract R36 project.full_time 4 None {boards.contract}": "NOT_MET 3 3 1",
    }


async def test_a_training_fills_a_gap(boards: Boards) -> None:
    worker, event = boards.project.rows["worker 1"][1], boards.project.rows["supervision training 1"][1]
    key = f"Personnel R51 training.continuing 40 2026-12-31 Personnel:{worker}"
    assert (await boards.lines(BUREAU, "staffGaps", division=QIXING))[key] == "DUE 0 0 40"
    facts = boards.project.facts
    record = await facts.add(
        "training_record", training_event_id=event, personnel_id=worker, hours=Decimal(30)
    )
    assert (await boards.lines(BUREAU, "staffGaps", division=QIXING))[key] == "DUE 30.0 1 10.0"
    await facts.change("training_record", record, hours=Decimal(40))
    assert key not in await boards.lines(BUREAU, "staffGaps", division=QIXING)
    await facts.remove("training_record", record)


async def test_gaps_of_a_station_run_from_their_first_day(boards: Boards) -> None:
    """A vacancy may last a month (R44): on the board from its first day, and when that is over."""
    facts = Facts(boards.world.database, "350582", "350582103000")
    station = await facts.add("station")
    vacancy = await facts.add("vacancy", station_id=station, since_on=dt.date(2024, 5, 10))
    bureau, given = viewer("bureau", JINJIANG), {"station": f"Station:{station}"}
    key = f"Station R44 vacancy.length 1 2024-06-10 Station:{station}"
    lines = await boards.lines(bureau, "staffGaps", at="2024-06-01", **given)
    assert lines[key].split()[0] == "MET"
    assert Decimal(lines[key].split()[-1]) < Decimal("0.3")
    lines = await boards.lines(bureau, "staffGaps", at="2024-06-11", **given)
    assert [line.split()[0] for line_key, line in lines.items() if " R44 " in line_key] == ["NOT_MET"]
    await facts.change("vacancy", vacancy, filled_on=dt.date(2024, 5, 20))
    lines = await boards.lines(bureau, "staffGaps", at="2024-06-11", **given)
    assert not [key for key in lines if " R44 " in key]


async def test_a_certificate_has_three_years(boards: Boards) -> None:
    """Of a project's worker (R47): how much is left of them, and the last day."""
    facts = Facts(boards.world.database, "640104", "640104001000")
    worker = await facts.add("personnel", kind="PROJECT", onboarded_on=dt.date(2024, 2, 29))
    bureau, given = viewer("bureau", YINCHUAN), {"division": YINCHUAN}
    key = f"Personnel R47 person.uncertified_for 3 2027-02-28 Personnel:{worker}"
    assert (await boards.lines(bureau, "staffGaps", at="2026-02-28", **given))[key].startswith("MET 1.9")
    await facts.add("credential", personnel_id=worker, kind="SOCIAL_WORKER", obtained_on=dt.date(2026, 2, 1))
    assert key not in await boards.lines(bureau, "staffGaps", at="2026-02-28", **given)


# ── money ────────────────────────────────────────────────────────────────────────────────────────────


async def test_shares_of_a_budget_are_planned_and_spent(boards: Boards) -> None:
    facts = Facts(boards.world.database, "350582", "350582103000")
    contractor = await facts.add("contractor")
    contract = await facts.add(
        "contract", division_code=JINJIANG, contractor_id=contractor, status="ACTIVE",
        starts_on=dt.date(2024, 1, 1), ends_on=dt.date(2024, 12, 31), amount=Decimal(100_000),
    )  # fmt: skip
    lines = {}
    for category, amount in (
        ("PERSONNEL", 75_000), ("ACTIVITY", 10_000), ("SUPERVISION_TRAINING", 3_000), ("ADMIN", 12_000)
    ):  # fmt: skip
        lines[category] = await facts.add(
            "budget_line", contract_id=contract, category=category, planned_amount=Decimal(amount)
        )
    for line, day, amount in (("PERSONNEL", 1, 500), ("PERSONNEL", 2, 250), ("ADMIN", 1, 99), (None, 1, 1)):
        await facts.add(
            "expenditure", contract_id=contract, budget_line_id=line and lines[line],
            spent_on=WHEN.replace(day=day), amount=Decimal(amount), is_civil_affairs_money=True,
        )  # fmt: skip
    given = {"contract": f"Contract:{contract}", "at": WHEN.isoformat()}
    board = await boards.lines(viewer("bureau", JINJIANG), "funds", **given)
    assert board == {
        "Contract R104 budget.personnel 0.75 None": "MET 0.75 1 None 100000.00 75000.00 500.00",
        "Contract R105 budget.activities 0.10 None": "MET 0.10 1 None 100000.00 10000.00 None",
        "Contract R106 budget.supervision 0.03 None": "MET 0.03 1 None 100000.00 3000.00 None",
        "Contract R107 budget.management 0.12 None": "MET 0.12 1 None 100000.00 12000.00 99.00",
        "Contract R108 budget.total 1 None": "MET 1 4 None 100000.00 100000.00 600.00",
    }
    await facts.change("budget_line", lines["ADMIN"], planned_amount=Decimal("12000.01"))
    after = await boards.lines(viewer("bureau", JINJIANG), "funds", **given)
    assert {key: line.split()[0] for key, line in after.items() if board[key] != line} == {
        "Contract R107 budget.management 0.12 None": "NOT_MET",
        "Contract R108 budget.total 1 None": "NOT_MET",
    }
    mine = await boards.lines(viewer("contractor", None, contractor), "funds", **given)
    assert mine == after, "it is the contractor's own money"
    poor = viewer("bureau", JINJIANG, scopes=["contract.rs"])
    seen = await boards.lines(poor, "funds", **given)
    assert {tuple(line.split()[-2:]) for line in seen.values()} == {("None", "None")}


async def test_a_cap_names_its_base(boards: Boards) -> None:
    facts = Facts(boards.world.database, "640104", "640104001000")
    fund = await facts.add(
        "fund_source", division_code=YINCHUAN, kind="ASSISTANCE_SPECIAL", year=2026, amount=Decimal(3_000),
        cap_base="EXPENDITURE_TOTAL", cap_base_amount=Decimal(100_000), surplus_amount=Decimal(5),
    )  # fmt: skip
    bureau, key = viewer("bureau", YINCHUAN), "Division R112 fund.assistance_purchase 0.03 None"
    lines = await boards.lines(bureau, "funds", division=YINCHUAN)
    assert lines[key] == "MET 0.03 1 EXPENDITURE_TOTAL 100000.00 3000.00 None"
    assert lines["Division R114 fund.surplus 0 None"].startswith("MET 5")
    await facts.change("fund_source", fund, amount=Decimal("3000.01"))
    assert (await boards.lines(bureau, "funds", division=YINCHUAN))[key].startswith("NOT_MET 0.0300001")
    await facts.change("fund_source", fund, cap_base_amount=None)
    assert (await boards.lines(bureau, "funds", division=YINCHUAN))[key].split()[0] == "UNKNOWN"


async def test_a_rate_without_a_number_is_told_and_not_judged(boards: Boards) -> None:
    """R101 asks that earmarked money is spent, and not how much of it."""
    facts = boards.project.facts
    fund = await facts.add(
        "fund_source",
        division_code=QIXING,
        kind="LOTTERY_COUNTY",
        year=2026,
        amount=Decimal(200),
        is_earmarked=True,
    )
    contract = boards.project.contract
    spent = await facts.add(
        "expenditure", contract_id=contract, fund_source_id=fund, spent_on=on(3), amount=Decimal(50)
    )
    key = "Division R101 fund.spending_rate None None"
    assert (await boards.lines(BUREAU, "funds"))[key] == "UNKNOWN 0.25 1 None None 200.00 50.00"
    await facts.remove("expenditure", spent)
    await facts.remove("fund_source", fund)


# ── milestones ───────────────────────────────────────────────────────────────────────────────────────


async def test_milestones_are_reached_on_a_day(boards: Boards) -> None:
    facts = Facts(boards.world.database, "640104", "640104001000")
    key = "Division R27 guidance_centre.opened_on 2021-09-30 2021-09-30"
    bureau = viewer("bureau", YINCHUAN)
    before = await boards.lines(bureau, "milestones", division=YINCHUAN)
    assert before[key] == "NOT_MET None 0 None"
    await facts.add("guidance_centre", division_code=YINCHUAN, opened_on=dt.date(2021, 9, 30))
    after = await boards.lines(bureau, "milestones", division=YINCHUAN)
    assert {line_key: line for line_key, line in after.items() if before[line_key] != line} == {
        key: "MET 2021-09-30 1 2021-09-30",
        "Division R27 guidance_centre.count 1 2021-09-30": "MET 1 1 None",
    }
    early = await boards.lines(bureau, "milestones", division=YINCHUAN, at="2021-09-29")
    assert early[key] == "DUE None 0 None"


async def test_a_contract_begins_and_ends_on_the_days_of_its_document(boards: Boards) -> None:
    """R85: from 1 January to 31 December 2024."""
    facts = Facts(boards.world.database, "350582", "350582104000")
    contract = await facts.add(
        "contract", division_code=JINJIANG, contractor_id=await facts.add("contractor"), status="ACTIVE",
        number="R85", starts_on=dt.date(2024, 1, 1), ends_on=dt.date(2024, 12, 30),
    )  # fmt: skip
    told = "name quantity status reachedOn"
    lines = await boards.ask(viewer("bureau", JINJIANG), "milestones", told, at=WHEN.isoformat())
    assert [[*each.values()] for each in lines if each["name"] == "R85"] == [
        ["R85", "contract.starts_on", "MET", "2024-01-01"],
        ["R85", "contract.ends_on", "NOT_MET", "2024-12-30"],
    ]
    await facts.remove("contract", contract)


def test_a_board_looks_for_all_that_its_bounds_are_about() -> None:
    for board, kinds in KINDS.items():
        levels = [subject for subjects in LEVELS.values() for subject in subjects]
        asked = {subject for kind in kinds for subject in (levels if kind == "division" else SUBJECTS[kind])}
        of = {each.measure.subject for each in on_board(board, RULES, {*NormSubject})}
        assert of <= asked, board
        assert all(of & {*(levels if kind == "division" else SUBJECTS[kind])} for kind in kinds), (
            f"{board} looks for what none of its bounds is about"
        )


# ── who sees what ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("root", FIGURES)
async def test_each_sees_its_own(boards: Boards, root: str) -> None:
    asked = "record rule quantity target dueOn status value"
    whole = await boards.ask(BUREAU, root, asked)
    for who in (boards.contractor, TOWNSHIP):
        part = await boards.ask(who, root, asked)
        assert [each for each in whole if each in part] == [each for each in part if each in whole]
        assert all(each in whole for each in part), "a verdict is one, whoever asks"
        assert not any(each["record"].startswith("Division:") for each in part), "of offices to their bureau"
        assert bool(part) is (root != "milestones"), "here none but a county has one"
    for other in (viewer("contractor", None, 9_999), viewer("bureau", "450302000000")):
        found = await boards.ask(other, root, asked)
        assert not any(each["record"].startswith(("Contract:", "Station:", "Personnel:")) for each in found)
    for nobody in (AGENCY, OPERATOR):
        assert root not in schema(nobody).query_type.fields  # type: ignore[union-attr]


async def test_a_contract_of_others_has_no_board(boards: Boards) -> None:
    for root in ("quotas", "reportsDue", "staffGaps", "funds"):
        assert (
            await boards.ask(viewer("contractor", None, 9_999), root, "rule", contract=boards.contract) == []
        )
        assert await boards.ask(boards.contractor, root, "rule", contract="Contract:999999") == []


@pytest.mark.parametrize("root", FIGURES)
@pytest.mark.parametrize(
    "scope", ["contract", "station", "personnel", "division", "field:identity", "report"]
)
async def test_who_may_read_less_is_told_of_less(boards: Boards, root: str, scope: str) -> None:
    """Without one of its scopes a client has the other lines; never an error, and never one line more."""
    who = viewer("bureau", QIXING, scopes={each for each in BUREAU.scopes if each.partition(".")[0] != scope})
    whole = await boards.ask(BUREAU, root, "record rule quantity dueOn status value")
    given: list[dict[str, str]] = [{}, {"division": QIXING}]
    if root != "milestones":
        given.append({"contract": boards.contract})
    if root == "staffGaps":
        given.append({"station": f"Station:{boards.project.rows['station 1'][1]}"})
    for each in given:
        part = await boards.ask(who, root, "record rule quantity dueOn status value", **each)
        assert all(line in whole for line in part)
        gone = {
            "contract": "Contract",
            "station": "Station",
            "personnel": "Personnel",
            "field:identity": "Personnel",
        }
        assert not [line for line in part if line["record"].partition(":")[0] == gone.get(scope)]


async def test_records_are_named_as_far_as_they_are_seen(boards: Boards) -> None:
    fields = "rule inputCount inputs { record }"
    (cases,) = [
        each
        for each in await boards.ask(boards.contractor, "quotas", fields, contract=boards.contract)
        if each["rule"] == "R205"
    ]
    assert (cases["inputCount"], len(cases["inputs"])) == (24, MOST_INPUTS)
    fragment = "...named } } fragment named on Quota { rule inputs { record }"
    found = await boards.world.ask(boards.contractor, f"{{ quotas {{ {fragment} }}")
    assert next(each for each in found["quotas"] if each["rule"] == "R205")["inputs"] == cases["inputs"]


async def test_what_makes_no_sense_is_refused(boards: Boards) -> None:
    wrong = (
        "quotas(at: \"2999-01-01\")", "quotas(contract: \"Visit:450305:1\")", "quotas(division: \"x\")",
        "quotas(contract: \"Contract:1\", division: \"450305\")", "reportsDue(until: \"2020-01-01\")",
        "reportsDue(from: \"2024-01-01\", until: \"2025-01-01\")", "staffGaps(station: \"Station:x\")",
    )  # fmt: skip
    for each in wrong:
        assert await boards.world.code(BUREAU, f"{{ {each} {{ rule }} }}") == "BAD_ARGUMENT", each


async def test_who_asks_pays_for_the_statements(boards: Boards) -> None:
    answer = await boards.world.answer(boards.contractor, "{ quotas { rule } }")
    assert answer.cost is not None
    assert answer.cost.static > cost.BOARD
    assert answer.cost.static > answer.cost.actual > 500, "a thousandth of a second is a hundred units"


async def test_a_board_has_all_of_many_pages_and_says_when_there_are_too_many(boards: Boards) -> None:
    """An inspector's board of a district: 450 people without their hours, 1,551 more are too many."""
    owner, bureau = boards.project.facts.db.owner, viewer("bureau", "450304000000")
    more = """
        insert into personnel (county_code, division_code, staff_number, name, kind)
        select '450304', '450304001000', 'N' || n, '某', 'RESIDENT'
        from generate_series($1::int, $2::int) n"""
    await owner.execute(more, 1, 450)
    found = await boards.ask(bureau, "staffGaps", "rule record")
    assert len({each["record"] for each in found if each["rule"] == "R49"}) == 450
    await owner.execute(more, 451, MOST_RECORDS + 1)
    errors = await boards.world.errors(bureau, "{ staffGaps { rule } }")
    assert errors[0]["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert str(MOST_RECORDS) in errors[0]["message"]
    await owner.execute("delete from personnel where county_code = '450304'")
