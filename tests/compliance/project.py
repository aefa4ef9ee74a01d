"""A project of Qixing that does, on a day of June 2026, all it must by the end of the year."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, NamedTuple

from hub.store.database import Database
from tests.compliance.facts import Facts

DAY: Final = dt.date(2026, 6, 25)
"""A Thursday."""
COUNTY: Final = "450305"
TOWNSHIPS: Final = ("450305001000", "450305003000")
_STATED: Final = "source_id, record_key, content_hash, observed_at, received_at, run_id"
_SO: Final = "1, 'bulk' || {n}, '\\x00', now(), now(), 1"
PEOPLE: Final = f"""
    with people as (
        insert into beneficiary (county_code, name, name_masked, birth_on, division_code, dossier_opened_on)
        select '{COUNTY}', '甲', '某', '1950-01-01', '{TOWNSHIPS[1]}', '2026-02-01'
        from generate_series(1, $1) returning id),
    members as (
        insert into category_membership (county_code, beneficiary_id, category, starts_on, {_STATED})
        select '{COUNTY}', id, 'DIBAO', '2025-01-01', {_SO.format(n="id")} from people)
    insert into assignment (county_code, beneficiary_id, station_id, contract_id, contractor_id, starts_on,
        {_STATED})
    select '{COUNTY}', id, $2, $3, $4, '2026-01-01', {_SO.format(n="id")} from people"""
VISITS: Final = f"""
    insert into visit (county_code, beneficiary_id, contract_id, visited_on, kind, purpose, {_STATED})
    select '{COUNTY}', $1, $2, '2026-03-01', 'HOME', 'OTHER', {_SO.format(n="n")}
    from generate_series(1, $3) n"""


class Project(NamedTuple):
    facts: Facts
    contract: int
    rows: Mapping[str, tuple[str, int]]


def on(month: int, day: int = 1) -> dt.date:
    return dt.date(2026, month, day)


class Making:
    """Rows by names that cases use."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.rows: dict[str, tuple[str, int]] = {}

    async def __call__(self, name: str, table: str, **given: Any) -> int:
        assert name not in self.rows
        id_ = await self.facts.add(table, **given)
        self.rows[name] = table, id_
        return id_


async def make_project(db: Database) -> Project:
    facts = Facts(db, COUNTY, TOWNSHIPS[1])
    make = Making(facts)
    contractor = await make("contractor", "contractor")
    stations = [
        await make(f"station {n}", "station", division_code=code) for n, code in enumerate(TOWNSHIPS, 1)
    ]
    contract = await make(
        "contract",
        "contract",
        division_code="450305000000",
        contractor_id=contractor,
        status="ACTIVE",
        starts_on=on(1),
        ends_on=on(12, 31),
        signed_on=dt.date(2025, 12, 21),
        amount=Decimal("345000.00"),
    )
    await db.owner.executemany(
        "insert into contract_station (contract_id, station_id) values ($1, $2)",
        [(contract, station) for station in stations],
    )
    await _staff(make, contractor, stations[0])
    await _trainings(make, contract)
    await _people(make, contract, contractor, stations[0])
    await _casework(make, contract)
    await _work(make, contract)
    await _reports(make, contract)
    return Project(facts, contract, make.rows)


async def _staff(make: Making, contractor: int, station: int) -> None:
    for n in range(1, 5):
        await make(
            f"worker {n}",
            "personnel",
            employer_id=contractor,
            station_id=station,
            kind="PROJECT",
            is_full_time=True,
            sex="MALE" if n == 1 else "FEMALE",
            onboarded_on=on(1),
        )
    for n in (1, 2):
        await make(
            f"relief {n}", "personnel", employer_id=contractor, kind="VAGRANCY_RELIEF", is_full_time=False
        )


async def _trainings(make: Making, contract: int) -> None:
    workers = [
        await make(f"child worker {n}", "child_worker", division_code=code, kind=kind)
        for n, (code, kind) in enumerate(
            ((TOWNSHIPS[0], "CHILD_SUPERVISOR"), ("450305003001", "CHILD_DIRECTOR")), 1
        )
    ]
    for n in range(1, 7):
        given = {"contract_id": contract, "held_on": on(n), "hours": Decimal(2)}
        event = await make(f"child training {n}", "training_event", kind="CHILD_WORKER", **given)
        await make(f"supervision training {n}", "training_event", kind="SUPERVISION", **given)
        await make(
            f"attendance at {n}", "training_record", training_event_id=event, child_worker_id=workers[0]
        )
        if n <= 2:
            await make(
                f"volunteer training {n}",
                "training_event",
                kind="VOLUNTEER",
                attendee_count=(20, 5)[n - 1],
                **given,
            )
    event = make.rows["child training 2"][1]
    await make("attendance of 2", "training_record", training_event_id=event, child_worker_id=workers[1])


