"""The register of organisations: its exports in three forms, and questions about one organisation."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import stamina

from connectors.emulators.model import Contractor
from connectors.emulators.platform import SharingPlatform
from connectors.emulators.registers import Register, certificate
from connectors.emulators.switches import Switches
from connectors.emulators.web import Faulty, served
from connectors.emulators.world import build_world
from connectors.organisations import ORGANISATIONS, Inquiry
from hub.settings import Settings
from hub.sync.run import run_source
from tests.connectors.hub_of import TODAY, Filled, hub_of
from tests.connectors.platform_of import COUNTY, FAST, SECRETS, Clock
from tests.support.logs import captured_logs

HELD = """
    select credit_code, name, legal_representative, certificate_ends_on, is_charity, inspected_year,
        inspection_result, is_listed_abnormal from contractor"""
RESULTS = {
    "合格": "QUALIFIED",
    "基本合格": "BARELY_QUALIFIED",
    "不合格": "UNQUALIFIED",
    "未年检": "NOT_INSPECTED",
}


@pytest.fixture(scope="module")
def organisations() -> list[Contractor]:
    """All of the world."""
    return list(build_world(seed=3, people=200, today=TODAY).contractors)


@pytest.fixture(scope="module")
async def hub() -> AsyncIterator[Filled]:
    async with hub_of(COUNTY) as filled:
        yield filled


@pytest.fixture
async def register(hub: Filled, tmp_path: Path, organisations: list[Contractor]) -> Register:
    """Registered as a source, its folder empty; the hub knows nobody."""
    await hub.database.owner.execute("truncate source, contractor cascade")
    (tmp_path / "exports").mkdir()
    await hub.register("organisations", str(tmp_path / "exports"))
    return Register(organisations, TODAY, Switches(tmp_path / "switches"))


def file_of(register: Register, form: str) -> Path:
    return register.switches.folder.parent / "exports" / f"社会组织_450305_20260601.{form}"


def export(register: Register, form: str) -> Path:
    """Nobody corrects a file within the second in which it was written."""
    file = file_of(register, form)
    later = file.stat().st_mtime + 60 if file.exists() else None
    register.export(file)
    if later:
        os.utime(file, (later, later))
    return file


async def held(hub: Filled) -> dict[str, tuple[Any, ...]]:
    rows = await hub.database.owner.fetch(HELD)
    return {row["credit_code"]: tuple(row)[1:] for row in rows}


def truth(register: Register) -> dict[str, tuple[Any, ...]]:
    return {
        code: (
            row["社会组织名称"],
            row["法定代表人"],
            dt.date.fromisoformat(row["有效期止"]),
            row["慈善组织"] == "是",
            row["年检年度"],
            RESULTS[row["年检结论"]],
            row["异常名录"] == "列入",
        )
        for code, row in register.rows.items()
    }


@pytest.mark.parametrize("form", ["xlsx", "csv", "json"])
async def test_an_export_makes_contractors_in_whatever_form_it_comes(
    hub: Filled, register: Register, form: str
) -> None:
    export(register, form)
    report = await hub.sync()
    assert (report.read, report.changed, report.quarantined) == (14, 14, 0)
    assert await held(hub) == truth(register)
    assert {row[5] for row in truth(register).values()} >= {"QUALIFIED", "UNQUALIFIED"}
    again = await hub.sync()
    assert (again.read, again.changed) == (0, 0), "the file is known"


async def test_one_that_was_renamed_stays_itself(hub: Filled, register: Register) -> None:
    export(register, "csv")
    await hub.sync()
    ids = await hub.database.owner.fetch("select credit_code, id from contractor order by id")
    code = next(iter(register.rows))
    register.rows[code] |= {"社会组织名称": "桂林市新名社会工作服务中心", "法定代表人": "韦新"}
    export(register, "csv")
    assert (await hub.sync()).changed == 1
    assert await held(hub) == truth(register)
    assert await hub.database.owner.fetch("select credit_code, id from contractor order by id") == ids


async def test_certificates_that_have_run_out_can_be_found(hub: Filled, register: Register) -> None:
    export(register, "json")
    await hub.sync()
    expired = await hub.one("select count(*) from contractor where certificate_ends_on < $1", TODAY)
    assert 0 < expired < 14
    assert expired == sum(row[2] < TODAY for row in truth(register).values())


async def test_a_roster_knows_whom_to_call_and_the_register_what_is_registered(
    hub: Filled, register: Register, tmp_path: Path
) -> None:
    code = next(iter(register.rows))
    (tmp_path / "lists").mkdir()
    (tmp_path / "lists" / "承接机构名册.csv").write_text(
        f"统一社会信用代码,机构名称,联系人,联系电话\n{code},旧名社会工作服务中心,王联系,15400000001\n",
        "utf-8",
    )
    await hub.register("roster", str(tmp_path / "lists"), code="roster")
    connectors = {"roster": hub.connectors["roster"]}
    await run_source(hub.database, hub.vault, connectors, "roster", today=TODAY)
    export(register, "csv")
    await hub.sync()
    told = await hub.database.owner.fetchrow(
        "select name, contact_name, contact_phone from contractor where credit_code = $1", code
    )
    assert told is not None
    assert tuple(told) == (register.rows[code]["社会组织名称"], "王联系", "15400000001")


# --- the catalogue -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "form", "codes"),
    [
        ("x13-renamed", "csv", []),
        ("x13-missing", "csv", ["HEADER_MISSING"]),
        ("x16-result", "csv", ["CODE_UNKNOWN"]),
        ("x19-code", "xlsx", ["CREDIT_CODE_CHECKSUM"]),
        ("x23-twice", "json", ["DUPLICATE_KEY"] * 2),
        ("x30-title", "xlsx", []),
        ("x32-reversed", "csv", ["PERIOD_REVERSED"]),
        ("x34-formula", "csv", []),
        ("x35-more", "csv", []),
    ],
)
async def test_what_goes_wrong_is_set_aside_and_resolved(
    hub: Filled, register: Register, fault: str, form: str, codes: list[str]
) -> None:
    register.switches.turn_on(fault)
    export(register, form)
    with captured_logs(Settings()) as logs:
        report = await hub.sync()
    assert register.switches.count(fault) == 1
    found = "select reason_codes from quarantined_row where resolved_at is null"
    assert [row["reason_codes"] for row in await hub.database.owner.fetch(found)] == [
        [each] for each in codes
    ]
    good = 0 if fault == "x13-missing" else 14 - min(len(codes), 1)
    assert (len(await held(hub)), report.quarantined) == (good, len(codes))
    everything = str(await hub.database.owner.fetch("select * from contractor_record")) + logs.text
    assert "459999190001010000" not in everything
    export(register, form)
    await hub.sync()
    assert await hub.database.owner.fetch(found) == []
    assert await held(hub) == truth(register)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "UNREADABLE_FILE"),
        (b"{", "UNREADABLE_FILE"),
        (b'{"rows": 1}', "UNREADABLE_FILE"),
        (b'[{"a": 1}]', "HEADER_MISSING"),
        (b"[" * 100_000, "UNREADABLE_FILE"),
        (b"[1, 2]", "UNREADABLE_FILE"),
    ],
)
async def test_json_that_is_no_table(hub: Filled, register: Register, content: bytes, code: str) -> None:
    file_of(register, "json").write_bytes(content)
    export(register, "csv")
    await hub.sync()
    assert await hub.reasons() == {file_of(register, "json").name: [code]}
    assert await held(hub) == truth(register)


# --- one at a time -----------------------------------------------------------------------------


@pytest.fixture
async def asked(hub: Filled, register: Register) -> AsyncIterator[tuple[SharingPlatform, Filled]]:
    """A platform that is asked about those with a contract that has not ended: two of the three known."""
    clock = Clock()
    there = SharingPlatform(
        [], TODAY, clock.platform, register.switches, organisations=register.organisations
    )
    with stamina.set_testing(True, attempts=5):
        async with served(Faulty(there.app, there.switches)) as base:
            asking = Filled(hub.database, hub.vault, COUNTY, {"organisations-query": Inquiry(clock, 0, FAST)})
            await asking.register("organisations-query", there.location(base, "organisations"), **SECRETS)
            for number, days in enumerate((10, -10, 400)):
                await hub.database.owner.execute(
                    "with made as ("
                    " insert into contractor (credit_code, name) values ($1, '旧名') returning id)"
                    " insert into contract (county_code, number, division_code, contractor_id, starts_on,"
                    " ends_on, status) select '450305', $2, '450305000000', id, $3, $4, 'ACTIVE' from made",
                    register.organisations[number].credit_code,
                    f"HT-{number}",
                    TODAY - dt.timedelta(days=300),
                    TODAY + dt.timedelta(days=days),
                )
            yield there, asking


async def test_who_has_a_contract_is_asked_about(asked: tuple[SharingPlatform, Filled]) -> None:
    there, hub = asked
    report = await hub.sync()
    expected = [there.organisations[number] for number in (0, 2)]
    assert there.looked_up == [each.credit_code for each in expected]
    assert (report.read, report.changed, report.quarantined) == (2, 2, 0)
    for each in expected:
        told, row = certificate(each, TODAY), (await held(hub))[each.credit_code]
        assert row[:3] == (each.name, told["LEGAL_NAME"], dt.date.fromisoformat(told["VALID_TO"]))
        assert row[3:] == (told["IFCHARITY"] == "1", None, None, None)
    assert (await held(hub))[there.organisations[1].credit_code][0] == "旧名"
    assert "459999190001010000" not in str(await hub.database.owner.fetch("select * from contractor_record"))


async def test_what_only_the_export_tells_stays(
    asked: tuple[SharingPlatform, Filled], register: Register
) -> None:
    _, hub = asked
    file = export(register, "csv")
    await hub.register("organisations", str(file.parent), code="export")
    await run_source(hub.database, hub.vault, {"organisations": ORGANISATIONS}, "export", today=TODAY)
    before = await held(hub)
    assert (await hub.sync()).quarantined == 0
    assert await held(hub) == before


@pytest.mark.parametrize(("fault", "times"), [("x14-case", 1), ("x07-expired", 1), ("x05-500", 2)])
async def test_what_changes_nothing(asked: tuple[SharingPlatform, Filled], fault: str, times: int) -> None:
    there, hub = asked
    there.switches.turn_on(fault, times)
    assert (await hub.sync()).changed == 2
    assert there.switches.count(fault) == times


async def test_the_certificate_of_another_one(
    asked: tuple[SharingPlatform, Filled], monkeypatch: pytest.MonkeyPatch
) -> None:
    there, hub = asked
    answer = type(there)._answer

    def wrong(self: Any, rows: Any, total: int) -> Any:
        other = self.organisations[5].credit_code
        return answer(self, [{**row, "USC_CODE": other} for row in rows], total)

    monkeypatch.setattr(type(there), "_answer", wrong)
    assert (await hub.sync()).quarantined == 2
    assert {tuple(codes) for codes in (await hub.reasons()).values()} == {("CONTRADICTION",)}
    assert {row[0] for row in (await held(hub)).values()} == {"旧名"}
    assert await hub.one("select count(*) from contractor_record") == 0
