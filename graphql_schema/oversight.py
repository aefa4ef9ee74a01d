"""Reports, evaluations and money, as clients see them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import strawberry

from graphql_schema.provenance import FieldProvenance
from hub import tables
from hub.domain.vocabulary import (
    BudgetCategory,
    CapBase,
    EvaluationKind,
    FundKind,
    Party,
    Rating,
    ReportKind,
    ReportStatus,
)
from hub.read.bind import Connection, bound, many, one, provenance

if TYPE_CHECKING:
    from graphql_schema.contract import Contract, Contractor
    from graphql_schema.division import Division
    from graphql_schema.station import Station


@bound(tables.report)
class Report:
    id: strawberry.ID
    version: str
    division_code: str
    kind: ReportKind
    rule: str | None
    sender: Party
    recipient: Party
    recipient_division_code: str
    is_copy: bool
    period_starts_on: dt.date
    period_ends_on: dt.date
    due_on: dt.date | None
    is_due_day_included: bool | None
    submitted_at: dt.datetime | None
    status: ReportStatus
    decided_at: dt.datetime | None
    return_reason: str | None
    title: str | None
    content: str | None
    division: Division = one("Division of the sender", "报送方区划", via="division_code")
    recipient_division: Division = one(
        "Division of the recipient", "接收方区划", via="recipient_division_code"
    )
    station: Station | None = one("Station", "服务站")
    contract: Contract | None = one("Contract", "合同")
    contractor: Contractor | None = one("Contractor", "承接机构")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.evaluation)
class Evaluation:
    id: strawberry.ID
    division_code: str
    kind: EvaluationKind
    evaluator: str
    period_starts_on: dt.date
    period_ends_on: dt.date
    evaluated_on: dt.date | None
    score: Decimal | None
    full_score: Decimal | None
    grade: Rating | None
    opinion: str | None
    published_at: dt.datetime | None
    is_used_for_renewal: bool | None
    division: Division = one("Division of what is evaluated", "区划", via="division_code")
    station: Station | None = one("Station", "服务站")
    contract: Contract | None = one("Contract", "合同")
    contractor: Contractor | None = one("Contractor", "承接机构")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.fund_source)
class FundSource:
    id: strawberry.ID
    division_code: str
    kind: FundKind
    year: int
    amount: Decimal
    is_earmarked: bool | None
    cap_rule: str | None
    cap_base: CapBase | None
    cap_base_amount: Decimal | None
    surplus_amount: Decimal | None
    division: Division = one("Division that holds it", "区划")
    expenditures: Connection[Expenditure] = many("What was spent of it", "支出")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.budget_line)
class BudgetLine:
    id: strawberry.ID
    category: BudgetCategory
    sub_item: str | None
    planned_amount: Decimal
    spent_amount: Decimal | None
    contract: Contract | None = one("Contract", "合同")
    expenditures: Connection[Expenditure] = many("What was spent of it", "支出")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.expenditure)
class Expenditure:
    id: strawberry.ID
    spent_on: dt.date
    amount: Decimal
    description: str | None
    is_civil_affairs_money: bool
    contract: Contract | None = one("Contract", "合同")
    budget_line: BudgetLine | None = one("Line of the budget", "费用科目")
    fund_source: FundSource | None = one("Source of funds, for who sees it", "资金来源")
    provenance: list[FieldProvenance] = provenance()
