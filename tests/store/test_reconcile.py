"""What the hub holds against what a source told and what its keeper has: every difference has a name."""

from __future__ import annotations

import asyncio
import csv
import datetime as dt
import hmac
import re
import subprocess
import sys
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from hub.cli_reconcile import compared, read
from hub.domain.dates import china_now
from hub.errors import BadArgument, NotFound
from hub.store.database import Database
from hub.sync.reconcile import DUE, Held, Reconciled, kept, key_of, reconcile, reconcile_until
from hub.tables.ledger import OWN
from tests.store import sync_source as source
from tests.store.sync_source import MAY, TODAY, TOWNSHIP, VILLAGE, County, batch, dibao, elder, person

PAGE = Path(__file__).parents[2] / "docs" / "reconciliation.md"


@pytest.fixture
async def county(db: Database) -> County:
    await source.empty(db)
    await db.owner.execute("delete from reconciliation")
    county = County(db)
    await county.register()
    return county


async def counted(county: County, day: dt.date = TODAY) -> Reconciled:
    return await reconcile(county.db, county.vault, {"told": county.connector}, county.code, day)


def of(found: Reconciled, kind: str, entity: str) -> Held:
    (held,) = [each for each in found.held if (each.list_kind, each.entity) == (kind, entity)]
    return held


def keepers_digest(county: County, keys: list[str]) -> str:
    """As the page says it is made, by other means than the hub's."""
    key = key_of(county.vault, county.code)
    hashed = sorted(hmac.new(key, each.encode(), sha256).hexdigest() for each in set(keys))
    return sha256("\n".join(hashed).encode()).hexdigest()


async def test_the_keeper_gets_the_same_digest_from_keys_alone(county: County) -> None:
    await county.sync(batch("dibao", [dibao(1), dibao(2), dibao(2, 起始日期="2025-03-01"), dibao(3, "H2")]))
    people = of(await counted(county), "dibao", "beneficiary")
    assert people.division_code == TOWNSHIP
    assert (people.about, people.keys, people.unsaid) == (3, 3, 0)
    assert people.digest == keepers_digest(county, [person(n) for n in (1, 2, 3)])
    assert people.digest != keepers_digest(county, [person(n) for n in (1, 2, 4)])
    households = of(await counted(county), "dibao", "household")
    assert (households.about, households.digest) == (2, keepers_digest(county, ["H1", "H2"]))
    benefits = of(await counted(county), "dibao", "category_membership")
    assert (benefits.records, benefits.about, benefits.digest) == (4, 3, None)


async def test_the_page_shows_keepers_a_program_that_agrees(county: County, tmp_path: Path) -> None:
    await county.sync(batch("dibao", [dibao(1), dibao(2)]))
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    theirs = tmp_path / "theirs.csv"

    def says(*numbers: int) -> list[str]:
        keys = "".join(f"{VILLAGE},{person(n)}\n" for n in numbers)
        made = subprocess.run(
            [sys.executable, "-c", program, key_of(county.vault, county.code).hex()],
            input=f"division_code,key\n{keys}",
            capture_output=True,
            text=True,
            check=True,
        )
        theirs.write_text(made.stdout, encoding="utf-8")
        return [*compared(found.held, read(theirs))]

    found = await counted(county)
    assert says(2, 1, 1) == []
    assert says(1, 2, 3) == [f"dibao beneficiary {TOWNSHIP}: the source has 1 more (3 against 2)"]
    assert says(1, 3) == [f"dibao beneficiary {TOWNSHIP}: 2 on both sides, but not the same ones"]


async def test_what_is_said_again_in_another_file_is_said(county: County) -> None:
    await county.sync(batch("dibao", [dibao(1), dibao(2)]))
    again = replace(batch("dibao", [dibao(1), dibao(2)], at=MAY, file="又一份.xlsx"), absent=("备注",))
    await county.sync(again)
    await county.sync(again)
    found = await counted(county)
    assert [each.unsaid for each in found.held] == [0] * len(found.held)
    assert [each.unheld for each in found.lists] == [0]


async def test_who_is_no_longer_on_a_list_is_counted(county: County) -> None:
    """Absence is no statement: what was said of them stands, and is told apart."""
    await county.sync(batch("dibao", [dibao(1), dibao(2), dibao(3)]))
    await county.sync(batch("dibao", [dibao(1)]))
    people = of(await counted(county), "dibao", "beneficiary")
    assert (people.records, people.unsaid) == (3, 2)


