"""After any history of facts, what is kept is what judging from nothing finds."""

from __future__ import annotations

import asyncio
import datetime as dt
import random
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from hub.compliance import following, keeping
from hub.compliance.evaluate import evaluate
from hub.compliance.following import AGAIN, look
from hub.compliance.keeping import DIVISIONS, JUDGED, JUDGING, PERSON, RECORDS, edition
from hub.domain.vocabulary import NormSubject, VerdictStatus
from hub.store.database import Database
from tests.compliance.facts import Facts

QIXING, HOME, AWAY = "450305", "450305003000", "450305004000"
YINCHUAN: Final = "640104"
START: Final = dt.date(2026, 3, 2)
CATEGORIES: Final = ("LEFT_BEHIND_CHILD", "ORPHAN", "ADVANCED_AGE_ELDER", "TEKUN")
CHANGED: Final = "insert into change (entity, county_code, entity_id, operation) values ($1, $2, $3, $4)"
BY_COUNTY: Final = {"beneficiary", "category_membership", "risk_assessment", "visit", "dossier"}

TOLD: Final = "document, rule, bound, status, value, target, due_on"
STEPS: Final = ("person",) * 2 + ("fact",) * 4 + ("work",) * 2 + ("day",) * 2 + ("change", "gone", "move")

Row = tuple[Any, ...]


@pytest.fixture(autouse=True)
async def empty(db: Database) -> AsyncIterator[None]:
    yield
    await db.owner.execute(
        "truncate beneficiary, station, personnel, contract, contractor, report, evaluation, judged_county,"
        " judged, change, work_verdict cascade"
    )


async def kept(db: Database) -> set[Row]:
    rows = await db.owner.fetch(f"""
        select '{PERSON}' as subject, beneficiary_id as id, {TOLD} from beneficiary_verdict
        union all select subject, record_id, {TOLD} from work_verdict""")
    return {tuple(row) for row in rows}


async def from_nothing(db: Database, counties: tuple[str, ...], day: dt.date) -> set[Row]:
    found = set()
    for county in counties:
        for subject, ids in (await records(db, county)).items():
            digits = DIVISIONS.get(subject, 6)
            of = county[:digits].ljust(12, "0")
            for each in await evaluate(db.fetch, {subject}, of, ids, day):
                if each.status != VerdictStatus.NOT_APPLICABLE:
                    rule, bound = each.rule, each.rule.bounds.index(each.bound)
                    judged = str(each.status), each.value, each.target, each.due_on
                    found.add((str(subject), each.id, rule.document.code, rule.key, bound, *judged))
    return found


async def records(db: Database, county: str) -> dict[NormSubject, list[int]]:
    tables = {PERSON: "beneficiary", **RECORDS}
    found = {
        subject: [
            row["id"]
            for row in await db.owner.fetch(f"select id from {table} where county_code = $1", county)
        ]
        for subject, table in tables.items()
    }
    if any(found.values()):
        found |= {subject: [int(county[:n].ljust(12, "0"))] for subject, n in DIVISIONS.items()}
    return found


async def tallied(db: Database) -> tuple[set[Row], set[Row]]:
    kinds = "county_code, division_code, document, rule, bound, status"
    told = await db.owner.fetch(
        f"select {kinds}, sum(count) from beneficiary_verdict_tally group by {kinds} having sum(count) <> 0"
    )
    counted = await db.owner.fetch(f"select {kinds}, count(*) from beneficiary_verdict group by {kinds}")
    return {tuple(row) for row in told}, {tuple(row) for row in counted}


