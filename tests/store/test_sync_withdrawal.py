"""What a source deletes: said, or shown by a list that is complete; late batches, and the brake."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from hub.store.database import Database
from hub.sync.connector import Batch
from hub.sync.run import run_source
from hub.sync.withdrawal import MassDelete
from tests.store import sync_source as source
from tests.store.sync_source import JANUARY, MARCH, MAY, TODAY, County, batch, dibao, elder, person, rows

MEMBERSHIPS = """
    select b.name, m.category from category_membership m
        join beneficiary b on b.id = m.beneficiary_id order by 1, 2"""
TOLD = "select b.name, r.phone from beneficiary_record r join beneficiary b on b.id = r.entity_id order by 1"
NEWS = {"since": 1}
"""Of a source that sends news."""


@pytest.fixture
async def county(db: Database) -> County:
    await source.empty(db)
    await db.owner.execute("truncate withdrawn_record")
    county = County(db)
    await county.register()
    return county


def news(kind: str, cells: Sequence[dict[str, Any]], at: Any = MARCH, **more: Any) -> Batch:
    return replace(batch(kind, cells, at=at, checkpoint=NEWS), **more)


def deletes(kind: str, cells: Sequence[dict[str, Any]], at: Any = MAY) -> Batch:
    return news(kind, [], at, deleted=rows(cells))


def whole(cells: Sequence[dict[str, Any]], at: Any) -> Batch:
    return news("elder", cells, at, ends=True)


# --- said --------------------------------------------------------------------------------------


async def test_a_deleted_row_takes_its_facts_and_its_statement(county: County) -> None:
    await county.sync(news("elder", [elder(1), elder(2)]))
    report = await county.sync(deletes("elder", [elder(1)]))
    assert (report.read, report.accepted, report.withdrawn) == (1, 1, 2)
    assert await county.all(MEMBERSHIPS) == [("测试2", "ELDER")]
    assert await county.all(TOLD) == [("测试2", None)]
    assert await county.one("select count(*) from beneficiary") == 2, "a person's file stays"
    assert await county.all(
        "select entity, operation from change where operation not in ('I', 'L') order by entity"
    ) == [("beneficiary", "F"), ("category_membership", "D")]
    assert await county.one("select withdrawn_count from sync_run order by id desc limit 1") == 2


async def test_a_deleted_row_needs_its_key_and_no_more(county: County) -> None:
    await county.sync(news("elder", [elder(1)]))
    key = {"身份证号": person(1), "类别": "ELDER", "起始日期": "2025-02-01"}
    await county.sync(deletes("elder", [key]))
    assert await county.all(MEMBERSHIPS) == []


async def test_a_deletion_without_its_key_deletes_nothing_and_is_told(county: County) -> None:
    await county.sync(news("elder", [elder(1)]))
    report = await county.sync(deletes("elder", [elder(1, 身份证号="4")]))
    assert (report.quarantined, report.withdrawn) == (1, 0)
    assert await county.all(MEMBERSHIPS) == [("测试1", "ELDER")]
    assert await county.one("select reason_codes from quarantined_row") == ["ID_LENGTH"]


async def test_a_person_stays_while_another_row_of_the_list_speaks_of_them(county: County) -> None:
    other = elder(1, 类别="DISABLED", 起始日期="2025-03-01")
    await county.sync(news("elder", [elder(1), other]))
    await county.sync(deletes("elder", [elder(1)]))
    assert await county.all(MEMBERSHIPS) == [("测试1", "DISABLED")]
    assert len(await county.all(TOLD)) == 1
    await county.sync(deletes("elder", [other]))
    assert await county.all(TOLD) == []


async def test_the_golden_row_takes_what_others_say(county: County) -> None:
    first, second = (elder(1, 联系电话=phone) for phone in ("154001", "154002"))
    other = County(county.db, "other")
    await other.register()
    await other.sync(news("elder", [second], JANUARY))
    await county.sync(news("elder", [first]))
    assert await county.one("select phone from beneficiary") == "154001"
    await county.sync(deletes("elder", [first]))
    assert await county.one("select phone from beneficiary") == "154002"
    assert await county.all(MEMBERSHIPS) == [("测试1", "ELDER")], "what the other source says stays"


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
async def test_the_order_of_arrival_does_not_matter(county: County, order: Sequence[int]) -> None:
    """X2, X3: said in January, deleted in March, said again in May."""
    said = [
        news("elder", [elder(1, 联系电话="154001")], JANUARY),
        deletes("elder", [elder(1)], MARCH),
        news("elder", [elder(1, 联系电话="154002")], MAY),
    ]
    for place in order:
        await county.sync(said[place])
    assert await county.all(TOLD) == [("测试1", "154002")]
    assert await county.all(MEMBERSHIPS) == [("测试1", "ELDER")]


async def test_a_batch_sent_again_brings_nothing_back(county: County) -> None:
    said, deleted = news("elder", [elder(1)]), deletes("elder", [elder(1)])
    for each, left in ((said, 1), (deleted, 0), (said, 0), (deleted, 0), (said, 0)):
        await county.sync(each)
        assert len(await county.all(MEMBERSHIPS)) == left
    assert await county.one("select count(*) from withdrawn_record") == 2


async def test_said_and_deleted_in_one_run(county: County) -> None:
    await county.sync(news("elder", [elder(1), elder(2)]), deletes("elder", [elder(1)]))
    assert await county.all(MEMBERSHIPS) == [("测试2", "ELDER")]
    await county.sync(deletes("elder", [elder(2)], MARCH), news("elder", [elder(2)], MAY))
    assert await county.all(MEMBERSHIPS) == [("测试2", "ELDER")]


async def test_rows_have_times_of_their_own(county: County) -> None:
    """X11: of one batch, one row was written before the deletion, the other after."""
    before, after = rows([elder(1), elder(2)])
    batch_ = news("elder", [], rows=[replace(before, observed_at=JANUARY), replace(after, observed_at=MAY)])
    await county.sync(deletes("elder", [elder(1), elder(2)], MARCH))
    await county.sync(batch_)
    assert await county.all(MEMBERSHIPS) == [("测试2", "ELDER")]


async def test_the_same_cells_twice_in_a_slice_the_later_as_news(county: County) -> None:
    row = rows([elder(1)])[0]
    await county.sync(news("elder", [elder(1)], JANUARY))
    await county.sync(deletes("elder", [elder(1)], MARCH))
    again = [replace(row, observed_at=JANUARY), replace(row, observed_at=MAY)]
    report = await county.sync(news("elder", [], rows=again))
    assert await county.all(MEMBERSHIPS) == [("测试1", "ELDER")]
    assert report.read == 2


# --- shown by a complete list ------------------------------------------------------------------


async def test_who_a_complete_list_does_not_have_is_withdrawn(county: County) -> None:
    await county.sync(whole([elder(n) for n in range(12)], JANUARY))
    report = await county.sync(whole([elder(n) for n in range(10)], MARCH))
    assert report.withdrawn == 4
    assert len(await county.all(MEMBERSHIPS)) == 10
    await county.sync(whole([elder(n) for n in range(12)], MAY))
    assert len(await county.all(MEMBERSHIPS)) == 12


async def test_lists_that_are_not_complete_say_nothing_of_who_is_absent(county: County) -> None:
    await county.sync(whole([elder(1)], JANUARY), news("dibao", [dibao(2)], JANUARY))
    await county.sync(whole([elder(3)], MARCH))
    assert [name for name, _ in await county.all(MEMBERSHIPS)] == ["测试2", "测试3"]


async def test_a_refused_row_still_stands_on_its_list(county: County) -> None:
    await county.sync(whole([elder(1), elder(2), elder(3)], JANUARY))
    report = await county.sync(whole([elder(1, 终止日期="2020-01-01"), elder(2)], MARCH))
    assert report.quarantined == 1
    assert [name for name, _ in await county.all(MEMBERSHIPS)] == ["测试1", "测试2"]


async def test_nothing_is_withdrawn_while_nobody_knows_whose_a_row_is(county: County) -> None:
    await county.sync(whole([elder(1), elder(2)], JANUARY))
    report = await county.sync(whole([elder(1), elder(2, 身份证号="4")], MARCH))
    assert (report.quarantined, report.withdrawn) == (1, 0)
    assert len(await county.all(MEMBERSHIPS)) == 2
    await county.sync(whole([elder(1)], MAY))
    assert await county.all(MEMBERSHIPS) == [("测试1", "ELDER")]


async def test_a_row_that_changes_on_a_complete_list_is_not_gone(county: County) -> None:
    await county.sync(whole([elder(1), elder(2)], JANUARY))
    report = await county.sync(whole([elder(1, 联系电话="154002"), elder(2)], MARCH))
    assert report.withdrawn == 0
    assert await county.all(TOLD) == [("测试1", "154002"), ("测试2", None)]
    assert len(await county.all(MEMBERSHIPS)) == 2


async def test_a_complete_list_says_its_rows_whatever_day_they_name(county: County) -> None:
    """A row of January that is left out in March and stands there again in May."""
    dated = [replace(row, observed_at=JANUARY) for row in rows([elder(1), elder(2)])]
    await county.sync(replace(whole([], JANUARY), rows=dated))
    await county.sync(replace(whole([], MARCH), rows=dated[:1]))
    assert await county.all(MEMBERSHIPS) == [("测试1", "ELDER")]
    await county.sync(replace(whole([], MAY), rows=dated))
    assert len(await county.all(MEMBERSHIPS)) == 2
    assert await county.one("select count(*) from withdrawn_record") == 0


async def test_an_older_complete_list_says_nothing_of_who_came_later(county: County) -> None:
    await county.sync(whole([elder(1)], MAY))
    await county.sync(whole([], MARCH))
    assert await county.all(MEMBERSHIPS) == [("测试1", "ELDER")]


async def test_rows_of_a_complete_list_may_have_been_written_long_ago(county: County) -> None:
    """What changed stands under its key; who was missing for once comes back as it was."""
    first, second = (replace(row, observed_at=JANUARY) for row in rows([elder(1), elder(2)]))
    (changed,) = (replace(row, observed_at=MARCH) for row in rows([elder(1, 联系电话="154001")]))
    late = MAY.replace(day=MAY.day + 1)
    await county.sync(replace(whole([], MARCH), rows=[first, second]))
    report = await county.sync(replace(whole([], MAY), rows=[changed]))
    assert report.withdrawn == 2
    assert await county.all(TOLD) == [("测试1", "154001")]
    await county.sync(replace(whole([], late), rows=[changed, second]))
    assert [name for name, _ in await county.all(MEMBERSHIPS)] == ["测试1", "测试2"]


async def test_what_waits_for_its_station_goes_with_its_list(county: County) -> None:
    """A hub that said it again itself would keep it for ever."""
    waits = elder(2, 服务站区划代码="450305009000")
    await county.sync(news("elder", [elder(1), waits], JANUARY))
    assert await county.one("select count(*) from waiting_row") == 1
    await county.sync(whole([elder(1), waits], MARCH))
    assert len(await county.all(MEMBERSHIPS)) == 2
    await county.sync(whole([elder(1)], MAY))
    assert await county.one("select count(*) from waiting_row") == 0
    assert await county.all(MEMBERSHIPS) == [("测试1", "ELDER")]


async def test_a_complete_list_that_lags_behind_keeps_the_newer_row(county: County) -> None:
    old, new = rows([elder(1), elder(1, 联系电话="154001")])
    old, new = replace(old, observed_at=JANUARY), replace(new, observed_at=MARCH)
    for row, day in ((old, 1), (new, 2), (old, 3), (old, 4), (new, 5), (old, 6)):
        await county.sync(replace(whole([], MAY.replace(day=day)), rows=[row]))
        assert await county.all(MEMBERSHIPS) == [("测试1", "ELDER")]
    assert await county.all(TOLD) == [("测试1", "154001")]


# --- the brake ---------------------------------------------------------------------------------


async def test_a_list_that_lost_forty_percent_stops_and_asks(county: County) -> None:
    """X10."""
    await county.sync(whole([elder(n) for n in range(50)], JANUARY))
    half = whole([elder(n) for n in range(30)], MARCH)
    for _ in range(2):
        with pytest.raises(MassDelete, match=r"elder would lose 20 of 50 records of \w+, more than 10"):
            await county.sync(half)
    assert len(await county.all(MEMBERSHIPS)) == 50
    failed = await county.one("select error from sync_run order by id desc limit 1")
    assert failed.startswith("MASS_DELETE_STOPPED")
    county.connector.batches = [half]
    told = {"told": county.connector}
    await run_source(county.db, county.vault, told, county.code, today=TODAY, accept_losses=True)
    assert len(await county.all(MEMBERSHIPS)) == 30


async def test_a_source_may_lose_as_much_as_its_registration_says(county: County) -> None:
    await county.sync(whole([elder(n) for n in range(50)], JANUARY))
    await county.db.owner.execute("update source set most_lost_percent = 40")
    await county.sync(whole([elder(n) for n in range(30)], MARCH))
    assert len(await county.all(MEMBERSHIPS)) == 30


async def test_deletions_one_by_one_are_braked_too(county: County) -> None:
    await county.sync(news("elder", [elder(n) for n in range(20)]))
    with pytest.raises(MassDelete):
        await county.sync(deletes("elder", [elder(n) for n in range(11)]))
    await county.sync(deletes("elder", [elder(n) for n in range(10)]))
    assert len(await county.all(MEMBERSHIPS)) == 10
