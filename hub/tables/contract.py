"""购买服务: plan, procurement, contract, what was agreed and what was delivered."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import (
    BigInteger,
    Index,
    Named,
    Numeric,
    SmallInteger,
    Text,
    TypedColumns,
    UniqueConstraint,
    false,
)
from sqlalchemy.dialects.postgresql import ARRAY

from hub.tables._columns import (
    CODE,
    MONEY,
    StatedColumns,
    division,
    fact,
    internal,
    key,
    points_to,
    public,
    refer,
    table,
)
from hub.tables._facts import part
from hub.tables.division import division as _division


class ContractColumns(TypedColumns):
    id: Named[int] = key()
    county_code: Named[str] = internal("县级区划代码", "County division code, 6 digits", CODE)
    number: Named[str] = public("合同编号", "Contract number", CODE)
    title: Named[str | None] = public("项目名称", "Title of the project")
    project_number: Named[str | None] = public(
        "项目编号", "Number of the procurement; yearly contracts of one project share it (R87)", CODE
    )
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
    exception_reason: Named[str | None] = public(
        "例外理由", "Why it departs from what a rule asks for in principle (原则上, R87)"
    )


contract = table(
    "contract",
    "购买服务合同",
    "Purchase contract",
    ContractColumns,
    UniqueConstraint("county_code", "number"),
    Index(None, "contractor_id", "ends_on"),
    Index(None, "division_code"),
    Index(None, "project_number"),
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


class PurchasePlanColumns(StatedColumns):
    id: Named[int] = key()
    division_code: Named[str] = division("购买方区划", "Division of the purchaser")
    purchaser_name: Named[str] = public("购买主体", "Purchaser (R72–R74)")
    year: Named[int] = public("年度", "Year", SmallInteger)
    scope: Named[str | None] = public("购买范围", "What is to be purchased (R191, R196)")
    evaluation_arrangement: Named[str | None] = public("评估安排", "How it will be evaluated (R196)")
    exit_mechanism: Named[str | None] = public("退出机制", "How a contractor leaves (R196)")
    emergency_plan: Named[str | None] = public("应急预案", "What happens in an emergency (R196)")
    adopted_on: Named[dt.date | None] = public("制定日期", "Day of adoption")


purchase_plan = fact(
    "purchase_plan",
    "年度购买计划",
    "Annual purchase plan",
    PurchasePlanColumns,
    Index(None, "division_code", "year"),
    refer(_division, "division_code"),
)


class ProcurementColumns(StatedColumns):
    id: Named[int] = key()
    division_code: Named[str] = division("购买方区划", "Division of the purchaser")
    purchaser_name: Named[str] = public("购买主体", "Purchaser: bureau or township office (R72–R74)")
    purchase_plan_id: Named[int | None] = points_to("年度购买计划", "Purchase plan", "purchase_plan.id")
    title: Named[str | None] = public("项目名称", "Title of the project")
    method: Named[str] = public("采购方式", "Method (R82–R84)", vocabulary="ProcurementMethod")
    opened_on: Named[dt.date | None] = public("启动日期", "Day of opening")
    awarded_on: Named[dt.date | None] = public("成交日期", "Day of the award")
    amount: Named[Decimal | None] = public("成交金额（元）", "Amount awarded in yuan", MONEY)
    contractor_id: Named[int | None] = points_to("成交机构", "Contractor awarded", "contractor.id")
    contract_id: Named[int | None] = points_to("合同", "Contract it led to", "contract.id")


procurement = fact(
    "procurement",
    "采购",
    "Procurement",
    ProcurementColumns,
    Index(None, "division_code"),
    Index(None, "purchase_plan_id"),
    Index(None, "contractor_id"),
    Index(None, "contract_id"),
    refer(_division, "division_code"),
)


class FilingColumns(StatedColumns):
    id: Named[int] = key()
    division_code: Named[str] = division("报备方区划", "Division that files")
    kind: Named[str] = public("备案事项", "What is filed (R93, R94, R191–R196)", vocabulary="FilingKind")
    title: Named[str | None] = public("名称", "Title")
    purchase_plan_id: Named[int | None] = points_to("年度购买计划", "Purchase plan", "purchase_plan.id")
    contract_id: Named[int | None] = points_to("合同", "Contract", "contract.id")
    filed_with: Named[str] = public("备案机关", "With whom")
    filed_on: Named[dt.date] = public("备案日期", "Day of filing")
    decided_on: Named[dt.date | None] = public("批复日期", "Day of the decision, where one is needed (R93)")
    is_approved: Named[bool | None] = public("同意", "Approved (R93, R94)")


filing = fact(
    "filing",
    "备案",
    "Filing for the record or for approval",
    FilingColumns,
    Index(None, "division_code"),
    Index(None, "purchase_plan_id"),
    Index(None, "contract_id"),
    refer(_division, "division_code"),
)


class CatalogueItemColumns(TypedColumns):
    id: Named[int] = key()
    catalogue: Named[str] = public("目录", "Catalogue, by its code (R95)", CODE)
    version: Named[str] = public("版本", "Version of the catalogue (R95)", CODE)
    number: Named[str] = public("条目号", "Number, e.g. GX-1.2", CODE)
    parent_number: Named[str | None] = public("上级条目号", "Number of the domain; null for a domain", CODE)
    name: Named[str] = public("名称", "Name")
    name_en: Named[str | None] = public("英文名称", "English name")
    is_other: Named[bool] = public(
        "其他委托事项", "The open item of its domain (R150)", server_default=false()
    )


catalogue_item = table(
    "catalogue_item",
    "服务清单条目",
    "Item of a catalogue of services",
    CatalogueItemColumns,
    UniqueConstraint("catalogue", "version", "number"),
)


class ContractItemColumns(TypedColumns):
    id: Named[int] = key()
    contract_id: Named[int] = internal("合同", "Contract", BigInteger)
    catalogue_item_id: Named[int | None] = points_to("服务清单条目", "Catalogue item", "catalogue_item.id")
    description: Named[str] = public("服务内容", "Service agreed")
    quantity: Named[Decimal | None] = public("数量", "Quantity", Numeric(12, 2))
    unit: Named[str | None] = public("单位", "Unit")
    amount: Named[Decimal | None] = public("金额（元）", "Amount in yuan", MONEY)


contract_item = part(
    "contract_item",
    "合同服务内容",
    "Service item of a contract",
    ContractItemColumns,
    contract,
    ("contract_id",),
    Index(None, "catalogue_item_id"),
)


class DeliverableColumns(StatedColumns):
    id: Named[int] = key()
    contract_id: Named[int] = points_to("合同", "Contract", "contract.id")
    rule: Named[str | None] = public("依据", "Rule it comes from, e.g. R201", CODE)
    title: Named[str] = public("指标", "What is to be delivered (R199–R216)")
    comparator: Named[str] = public(
        "比较方式", "How achieved and target compare (A13)", vocabulary="Comparator"
    )
    target: Named[Decimal] = public("目标值", "Target", Numeric(12, 2))
    unit: Named[str] = public("单位", "Unit")
    period: Named[str] = public("周期", "Period of the target (A26)", vocabulary="DeliverablePeriod")
    scope: Named[str] = public("范围", "Project, station or county (A25)", vocabulary="FloorScope")
    achieved: Named[Decimal | None] = public(
        "完成值", "Achieved, as the contractor states it", Numeric(12, 2)
    )
    evidence: Named[list[str]] = public(
        "佐证材料", "Titles of the evidence", ARRAY(Text), server_default="{}"
    )


deliverable = fact(
    "deliverable", "指标", "Deliverable of a contract", DeliverableColumns, Index(None, "contract_id")
)
