"""One fact about a beneficiary changes exactly the verdicts it is about."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, NamedTuple

import pytest

from hub.store.database import Database
from tests.compliance.facts import Facts, told

QIXING: Final = "450305", "450305003000"
Row = tuple[str, Mapping[str, Any]]


def day(month: int, number: int, year: int = 2026) -> dt.date:
    return dt.date(year, month, number)


LEFT_BEHIND: Final = "category_membership", {"category": "LEFT_BEHIND_CHILD", "starts_on": day(1, 1, 2025)}
DIFFICULT: Final = (
    "category_membership",
    {"category": "CHILD_IN_DIFFICULTY", "starts_on": day(1, 1, 2025)},
)
ORPHAN: Final = "category_membership", {"category": "ORPHAN", "starts_on": day(1, 1, 2025)}
ADVANCED: Final = "category_membership", {"category": "ADVANCED_AGE_ELDER", "starts_on": day(1, 1, 2025)}
TEKUN: Final = (
    "category_membership",
    {"category": "TEKUN", "starts_on": day(1, 1, 2025), "support_mode": "SCATTERED"},
)
WORDS: Final = {
    "basic_information": "一家三口",
    "problems": "缺少陪伴",
    "needs_assessment": "学习辅导",
    "support_goals": "每周辅导",
}


def dossier(kind: str, **words: Any) -> Row:
    return "dossier", {"kind": kind, "opened_on": day(2, 2), **words}


def risk(level: int, on: dt.date) -> Row:
    return "risk_assessment", {"level": f"LEVEL_{level}", "assessed_on": on}


def visit(on: dt.date, kind: str = "HOME", **more: Any) -> Row:
    usual = {"has_photos": True, "text_record": "孩子在家", "has_register_form": True}
    return "visit", {"visited_on": on, "kind": kind, "purpose": "OTHER", **usual, **more}


def escort(starts: dt.date, ends: dt.date | None = None) -> Row:
    return "hospital_escort", {"starts_on": starts, "ends_on": ends}


def protection(step: str, on: dt.date) -> Row:
    return "protection_case", {"step": step, "trigger": "VISIT", "opened_on": on, "reported_on": on}


def confirmation(on: dt.date) -> Row:
    return "guardianship_confirmation", {"confirmed_on": on, "document": "第1号"}


class Change(NamedTuple):
    """``rows`` of one person on ``on``; then the row ``at`` has ``values``, or is gone where they are None;
    or ``at`` is one more row."""

    rows: tuple[Row, ...]
    on: dt.date
    at: int | Row
    values: Mapping[str, Any] | None
    flips: Mapping[str, tuple[str, str]]


MET_NOT: Final = "MET", "NOT_MET"
CHANGES: Final = {
    "a child without a dossier": Change(
        (LEFT_BEHIND, dossier("CHILD", **WORDS), risk(3, day(2, 2))),
        day(3, 2),
        1,
        None,
        {"R151 dossier.count": MET_NOT, "R152 dossier.parts": ("MET", "NOT_APPLICABLE")},
    ),
    "a child with two dossiers": Change(
        (LEFT_BEHIND, dossier("CHILD")), day(3, 2), dossier("CHILD"), None, {"R151 dossier.count": MET_NOT}
    ),
    "a dossier without goals": Change(
        (LEFT_BEHIND, dossier("CHILD", **WORDS), risk(3, day(2, 2))),
        day(3, 2),
        1,
        {"support_goals": None},
        {"R152 dossier.parts": MET_NOT},
    ),
    "an elderly person without a dossier": Change(
        (ADVANCED, dossier("ELDER")), day(3, 2), 1, None, {"R164 dossier.count": MET_NOT}
    ),
    "high risk, and a week without a visit": Change(
        (LEFT_BEHIND, risk(1, day(3, 2)), visit(day(3, 10))),
        day(3, 16),
        2,
        {"visited_on": day(3, 8)},
        {"R155 visit.level_1": ("DUE", "NOT_MET")},
    ),
    "high risk, and a call instead of a visit to the home": Change(
        (LEFT_BEHIND, risk(1, day(3, 2)), visit(day(3, 4))),
        day(3, 5),
        2,
        {"kind": "CALL"},
        {"R155 visit.level_1": ("MET", "DUE"), "R158 visit.records": ("MET", "NOT_APPLICABLE")},
    ),
    "the week ends": Change(
        (LEFT_BEHIND, risk(1, day(3, 2)), visit(day(3, 3))),
        day(3, 8),
        2,
        {"visited_on": day(3, 1)},
        {"R155 visit.level_1": MET_NOT},
    ),
    "medium risk, visited in the month": Change(
        (LEFT_BEHIND, risk(2, day(1, 5)), visit(day(3, 31)), visit(day(4, 15))),
        day(4, 16),
        3,
        {"visited_on": day(4, 17)},
        {"R156 visit.level_2": ("MET", "DUE")},
    ),
    "medium risk, not visited in the month before": Change(
        (LEFT_BEHIND, risk(2, day(1, 5)), visit(day(3, 31))),
        day(4, 16),
        2,
        {"visited_on": day(2, 28)},
        {"R156 visit.level_2": ("DUE", "NOT_MET")},
    ),
    "low risk, not visited in the quarter before": Change(
        (LEFT_BEHIND, risk(3, day(1, 1)), visit(day(3, 31))),
        day(6, 29),
        2,
        {"visited_on": day(12, 31, 2025)},
        {"R157 visit.level_3": ("DUE", "NOT_MET"), "R158 visit.records": ("MET", "NOT_APPLICABLE")},
    ),
    "another level is another duty": Change(
        (LEFT_BEHIND, risk(1, day(3, 2)), visit(day(3, 4))),
        day(3, 5),
        risk(2, day(3, 5)),
        None,
        {
            "R155 visit.level_1": ("MET", "NOT_APPLICABLE"),
            "R156 visit.level_2": ("NOT_APPLICABLE", "DUE"),
            "R154 protection.steps": ("NOT_MET", "NOT_APPLICABLE"),
        },
    ),
    "no child of the lists": Change(
        (LEFT_BEHIND, risk(1, day(3, 2)), visit(day(3, 4))),
        day(3, 5),
        0,
        {"ends_on": day(3, 4)},
        {
            "R151 dossier.count": ("NOT_MET", "NOT_APPLICABLE"),
            "R154 protection.steps": ("NOT_MET", "NOT_APPLICABLE"),
            "R155 visit.level_1": ("MET", "NOT_APPLICABLE"),
            "R158 visit.records": ("MET", "NOT_APPLICABLE"),
            "R159 guardianship.confirmation": ("NOT_MET", "NOT_APPLICABLE"),
        },
    ),
    "an orphan without a return visit": Change(
        (ORPHAN, visit(day(3, 4)), visit(day(5, 4), "RETURN")),
        day(12, 31),
        2,
        {"kind": "HOME"},
        {"R158 visit.orphans_reached": MET_NOT},
    ),
    "an orphan with two return visits, and one taken back": Change(
        (ORPHAN, visit(day(3, 4)), visit(day(5, 4), "RETURN"), visit(day(6, 4), "RETURN")),
        day(12, 31),
        1,
        {"visited_on": day(3, 4, 2025)},
        {"R158 visit.orphans_reached": MET_NOT},
    ),
    "an orphan is not reached while the project lasts": Change(
        (ORPHAN, visit(day(3, 4)), visit(day(5, 4), "RETURN")),
        day(5, 4),
        2,
        {"visited_on": day(5, 5)},
        {"R158 visit.orphans_reached": ("MET", "DUE")},
    ),
    "high risk, and the report is missing": Change(
        (LEFT_BEHIND, risk(1, day(3, 2)), protection("JOINT_HANDLING", day(3, 3))),
        day(3, 5),
        2,
        {"step": "MONITOR_PREVENT", "reported_on": None},
        {"R154 protection.steps": MET_NOT},
    ),
    "high risk, and reported only later": Change(
        (LEFT_BEHIND, risk(1, day(3, 2)), protection("JOINT_HANDLING", day(3, 3))),
        day(3, 5),
        2,
        {"reported_on": day(3, 6)},
        {"R154 protection.steps": MET_NOT},
    ),
    "high risk, and the mechanism was for a risk before": Change(
        (LEFT_BEHIND, risk(1, day(3, 2)), protection("JOINT_HANDLING", day(3, 3))),
        day(3, 5),
        2,
        {"opened_on": day(1, 3), "closed_on": day(3, 1)},
        {"R154 protection.steps": MET_NOT},
    ),
    "an orphan without a confirmation": Change(
        (ORPHAN, confirmation(day(3, 4))),
        day(3, 5),
        1,
        {"document": None},
        {"R159 guardianship.confirmation": MET_NOT},
    ),
    "an orphan whose confirmation comes later": Change(
        (ORPHAN, confirmation(day(3, 4))),
        day(3, 5),
        1,
        {"confirmed_on": day(3, 6)},
        {"R159 guardianship.confirmation": MET_NOT},
    ),
    "nobody says whether the parents are absent": Change(
        (DIFFICULT, confirmation(day(3, 4))),
        day(3, 5),
        1,
        {"confirmed_on": day(3, 6)},
        {"R159 guardianship.confirmation": ("MET", "UNKNOWN")},
    ),
    "a visit without pictures": Change(
        (LEFT_BEHIND, visit(day(3, 4)), visit(day(3, 5))),
        day(3, 5),
        1,
        {"has_photos": False},
        {"R158 visit.records": MET_NOT},
    ),
    "a visit without a text": Change(
        (LEFT_BEHIND, visit(day(3, 4)), visit(day(3, 5))),
        day(3, 5),
        2,
        {"text_record": None},
        {"R158 visit.records": MET_NOT},
    ),
    "a visit of which nobody says whether there are pictures": Change(
        (LEFT_BEHIND, visit(day(3, 4)), visit(day(3, 5))),
        day(3, 5),
        2,
        {"has_photos": None},
        {"R158 visit.records": ("MET", "UNKNOWN")},
    ),
    "an elderly person not visited in the month before": Change(
        (ADVANCED, visit(day(3, 4))),
        day(4, 1),
        1,
        {"visited_on": day(2, 4)},
        {"R165 visit.elder": ("DUE", "NOT_MET")},
    ),
    "the month of an elderly person ends": Change(
        (ADVANCED, visit(day(3, 4)), visit(day(4, 4))),
        day(4, 30),
        2,
        {"visited_on": day(5, 1)},
        {"R165 visit.elder": MET_NOT},
    ),
    "left behind only: no monthly visits (A15)": Change(
        (ADVANCED, dossier("ELDER"), visit(day(3, 4))),
        day(3, 5),
        0,
        {"category": "LEFT_BEHIND_ELDER"},
        {"R165 visit.elder": ("MET", "NOT_APPLICABLE"), "R165 visit.records": ("MET", "NOT_APPLICABLE")},
    ),
    "a visit to an elderly person without a register": Change(
        (ADVANCED, visit(day(3, 4))),
        day(3, 5),
        1,
        {"has_register_form": False},
        {"R165 visit.records": MET_NOT},
    ),
    "a second escort within the year": Change(
        (TEKUN, escort(day(3, 2), day(3, 8))),
        day(4, 1),
        escort(day(3, 20), day(3, 21)),
        None,
        {"R199 escort": MET_NOT},
    ),
    "no escort yet": Change(
        (TEKUN, escort(day(3, 2), day(3, 8))),
        day(4, 1),
        1,
        {"starts_on": day(4, 2), "ends_on": None},
        {
            "R199 escort": ("MET", "DUE"),
            "R199 escort.days": ("MET", "NOT_APPLICABLE"),
            "R199 escort.at_once": ("MET", "NOT_APPLICABLE"),
        },
    ),
    "no escort in the year": Change(
        (TEKUN, escort(day(3, 2), day(3, 8))),
        day(12, 31),
        1,
        {"starts_on": day(3, 2, 2025), "ends_on": day(3, 8, 2025)},
        {
            "R199 escort": ("MET", "NOT_MET"),
            "R199 escort.days": ("MET", "NOT_APPLICABLE"),
            "R199 escort.at_once": ("MET", "NOT_APPLICABLE"),
        },
    ),
    "an escort of eight days": Change(
        (TEKUN, escort(day(3, 2), day(3, 8))),
        day(4, 1),
        1,
        {"ends_on": day(3, 9)},
        {"R199 escort.days": MET_NOT},
    ),
    "an escort that goes on has as many days as passed": Change(
        (TEKUN, escort(day(3, 2), day(3, 8))),
        day(3, 9),
        1,
        {"ends_on": None},
        {"R199 escort.days": MET_NOT},
    ),
    "in an institution": Change(
        (TEKUN, escort(day(3, 2), day(3, 8))),
        day(4, 1),
        0,
        {"support_mode": "INSTITUTION"},
        {f"R199 escort{of}": ("MET", "NOT_APPLICABLE") for of in ("", ".days", ".at_once")},
    ),
}


class People(Facts):
    def __init__(self, db: Database) -> None:
        super().__init__(db, *QIXING)

    async def person(self, *rows: Row, **given: Any) -> tuple[int, list[int]]:
        id_ = await self.add("beneficiary", name="某人", name_masked="某*", **given)
        ids = []
        for table, values in rows:
            more = {}
            if table == "guardianship_confirmation":
                more = {"guardian_id": await self.add("guardian", beneficiary_id=id_, kind="ENTRUSTED")}
            ids.append(await self.add(table, beneficiary_id=id_, **values, **more))
        return id_, ids

    async def person_of(self, *rows: Row, **given: Any) -> int:
        return (await self.person(*rows, **given))[0]

    async def told(self, id_: int, on: dt.date) -> dict[str, str]:
        return told(await self.verdicts("beneficiary", id_, on))


@pytest.fixture
async def people(db: Database) -> AsyncIterator[People]:
    yield People(db)
    await db.owner.execute("truncate beneficiary cascade")


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    assert before.keys() == after.keys()
    return {key: (before[key], after[key]) for key in before if before[key] != after[key]}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_a_fact_and_what_it_changes(people: People, change: Change) -> None:
    person, ids = await people.person(*change.rows)
    before = await people.told(person, change.on)
    if not isinstance(change.at, int):
        await people.add(change.at[0], beneficiary_id=person, **change.at[1])
    elif change.values is None:
        await people.remove(change.rows[change.at][0], ids[change.at])
    else:
        await people.change(change.rows[change.at][0], ids[change.at], **change.values)
    assert changed(before, await people.told(person, change.on)) == change.flips


async def test_a_verdict_says_what_it_was_made_of(people: People) -> None:
    person, ids = await people.person(LEFT_BEHIND, risk(1, day(3, 2)), visit(day(3, 3)), visit(day(3, 4)))
    verdicts = await people.verdicts("beneficiary", person, day(3, 5))
    found = {(each.rule.key, each.bound.quantity): each for each in verdicts}
    weekly = found["R155", "visit.level_1"]
    assert (weekly.rule.document.code, weekly.rule.article) == ("QX", "第五条 儿童 3.3")
    assert (weekly.value, weekly.target, weekly.due_on) == ("2", "1", day(3, 8))
    assert weekly.inputs == [f"visit:450305:{ids[3]}", f"visit:450305:{ids[2]}"]
    records = found["R158", "visit.records"]
    assert (records.value, records.target) == ("PICTURE、TEXT", "PICTURE、TEXT")
    assert found["R151", "dossier.count"].value == "0"


async def test_a_past_day_knows_nothing_of_later_ones(people: People) -> None:
    rows = LEFT_BEHIND, dossier("CHILD", **WORDS), risk(1, day(2, 2)), visit(day(2, 3))
    person, _ = await people.person(*rows)
    then = await people.told(person, day(2, 4))
    assert then["R155 visit.level_1"] == then["R152 dossier.parts"] == "MET"
    for table, values in (risk(3, day(2, 5)), visit(day(2, 6), has_photos=False), dossier("CHILD")):
        await people.add(
            table,
            beneficiary_id=person,
            **{**values, **({"opened_on": day(2, 7)} if table == "dossier" else {})},
        )
    assert await people.told(person, day(2, 4)) == then
    now = await people.told(person, day(2, 7))
    assert changed(then, now) == {
        "R151 dossier.count": MET_NOT,
        "R152 dossier.parts": MET_NOT,
        "R154 protection.steps": ("NOT_MET", "NOT_APPLICABLE"),
        "R155 visit.level_1": ("MET", "NOT_APPLICABLE"),
        "R157 visit.level_3": ("NOT_APPLICABLE", "MET"),
        "R158 visit.records": MET_NOT,
    }


async def test_a_level_that_a_list_states_has_no_day(people: People) -> None:
    """Who was visited this week meets the rule; of who was not nobody knows whether it was time."""
    person = await people.person_of(LEFT_BEHIND, visit(day(3, 4)), risk_level="LEVEL_1")
    assert (await people.told(person, day(3, 5)))["R155 visit.level_1"] == "MET"
    assert (await people.told(person, day(3, 20)))["R155 visit.level_1"] == "UNKNOWN"
    await people.add("risk_assessment", beneficiary_id=person, level="LEVEL_1", assessed_on=day(3, 4))
    assert (await people.told(person, day(3, 20)))["R155 visit.level_1"] == "NOT_MET"


async def test_a_dossier_that_is_kept_elsewhere(people: People) -> None:
    person = await people.person_of(LEFT_BEHIND, dossier_opened_on=day(2, 2))
    found = await people.told(person, day(2, 2))
    assert (found["R151 dossier.count"], found["R152 dossier.parts"]) == ("MET", "UNKNOWN")
    assert (await people.told(person, day(2, 1)))["R151 dossier.count"] == "NOT_MET"


async def test_three_who_are_escorted_at_once(people: People) -> None:
    """Two at once are allowed; a third on one day of theirs is one too many for all who are escorted then."""
    first = await people.person_of(TEKUN, escort(day(3, 1), day(3, 5)))
    second = await people.person_of(TEKUN, escort(day(3, 5), day(3, 9)))
    before = await people.told(first, day(3, 5))
    assert before["R199 escort.at_once"] == "MET"
    third = await people.person_of(TEKUN, escort(day(3, 5)))
    one_more = {"R199 escort.at_once": MET_NOT}
    assert changed(before, await people.told(first, day(3, 5))) == one_more
    assert (await people.told(second, day(3, 6)))["R199 escort.at_once"] == "NOT_MET"
    assert (await people.told(third, day(3, 6)))["R199 escort.at_once"] == "NOT_MET"
    assert (await people.told(first, day(3, 4)))["R199 escort.at_once"] == "MET"


async def test_nobody_says_how_somebody_is_supported(people: People) -> None:
    person, ids = await people.person(TEKUN)
    assert (await people.told(person, day(4, 1)))["R199 escort"] == "DUE"
    await people.change("category_membership", ids[0], support_mode=None)
    assert (await people.told(person, day(4, 1)))["R199 escort"] == "UNKNOWN"


async def test_nothing_is_asked_for_who_has_died(people: People) -> None:
    person = await people.person_of(LEFT_BEHIND, ADVANCED, TEKUN, risk(1, day(3, 2)), deceased_on=day(3, 4))
    assert "NOT_MET" in (await people.told(person, day(3, 4))).values()
    assert set((await people.told(person, day(3, 5))).values()) == {"NOT_APPLICABLE"}
