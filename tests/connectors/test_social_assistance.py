"""The exchange database of social assistance: a real MariaDB, and the faults such databases have."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from connectors.emulators import mariadb
from connectors.emulators.exchange import Exchange, append, in_gbk
from connectors.emulators.exchange_faults import strike
from connectors.emulators.model import Person
from connectors.emulators.switches import Switches
from connectors.emulators.world import World, build_world
from connectors.lists.wording import SchemaDrift
from hub.domain.id_number import make_id_number
from hub.errors import ConfigurationError, SourceError
from hub.sync.withdrawal import MassDelete
from tests.connectors.hub_of import TODAY, Filled, at, hub_of, moment

COUNTY = "450305"


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(seed=3, people=1500, today=TODAY)


@pytest.fixture(scope="module")
def everybody(world: World) -> list[Person]:
    """But those whose names GBK cannot write, and who are therefore refused: see X24."""
    return [person for person in world.people(COUNTY) if "?" not in in_gbk(person.name)]


@pytest.fixture
async def exchange(server: int, everybody: list[Person]) -> AsyncIterator[Exchange]:
    there = Exchange(everybody, server, mariadb.PASSWORD)
    yield there
    names = ("SAM_FAMILY", "SAM_PEOPLE", "sam_family", "sam_people")
    await there.run(*(f"drop table if exists {name}" for name in names))


@pytest.fixture
async def hub(exchange: Exchange) -> AsyncIterator[Filled]:
    """A hub that has read what was published on the first of the month."""
    await exchange.publish(moment(1))
    async with hub_of(COUNTY) as filled:
        await filled.register("social-assistance", exchange.location, password=mariadb.PASSWORD)
        await filled.open_stations()
        await filled.sync()
        yield filled


async def truth(exchange: Exchange) -> set[tuple[str, str]]:
    return exchange.truth.facts()


async def drifts(hub: Filled) -> list[tuple[str, str]]:
    rows = await hub.database.owner.fetch("select kind, name from source_drift order by id")
    return [(row["kind"], row["name"]) for row in rows]


def phones(hub: Filled) -> Any:
    return hub.one("select count(*) from beneficiary where starts_with(phone, '1540000000')")


def places(people: list[dict[str, Any]]) -> set[str]:
    return {f"SAM_PEOPLE {person['PEOPLE_ID']}" for person in people}


# --- a system that does as it should -----------------------------------------------------------


async def test_everybody_arrives_and_a_second_run_changes_nothing(exchange: Exchange, hub: Filled) -> None:
    assert await hub.benefits() == await truth(exchange)
    assert await hub.reasons() == {}
    again = await hub.sync()
    assert (again.read, again.changed) == (0, 0)


async def test_only_what_was_written_since_is_read(exchange: Exchange, hub: Filled) -> None:
    (person,) = await exchange.standing("SAM_PEOPLE", 1)
    await exchange.write(("SAM_PEOPLE", "U", moment(5), {**person, "TEL": "15400000001"}))
    report = await hub.sync()
    assert (report.read, report.changed) == (1, 1)
    assert await phones(hub) == 1


async def test_what_was_under_way_while_others_were_read(exchange: Exchange, hub: Filled) -> None:
    """A transaction takes its IDs, a later one is committed and read, then the first one ends."""
    first, second = await exchange.standing("SAM_PEOPLE", 2)
    engine = exchange.engine()
    async with engine.begin() as connection:
        await append(connection, "SAM_PEOPLE", [("U", moment(2), {**first, "TEL": "15400000001"})])
        await exchange.write(("SAM_PEOPLE", "U", moment(2, 9, 5), {**second, "TEL": "15400000002"}))
        await hub.sync()
        assert await phones(hub) == 1
    await engine.dispose()
    await hub.sync()
    assert await phones(hub) == 2


async def test_people_who_leave(exchange: Exchange, hub: Filled, everybody: list[Person]) -> None:
    exchange.truth.clear()
    published = await exchange.publish(moment(2), everybody[40:])
    assert published["D"]
    await hub.sync(accept_losses=True)
    assert await hub.benefits() == await truth(exchange)


async def test_who_receives_nothing_any_more(exchange: Exchange, hub: Filled) -> None:
    before = await hub.benefits()
    (person,) = await exchange.standing("SAM_PEOPLE", 1)
    await exchange.write(("SAM_PEOPLE", "U", moment(2), {**person, "IS_ASSISTANCE": "0"}))
    await hub.sync()
    assert {number for number, _ in before - await hub.benefits()} == {person["ID_CARD"]}
    await exchange.write(("SAM_PEOPLE", "U", moment(3), person))
    await hub.sync()
    assert await hub.benefits() == before


async def test_a_corrected_number_moves_a_person_and_makes_none(exchange: Exchange, hub: Filled) -> None:
    count = await hub.one("select count(*) from beneficiary")
    (person,) = await exchange.standing("SAM_PEOPLE", 1)
    corrected = make_id_number("459999", dt.date(1951, 2, 3), 17)
    await exchange.write(("SAM_PEOPLE", "U", moment(2), {**person, "ID_CARD": corrected}))
    await hub.sync()
    assert await hub.one("select count(*) from beneficiary") == count
    numbers = {number for number, _ in await hub.benefits()}
    assert (corrected in numbers, person["ID_CARD"] in numbers) == (True, False)


async def test_rows_keep_the_time_their_source_gave_them(hub: Filled) -> None:
    told = await hub.one("select max(observed_at) from beneficiary_record")
    assert told.replace(microsecond=0) == at(moment(1))


async def test_people_wait_for_their_station(exchange: Exchange, hub: Filled) -> None:
    """Of a source that sends only news, which will not say them again."""
    await hub.database.owner.execute("truncate station cascade")
    (person,) = await exchange.standing("SAM_PEOPLE", 1)
    await exchange.write(("SAM_PEOPLE", "U", moment(2), {**person, "TEL": "15400000001"}))
    await hub.sync()
    at_station = "select count(*) from beneficiary where phone = '15400000001' and station_id is not null"
    assert await hub.one(at_station) == 0
    await hub.open_stations()
    await hub.sync()
    assert await hub.one(at_station) == 1
    assert (await hub.sync()).read == 0


# --- the catalogue of faults -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "codes"),
    [
        ("x16-new-code", ["CODE_UNKNOWN"]),
        ("x24-lost-characters", ["NAME_LOST_CHARACTER"]),
        ("x32-dead", ["DECEASED_WITHOUT_END"]),
        ("x32-without-family", ["REQUIRED"]),
    ],
)
async def test_what_cannot_be_read_is_set_aside_and_comes_back(
    exchange: Exchange, hub: Filled, fault: str, codes: list[str]
) -> None:
    """As many rows as the fault touched, each with its reason; what was held of them stays."""
    before, people = await hub.benefits(), await exchange.standing("SAM_PEOPLE")
    touched = await strike(exchange, fault, moment(2))
    report = await hub.sync()
    assert report.quarantined == touched > 0
    assert list((await hub.reasons()).values()) == [codes] * touched
    assert set(await hub.reasons()) <= places(people)
    assert await hub.benefits() == before
    await exchange.write(*(("SAM_PEOPLE", "U", moment(3), person) for person in people))
    ends = [{**family, "END_DATE": "2026-12"} for family in await exchange.standing("SAM_FAMILY")]
    await exchange.write(*(("SAM_FAMILY", "U", moment(3), family) for family in ends))
    await hub.sync()
    assert await hub.reasons() == {}
    assert await hub.benefits() == before


async def test_a_refused_record_that_is_deleted_needs_no_correction(exchange: Exchange, hub: Filled) -> None:
    people = await exchange.standing("SAM_PEOPLE", 5)
    await strike(exchange, "x16-new-code", moment(2))
    await hub.sync()
    assert len(await hub.reasons()) == len(people)
    await exchange.write(*(("SAM_PEOPLE", "D", moment(3), person) for person in people))
    await hub.sync()
    assert await hub.reasons() == {}


@pytest.mark.parametrize("fault", ["x02-sent-again", "x12-flags-taken", "x12-filled-again", "x13-added"])
async def test_what_means_nothing_changes_nothing(exchange: Exchange, hub: Filled, fault: str) -> None:
    (person,) = await exchange.standing("SAM_PEOPLE", 1)
    await exchange.write(("SAM_PEOPLE", "D", moment(2), person))
    await hub.sync()
    before = await hub.benefits()
    assert await strike(exchange, fault, moment(3)) > 0
    report = await hub.sync()
    assert (report.changed, report.quarantined, report.withdrawn) == (0, 0, 0)
    assert await hub.benefits() == before


async def test_x1_rows_three_days_late(exchange: Exchange, hub: Filled) -> None:
    (family,) = await exchange.standing("SAM_FAMILY", 1)
    await exchange.write(("SAM_FAMILY", "U", moment(9), {**family, "FAMILY_SIZE": "7"}))
    await hub.sync()
    touched = await strike(exchange, "x01-late", moment(9))
    await hub.sync()
    assert await phones(hub) == touched


async def test_x3_the_end_comes_before_the_change_that_was_made_earlier(
    exchange: Exchange, hub: Filled
) -> None:
    await strike(exchange, "x03-out-of-order", moment(4))
    await hub.sync()
    assert await hub.one("select count(*) from category_membership where ends_on = '2026-06-30'") >= 1


async def test_x11_two_changes_of_one_second_straddle_the_mark(exchange: Exchange, hub: Filled) -> None:
    await strike(exchange, "x11-same-second", moment(2))
    await hub.sync()
    assert await hub.one("select count(*) from beneficiary where phone = '15400000002'") == 1
    (person,) = await exchange.standing("SAM_PEOPLE", 1)
    await exchange.write(("SAM_PEOPLE", "U", moment(2), {**person, "TEL": "15400000003"}))
    await hub.sync()
    assert await hub.one("select count(*) from beneficiary where phone = '15400000003'") == 1


async def test_no_change_is_lost_however_the_database_finds_it(exchange: Exchange, hub: Filled) -> None:
    """As a log grows MariaDB begins to look at the newest rows of each record in another way."""
    people = await exchange.standing("SAM_PEOPLE", 5)
    for turn in range(16):
        phone = f"154000010{turn:02}"
        rows = (("SAM_PEOPLE", "U", moment(3, 9, turn), {**person, "TEL": phone}) for person in people)
        await exchange.write(*rows)
        assert (await hub.sync()).read == 5
        assert await hub.one("select count(*) from beneficiary where phone = $1", phone) == 5


async def test_x12_rows_that_another_has_locked(exchange: Exchange, hub: Filled) -> None:
    (person,) = await exchange.standing("SAM_PEOPLE", 1)
    await exchange.write(("SAM_PEOPLE", "U", moment(2), {**person, "TEL": "15400000001"}))
    engine = exchange.engine()
    async with engine.begin() as connection:
        await connection.execute(text("update SAM_PEOPLE set SYNC_FLAG = '1'"))
        await hub.sync()
    await engine.dispose()
    assert await phones(hub) == 1


async def test_x13_a_field_is_renamed(exchange: Exchange, hub: Filled) -> None:
    before = await hub.benefits()
    await strike(exchange, "x13-renamed", moment(2))
    with pytest.raises(SchemaDrift, match=r"SAM_PEOPLE lacks: ID_CARD\. Fields not known: GMSFHM\."):
        await hub.sync()
    assert await hub.benefits() == before
    assert await hub.one("select failure_count from source") == 1
    assert await drifts(hub) == [("COLUMN_GONE", "ID_CARD"), ("COLUMN_CAME", "GMSFHM")]
    await strike(exchange, "x13-named-back", moment(2))
    assert (await hub.sync()).changed == 0
    assert (await drifts(hub))[2:] == [("COLUMN_GONE", "GMSFHM"), ("COLUMN_CAME", "ID_CARD")]


async def test_x14_names_in_small_letters(exchange: Exchange, hub: Filled) -> None:
    (person,) = await exchange.standing("SAM_PEOPLE", 1)
    await exchange.write(("SAM_PEOPLE", "U", moment(2), {**person, "TEL": "15400000001"}))
    await strike(exchange, "x14-small-letters", moment(2))
    report = await hub.sync()
    assert (report.read, report.changed) == (1, 1)


async def test_x15_words_for_nothing(exchange: Exchange, hub: Filled) -> None:
    touched = await strike(exchange, "x15-words-for-nothing", moment(2))
    report = await hub.sync()
    assert (report.read, report.quarantined) == (touched, 0)
    assert await hub.benefits() == await truth(exchange)


async def test_x35_what_nobody_asked_for_reaches_no_table(exchange: Exchange, hub: Filled) -> None:
    (family,) = await exchange.standing("SAM_FAMILY", 1)
    (person,) = await exchange.standing("SAM_PEOPLE", 1)
    await strike(exchange, "x16-new-code", moment(2))
    await hub.sync()
    rows = await hub.database.owner.fetch("select raw from quarantined_row")
    raw = "".join(hub.vault.open(row["raw"]) for row in rows)
    assert person["ID_CARD"] in raw
    assert not [each for each in (person["FACE_ID"], family["ACCOUNT_NO"], family["BANK"]) if each in raw]
    first = "run_id = (select min(run_id) from dropped_cells)"
    dropped = await hub.database.owner.fetch(f"select * from dropped_cells where {first}")
    told = {(row["list_kind"], row["field_class"]): (row["cell_count"], row["names"]) for row in dropped}
    families, people = [len(await exchange.standing(name, 10_000)) for name in ("SAM_FAMILY", "SAM_PEOPLE")]
    assert told["assistance_family", "BANK"] == (2 * families, ["ACCOUNT_NO", "BANK"])
    assert told["assistance", "BIOMETRIC"] == (people, ["FACE_ID"])
    assert {name for _, names in told.values() for name in names} == {
        "ACCOUNT_NO", "BANK", "FACE_ID", "SYNC_FLAG"
    }, "what nobody asked for, and no more"  # fmt: skip


# --- the mark, the brake, the door -------------------------------------------------------------


async def test_a_time_that_lies_ahead_is_no_mark(exchange: Exchange, hub: Filled) -> None:
    first, second = await exchange.standing("SAM_PEOPLE", 2)
    await exchange.write(("SAM_PEOPLE", "U", dt.datetime(2062, 1, 1), first))
    await hub.sync()
    await exchange.write(("SAM_PEOPLE", "U", moment(2), {**second, "TEL": "15400000001"}))
    await hub.sync()
    assert await phones(hub) == 1


async def test_x10_a_system_that_deletes_half_its_people_is_asked(exchange: Exchange, hub: Filled) -> None:
    before = await hub.benefits()
    touched = await strike(exchange, "x10-half-deleted", moment(2))
    with pytest.raises(MassDelete):
        await hub.sync()
    assert await hub.benefits() == before
    await hub.sync(accept_losses=True)
    assert len(await hub.benefits()) == len(before) - touched


async def test_a_wrong_password_and_a_closed_port_are_sentences(exchange: Exchange, hub: Filled) -> None:
    await hub.register("social-assistance", exchange.location, password="nothing-of-the-kind")
    with pytest.raises(SourceError, match=r"did not deliver \(OperationalError\)") as told:
        await hub.sync()
    assert "reader" not in str(told.value)
    await hub.register("social-assistance", exchange.location.replace(str(exchange.port), "9"))
    with pytest.raises(SourceError, match="did not deliver"):
        await hub.sync()
    assert "reader" not in await hub.one("select error from sync_run order by id desc limit 1")


async def test_without_its_password_a_source_says_what_it_needs(exchange: Exchange) -> None:
    async with hub_of(COUNTY) as filled:
        await filled.register("social-assistance", exchange.location)
        with pytest.raises(ConfigurationError, match="a secret named password"):
            await filled.sync()
        with pytest.raises(ConfigurationError, match="no password in the location"):
            await filled.register("social-assistance", "mysql://reader:word@127.0.0.1/qzk")


async def test_faults_are_switched_on_and_counted(exchange: Exchange, tmp_path: Path) -> None:
    await exchange.publish(moment(1))
    switches = Switches(tmp_path)
    assert await strike(exchange, "x15-words-for-nothing", moment(2), switches) == 0
    switches.turn_on("x15-words-for-nothing", 2)
    for _ in range(3):
        await strike(exchange, "x15-words-for-nothing", moment(2), switches)
    assert switches.count("x15-words-for-nothing") == 2
