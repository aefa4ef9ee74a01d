"""Contractors and contracts as clients see them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import strawberry

from graphql_schema.provenance import FieldProvenance
from hub import tables
from hub.domain.vocabulary import (
    AnnualEvaluation,
    AnnualInspection,
    ContractStatus,
    OrganizationGrade,
    OrganizationKind,
    ProcurementMethod,
    RegistrationAuthority,
)
from hub.read.bind import Connection, bound, many, one, provenance

if TYPE_CHECKING:
    from graphql_schema.beneficiary import Beneficiary
    from graphql_schema.caseload import Assignment, Visit
    from graphql_schema.division import Division
    from graphql_schema.oversight import BudgetLine, Evaluation, Expenditure, Report
    from graphql_schema.station import Personnel, Station
    from graphql_schema.work import (
        ArchiveTransfer,
        CommunityActivity,
        GroupWork,
        Handover,
        Incident,
        Patrol,
        PublicityEvent,
        TrainingEvent,
    )


@bound(tables.contractor)
class Contractor:
    id: strawberry.ID
    credit_code: str
    name: str
    kind: OrganizationKind | None
    registration_authority: RegistrationAuthority | None
    business_scope: str | None
    grade: OrganizationGrade | None
    has_party_organisation: bool | None
    contact_name: str | None
    contact_phone: str | None
    legal_representative: str | None
    certificate_starts_on: dt.date | None
    certificate_ends_on: dt.date | None
    is_charity: bool | None
    inspected_year: int | None
    inspection_result: AnnualInspection | None
    is_listed_abnormal: bool | None
    division: Division | None = one("Division of registration", "登记地区划")
    contracts: Connection[Contract] = many("Contracts", "合同")
    stations: Connection[Station] = many("Stations it runs", "运营的服务站")
    personnel: Connection[Personnel] = many("People it employs", "聘用人员")
    assignments: Connection[Assignment] = many("Its caseload", "服务分派")
    visits: Connection[Visit] = many("Visits it made", "探访")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.contract)
class Contract:
    id: strawberry.ID
    number: str
    title: str | None
    project_number: str | None
    division_code: str
    purchaser_name: str | None
    procurement_method: ProcurementMethod | None
    signed_on: dt.date | None
    starts_on: dt.date
    ends_on: dt.date
    cycle_years: int | None
    amount: Decimal | None
    standards: str | None
    evaluation_rules: str | None
    renewal_of_number: str | None
    status: ContractStatus
    annual_evaluation: AnnualEvaluation | None
    exception_reason: str | None
    division: Division = one("Division of the purchaser", "购买方区划")
    contractor: Contractor | None = one("Contractor", "承接机构")
    stations: Connection[Station] = many(
        "Stations it is served at", "服务站", through=tables.contract_station
    )
    assignments: Connection[Assignment] = many("Assignments under it", "服务分派")
    beneficiaries: Connection[Beneficiary] = many(
        "Beneficiaries assigned under it", "服务对象", through=tables.assignment
    )
    visits: Connection[Visit] = many("Visits made under it", "探访")
    group_works: Connection[GroupWork] = many("Group-work series", "小组")
    community_activities: Connection[CommunityActivity] = many("Community activities", "社区活动")
    publicity_events: Connection[PublicityEvent] = many("Publicity events", "宣传")
    patrols: Connection[Patrol] = many("Street patrols", "街面巡查")
    training_events: Connection[TrainingEvent] = many("Training events", "培训")
    handovers: Connection[Handover] = many("Handovers on a change of staff", "交接")
    incidents: Connection[Incident] = many("Major events and emergencies", "重大事件、紧急情况")
    archive_transfers: Connection[ArchiveTransfer] = many("Transfers of archives", "档案移交")
    reports: Connection[Report] = many("Reports", "工作报告")
    evaluations: Connection[Evaluation] = many("Evaluations", "评估评分")
    budget_lines: Connection[BudgetLine] = many("Its budget", "费用科目")
    expenditures: Connection[Expenditure] = many("What was spent under it", "支出")
    provenance: list[FieldProvenance] = provenance()