class History:
    """Facts come, change and go, each with its entry in the sequence of changes."""

    def __init__(self, db: Database, seed: int) -> None:
        self.db, self.chance = db, random.Random(seed)
        self.facts = {QIXING: Facts(db, QIXING, HOME), YINCHUAN: Facts(db, YINCHUAN, f"{YINCHUAN}001000")}
        self.rows: list[tuple[str, str, int]] = []
        self.day = START

    async def note(self, county: str, table: str, id_: int, operation: str) -> None:
        given = county if table in BY_COUNTY else None
        await self.db.owner.execute(CHANGED, table, given, id_, operation)

    async def add(self, county: str, table: str, **given: Any) -> int:
        id_ = await self.facts[county].add(table, **given)
        self.rows.append((county, table, id_))
        await self.note(county, table, id_, "I")
        return id_

    def some(self, table: str, county: str) -> int | None:
        found = [id_ for of, name, id_ in self.rows if (of, name) == (county, table)]
        return self.chance.choice(found) if found else None

    def earlier(self, days: int = 60) -> dt.date:
        return self.day - dt.timedelta(days=self.chance.randrange(days))

    async def step(self) -> None:
        county = self.chance.choice([QIXING, QIXING, YINCHUAN])
        person, station = self.some("beneficiary", county), self.some("station", county)
        what = self.chance.choice(STEPS)
        if what == "day":
            self.day += dt.timedelta(days=self.chance.choice([1, 7, 31]))
        elif what == "person":
            id_ = await self.add(county, "beneficiary", birth_on=dt.date(2015, 5, 5))
            category = self.chance.choice(CATEGORIES)
            given = {"beneficiary_id": id_, "category": category, "starts_on": self.earlier(400)}
            await self.add(county, "category_membership", **given)
        elif what == "fact" and person is not None:
            await self._fact(county, person)
        elif what == "work":
            await self._work(county, station)
        elif what == "move" and (person := self.some("beneficiary", QIXING)) is not None:
            await self.facts[QIXING].change("beneficiary", person, division_code=AWAY)
            await self.note(QIXING, "beneficiary", person, "U")
        elif what == "change" and (visit := self.some("visit", county)) is not None:
            await self.facts[county].change("visit", visit, visited_on=self.earlier())
            await self.note(county, "visit", visit, "U")
        elif what == "gone":
            await self._gone()

    async def _fact(self, county: str, person: int) -> None:
        table = self.chance.choice(["visit", "visit", "risk_assessment", "dossier"])
        given: dict[str, Any] = {
            "visit": {"visited_on": self.earlier(), "kind": "HOME", "purpose": "OTHER"},
            "risk_assessment": {"level": f"LEVEL_{self.chance.randint(1, 3)}", "assessed_on": self.earlier()},
            "dossier": {"kind": self.chance.choice(["CHILD", "ELDER"]), "opened_on": self.earlier()},
        }[table]
        await self.add(county, table, beneficiary_id=person, **given)

    async def _work(self, county: str, station: int | None) -> None:
        if station is None:
            await self.add(county, "station", status="OPEN", opened_on=self.earlier(300))
        elif self.chance.random() < 0.7:
            given = {"station_id": station, "kind": "RESIDENT", "onboarded_on": self.earlier(300)}
            await self.add(county, "personnel", **given, birth_on=dt.date(1990, 1, 1))
        else:
            contractor = await self.add(county, "contractor")
            starts = self.earlier(200)
            given = {"contractor_id": contractor, "starts_on": starts, "status": "ACTIVE"}
            await self.add(county, "contract", **given, ends_on=starts + dt.timedelta(days=364))

    async def _gone(self) -> None:
        loose = [row for row in self.rows if row[1] in ("visit", "risk_assessment", "dossier", "personnel")]
        if loose:
            county, table, id_ = row = self.chance.choice(loose)
            self.rows.remove(row)
            await self.facts[county].remove(table, id_)
            await self.note(county, table, id_, "D")


@pytest.mark.parametrize("seed", range(4))
async def test_any_history_leaves_what_judging_from_nothing_finds(db: Database, seed: int) -> None:
    history, seen = History(db, seed), set()
    for round_ in range(6):
        for _ in range(12):
            await history.step()
        await look(db, history.day)
        await look(db, history.day)  # what was deleted makes a county due
        expected = await from_nothing(db, (QIXING, YINCHUAN), history.day)
        assert await kept(db) == expected, (seed, round_)
        told, counted = await tallied(db)
        assert told == counted
        seen |= expected
    assert {row[0] for row in seen} >= {"BENEFICIARY", "STATION", "CONTRACT", "COUNTY"}
    assert len({row[5] for row in seen}) >= 3


