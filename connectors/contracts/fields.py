"""The words of a contract notice (合同公告), and what becomes of it: a contract of the county."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from connectors.contracts.terms import (
    CAPITAL,
    CYCLE,
    ENDS,
    NUMBER,
    RENEWS,
    SIGNED,
    SMALL,
    STARTS,
    STATUS,
    TERM,
    UNDER_WAY,
    WAN,
    YEARLY,
    complete,
)
from connectors.drops import DropList, FileDrops
from connectors.lists import parse
from connectors.lists.mapping import CONTRACT
from connectors.lists.wording import Field, Wording
from hub.domain.division import load_divisions
from hub.domain.refusal import Refused
from hub.domain.text import fold
from hub.sync.connector import Context, From, ListMapping, Reference, Spread

PURCHASER, PURCHASER_CODE = "购买主体", "购买方区划代码"
SUPPLIER, SUPPLIER_CODE = "承接机构名称", "承接机构信用代码"
PUBLISHED, KIND = "公告日期", "合同类型"

_OFFICE: Final = re.compile(r".*(?:民政局|街道办事处|[乡镇]人民政府)")


@lru_cache(64)
def _name_of(county_code: str) -> str:
    return next((row.name for row in load_divisions() if row.code == f"{county_code}000000"), "")


def purchaser(value: Any, context: Context) -> Mapping[str, Any]:
    """Its name. The county's own bureau is told by it, too; a name alone tells no other division."""
    name = parse.text(value, context)
    if name is None:
        return {}
    if not name.endswith("民政局"):
        return {"purchaser_name": name}
    if _name_of(context.county_code) not in name:
        raise Refused("DIVISION_OUTSIDE")
    return {"purchaser_name": name, "division_code": f"{context.county_code}000000"}


def is_for_civil_affairs(values: Mapping[str, str]) -> bool:
    """A contract for services, of a bureau or township: a portal has those of everybody."""
    by_office = _OFFICE.fullmatch(fold(values.get(PURCHASER, ""))) or PURCHASER_CODE in values
    return bool(by_office) and "服务" in values.get(KIND, "服务")


_BY_BUREAU: Final = CONTRACT.targets[0]
_SAME: Final = (
    *("number", "title", "procurement_method", "signed_on", "starts_on", "ends_on", "cycle_years", "amount"),
    *("renewal_of_number", "status"),
)
NOTICE: Final = ListMapping(
    "contract_notice",
    (NUMBER, PURCHASER, SUPPLIER),
    (
        replace(
            _BY_BUREAU,
            columns={
                **{name: _BY_BUREAU.columns[name] for name in _SAME},
                "project_number": From("项目编号", parse.code),
                "division_code": From(PURCHASER_CODE, parse.division),
            },
            spreads=(Spread(PURCHASER, purchaser, required=True), *_BY_BUREAU.spreads),
            references={
                "contractor_id": Reference(
                    "contractor",
                    [
                        {"credit_code": From(SUPPLIER_CODE, parse.credit_code)},
                        {"name": From(SUPPLIER, parse.text)},
                    ],
                    required=True,
                    alone=True,
                )
            },
            links=(),
        ),
    ),
    # What became of a contract the bureau's own list knows.
    precedence=6,
)

WORDS: Final = Wording(
    {
        "合同编号": Field(NUMBER),
        "项目编号": Field("项目编号"),
        "项目名称": Field("项目名称"),
        "采购人": Field(PURCHASER),
        "采购人区划代码": Field(PURCHASER_CODE),
        "采购方式": Field("采购方式"),
        "供应商": Field(SUPPLIER),
        "供应商统一社会信用代码": Field(SUPPLIER_CODE),
        "合同金额": Field(SMALL),
        "合同金额(万元)": Field(WAN),
        "合同金额(大写)": Field(CAPITAL),
        "年度金额": Field(YEARLY),
        "合同签订日期": Field(SIGNED),
        "履约期限": Field(TERM),
        "服务期限": Field("服务期限"),
        "开始日期": Field(STARTS),
        "结束日期": Field(ENDS),
        "服务周期": Field(CYCLE),
        "原合同编号": Field(RENEWS),
        "合同类型": Field(KIND),
        "公告日期": Field(PUBLISHED),
        "公告类型": Field(
            STATUS,
            {
                **dict.fromkeys(("合同公告", "合同变更公告", "合同续签公告"), UNDER_WAY),
                "合同终止公告": "已终止",
            },
        ),
    },
    needed=frozenset({"合同编号", "采购人", "供应商"}),
    dropped=frozenset(
        {
            *("采购人地址", "采购人联系方式", "采购人联系人", "供应商地址", "供应商联系方式", "供应商联系人"),
            *("联系人", "联系电话", "开户银行", "银行账号", "主要标的名称", "规格型号", "数量", "单价"),
            *("法定代表人", "身份证号", "备注", "附件"),
        }
    ),
)
SYNONYMS: Final = {
    **dict.fromkeys(("合同号", "政府采购合同编号"), "合同编号"),
    **dict.fromkeys(("采购项目编号", "项目编码", "招标编号"), "项目编号"),
    **dict.fromkeys(("合同名称", "采购项目名称"), "项目名称"),
    **dict.fromkeys(("采购人(甲方)", "甲方", "采购单位", "采购人名称"), "采购人"),
    **dict.fromkeys(("行政区划代码", "采购人行政区划代码"), "采购人区划代码"),
    **dict.fromkeys(("供应商(乙方)", "乙方", "中标供应商", "成交供应商", "供应商名称"), "供应商"),
    **dict.fromkeys(("供应商信用代码", "统一社会信用代码"), "供应商统一社会信用代码"),
    **dict.fromkeys(("合同金额(元)", "合同金额(小写)", "合同总金额", "合同总金额(元)"), "合同金额"),
    **dict.fromkeys(("金额大写", "大写金额", "合同总金额(大写)"), "合同金额(大写)"),
    **dict.fromkeys(("年度合同金额", "年度金额(元)", "首年金额"), "年度金额"),
    **dict.fromkeys(("签订日期", "签订时间", "合同签订时间"), "合同签订日期"),
    **dict.fromkeys(("履约期限、地点等简要信息", "合同履行期限", "合同期限"), "履约期限"),
    **dict.fromkeys(("合同公告日期", "发布日期", "公告时间"), "公告日期"),
    **dict.fromkeys(("采购人联系电话", "供应商联系电话"), "联系电话"),
}
EXPORTS: Final = FileDrops(
    "contract-exports",
    (
        DropList(
            NOTICE,
            frozenset({"合同公告", "采购合同", "政府采购合同"}),
            WORDS,
            SYNONYMS,
            agree=(("DUPLICATE_KEY", (NUMBER, PUBLISHED), ()),),
            dated=PUBLISHED,
            derive=complete,
            is_extract=True,
        ),
    ),
    marked=False,
)
