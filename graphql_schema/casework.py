"""Dossiers, assessments, cases, escorts, and the protection of children as clients see them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import strawberry

from graphql_schema.provenance import FieldProvenance
from hub import tables
from hub.domain.vocabulary import (
    AssessmentKind,
    CaseKind,
    DossierKind,
    GuardianKind,
    NeedKind,
    NeedStatus,
    PictureFormat,
    ProtectionStep,
    ProtectionTrigger,
    RiskLevel,
)
from hub.read.bind import Connection, bound, many, one, provenance

if TYPE_CHECKING:
    from graphql_schema.beneficiary import Beneficiary
    from graphql_schema.caseload import Visit
    from graphql_schema.contract import Contract
    from graphql_schema.station import Personnel


@bound(tables.dossier)
class Dossier:
    id: strawberry.ID
    version: str
    kind: DossierKind
    basic_information: str | None
    problems: str | None
    needs_assessment: str | None
    support_goals: str | None
    opened_on: dt.date
    updated_on: dt.date | None
    synced_with_township_at: dt.datetime | None
    synced_with_village_at: dt.datetime | None
    beneficiary: Beneficiary | None = one("Beneficiary", "服务对象")
    worker: Personnel | None = one("Worker in charge", "责任社工")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.risk_assessment)
class RiskAssessment:
    id: strawberry.ID
    level: RiskLevel
    assessed_on: dt.date
    reason: str | None
    beneficiary: Beneficiary | None = one("Beneficiary", "服务对象")
    worker: Personnel | None = one("Assessor", "评估人")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.needs_record)
class NeedsRecord:
    id: strawberry.ID
    version: str
    kind: NeedKind
    status: NeedStatus
    description: str | None
    assessed_on: dt.date
    beneficiary: Beneficiary | None = one("Beneficiary", "服务对象")
    worker: Personnel | None = one("Assessor", "评估人")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.assessment)
class Assessment:
    id: strawberry.ID
    kind: AssessmentKind
    standard: str | None
    assessed_on: dt.date
    result: str
    assessor_name: str | None
    beneficiary: Beneficiary | None = one("Beneficiary", "服务对象")
    worker: Personnel | None = one("Assessor of a station", "评估人")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.guardian)
class Guardian:
    id: strawberry.ID
    kind: GuardianKind
    name: str
    relation: str | None
    phone: str | None
    starts_on: dt.date | None
    ends_on: dt.date | None
    beneficiary: Beneficiary | None = one("Beneficiary", "服务对象")
    confirmations: Connection[GuardianshipConfirmation] = many(
        "Confirmations of the guardianship", "委托监护确认书"
    )
    provenance: list[FieldProvenance] = provenance()


@bound(tables.guardianship_confirmation)
class GuardianshipConfirmation:
    id: strawberry.ID
    confirmed_on: dt.date
    document: str | None
    guardian: Guardian | None = one("Guardian", "监护人", via="guardian_id")
    beneficiary: Beneficiary | None = one("Beneficiary", "服务对象", via="beneficiary_id")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.protection_case)
class ProtectionCase:
    id: strawberry.ID
    version: str
    trigger: ProtectionTrigger
    step: ProtectionStep
    opened_on: dt.date
    closed_on: dt.date | None
    is_mandatory_report: bool
    reported_on: dt.date | None
    reported_to: str | None
    referred_to: str | None
    beneficiary: Beneficiary | None = one("Beneficiary", "服务对象")
    worker: Personnel | None = one("Worker in charge", "责任社工")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.case_work)
class CaseWork:
    id: strawberry.ID
    version: str
    kind: CaseKind
    session_count: int
    hours: Decimal
    opened_on: dt.date
    closed_on: dt.date | None
    summary: str | None
    beneficiary: Beneficiary | None = one("Beneficiary", "服务对象")
    contract: Contract | None = one("Contract", "合同")
    worker: Personnel | None = one("Worker in charge", "责任社工")
    sessions: Connection[CaseSession] = many("Sessions noted in the hub", "个案服务")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.case_session)
class CaseSession:
    id: strawberry.ID
    held_on: dt.date
    hours: Decimal
    record: str | None
    case: CaseWork | None = one("CaseWork", "个案", via="case_work_id")
    beneficiary: Beneficiary | None = one("Beneficiary", "服务对象", via="beneficiary_id")


@bound(tables.hospital_escort)
class HospitalEscort:
    id: strawberry.ID
    hospital: str | None
    starts_on: dt.date
    ends_on: dt.date | None
    carers: list[str]
    beneficiary: Beneficiary | None = one("Beneficiary", "服务对象")
    contract: Contract | None = one("Contract", "合同")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.visit_photo)
class VisitPhoto:
    id: strawberry.ID
    kind: PictureFormat
    byte_count: int
    content: str
    taken_at: dt.datetime | None
    caption: str | None
    visit: Visit | None = one("Visit", "探访", via="visit_id")
    beneficiary: Beneficiary | None = one("Beneficiary", "服务对象", via="beneficiary_id")
