"""Corrupted lists through the whole hub: exactly the bad rows are set aside, and no good one is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import orjson
import pytest
import pytest_asyncio

from connectors.emulators.faults import FAULTS, FaultReport
from connectors.emulators.rosters import publish
from connectors.emulators.world import build_world
from tests.e2e.conftest import TODAY
from tests.e2e.corrupted import Court, Outcome
from tests.e2e.eyes import same, unordered
from tests.e2e.running import settings_in
from tests.e2e.scenarios import SCENARIO_OF, SCENARIOS, Scenario
from tests.e2e.truth import Truth
from tests.e2e.verdicts import MOVES_ROWS, expected, rows
from tests.support.logs import captured_logs

PEOPLE = 600
"""150 in 七星区, 60 in 同安区."""

NOTHING = FaultReport("", ())
PERSONAL = ("姓名", "身份证号", "残疾人证号", "住址", "家庭住址", "联系电话")
REFUSED = [name for name, fault in FAULTS.items() if fault.expected == "quarantined"]
READ = [name for name, fault in FAULTS.items() if fault.expected != "quarantined"]


@pytest.fixture(scope="module")
def truth() -> Truth:
    return Truth(build_world(seed=1, people=PEOPLE, today=TODAY))


@pytest_asyncio.fixture(scope="module")
async def outcomes(
    truth: Truth, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[dict[Scenario, Outcome]]:
    """Two folders at a time: reading is the work of other processes."""
    work = tmp_path_factory.mktemp("faults")
    publish(truth.world, work / "published")
    court, places = Court(truth, work / "published", work, TODAY), asyncio.Semaphore(2)

    async def hear(scenario: Scenario) -> Outcome:
        async with places:
            return await court.hear(scenario)

    with captured_logs(settings_in(work)):
        found = await asyncio.gather(*map(hear, SCENARIOS))
    yield dict(zip(SCENARIOS, found, strict=True))


def test_every_fault_is_done() -> None:
    assert SCENARIO_OF.keys() == FAULTS.keys()
    assert {fault.catalogue for fault in FAULTS.values()} >= {"X13", *(f"X{n}" for n in range(18, 32)), "X34"}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_rows_are_told_to_the_bureau(outcomes: dict[Scenario, Outcome], name: str) -> None:
    """With the reason, and the row as it came."""
    outcome = outcomes[SCENARIO_OF[name]]
    assert outcome.harmed.reports[name].touched
    for place in outcome.harmed.reports[name].touched:
        assert outcome.codes(place) == [FAULTS[name].code]
        at = place.file, place.sheet, place.row
        (row,) = (r for r in outcome.first.open if (r["file"], r["sheet"], r["rowNumber"]) == at)
        assert row["source"] == {"code": f"roster-{outcome.harmed.scenario.county}"}
        assert row["divisionCode"] == f"{outcome.harmed.scenario.county}000000"
        assert row["run"] == {"quarantinedCount": len(outcome.first.open)}
        (reason,) = row["reasons"]
        raw = orjson.loads(row["raw"])
        assert " / " in reason
        assert not [header for header in PERSONAL if raw.get(header) and str(raw[header]) in reason]
        assert bool(raw) is (place.row > 0)
        for header, cell in raw.items():
            now = outcome.harmed.now.text(place, header)
            assert not isinstance(cell, str) or not now or now.startswith(cell.removesuffix("…")), header


@pytest.mark.parametrize("name", READ)
def test_read_rows_have_the_right_values(outcomes: dict[Scenario, Outcome], truth: Truth, name: str) -> None:
    outcome = outcomes[SCENARIO_OF[name]]
    told = unordered(expected(outcome.harmed, truth, outcome.people))
    for place in outcome.harmed.reports[name].touched:
        assert outcome.codes(place) == []
    for row in rows(outcome.harmed, truth, name):
        now = outcome.harmed.now.person(row.place) if name == "x23-second-number" else None
        key = now or row.person.id_number or row.person.file_number or ""
        if name == "x18-no-number-but-file":
            key = row.person.file_number or ""
        same(outcome.first.people[key], told[key], key)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_nothing_else_is_refused(outcomes: dict[Scenario, Outcome], scenario: Scenario) -> None:
    outcome = outcomes[scenario]
    wanted = {(p.file, p.sheet, p.row, p.expected_code) for _, p in outcome.harmed.touched("quarantined")}
    told = {(r["file"], r["sheet"], r["rowNumber"], c) for r in outcome.first.open for c in r["reasonCodes"]}
    assert told == wanted
    assert outcome.first.report.quarantined == len(outcome.first.open)
    report = outcome.first.report
    assert report.read == report.accepted + report.quarantined


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_no_good_row_is_lost(outcomes: dict[Scenario, Outcome], truth: Truth, scenario: Scenario) -> None:
    """Everybody of the county is there, unchanged but for what their own row says."""
    outcome = outcomes[scenario]
    told = unordered(expected(outcome.harmed, truth, outcome.people))
    assert outcome.first.people.keys() == told.keys()
    same(outcome.first.people, told)
    registers = outcome.registers
    for place in outcome.harmed.reports.get("x29-capitals-disagree", NOTHING).touched:
        number = outcome.harmed.clean.person(place)
        left = [c for c in registers["contracts"]["nodes"] if c["number"] != number]
        registers = registers | {"contracts": {"totalCount": len(left), "nodes": left}}
    same(outcome.first.registers, registers)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_the_same_lists_again_change_nothing(outcomes: dict[Scenario, Outcome], scenario: Scenario) -> None:
    outcome = outcomes[scenario]
    assert outcome.again.report.changed == 0
    assert outcome.again.report.quarantined == outcome.first.report.quarantined
    changed = [name for name, digest in outcome.first.state.items() if outcome.again.state[name] != digest]
    assert changed == []
    same(unordered(outcome.again.people), outcome.first.people)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_repaired_lists_settle_everything(outcomes: dict[Scenario, Outcome], scenario: Scenario) -> None:
    """The entries stay as history; the hub holds what is true, and nothing of what was wrong."""
    outcome = outcomes[scenario]
    assert outcome.repaired.report.quarantined == 0
    assert outcome.repaired.open == []
    assert len(outcome.repaired.refused) == len(outcome.first.open)
    assert outcome.repaired.people.keys() == outcome.people.keys()
    same(outcome.repaired.people, outcome.people)
    same(outcome.repaired.registers, outcome.registers)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_refused_rows_are_nobody_elses(outcomes: dict[Scenario, Outcome], scenario: Scenario) -> None:
    others = dict(outcomes[scenario].others)
    assert others.pop("other-bureau") == 0
    for errors in others.values():
        assert {error["extensions"]["code"] for error in errors} == {"GRAPHQL_VALIDATION_FAILED"}


def test_faults_that_move_rows_are_read_as_before() -> None:
    assert set(READ) >= MOVES_ROWS
