"""Jinjiang (JJ), whose document was in force in 2024: stations of towns, staff, and two contracts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Final

from hub.domain.vocabulary import NormSubject
from hub.exercise.scene import Of, Scene, day, report

BUREAU, ANHAI, CIZAO = "350582000000", "350582101000", "350582102000"
ZONES: Final = ("350582401000", "350582402000")
JANUARY, END = day(2024, 1), day(2024, 12, 31)
DAY, JUNE = day(2024, 11, 28), day(2024, 6, 30)


def write(scene: Scene) -> None:
    _pilots(scene)
    _zones(scene)
    _staff(scene)
    _contracts(scene)
    scene.judge_division(
        BUREAU,
        NormSubject.COUNTY,
        DAY,
        END,
        en="晋江市: enough certified in November, too few on the last day",
        zh="晋江市：11 月持证比例达标，年末不达标",
    )


def _pilots(scene: Scene) -> None:
    """Two of the nine; who works there is made up by ``jinjiang_staff``."""
    for code, name, en, zh in (
        (ANHAI, "安海镇", "with three residents", "驻站 3 人"),
        (CIZAO, "磁灶镇", "with four residents", "驻站 4 人"),
    ):
        with scene.place(code):
            station = scene.add(
                f"station of {code}",
                "station",
                name=f"{name}民政服务站",
                kind="CIVIL_AFFAIRS",
                status="OPERATING",
            )
            scene.judge(
                station, NormSubject.STATION, DAY, en=f"station of {name}, {en}", zh=f"{name}站，{zh}"
            )


def _zones(scene: Scene) -> None:
    """Places outside the nine pilot towns."""
    for code, workers, since, en, zh in (
        (ZONES[0], 2, day(2024, 10, 28), "with two full-time workers", "专职 2 人"),
        (
            ZONES[1],
            1,
            day(2024, 9, 1),
            "with one part-time worker and a long vacancy",
            "兼职 1 人，缺岗逾 1 个月",
        ),
    ):
        with scene.place(code):
            station = scene.add(
                f"station {code}",
                "station",
                name=f"晋江演练站{code[5]}",
                kind="CIVIL_AFFAIRS",
                status="OPERATING",
            )
            for number in range(workers):
                scene.add(
                    f"worker {number} at {code}",
                    "personnel",
                    station_id=station,
                    kind="RESIDENT",
                    is_full_time=workers == 2,
                    onboarded_on=JANUARY,
                    left_on=END,
                )
            filled = day(2024, 11, 1)
            scene.add(
                f"vacancy at {code}",
                "vacancy",
                station_id=station,
                post="RESIDENT",
                since_on=since,
                filled_on=filled,
            )
            scene.judge(
                station, NormSubject.STATION, DAY, en=f"station of a zone, {en}", zh=f"开发区站，{zh}"
            )


def _staff(scene: Scene) -> None:
    for name, birth, education, en, zh in (
        ("worker of 45", day(1978, 11, 29), "COLLEGE", "worker of 45 with a college degree", "45 周岁，大专"),
        (
            "worker of 46",
            day(1978, 11, 28),
            "BELOW_COLLEGE",
            "worker of 46 without a degree",
            "46 周岁，大专以下",
        ),
    ):
        with scene.place(ZONES[0]):
            worker = scene.add(
                name,
                "personnel",
                kind="RESIDENT",
                is_full_time=True,
                birth_on=birth,
                education=education,
                onboarded_on=JANUARY,
                left_on=END,
            )
            scene.judge(worker, NormSubject.PERSONNEL, DAY, en=en, zh=zh)


def _contracts(scene: Scene) -> None:
    with scene.place(BUREAU):
        good = scene.add(
            "contractor of social work",
            "contractor",
            name="晋江演练社工服务中心",
            business_scope="社会工作服务、培训",
        )
        bad = scene.add(
            "contractor of another trade",
            "contractor",
            name="晋江演练养老服务中心",
            business_scope="养老服务",
        )
        _contract(scene, "good contract", good, JANUARY, END, method="OPEN_TENDER", division=BUREAU)
        _contract(scene, "bad contract", bad, day(2024, 1, 2), JUNE, method="INQUIRY", division=ANHAI)


def _contract(
    scene: Scene, name: str, contractor: Of, first: dt.date, last: dt.date, *, method: str, division: str
) -> None:
    good = name == "good contract"
    contract = scene.add(
        name,
        "contract",
        number=f"YL-JJ-{1 if good else 2}",
        title="晋江市社会工作服务项目（演练）",
        contractor_id=contractor,
        division_code=division,
        county_code=BUREAU[:6],
        procurement_method=method,
        amount=Decimal(1_000_000),
        cycle_years=1,
        status="ACTIVE",
        starts_on=first,
        ends_on=last,
    )
    lines = {"PERSONNEL": 750_000, "ACTIVITY": 100_000, "SUPERVISION_TRAINING": 30_000, "ADMIN": 120_000}
    for category, amount in lines.items() if good else [("PERSONNEL", 500_000)]:
        planned = Decimal(amount)
        scene.add(
            f"{category} of {name}",
            "budget_line",
            contract_id=contract,
            category=category,
            planned_amount=planned,
        )
    if good:
        for kind in ("MID_TERM", "FINAL_TERM"):
            for to, code in (("COUNTY_BUREAU", BUREAU), ("TOWNSHIP", ANHAI)):
                told = report(kind, "CONTRACTOR", to, code, first, last, day(2024, 11, 20))
                scene.add(f"{kind} to {to}", "report", contract_id=contract, **told)
    scene.judge(
        contract,
        NormSubject.CONTRACT,
        DAY if good else JUNE,
        en="contract of 2024, as the document has it"
        if good
        else "contract of a township, of half a year, with half its budget",
        zh="2024 年度合同，合规" if good else "由镇购买、半年、预算不全的合同",
        also=(NormSubject.CONTRACTOR,),
    )
