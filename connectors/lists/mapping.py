"""How the lists of a county bureau become ours; the lists of people are in ``people.py``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from connectors.lists import parse
from connectors.lists.identity import IDENTITY, REFERRED
from connectors.lists.people import PEOPLE
from hub.domain.money import agree, parse_money
from hub.domain.refusal import Refused
from hub.domain.vocabulary import (
    AnnualEvaluation,
    ContractStatus,
    CredentialKind,
    Education,
    OrganizationGrade,
    OrganizationKind,
    PersonnelKind,
    ProcurementMethod,
    RegistrationAuthority,
    Sex,
    SiteHostKind,
    StationKind,
    StationStatus,
    VisitKind,
    VisitPurpose,
)
from hub.sync.connector import Check, Context, From, Link, ListMapping, Reference, Spread, Target


def contractor(header: str, *, required: bool = False) -> Reference:
    return Reference("contractor", [{"credit_code": From(header, parse.credit_code)}], required=required)


def worker(header: str) -> Reference:
    return Reference("personnel", [{"staff_number": From(header, parse.code)}])


def station(header: str, *, required: bool = False) -> Reference:
    place = parse.township if required else parse.township_if_any
    return Reference("station", [{"division_code": From(header, place)}], required=required)


def contract(*, required: bool = False) -> Reference:
    """The contract, and with it the contractor."""
    return Reference(
        "contract",
        [{"number": From("合同编号", parse.code)}],
        required=required,
        copy={"contractor_id": "contractor_id"},
    )


def amount_in_capitals(value: Any, context: Context) -> Mapping[str, Any]:
    """``amount`` for a row that gives it in capitals only."""
    return {} if parse.is_nothing(value) else {"amount": parse_money(value)}


def _agree(columns: Mapping[str, Any], values: Mapping[str, Any], context: Context) -> None:
    small, capital = values.get("合同金额（元）"), values.get("合同金额（大写）")
    if small is not None and capital is not None and not agree(small, capital):
        raise Refused("MONEY_DISAGREE")


AMOUNTS_AGREE: Final = Check("合同金额（大写）", _agree)


CONTRACTOR: Final = ListMapping(
    "contractor",
    ("统一社会信用代码", "机构名称"),
    (
        Target(
            "contractor",
            {
                "credit_code": From("统一社会信用代码", parse.credit_code, required=True),
                "name": From("机构名称", parse.text, required=True),
                "kind": From("机构类型", parse.term(OrganizationKind)),
                "registration_authority": From("登记管理机关", parse.term(RegistrationAuthority)),
                "business_scope": From("业务范围", parse.text),
                "grade": From("评估等级", parse.term(OrganizationGrade)),
                "has_party_organisation": From("成立党组织", parse.flag),
                "division_code": From("登记地区划代码", parse.division_anywhere),
                "contact_name": From("联系人", parse.name),
                "contact_phone": From("联系电话", parse.phone),
            },
            key=("credit_code",),
            match=(("credit_code",),),
        ),
    ),
)

STATION: Final = ListMapping(
    "station",
    ("区划代码", "服务站名称", "类型", "运行状态"),
    (
        Target(
            "station",
            {
                "division_code": From("区划代码", parse.township, required=True),
                "name": From("服务站名称", parse.text, required=True),
                "former_name": From("原名称", parse.text),
                "kind": From("类型", parse.term(StationKind), required=True),
                "status": From("运行状态", parse.term(StationStatus), required=True),
                "renamed_on": From("更名日期", parse.day),
                "opened_on": From("启用日期", parse.day),
                "staffed_on": From("人员到岗日期", parse.day),
                "site_host_kind": From("依托场所", parse.term(SiteHostKind)),
                "address": From("地址", parse.text),
                "phone": From("电话", parse.phone),
            },
            key=("division_code",),
            match=(("division_code",),),
            references={"operator_id": contractor("运营机构信用代码")},
        ),
    ),
)

CONTRACT: Final = ListMapping(
    "contract",
    ("合同编号", "购买方区划代码", "承接机构信用代码", "开始日期", "结束日期", "合同状态"),
    (
        Target(
            "contract",
            {
                "number": From("合同编号", parse.code, required=True),
                "title": From("项目名称", parse.text),
                "division_code": From("购买方区划代码", parse.division, required=True),
                "purchaser_name": From("购买主体", parse.text),
                "procurement_method": From("采购方式", parse.term(ProcurementMethod)),
                "signed_on": From("签订日期", parse.day),
                "starts_on": From("开始日期", parse.day, required=True),
                "ends_on": From("结束日期", parse.day, required=True),
                "cycle_years": From("服务周期（年）", parse.count),
                "amount": From("合同金额（元）", parse.amount),
                "standards": From("服务标准", parse.text),
                "evaluation_rules": From("评估办法", parse.text),
                "renewal_of_number": From("续签自合同编号", parse.code),
                "status": From("合同状态", parse.term(ContractStatus), required=True),
                "annual_evaluation": From("年度评估结果", parse.term(AnnualEvaluation)),
            },
            key=("number",),
            match=(("number",),),
            spreads=(Spread("合同金额（大写）", amount_in_capitals),),
            references={"contractor_id": contractor("承接机构信用代码", required=True)},
            links=(
                Link(
                    "contract_station",
                    "contract_id",
                    "station_id",
                    "服务站区划代码",
                    Reference("station", [{"division_code": From("服务站区划代码", parse.townships)}]),
                ),
            ),
            checks=(parse.period("结束日期", "starts_on", "ends_on"), AMOUNTS_AGREE),
        ),
    ),
)

PERSONNEL: Final = ListMapping(
    "personnel",
    ("工号", "姓名", "服务地区划代码", "岗位类别"),
    (
        Target(
            "personnel",
            {
                "staff_number": From("工号", parse.code, required=True),
                "name": From("姓名", parse.name, required=True),
                "sex": From("性别", parse.term(Sex)),
                "birth_on": From("出生日期", parse.birth),
                "education": From("学历", parse.term(Education)),
                "major": From("专业", parse.text),
                "credential": From("职业水平证书", parse.term(CredentialKind)),
                "credential_obtained_on": From("取证日期", parse.first_day),
                "hukou_division_code": From("户籍地区划代码", parse.division_anywhere),
                "division_code": From("服务地区划代码", parse.division, required=True),
                "kind": From("岗位类别", parse.term(PersonnelKind), required=True),
                "is_full_time": From("专职", parse.flag),
                "is_low_income_verifier": From("低保核查员", parse.flag),
                "onboarded_on": From("入职日期", parse.day),
                "left_on": From("离职日期", parse.last_day),
                "reviewed_by_bureau_on": From("民政局审核日期", parse.day),
                "phone": From("联系电话", parse.phone),
            },
            key=("staff_number",),
            match=(("staff_number",),),
            spreads=(IDENTITY,),
            references={
                "employer_id": contractor("用人单位信用代码"),
                "station_id": station("服务地区划代码"),
            },
            checks=(parse.period("离职日期", "onboarded_on", "left_on"),),
        ),
    ),
    expected=("离职日期",),
)

ASSIGNMENT: Final = ListMapping(
    "assignment",
    ("身份证号", "服务站区划代码", "合同编号", "开始日期"),
    (
        Target(
            "assignment",
            {
                "starts_on": From("开始日期", parse.day, required=True),
                "ends_on": From("结束日期", parse.last_day),
            },
            key=("beneficiary_id", "station_id", "contract_id", "starts_on"),
            references={
                "beneficiary_id": REFERRED,
                "station_id": station("服务站区划代码", required=True),
                "contract_id": contract(required=True),
                "worker_id": worker("责任社工工号"),
            },
            about="beneficiary_id",
            checks=(parse.period("结束日期", "starts_on", "ends_on"),),
        ),
    ),
    expected=("结束日期",),
)

VISIT: Final = ListMapping(
    "visit",
    ("探访编号", "探访日期", "身份证号", "探访方式", "探访目的"),
    (
        Target(
            "visit",
            {
                "visited_on": From("探访日期", parse.day, required=True),
                "kind": From("探访方式", parse.term(VisitKind), required=True),
                "purpose": From("探访目的", parse.term(VisitPurpose), required=True),
                "has_photos": From("图片记录", parse.flag),
                "has_register_form": From("探访登记表", parse.flag),
                "text_record": From("文字记录", parse.text),
            },
            key=("探访编号",),
            references={
                "beneficiary_id": REFERRED,
                "station_id": station("服务站区划代码"),
                "contract_id": contract(),
                "worker_id": worker("探访人员工号"),
            },
        ),
    ),
)

LISTS: Final[Mapping[str, ListMapping]] = {
    mapping.kind: mapping
    for mapping in (CONTRACTOR, STATION, CONTRACT, PERSONNEL, *PEOPLE, ASSIGNMENT, VISIT)
}
"""Kinds of list, referred tables before those that refer to them."""
