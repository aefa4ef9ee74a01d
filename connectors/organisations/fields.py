"""The words of the register of organisations, and what a row becomes: a contractor, known by its code."""

from __future__ import annotations

import re
from typing import Any, Final

from connectors.drops import DropList, FileDrops
from connectors.lists import parse
from connectors.lists.wording import Field, Wording
from hub.domain.refusal import Refused
from hub.domain.text import fold_cell
from hub.domain.vocabulary import AnnualInspection, OrganizationKind, RegistrationAuthority
from hub.sync.connector import Context, From, ListMapping, Subjects, Target

CODE: Final = "统一社会信用代码"
NAME: Final = "机构名称"
_YEAR: Final = re.compile("((?:19|20)[0-9]{2})年?(?:度)?")
_OFFICES: Final = {
    "民政": RegistrationAuthority.CIVIL_AFFAIRS,
    "市场监督管理": RegistrationAuthority.MARKET_REGULATION,
}


def authority(value: Any, context: Context) -> str | None:
    """The office itself (桂林市民政局) as the kind of office it is."""
    word = fold_cell(value)
    found = next((kind for part, kind in _OFFICES.items() if word.endswith((part + "局", part + "厅"))), None)
    return str(found) if found else parse.term(RegistrationAuthority)(value, context)


def year(value: Any, context: Context) -> int | None:
    if parse.is_nothing(value):
        return None
    found = _YEAR.fullmatch(fold_cell(value).removesuffix(".0"))
    if found is None:
        raise Refused("NUMBER_UNREADABLE", expected="A year is expected.", expected_zh="应为年度，如2025")
    return int(found[1])


ORGANISATION: Final = ListMapping(
    "organisation",
    (CODE, NAME),
    (
        Target(
            "contractor",
            {
                "credit_code": From(CODE, parse.credit_code, required=True),
                "name": From(NAME, parse.text, required=True),
                "kind": From("机构类型", parse.term(OrganizationKind)),
                "registration_authority": From("登记管理机关", authority),
                "business_scope": From("业务范围", parse.text),
                "legal_representative": From("法定代表人", parse.name),
                "certificate_starts_on": From("有效期起", parse.day),
                "certificate_ends_on": From("有效期止", parse.last_day),
                "is_charity": From("慈善组织", parse.flag),
                "inspected_year": From("年检年度", year),
                "inspection_result": From("年检结论", parse.term(AnnualInspection)),
                "is_listed_abnormal": From("异常名录", parse.flag),
            },
            key=("credit_code",),
            match=(("credit_code",),),
            checks=(parse.period("有效期止", "certificate_starts_on", "certificate_ends_on"),),
        ),
    ),
    # Of registration nobody knows more than the register.
    precedence=1,
)

LISTED: Final = {
    **dict.fromkeys(("列入", "已列入", "在列"), "是"),
    **dict.fromkeys(("未列入", "移出", "已移出", "正常"), "否"),
}
EXPORT: Final = Wording(
    {
        CODE: Field(CODE),
        "社会组织名称": Field(NAME),
        "社会组织类型": Field("机构类型"),
        "法定代表人": Field("法定代表人"),
        "登记管理机关": Field("登记管理机关"),
        "业务范围": Field("业务范围"),
        "有效期起": Field("有效期起"),
        "有效期止": Field("有效期止"),
        "慈善组织": Field("慈善组织"),
        "年检年度": Field("年检年度"),
        "年检结论": Field("年检结论"),
        "异常名录": Field("异常名录", LISTED),
    },
    needed=frozenset({CODE, "社会组织名称", "有效期止"}),
    dropped=frozenset({"法定代表人身份证号", "联系电话", "开户银行", "银行账号"}),
)
SYNONYMS: Final = {
    **dict.fromkeys(("信用代码", "统一信用代码", "USC_CODE"), CODE),
    **dict.fromkeys(("组织名称", "机构名称", "名称", "ORG_NAME"), "社会组织名称"),
    **dict.fromkeys(("组织类型", "类型", "社会组织类别"), "社会组织类型"),
    **dict.fromkeys(("法人", "法人代表", "负责人", "LEGAL_NAME"), "法定代表人"),
    **dict.fromkeys(("登记机关", "登记部门", "MANAGER_DEPT"), "登记管理机关"),
    **dict.fromkeys(("证书有效期起", "有效期自", "发证日期", "VALID_FROM"), "有效期起"),
    **dict.fromkeys(("证书有效期止", "有效期至", "到期日期", "VALID_TO"), "有效期止"),
    **dict.fromkeys(("是否慈善组织", "慈善组织标识", "IFCHARITY"), "慈善组织"),
    **dict.fromkeys(("年检结果", "年度检查结论"), "年检结论"),
    **dict.fromkeys(("活动异常名录", "是否列入活动异常名录", "列入异常名录"), "异常名录"),
}
ORGANISATIONS: Final = FileDrops(
    "organisations",
    (
        DropList(
            ORGANISATION,
            frozenset({"社会组织", "社会组织登记", "承接机构登记"}),
            EXPORT,
            SYNONYMS,
            agree=(("DUPLICATE_KEY", (CODE,), ()),),
            is_extract=True,
        ),
    ),
    marked=False,
)

ASKED: Final = Subjects(
    "contractor",
    columns=("credit_code",),
    needed=("credit_code",),
    while_="contract",
    about="contractor_id",
    until="ends_on",
)
"""Those with a contract of the county that has not ended."""

ANSWER: Final = Wording(
    {
        "USC_CODE": Field(CODE),
        "ORG_NAME": Field(NAME),
        "LEGAL_NAME": Field("法定代表人"),
        "VALID_FROM": Field("有效期起"),
        "VALID_TO": Field("有效期止"),
        "IFCHARITY": Field("慈善组织"),
    },
    needed=frozenset({"USC_CODE", "ORG_NAME", "VALID_TO"}),
    dropped=frozenset({"REGISTRATION_DATE", "MANAGER_DEPT", "LEGAL_ID_CARD"}),
)
NOT_TOLD: Final = ("机构类型", "登记管理机关", "业务范围", "年检年度", "年检结论", "异常名录")
"""Headers an answer does not have: what the register's export said of them stays."""
