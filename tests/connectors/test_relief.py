"""The relief system's stays: a real MariaDB, people without a number, and who turns out to be whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from connectors.emulators import mariadb
from connectors.emulators.logs import Cells, in_gbk
from connectors.emulators.model import Person
from connectors.emulators.relief import EPISODES, Relief
from connectors.emulators.relief_faults import FEW, strike
from connectors.emulators.switches import Switches
from connectors.emulators.world import build_world
from connectors.lists.wording import SchemaDrift
from hub.domain.id_number import make_id_number
from hub.settings import Settings
from tests.connectors.hub_of import CODE, TODAY, Filled, hub_of, moment
from tests.support.logs import captured_logs

COUNTY: Final = "450305"
X, Y = (make_id_number("459999", dt.date(1970, 1, day), day) for day in (1, 2))
WHO: Final = """
    select e.number, e.beneficiary_id as id, b.name, b.id_number_masked as known from relief_episode e
        join beneficiary b on b.county_code = e.county_code and b.id = e.beneficiary_id"""
TEMPLATE: Final[Cells] = {
    "XM": "无名氏",
    "XB": "1",
    "SFZH": "",
    "NL": "约40岁",
    "XZQH": "450305001000",
    "FXDD": "桥下",
    "RZRQ": "2026-05-01",
    "LZRQ": "",
    "FXSJ": "2026-05-01 08:30",
    "FACE_ID": "F1",
    "DNA_NO": "D1",
}


@pytest.fixture(scope="module")
async def database() -> AsyncIterator[Filled]:
    async with hub_of(COUNTY) as filled:
        await filled.open_stations()
        yield filled


@pytest.fixture(scope="module")
def everybody() -> list[Person]:
    world = build_world(seed=3, people=1500, today=TODAY)
    return [person for person in world.people(COUNTY) if "?" not in in_gbk(person.name)]


@pytest.fixture
async def relief(server: int, everybody: list[Person]) -> AsyncIterator[Relief]:
    there = Relief(everybody, server, mariadb.PASSWORD)
    yield there
    await there.run(f"drop table if exists {EPISODES}")


@pytest.fixture
async def empty(relief: Relief, database: Filled) -> Filled:
    """A hub that knows nobody, and a system without a stay."""
    await database.database.owner.execute("truncate source, beneficiary, seen_row, withdrawn_record cascade")
    await relief.publish(moment(1), [])
    await database.register("relief", relief.location, password=mariadb.PASSWORD)
    await database.sync()
    return database


@pytest.fixture
async def hub(relief: Relief, empty: Filled) -> Filled:
    """A hub that has read what was published on the first of the month."""
    await relief.publish(moment(1))
    await empty.sync()
    return empty


async def who(hub: Filled) -> dict[str, tuple[int, str, bool]]:
    """By 救助编号 the person: number, name, and whether an identity number is known."""
    rows = await hub.database.owner.fetch(WHO)
    return {row["number"]: (row["id"], row["name"], row["known"] is not None) for row in rows}


async def column(hub: Filled, name: str, stays: list[str]) -> list[Any]:
    rows = await hub.database.owner.fetch(
        f'select number, "{name}" as it from relief_episode where number = any ($1)', stays
    )
    found = {row["number"]: row["it"] for row in rows}
    return [found[number] for number in stays]


async def say(relief: Relief, hub: Filled, day: int, **stays: Cells) -> dict[str, int]:
    """Writes stays by 救助编号 and syncs; the person of each stay that stands."""
    rows = ((EPISODES, "U", moment(day), {**TEMPLATE, "JZBH": n, **cells}) for n, cells in stays.items())
    await relief.write(*rows)
    await hub.sync()
    assert await hub.reasons() == {}
    return {number: person for number, (person, _, _) in (await who(hub)).items()}


# --- a system that does as it should -----------------------------------------------------------


async def test_every_stay_arrives_once(relief: Relief, hub: Filled) -> None:
    stays, found = relief.stays(), await who(hub)
    assert await hub.reasons() == {}
    assert set(found) == set(stays)
    known = {cells["SFZH"] for cells in stays.values() if cells["SFZH"]}
    unknown = [number for number, cells in stays.items() if not cells["SFZH"]]
    assert len(unknown) > 5
    assert len({person for person, _, _ in found.values()}) == len(known) + len(unknown)
    assert await hub.one("select count(*) from category_membership") == len(stays)
    again = await hub.sync()
    assert (again.read, again.changed) == (0, 0)


async def test_what_is_noted_of_a_stay(relief: Relief, empty: Filled) -> None:
    cells = {"SG": "1.75米", "TMTZ": "左眉有疤", "YZ": "灰色棉衣", "LZRQ": "2026-05-20", "LZFS": "01"}
    await say(
        relief, empty, 2, JZ1={**cells, "HSQX": "某县"}, JZ2={"LZRQ": "2026-05-11", "FXSJ": "2026-05-01"}
    )
    row = dict(await empty.database.owner.fetchrow("select * from relief_episode where number = 'JZ1'") or {})
    assert {name: row[name] for name in ("noted_age_from", "is_age_estimated", "height_cm", "departure")} == {
        "noted_age_from": 40,
        "is_age_estimated": True,
        "height_cm": 175,
        "departure": "ESCORTED",
    }
    assert row["found_at"].isoformat() == "2026-05-01T00:30:00+00:00"
    assert await column(empty, "found_at", ["JZ2"]) == [None]
    # Ten days are no 滞留, eleven are.
    assert await column(empty, "detained_from_on", ["JZ1", "JZ2"]) == [dt.date(2026, 5, 12), None]


async def test_a_stay_of_somebody_who_may_be_a_child(relief: Relief, empty: Filled) -> None:
    ages = {"JZ1": "约17岁", "JZ2": "16-20", "JZ3": "18", "JZ4": ""}
    await say(relief, empty, 2, **{number: {"NL": age} for number, age in ages.items()})
    rows = await empty.database.owner.fetch("""
        select e.number, m.category, e.shown_from_on = 'infinity' as hidden from relief_episode e
        join category_membership m using (county_code, beneficiary_id)""")
    found = {row["number"]: (row["category"], row["hidden"]) for row in rows}
    child, adult = ("VAGRANT_MINOR", True), ("VAGRANT", False)
    assert found == {"JZ1": child, "JZ2": child, "JZ3": adult, "JZ4": adult}


# --- who it is ---------------------------------------------------------------------------------


async def test_who_says_no_name_is_nobody_else(relief: Relief, empty: Filled) -> None:
    people = await say(relief, empty, 2, **{f"JZ{n}": {} for n in range(5)})
    assert len(set(people.values())) == 5
    assert await say(relief, empty, 3, **{f"JZ{n}": {"YZ": "新"} for n in range(5)}) == people


async def test_the_same_person_has_many_stays(relief: Relief, empty: Filled) -> None:
    named = {"XM": "甲某", "SFZH": X}
    people = await say(relief, empty, 2, JZ1=named, JZ2={**named, "XM": "化名"}, JZ3={})
    assert people["JZ1"] == people["JZ2"] != people["JZ3"]
    assert await column(empty, "noted_name", ["JZ1", "JZ2", "JZ3"]) == ["甲某", "化名", "无名氏"]


async def test_who_somebody_is_shows_later(relief: Relief, empty: Filled) -> None:
    """Nobody else has the number: the person stays, and is known from then on."""
    before = await say(relief, empty, 2, JZ1={})
    assert await say(relief, empty, 3, JZ1={"XM": "甲某", "SFZH": X}) == before
    assert (await who(empty))["JZ1"] == (before["JZ1"], "甲某", True)


async def test_two_stays_turn_out_to_be_one_person(relief: Relief, empty: Filled) -> None:
    before = await say(relief, empty, 2, JZ1={}, JZ2={}, JZ3={"SFZH": X, "XM": "甲某"})
    assert len(set(before.values())) == 3
    after = await say(relief, empty, 3, JZ1={"SFZH": X, "XM": "甲某"}, JZ2={"SFZH": X, "XM": "甲某"})
    assert after == dict.fromkeys(after, before["JZ3"])
    assert len(after) == 3
    facts = "select count(distinct beneficiary_id) from category_membership"
    assert await empty.one(facts) == 1, "what the stays say of the person has moved as well"


async def test_a_mistake_about_who_it_is_leaves_nothing_behind(relief: Relief, empty: Filled) -> None:
    """Taken for X, then for Y, then for nobody who is known: each time as if it had never been otherwise."""
    first = await say(relief, empty, 2, JZ1={}, JZ2={"SFZH": X, "XM": "甲某"}, JZ3={"SFZH": Y, "XM": "乙某"})
    alone = await empty.state()
    taken = await say(relief, empty, 3, JZ1={"SFZH": X, "XM": "甲某"})
    assert taken["JZ1"] == first["JZ2"]
    other = await say(relief, empty, 4, JZ1={"SFZH": Y, "XM": "乙某"})
    assert other["JZ1"] == first["JZ3"]
    assert await say(relief, empty, 5, JZ1={}) == first
    after = await empty.state()
    # Only the day on which the one stay was noted differs, and where it was said so.
    same = {name for name in alone if alone[name] == after[name]}
    assert alone.keys() - same <= {"relief_episode", "category_membership", "beneficiary_record"}


async def test_a_number_taken_back_that_nobody_else_holds(relief: Relief, empty: Filled) -> None:
    """The person is who it was, without the number."""
    before = await say(relief, empty, 2, JZ1={"SFZH": X, "XM": "甲某"})
    assert await say(relief, empty, 3, JZ1={}) == before
    assert (await who(empty))["JZ1"] == (before["JZ1"], "无名氏", False)


# --- faults ------------------------------------------------------------------------------------


async def harm(relief: Relief, hub: Filled, tmp_path: Path, name: str, day: int = 9) -> list[str]:
    """What the fault touched; it strikes once, and is counted."""
    switches = Switches(tmp_path / "switches")
    switches.turn_on(name)
    touched = await strike(relief, name, moment(day), switches)
    assert switches.count(name) == 1
    assert await strike(relief, name, moment(day), switches) == []
    return touched


@pytest.mark.parametrize("name", ["x02-sent-again", "x12-filled-again"])
async def test_what_is_sent_again(relief: Relief, hub: Filled, tmp_path: Path, name: str) -> None:
    before = await who(hub)
    touched = await harm(relief, hub, tmp_path, name)
    report = await hub.sync()
    assert report.read == len(touched) == len(before)
    assert (report.withdrawn, await hub.reasons(), await who(hub)) == (0, {}, before)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("x16-new-code", "CODE_UNKNOWN"),
        ("x19-checksum", "ID_CHECKSUM"),
        ("x32-left-before", "PERIOD_REVERSED"),
    ],
)
async def test_what_is_refused(relief: Relief, hub: Filled, tmp_path: Path, name: str, code: str) -> None:
    before = await who(hub)
    touched = await harm(relief, hub, tmp_path, name)
    report = await hub.sync()
    assert report.quarantined == len(touched) == FEW
    assert await hub.reasons() == {f"{EPISODES} {number}": [code] for number in touched}
    assert await who(hub) == before, "a stay that cannot be read stays what it was"
    await relief.publish(moment(10))  # as the system should have said it
    await hub.sync()
    assert await hub.reasons() == {}


async def test_late_and_out_of_order(relief: Relief, hub: Filled, tmp_path: Path) -> None:
    touched = await harm(relief, hub, tmp_path, "x03-out-of-order")
    await hub.sync()
    assert await column(hub, "departure", touched) == ["ON_THEIR_OWN"] * FEW
    late = await harm(relief, hub, tmp_path, "x01-late", day=10)
    await hub.sync()
    assert late == touched
    assert "迟到" not in await column(hub, "clothing", touched), "something newer was said"


async def test_no_change_is_lost_however_the_database_finds_it(relief: Relief, hub: Filled) -> None:
    """With some fifty rows MariaDB begins to look at the newest rows of each record in another way."""
    stays = await relief.standing(EPISODES, FEW)
    numbers = [cells["JZBH"] for cells in stays]
    for turn in range(12):
        said = f"第{turn}次"
        rows = ((EPISODES, "U", moment(3, 9, turn), {**cells, "YZ": said}) for cells in stays)
        await relief.write(*rows)
        assert (await hub.sync()).read == FEW
        assert await column(hub, "clothing", numbers) == [said] * FEW


async def test_two_changes_within_a_second(relief: Relief, hub: Filled, tmp_path: Path) -> None:
    touched = await harm(relief, hub, tmp_path, "x11-same-second")
    await hub.sync()
    assert await column(hub, "clothing", touched) == ["后"]


async def test_aliases_that_repeat(relief: Relief, hub: Filled, tmp_path: Path) -> None:
    before = await who(hub)
    touched = await harm(relief, hub, tmp_path, "x18-no-name")
    report = await hub.sync()
    after = await who(hub)
    assert (report.accepted, await hub.reasons()) == (FEW, {})
    assert {after[number][1] for number in touched} == {"无名氏"}
    assert len({after[number][0] for number in touched}) == FEW
    untouched = before.keys() - set(touched)
    assert {n: after[n] for n in untouched} == {n: before[n] for n in untouched}


async def test_ages_as_people_write_them(relief: Relief, hub: Filled, tmp_path: Path) -> None:
    touched = await harm(relief, hub, tmp_path, "x15-spans")
    await hub.sync()
    ages = [
        await column(hub, name, touched) for name in ("noted_age_from", "noted_age_to", "is_age_estimated")
    ]
    assert ages == [[45, 45, 40, 45, None], [45, 45, 50, 45, None], [None, True, True, True, None]]


async def test_a_field_with_another_name_stops_the_run(relief: Relief, hub: Filled, tmp_path: Path) -> None:
    before = await hub.state()
    await harm(relief, hub, tmp_path, "x13-renamed")
    with pytest.raises(SchemaDrift, match="SFZH"):
        await hub.sync()
    assert await hub.state() == before
    await harm(relief, hub, tmp_path, "x13-named-back")
    await hub.sync()
    assert await hub.state() == before


async def test_stays_that_are_taken_back(relief: Relief, hub: Filled, tmp_path: Path) -> None:
    people = await hub.one("select count(*) from beneficiary")
    touched = await harm(relief, hub, tmp_path, "x10-deleted")
    await hub.sync()
    assert not set(touched) & set(await who(hub))
    assert await hub.one("select count(*) from beneficiary") == people


async def test_faces_and_dna_never_arrive(relief: Relief, empty: Filled) -> None:
    """X35: three such fields and no more, told by number; nothing of them is stored, raw copies included."""
    with captured_logs(Settings()) as lines:
        await relief.write((EPISODES, "I", moment(2), {**TEMPLATE, "JZBH": "JZ1", "FACE_ID": "F-SENTINEL"}))
        await relief.write(
            (EPISODES, "I", moment(2), {**TEMPLATE, "JZBH": "JZ2", "LZFS": "77", "DNA_NO": "D-SENTINEL"})
        )
        await empty.sync()
    assert '"count": 5' in lines.text.replace('"count":5', '"count": 5')
    raw = await empty.database.owner.fetch(
        "select raw from quarantined_row union select raw from waiting_row"
    )
    assert [row for row in raw if "SENTINEL" in str(empty.vault.open(row["raw"]))] == []
    assert len(raw) == 1
    everything = await empty.database.owner.fetchval(
        "select string_agg(t::text, '') from (select to_jsonb(e) from relief_episode e) t"
    )
    assert "SENTINEL" not in everything
    assert await empty.one("select count(*) from source where code = $1", CODE) == 1
