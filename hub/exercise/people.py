"""People of Qixing (QX): two of each kind, one served as the table of services says, one not."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from hub.domain.vocabulary import NormSubject
from hub.exercise.scene import Of, Scene, day

TOWN: Final = "450305003000"
DAY, YEAR_END = day(2026, 3, 31), day(2026, 12, 31)
SINCE: Final = day(2025, 1)


def write(scene: Scene) -> None:
    with scene.place(TOWN):
        for level, visits in ((1, (day(2026, 3, 30),)), (2, (day(2026, 3, 5),)), (3, (day(2026, 2, 5),))):
            _child(scene, level, visits, good=True)
            _child(scene, level, (day(2026, 1, 8),) if level == 2 else (), good=False)
        _orphans(scene)
        _elders(scene)
        _escorted(scene)


def _person(scene: Scene, name: str, category: str, born: int, **member: Any) -> Of:
    person = scene.add(name, "beneficiary", birth_on=day(born, 1))
    given = {"category": category, "starts_on": SINCE, **member}
    scene.add(f"membership of {name}", "category_membership", beneficiary_id=person, **given)
    return person


def _judge(scene: Scene, person: Of, on: dt.date, zh: str) -> None:
    scene.judge(person, NormSubject.BENEFICIARY, on, en=str(person), zh=zh)


def _visit(scene: Scene, person: Of, on: dt.date, *, good: bool = True, kind: str = "HOME") -> None:
    scene.add(
        f"{kind} visit of {on} to {person}",
        "visit",
        beneficiary_id=person,
        visited_on=on,
        kind=kind,
        purpose="OTHER",
        has_photos=good,
        has_register_form=good,
        text_record="家中情况良好" if good else "",
    )


def _child(scene: Scene, level: int, visits: tuple[dt.date, ...], *, good: bool) -> None:
    how = (
        "all that is due to it"
        if good
        else "too few visits, and a dossier that lacks parts"
        if level == 2
        else "nothing"
    )
    zh = "服务齐全" if good else "走访不足、档案缺项" if level == 2 else "无任何服务"
    child = _person(scene, f"left-behind child at level {level}, with {how}", "LEFT_BEHIND_CHILD", 2016)
    assessed = day(2026, 1, 5) if level < 3 else day(2025, 12, 30)
    scene.add(
        f"risk of {child}",
        "risk_assessment",
        beneficiary_id=child,
        level=f"LEVEL_{level}",
        assessed_on=assessed,
    )
    for on in visits:
        _visit(scene, child, on, good=good)
    if good or level == 2:
        words = ("basic_information", "problems", "needs_assessment", "support_goals")[: 4 if good else 2]
        scene.add(
            f"dossier of {child}",
            "dossier",
            beneficiary_id=child,
            kind="CHILD",
            opened_on=day(2026, 2, 2),
            **dict.fromkeys(words, "已记录"),
        )
    if good:
        _confirmed(scene, child)
    if good and level == 1:
        case = {"step": "JOINT_HANDLING", "trigger": "VISIT", "opened_on": day(2026, 3, 2)}
        scene.add(
            f"protection of {child}",
            "protection_case",
            beneficiary_id=child,
            reported_on=day(2026, 3, 2),
            **case,
        )
    _judge(scene, child, DAY, f"{level} 级风险留守儿童，{zh}")


def _confirmed(scene: Scene, child: Of) -> None:
    guardian = scene.add(f"guardian of {child}", "guardian", beneficiary_id=child, kind="ENTRUSTED")
    given = {"confirmed_on": day(2026, 2, 3), "document": "委托照护确认书", "guardian_id": guardian}
    scene.add(f"guardianship of {child}", "guardianship_confirmation", beneficiary_id=child, **given)


def _orphans(scene: Scene) -> None:
    for good in (True, False):
        name = "orphan visited at home and again" if good else "orphan never visited again"
        orphan = _person(scene, name, "ORPHAN", 2014)
        _visit(scene, orphan, day(2026, 3, 4))
        if good:
            _confirmed(scene, orphan)
            _visit(scene, orphan, day(2026, 5, 4), kind="RETURN")
        _judge(scene, orphan, YEAR_END, "孤儿，已入户并回访" if good else "孤儿，未回访")


def _elders(scene: Scene) -> None:
    for good in (True, False):
        name = "elder visited each month" if good else "elder without a dossier, not visited since January"
        elder = _person(scene, name, "ADVANCED_AGE_ELDER", 1938)
        for month in (1, 2, 3) if good else (1,):
            _visit(scene, elder, day(2026, month, 9), good=good)
        if good:
            scene.add(
                f"dossier of {elder}",
                "dossier",
                beneficiary_id=elder,
                kind="ELDER",
                opened_on=day(2026, 2, 2),
            )
        _judge(scene, elder, DAY, "高龄老年人，每月走访" if good else "高龄老年人，无档案，1 月后未走访")


def _escorted(scene: Scene) -> None:
    """Three at once for one contract, one of them twice; and one alone."""
    alone = _person(scene, "escorted alone for a week", "TEKUN", 1950, support_mode="SCATTERED")
    _escort(scene, alone, day(2026, 3, 2), day(2026, 3, 8), None)
    _judge(scene, alone, DAY, "分散特困人员，单独陪护 7 天")
    others = [
        _person(scene, f"escorted with two others {n}", "TEKUN", 1950, support_mode="SCATTERED")
        for n in (1, 2, 3)
    ]
    for other in others:
        _escort(scene, other, day(2026, 2, 1), day(2026, 2, 8), Of("whole project"))
    _escort(scene, others[0], day(2026, 3, 20), day(2026, 3, 21), None)
    _judge(scene, others[0], DAY, "分散特困人员，同时三人、8 天、年内两次")


def _escort(scene: Scene, person: Of, first: dt.date, last: dt.date, contract: Of | None) -> None:
    given = {"starts_on": first, "ends_on": last, "contract_id": contract}
    scene.add(f"escort of {first} of {person}", "hospital_escort", beneficiary_id=person, **given)
