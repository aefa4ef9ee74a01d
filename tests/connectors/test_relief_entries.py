"""Encounters entered in the relief system: once each, whatever happens on the way."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import text

from connectors import CONNECTORS
from connectors.emulators import mariadb
from connectors.emulators.relief import EPISODES, Relief
from connectors.emulators.switches import Switches
from connectors.relief import ReliefSystem
from hub.domain.id_number import make_id_number
from hub.errors import ConfigurationError
from hub.store.linking import regroup
from hub.sync import outgoing
from hub.sync.connector import Message, Place, Receipt
from hub.sync.outgoing import Entered, enter, enter_now
from tests.connectors.hub_of import CODE, Filled, hub_of, moment
from tests.support.postgres import FIELD_KEY
from tests.support.postgres import server as postgres
from tests.support.process import HUB

COUNTY: Final = "450305"
X: Final = make_id_number("459999", dt.date(1970, 1, 1), 1)
ENCOUNTER: Final = """
    insert into street_encounter (county_code, division_code, beneficiary_id, encountered_at, place,
        said_name, estimated_age, is_minor, condition, actions, report_state, source_id, record_key,
        content_hash, observed_at, received_at, run_id)
    values ($1, '450305001000', $2, $3, '桥下', $4, 40, false, 'NORMAL_CAPACITY', '{DIRECT_SUPPLIES}',
        'PENDING', (select id from source where code = 'hub'), $5, '\\x00', $3, now(), 0) returning id"""
AT: Final = dt.datetime(2026, 6, 1, 8, 30, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
async def database() -> AsyncIterator[Filled]:
    async with hub_of(COUNTY) as filled:
        await filled.open_stations()
        yield filled


@dataclass
class Entries:
    hub: Filled
    relief: Relief
    switches: Switches
    made: int = 0

    async def find(self, person: int | None = None, name: str = "甲某") -> str:
        """The message of a new encounter."""
        self.made += 1
        message = f"00000000-0000-0000-0000-{self.made:012}"
        owner = self.hub.database.owner
        number = await owner.fetchval(ENCOUNTER, COUNTY, person, AT, name, f"encounter:{message}")
        await owner.execute(
            "insert into outgoing (name, entity, county_code, entity_id)"
            " values ($1, 'street_encounter', $2, $3)",
            message,
            COUNTY,
            number,
        )
        return message

    async def enter(self) -> Entered:
        return await enter_now(self.hub.database, self.hub.vault, CONNECTORS, CODE)

    async def states(self) -> list[tuple[Any, ...]]:
        rows = await self.hub.database.owner.fetch(
            "select report_state, national_system_number, report_refusal from street_encounter order by id"
        )
        return [tuple(row) for row in rows]

    async def there(self, table: str = "JZ_INBOX") -> int:
        engine = self.relief.engine()
        async with engine.connect() as connection:
            count = (await connection.execute(text(f"select count(*) from {table}"))).scalar_one()
        await engine.dispose()
        return int(count)

    async def answer(self, day: int = 2) -> dict[str, str]:
        return await self.relief.answer(moment(day), self.switches)


@pytest.fixture
async def entries(server: int, database: Filled, tmp_path: Path) -> AsyncIterator[Entries]:
    owner = database.database.owner
    await owner.execute("""
        truncate source, beneficiary, seen_row, withdrawn_record, outgoing, change cascade;
        insert into source (code, name, connector, location, max_age_hours)
        values ('hub', '', 'hub', '', 0)""")
    relief = Relief([], server, mariadb.PASSWORD)
    await relief.publish(moment(1))
    secrets = {"password": mariadb.PASSWORD, "writer": f"sender:{mariadb.PASSWORD}"}
    await database.register("relief", relief.location, **secrets)
    yield Entries(database, relief, Switches(tmp_path / "switches"))
    await relief.run(*(f"drop table if exists {name}" for name in (EPISODES, "JZ_INBOX", "JZ_RECEIPT")))


async def test_an_encounter_is_entered_and_comes_back_as_one_stay(entries: Entries) -> None:
    message = await entries.find()
    assert await entries.enter() == Entered(sent=1)
    assert await entries.states() == [("SENT", None, None)]
    answers = await entries.answer()
    assert await entries.enter() == Entered(accepted=1)
    assert await entries.states() == [("ACCEPTED", answers[message], None)]
    await entries.hub.sync()
    row = await entries.hub.database.owner.fetchrow("""
        select e.number, s.relief_episode_id = e.id, s.beneficiary_id = e.beneficiary_id,
            s.shown_from_on = '-infinity' from relief_episode e, street_encounter s""")
    assert row is not None
    assert tuple(row) == (answers[message], True, True, True)
    assert await entries.enter() == Entered()
    # That it was sent, that it was accepted, and whose stay it has become.
    assert await entries.hub.one("select count(*) from change where entity = 'street_encounter'") == 3


async def test_a_known_person_stays_who_it_is(entries: Entries) -> None:
    """Without a number: the stay that comes back is that person's, and makes nobody new."""
    await entries.relief.write(
        (
            EPISODES,
            "I",
            moment(1),
            {"JZBH": "JZ1", "XM": "无名氏", "XZQH": "450305001000", "RZRQ": "2026-01-01"},
        )
    )
    await entries.hub.sync()
    person = await entries.hub.one("select id from beneficiary")
    message = await entries.find(person)
    await entries.enter()
    number = (await entries.answer())[message]
    await entries.hub.sync()  # asks for answers before it merges
    assert [state[:2] for state in await entries.states()] == [("ACCEPTED", number)]
    assert await entries.hub.one("select count(*) from beneficiary") == 1
    stays = await entries.hub.database.owner.fetch("select number, beneficiary_id from relief_episode")
    assert {tuple(row) for row in stays} == {("JZ1", person), (number, person)}
    # Later it shows that the staff was mistaken: the stay is somebody else's, and the encounter follows.
    stay = next(s for s in await entries.relief.standing(EPISODES) if s["JZBH"] == number)
    await entries.relief.write((EPISODES, "U", moment(9), {**stay, "XM": "乙某", "SFZH": X}))
    await entries.relief.write((EPISODES, "U", moment(9), {**stay, "JZBH": "JZ2", "XM": "乙某", "SFZH": X}))
    await entries.hub.sync()
    whose = "select beneficiary_id from street_encounter"
    assert await entries.hub.one(whose) == await entries.hub.one(
        "select beneficiary_id from relief_episode where number = $1", number
    )


