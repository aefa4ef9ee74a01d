"""The fourteen lists of a county bureau: file names, headers, and one row for each fact of the world.

A row is a list of cells in the order of the headers; what a cell looks like is the dialect's matter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from connectors.emulators.dialects import Dialect
from connectors.emulators.model import (
    Assignment,
    Contract,
    Contractor,
    Membership,
    Person,
    Station,
    Visit,
    Worker,
)
from connectors.emulators.workbook import Cell
from hub.domain.vocabulary import ETHNICITY, HOUSEHOLD_RELATION, Term


class ListForm(NamedTuple):
    """``name``: of the file and in the title. ``amount``: header of the column a 合计 row adds up."""

    name: str
    headers: tuple[str, ...]
    amount: str | None = None


_PERSON: Final = "姓名 性别 民族 身份证号 出生日期 区划代码 住址"
_PERIOD: Final = "起始日期 终止日期"
_HOUSEHOLD: Final = (
    "户编号 姓名 与户主关系 性别 民族 身份证号 出生日期 区划代码 家庭住址 联系电话 家庭人口 救助证号"
    f" 月保障金额（元） {_PERIOD}"
)


def _form(name: str, *headers: str, amount: str | None = None) -> ListForm:
    return ListForm(name, tuple(" ".join(headers).split()), amount)


FORMS: Final[dict[str, ListForm]] = {
    "contractor": _form(
        "承接机构名册",
        "统一社会信用代码 机构名称 机构类型 登记管理机关 业务范围 评估等级 成立党组织 登记地区划代码",
        "联系人 联系电话",
    ),
    "station": _form(
        "民政服务站一览表",
        "区划代码 乡镇（街道） 服务站名称 原名称 类型 运行状态 更名日期 启用日期 人员到岗日期 依托场所",
        "地址 电话 运营机构信用代码",
    ),
    "contract": _form(
        "购买服务合同登记表",
        "合同编号 项目名称 购买主体 购买方区划代码 承接机构信用代码 承接机构名称 采购方式 签订日期 开始日期",
        "结束日期 服务周期（年） 合同金额（元） 合同金额（大写） 服务标准 评估办法 续签自合同编号 合同状态",
        "年度评估结果 服务站区划代码",
    ),
    "personnel": _form(
        "驻站人员名单",
        "工号 姓名 性别 身份证号 出生日期 学历 专业 职业水平证书 取证日期 户籍地区划代码 用人单位信用代码",
        "服务地区划代码 岗位类别 专职 低保核查员 入职日期 离职日期 民政局审核日期 联系电话",
    ),
    "dibao": _form("城乡低保对象名单", _HOUSEHOLD, "核对日期", amount="月保障金额（元）"),
    "tekun": _form("特困人员名单", _HOUSEHOLD, "供养方式 生活自理能力", amount="月保障金额（元）"),
    "temp_aid": _form(
        "临时救助对象名单", _PERSON, "联系电话 救助金额（元）", _PERIOD, amount="救助金额（元）"
    ),
    "child": _form(
        "儿童名单",
        _PERSON,
        "儿童类别 监护人姓名 监护人关系 监护人电话 就读学校 风险等级 建档日期",
        _PERIOD,
        "档案编号",
    ),
    "elder": _form("老年人名单", _PERSON, "联系电话 老年人类别 能力等级 评估标准 建档日期", _PERIOD),
    "disability": _form(
        "残疾人名单",
        "姓名 性别 身份证号 出生日期 区划代码 住址 联系电话 对象类别 残疾人证号 残疾类别 残疾等级",
        _PERIOD,
    ),
    "vagrant": _form("流浪乞讨救助名单", "档案编号 姓名 性别 身份证号 出生日期 区划代码 对象类别", _PERIOD),
    "other": _form("其他服务对象名单", _PERSON, "联系电话 对象类别", _PERIOD),
    "assignment": _form(
        "服务分派表",
        "身份证号 档案编号 姓名 服务站区划代码 合同编号 责任社工工号 开始日期 结束日期",
    ),
    "visit": _form(
        "探访台账",
        "探访编号 探访日期 身份证号 档案编号 姓名 探访方式 探访目的 探访人员工号 合同编号 服务站区划代码",
        "图片记录 探访登记表 文字记录",
    ),
}
"""By list kind."""

Row = list[Cell]


class RowMaker:
    """Rows of one county, in its dialect."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._membership: dict[str, Callable[[Person, Membership], Row]] = {
            "dibao": self._dibao,
            "tekun": self._tekun,
            "temp_aid": self._temp_aid,
            "child": self._child,
            "elder": self._elder,
            "disability": self._disability,
            "vagrant": self._vagrant,
            "other": self._other,
        }

    def of_person(self, person: Person) -> Iterator[tuple[str, Row]]:
        """List kind and row for every list the person stands on; assignments and visits last."""
        written = set()
        for membership in person.memberships:
            if membership.list_kind not in written:
                written.add(membership.list_kind)
                yield membership.list_kind, self._membership[membership.list_kind](person, membership)
        for assignment in person.assignments:
            yield "assignment", self.assignment(person, assignment)
        for visit in person.visits:
            yield "visit", self.visit(person, visit)

    # --- a bureau's registers

    def contractor(self, c: Contractor) -> Row:
        return [
            *(c.credit_code, c.name, c.kind.zh, c.registration_authority.zh, c.business_scope),
            *(_zh(c.grade), _yes(c.has_party_organisation), c.division_code, c.contact_name, c.contact_phone),
        ]

    def station(self, s: Station) -> Row:
        return [
            *(self._code(s.division_code), s.township_name, s.name, s.former_name, s.kind.zh, s.status.zh),
            *(self._day(s.renamed_on), self._day(s.opened_on), self._day(s.staffed_on)),
            *(s.site_host_kind.zh, s.address, s.phone, s.operator_credit_code),
        ]

    def contract(self, c: Contract, in_capitals: str) -> Row:
        day, contractor = self._dialect.day, c.contractor
        return [
            *(c.number, c.title, c.purchaser_name, c.division_code, contractor.credit_code, contractor.name),
            *(c.procurement_method.zh, day(c.signed_on), day(c.starts_on), day(c.ends_on), c.cycle_years),
            *(c.amount, in_capitals, c.standards, c.evaluation_rules, c.renewal_of_number, c.status.zh),
            *(_zh(c.annual_evaluation), "、".join(self._code(code) for code in c.station_codes)),
        ]

    def worker(self, w: Worker) -> Row:
        day = self._dialect.day
        return [
            *(w.staff_number, w.name, self._dialect.sex[w.sex], w.id_number, day(w.birth_on)),
            *(w.education.zh, w.major, _zh(w.credential), self._day(w.credential_obtained_on)),
            *(w.hukou_division_code, w.employer_credit_code, self._code(w.division_code), w.kind.zh),
            *(_yes(w.is_full_time), _yes(w.is_low_income_verifier), day(w.onboarded_on)),
            *(self._day(w.left_on), self._day(w.reviewed_by_bureau_on), w.phone),
        ]

    # --- rosters of people

    def _person(self, p: Person) -> Row:
        return [
            *(p.name, self._sex(p), self._ethnicity(p), p.id_number, self._day(p.birth_on)),
            *(self._code(p.division_code), p.address),
        ]

    def _period(self, m: Membership) -> Row:
        return [self._day(m.starts_on), self._day(m.ends_on)]

    def _household(self, p: Person, m: Membership) -> Row:
        home, month = p.household, self._dialect.month
        assert home is not None
        return [
            *(home.number, p.name, HOUSEHOLD_RELATION.label(p.relation_code or ""), self._sex(p)),
            *(self._ethnicity(p), p.id_number, self._day(p.birth_on), self._code(p.division_code), p.address),
            *(p.phone, home.member_count, m.certificate_number, m.amount),
            # Only a first day of a month may be written as a month.
            month(m.starts_on) if m.starts_on.day == 1 else self._day(m.starts_on),
            month(m.ends_on) if m.ends_on else None,
        ]

    def _dibao(self, p: Person, m: Membership) -> Row:
        assert p.household is not None
        return [*self._household(p, m), self._day(p.household.checked_on)]

    def _tekun(self, p: Person, m: Membership) -> Row:
        return [*self._household(p, m), _zh(m.support_mode), _zh(p.self_care)]

    def _temp_aid(self, p: Person, m: Membership) -> Row:
        return [*self._person(p), p.phone, m.amount, *self._period(m)]

    def _child(self, p: Person, m: Membership) -> Row:
        categories = "、".join(other.category.zh for other in p.memberships if other.list_kind == "child")
        guardian = p.guardian or (None, None, None)
        risk = self._dialect.risk[p.risk_level] if p.risk_level else None
        return [
            *(*self._person(p), categories, *guardian, p.school, risk, self._day(p.dossier_opened_on)),
            *(*self._period(m), p.file_number),
        ]

    def _elder(self, p: Person, m: Membership) -> Row:
        return [
            *(*self._person(p), p.phone, m.category.zh, _zh(p.ability_level), _zh(p.ability_standard)),
            *(self._day(p.dossier_opened_on), *self._period(m)),
        ]

    def _disability(self, p: Person, m: Membership) -> Row:
        grade = "零一二三四"[p.disability_grade or 0] + "级"
        return [
            *(p.name, self._sex(p), p.id_number, self._day(p.birth_on), self._code(p.division_code)),
            *(p.address, p.phone, m.category.zh, p.disability_certificate, _zh(p.disability_category), grade),
            *self._period(m),
        ]

    def _vagrant(self, p: Person, m: Membership) -> Row:
        return [
            *(p.file_number, p.name, self._sex(p), p.id_number, self._day(p.birth_on)),
            *(self._code(p.division_code), m.category.zh, *self._period(m)),
        ]

    def _other(self, p: Person, m: Membership) -> Row:
        return [*self._person(p), p.phone, m.category.zh, *self._period(m)]

    # --- work

    def assignment(self, p: Person, a: Assignment) -> Row:
        return [
            *(p.id_number, p.file_number, p.name, self._code(a.station_code), a.contract.number),
            *(a.staff_number, self._day(a.starts_on), self._day(a.ends_on)),
        ]

    def visit(self, p: Person, v: Visit) -> Row:
        return [
            *(v.number, self._day(v.visited_on), p.id_number, p.file_number, p.name, v.kind.zh, v.purpose.zh),
            *(v.staff_number, v.contract.number, self._code(v.station_code), _yes(v.has_photos)),
            *(_yes(v.has_register_form), v.text_record),
        ]

    # --- cells

    def _day(self, day: dt.date | None) -> Cell:
        return self._dialect.day(day) if day else None

    def _sex(self, p: Person) -> str | None:
        return self._dialect.sex[p.sex] if p.sex else None

    def _ethnicity(self, p: Person) -> str | None:
        label = ETHNICITY.label(p.ethnicity_code) if p.ethnicity_code else None
        return label if label is None or self._dialect.family else label.removesuffix("族")

    def _code(self, code: str) -> str:
        """Codes of townships may be short, those of villages never are."""
        return code[:9] if self._dialect.code_digits == 9 and code.endswith("000") else code


def _zh(term: Term | None) -> str | None:
    return term.zh if term else None


def _yes(value: bool) -> str:
    return "是" if value else "否"
