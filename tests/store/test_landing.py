"""What sources deliver is kept as it came: once, sealed, and no longer than is set."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.errors import ConfigurationError
from hub.store.database import Database
from hub.sync.content import TYPE, canonical, pack, unpack
from hub.sync.landing import micros, moment
from hub.sync.months import drop_months, months_ahead
from tests.store import sync_source as source
from tests.store.sync_source import MARCH, MAY, County, batch, dibao

SLICES = "select row_count, kept_count, hashes is null from landed_slice order by run_id, number"


async def landed(county: County) -> list[dict[str, Any]]:
    rows = await county.all("select content from landed_slice order by run_id, number")
    return [unpack(county.vault.open_bytes(content)) for (content,) in rows]


async def test_new_rows_are_kept_as_they_came_and_known_ones_by_their_hash(county: County) -> None:
    await county.sync(batch("dibao", [dibao(n) for n in range(4)]))
    await county.sync(batch("dibao", [dibao(n, 住址="二号" if n == 2 else "一号") for n in range(4)]))
    assert await county.all(SLICES) == [(4, 4, False), (4, 1, False)]
    first, second = await landed(county)
    assert first["places"] == second["places"] == [["dibao.xlsx", "Sheet1", 2, 4]]
    assert [(place, values["身份证号"]) for place, values, _ in first["rows"]] == [
        (n, source.person(n)) for n in range(4)
    ]
    assert [(place, values["住址"]) for place, values, _ in second["rows"]] == [(2, "二号")]
    (hashes,), (changed,) = await county.all("select hashes from landed_slice order by run_id")
    assert [changed[i : i + 16] == hashes[i : i + 16] for i in range(0, 64, 16)] == [True, True, False, True]


async def test_what_has_not_changed_costs_a_line_whatever_its_day_and_however_it_was_refused(
    county: County,
) -> None:
    rows = [dibao(1, 身份证号="123"), *(dibao(n) for n in range(2, 500))]
    await county.sync(batch("dibao", rows))
    size = "select sum(pg_column_size(s)) from landed_slice s"
    first = await county.one(size)
    await county.sync(batch("dibao", rows))
    await county.sync(batch("dibao", rows, at=MAY, file="五月.xlsx"))
    assert await county.all(SLICES) == [(499, 499, False), (499, 0, True), (499, 0, True)]
    assert await county.one(size) - first < 800
    assert [each["places"][0][0] for each in await landed(county)] == [
        "dibao.xlsx",
        "dibao.xlsx",
        "五月.xlsx",
    ]


async def test_a_run_that_fails_leaves_nothing(county: County) -> None:
    with pytest.raises(ConfigurationError):
        await county.sync(batch("dibao", [dibao(1)]), batch("unheard of", [dibao(2)]))
    assert await county.one("select count(*) from landed_slice") == 0
    assert await county.one("select count(*) from landed_run") == 0


async def test_how_a_run_took_what_it_was_given(county: County) -> None:
    await county.sync(batch("dibao", [dibao(1)]))
    await county.sync(batch("dibao", [dibao(1)], checkpoint={"at": 1}))
    await county.sync(batch("dibao", [dibao(2)], checkpoint={"at": 2}), today=dt.date(2026, 7, 1))
    assert await county.all("select read_on, whole, continued, retried from landed_run order by run_id") == [
        (source.TODAY, True, False, False),
        (source.TODAY, False, False, False),
        (dt.date(2026, 7, 1), False, True, False),
    ]


async def test_nothing_of_it_can_be_read(county: County) -> None:
    await county.sync(batch("dibao", [dibao(1), dibao(2, 身份证号="459999x")]))
    text = await county.one("select string_agg(s::text, '') from landed_slice s")
    for word in (source.person(1), "459999x", "测试1"):
        assert word not in text
        assert word.encode().hex() not in text


async def test_months_are_made_ahead_and_dropped_when_they_are_old(county: County, db: Database) -> None:
    await county.sync(batch("dibao", [dibao(1)]))
    names = "select relname from pg_class where relnamespace = 'landed'::regnamespace and relkind = 'r'"
    assert len(await county.all(names)) == 2
    await months_ahead(db)
    assert len(await county.all(names)) == 2
    await db.owner.execute(
        "create table landed.slice_2020_01 partition of landed_slice"
        " for values from ('2020-01-01+00') to ('2020-02-01+00');"
        " update landed_slice set landed_at = '2020-01-15'; update landed_run set landed_at = '2020-01-15'"
    )
    years_since = (dt.datetime.now(dt.UTC) - dt.datetime(2020, 1, 20, tzinfo=dt.UTC)).days
    assert await drop_months(db, years_since) == 0
    assert await drop_months(db, years_since - 60) == 1
    assert await county.one("select count(*) from landed_slice") == 0
    assert await county.one("select count(*) from landed_run") == 0
    await county.sync(batch("dibao", [dibao(1), dibao(2)]))
    assert await county.all(SLICES) == [(2, 1, False)]


async def test_a_month_that_a_run_uses_is_dropped_another_time(
    county: County, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hub.sync.months.PATIENCE", "10ms")
    await db.owner.execute(
        "create table landed.slice_2020_01 partition of landed_slice"
        " for values from ('2020-01-01+00') to ('2020-02-01+00')"
    )
    async with db.transaction() as connection:
        await connection.execute("lock table landed_slice in row exclusive mode")
        assert await drop_months(db, 400) == 0
    assert await drop_months(db, 400) == 1


CELLS = st.dictionaries(
    st.text(max_size=4).filter(lambda key: key != TYPE),
    st.one_of(
        st.text(st.characters(), max_size=8),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.booleans(),
        st.none(),
        st.dates(),
        st.datetimes(timezones=st.sampled_from([None, dt.UTC])),
        st.times(),
        st.decimals(allow_nan=False),
        st.lists(st.integers() | st.dates(), max_size=2),
    ),
    max_size=4,
)


@given(st.lists(CELLS, max_size=3))
def test_cells_come_back_as_they_were(rows: list[dict[str, Any]]) -> None:
    assert unpack(pack({"rows": rows}))["rows"] == rows
    assert [canonical(row) for row in unpack(pack({"rows": rows}))["rows"]] == [canonical(r) for r in rows]


@pytest.mark.parametrize("text", ["\ud800", "\x01", "\\ud800", "a\x00b"])
def test_no_text_is_too_odd(text: str) -> None:
    cells = {text: text, "d": dt.date(2026, 1, 1), "n": Decimal("1.50"), "i": 10**30}
    assert unpack(pack({"rows": [cells]})) == {"rows": [cells]}


@pytest.mark.parametrize("odd", [["date", "x"], ["Decimal", "x"], ["eval", "1"], [], "date", ["int", []]])
def test_what_a_source_makes_to_look_like_a_type_is_what_it_is(odd: Any) -> None:
    assert unpack(pack({"rows": [{TYPE: odd}]})) == {"rows": [{TYPE: odd}]}


def test_a_list_keeps_the_time_of_each_row() -> None:
    at = MARCH.replace(microsecond=123456)
    assert moment(micros(at)) == at