async def _people(make: Making, contract: int, contractor: int, station: int) -> None:
    child = await make("child", "beneficiary", birth_on=dt.date(2016, 1, 1))
    member = {"beneficiary_id": child, "starts_on": dt.date(2025, 1, 1)}
    await make("membership", "category_membership", category="LEFT_BEHIND_CHILD", **member)
    await make(
        "assignment",
        "assignment",
        station_id=station,
        contract_id=contract,
        contractor_id=contractor,
        **member,
    )
    await make("dossier", "dossier", beneficiary_id=child, kind="CHILD", opened_on=on(2))
    await make("visit", "visit", beneficiary_id=child, contract_id=contract, visited_on=on(2), kind="HOME")
    owner = make.facts.db.owner
    await owner.execute(PEOPLE, 4999, station, contract, contractor)
    await owner.execute(VISITS, child, contract, 499)
    for n in (1, 2):
        await make(
            f"adoption {n}",
            "adoption_assessment",
            beneficiary_id=child,
            contract_id=contract,
            assessed_on=on(n),
            is_in_urban_area=True,
        )
    await make(
        "adoption 3",
        "adoption_assessment",
        beneficiary_id=child,
        contract_id=contract,
        assessed_on=on(3),
        is_in_urban_area=False,
    )


async def _casework(make: Making, contract: int) -> None:
    of = {"contract_id": contract, "beneficiary_id": make.rows["child"][1], "opened_on": on(2)}
    for kind, most, services, hours in (("CONSULT", 24, 3, "4.5"), ("PROFESSIONAL", 6, 6, "60.5")):
        for n in range(1, most + 1):
            await make(
                f"{kind} {n}",
                "case_work",
                kind=kind,
                session_count=services,
                hours=Decimal(hours),
                closed_on=on(5),
                **of,
            )
    for n in range(1, 4):
        await make(
            f"case session {n}",
            "case_session",
            case_work_id=make.rows["CONSULT 1"][1],
            beneficiary_id=make.rows["child"][1],
            held_on=on(3, n),
            hours=Decimal("1.5"),
        )
    group = await make("group", "group_work", contract_id=contract)
    for n in range(1, 6):
        await make(
            f"group session {n}",
            "group_session",
            group_work_id=group,
            held_on=on(3, n),
            hours=Decimal("2.5"),
        )


async def _work(make: Making, contract: int) -> None:
    of = {"contract_id": contract}
    for n, people in enumerate((51,) * 4 + (10,) * 8 + (50,) * 8, 1):
        await make(f"activity {n}", "community_activity", held_on=on(4), attendee_count=people, **of)
    team = await make("team", "volunteer_team", is_stable=True, founded_on=on(2), **of)
    for n in range(1, 4):
        await make(
            f"volunteering {n}",
            "volunteer_activity",
            volunteer_team_id=team,
            held_on=on(n + 1),
            hours=Decimal(2),
        )
    for n in range(1, 7):
        await make(f"article {n}", "media_article", level="CITY", adopted_on=on(n), **of)
        for half in (1, 15):
            covered = list(TOWNSHIPS) if (n, half) == (1, 1) else []
            await make(
                f"publicity {n}/{half}",
                "publicity_event",
                kind="ASSISTANCE",
                held_on=on(n, half),
                townships_covered=covered,
                **of,
            )
    for n in (15, 17, 22, 24):
        await make(f"patrol {n}", "patrol", patrolled_on=on(6, n), **of)
    for kind, population in (("ASSESSMENT_RECHECK", 100), ("SERVICE_SPOT_CHECK", 10)):
        await make(
            kind,
            "subsidy_check",
            kind=kind,
            population_count=population,
            sample_count=2,
            checked_on=on(4),
            drawn_at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
            **of,
        )


async def _reports(make: Making, contract: int) -> None:
    of = {"contract_id": contract}

    async def report(name: str, kind: str, first: dt.date, last: dt.date, day: dt.date) -> None:
        await make(
            name,
            "report",
            kind=kind,
            sender="CONTRACTOR",
            recipient="COUNTY_BUREAU",
            recipient_division_code="450305000000",
            period_starts_on=first,
            period_ends_on=last,
            submitted_at=dt.datetime(day.year, day.month, day.day, 4, tzinfo=dt.UTC),
            status="SUBMITTED",
            **of,
        )

    await report("report of May", "MONTHLY", on(5), on(5, 31), on(6, 3))
    await report("report of June", "MONTHLY", on(6), on(6, 30), on(6, 24))
    await report("mid-term", "MID_TERM", on(1), on(6, 30), on(6, 24))
    await report("final", "FINAL_TERM", on(1), on(12, 31), on(6, 24))
    for n in (5, 6):
        await make(f"bulletin {n}", "bulletin", issued_on=on(n, 20), year=2026, month=n, **of)
    await make(
        "incident",
        "incident",
        occurred_at=dt.datetime(2026, 4, 1, 1, tzinfo=dt.UTC),
        reported_to_township_at=dt.datetime(2026, 4, 1, 2, tzinfo=dt.UTC),
        reported_to_civil_affairs_at=dt.datetime(2026, 4, 1, 3, tzinfo=dt.UTC),
        **of,
    )
    await make(
        "supervision",
        "supervision",
        form="JOINT",
        supervised_on=on(3),
        notified_bureau_at=dt.datetime(2026, 3, 5, tzinfo=dt.UTC),
        **of,
    )