async def test_a_known_number_is_told_and_a_lost_character_refused(entries: Entries) -> None:
    await entries.find(name="王𠮷")
    done = await entries.enter()
    assert (done.sent, done.refused) == (1, 1)
    assert await entries.states() == [("REFUSED", None, "UNWRITABLE")]
    assert await entries.there() == 0


async def test_a_refusal_says_why(entries: Entries) -> None:
    entries.switches.turn_on("x16-refuses")
    await entries.find()
    await entries.find()
    await entries.enter()
    await entries.answer()
    done = await entries.enter()
    assert (done.accepted, done.refused, entries.switches.count("x16-refuses")) == (1, 1, 1)
    assert (await entries.states())[0] == ("REFUSED", None, "INCOMPLETE")
    assert await entries.enter() == Entered()


@pytest.mark.parametrize(
    "fault", ["x01-answers-late", "x02-answers-twice", "x12-inbox-lost", "x12-inbox-taken"]
)
async def test_what_goes_wrong_over_there(entries: Entries, fault: str) -> None:
    """In the end one stay for each encounter."""
    for _ in range(3):
        await entries.find()
    await entries.enter()
    entries.switches.turn_on(fault)
    await entries.answer()
    assert entries.switches.count(fault) == 1
    for day in (3, 4):
        await entries.enter()
        await entries.answer(day)
    await entries.enter()
    assert [state for state, _, _ in await entries.states()] == ["ACCEPTED"] * 3
    assert len({number for _, number, _ in await entries.states()}) == 3
    assert len(await entries.relief.standing(EPISODES)) == 3
    await entries.hub.sync()
    assert await entries.hub.one("select count(*) from relief_episode") == 3


