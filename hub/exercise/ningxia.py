"""Ningxia (NX): Xixia has its stations, centre and surplus, Jinfeng has not; three contracts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final

from hub.domain.vocabulary import NormSubject
from hub.exercise.scene import Of, Scene, day, report

XIXIA, JINFENG, CITY = "640105000000", "640106000000", "640100000000"
JUNE: Final = day(2026, 6, 30)
INSTITUTIONS: Final = ("PERSONNEL", "FINANCE", "VOLUNTEER", "RECORDS", "SERVICE_COMMITMENT", "EVALUATION")


def write(scene: Scene, towns: dict[str, str]) -> None:
    """``towns``: names of Xixia's townships and sub-districts by code."""
    for code, town in towns.items():
        _station(scene, code, town, first=code == next(iter(towns)))
    with scene.place("640106001000"):
        station = scene.add(
            "station 满城北街街道",
            "station",
            name="满城北街社工站",
            kind="SOCIAL_WORK",
            status="OPERATING",
            opened_on=day(2022, 3, 1),
        )
        scene.judge(
            station,
            NormSubject.STATION,
            JUNE,
            en="station by another name, without a worker",
            zh="名称不符、无驻站社工的站",
        )
        _worker(
            scene,
            "worker of four years",
            onboarded_on=day(2022, 6, 1),
            en="uncertified for four years",
            zh="四年未持证",
        )
    with scene.place("640105001000"):
        _worker(
            scene,
            "worker of two years",
            onboarded_on=day(2024, 6, 1),
            en="uncertified for two years",
            zh="两年未持证",
        )
    _counties(scene)
    _contracts(scene)


def _worker(scene: Scene, name: str, *, en: str, zh: str, **values: Any) -> None:
    worker = scene.add(name, "personnel", kind="PROJECT", is_full_time=True, **values)
    scene.judge(worker, NormSubject.PERSONNEL, JUNE, en=f"worker, {en}", zh=f"项目人员，{zh}")


def _station(scene: Scene, code: str, town: str, *, first: bool) -> None:
    with scene.place(code):
        station = scene.add(
            f"station {town}",
            "station",
            name=f"西夏区{town}社会工作服务站",
            kind="SOCIAL_WORK",
            status="OPERATING",
            opened_on=day(2021, 9, 1),
        )
        if first:
            scene.add(
                f"worker of {town}", "personnel", station_id=station, kind="RESIDENT", is_full_time=True
            )
            scene.judge(
                station,
                NormSubject.STATION,
                JUNE,
                en=f"station of {town}, with a social worker",
                zh=f"{town}站，有社工 1 人",
            )


def _counties(scene: Scene) -> None:
    first, submitted = day(2026, 1), day(2026, 6, 24)
    with scene.place(XIXIA):
        scene.add(
            "guidance centre of 西夏区",
            "guidance_centre",
            name="西夏区社会工作服务指导中心",
            opened_on=day(2021, 9, 30),
        )
        told = report(
            "HALF_YEAR", "COUNTY_BUREAU", "PROVINCE_DEPARTMENT", "640000000000", first, JUNE, submitted
        )
        scene.add("half-yearly report of 西夏区", "report", **told)
        told = report("HALF_YEAR", "COUNTY_BUREAU", "PREFECTURE_BUREAU", CITY, first, JUNE, submitted)
        scene.add("its copy to the city", "report", is_copy=True, **told)
    for county, amount, surplus in ((XIXIA, 30_000, 1), (JINFENG, 30_001, 0)):
        with scene.place(county):
            scene.add(
                f"fund of {county[:6]}",
                "fund_source",
                kind="ASSISTANCE_HANDLING",
                year=2026,
                amount=Decimal(amount),
                cap_base="EXPENDITURE_TOTAL",
                cap_base_amount=Decimal(1_000_000),
                surplus_amount=Decimal(surplus),
            )
    scene.judge_division(XIXIA, NormSubject.COUNTY, JUNE, en="西夏区, in time", zh="西夏区，按期")
    scene.judge_division(
        JINFENG,
        NormSubject.COUNTY,
        JUNE,
        en="金凤区, without a centre, a report and a surplus",
        zh="金凤区，无中心、未报送、无结余",
    )