async def test_what_a_change_does_not_touch_is_not_judged_again(db: Database) -> None:
    facts = Facts(db, QIXING, HOME)
    people = [await facts.add("beneficiary", birth_on=dt.date(1930, 1, 1)) for _ in range(2)]
    for person in people:
        given = {"beneficiary_id": person, "category": "TEKUN_ELDER", "starts_on": START}
        await facts.add("category_membership", **given)
    await look(db, START)
    assert {row[1] for row in await kept(db) if row[0] == "BENEFICIARY"} == {*people}
    # What nobody noted is found out of date: it was not looked at.
    await db.owner.execute("update beneficiary_verdict set value = 'old'")
    visit = {"beneficiary_id": people[0], "visited_on": START, "kind": "HOME", "purpose": "OTHER"}
    number = await facts.add("visit", **visit)
    await db.owner.execute(CHANGED, "visit", QIXING, number, "I")
    await look(db, START)
    told = {(row[1], row[2:5]): row[6] for row in await kept(db) if row[0] == "BENEFICIARY"}
    of_visits = {"visit.elder", "visit.records@ELDER", "visit.records"}
    rows = await db.owner.fetch("select beneficiary_id as id, quantity, value from beneficiary_verdict")
    judged = {(row["id"], row["quantity"]) for row in rows if row["value"] != "old"}
    assert judged
    assert {person for person, _ in judged} == {people[0]}
    assert {quantity for _, quantity in judged} <= of_visits
    assert told


async def test_places_of_another_cluster_have_all_judged_again(db: Database) -> None:
    facts = Facts(db, QIXING, HOME)
    await look(db, START)
    await facts.add("station", status="OPEN", opened_on=START)
    await db.owner.execute("update judged set snapshot = '9000000000:9000000000:'")
    await look(db, START)
    assert {row[0] for row in await kept(db)} >= {"STATION", "COUNTY"}


async def test_a_new_day_judges_each_county_once(db: Database) -> None:
    facts = Facts(db, QIXING, HOME)
    person = await facts.add("beneficiary", birth_on=dt.date(1930, 1, 1))
    given = {"beneficiary_id": person, "category": "TEKUN_ELDER", "starts_on": START}
    await facts.add("category_membership", **given)

    async def visits() -> tuple[str, dt.date]:
        (found,) = await db.owner.fetch(
            "select status, since_on from beneficiary_verdict where quantity = 'visit.elder'"
        )
        return found["status"], found["since_on"]

    await look(db, START)
    assert await visits() == ("DUE", START)
    await look(db, dt.date(2026, 4, 20))  # the first whole month
    assert await visits() == ("DUE", START)
    missed = dt.date(2026, 5, 1)
    await look(db, missed)
    assert await visits() == ("NOT_MET", missed)
    when = await db.owner.fetchval("select judged_at from judged_county where county_code = $1", QIXING)
    await look(db, missed)
    again = await db.owner.fetchval("select judged_at from judged_county where county_code = $1", QIXING)
    assert again == when


async def test_what_is_to_be_judged_again_meanwhile_stays_so(db: Database) -> None:
    """Another worker saw a deletion while this one was past the person."""
    await Facts(db, QIXING, HOME).add("station", status="OPEN", opened_on=START)
    await look(db, START)
    version = await db.owner.fetchval(JUDGING, QIXING)
    await db.owner.execute(AGAIN, [QIXING])
    await db.owner.execute(JUDGED, QIXING, START, edition(), version)
    assert await db.owner.fetchval("select day from judged_county where county_code = $1", QIXING) is None
    await look(db, START)
    assert await db.owner.fetchval("select day from judged_county where county_code = $1", QIXING) == START


@pytest.fixture
async def no_trainings(db: Database) -> AsyncIterator[None]:
    yield
    await db.owner.execute("truncate training_event, training_record, child_worker cascade")


async def test_training_held_by_a_city_turns_verdicts_in_its_counties(
    db: Database, no_trainings: None
) -> None:
    facts = Facts(db, QIXING, HOME)
    given = {"kind": "RESIDENT", "onboarded_on": dt.date(2025, 1, 1), "birth_on": dt.date(1990, 1, 1)}
    worker = await facts.add("personnel", **given)
    held = {"kind": "CONTINUING", "held_on": START, "division_code": "450300000000"}
    event = await facts.add("training_event", **held)
    await facts.add("training_record", training_event_id=event, personnel_id=worker, hours=40)
    await look(db, START)
    asked = "select value from work_verdict where quantity = 'training.continuing' and record_id = $1"
    assert await db.owner.fetchval(asked, worker) == "40.0"
    await facts.change("training_event", event, held_on=dt.date(2025, 3, 2))
    await db.owner.execute(CHANGED, "training_event", None, event, "U")
    await look(db, START)
    assert await db.owner.fetchval(asked, worker) == "0"


