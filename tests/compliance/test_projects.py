"""One fact less changes exactly the verdicts on a project that it is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import pytest

from hub.store.database import Database
from tests.compliance.facts import Change, flips, told
from tests.compliance.project import DAY, Project, make_project, on


@pytest.fixture(scope="module")
async def project(db: Database) -> Project:
    return await make_project(db)


def changes(project: Project, rows: str, change: Mapping[str, Any] | None) -> list[Change]:
    return [(*project.rows[row], change) for row in rows.split(", ")]


async def test_all_that_a_project_must_do(project: Project) -> None:
    found = told(await project.facts.verdicts("contract", project.contract, DAY))
    assert {key: status for key, status in found.items() if status != "MET"} == {
        "R177 incident.told_within": "UNKNOWN"
    }, "及时 has no number (A8)"
    assert len(found) == 38


GONE: Final = None
LATER: Final = DAY + dt.timedelta(days=1)
CASES: Final[Sequence[tuple[str, Mapping[str, Any] | None, Mapping[str, str]]]] = (
    # The contract itself.
    (
        "contract",
        {"amount": Decimal("345000.01")},
        {"R117 contract.amount": "NOT_MET 345000.01/345000.00 QX"},
    ),
    ("contract", {"amount": None}, {"R117 contract.amount": "UNKNOWN None/345000.00 QX"}),
    ("contract", {"ends_on": on(12, 30)}, {"R89 contract.length": "NOT_MET 0.9945/1 QX"}),
    (
        "station 1",
        {"division_code": "450304001000"},
        {
            "R90 service.division": "NOT_MET 450304001000/450305 QX",
            "R200 publicity.townships": "DUE 0.5/1 QX",
        },
    ),
    # Who works for it.
    (
        "worker 2",
        {"left_on": on(6, 24)},
        {"R36 project.staff": "NOT_MET 5/6 QX", "R36 project.full_time": "NOT_MET 3/4 QX"},
    ),
    ("worker 2", {"is_full_time": None}, {"R36 project.full_time": "UNKNOWN None/4 QX"}),
    ("worker 1", {"sex": "FEMALE"}, {"R36 project.full_time_male": "NOT_MET 0/1 QX"}),
    ("worker 1", {"sex": None}, {"R36 project.full_time_male": "UNKNOWN None/1 QX"}),
    ("relief 1", {"kind": "RESIDENT"}, {"R36 project.vagrancy_staff": "NOT_MET 1/2 QX"}),
    # Trainings.
    ("child training 6", {"held_on": LATER}, {"R55 training.child_workers": "DUE 5/6 QX"}),
    (
        "child training 6, child training 5",
        {"kind": "CONTINUING"},
        {"R55 training.child_workers": "DUE 4/6 QX", "R56 training.child_workers": "DUE 4/5 QX"},
    ),
    ("attendance of 2", GONE, {"R55 training.child_workers_reached": "DUE 0.5/1 QX"}),
    ("attendance of 2, attendance at 6", GONE, {"R55 training.child_workers_reached": "UNKNOWN None/1 QX"}),
    ("child worker 2", {"ends_on": on(6, 24)}, {}),
    ("supervision training 6", {"kind": "CONTINUING"}, {"R57 training.supervision": "DUE 5/6 QX"}),
    # People.
    (
        "dossier",
        {"opened_on": LATER},
        {"R153 dossier.coverage": "DUE 0/1 QX", "R202 dossier.designated": "DUE 4999/5000 QX"},
    ),
    ("membership", {"category": "DIBAO"}, {"R153 dossier.coverage": "UNKNOWN None/1 QX"}),
    (
        "membership",
        {"category": "DISABLED"},
        {
            "R153 dossier.coverage": "UNKNOWN None/1 QX",
            "R201 visit.designated": "DUE 0/500 QX",
            "R202 dossier.designated": "DUE 4999/5000 QX",
        },
    ),
    ("visit", {"visited_on": LATER}, {"R201 visit.designated": "DUE 499/500 QX"}),
    ("visit", {"kind": "CALL"}, {"R201 visit.designated": "DUE 499/500 QX"}),
    ("adoption 3", {"is_in_urban_area": True}, {"R203 adoption_assessment": "NOT_MET 3/2 QX"}),
    ("adoption 3", {"is_in_urban_area": None}, {"R203 adoption_assessment": "UNKNOWN None/2 QX"}),
    # Cases and groups: more than so many services and hours.
    ("CONSULT 2", {"session_count": 2}, {"R205 case.CONSULTATION": "DUE 23/24 QX"}),
    ("CONSULT 2", {"hours": Decimal(4)}, {"R205 case.CONSULTATION": "DUE 23/24 QX"}),
    ("CONSULT 2", {"closed_on": LATER}, {"R205 case.CONSULTATION": "DUE 23/24 QX"}),
    ("case session 3", GONE, {"R205 case.CONSULTATION": "DUE 23/24 QX"}),
    ("case session 3", {"hours": Decimal(1)}, {"R205 case.CONSULTATION": "DUE 23/24 QX"}),
    ("PROFESSIONAL 1", {"session_count": 5}, {"R206 case.PROFESSIONAL": "DUE 5/6 QX"}),
    ("PROFESSIONAL 1", {"hours": Decimal(60)}, {"R206 case.PROFESSIONAL": "DUE 5/6 QX"}),
    ("group session 5", GONE, {"R207 group.series": "DUE 0/1 QX"}),
    ("group session 5", {"hours": Decimal(2)}, {"R207 group.series": "DUE 0/1 QX"}),
    # Activities: 50 people are a small one, 9 are none.
    ("activity 1", {"attendee_count": 50}, {"R208 activity.large": "DUE 3/4 QX"}),
    ("activity 20", {"attendee_count": 51}, {"R209 activity.small": "DUE 15/16 QX"}),
    ("activity 5", {"attendee_count": 9}, {"R209 activity.small": "DUE 15/16 QX"}),
    # Volunteers: nineteen and five may be nineteen people, fourteen and five are not twenty.
    ("volunteer training 1", {"attendee_count": 19}, {"R210 volunteer.trained": "UNKNOWN None/20 QX"}),
    ("volunteer training 1", {"attendee_count": 14}, {"R210 volunteer.trained": "DUE 19/20 QX"}),
    ("volunteer training 2", {"hours": Decimal("1.5")}, {"R212 volunteer.trainings": "DUE 1/2 QX"}),
    ("team", {"is_stable": False}, {"R210 volunteer.teams": "DUE 0/1 QX"}),
    ("team", {"is_stable": None}, {"R210 volunteer.teams": "UNKNOWN None/1 QX"}),
    ("volunteering 3", {"hours": Decimal("1.5")}, {"R211 volunteer.activities": "DUE 2/3 QX"}),
    # Checks, patrols, publicity, media.
    ("ASSESSMENT_RECHECK", {"sample_count": 1}, {"R169 subsidy.verified": "DUE 0.01/0.02 QX"}),
    ("ASSESSMENT_RECHECK", {"checked_on": LATER}, {"R169 subsidy.verified": "DUE 0/0.02 QX"}),
    (
        "ASSESSMENT_RECHECK",
        {"checked_on": None, "drawn_at": None},
        {"R169 subsidy.verified": "UNKNOWN None/0.02 QX"},
    ),
    ("SERVICE_SPOT_CHECK", {"population_count": 11}, {"R170 subsidy.spot_checked": "DUE 0.1818/0.20 QX"}),
    ("patrol 15", GONE, {}),
    ("patrol 24", GONE, {"R172 patrol": "DUE 1/2 QX"}),
    ("patrol 24, patrol 15", GONE, {"R172 patrol": "NOT_MET 1/2 QX"}),
    ("publicity 2/15", {"kind": "POLICY"}, {"R200 publicity.assistance YEAR": "DUE 11/12 QX"}),
    (
        "publicity 6/1, publicity 6/15",
        GONE,
        {"R200 publicity.assistance": "DUE 0/1 QX", "R200 publicity.assistance YEAR": "DUE 10/12 QX"},
    ),
    ("publicity 1/1", {"townships_covered": []}, {"R200 publicity.townships": "DUE 0.5/1 QX"}),
    ("article 6", {"adopted_on": LATER}, {"R213 media.articles": "DUE 5/6 QX"}),
    # What others are told.
    ("report of June", GONE, {"R119 report.MONTHLY": "DUE 0/1 GX"}),
    ("report of June", {"status": "RETURNED"}, {"R119 report.MONTHLY": "DUE 0/1 GX"}),
    ("report of June, report of May", GONE, {"R119 report.MONTHLY": "NOT_MET 0/1 GX"}),
    ("mid-term", {"recipient": "TOWNSHIP"}, {"R120 report.MID_TERM": "DUE 0/1 GX"}),
    ("final", {"is_copy": True}, {"R121 report.FINAL": "DUE 0/1 GX"}),
    ("bulletin 6", {"issued_on": LATER}, {"R137 bulletin": "DUE 0/1 QX"}),
    ("bulletin 6, bulletin 5", GONE, {"R137 bulletin": "NOT_MET 0/1 QX"}),
    (
        "incident",
        {"reported_to_civil_affairs_at": None},
        {"R177 incident.recipients": "DUE TOWNSHIP/TOWNSHIP、COUNTY_BUREAU GX"},
    ),
    ("supervision", {"notified_bureau_at": None}, {"R178 supervision": "DUE 0/1 GX"}),
)


@pytest.mark.parametrize(
    ("rows", "change", "expected"), CASES, ids=lambda each: each if isinstance(each, str) else ""
)
async def test_one_fact_changes_only_what_it_is_about(
    project: Project, rows: str, change: Mapping[str, Any] | None, expected: Mapping[str, str]
) -> None:
    found = await flips(project.facts, ("contract", project.contract), DAY, *changes(project, rows, change))
    assert found == {key: f"MET > {then}" for key, then in expected.items()}


async def test_a_past_day_is_told_by_what_was_then(project: Project) -> None:
    found = told(await project.facts.verdicts("contract", project.contract, on(4, 30)))
    assert {key: status for key, status in found.items() if status != "MET"} == {
        "R119 report.MONTHLY": "NOT_MET",
        "R120 report.MID_TERM": "DUE",
        "R121 report.FINAL": "DUE",
        "R137 bulletin": "NOT_MET",
        "R177 incident.told_within": "UNKNOWN",
        "R172 patrol": "NOT_MET",
        "R55 training.child_workers": "DUE",
        "R56 training.child_workers": "DUE",
        "R57 training.supervision": "DUE",
        "R200 publicity.assistance YEAR": "DUE",
        "R205 case.CONSULTATION": "DUE",
        "R206 case.PROFESSIONAL": "DUE",
        "R213 media.articles": "DUE",
    }


async def test_what_is_missing_at_the_end_stays_missing(project: Project) -> None:
    """Of a year or a project. Each week and month is over with the contract, and so is what it must be."""
    gone = (
        "supervision training 1, case session 1, group session 1, visit, activity 1,"
        " activity 5, publicity 1/1, article 1, supervision, SERVICE_SPOT_CHECK"
    )
    found = await flips(
        project.facts,
        ("contract", project.contract),
        DAY,
        *changes(project, "contract", {"ends_on": on(6, 20)}),
        *changes(project, "child training 1, child training 3", {"kind": "CONTINUING"}),
        *changes(project, gone, GONE),
    )
    assert {then.split()[2] for then in found.values()} == {"NOT_MET", "NOT_APPLICABLE", "UNKNOWN"}
    by_status = {
        status: {key for key, then in found.items() if then.split()[2] == status}
        for status in ("NOT_MET", "NOT_APPLICABLE", "UNKNOWN")
    }
    assert by_status == {
        "NOT_MET": {
            *("R120 report.MID_TERM", "R121 report.FINAL", "R178 supervision"),
            *("R55 training.child_workers", "R56 training.child_workers", "R57 training.supervision"),
            *("R200 publicity.assistance YEAR", "R200 publicity.townships", "R201 visit.designated"),
            *("R205 case.CONSULTATION", "R207 group.series", "R208 activity.large", "R209 activity.small"),
            "R213 media.articles",
        },
        "NOT_APPLICABLE": {
            *("R36 project.staff", "R36 project.full_time", "R36 project.full_time_male"),
            *("R36 project.vagrancy_staff", "R89 contract.length", "R90 service.division"),
            *("R117 contract.amount", "R119 report.MONTHLY", "R137 bulletin", "R172 patrol"),
            "R200 publicity.assistance",
        },
        "UNKNOWN": {"R170 subsidy.spot_checked"},
    }


async def test_the_last_day_is_the_last(project: Project) -> None:
    """States as well as events: no rule of the plan is in force on the day after."""
    gone = "attendance of 2, dossier, SERVICE_SPOT_CHECK, team, visit, final"
    less = (
        *changes(project, "volunteering 1, volunteering 2, volunteering 3", GONE),
        *changes(project, gone, GONE),
        *changes(project, "publicity 1/1", {"townships_covered": []}),
        *changes(project, "ASSESSMENT_RECHECK", {"sample_count": 1}),
        *changes(project, "incident", {"reported_to_township_at": None}),
    )
    missed = {
        *("R55 training.child_workers_reached", "R121 report.FINAL", "R153 dossier.coverage"),
        *("R169 subsidy.verified", "R177 incident.recipients", "R200 publicity.townships"),
        *("R201 visit.designated", "R202 dossier.designated", "R210 volunteer.teams"),
        "R211 volunteer.activities",
    }
    for day, status in ((on(12, 30), "DUE"), (on(12, 31), "NOT_MET")):
        found = await flips(project.facts, ("contract", project.contract), day, *less)
        assert {key: then.split()[2] for key, then in found.items()} == {
            **dict.fromkeys(missed, status),
            "R170 subsidy.spot_checked": "UNKNOWN",
        }


async def test_a_draft_obliges_nobody(project: Project) -> None:
    for status in ("DRAFT", "TERMINATED"):
        found = await flips(
            project.facts,
            ("contract", project.contract),
            DAY,
            *changes(project, "contract", {"status": status}),
        )
        assert len(found) == 38
        assert {then.split(" > ")[1].split()[0] for then in found.values()} == {"NOT_APPLICABLE"}


async def test_a_document_asks_nothing_of_what_was_over_before_it(project: Project) -> None:
    begins, ends = dt.date(2025, 1, 1), dt.date(2025, 12, 31)
    old = await project.facts.add(
        "contract", number="HT-2025", starts_on=begins, ends_on=ends, status="CLOSED"
    )
    found = await project.facts.verdicts("contract", old, DAY)
    assert {each.status for each in found if each.rule.document.code == "QX"} == {"NOT_APPLICABLE"}
    assert {each.status for each in found if each.rule.document.code == "GX"} > {"NOT_APPLICABLE"}
