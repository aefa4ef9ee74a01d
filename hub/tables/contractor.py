"""承接机构: who undertakes purchased services, and what proves that it can."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import Boolean, Index, Named, SmallInteger, TypedColumns, UniqueConstraint

from hub.tables._columns import (
    CODE,
    MONEY,
    StatedColumns,
    by_name,
    contact,
    division,
    fact,
    key,
    points_to,
    public,
    refer,
    searched_by,
    table,
)
from hub.tables.division import division as _division


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
    legal_representative: Named[str | None] = contact("法定代表人", "Legal representative")
    certificate_starts_on: Named[dt.date | None] = public(
        "登记证书有效期起", "First day of the registration certificate"
    )
    certificate_ends_on: Named[dt.date | None] = public(
        "登记证书有效期止", "Last day of the registration certificate"
    )
    is_charity: Named[bool | None] = public("慈善组织", "Recognised as a charity", Boolean)
    inspected_year: Named[int | None] = public("年检年度", "Year of the last annual inspection", SmallInteger)
    inspection_result: Named[str | None] = public(
        "年检结论", "Result of that inspection", vocabulary="AnnualInspection"
    )
    is_listed_abnormal: Named[bool | None] = public(
        "列入异常名录", "On the list of organisations with irregularities", Boolean
    )
    name_keys: Named[list[str] | None] = searched_by("名称")


contractor = table(
    "contractor",
    "承接机构",
    "Contractor: the body that undertakes purchased services",
    ContractorColumns,
    UniqueConstraint("credit_code"),
    Index(None, "name"),
    Index(None, "certificate_ends_on"),
    Index(None, "is_listed_abnormal"),
    by_name(),
    refer(_division, "division_code"),
)


class PastProjectColumns(StatedColumns):
    id: Named[int] = key()
    contractor_id: Named[int] = points_to("承接机构", "Contractor", "contractor.id")
    name: Named[str] = public("项目名称", "Name of the project (R78)")
    purchaser_name: Named[str | None] = public("购买主体", "Purchaser")
    amount: Named[Decimal | None] = public("金额（元）", "Amount in yuan (R79)", MONEY)
    starts_on: Named[dt.date | None] = public("开始日期", "First day")
    ends_on: Named[dt.date | None] = public("结束日期", "Last day")
    audit_rating: Named[str | None] = public(
        "审计评估结果", "Result of the audit or evaluation (R78)", vocabulary="Rating"
    )


past_project = fact(
    "past_project",
    "承接过的项目",
    "Project a contractor carried out before",
    PastProjectColumns,
    Index(None, "contractor_id"),
)


class ManagementSystemColumns(StatedColumns):
    id: Named[int] = key()
    contractor_id: Named[int] = points_to("承接机构", "Contractor", "contractor.id")
    kind: Named[str] = public("制度类别", "Kind of institution (R81)", vocabulary="ManagementSystemKind")
    adopted_on: Named[dt.date | None] = public("建立日期", "Day of adoption")


management_system = fact(
    "management_system",
    "机构管理制度",
    "Management institution of a contractor",
    ManagementSystemColumns,
    Index(None, "contractor_id"),
)


class DisclosureColumns(StatedColumns):
    id: Named[int] = key()
    contractor_id: Named[int] = points_to("承接机构", "Contractor", "contractor.id")
    kind: Named[str] = public("公开内容", "What is disclosed (R190)", vocabulary="DisclosureKind")
    title: Named[str] = public("标题", "Title")
    published_on: Named[dt.date] = public("公开日期", "Day of publication")
    url: Named[str | None] = public("网址", "Address of the page")


disclosure = fact(
    "disclosure",
    "信息公开",
    "Public disclosure of a contractor",
    DisclosureColumns,
    Index(None, "contractor_id"),
)
