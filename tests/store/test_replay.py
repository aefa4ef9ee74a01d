"""What has landed is merged again: to the same state, whatever is held, and with the source away."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from hub.domain.text import clean
from hub.errors import BadArgument
from hub.store.database import Database
from hub.sync.connector import UNKNOWN_LIST, Batch, From, Refusal, Row
from hub.sync.replay import Replayed, Window, replay
from hub.sync.state import state_hash
from hub.tables import FACTS, RECORDS
from tests.store import sync_source as source
from tests.store.sync_source import (
    CHINA,
    CONTRACTORS,
    CONTRACTS,
    JANUARY,
    MARCH,
    MAY,
    STATIONS,
    TODAY,
    County,
    batch,
    dibao,
    elder,
    person,
    rows,
)
from tests.store.test_sync_seen import lines

LEDGERS = ("seen_row", "seen_pack", "waiting_row", "withdrawn_record", "quarantined_row")


@pytest.fixture
async def county(db: Database) -> County:
    await source.empty(db)
    await db.owner.execute(f"truncate {', '.join(LEDGERS)}")
    county = County(db)
    await county.register()
    return county


class Away:
    """A source that answers nobody; its lists are known."""

    name = "told"

    def __init__(self, lists: Any) -> None:
        self.lists = lists

    def extract(self, place: Any, checkpoint: Any) -> Any:
        raise AssertionError("the source was asked")


async def again(county: County, window: Window | None = None, lists: Any = None) -> Replayed:
    away = {"told": Away(lists or county.connector.lists)}
    return await replay(county.db, county.vault, away, county.code, window or Window(), today=TODAY)


async def state(county: County) -> str:
    async with county.db.transaction() as connection:
        return await state_hash(connection, 1)


async def forget(county: County) -> None:
    """All that the source has said; entities stay, as they do where a source says no more of one."""
    names = [*(record.name for record in RECORDS.values()), *FACTS]
    for name in (*names, *LEDGERS):
        await county.db.owner.execute(f'delete from "{name}" where source_id = 1')


NO_ROW = Row("x.xlsx", "", 0, {}, {})
WHOLE: list[list[Batch]] = [
    [batch("contractor", CONTRACTORS), batch("station", STATIONS), batch("contract", CONTRACTS),
     batch("dibao", [dibao(n, f"H{n // 2}") for n in range(8)])],
    [batch("station", STATIONS),
     batch("dibao", [dibao(n, f"H{n // 2}", 住址="新址") for n in range(6)], at=MAY)],
    [batch("dibao", [dibao(1, 身份证号="123"), dibao(2, 区划代码="999999000000")], file="五月.xlsx", at=MAY),
     batch("elder", [elder(n, 能力等级="重度") for n in (1, 2, 9)])],
    [batch("dibao", [dibao(n, f"H{n // 2}", 起始日期="2026-03-01") for n in range(5)], at=MAY),
     batch("elder", [elder(n, 能力等级="重度") for n in (1, 2, 9)], at=JANUARY)],
    [batch("dibao", [dibao(n, f"H{n // 2}", 起始日期="2026-03-01") for n in range(5)], at=MAY),
     Batch(UNKNOWN_LIST, MARCH, (), [(NO_ROW, [Refusal("UNREADABLE_FILE", "", "A", "B")])])],
]  # fmt: skip
AT = [dt.datetime(2026, 5, day, tzinfo=CHINA) for day in range(1, 9)]


def news() -> list[list[Batch]]:
    def one(cells: Any, at: dt.datetime, kind: str = "dibao", **more: Any) -> Batch:
        timed = [replace(row, observed_at=at) for row in rows(cells, f"{kind}.db", 2)]
        return Batch(kind, AT[-1], timed, checkpoint={"at": 1}, **more)

    gone = rows([dibao(3, "H1")], "dibao.db", 9)[0]
    return [
        [one([dibao(n, f"H{n // 2}") for n in range(6)], AT[1])],
        [one([dibao(2, "H1", 住址="三号")], AT[4]), one([dibao(2, "H1", 住址="二号")], AT[3])],
        [one([dibao(1, "H0", 住址="旧址")], AT[0]), one([dibao(n, f"H{n // 2}") for n in range(6)], AT[1])],
        [one([], AT[5], deleted=[replace(gone, observed_at=AT[5])])],
        [one([dibao(3, "H1", 住址="晚到")], AT[2]), one([elder(7, 起始日期="无")], AT[2], "elder")],
        [one([{"探访编号": "V1", "身份证号": person(8), "探访日期": "2026-01-01"}], AT[2], "visit"),
         one([dibao(4, "H2", 服务站区划代码=source.TOWNSHIP)], AT[6])],
        [one([dibao(8, "H4")], AT[6])],
        [one(STATIONS, AT[6], "station")],
    ]  # fmt: skip


@pytest.mark.parametrize("runs", [WHOLE, news()], ids=["whole", "news"])
async def test_from_nothing_and_over_what_stands(county: County, runs: list[list[Batch]]) -> None:
    states = []
    for batches in runs:
        await county.sync(*batches)
        states.append(await state(county))
    assert len(set(states)) >= len(runs) - 1, "each delivery says something else"
    last, entries = states[-1], await county.one("select count(*) from landed_slice")
    landed = [at for (at,) in await county.all("select landed_at from landed_run order by run_id")]
    held = await county.all("select id from beneficiary order by 1")
    a, b = landed[1], landed[3]
    for window in (Window(), Window(since=a), Window(until=b), Window(a, b), Window(run_id=1)):
        done = await again(county, window)
        assert (done.before, done.after, done.missing, done.from_nothing) == (last, last, 0, False)
        assert done.report.changed == 0
    await forget(county)
    assert await state(county) != last
    done = await again(county)
    assert (done.after, done.runs, done.missing, done.from_nothing) == (last, len(runs), 0, True)
    assert await state(county) == last
    assert await county.all("select id from beneficiary order by 1") == held
    assert await county.one("select count(*) from landed_slice") == entries, "it lands nothing itself"
    before = await county.one("select max(sequence) from change")
    await county.sync(*runs[-1])
    assert await state(county) == last, "the source goes on where it was"
    assert await county.one("select max(sequence) from change") == before


async def test_an_empty_hub_is_brought_to_any_state_it_was_in(county: County) -> None:
    states = []
    for batches in WHOLE:
        await county.sync(*batches)
        states.append(await state(county))
    landed = [at for (at,) in await county.all("select landed_at from landed_run order by run_id")]
    for runs in (2, 4):
        await forget(county)
        await county.db.owner.execute(f"truncate {', '.join(RECORDS)} cascade")
        done = await again(county, Window(until=landed[runs]))
        assert (done.after, done.runs) == (states[runs - 1], runs)


async def test_a_corrected_mapping_reads_what_stands_otherwise_and_nothing_else(county: County) -> None:
    noted = [dibao(n, f"H{n}", 备注=f"地址{n}") for n in range(5)]
    await county.sync(batch("dibao", noted[:4]))
    # 0 is said otherwise since, 3 is on the list no more, 4 came later.
    await county.sync(batch("dibao", [dibao(0, "H0", 备注="新"), noted[1], noted[2], noted[4]]))
    mapping = county.connector.lists["dibao"]
    household, people, member = mapping.targets
    columns = {**people.columns, "address": From("备注", lambda value, _: clean(value))}
    corrected = replace(mapping, version=2, targets=[household, replace(people, columns=columns), member])
    lists = {**county.connector.lists, "dibao": corrected}
    done = await again(county, Window(run_id=1), lists)
    assert (done.report.read, done.report.accepted, done.report.changed) == (3, 3, 3)
    told = "select name, address from beneficiary order by 1"
    assert [address for _, address in await county.all(told)] == ["一号", "地址1", "地址2", "地址3", "一号"]
    await again(county, Window(), lists)
    assert [address for _, address in await county.all(told)] == ["新", "地址1", "地址2", "地址3", "地址4"]
    assert await county.one("select count(*) from category_membership") == 5


async def test_refused_rows_are_read_again_and_their_entries_resolved(county: County) -> None:
    await county.sync(batch("dibao", [dibao(1, 备注="x"), dibao(2, 家庭人口="drei", 备注="x")]))
    assert await county.one("select count(*) from quarantined_row where resolved_at is null") == 1
    mapping = county.connector.lists["dibao"]
    household, *others = mapping.targets
    columns = {**household.columns, "registered_member_count": From("家庭人口", lambda value, _: 3)}
    lists = {**county.connector.lists, "dibao": replace(mapping, version=2, targets=[
        replace(household, columns=columns), *others])}  # fmt: skip
    done = await again(county, lists=lists)
    assert (done.report.accepted, done.report.quarantined) == (2, 0)
    assert await county.one("select count(*) from quarantined_row where resolved_at is null") == 0
    assert await county.one("select count(*) from beneficiary") == 2


async def test_a_replay_is_a_run_and_moves_no_clock(county: County) -> None:
    await county.sync(batch("dibao", [dibao(1)]))
    clock = "select last_run_at, last_success_at, last_status, failure_count, checkpoint from source"
    before = await county.all(clock)
    await again(county)
    with pytest.raises(BadArgument):
        await again(county, Window(since=dt.datetime.now(dt.UTC)))
    assert await county.all(clock) == before
    runs = await county.all("select status, is_replay, read_count, unchanged_count from sync_run order by id")
    assert runs[:2] == [("SUCCEEDED", False, 1, 0), ("SUCCEEDED", True, 1, 1)]
    assert [status for status, *_ in runs[2:]] == ["FAILED"]


async def test_rows_whose_cells_are_gone_are_told_and_stay(county: County, db: Database) -> None:
    await county.sync(batch("dibao", [dibao(n) for n in range(3)]))
    await db.owner.execute("delete from landed_slice")
    await county.sync(batch("dibao", [*(dibao(n) for n in range(3)), dibao(3)]))
    before = await state(county)
    done = await again(county)
    assert (done.missing, done.report.read) == (3, 1)
    assert await state(county) == before


async def test_sources_of_one_county_do_not_disturb_each_other(county: County, db: Database) -> None:
    other = County(db, code="other")
    await other.register()
    await county.sync(batch("dibao", [dibao(n) for n in range(4)]))
    await other.sync(batch("dibao", [dibao(n, 住址="他处") for n in range(2, 6)], at=MAY))
    before = await state(county)
    told = "select name, address from beneficiary order by 1"
    people = await county.all(told)
    assert (await again(county)).after == (await again(other) and before)
    await forget(county)
    assert (await again(county)).after == before
    assert await county.all(told) == people


async def test_lines_that_were_hashed_as_they_stood_and_packed(
    county: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.sync.seen.FEW", 2)
    await county.sync(replace(batch("dibao", []), rows=lines([dibao(n) for n in range(9)], [])))
    await county.sync(replace(batch("dibao", []), rows=lines([dibao(n, 住址="新址") for n in range(5)], [])))
    assert await county.one("select count(*) from seen_pack") > 0
    before = await state(county)
    done = await again(county)
    assert (done.before, done.after, done.report.changed) == (before, before, 0)
    await forget(county)
    assert (await again(county)).after == before
