"""One fact about a member of staff changes exactly the verdicts it is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

import pytest

from hub.store.database import Database
from tests.compliance.facts import Facts, flips, told

PLACES: Final = {
    "JJ": (("350582", "350582101000"), dt.date(2024, 11, 28)),
    "NX": (("640104", "640104001000"), dt.date(2026, 8, 13)),
    "QX": (("450305", "450305003000"), dt.date(2026, 12, 15)),
}
Rows = Mapping[str, tuple[str, int]]


@pytest.fixture(scope="module")
async def staff(db: Database) -> tuple[Mapping[str, Facts], Rows]:
    every: dict[str, Facts] = {}
    rows: dict[str, tuple[str, int]] = {}
    for place, (where, day) in PLACES.items():
        every[place] = facts = Facts(db, *where)
        worker = await facts.add(
            "personnel",
            kind="PROJECT" if place == "NX" else "RESIDENT",
            is_full_time=True,
            birth_on=dt.date(day.year - 45, day.month, day.day),
            education="COLLEGE",
            major="社会工作",
            onboarded_on=dt.date(day.year - 3, day.month, day.day),
        )
        rows[place] = "personnel", worker
        for kind, hours, held in (
            ("PRE_JOB", 24, dt.date(day.year - 3, 1, 5)),
            ("CONTINUING", 40, dt.date(day.year - 1, 5, 1)),
            ("CONTINUING", 36, dt.date(day.year, 5, 1)),
            ("SUPERVISION", 4, dt.date(day.year, 6, 1)),
        ):
            event = await facts.add("training_event", kind=kind, held_on=held, hours=Decimal(hours))
            name = f"{place} {kind} {held.year}"
            rows[name] = "training_event", event
            record = await facts.add(
                "training_record", training_event_id=event, personnel_id=worker, hours=Decimal(hours)
            )
            rows[f"{name} attended"] = "training_record", record
    return every, rows


@pytest.mark.parametrize(
    ("place", "rules"), [("JJ", {"R39", "R40"}), ("NX", {"R47"}), ("QX", {"R42", "R49", "R51"})]
)
async def test_who_is_all_that_is_asked_for(
    staff: tuple[Mapping[str, Facts], Rows], place: str, rules: set[str]
) -> None:
    every, rows = staff
    found = told(await every[place].verdicts(*rows[place], PLACES[place][1]))
    met = {key for key, status in found.items() if status == "MET"}
    assert {key.split()[0] for key in met} == rules


CASES: Final[Sequence[tuple[str, Mapping[str, Any] | None, Mapping[str, str]]]] = (
    # 45 and no more: the day before the birthday is the last day of that age.
    ("JJ", {"birth_on": dt.date(1978, 11, 28)}, {"R39 person.age": "NOT_MET 46/45 JJ"}),
    ("JJ", {"birth_on": dt.date(1978, 11, 29)}, {}),
    ("JJ", {"birth_on": None}, {"R39 person.age": "UNKNOWN None/45 JJ"}),
    ("JJ", {"education": "BELOW_COLLEGE"}, {"R40 person.education": "NOT_MET BELOW_COLLEGE/COLLEGE JJ"}),
    ("JJ", {"education": "MASTER_OR_ABOVE"}, {}),
    ("JJ", {"education": None}, {"R40 person.education": "UNKNOWN None/COLLEGE JJ"}),
    # Three years to the day; a certificate ends the question.
    ("NX", {"onboarded_on": dt.date(2023, 8, 12)}, {"R47 person.uncertified_for": "NOT_MET"}),
    ("NX", {"onboarded_on": dt.date(2020, 1, 1), "credential": "ASSISTANT"}, {}),
    ("NX", {"onboarded_on": None}, {"R47 person.uncertified_for": "UNKNOWN None/3 NX"}),
    ("NX", {"kind": "RESIDENT"}, {"R47 person.uncertified_for": "NOT_APPLICABLE"}),
    ("QX", {"education": "BELOW_COLLEGE"}, {"R42 person.education": "NOT_MET BELOW_COLLEGE/COLLEGE QX"}),
    ("QX", {"major": "会计"}, {"R42 person.major": "NOT_MET"}),
    ("QX", {"major": "会计", "credential": "SOCIAL_WORKER"}, {"R42 person.major": "NOT_APPLICABLE"}),
    ("QX PRE_JOB 2023 attended", {"hours": Decimal(23)}, {"R49 training.pre_job": "NOT_MET 23.0/24 GX"}),
    ("QX PRE_JOB 2023", {"held_on": dt.date(2023, 12, 16)}, {"R49 training.pre_job": "NOT_MET 0/24 GX"}),
    ("QX SUPERVISION 2026 attended", None, {"R51 training.continuing": "DUE 36.0/40 GX"}),
    ("QX SUPERVISION 2026", {"kind": "VOLUNTEER"}, {"R51 training.continuing": "DUE 36.0/40 GX"}),
    (
        "QX SUPERVISION 2026",
        {"held_on": dt.date(2026, 12, 16)},
        {"R51 training.continuing": "DUE 36.0/40 GX"},
    ),
)


@pytest.mark.parametrize(
    ("row", "change", "expected"), CASES, ids=lambda each: each if isinstance(each, str) else ""
)
async def test_one_fact_changes_only_what_it_is_about(
    staff: tuple[Mapping[str, Facts], Rows],
    row: str,
    change: Mapping[str, Any] | None,
    expected: Mapping[str, str],
) -> None:
    every, rows = staff
    place = row[:2]
    found = await flips(every[place], rows[place], PLACES[place][1], (*rows[row], change))
    assert found.keys() == expected.keys()
    assert all(found[key].startswith(f"MET > {then}") for key, then in expected.items()), found


async def test_hours_of_a_year_are_late_once_it_is_over(staff: tuple[Mapping[str, Facts], Rows]) -> None:
    every, rows = staff
    for day, status in ((dt.date(2026, 12, 30), "DUE"), (dt.date(2026, 12, 31), "NOT_MET")):
        found = await flips(
            every["QX"], rows["QX"], day, (*rows["QX SUPERVISION 2026"], {"kind": "VOLUNTEER"})
        )
        assert found == {"R51 training.continuing": f"MET > {status} 36.0/40 GX"}
