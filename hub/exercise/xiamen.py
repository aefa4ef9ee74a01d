"""Xiamen (XM): Haicang keeps to the rules, Huli does not; the city trains and reports in 2026 alone."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from hub.domain.vocabulary import NormSubject
from hub.exercise.scene import Of, Scene, day, report

CITY: Final = "350200000000"
JUNE, END = day(2026, 6, 30), day(2025, 12, 31)
INSTITUTIONS: Final = ("ORGANISATION", "ADMINISTRATION", "VENUE", "SERVICE", "VOLUNTEER", "RECORDS")
EQUIPMENT: Final = (
    "DESKS_AND_CHAIRS",
    "MATERIAL_CABINET",
    "FILE_CABINET",
    "COMPUTER",
    "PRINTER",
    "SERVICE_EQUIPMENT",
)


def write(scene: Scene, towns: dict[str, str]) -> None:
    """``towns``: names of Haicang's townships and sub-districts by code."""
    with scene.place("350205000000"):
        contractor = scene.add("contractor of 海沧区", "contractor", name="海沧演练社工服务中心")
    contract = _contract(scene, "350205000000", contractor, good=True)
    for number, (code, town) in enumerate(towns.items()):
        _good(scene, code, town, contractor, contract, whole=number == 0)
    _bad(scene)
    with scene.place("350206000000"):
        other = scene.add("contractor of 湖里区", "contractor", name="湖里演练社工服务中心")
    _contract(scene, "350206000000", other, good=False)
    _city(scene)


def _good(scene: Scene, code: str, town: str, contractor: Of, contract: Of, *, whole: bool) -> None:
    with scene.place(code):
        station = scene.add(
            f"station {town}",
            "station",
            name=f"海沧区{town}民政服务站",
            kind="CIVIL_AFFAIRS",
            status="OPERATING",
            opened_on=day(2025, 5, 1),
            operator_id=contractor,
        )
        scene.add(
            f"stations of the contract {town}", "contract_station", contract_id=contract, station_id=station
        )
        if not whole:
            return
        for number, role in enumerate(("HEAD", "DEPUTY", "DEPUTY")):
            scene.add(f"{role} {number} of {town}", "station_role", station_id=station, role=role)
        for number in (1, 2):
            scene.add(
                f"worker {number} of {town}",
                "personnel",
                station_id=station,
                kind="RESIDENT",
                is_full_time=True,
            )
        for kind in INSTITUTIONS:
            scene.add(f"{kind} of {town}", "station_institution", station_id=station, kind=kind)
        for kind in EQUIPMENT:
            scene.add(f"{kind} of {town}", "station_equipment", station_id=station, kind=kind, item_count=1)
        told = report(
            "HALF_YEAR", "TOWNSHIP", "COUNTY_BUREAU", "350205000000", day(2026, 1), JUNE, day(2026, 6, 24)
        )
        scene.add(f"half-yearly report of {town}", "report", **told)
        scene.judge(
            station,
            NormSubject.STATION,
            JUNE,
            en=f"station of {town}, with all it must have",
            zh=f"{town}站，齐全",
        )


def _bad(scene: Scene) -> None:
    with scene.place("350206001000"):
        station = scene.add(
            "station 湖里街道",
            "station",
            name="湖里街道服务站",
            kind="CIVIL_AFFAIRS",
            status="OPERATING",
            opened_on=day(2025, 5, 1),
        )
        scene.judge(
            station,
            NormSubject.STATION,
            JUNE,
            en="station of 湖里街道, with nobody and nothing in it, which reported nothing",
            zh="湖里街道站，无人员、制度、设备，未报送",
        )


def _contract(scene: Scene, bureau: str, contractor: Of, *, good: bool) -> Of:
    with scene.place(bureau):
        county = "海沧区" if good else "湖里区"
        contract = scene.add(
            f"contract of {county}",
            "contract",
            number=f"YL-XM-{bureau[:6]}",
            title=f"{county}民政服务站项目（演练）",
            contractor_id=contractor,
            division_code=bureau if good else CITY,
            county_code=bureau[:6],
            procurement_method="OPEN_TENDER" if good else "FRAMEWORK_AGREEMENT",
            amount=Decimal(100_000),
            cycle_years=1,
            status="ACTIVE",
            starts_on=day(2026, 1),
            ends_on=day(2026, 12, 31) if good else JUNE,
        )
        if good:
            first, last = day(2026, 1), JUNE
            told = report(
                "SELF_EVALUATION", "CONTRACTOR", "COUNTY_BUREAU", bureau, first, last, day(2026, 6, 20)
            )
            scene.add(f"self-evaluation of {county}", "report", contract_id=contract, **told)
            for kind in ("SELF_CONTRACTOR", "FINAL_YEAR"):
                scene.add(
                    f"{kind} of {county}",
                    "evaluation",
                    contract_id=contract,
                    kind=kind,
                    period_starts_on=first,
                    period_ends_on=last,
                    evaluated_on=day(2026, 6, 20),
                )
        en = (
            "contract of 海沧区, evaluated"
            if good
            else "contract of 湖里区, bought by the city, never evaluated"
        )
        zh = "海沧区合同，已评估" if good else "湖里区合同，由市局购买，未评估"
        scene.judge(contract, NormSubject.CONTRACT, JUNE, en=en, zh=zh, also=(NormSubject.CONTRACTOR,))
    return contract


def _city(scene: Scene) -> None:
    with scene.place(CITY):
        scene.add(
            "training of the city", "training_event", kind="BUREAU", held_on=day(2026, 4, 1), hours=Decimal(4)
        )
        told = report(
            "HALF_YEAR",
            "PREFECTURE_BUREAU",
            "PROVINCE_DEPARTMENT",
            "350000000000",
            day(2026, 1),
            JUNE,
            day(2026, 6, 24),
        )
        scene.add("half-yearly report of 厦门市", "report", **told)
    with scene.place("350205000000"):
        told = report(
            "HALF_YEAR", "COUNTY_BUREAU", "PREFECTURE_BUREAU", CITY, day(2026, 1), JUNE, day(2026, 6, 24)
        )
        scene.add("half-yearly report of 海沧区", "report", **told)
    scene.judge_division(
        CITY,
        NormSubject.PREFECTURE,
        END,
        JUNE,
        en="厦门市: nothing in 2025, all in 2026",
        zh="厦门市：2025 年未做，2026 年已做",
    )
    scene.judge_division(
        "350205000000",
        NormSubject.COUNTY,
        JUNE,
        en="海沧区, with a station in each township",
        zh="海沧区，一镇一站",
    )
    scene.judge_division(
        "350206000000",
        NormSubject.COUNTY,
        JUNE,
        en="湖里区, with one station, and no report",
        zh="湖里区，仅一站，未报送",
    )