async def test_rows_that_stand_nowhere_are_counted(county: County) -> None:
    """One is refused, one another row of the same record has taken the place of."""
    twice = dibao(2, 住址="二号")
    await county.sync(batch("dibao", [dibao(1), dibao(2), twice, dibao(3, 身份证号="1")]))
    (told,) = (await counted(county)).lists
    assert (told.read, told.accepted, told.quarantined, told.refused) == (4, 3, 1, 1)
    assert told.unheld == 2, "the refused row, and the one of which no record stands"


async def test_a_source_of_news_says_nothing_of_the_others(county: County) -> None:
    await county.sync(batch("dibao", [dibao(1)], checkpoint={"at": 1}))
    await county.sync(batch("dibao", [dibao(2)], checkpoint={"at": 2}))
    found = await counted(county, china_now().date())
    people, (told,) = of(found, "dibao", "beneficiary"), found.lists
    assert (people.records, people.unsaid, told.unheld) == (2, None, None)
    assert (told.read, told.accepted) == (2, 2), "both runs of the day"


async def test_a_day_is_kept_and_counted_anew(county: County) -> None:
    await county.sync(batch("dibao", [dibao(1)]), batch("elder", [elder(2)]))
    first = await counted(county)
    assert (await kept(county.db, county.code, TODAY)).held == first.held
    await county.sync(batch("dibao", [dibao(1), dibao(3)]), batch("elder", [elder(2)]))
    tomorrow = TODAY + dt.timedelta(days=1)
    second = await counted(county, tomorrow)
    assert (await counted(county, tomorrow)).held == second.held
    assert (await kept(county.db, county.code, TODAY)).held == first.held
    assert of(second, "dibao", "beneficiary").records == 2
    with pytest.raises(NotFound):
        await kept(county.db, county.code, TODAY - dt.timedelta(days=1))


async def test_a_worker_counts_once_a_day_and_forgets(county: County) -> None:
    await county.sync(batch("dibao", [dibao(1)]))
    await county.one("update sync_run set started_at = now() - interval '40 days'")
    await county.sync(batch("dibao", [dibao(1), dibao(2)]))
    await counted(county, china_now().date() - dt.timedelta(days=40))
    stop = asyncio.Event()

    def now() -> dt.datetime:
        stop.set()
        return china_now()

    connectors = {"told": county.connector}
    await reconcile_until(county.db, county.vault, connectors, 30, now, stop)
    assert await county.all("select distinct day from reconciliation") == [(china_now().date(),)]
    assert await county.all("select read_count from run_list") == [(2,)]
    assert await county.db.owner.fetch(DUE, OWN) == []


async def test_a_key_is_of_one_source(county: County) -> None:
    assert key_of(county.vault, "a") != key_of(county.vault, "b")


def test_every_difference_is_named(tmp_path: Path) -> None:
    held = [
        Held("dibao", "beneficiary", f"45030500{n}000", 3, 0, 3, 3, digest)
        for n, digest in (("1", "aa"), ("2", "bb"), ("3", "cc"), ("4", "dd"))
    ]
    held.append(Held("dibao", "category_membership", TOWNSHIP, 9, 0, 9))
    path = tmp_path / "theirs.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows([
            ("list_kind", "entity", "division_code", "count", "digest"),
            ("dibao", "beneficiary", "450305001000", 3, "AA"),
            ("dibao", "beneficiary", "450305002000", 5, "be"),
            ("dibao", "beneficiary", "450305003000", 3, "ca"),
            ("dibao", "beneficiary", "450305009000", 1, "ee"),
        ])  # fmt: skip
    assert [*compared(held, read(path))] == [
        "dibao beneficiary 450305002000: the source has 2 more (5 against 3)",
        "dibao beneficiary 450305003000: 3 on both sides, but not the same ones",
        "dibao beneficiary 450305004000: the hub has 3 more (3 against 0)",
        "dibao beneficiary 450305009000: the source has 1 more (1 against 0)",
    ]
    path.write_text("name\nx\n", encoding="utf-8")
    with pytest.raises(BadArgument):
        read(path)
