"""Guangxi (GX): stations and staff of two districts of Guilin, their money, inspections and reports.

Xiufeng does what the document asks; Diecai does not, and Nanning reports nothing.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from hub.domain.vocabulary import NormSubject
from hub.exercise.scene import Scene, day, report

XIUFENG: Final = {"450302001000": "秀峰街道", "450302002000": "丽君街道", "450302003000": "甲山街道"}
DIECAI: Final = "450303001000"
GUILIN, NANNING, PROVINCE = "450300000000", "450100000000", "450000000000"
KINDS: Final = ("REPORTING", "SUPERVISION", "WORK_ARCHIVE", "EVALUATION", "HANDOVER")
DAY, YEAR_END = day(2026, 6, 25), day(2026, 12, 31)


def write(scene: Scene) -> None:
    _good(scene)
    _bad(scene)
    _staff(scene)
    _divisions(scene)


def _good(scene: Scene) -> None:
    for code, town in XIUFENG.items():
        with scene.place(code):
            station = scene.add(
                f"station {town}",
                "station",
                name=f"秀峰区{town}民政服务站",
                kind="CIVIL_AFFAIRS",
                status="OPERATING",
                former_name=f"{town}社工站",
                renamed_on=day(2025, 3, 31),
                opened_on=day(2025, 3, 1),
                staffed_on=day(2025, 5, 1),
            )
            scene.judge(
                station,
                NormSubject.STATION,
                DAY,
                en=f"station of {town}, with all it must have",
                zh=f"{town}站，齐全",
            )
            for role in ("HEAD", "DEPUTY"):
                scene.add(f"{role} of {town}", "station_role", station_id=station, role=role)
            for kind in KINDS:
                scene.add(f"{kind} of {town}", "station_institution", station_id=station, kind=kind)
            horizontal = code.endswith("2000")
            size = {"height_cm": 40, "width_cm": 60} if horizontal else {"height_cm": 200, "width_cm": 35}
            form = "HORIZONTAL" if horizontal else "VERTICAL"
            scene.add(f"sign of {town}", "station_sign", station_id=station, form=form, **size)


def _bad(scene: Scene) -> None:
    with scene.place(DIECAI):
        station = scene.add(
            "station 叠彩街道",
            "station",
            name="叠彩街道社工站",
            kind="CIVIL_AFFAIRS",
            status="OPERATING",
            former_name="叠彩社工站",
            renamed_on=day(2025, 4, 1),
            opened_on=day(2025, 3, 1),
            staffed_on=day(2025, 7, 1),
        )
        scene.judge(
            station,
            NormSubject.STATION,
            DAY,
            en="station of 叠彩街道, renamed late, with another name, signs of other sizes, and no head",
            zh="叠彩街道站，更名逾期且不合规，两牌尺寸不符，无站长、制度",
        )
        for form in ("VERTICAL", "HORIZONTAL"):
            scene.add(
                f"{form} sign of 叠彩街道",
                "station_sign",
                station_id=station,
                form=form,
                height_cm=50,
                width_cm=50,
            )


def _staff(scene: Scene) -> None:
    for code, name, hours, en, zh in (
        (
            "450302001000",
            "worker of 秀峰街道",
            (24, 40),
            "worker with all hours of training",
            "工作人员，学时齐全",
        ),
        (
            DIECAI,
            "worker of 叠彩街道",
            (23, 39),
            "worker who lacks an hour of each training",
            "工作人员，各欠 1 学时",
        ),
    ):
        with scene.place(code):
            worker = scene.add(
                name, "personnel", kind="RESIDENT", is_full_time=True, onboarded_on=day(2026, 1, 5)
            )
            for kind, held, amount in zip(
                ("PRE_JOB", "CONTINUING"), (day(2026, 1, 4), day(2026, 5, 1)), hours, strict=True
            ):
                event = scene.add(
                    f"{kind} of {name}", "training_event", kind=kind, held_on=held, hours=Decimal(amount)
                )
                scene.add(
                    f"{kind} attended by {name}",
                    "training_record",
                    training_event_id=event,
                    personnel_id=worker,
                    hours=Decimal(amount),
                )
            scene.judge(worker, NormSubject.PERSONNEL, YEAR_END, en=en, zh=zh)


def _divisions(scene: Scene) -> None:
    for county, amount in (("450302000000", 20_000), ("450303000000", 20_001)):
        with scene.place(county):
            scene.add(
                f"fund of {county[:6]}",
                "fund_source",
                kind="ASSISTANCE_HANDLING",
                year=2026,
                amount=Decimal(amount),
                cap_base="FUND_TOTAL",
                cap_base_amount=Decimal(1_000_000),
            )
    with scene.place("450302001000"):
        for kind, on in (("STAGE_INSPECTION", day(2025, 9, 30)), ("ANNUAL", day(2025, 12, 31))):
            scene.add(
                f"{kind} of 秀峰街道",
                "evaluation",
                kind=kind,
                evaluated_on=on,
                period_starts_on=day(2025, 1, 1),
                period_ends_on=on,
                evaluator="秀峰区民政局",
            )
    with scene.place("450303001000"):
        for kind, on in (("STAGE_INSPECTION", day(2025, 10, 1)), ("ANNUAL", day(2026, 1, 1))):
            scene.add(
                f"{kind} of 叠彩街道",
                "evaluation",
                kind=kind,
                evaluated_on=on,
                period_starts_on=day(2025, 1, 1),
                period_ends_on=on,
                evaluator="叠彩区民政局",
            )
    with scene.place(GUILIN):
        for kind, first, last, on in (
            ("PROGRESS", day(2025, 1, 1), day(2025, 3, 31), day(2025, 4, 9)),
            ("PROGRESS", day(2025, 4, 1), day(2025, 6, 30), day(2025, 7, 9)),
            ("ANNUAL", day(2025, 1, 1), day(2025, 12, 20), day(2025, 12, 31)),
        ):
            told = report(kind, "PREFECTURE_BUREAU", "PROVINCE_DEPARTMENT", PROVINCE, first, last, on)
            scene.add(f"{kind} report of 桂林市 for {last}", "report", **told)
        scene.add(
            "earmarked lottery fund",
            "fund_source",
            kind="LOTTERY_REGION",
            year=2025,
            amount=Decimal(30_000_000),
            is_earmarked=True,
        )
    for code, subject, en, zh in (
        ("450302000000", NormSubject.COUNTY, "秀峰区, in time", "秀峰区，按期"),
        ("450303000000", NormSubject.COUNTY, "叠彩区, late, and a yuan over the cap", "叠彩区，逾期，超上限"),
        (GUILIN, NormSubject.PREFECTURE, "桂林市, which reported in time", "桂林市，按期报送"),
        (NANNING, NormSubject.PREFECTURE, "南宁市, which reported nothing", "南宁市，未报送"),
    ):
        days = (day(2026, 2, 1), DAY) if subject is NormSubject.COUNTY else (day(2026, 2, 1),)
        scene.judge_division(code, subject, *days, en=en, zh=zh)
    scene.judge_division(
        PROVINCE, NormSubject.PROVINCE, day(2025, 5, 1), en="广西, the whole region", zh="广西全区"
    )
