"""承接机构、购买服务合同: who serves, under which agreement, for which money."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import Boolean, Index, Named, SmallInteger, TypedColumns, UniqueConstraint

from hub.tables._columns import CODE, MONEY, contact, division, internal, key, points_to, public, refer, table
from hub.tables.division import division as _division
from hub.tables.station import station


class ContractorColumns(TypedColumns):
    id: Named[int] = key()
    credit_code: Named[str] = public("统一社会信用代码", "Unified social credit code, GB 32100-2015", CODE)
    name: Named[str] = public("机构名称", "Name")
    kind: Named[str | None] = public(
        "机构类型", "Kind of organisation (R75, R77)", vocabulary="OrganizationKind"
    )
    registration_authority: Named[str | None] = public(
        "登记管理机关", "Registration authority", vocabulary="RegistrationAuthority"
    )
    business_scope: Named[str | None] = public(
        "业务范围", "Registered scope; must name 社会工作 in Jinjiang (R76)"
    )
    grade: Named[str | None] = public(
        "评估等级", "Social-organisation grade, e.g. 3A (R80)", vocabulary="OrganizationGrade"
    )
    has_party_organisation: Named[bool | None] = public(
        "成立党组织", "Has a Party organisation (R80)", Boolean
    )
    division_code: Named[str | None] = division("登记地区划", "Division of registration")
    contact_name: Named[str | None] = contact("联系人", "Person to contact")
    contact_phone: Named[str | None] = contact("联系电话", "Telephone of the contact")


contractor = table(
    "contractor",
    "承接机构",
    "Contractor: the body that undertakes purchased services",
    ContractorColumns,
    UniqueConstraint("credit_code"),
    Index(None, "name"),
    refer(_division, "division_code"),
)


class ContractColumns(TypedColumns):
    id: Named[int] = key()
    county_code: Named[str] = internal("县级区划代码", "County division code, 6 digits", CODE)
    number: Named[str] = public("合同编号", "Contract number", CODE)
    title: Named[str | None] = public("项目名称", "Title of the project")
    division_code: Named[str] = division("购买方区划", "Division of the purchaser")
    purchaser_name: Named[str | None] = public("购买主体", "Purchaser (R72–R74)")
    contractor_id: Named[int] = points_to("承接机构", "Contractor", "contractor.id")
    procurement_method: Named[str | None] = public(
        "采购方式", "Procurement method (R82, R83)", vocabulary="ProcurementMethod"
    )
    signed_on: Named[dt.date | None] = public("签订日期", "Day of signing")
    starts_on: Named[dt.date] = public("开始日期", "First day of service")
    ends_on: Named[dt.date] = public("结束日期", "Last day of service")
    cycle_years: Named[int | None] = public(
        "服务周期（年）", "Service cycle in years (R85, R86, R89)", SmallInteger
    )
    amount: Named[Decimal | None] = public("合同金额（元）", "Amount in yuan", MONEY)
    standards: Named[str | None] = public("服务标准", "Agreed standards of service")
    evaluation_rules: Named[str | None] = public("评估办法", "How performance is evaluated (R71)")
    renewal_of_number: Named[str | None] = public(
        "续签自合同", "Number of the contract this one renews", CODE
    )
    status: Named[str] = public("合同状态", "Status", vocabulary="ContractStatus")
    annual_evaluation: Named[str | None] = public(
        "年度评估结果", "Result of the annual evaluation (R87, R88)", vocabulary="AnnualEvaluation"
    )


contract = table(
    "contract",
    "购买服务合同",
    "Purchase contract",
    ContractColumns,
    UniqueConstraint("county_code", "number"),
    Index(None, "contractor_id", "ends_on"),
    Index(None, "division_code"),
    Index(None, "ends_on"),
    Index(None, "status"),
    refer(_division, "division_code"),
)


class ContractStationColumns(TypedColumns):
    contract_id: Named[int] = points_to("合同", "Contract", "contract.id", primary_key=True)
    station_id: Named[int] = points_to("服务站", "Station", "station.id", primary_key=True)


contract_station = table(
    "contract_station",
    "合同服务站",
    "Station a contract is served at",
    ContractStationColumns,
    Index(None, "station_id"),
)

__all__ = ["contract", "contract_station", "contractor", "station"]
