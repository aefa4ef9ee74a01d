"""What two registers hold: marriages of the county's people, and certificates of social organisations.

The one of organisations is also exported, as workbook, text or JSON; ``catalogue`` says how that goes wrong.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import orjson
from openpyxl import Workbook

from connectors.emulators.model import Contractor, Person
from connectors.emulators.switches import Switches


def married(people: Sequence[Person], today: dt.date) -> dict[str, tuple[str, dt.date]]:
    """Code and day of the event registered last, by identity number: two of three who are 25, long ago for
    most; of these one in ten is divorced, one in ten has a certificate issued again."""
    found: dict[str, tuple[str, dt.date]] = {}
    for person in people:
        if not (person.id_number and person.birth_on) or int(person.id_number[14:17]) % 3 == 0:
            continue
        last = int(person.id_number[16])
        years = 25 + (12 if last < 2 else 0)
        day = dt.date(person.birth_on.year + years, person.birth_on.month, min(person.birth_on.day, 28))
        if day <= today:
            found[person.id_number] = {0: "IB", 1: "ICA"}.get(last, "IA"), day
    return found


def of_person(asked: Mapping[str, Any]) -> str:
    """The number that is asked about, a man's or a woman's."""
    return str(asked.get("cert_num_man") or asked.get("cert_num_woman"))


def certificate(organisation: Contractor, today: dt.date) -> dict[str, Any]:
    """Five years from a day that the credit code decides; that of one in five has run out."""
    digits = sum(map(ord, organisation.credit_code))
    ends = today + dt.timedelta(days=digits * 137 % 1500 - 300)
    return {
        "USC_CODE": organisation.credit_code,
        "ORG_NAME": organisation.name,
        "REGISTRATION_DATE": str(ends - dt.timedelta(days=5 * 365 + digits % 2000)),
        "VALID_FROM": str(ends - dt.timedelta(days=5 * 365)),
        "VALID_TO": str(ends),
        "LEGAL_NAME": organisation.contact_name,
        "LEGAL_ID_CARD": "459999190001010000",
        "IFCHARITY": str(digits % 2),
        "MANAGER_DEPT": "民政局",
    }


RESULTS: Final = ("合格", "基本合格", "不合格", "未年检")
_OTHERWISE: Final = {"统一社会信用代码": "USC_CODE", "社会组织名称": "组织名称", "有效期止": "有效期至"}


@dataclass(slots=True)
class Register:
    """``rows`` are as the register has them, by credit code; who changes one renames an organisation, say."""

    organisations: Sequence[Contractor]
    today: dt.date
    switches: Switches
    rows: dict[str, dict[str, Any]] = field(init=False)

    def __post_init__(self) -> None:
        self.rows = {each.credit_code: _exported(each, self.today) for each in self.organisations}

    def export(self, file: Path) -> None:
        """In the form its name ends with: .xlsx, .csv (GB 18030) or .json."""
        rows = self._harmed([dict(row) for row in self.rows.values()])
        names = list(dict.fromkeys(name for row in rows for name in row))
        table = [names, *([row.get(name, "") for name in names] for row in rows)]
        match file.suffix:
            case ".xlsx":
                _workbook(file, table, titled=self.switches.strikes("x30-title"))
            case ".csv":
                with file.open("w", newline="", encoding="gb18030") as text:
                    csv.writer(text).writerows(table)
            case _:
                file.write_bytes(orjson.dumps({"total": len(rows), "rows": rows}))

    def _harmed(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        first = rows[0]
        if self.switches.strikes("x16-result"):
            first["年检结论"] = "优良"
        if self.switches.strikes("x19-code"):
            code = first["统一社会信用代码"]
            first["统一社会信用代码"] = code[:-1] + ("1" if code[-1] != "1" else "2")
        if self.switches.strikes("x32-reversed"):
            first["有效期起"], first["有效期止"] = first["有效期止"], first["有效期起"]
        if self.switches.strikes("x23-twice"):
            rows.append({**first, "社会组织名称": first["社会组织名称"] + "分部"})
        if self.switches.strikes("x34-formula"):
            first["业务范围"] = "=cmd|'/C calc'!A0"
        if self.switches.strikes("x35-more"):
            rows = [{**row, "法定代表人身份证号": "459999190001010000", "银行账号": "6222"} for row in rows]
        if self.switches.strikes("x13-renamed"):
            rows = [{_OTHERWISE.get(name, name): cell for name, cell in row.items()} for row in rows]
        if self.switches.strikes("x13-missing"):
            rows = [{name: cell for name, cell in row.items() if name != "有效期止"} for row in rows]
        return rows


def _exported(organisation: Contractor, today: dt.date) -> dict[str, Any]:
    told, digits = certificate(organisation, today), sum(map(ord, organisation.credit_code))
    return {
        "统一社会信用代码": organisation.credit_code,
        "社会组织名称": organisation.name,
        "社会组织类型": "社会服务机构",
        "法定代表人": told["LEGAL_NAME"],
        "登记管理机关": "桂林市民政局",
        "业务范围": organisation.business_scope,
        "有效期起": told["VALID_FROM"],
        "有效期止": told["VALID_TO"],
        "慈善组织": "是" if told["IFCHARITY"] == "1" else "否",
        "年检年度": today.year - 1,
        "年检结论": RESULTS[digits % len(RESULTS)],
        "异常名录": "列入" if digits % 7 == 0 else "未列入",
    }


def _workbook(file: Path, table: Sequence[Sequence[Any]], *, titled: bool) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    if titled:
        sheet.append(["社会组织登记信息导出"])
        sheet.append([])
    for row in table:
        sheet.append(list(row))
    book.save(file)