async def test_a_system_that_is_away_is_tried_again(entries: Entries) -> None:
    await entries.find()
    there = entries.relief.location
    await entries.hub.database.owner.execute("update source set location = 'mysql://reader@127.0.0.1:1/qzk'")
    hub = entries.hub
    first = await enter(hub.database, hub.vault, CONNECTORS)
    assert (first.sent, first.failed) == (0, ["SOURCE_ERROR"])
    assert await entries.states() == [("PENDING", None, None)]
    waits = "select attempt_count, error, round(extract(epoch from next_at - now()) / 60)::int from outgoing"
    row = await hub.database.owner.fetchrow(waits)
    assert row is not None
    assert tuple(row) == (1, "SOURCE_ERROR", 1)
    assert (await enter(hub.database, hub.vault, CONNECTORS)).failed == [], "not before its time"
    for attempt in range(2, 9):
        await hub.database.owner.execute("update outgoing set next_at = now()")
        await enter(hub.database, hub.vault, CONNECTORS)
        row = await hub.database.owner.fetchrow(waits)
        assert row is not None
        assert (row[0], row[2]) == (attempt, min(2 ** (attempt - 1), 60))
    await hub.database.owner.execute("update source set location = $1 where code = $2", there, CODE)
    assert await entries.enter() == Entered(sent=1)
    assert await hub.one("select attempt_count from outgoing") == 0


class Dies:
    """A connector that is killed at one of its two moments: before, or after, it has handed over."""

    name = "relief"
    lists = ReliefSystem.lists
    outgoing = ReliefSystem.outgoing
    extract = ReliefSystem.extract

    def __init__(self, after: bool) -> None:
        self.after = after

    async def enter(self, place: Place, messages: Sequence[Message]) -> Sequence[Receipt]:
        if self.after:
            await ReliefSystem().enter(place, messages)
        raise asyncio.CancelledError


@pytest.mark.parametrize("after", [False, True])
async def test_who_dies_on_the_way_leaves_it_to_the_next(entries: Entries, after: bool) -> None:
    for _ in range(5):
        await entries.find()
    hub = entries.hub
    with pytest.raises(asyncio.CancelledError):
        await enter(hub.database, hub.vault, {"relief": Dies(after)})
    assert await entries.there() == (5 if after else 0)
    assert [state for state, _, _ in await entries.states()] == ["PENDING"] * 5
    await entries.enter()
    assert await entries.there() == 5
    await entries.answer()
    assert (await entries.enter()).accepted == 5
    assert len(await entries.relief.standing(EPISODES)) == 5


KILLS: Final = 4
EACH: Final = 15


async def test_processes_that_are_killed(entries: Entries) -> None:
    """With SIGKILL, when messages have just gone: one stay for each encounter in the end."""
    environment = {
        **os.environ,
        "HUB_DATABASE_URL": (await postgres()).dsn(entries.hub.database.name),
        "HUB_FIELD_KEY": FIELD_KEY,
        "HUB_LOG_LEVEL": "error",
    }
    found = between = 0
    for kill in range(KILLS):
        for _ in range(EACH):
            await entries.find()
        found += EACH
        process = await asyncio.create_subprocess_exec(
            HUB, "enter", CODE, env=environment, stdout=asyncio.subprocess.DEVNULL
        )
        async with asyncio.timeout(60):
            while await entries.there() < found:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.002)
        process.kill()
        await process.wait()
        states = [state for state, _, _ in await entries.states()]
        between += "PENDING" in states
        await entries.answer(2 + kill)
    for day in (7, 8):
        await entries.enter()
        await entries.answer(day)
    await entries.enter()
    assert [state for state, _, _ in await entries.states()] == ["ACCEPTED"] * found
    assert len({number for _, number, _ in await entries.states()}) == found
    assert len(await entries.relief.standing(EPISODES)) == found
    assert between, "some were to be killed between handing over and noting it"


async def test_two_workers_send_nothing_twice(entries: Entries) -> None:
    for _ in range(30):
        await entries.find()
    done = await asyncio.gather(*(entries.enter() for _ in range(3)))
    assert sum(each.sent for each in done) == 30
    assert await entries.there() == 30


