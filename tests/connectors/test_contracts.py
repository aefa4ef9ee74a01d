"""Contract notices: a portal that is asked over HTTP, its pages as hostile as they come, and exports."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import stamina

from connectors.contracts import EXPORTS as CONTRACT_EXPORTS
from connectors.contracts import Notices
from connectors.contracts.page import MOST_BYTES, cells, links, read_page
from connectors.contracts.terms import complete
from connectors.emulators.notices import PAGE, Portal
from connectors.emulators.switches import Switches
from connectors.emulators.web import Faulty, served
from connectors.emulators.world import World, build_world
from connectors.roster import Roster
from hub.domain.refusal import Refused
from hub.errors import SourceError
from hub.settings import Settings
from hub.sync.run import run_source
from tests.connectors.hub_of import TODAY, Filled, hub_of
from tests.support.logs import captured_logs

COUNTY = "450305"
HELD = """
    select k.number, k.title, c.name, k.starts_on, k.ends_on, k.amount, k.status, k.division_code,
        k.renewal_of_number, k.cycle_years
    from contract k join contractor c on c.id = k.contractor_id"""
OPEN = "select file, reason_codes from quarantined_row where resolved_at is null order by file"


@dataclass
class There:
    portal: Portal
    hub: Filled

    async def held(self) -> dict[str, tuple[Any, ...]]:
        return {row["number"]: tuple(row)[1:] for row in await self.hub.database.owner.fetch(HELD)}

    async def open(self) -> list[tuple[str, list[str]]]:
        return [(row["file"], row["reason_codes"]) for row in await self.hub.database.owner.fetch(OPEN)]


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(seed=3, people=200, today=TODAY)


@pytest.fixture(scope="module")
async def hub() -> AsyncIterator[Filled]:
    async with hub_of(
        COUNTY, {"contract-notices": Notices(0, 10_000), CONTRACT_EXPORTS.name: CONTRACT_EXPORTS}
    ) as made:
        yield made


@pytest.fixture
async def there(hub: Filled, world: World, tmp_path: Path) -> AsyncIterator[There]:
    """A hub that knows the contractors of the world, and a portal with the notices of a county."""
    await hub.database.owner.execute("truncate source, contractor cascade")
    for each in world.contractors:
        await hub.database.owner.execute(
            "insert into contractor (credit_code, name) values ($1, $2)", each.credit_code, each.name
        )
    portal = Portal(world.contracts_of(COUNTY), Switches(tmp_path / "switches"))
    with stamina.set_testing(True, attempts=5):
        async with served(Faulty(portal.app, portal.switches)) as base:
            await hub.register("contract-notices", portal.location(base))
            yield There(portal, hub)


def truth(portal: Portal) -> dict[str, tuple[Any, ...]]:
    """Title, supplier, first and last day, amount, by number."""
    return {
        each.number: (each.title, each.contractor.name, each.starts_on, each.ends_on, each.amount)
        for each in portal.contracts
        if each.number in {notice.cells["合同编号"] for notice in portal.notices}
    }


def known(held: Mapping[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    return {number: row[:5] for number, row in held.items()}


def notice_of(portal: Portal, **other: str) -> dict[str, str]:
    return {**portal.notices[0].cells, "合同编号": "QX-2026-0900", "合同公告日期": "2026-06-10", **other}


async def test_every_contract_arrives_once_and_is_read_once(there: There) -> None:
    report = await there.hub.sync()
    assert known(await there.held()) == truth(there.portal)
    count = len(there.portal.notices)
    assert (report.read, report.changed, report.quarantined) == (count, count, 0)
    assert count > PAGE, "the list has pages"
    assert (await there.hub.sync()).read == 0
    assert {notice.asked for notice in there.portal.notices} == {1}
    there.portal.add(TODAY, notice_of(there.portal))
    assert (await there.hub.sync()).changed == 1
    assert len(await there.held()) == count + 1


async def test_notices_of_others_are_passed_over(there: There) -> None:
    there.portal.add(
        TODAY, notice_of(there.portal, **{"采购人（甲方）": "七星区教育局", "采购人区划代码": ""})
    )
    there.portal.add(TODAY, notice_of(there.portal, 合同类型="货物类"))
    with captured_logs(Settings()) as logs:
        report = await there.hub.sync()
    assert known(await there.held()) == truth(there.portal)
    assert report.quarantined == 0
    assert '"count":2' in logs.text.replace(" ", "")


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        # The county's own bureau is told by its name, no other place is.
        ({"采购人区划代码": "", "采购人（甲方）": "桂林市七星区民政局"}, {"division": "450305000000"}),
        ({"采购人区划代码": "", "采购人（甲方）": "雁山区民政局"}, "DIVISION_OUTSIDE"),
        ({"采购人区划代码": "", "采购人（甲方）": "东江街道办事处"}, "REQUIRED"),
        ({"采购人区划代码": "350582000000"}, "DIVISION_OUTSIDE"),
        # A renewal, and the renewal of a renewal.
        ({"合同编号": "FRCG-GK-2024-0012-1"}, {"renews": "FRCG-GK-2024-0012"}),
        ({"合同编号": "FRCG-GK-2024-0012-2"}, {"renews": "FRCG-GK-2024-0012-1"}),
        ({"合同编号": "FRCG-2024-1"}, {"renews": "FRCG-2024"}),
        ({"合同编号": "FRCG-24-1"}, {"renews": None}),
        # Three years, signed one by one: the contract is that of the first, and so is its sum.
        (
            {"履约期限": "2026-01-01至2028-12-31，合同一年一签", "年度合同金额": "120000"},
            {"ends": dt.date(2026, 12, 31), "cycle": 3, "amount": Decimal(120000)},
        ),
        (
            {"履约期限": "2026-01-01至2028-12-31", "服务周期": "三年", "服务期限": "一年一签"},
            {"ends": dt.date(2026, 12, 31), "amount": None},
        ),
        ({"履约期限": "2026年1月1日起至2028年12月31日止"}, {"ends": dt.date(2028, 12, 31), "cycle": None}),
        ({"履约期限": "两周内"}, "REQUIRED"),
        ({"履约期限": "2026-12-31至2026-01-01"}, "PERIOD_REVERSED"),
        ({"合同金额（元）": "34.5万元", "合同金额（大写）": "叁拾肆万伍仟元整"}, {"amount": Decimal(345000)}),
        (
            {"合同金额（元）": "", "合同金额（大写）": "", "合同金额（万元）": "34.5"},
            {"amount": Decimal(345000)},
        ),
    ],
)
async def test_what_a_notice_says(
    there: There, change: dict[str, str], expected: dict[str, Any] | str
) -> None:
    said = notice_of(there.portal, **change)
    there.portal.notices = []
    notice = there.portal.add(TODAY, {name: cell for name, cell in said.items() if cell})
    await there.hub.sync()
    if isinstance(expected, str):
        ((file, (first, *_)),) = await there.open()
        assert (file, first) == (notice.path, expected)
        assert await there.held() == {}
        return
    ((_, _, _, ends, amount, status, division, renews, cycle),) = (await there.held()).values()
    found = {"ends": ends, "amount": amount, "division": division, "renews": renews, "cycle": cycle}
    assert {name: found[name] for name in expected} == expected
    assert status == "ACTIVE"


async def test_a_notice_that_ends_a_contract(there: There) -> None:
    await there.hub.sync()
    first = there.portal.notices[0]
    there.portal.add(TODAY, {**first.cells, "合同公告日期": str(TODAY)}, "合同终止公告")
    assert (await there.hub.sync()).changed == 1
    assert (await there.held())[first.cells["合同编号"]][5] == "TERMINATED"


async def test_the_bureaus_own_list_knows_better(there: There, tmp_path: Path) -> None:
    await there.hub.sync()
    first = there.portal.contracts[0]
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "合同登记表.csv").write_text(
        "合同编号,购买方区划代码,承接机构信用代码,开始日期,结束日期,合同金额（元）,合同状态\n"
        f"{first.number},{first.division_code},{first.contractor.credit_code},"
        f"{first.starts_on},{first.ends_on},123.45,已结项\n",
        "utf-8",
    )
    await there.hub.register("roster", str(tmp_path / "lists"), code="roster")
    hub = there.hub
    await run_source(hub.database, hub.vault, {"roster": Roster()}, "roster", today=TODAY)
    title, *_, amount, status, _, _, _ = (await there.held())[first.number]
    assert (title, amount, status) == (first.title, Decimal("123.45"), "CLOSED")


async def test_notices_that_are_gone_for_good_hold_up_nothing(there: There) -> None:
    there.portal.switches.turn_on("x05-gone", 4)
    await there.hub.sync()
    assert [codes for _, codes in await there.open()] == [["UNREADABLE_FILE"]] * 4
    assert len(await there.held()) == len(there.portal.notices) - 4
    await there.hub.sync()
    assert await there.open() == []
    assert known(await there.held()) == truth(there.portal)


async def test_a_supplier_two_organisations_are_called_waits_for_one(there: There, world: World) -> None:
    name = there.portal.notices[-1].cells["供应商（乙方）"]
    await there.hub.database.owner.execute(
        "insert into contractor (credit_code, name) values ('52450305MJ99999990', $1)", name
    )
    await there.hub.sync()
    waiting = [n for n in there.portal.notices if n.cells["供应商（乙方）"] == name]
    assert await there.open() == sorted((n.path, ["REFERENCE_UNKNOWN"]) for n in waiting)
    assert len(await there.held()) == len(there.portal.notices) - len(waiting)
    await there.hub.database.owner.execute("delete from contractor where credit_code = '52450305MJ99999990'")
    await there.hub.sync()
    assert await there.open() == []
    assert known(await there.held()) == truth(there.portal)


# --- the catalogue -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("x04-repeated", None),
        ("x05-500", None),
        ("x05-half-open", None),
        ("x05-gone", "UNREADABLE_FILE"),
        ("x13-label", "HEADER_MISSING"),
        ("x16-method", "CODE_UNKNOWN"),
        ("x23-supplier", "REFERENCE_UNKNOWN"),
        ("x29-capital", None),
        ("x29-half", None),
        ("x29-masked", "MONEY_MASKED"),
        ("x29-disagree", "MONEY_DISAGREE"),
        ("x31-gbk", None),
        ("x33-lines", None),
        ("x34-deep", "HEADER_MISSING"),
        ("x34-script", None),
        ("x34-twice", "CONTRADICTION"),
        ("x35-more", None),
    ],
)
async def test_what_goes_wrong(there: There, fault: str, code: str | None) -> None:
    there.portal.switches.turn_on(fault)
    with captured_logs(Settings()) as logs:
        report = await there.hub.sync()
    assert there.portal.switches.count(fault) == 1
    assert [codes for _, codes in await there.open()] == ([[code]] if code else [])
    held, everything = known(await there.held()), truth(there.portal)
    assert report.quarantined == bool(code)
    assert len(held) == len(everything) - bool(code)
    assert held.items() <= everything.items()
    kept = str(await there.hub.database.owner.fetch("select * from contract_record")) + logs.text
    assert not [word for word in ("6222000000001234", "15400009999", "HACK-1") if word in kept]


async def test_x28_a_year_from_the_day_of_signing(there: There) -> None:
    there.portal.switches.turn_on("x28-from-signing")
    await there.hub.sync()
    assert there.portal.switches.count("x28-from-signing") == 1
    first = next(
        each for each in there.portal.contracts if each.number == there.portal.notices[0].cells["合同编号"]
    )
    row = (await there.held())[first.number]
    assert row[2] == first.signed_on
    assert row[3] == first.signed_on.replace(year=first.signed_on.year + 1) - dt.timedelta(days=1)


@pytest.mark.parametrize("fault", ["x05-gone", "x13-label", "x34-twice"])
async def test_a_notice_that_could_not_be_read_is_read_with_the_next_run(there: There, fault: str) -> None:
    there.portal.switches.turn_on(fault)
    await there.hub.sync()
    assert len(await there.open()) == 1
    await there.hub.sync()
    assert await there.open() == []
    assert known(await there.held()) == truth(there.portal)


async def test_a_portal_that_is_away_or_asks_who_one_is_fails_the_run(there: There) -> None:
    for fault, times in (("x06-page", 1), ("x05-500", 99)):
        there.portal.switches.turn_on(fault, times)
        with pytest.raises(SourceError):
            await there.hub.sync()
        there.portal.switches.turn_off(fault)
    assert await there.held() == {}
    await there.hub.sync()
    assert known(await there.held()) == truth(there.portal)


# --- pages -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 100,
        b"<",
        b"<!-- -->",
        b"\xff\xfe\xff",
        b"<table><tr><td>",
        b"{}",
        b"<a href=x>" * 20_000,
    ],
)
def test_no_page_is_too_broken(content: bytes) -> None:
    try:
        root = read_page(content)
    except SourceError:
        return
    assert cells(root) == {}
    assert list(links(root, "https://portal.example/list/index.html")) == []


def test_a_page_that_is_too_large_is_not_read() -> None:
    with pytest.raises(SourceError):
        read_page(b"<p>" + b"x" * MOST_BYTES)


@pytest.mark.parametrize(
    "href",
    [
        "https://other.example/list/1.html",
        "//other.example/list/1.html",
        "javascript:alert(1)",
        "../admin/1.html",
        "/list/../admin/1.html",
        "http://[",
        "https://portal.example:8443/list/1.html",
        "",
    ],
)
def test_links_lead_nowhere_else(href: str) -> None:
    page = (
        f'<ul><li><a href="{href}">公告</a> 2026-06-01</li><li><a href="2.html">公告</a> 2026-06-02</li></ul>'
    )
    found = [link.path for link in links(read_page(page.encode()), "https://portal.example/list/index.html")]
    assert found == ["/list/2.html"]


def test_one_label_with_two_things_behind_it_tells_neither() -> None:
    page = "<p>合同编号：HT-001</p><table><tr><td>合同号</td><td>HT-002</td></tr></table>"
    with pytest.raises(Refused):
        cells(read_page(page.encode()))
    same = "<p>合同编号：HT-001</p><table><tr><td>合同号</td><td>HT-001</td></tr></table>"
    assert cells(read_page(same.encode())) == {"合同编号": "HT-001"}


@pytest.mark.parametrize(
    ("number", "renews"),
    [
        ("HT-2024-001-1", "HT-2024-001"),
        ("HT-2024-001-3", "HT-2024-001-2"),
        ("HT-2024-01", None),
        ("HT-001-12", None),
    ],
)
def test_the_suffix_of_a_renewal(number: str, renews: str | None) -> None:
    assert complete({"合同编号": number}).get("续签自合同编号") == renews
    assert complete({"合同编号": number, "续签自合同编号": "X"})["续签自合同编号"] == "X"


# --- exports -----------------------------------------------------------------------------------


async def test_an_export_says_the_same(there: There, tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    rows = [notice.cells for notice in there.portal.notices]
    with (tmp_path / "exports" / "合同公告_450305_20260610.csv").open(
        "w", newline="", encoding="gb18030"
    ) as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    await there.hub.register(CONTRACT_EXPORTS.name, str(tmp_path / "exports"))
    report = await there.hub.sync()
    assert known(await there.held()) == truth(there.portal)
    assert (report.read, report.quarantined) == (len(rows), 0)
