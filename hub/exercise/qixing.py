"""Qixing (QX): a project that does by June all it must in a year, and one of a quarter that does nothing."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final

from hub.domain.vocabulary import NormSubject
from hub.exercise.scene import Of, Scene, day, noon, report

BUREAU: Final = "450305000000"
TOWNS: Final = ("450305001000", "450305003000")
OUTSIDE: Final = "450304001000"
DAY, QUARTER_END = day(2026, 6, 25), day(2026, 3, 31)
"""A Thursday, and the last day of the project of a quarter."""
FILES: Final = 5_020
"""Some more than are asked for: what upstream systems tell later may be taken to be about one of them."""
VISITS: Final = 500


def on(month: int, number: int = 1) -> dt.date:
    return day(2026, month, number)


def write(scene: Scene) -> None:
    with scene.place(TOWNS[1]):
        contractor, contract = _contract(scene, "whole project", on(12, 31), "345000.00", BUREAU)
        stations = [scene.add(f"station at {code}", "station", division_code=code) for code in TOWNS]
        for code, station in zip(TOWNS, stations, strict=True):
            scene.add(
                f"{code} of the whole project", "contract_station", contract_id=contract, station_id=station
            )
        _workers(scene, contractor, stations[0])
        _trainings(scene, contract)
        _people(scene, contract, contractor, stations[0])
        _casework(scene, contract)
        _work(scene, contract)
        _reports(scene, contract)
        scene.judge(
            contract,
            NormSubject.CONTRACT,
            DAY,
            en="project that does all it must",
            zh="各项指标齐全的项目",
            also=(NormSubject.CONTRACTOR,),
        )
    with scene.place(OUTSIDE):
        _nothing(scene)


def _contract(scene: Scene, name: str, last: dt.date, amount: str, division: str) -> tuple[Of, Of]:
    contractor = scene.add(
        f"contractor of the {name}", "contractor", name=f"七星演练社工服务中心（{amount}）"
    )
    contract = scene.add(
        name,
        "contract",
        number=f"YL-QX-{amount}",
        title="七星区民政服务站项目（演练）",
        contractor_id=contractor,
        division_code=division,
        county_code="450305",
        status="ACTIVE",
        starts_on=on(1),
        ends_on=last,
        signed_on=day(2025, 12, 21),
        amount=Decimal(amount),
    )
    return contractor, contract


def _workers(scene: Scene, contractor: Of, station: Of) -> None:
    for n in range(1, 5):
        worker = scene.add(
            f"project worker {n}",
            "personnel",
            employer_id=contractor,
            station_id=station,
            kind="PROJECT",
            is_full_time=True,
            sex="MALE" if n == 1 else "FEMALE",
            onboarded_on=on(1),
            education="BELOW_COLLEGE" if n == 2 else "COLLEGE",
            major="会计" if n == 2 else "社会工作",
        )
        if n <= 2:
            en = (
                "worker with a degree in social work"
                if n == 1
                else "worker without a degree, of another major"
            )
            zh = "大专、社会工作专业" if n == 1 else "大专以下、其他专业、未持证"
            scene.judge(worker, NormSubject.PERSONNEL, DAY, en=en, zh=zh)
    for n in (1, 2):
        scene.add(
            f"relief worker {n}",
            "personnel",
            employer_id=contractor,
            kind="VAGRANCY_RELIEF",
            is_full_time=False,
        )


def _trainings(scene: Scene, contract: Of) -> None:
    workers = [
        scene.add(f"child worker {n}", "child_worker", division_code=code, kind=kind)
        for n, (code, kind) in enumerate(((TOWNS[0], "CHILD_SUPERVISOR"), (TOWNS[1], "CHILD_DIRECTOR")), 1)
    ]
    for n in range(1, 7):
        given: dict[str, Any] = {"contract_id": contract, "held_on": on(n), "hours": Decimal(2)}
        event = scene.add(f"child workers' training {n}", "training_event", kind="CHILD_WORKER", **given)
        scene.add(f"supervision training {n}", "training_event", kind="SUPERVISION", **given)
        for worker in workers:
            scene.add(
                f"{worker} at {event}", "training_record", training_event_id=event, child_worker_id=worker
            )
        if n <= 2:
            scene.add(
                f"volunteers' training {n}", "training_event", kind="VOLUNTEER", attendee_count=20, **given
            )


def _people(scene: Scene, contract: Of, contractor: Of, station: Of) -> None:
    child = scene.add("child of the project", "beneficiary", birth_on=day(2016, 1), dossier_opened_on=on(2))
    member: dict[str, Any] = {"beneficiary_id": child, "starts_on": day(2025, 1)}
    scene.add("child's membership", "category_membership", category="LEFT_BEHIND_CHILD", **member)
    of: dict[str, Any] = {"contract_id": contract, "contractor_id": contractor, "station_id": station}
    scene.add("child's assignment", "assignment", **of, **member)
    born = [day(1930, 1) + dt.timedelta(days=n) for n in range(FILES - 1)]
    scene.add("elders of the project", "beneficiary", many=FILES - 1, dossier_opened_on=on(2), birth_on=born)
    elders: dict[str, Any] = {"beneficiary_id": Of("elders of the project"), "starts_on": day(2025, 1)}
    scene.add("elders' memberships", "category_membership", category="DIBAO", **elders)
    scene.add("elders' assignments", "assignment", **of, **elders)
    scene.add(
        "visits of the project",
        "visit",
        many=VISITS,
        beneficiary_id=child,
        contract_id=contract,
        visited_on=on(3),
        kind="HOME",
        purpose="OTHER",
    )


def _casework(scene: Scene, contract: Of) -> None:
    child = Of("child of the project")
    for kind, most, services, hours in (("CONSULT", 24, 3, "4.5"), ("PROFESSIONAL", 6, 6, "60.5")):
        for n in range(1, most + 1):
            scene.add(
                f"{kind} case {n}",
                "case_work",
                kind=kind,
                session_count=services,
                hours=Decimal(hours),
                opened_on=on(2),
                closed_on=on(5),
                contract_id=contract,
                beneficiary_id=child,
            )
    group = scene.add("group", "group_work", contract_id=contract)
    for n in range(1, 6):
        scene.add(
            f"group session {n}", "group_session", group_work_id=group, held_on=on(3, n), hours=Decimal("2.5")
        )
    for n in (1, 2):
        _adoption(scene, n, child, contract)


def _adoption(scene: Scene, n: int, child: Of, contract: Of) -> None:
    scene.add(
        f"adoption assessment {n} of {contract}",
        "adoption_assessment",
        beneficiary_id=child,
        contract_id=contract,
        assessed_on=on(1, n),
        is_in_urban_area=True,
    )


def _checks(scene: Scene, contract: Of, *samples: tuple[str, int, int]) -> None:
    for kind, population, sample in samples:
        scene.add(
            f"{kind} of {contract}",
            "subsidy_check",
            contract_id=contract,
            kind=kind,
            population_count=population,
            sample_count=sample,
            checked_on=on(3, 20),
            drawn_at=noon(on(3, 2)),
        )


def _work(scene: Scene, contract: Of) -> None:
    of: dict[str, Any] = {"contract_id": contract}
    for n, people in enumerate((51,) * 4 + (10,) * 16, 1):
        scene.add(f"activity {n}", "community_activity", held_on=on(4), attendee_count=people, **of)
    team = scene.add("volunteers", "volunteer_team", is_stable=True, founded_on=on(2), **of)
    for n in range(1, 4):
        held = on(n + 1)
        scene.add(
            f"volunteering {n}", "volunteer_activity", volunteer_team_id=team, held_on=held, hours=Decimal(2)
        )
    for n in range(1, 7):
        scene.add(f"article {n}", "media_article", level="CITY", adopted_on=on(n), **of)
        for half in (1, 15):
            held = on(n, half)
            scene.add(
                f"publicity of {held}",
                "publicity_event",
                kind="ASSISTANCE",
                held_on=held,
                townships_covered=list(TOWNS),
                **of,
            )
    for n in (22, 24):
        scene.add(f"patrol {n}", "patrol", patrolled_on=on(6, n), **of)
    _checks(scene, contract, ("ASSESSMENT_RECHECK", 100, 2), ("SERVICE_SPOT_CHECK", 10, 2))


def _reports(scene: Scene, contract: Of) -> None:
    submitted = on(6, 24)
    for kind, first, last in (
        ("MONTHLY", on(6), on(6, 30)),
        ("MID_TERM", on(1), on(6, 30)),
        ("FINAL_TERM", on(1), on(12, 31)),
    ):
        told = report(kind, "CONTRACTOR", "COUNTY_BUREAU", BUREAU, first, last, submitted)
        scene.add(f"{kind} report", "report", contract_id=contract, **told)
    scene.add("bulletin", "bulletin", contract_id=contract, issued_on=on(6, 20), year=2026, month=6)
    _incident(scene, contract, told=True)
    scene.add(
        "supervision",
        "supervision",
        contract_id=contract,
        form="JOINT",
        supervised_on=on(3),
        notified_bureau_at=noon(on(3, 5)),
    )


def _incident(scene: Scene, contract: Of, *, told: bool) -> None:
    happened = noon(on(2, 10))
    soon = happened + dt.timedelta(hours=1) if told else None
    scene.add(
        f"incident of {contract}",
        "incident",
        contract_id=contract,
        occurred_at=happened,
        reported_to_township_at=soon,
        reported_to_civil_affairs_at=soon,
    )


def _nothing(scene: Scene) -> None:
    contractor, contract = _contract(scene, "idle project", QUARTER_END, "345000.01", BUREAU)
    station = scene.add("station outside the district", "station", name="象山区演练站", status="OPERATING")
    scene.add("its station", "contract_station", contract_id=contract, station_id=station)
    scene.add("child worker not reached", "child_worker", kind="CHILD_DIRECTOR")
    event = scene.add(
        "training that nobody of the townships came to",
        "training_event",
        kind="CHILD_WORKER",
        contract_id=contract,
        held_on=on(2),
        hours=Decimal(1),
    )
    scene.add("who came", "training_record", training_event_id=event, child_worker_id=Of("child worker 1"))
    with scene.place(TOWNS[1]):
        child = scene.add("child without a dossier", "beneficiary", birth_on=day(2016, 1))
        member: dict[str, Any] = {"beneficiary_id": child, "starts_on": day(2025, 1)}
        scene.add("its membership", "category_membership", category="LEFT_BEHIND_CHILD", **member)
        of: dict[str, Any] = {"contract_id": contract, "contractor_id": contractor, "station_id": station}
        scene.add("its assignment", "assignment", **of, **member)
        for n in (1, 2, 3):
            _adoption(scene, n, child, contract)
        _checks(scene, contract, ("ASSESSMENT_RECHECK", 100, 1), ("SERVICE_SPOT_CHECK", 10, 1))
        _incident(scene, contract, told=False)
        scene.judge(
            contract,
            NormSubject.CONTRACT,
            QUARTER_END,
            en="project of a quarter that does nothing",
            zh="为期一季、未开展工作的项目",
            also=(NormSubject.CONTRACTOR,),
        )