def _contracts(scene: Scene) -> None:
    _contract(scene, "renewed", XIXIA, good=True, cycle=2, last=day(2026, 12, 31))
    _contract(scene, "of four years", JINFENG, good=False, cycle=4, last=day(2026, 11, 30))
    _contract(scene, "of half a year", JINFENG, good=False, cycle=None, last=JUNE)


def _contract(scene: Scene, name: str, bureau: str, *, good: bool, cycle: int | None, last: dt.date) -> None:
    with scene.place(bureau):
        contractor = scene.add(
            f"contractor {name}",
            "contractor",
            name=f"宁夏演练社工服务中心（{name}）",
            grade="GRADE_3A" if good else "GRADE_2A",
            has_party_organisation=False,
        )
        terms: dict[str, Any] = {
            "title": f"社会工作服务项目（演练 {name}）",
            "contractor_id": contractor,
            "division_code": bureau if good else CITY,
            "county_code": bureau[:6],
            "procurement_method": "OPEN_TENDER",
            "amount": Decimal("100000.00" if good else "100000.01"),
            "cycle_years": cycle,
        }
        if cycle is not None:
            _before(scene, name, terms, grade="QUALIFIED" if good else "UNQUALIFIED")
            terms["renewal_of_number"] = f"YL-NX-{name}-2025"
        contract = scene.add(
            f"contract {name}",
            "contract",
            number=f"YL-NX-{name}-2026",
            status="ACTIVE",
            starts_on=day(2026, 1),
            ends_on=last,
            **terms,
        )
        _contractor(scene, name, contractor, contract, good=good, bureau=bureau)
        en = "contract renewed after an evaluation" if good else f"contract {name}, bought by the city"
        zh = (
            "评估合格后续签的合同"
            if good
            else ("周期四年、评估不合格仍续签的合同" if cycle else "半年期合同")
        )
        scene.judge(contract, NormSubject.CONTRACT, JUNE, en=en, zh=zh, also=(NormSubject.CONTRACTOR,))


def _before(scene: Scene, name: str, terms: dict[str, Any], *, grade: str) -> None:
    number = f"YL-NX-{name}-2025"
    first, last = day(2025, 1), day(2025, 12, 31)
    before = scene.add(
        f"contract before {name}",
        "contract",
        number=number,
        status="RENEWED",
        starts_on=first,
        ends_on=last,
        **terms,
    )
    scene.add(
        f"evaluation of {number}",
        "evaluation",
        contract_id=before,
        kind="ANNUAL_FOR_RENEWAL",
        grade=grade,
        period_starts_on=first,
        period_ends_on=last,
        evaluated_on=day(2025, 12, 10),
    )


def _contractor(scene: Scene, name: str, contractor: Of, contract: Of, *, good: bool, bureau: str) -> None:
    rating = "QUALIFIED" if good else "UNQUALIFIED"
    scene.add(f"past project {name}", "past_project", contractor_id=contractor, audit_rating=rating)
    for kind in INSTITUTIONS if good else ():
        scene.add(f"{kind} of {name}", "management_system", contractor_id=contractor, kind=kind)
    if name != "of half a year":
        scene.add(
            f"supervisor {name}",
            "personnel",
            employer_id=contractor,
            kind="SUPERVISOR",
            is_full_time=True,
            credential="SOCIAL_WORKER" if good else "ASSISTANT",
        )
    if good:
        for to, code in (("COUNTY_BUREAU", bureau), ("TOWNSHIP", "640105001000")):
            told = report("MONTHLY", "CONTRACTOR", to, code, day(2026, 6), JUNE, day(2026, 6, 24))
            scene.add(f"monthly report to {to}", "report", contract_id=contract, **told)