async def test_who_came_and_is_not_of_the_staff_turns_the_verdict(db: Database, no_trainings: None) -> None:
    """A change of such a record names no county, and no member of staff."""
    facts = Facts(db, QIXING, HOME)
    station = await facts.add("station", status="OPEN", opened_on=START)
    span = {"starts_on": START, "ends_on": START + dt.timedelta(days=364), "status": "ACTIVE"}
    contract = await facts.add("contract", contractor_id=await facts.add("contractor"), **span)
    await db.owner.execute(
        "insert into contract_station (contract_id, station_id) values ($1, $2)", contract, station
    )
    workers = [await facts.add("child_worker", starts_on=None, ends_on=None) for _ in range(2)]
    event = await facts.add("training_event", kind="CHILD_WORKER", held_on=START, contract_id=contract)
    records = [
        await facts.add("training_record", training_event_id=event, child_worker_id=each, personnel_id=None)
        for each in workers[:1]
    ]
    assert records
    await look(db, START)
    asked = "select status from work_verdict where quantity = 'training.child_workers_reached'"
    assert await db.owner.fetchval(asked) == "DUE"
    more = {"training_event_id": event, "child_worker_id": workers[1], "personnel_id": None}
    record = await facts.add("training_record", **more)
    await db.owner.execute(CHANGED, "training_record", None, record, "I")
    await look(db, START)
    assert await db.owner.fetchval(asked) == "MET"


async def test_a_county_that_has_nothing_left_is_judged_too(db: Database) -> None:
    """Else it would be of long ago, and what lies above never settled."""
    facts = Facts(db, QIXING, HOME)
    station = await facts.add("station", status="OPEN", opened_on=START)
    await look(db, START)
    await facts.remove("station", station)
    await db.owner.execute(CHANGED, "station", None, station, "D")
    await look(db, START)
    assert await db.owner.fetchval("select day from judged_county where county_code = $1", QIXING) == START
    assert not {row for row in await kept(db) if row[0] == "STATION"}


async def test_a_county_that_cannot_be_judged_keeps_no_other_from_it(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    for county, home in ((QIXING, HOME), (YINCHUAN, f"{YINCHUAN}001000")):
        await Facts(db, county, home).add("station", status="OPEN", opened_on=START)
    judge = keeping.keep_work

    async def fails(of: Database, county: str, *more: Any) -> None:
        if county == QIXING:
            await of.owner.execute("select 1 / 0")
        await judge(of, county, *more)

    for module in (keeping, following):
        monkeypatch.setattr(module, "keep_work", fails)
    asked = "select day from judged_county where county_code = $1"
    await look(db, START)
    assert await db.owner.fetchval(asked, YINCHUAN) == START
    assert await db.owner.fetchval(asked, QIXING) is None
    for module in (keeping, following):
        monkeypatch.setattr(module, "keep_work", judge)
    await look(db, START)
    assert await db.owner.fetchval(asked, QIXING) == START
    for module in (keeping, following):
        monkeypatch.setattr(module, "keep_work", fails)
    facts = Facts(db, QIXING, HOME)
    station = await facts.add("station", status="OPEN", opened_on=START, division_code=AWAY)
    await db.owner.execute(CHANGED, "station", None, station, "I")
    await look(db, START)
    assert await db.owner.fetchval(asked, QIXING) is None, "the change is not forgotten"
    for module in (keeping, following):
        monkeypatch.setattr(module, "keep_work", judge)
    await look(db, START)
    assert {row[1] for row in await kept(db) if row[0] == "STATION"} > {station}


async def test_who_writes_facts_is_not_kept_waiting_for_verdicts(db: Database) -> None:
    """A person moves with the verdicts on them: whoever keeps gives up before there is a deadlock."""
    facts = Facts(db, QIXING, HOME)
    person = await facts.add("beneficiary", birth_on=dt.date(1930, 1, 1))
    given = {"beneficiary_id": person, "category": "TEKUN_ELDER", "starts_on": START}
    await facts.add("category_membership", **given)
    await look(db, START)
    async with db.transaction() as connection:
        await connection.execute("update beneficiary set division_code = $2 where id = $1", person, AWAY)
        await db.owner.execute(AGAIN, [QIXING])
        await asyncio.wait_for(look(db, START), 20)
    asked = "select day from judged_county where county_code = $1"
    assert await db.owner.fetchval(asked, QIXING) is None
    await look(db, START)
    assert await db.owner.fetchval(asked, QIXING) == START
