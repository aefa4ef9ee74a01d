"""Households, beneficiaries and their categories as clients see them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING

import strawberry

from graphql_schema.provenance import FieldProvenance
from hub import tables
from hub.domain.vocabulary import (
    AbilityLevel,
    Category,
    DisabilityCategory,
    RiskLevel,
    SelfCare,
    Sex,
    SupportMode,
)
from hub.read.bind import Connection, bound, many, one, provenance

if TYPE_CHECKING:
    from graphql_schema.caseload import Assignment, Visit, Warning
    from graphql_schema.casework import (
        Assessment,
        CaseWork,
        Dossier,
        Guardian,
        HospitalEscort,
        NeedsRecord,
        ProtectionCase,
        RiskAssessment,
    )
    from graphql_schema.contract import Contract
    from graphql_schema.division import Division
    from graphql_schema.station import Station
    from graphql_schema.street import ReliefEpisode, StreetEncounter
    from graphql_schema.verdicts import BeneficiaryVerdict


@bound(tables.household)
class Household:
    id: strawberry.ID
    household_number: str
    division_code: str
    address: str | None
    registered_member_count: int | None
    economic_status_checked_on: dt.date | None
    division: Division = one("Division of residence", "居住地区划")
    members: Connection[Beneficiary] = many("Members who are beneficiaries", "家庭成员中的服务对象")
    provenance: list[FieldProvenance] = provenance()


@bound(tables.beneficiary)
class Beneficiary:
    id: strawberry.ID
    name: str
    name_masked: str
    id_number: str | None
    id_number_masked: str | None
    file_number: str | None
    sex: Sex | None
    birth_on: dt.date | None
    ethnicity_code: str | None
    division_code: str
    address: str | None
    phone: str | None
    household_relation_code: str | None
    risk_level: RiskLevel | None
    self_care: SelfCare | None
    ability_level: AbilityLevel | None
    ability_standard: str | None
    disability_category: DisabilityCategory | None
    disability_grade: int | None
    disability_certificate: str | None
    guardian_name: str | None
    guardian_relation: str | None
    guardian_phone: str | None
    school: str | None
    deceased_on: dt.date | None
    dossier_opened_on: dt.date | None
    division: Division = one("Division of residence", "居住地区划")
    household: Household | None = one("Household", "家庭")
    station: Station | None = one("Station of the residence", "所属服务站")
    memberships: Connection[CategoryMembership] = many("Categories", "对象类别")
    assignments: Connection[Assignment] = many("Who looks after the person", "服务分派")
    contracts: Connection[Contract] = many(
        "Contracts the person is served under", "服务合同", through=tables.assignment
    )
    visits: Connection[Visit] = many("Visits", "探访")
    warnings: Connection[Warning] = many("Warnings of upstream systems", "预警")
    relief_episodes: Connection[ReliefEpisode] = many("Stays with the relief system", "救助记录")
    verdicts: Connection[BeneficiaryVerdict] = many("What was last judged of the person", "判定")
    dossiers: Connection[Dossier] = many("Dossiers", "一人一档")
    risk_assessments: Connection[RiskAssessment] = many("Assessments of risk", "风险评估")
    needs: Connection[NeedsRecord] = many("Needs", "服务需求")
    assessments: Connection[Assessment] = many("Assessments", "评估")
    guardians: Connection[Guardian] = many("Guardians", "监护人")
    protection_cases: Connection[ProtectionCase] = many("Protection cases of the child", "保护机制")
    cases: Connection[CaseWork] = many("Cases", "个案")
    hospital_escorts: Connection[HospitalEscort] = many("Escorts in hospital", "住院陪护")
    street_encounters: Connection[StreetEncounter] = many(
        "When the person was found on the street", "街面发现"
    )
    provenance: list[FieldProvenance] = provenance()


@bound(tables.category_membership)
class CategoryMembership:
    id: strawberry.ID
    category: Category
    starts_on: dt.date
    ends_on: dt.date | None
    support_mode: SupportMode | None
    monthly_amount: Decimal | None
    certificate_number: str | None
    legal_basis: str | None
    beneficiary: Beneficiary | None = one("Beneficiary", "服务对象")
    provenance: list[FieldProvenance] = provenance()
