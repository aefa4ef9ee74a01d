"""What a run makes of good rows: one golden row per entity, the winner per column, only what changed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

from hub.store.database import Database
from tests.store import sync_source as source
from tests.store.sync_source import (
    CONTRACTORS,
    CONTRACTS,
    JANUARY,
    MARCH,
    MAY,
    STATIONS,
    TOWNSHIP,
    VILLAGE,
    County,
    batch,
    dibao,
    elder,
    person,
)


def whole_county() -> list[Any]:
    return [
        batch("contractor", CONTRACTORS),
        batch("station", STATIONS),
        batch("contract", CONTRACTS),
        batch("dibao", [dibao(n, f"H{n // 2}", 服务站区划代码=TOWNSHIP) for n in range(6)]),
        batch("elder", [elder(2, 类别="ELDER、DISABLED", 联系电话="1380")]),
        batch("phones", [{"身份证号": person(1), "联系电话": "1390"}]),
        batch(
            "visit", [{"探访编号": "V1", "身份证号": person(3), "探访日期": "2026-01-01", "合同编号": "C1"}]
        ),
    ]


async def test_one_row_fills_several_tables(county: County) -> None:
    report = await county.sync(*whole_county())
    assert (report.read, report.accepted, report.quarantined) == (12, 12, 0)
    person_two = await county.db.owner.fetchrow(
        """
        select b.phone, h.household_number, s.division_code as station,
            array_agg(m.category order by m.category) as categories
        from beneficiary b join household h on h.id = b.household_id join station s on s.id = b.station_id
            join category_membership m on m.beneficiary_id = b.id
        where b.name = '测试2' group by 1, 2, 3"""
    )
    assert dict(person_two or {}) == {
        "phone": "1380",
        "household_number": "H1",
        "station": TOWNSHIP,
        "categories": ["DIBAO", "DISABLED", "ELDER"],
    }
    visit = await county.db.owner.fetchrow("select contract_id, contractor_id from visit")
    assert dict(visit or {}) == {"contract_id": 1, "contractor_id": 1}
    assert report.changed == await county.one("select count(*) from change where operation = 'I'") == 21


async def test_run_twice_is_the_same_state_and_no_change(county: County) -> None:
    await county.sync(*whole_county())
    before = await county.state()
    report = await county.sync(*whole_county())
    assert (report.unchanged, report.accepted, report.changed) == (12, 0, 0)
    assert await county.state() == before


async def test_identity_numbers_are_sealed_and_never_in_a_key(county: County) -> None:
    await county.sync(*whole_county())
    sealed = await county.one("select id_number from beneficiary where name = '测试3'")
    assert county.vault.open(sealed) == person(3)
    for table in ("beneficiary", "beneficiary_record", "household_record", "category_membership", "visit"):
        dump = await county.one(f"select string_agg(t::text, ' ') from {table} t")
        assert person(3) not in dump, table


async def test_lowest_precedence_then_newest_wins_and_null_never_does(county: County) -> None:
    await county.sync(
        batch("elder", [elder(1, 住址="新址", 能力等级="轻度", 联系电话="1")], at=MAY),
        batch("dibao", [dibao(1, 住址="旧址", 联系电话=None)], at=JANUARY),
        batch("phones", [{"身份证号": person(1), "联系电话": "9"}], at=JANUARY),
    )
    row = await county.db.owner.fetchrow("select address, phone, ability_level from beneficiary")
    assert dict(row or {}) == {"address": "旧址", "phone": "9", "ability_level": "轻度"}
    report = await county.sync(batch("phones", [{"身份证号": person(1)}], at=MAY))
    assert await county.one("select phone from beneficiary") == "1"
    assert report.changed == 1


async def test_only_what_changed_is_written(county: County) -> None:
    await county.sync(*whole_county())
    versions = "select id, xmin::text from beneficiary order by id"
    before = await county.all(versions)
    rows = [dibao(n, f"H{n // 2}", 服务站区划代码=TOWNSHIP) for n in range(6)]
    rows[4]["联系电话"] = "1370"
    report = await county.sync(batch("dibao", rows))
    after = await county.all(versions)
    changed = await county.one("select id from beneficiary where phone = '1370'")
    assert [row[0] for row, old in zip(after, before, strict=True) if row != old] == [changed]
    last = await county.all("select entity, entity_id, operation from change where sequence > 21")
    assert [tuple(r) for r in last] == [("beneficiary", changed, "U")]
    assert (report.unchanged, report.accepted, report.changed) == (5, 1, 1)


async def test_a_correction_under_the_same_date_counts_and_so_does_taking_it_back(county: County) -> None:
    for phone in ("1", "2", "1"):
        await county.sync(batch("dibao", [dibao(1, 联系电话=phone)]))
        assert await county.one("select phone from beneficiary") == phone


async def test_an_older_list_changes_nothing(county: County) -> None:
    phone = "select phone from beneficiary"
    new, old = (
        batch("dibao", [dibao(1, 联系电话=at)], at=day) for at, day in (("new", MARCH), ("old", JANUARY))
    )
    await county.sync(new)
    await county.sync(new, old)
    assert await county.one(phone) == "new"
    assert (await county.sync(old, new)).changed == 0
    # Of a source that sends only news nobody knows whether it still says what it said.
    await county.sync(batch("dibao", [dibao(1, 联系电话="older")], at=JANUARY, checkpoint={"at": 1}))
    assert await county.one(phone) == "new"


async def test_an_older_list_put_back_is_the_truth_again(county: County) -> None:
    phone = "select phone from beneficiary"
    good, wrong = (
        batch("dibao", [dibao(1, 联系电话=p)], at=at) for p, at in (("good", MARCH), ("wrong", MAY))
    )
    for told, stands in ((good, "good"), (wrong, "wrong"), (good, "good")):
        await county.sync(told)
        assert await county.one(phone) == stands
    # Nor does an older copy stay unheard once the newer one is gone.
    await county.sync(good, wrong)
    assert await county.one(phone) == "wrong"
    await county.sync(good)
    assert await county.one(phone) == "good"


async def test_a_files_own_time_outranks_no_day_that_is_named(county: County) -> None:
    named = batch("dibao", [dibao(1, 联系电话="named")], at=MARCH)
    copied = replace(
        batch("dibao", [dibao(1, 联系电话="copied")], at=MAY, file="archive/a.xlsx"), dated=False
    )
    for told in ([named, copied], [copied, named], [named], [copied, named]):
        await county.sync(*told)
        assert await county.one("select phone from beneficiary") == "named"


async def test_contradicting_rows_of_one_list_settle_on_one(county: County) -> None:
    both = batch("dibao", [dibao(1, 联系电话="1"), dibao(1, 联系电话="2")])
    await county.sync(both)
    before = await county.state()
    assert (await county.sync(both)).changed == 0
    assert await county.state() == before
    kept = await county.one("select phone from beneficiary")
    other = {"1": "2", "2": "1"}[kept]
    # The row that won is corrected to what the other one says all along.
    await county.sync(batch("dibao", [dibao(1, 联系电话=other), dibao(1, 联系电话=other)]))
    assert await county.one("select phone from beneficiary") == other


async def test_a_row_that_lost_is_heard_when_the_winner_goes(county: County) -> None:
    await county.sync(batch("dibao", [dibao(1, 联系电话="1")]))
    # Another row for the same person, found such that it wins: the greater hash does.
    rivals = iter(range(2, 50))
    rival = dibao(1)
    while await county.one("select phone from beneficiary") == "1":
        rival = dibao(1, 联系电话=str(next(rivals)))
        await county.sync(batch("dibao", [dibao(1, 联系电话="1"), rival]))
    assert (await county.sync(batch("dibao", [dibao(1, 联系电话="1"), rival]))).changed == 0
    await county.sync(batch("dibao", [dibao(1, 联系电话="1"), dibao(1, 联系电话="1")]))
    assert await county.one("select phone from beneficiary") == "1"


async def test_a_list_of_the_year_2062_does_not_win_for_ever(county: County) -> None:
    await county.sync(batch("dibao", [dibao(1, 联系电话="1")], at=MAY.replace(year=2062)))
    observed = await county.one("select observed_at from beneficiary_record")
    assert observed.date() <= source.TODAY.replace(day=source.TODAY.day + 1)


async def test_one_member_without_address_hides_no_other(county: County) -> None:
    await county.sync(batch("dibao", [dibao(1, 住址="一号"), dibao(2, 住址=None), dibao(3, 住址=None)]))
    assert await county.all("select address from household") == [("一号",)]
    assert await county.one("select count(*) from household_record") == 3


async def test_people_without_identity_number_are_found_by_file_number(county: County) -> None:
    nameless = {
        "姓名": "无名氏",
        "档案编号": "F1",
        "区划代码": VILLAGE,
        "类别": "VAGRANT",
        "起始日期": "2026-01-01",
    }
    await county.sync(batch("elder", [nameless, {**nameless, "类别": "ELDER"}]))
    assert await county.one("select count(*) from beneficiary") == 1
    # Later the identity number is learned: the same person, not a second one.
    await county.sync(batch("elder", [elder(5, 档案编号="F1")], at=MAY))
    assert await county.one("select count(*) from beneficiary where id_number_hash is not null") == 1
    assert await county.one("select count(distinct beneficiary_id) from category_membership") == 1


async def test_learned_in_one_batch(county: County) -> None:
    nameless = {
        "姓名": "无名氏",
        "档案编号": "F1",
        "区划代码": VILLAGE,
        "类别": "VAGRANT",
        "起始日期": "2026-01-01",
    }
    await county.sync(batch("elder", [nameless, elder(5, 档案编号="F1"), elder(6, 档案编号="F2")]))
    found = await county.all("select file_number, id_number_hash is not null from beneficiary order by 1")
    assert [tuple(r) for r in found] == [("F1", True), ("F2", True)]


async def test_one_file_number_on_two_identity_numbers_is_two_people(county: County) -> None:
    await county.sync(batch("elder", [elder(5, 档案编号="F1")]))
    await county.sync(batch("elder", [elder(6, 档案编号="F1")]))
    assert await county.one("select count(*) from beneficiary") == 2


async def test_a_corrected_identity_number_takes_its_row_along(county: County) -> None:
    await county.sync(batch("filed", [{"档案编号": "F1", "姓名": "甲", "身份证号": person(1)}]))
    await county.sync(batch("filed", [{"档案编号": "F1", "姓名": "甲", "身份证号": person(2)}]))
    assert await county.all("select id, id_number_hash from beneficiary") == [
        (1, county.vault.blind(person(2)))
    ]
    # But not if another list holds the row to the old number.
    await county.sync(batch("elder", [elder(2)]))
    await county.sync(batch("filed", [{"档案编号": "F1", "姓名": "甲", "身份证号": person(3)}]))
    hashes = await county.all("select id_number_hash from beneficiary order by id")
    assert [r[0] for r in hashes] == [county.vault.blind(person(2)), county.vault.blind(person(3))]
    # What the record said went with it.
    assert await county.all("select file_number from beneficiary order by id") == [(None,), ("F1",)]


async def test_links_are_replaced_when_they_change(county: County) -> None:
    second = "450305002000"
    await county.sync(
        batch("contractor", CONTRACTORS),
        batch("station", [*STATIONS, {"区划代码": second, "名称": "二站"}]),
        batch("contract", CONTRACTS),
    )
    linked = "select s.division_code from contract_station l join station s on s.id = l.station_id order by 1"
    assert await county.all(linked) == [(TOWNSHIP,)]
    report = await county.sync(batch("contract", [{**CONTRACTS[0], "服务站": second}]))
    assert await county.all(linked) == [(second,)]
    assert report.changed == 1
    assert (await county.sync(batch("contract", [{**CONTRACTS[0], "服务站": second}]))).changed == 0


async def test_two_sources_share_an_entity(county: County, db: Database) -> None:
    other = County(db, "api-450305")
    await other.register()
    await county.sync(batch("dibao", [dibao(1, 联系电话="1")], at=MARCH))
    await other.sync(batch("elder", [elder(1, 能力等级="重度", 住址="二号")], at=MAY))
    row = await county.db.owner.fetchrow("select address, ability_level, phone from beneficiary")
    assert dict(row or {}) == {"address": "一号", "ability_level": "重度", "phone": "1"}
    assert await county.one("select count(*) from beneficiary_record") == 2


async def test_a_county_keeps_to_its_own_people(county: County, db: Database) -> None:
    other = County(db, "roster-350582")
    await other.register("350582000000")
    await county.sync(batch("dibao", [dibao(1)]))
    await other.sync(batch("dibao", [dibao(1, 区划代码=source.ELSEWHERE)]))
    assert await county.all("select county_code from beneficiary order by 1") == [("350582",), ("450305",)]


async def test_lists_may_come_in_any_order(county: County) -> None:
    await county.sync(*reversed(whole_county()))
    assert await county.one("select contractor_id from visit") == 1
    assert await county.one("select count(*) from quarantined_row") == 0


PLACES = "select division_code, shown_from_on::text, count(*) from category_membership group by 1, 2"
ELSEWHERE = "450305002000"


async def test_facts_carry_where_their_people_live_and_from_when_they_are_shown(county: County) -> None:
    """The trigger makes neither for facts of a run, which gives both."""
    children = [elder(n, 出生日期="2020-03-01") for n in range(2)]
    await county.db.owner.execute("drop trigger place_of_fact_insert on category_membership")
    try:
        await county.sync(batch("elder", [elder(2), *children]))
        assert set(await county.all(PLACES)) == {(VILLAGE, "2034-03-01", 2), (VILLAGE, "-infinity", 1)}
    finally:
        await county.db.owner.execute(
            "create trigger place_of_fact_insert before insert on category_membership for each row"
            " when (new.division_code is null or new.shown_from_on is null)"
            " execute function keep_place_of_fact()"
        )


async def test_a_new_fact_of_a_person_who_is_moving_waits_and_follows(county: County) -> None:
    await county.sync(batch("elder", [elder(1)]))
    async with county.db.transaction() as moving:
        await moving.execute("update beneficiary set division_code = $1", ELSEWHERE)
        run = asyncio.create_task(county.sync(batch("elder", [elder(1), elder(1, 类别="DISABLED")])))
        async with asyncio.timeout(20):
            while not await county.one("select exists (select from pg_locks where not granted)"):
                assert not run.done()
                await asyncio.sleep(0.01)
    assert (await run).accepted == 1
    assert await county.all(PLACES) == [(ELSEWHERE, "-infinity", 2)]