async def test_without_its_secret_nothing_is_entered(entries: Entries) -> None:
    await entries.find()
    await entries.hub.register("relief", entries.relief.location)
    await entries.hub.database.owner.execute("update source set secrets = null where code = $1", CODE)
    hub = entries.hub
    assert await enter(hub.database, hub.vault, CONNECTORS) == Entered()
    with pytest.raises(ConfigurationError, match="writer"):
        await entries.enter()
    assert await entries.states() == [("PENDING", None, None)]


class Links:
    """A connector during whose call two files turn out to be of one person."""

    name = "relief"
    lists = ReliefSystem.lists
    outgoing = ReliefSystem.outgoing
    extract = ReliefSystem.extract

    def __init__(self, hub: Filled, *people: int) -> None:
        self.hub, self.people = hub, people

    async def enter(self, place: Place, messages: Sequence[Message]) -> Sequence[Receipt]:
        async with self.hub.database.transaction() as connection:
            await connection.execute(
                "insert into identity_review (county_code, first_id, second_id, status, score, reasons,"
                " found_at, first_print, second_print)"
                " values ($1, $2, $3, 'LINKED', 1, '{}', now(), '', '')",
                COUNTY, *self.people,
            )  # fmt: skip
            await regroup(connection, COUNTY, self.people)
        return await ReliefSystem().enter(place, messages)


async def test_who_is_linked_meanwhile_is_known_by_the_number(entries: Entries) -> None:
    stay = {"JZBH": "JZ1", "XM": "无名氏", "XZQH": "450305001000", "RZRQ": "2026-01-01"}
    await entries.relief.write(
        (EPISODES, "I", moment(1), stay), (EPISODES, "I", moment(1), {**stay, "JZBH": "JZ2"})
    )
    await entries.hub.sync()
    people = [
        row[0] for row in await entries.hub.database.owner.fetch("select id from beneficiary order by id")
    ]
    message = await entries.find(people[1])
    await entries.enter()
    number = (await entries.answer())[message]
    hub = entries.hub
    await hub.database.owner.execute("update outgoing set next_at = now()")
    done = await enter(hub.database, hub.vault, {"relief": Links(hub, *people)})
    assert done == Entered(accepted=1)
    await hub.sync()
    whose = "select beneficiary_id from relief_episode where number = $1"
    assert await hub.one(whose, number) == people[0]
    assert await hub.one("select count(*) from beneficiary") == 1
    await hub.database.owner.execute("truncate beneficiary_apart, identity_review")


@pytest.mark.parametrize(
    ("receipt", "state"),
    [
        ("'1', 'JZ9', '', null", ("ACCEPTED", "JZ9", None)),
        ("'1', '', '', now()", ("SENT", None, None)),
        ("null, null, null, now()", ("SENT", None, None)),
        ("'0', null, '99', null", ("REFUSED", None, "OTHER")),
    ],
)
async def test_receipts_that_lack_something(
    entries: Entries, receipt: str, state: tuple[str | None, ...]
) -> None:
    """What says neither yes nor no is no refusal, and is not handed over again."""
    message = await entries.find()
    await entries.enter()
    await entries.relief.run(
        f"insert into JZ_RECEIPT values (default, '{message}', {receipt})", "delete from JZ_INBOX"
    )
    assert (await entries.enter()).failed == []
    assert (await entries.states(), await entries.there()) == ([state], 0)
    if state[0] == "SENT":
        await entries.relief.run(
            f"insert into JZ_RECEIPT values (default, '{message}', '1', 'JZ8', '', now())"
        )
        assert await entries.enter() == Entered(accepted=1)


async def test_no_message_waits_behind_those_without_an_answer(
    entries: Entries, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "AT_ONCE", 2)
    for _ in range(5):
        await entries.find()
    assert await entries.enter() == Entered(sent=5)
    assert await entries.enter() == Entered(waiting=5)


class Breaks(Dies):
    async def enter(self, place: Place, messages: Sequence[Message]) -> Sequence[Receipt]:
        raise LookupError("of which the text may be about a person")


async def test_what_nobody_thought_of_is_told_and_stops_no_run(entries: Entries) -> None:
    await entries.find()
    hub = entries.hub
    done = await enter(hub.database, hub.vault, {"relief": Breaks(after=False)})
    assert done.failed == ["INTERNAL_ERROR"]
    assert await hub.one("select error from outgoing") == "INTERNAL_ERROR"
