"""Commands about the lists of a source, over a real folder: what changed, what stands, what is refused."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from hub.cli import main
from tests.store.sync_source import TOWNSHIP, person
from tests.support.postgres import FIELD_KEY, everything, fresh_database, server

Hub = Callable[..., Awaitable[str]]
HEADER = "姓名,身份证号,户编号,区划代码,起始日期,月保障金额（元）,银行账号"


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Hub]:
    """Runs a command and gives what it prints; ``exits`` with that code."""
    async with fresh_database(everything) as database:
        environment = {
            "HUB_DATABASE_URL": (await server()).dsn(database.name),
            "HUB_FIELD_KEY": FIELD_KEY,
            "HUB_DATA_DIR": str(tmp_path / "data"),
        }

        async def run(*words: str, exits: int = 0) -> str:
            done = await asyncio.to_thread(CliRunner().invoke, main, list(words), env=environment)
            assert done.exit_code == exits, done.output
            return done.output

        yield run


def write(folder: Path, header: str, *rows: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "城乡低保对象名单.csv").write_text("\n".join((header, *rows)), encoding="utf-8")


def row(number: int, date: str = "2025-01-01") -> str:
    return f"测试{'零一二三'[number]},{person(number)},H{number},{TOWNSHIP},{date},500,622200{number}"


async def test_a_source_and_its_lists(hub: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "lists"
    write(folder, HEADER, row(1), row(2), row(3, "昨天"))
    place = ("--connector", "roster", "--division", "450305000000", "--location", str(folder))
    await hub("source", "add", "r", "--name", "名单", *place)
    assert "No run has told" in await hub("source", "drift", "r")
    read = await hub("sync", "r")
    assert "3 rows read, 0 unchanged, 2 accepted, 1 quarantined" in read, await hub("quarantine", "list")

    assert "Nothing changed in 90 days." in await hub("source", "drift", "r")
    write(folder, HEADER.replace("月保障金额（元）", "补助甲"), row(1), row(2), row(3, "昨天"))
    await hub("sync", "r")
    told = await hub("source", "drift", "r", "--columns")
    assert "dibao  月保障金额（元） is gone" in told
    assert "dibao  补助甲 came; nobody asked for it" in told
    assert "Bank account 银行账户: 3 cells of 银行账号" in told
    assert person(1) not in told
    assert "6222001" not in told

    listed = await hub("quarantine", "list")
    number = listed.partition("hub quarantine show ")[2].partition(")")[0]
    shown = await hub("quarantine", "show", number)
    assert "DATE_UNREADABLE" in shown
    assert "起始日期: 文文" in shown
    assert "昨天" not in shown
    assert person(3) not in shown
    opened = await hub("quarantine", "show", number, "--open", "核对")
    assert "起始日期: 昨天" in opened
    assert 'reason: null → "核对"' in await hub("audit", "show", "--last", "5")
    assert "NOT_FOUND" in await hub("quarantine", "show", "99999", exits=1)

    printed = await hub("reconcile", "r")
    assert "dibao" in printed
    said = await hub("reconcile", "r", "--json")
    as_json = json.loads(said[said.index("{\n") :])
    assert (as_json["lists"][0]["read"], as_json["lists"][0]["unheld"]) == (3, 1)
    theirs = tmp_path / "theirs.csv"
    theirs.write_text("list_kind,entity,division_code,count,digest\n", encoding="utf-8")
    assert "No difference." in await hub("reconcile", "r", "--against", str(theirs))
    with theirs.open("a", encoding="utf-8") as file:
        file.write(f"dibao,beneficiary,{TOWNSHIP},3,aa\n")
    said = await hub("reconcile", "r", "--against", str(theirs), exits=1)
    assert "the source has 1 more (3 against 2)" in said
    assert len((await hub("reconcile", "r", "--key")).split()[-1]) == 64
    assert "tell the reconciliation key of source r" in await hub("audit", "show", "--last", "3")
    assert "NOT_FOUND" in await hub("reconcile", "r", "--day", "2020-01-01", exits=1)
