"""Runs tell what the columns of lists are, what changed about them, and how much nobody asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import pytest

from hub.domain.refusal import Refused
from hub.domain.vocabulary import FieldClass
from hub.errors import SourceError
from hub.settings import Settings
from hub.sync.connector import Batch, Place, Refusal
from hub.sync.header import Column, Header
from tests.store.sync_source import MAY, County, Told, batch, dibao, elder, rows
from tests.support.logs import captured_logs

LIST = {"姓名": "姓名", "身份证号": "身份证号", "户编号": "户编号", "住址": "住址", "银行账号": None}
CHANGES = "select list_kind, kind, name, header, before, after, number from source_drift order by id"
DROPPED = "select list_kind, field_class, cell_count, names from dropped_cells order by id"
COLUMNS = """
    select name, header, field_class, dropped_count, gone_at is not null from source_column
    where list_kind = 'dibao' order by name"""


def headed(told: Batch, names: Mapping[str, str | None], *, dropped: int = 1, table: str = "T") -> Batch:
    columns = [
        Column(name, header, frozenset({"text"}))
        if header
        else Column(name, None, frozenset({"text"}), dropped, FieldClass.BANK)
        for name, header in names.items()
    ]
    return replace(told, header=Header(table, columns))


def without(name: str) -> dict[str, str | None]:
    return {each: header for each, header in LIST.items() if each != name}


async def test_what_a_list_is_and_what_changes(county: County) -> None:
    one = batch("dibao", [dibao(1), dibao(2)])
    await county.sync(headed(one, LIST, dropped=2))
    assert await county.all(CHANGES) == []
    assert await county.all(DROPPED) == [("dibao", "BANK", 2, ["银行账号"])]
    with captured_logs(Settings()) as lines:
        await county.sync(headed(one, without("住址") | {"家庭地址": "住址", "人脸编号": None}))
    assert '"event": "lists_changed"' in lines.text
    assert await county.all(CHANGES) == [
        ("dibao", "COLUMN_RENAMED", "家庭地址", "住址", "住址", "家庭地址", None),
        ("dibao", "COLUMN_CAME", "人脸编号", None, None, None, None),
    ]
    assert await county.all(COLUMNS) == [
        ("人脸编号", None, "BANK", 1, False),
        ("住址", "住址", None, 0, True),
        ("姓名", "姓名", None, 0, False),
        ("家庭地址", "住址", None, 0, False),
        ("户编号", "户编号", None, 0, False),
        ("身份证号", "身份证号", None, 0, False),
        ("银行账号", None, "BANK", 1, False),
    ]
    await county.sync(headed(one, LIST))
    kinds = [row[1:3] for row in await county.all(CHANGES)][2:]
    assert kinds == [("COLUMN_GONE", "人脸编号"), ("COLUMN_RENAMED", "住址")]


async def test_a_run_that_is_told_the_same_writes_no_change(county: County) -> None:
    one = headed(batch("dibao", [dibao(1)]), LIST)
    for _ in range(3):
        await county.sync(one)
    await county.sync(batch("elder", [elder(3)]))
    assert await county.all(CHANGES) == [], "a list of which nothing was told has lost nothing"
    assert await county.one("select count(*) from source_column where gone_at is not null") == 0


async def test_a_run_that_fails_tells_what_it_saw(county: County) -> None:
    class Ends(Told):
        async def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
            for each in self.batches:
                yield each
            raise SourceError("It lacks a column.", zh="缺列")

    await county.sync(headed(batch("dibao", [dibao(1)]), LIST))
    county.connector = Ends()
    for _ in range(2):
        with pytest.raises(SourceError):
            await county.sync(headed(batch("dibao", []), without("身份证号") | {"GMSFHM": None}, dropped=0))
    assert await county.all(CHANGES) == [
        ("dibao", "COLUMN_GONE", "身份证号", "身份证号", None, None, None),
        ("dibao", "COLUMN_CAME", "GMSFHM", None, None, None, None),
    ]
    assert await county.one("select max(run_id) = min(run_id) from source_drift"), "told once"
    assert await county.one("select count(*) from run_list") == 1, "a run that failed was told nothing"


async def test_codes_nobody_knows_are_counted(county: County) -> None:
    def refused(*numbers: int) -> Batch:
        why = [Refusal.of(Refused("CODE_UNKNOWN"), "住址")]
        return replace(batch("dibao", [dibao(9)]), refused=[(row, why) for row in rows(map(dibao, numbers))])

    await county.sync(headed(refused(), LIST))
    await county.sync(headed(refused(1, 2), LIST))
    await county.sync(headed(refused(1, 2), LIST))
    await county.sync(headed(refused(1), LIST))
    await county.sync(headed(refused(1, 2, 3), LIST))
    assert [row[1:3] + row[6:] for row in await county.all(CHANGES)] == [
        ("CODES_UNKNOWN", "住址", 2),
        ("CODES_UNKNOWN", "住址", 3),
    ]
    assert await county.one("select unknown_code_count from source_column where name = '住址'") == 3


async def test_counts_of_a_run_are_told_by_list(county: County) -> None:
    def of(kind: str) -> Any:
        return county.all(
            "select read_count, unchanged_count, accepted_count, quarantined_count, withdrawn_count"
            " from run_list where list_kind = $1 order by id",
            kind,
        )

    await county.sync(
        batch("dibao", [dibao(1), dibao(2), dibao(3, 身份证号="1")]), batch("elder", [elder(4)])
    )
    assert (await of("dibao"), await of("elder")) == ([(3, 0, 2, 1, 0)], [(1, 0, 1, 0, 0)])
    report = await county.sync(
        batch("dibao", [dibao(1), dibao(2)]), replace(batch("elder", [], at=MAY), ends=True)
    )
    assert (await of("dibao"))[1:] == [(2, 2, 0, 0, 0)]
    assert (await of("elder"))[1:] == [(0, 0, 0, 0, report.withdrawn)]
    assert report.withdrawn > 0
