"""The exchange database of social assistance: a real MariaDB, and the faults such databases have."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from connectors.emulators import mariadb
from connectors.emulators.exchange import Exchange, append, in_gbk
from connectors.emulators.model import Person
from connectors.emulators.world import World, build_world
from connectors.lists.wording import SchemaDrift
from hub.errors import ConfigurationError, SourceError
from hub.sync.withdrawal import MassDelete
from tests.connectors.hub_of import TODAY, Filled, at, hub_of, moment
from tests.support.needs import need

COUNTY = "450305"


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[int]:
    if not mariadb.is_there():
        need("mariadbd")
    async with mariadb.served() as port:
        yield port


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
    await run(there, "drop table if exists SAM_FAMILY", "drop table if exists SAM_PEOPLE")
    await run(there, "drop table if exists sam_family", "drop table if exists sam_people")


@pytest.fixture
async def hub(exchange: Exchange) -> AsyncIterator[Filled]:
    async with hub_of(COUNTY) as filled:
        await filled.register("social-assistance", exchange.location, password=mariadb.PASSWORD)
        await filled.open_stations()
        yield filled


async def run(exchange: Exchange, *statements: str) -> None:
    engine = exchange.engine()
    async with engine.begin() as connection:
        for statement in statements:
            await connection.execute(text(statement))
    await engine.dispose()


async def write(exchange: Exchange, table: str, *rows: tuple[str, dt.datetime, dict[str, Any]]) -> None:
    engine = exchange.engine()
    async with engine.begin() as connection:
        await append(connection, table, rows)
    await engine.dispose()


async def standing(exchange: Exchange, table: str, limit: int = 1) -> list[dict[str, Any]]:
    """Cells of rows as the system wrote them, without what the log adds."""
    engine = exchange.engine()
    async with engine.connect() as connection:
        found = await connection.execute(text(f"select * from {table} order by ID limit {limit}"))
        rows = [dict(row) for row in found.mappings()]
    await engine.dispose()
    added = ("ID", "OP_TYPE", "OP_TIME", "SYNC_FLAG", "BATCH_NO")
    return [{k: v for k, v in row.items() if k not in added} for row in rows]


async def truth(exchange: Exchange) -> set[tuple[str, str]]:
    return {(number, str(category)) for number, category in exchange.truth.values()}


async def test_everybody_arrives_and_a_second_run_changes_nothing(exchange: Exchange, hub: Filled) -> None:
    published = await exchange.publish(moment(1))
    report = await hub.sync()
    assert await hub.benefits() == await truth(exchange)
    assert (report.read, report.quarantined) == (published["I"], 0)
    again = await hub.sync()
    assert (again.accepted, again.withdrawn, again.changed) == (0, 0, 0)


async def test_only_what_was_written_since_is_read(exchange: Exchange, hub: Filled) -> None:
    await exchange.publish(moment(1))
    await hub.sync()
    (person,) = await standing(exchange, "SAM_PEOPLE")
    await write(exchange, "SAM_PEOPLE", ("U", moment(5), {**person, "TEL": "15400000001"}))
    report = await hub.sync()
    assert (report.accepted, report.changed) == (1, 1)
    assert (await hub.sync()).read == 0
    assert await hub.one("select count(*) from beneficiary where phone = '15400000001'") == 1


async def test_what_was_under_way_while_others_were_read(exchange: Exchange, hub: Filled) -> None:
    """A transaction takes its IDs, a later one is committed and read, then the first one ends."""
    await exchange.publish(moment(1))
    first, second = await standing(exchange, "SAM_PEOPLE", 2)
    engine = exchange.engine()
    async with engine.begin() as connection:
        await append(connection, "SAM_PEOPLE", [("U", moment(2), {**first, "TEL": "15400000001"})])
        await write(exchange, "SAM_PEOPLE", ("U", moment(2, 9, 5), {**second, "TEL": "15400000002"}))
        assert (await hub.sync()).changed
    await engine.dispose()
    await hub.sync()
    assert await hub.one("select count(*) from beneficiary where starts_with(phone, '1540000000')") == 2


async def test_people_who_leave_and_come(exchange: Exchange, hub: Filled, everybody: list[Person]) -> None:
    half = everybody[: len(everybody) // 2]
    await exchange.publish(moment(1), half)
    await hub.sync()
    exchange.truth.clear()
    published = await exchange.publish(moment(2), everybody[5:])
    assert published["D"]
    await hub.sync()
    assert await hub.benefits() == await truth(exchange)


async def test_who_receives_nothing_any_more(exchange: Exchange, hub: Filled) -> None:
    await exchange.publish(moment(1))
    await hub.sync()
    before = await hub.benefits()
    (person,) = await standing(exchange, "SAM_PEOPLE")
    await write(exchange, "SAM_PEOPLE", ("U", moment(2), {**person, "IS_ASSISTANCE": "0"}))
    await hub.sync()
    assert {number for number, _ in before - await hub.benefits()} == {person["ID_CARD"]}
    await write(exchange, "SAM_PEOPLE", ("U", moment(3), person))
    await hub.sync()
    assert await hub.benefits() == before


async def test_a_corrected_number_moves_a_person_and_makes_none(exchange: Exchange, hub: Filled) -> None:
    from hub.domain.id_number import make_id_number

    await exchange.publish(moment(1))
    await hub.sync()
    count = await hub.one("select count(*) from beneficiary")
    (person,) = await standing(exchange, "SAM_PEOPLE")
    corrected = make_id_number("459999", dt.date(1951, 2, 3), 17)
    await write(exchange, "SAM_PEOPLE", ("U", moment(2), {**person, "ID_CARD": corrected}))
    await hub.sync()
    assert await hub.one("select count(*) from beneficiary") == count
    assert corrected in {number for number, _ in await hub.benefits()}
    assert person["ID_CARD"] not in {number for number, _ in await hub.benefits()}


# --- the catalogue -----------------------------------------------------------------------------


async def test_x1_a_batch_three_days_late(exchange: Exchange, hub: Filled, everybody: list[Person]) -> None:
    await exchange.publish(moment(5), everybody[:60])
    await hub.sync()
    await exchange.publish(moment(2), everybody[:90])  # appended now, dated three days before what was read
    await hub.sync()
    assert await hub.benefits() == await truth(exchange)


async def test_x2_a_batch_sent_again_brings_nothing_back(exchange: Exchange, hub: Filled) -> None:
    await exchange.publish(moment(1))
    (person,) = await standing(exchange, "SAM_PEOPLE")
    await write(exchange, "SAM_PEOPLE", ("D", moment(3), person))
    await hub.sync()
    left = await hub.benefits()
    await write(exchange, "SAM_PEOPLE", ("I", moment(1), person))
    report = await hub.sync()
    assert report.changed == 0
    assert await hub.benefits() == left


async def test_x3_the_end_comes_before_the_beginning(exchange: Exchange, hub: Filled) -> None:
    await exchange.publish(moment(1))
    (family,) = await standing(exchange, "SAM_FAMILY")
    ended = {**family, "END_DATE": "2026-05"}
    await write(exchange, "SAM_FAMILY", ("U", moment(4), ended), ("U", moment(2), family))
    await hub.sync()
    assert await hub.one("select count(*) from category_membership where ends_on = '2026-05-31'") >= 1


async def test_x11_two_rows_of_one_second_straddle_the_mark(exchange: Exchange, hub: Filled) -> None:
    await exchange.publish(moment(1))
    (person,) = await standing(exchange, "SAM_PEOPLE")
    await write(exchange, "SAM_PEOPLE", ("U", moment(2), {**person, "TEL": "15400000001"}))
    await hub.sync()
    await write(exchange, "SAM_PEOPLE", ("U", moment(2), {**person, "TEL": "15400000002"}))
    await hub.sync()
    assert await hub.one("select count(*) from beneficiary where phone = '15400000002'") == 1


async def test_x12_another_reader_takes_the_flags_and_locks_rows(exchange: Exchange, hub: Filled) -> None:
    await exchange.publish(moment(1))
    engine = exchange.engine()
    async with engine.begin() as connection:
        await connection.execute(text("update SAM_PEOPLE set SYNC_FLAG = '1'"))
        await hub.sync()  # while the rows are locked
    await engine.dispose()
    assert await hub.benefits() == await truth(exchange)


async def test_x12_a_table_that_was_emptied_and_filled_again(exchange: Exchange, hub: Filled) -> None:
    await exchange.publish(moment(5))
    await hub.sync()
    (person,) = await standing(exchange, "SAM_PEOPLE")
    await run(exchange, "truncate table SAM_PEOPLE")
    await write(exchange, "SAM_PEOPLE", ("I", moment(5, 10), {**person, "TEL": "15400000001"}))
    await hub.sync()
    assert await hub.one("select count(*) from beneficiary where phone = '15400000001'") == 1


async def test_x13_a_field_is_renamed_and_another_is_new(exchange: Exchange, hub: Filled) -> None:
    await exchange.publish(moment(1))
    await hub.sync()
    before = await hub.benefits()
    await run(exchange, "alter table SAM_PEOPLE rename column ID_CARD to GMSFHM")
    with pytest.raises(SchemaDrift, match=r"SAM_PEOPLE lacks: ID_CARD\. Fields not known: GMSFHM\."):
        await hub.sync()
    assert await hub.benefits() == before
    await run(
        exchange,
        "alter table SAM_PEOPLE rename column GMSFHM to ID_CARD",
        "alter table SAM_PEOPLE add column NEW_FIELD varchar(9) default 'x'",
    )
    assert (await hub.sync()).changed == 0


async def test_x14_names_in_small_letters(exchange: Exchange, hub: Filled) -> None:
    await exchange.publish(moment(1))
    await run(
        exchange,
        "rename table SAM_PEOPLE to sam_people, SAM_FAMILY to sam_family",
        "alter table sam_people rename column ID_CARD to id_card, rename column OP_TIME to op_time",
    )
    await hub.sync()
    assert await hub.benefits() == await truth(exchange)


@pytest.mark.parametrize("nothing", ["", "无", "不详", "-", None])
async def test_x15_words_for_nothing(exchange: Exchange, hub: Filled, nothing: str | None) -> None:
    await exchange.publish(moment(1))
    (person,) = await standing(exchange, "SAM_PEOPLE")
    await write(exchange, "SAM_PEOPLE", ("U", moment(2), {**person, "TEL": nothing, "VIABILITY": ""}))
    report = await hub.sync()
    assert report.quarantined == 0
    assert await hub.benefits() == await truth(exchange)


async def test_x16_a_code_nobody_knows(exchange: Exchange, hub: Filled) -> None:
    await exchange.publish(moment(1))
    (person,) = await standing(exchange, "SAM_PEOPLE")
    await write(exchange, "SAM_PEOPLE", ("U", moment(2), {**person, "VIABILITY": "7"}))
    report = await hub.sync()
    place = f"SAM_PEOPLE {person['PEOPLE_ID']}"
    assert report.quarantined == 1
    assert await hub.reasons() == {place: ["CODE_UNKNOWN"]}
    await write(exchange, "SAM_PEOPLE", ("U", moment(3), person))
    await hub.sync()
    assert await hub.reasons() == {}


async def test_x24_a_character_that_gbk_lacks(exchange: Exchange, hub: Filled) -> None:
    await exchange.publish(moment(1))
    (person,) = await standing(exchange, "SAM_PEOPLE")
    await write(exchange, "SAM_PEOPLE", ("U", moment(2), {**person, "NAME": "王𠮷"}))
    await hub.sync()
    assert list((await hub.reasons()).values()) == [["NAME_LOST_CHARACTER"]]


async def test_x32_the_dead_still_on_the_list_and_a_person_without_a_family(
    exchange: Exchange, hub: Filled
) -> None:
    await exchange.publish(moment(1))
    dead, orphan = await standing(exchange, "SAM_PEOPLE", 2)
    (family,) = await standing(exchange, "SAM_FAMILY")
    open_ended = {**family, "FAMILY_ID": dead["FAMILY_ID"], "END_DATE": "3000-01"}
    await write(exchange, "SAM_FAMILY", ("U", moment(2), open_ended))
    await write(
        exchange,
        "SAM_PEOPLE",
        ("U", moment(2), {**dead, "PERSONAL_STATS_TAG": "03"}),
        ("U", moment(2), {**orphan, "FAMILY_ID": "f" * 32}),
    )
    await hub.sync()
    reasons = await hub.reasons()
    assert reasons[f"SAM_PEOPLE {dead['PEOPLE_ID']}"] == ["DECEASED_WITHOUT_END"]
    assert reasons[f"SAM_PEOPLE {orphan['PEOPLE_ID']}"] == ["REQUIRED"]
    await write(exchange, "SAM_FAMILY", ("I", moment(3), {**family, "FAMILY_ID": "f" * 32}))
    await hub.sync()
    assert f"SAM_PEOPLE {orphan['PEOPLE_ID']}" not in await hub.reasons()


async def test_x35_what_nobody_asked_for_reaches_no_table(exchange: Exchange, hub: Filled) -> None:
    await exchange.publish(moment(1))
    (family,) = await standing(exchange, "SAM_FAMILY")
    (person,) = await standing(exchange, "SAM_PEOPLE")
    await write(exchange, "SAM_PEOPLE", ("U", moment(2), {**person, "VIABILITY": "7"}))
    await hub.sync()
    raw = hub.vault.open(await hub.one("select raw from quarantined_row"))
    assert person["FACE_ID"] not in raw
    assert family["ACCOUNT_NO"] not in raw
    assert family["BANK"] not in raw


# --- the mark, the brake, the door -------------------------------------------------------------


async def test_a_time_that_lies_ahead_is_no_mark(exchange: Exchange, hub: Filled) -> None:
    await exchange.publish(moment(1))
    first, second = await standing(exchange, "SAM_PEOPLE", 2)
    await write(exchange, "SAM_PEOPLE", ("U", dt.datetime(2062, 1, 1), first))
    await hub.sync()
    await run(exchange, "set @now = now()")
    await write(exchange, "SAM_PEOPLE", ("U", moment(2), {**second, "TEL": "15400000001"}))
    await hub.sync()
    assert await hub.one("select count(*) from beneficiary where phone = '15400000001'") == 1


async def test_x10_a_system_that_deletes_half_its_people_is_asked(
    exchange: Exchange, hub: Filled, everybody: list[Person]
) -> None:
    await exchange.publish(moment(1))
    await hub.sync()
    before = await hub.benefits()
    await exchange.publish(moment(2), everybody[len(everybody) // 2 :])
    with pytest.raises(MassDelete):
        await hub.sync()
    assert await hub.benefits() == before
    await hub.sync(accept_losses=True)
    assert len(await hub.benefits()) < len(before)


async def test_a_wrong_password_and_a_closed_port_are_sentences(exchange: Exchange, hub: Filled) -> None:
    await exchange.publish(moment(1))
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


async def test_rows_keep_the_time_their_source_gave_them(exchange: Exchange, hub: Filled) -> None:
    await exchange.publish(moment(1))
    await hub.sync()
    told = await hub.one("select max(observed_at) from beneficiary_record")
    assert told.replace(microsecond=0) == at(moment(1))


def test_nobody_of_the_world_is_unlisted(everybody: list[Person]) -> None:
    kinds = [m.list_kind for p in everybody for m in p.memberships]
    assert kinds.count("dibao") > 50
