"""资金: budget, sources, payments, expenditure."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from sqlalchemy import Index, Named, SmallInteger

from hub.tables._columns import (
    CODE,
    MONEY,
    StatedColumns,
    division,
    fact,
    key,
    points_to,
    public,
    refer,
)
from hub.tables.division import division as _division


class BudgetLineColumns(StatedColumns):
    id: Named[int] = key()
    contract_id: Named[int] = points_to("合同", "Contract", "contract.id")
    category: Named[str] = public("费用科目", "Category (R104–R107)", vocabulary="BudgetCategory")
    sub_item: Named[str | None] = public("子目", "Sub-item, e.g. 五险一金; null for the whole category")
    planned_amount: Named[Decimal] = public("预算（元）", "Planned amount in yuan", MONEY)
    spent_amount: Named[Decimal | None] = public(
        "已支出（元）", "Spent in yuan, as the contractor states it", MONEY
    )


budget_line = fact(
    "budget_line", "费用科目", "Budget line of a contract", BudgetLineColumns, Index(None, "contract_id")
)


class FundSourceColumns(StatedColumns):
    id: Named[int] = key()
    division_code: Named[str] = division("区划", "Division that holds the fund")
    kind: Named[str] = public("资金类别", "Kind of fund (R96, R102, R115)", vocabulary="FundKind")
    year: Named[int] = public("年度", "Year", SmallInteger)
    amount: Named[Decimal] = public("金额（元）", "Amount for purchased services in yuan", MONEY)
    is_earmarked: Named[bool | None] = public("专款专用", "Earmarked (R99, R100)")
    cap_rule: Named[str | None] = public("上限依据", "Rule that caps it: R97 or R112", CODE)
    cap_base: Named[str | None] = public(
        "上限基数口径", "What the cap is a share of (A2)", vocabulary="CapBase"
    )
    cap_base_amount: Named[Decimal | None] = public("上限基数（元）", "Base of the cap in yuan", MONEY)
    surplus_amount: Named[Decimal | None] = public("结余（元）", "Surplus in yuan (R113, R114)", MONEY)


fund_source = fact(
    "fund_source",
    "资金来源",
    "Source of funds",
    FundSourceColumns,
    Index(None, "division_code", "year"),
    refer(_division, "division_code"),
)


class ExpenditureColumns(StatedColumns):
    id: Named[int] = key()
    contract_id: Named[int] = points_to("合同", "Contract", "contract.id")
    budget_line_id: Named[int | None] = points_to("费用科目", "Budget line", "budget_line.id")
    fund_source_id: Named[int | None] = points_to("资金来源", "Source of funds", "fund_source.id")
    spent_on: Named[dt.date] = public("支出日期", "Day")
    amount: Named[Decimal] = public("金额（元）", "Amount in yuan", MONEY)
    description: Named[str | None] = public("摘要", "What it was spent on")
    is_civil_affairs_money: Named[bool] = public("民政购买资金", "Civil-affairs money (R109)")


expenditure = fact(
    "expenditure",
    "支出",
    "Expenditure",
    ExpenditureColumns,
    Index(None, "contract_id", "spent_on"),
    Index(None, "budget_line_id"),
    Index(None, "fund_source_id"),
)


class PaymentColumns(StatedColumns):
    id: Named[int] = key()
    contract_id: Named[int] = points_to("合同", "Contract", "contract.id")
    position: Named[int] = public("期次", "Which payment it is, counted from 1", SmallInteger)
    due_on: Named[dt.date | None] = public("应付日期", "Day it is due")
    amount: Named[Decimal] = public("应付金额（元）", "Amount due in yuan", MONEY)
    condition: Named[str | None] = public("付款条件", "Condition, e.g. a passed evaluation (R71)")
    paid_on: Named[dt.date | None] = public("支付日期", "Day it was paid")
    paid_amount: Named[Decimal | None] = public("支付金额（元）", "Amount paid in yuan", MONEY)


payment = fact(
    "payment",
    "付款计划",
    "Payment of the schedule of a contract",
    PaymentColumns,
    Index(None, "contract_id", "position"),
)
