"""Enumerations and scalars as clients see them: the codes and words of ``hub.domain.vocabulary``."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from decimal import Decimal
from typing import Any, Final

import strawberry
from sqlalchemy import Column
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY

from hub import tables
from hub.domain import vocabulary as words
from hub.read.bind import described

SHOWN: Final[dict[type[words.Term], Column[Any]]] = {
    words.AbilityLevel: tables.beneficiary.c.ability_level,
    words.AbilityStandard: tables.beneficiary.c.ability_standard,
    words.AnnualEvaluation: tables.contract.c.annual_evaluation,
    words.AnnualInspection: tables.contractor.c.inspection_result,
    words.AssessmentKind: tables.assessment.c.kind,
    words.CaseKind: tables.case_work.c.kind,
    words.Category: tables.category_membership.c.category,
    words.CertificateDecision: tables.deletion_certificate.c.decision,
    words.ContractStatus: tables.contract.c.status,
    words.CorrectionStatus: tables.correction_request.c.status,
    words.CredentialKind: tables.personnel.c.credential,
    words.DeletionMethod: tables.deletion_certificate.c.method,
    words.DisabilityCategory: tables.beneficiary.c.disability_category,
    words.DivisionAuthority: tables.former_division.c.authority,
    words.DivisionChangeKind: tables.former_division.c.change,
    words.DivisionKind: tables.division.c.kind,
    words.DivisionLevel: tables.division.c.level,
    words.DossierKind: tables.dossier.c.kind,
    words.DriftKind: tables.source_drift.c.kind,
    words.DutyReason: tables.deletion_duty.c.reason,
    words.DutyStatus: tables.deletion_duty.c.status,
    words.Education: tables.personnel.c.education,
    words.EmergencyEnd: tables.emergency_access.c.end_reason,
    words.EmergencyReason: tables.emergency_access.c.reason,
    words.EmergencyVerdict: tables.emergency_access.c.verdict,
    words.FieldClass: tables.dropped_cells.c.field_class,
    words.GuardianKind: tables.guardian.c.kind,
    words.IdentityStatus: tables.identity_review.c.status,
    words.LegalBasis: tables.purpose.c.legal_basis,
    words.NeedKind: tables.referral.c.need,
    words.NeedStatus: tables.needs_record.c.status,
    words.OrganizationGrade: tables.contractor.c.grade,
    words.OrganizationKind: tables.contractor.c.kind,
    words.OverrideEnd: tables.field_override.c.end_reason,
    words.Party: tables.referral.c.referrer,
    words.PersonField: tables.field_override.c.field,
    words.PersonnelKind: tables.personnel.c.kind,
    words.PictureFormat: tables.visit_photo.c.kind,
    words.ProcurementMethod: tables.contract.c.procurement_method,
    words.ProtectionStep: tables.protection_case.c.step,
    words.ProtectionTrigger: tables.protection_case.c.trigger,
    words.ReferralKind: tables.referral.c.kind,
    words.ReferralStatus: tables.referral.c.status,
    words.RegistrationAuthority: tables.contractor.c.registration_authority,
    words.ReliefDeparture: tables.relief_episode.c.departure,
    words.ReportRefusal: tables.street_encounter.c.report_refusal,
    words.ReportState: tables.street_encounter.c.report_state,
    words.RiskLevel: tables.beneficiary.c.risk_level,
    words.RunStatus: tables.sync_run.c.status,
    words.SelfCare: tables.beneficiary.c.self_care,
    words.Sex: tables.beneficiary.c.sex,
    words.SiteHostKind: tables.station.c.site_host_kind,
    words.StationKind: tables.station.c.kind,
    words.StationStatus: tables.station.c.status,
    words.StreetAction: tables.street_encounter.c.actions,
    words.StreetCondition: tables.street_encounter.c.condition,
    words.SubsidyCheckKind: tables.subsidy_check.c.kind,
    words.SubsidyFinding: tables.subsidy_check.c.findings,
    words.SupportMode: tables.category_membership.c.support_mode,
    words.VisitKind: tables.visit.c.kind,
    words.ArchiveScope: tables.archive_transfer.c.scope,
    words.BudgetCategory: tables.budget_line.c.category,
    words.CapBase: tables.fund_source.c.cap_base,
    words.ChildWorkerKind: tables.child_worker.c.kind,
    words.EvaluationKind: tables.evaluation.c.kind,
    words.FundKind: tables.fund_source.c.kind,
    words.HandoverItemKind: tables.handover_item.c.kind,
    words.Occasion: tables.community_activity.c.occasion,
    words.PublicityKind: tables.publicity_event.c.kind,
    words.PublicityTopic: tables.publicity_event.c.topics,
    words.Rating: tables.evaluation.c.grade,
    words.ReportKind: tables.report.c.kind,
    words.ReportStatus: tables.report.c.status,
    words.TrainingKind: tables.training_event.c.kind,
    words.TrainingTopic: tables.training_event.c.topics,
    words.VerdictStatus: tables.beneficiary_verdict.c.status,
    words.VisitPurpose: tables.visit.c.purpose,
    words.WatchEnd: tables.watch.c.end_reason,
}
"""Each term and the column its Chinese label is taken from."""

OF_RULES: Final[dict[type[words.Term], str]] = {
    words.BoundRelation: "两项要求的关系",
    words.BoundStanding: "要求的适用",
    words.Force: "规则的效力",
    words.NoName: "无规定名称的原因",
    words.NormComparator: "规则的比较方式",
    words.NormPeriod: "规则的周期",
    words.NormScope: "规则的计量范围",
    words.NormSubject: "规则的对象",
    words.ServiceField: "服务领域",
}
"""Those of rules, verdicts and catalogues, which stand in no table, and their Chinese labels."""

CHOSEN: Final = "Why the value of one source stands and not another's — 取值依据"

SCALARS: Final[dict[object, Any]] = {
    python: dataclasses.replace(DEFAULT_SCALAR_REGISTRY[python], description=described(en, zh))
    for python, en, zh in (
        (dt.date, "Day, as 2026-03-31", "日期"),
        (dt.datetime, "Moment with its offset, as 2026-03-31T08:00:00+08:00", "时间"),
        (Decimal, "Decimal number as text, as 650.00", "十进制数"),
    )
}


def describe(term: type[words.Term], zh: str) -> None:
    """Make ``term`` a GraphQL enum whose values carry both words."""
    strawberry.enum(term, description=described(_sentence(term), zh))
    label_values(term, {member.name: member for member in term})


def label_values(enum: type, members: dict[str, words.Term]) -> None:
    for value in enum.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = described(members[value.name].en, members[value.name].zh)


def _sentence(term: type[words.Term]) -> str:
    spaced = re.sub(r"(?<!^)(?=[A-Z])", " ", term.__name__).capitalize()
    said = (term.__doc__ or "").strip().splitlines()
    return f"{spaced}: {said[0]}" if said else spaced


for _term, _column in SHOWN.items():
    describe(_term, f"{_column.table.info['zh']}：{_column.info['zh']}")
for _term, _zh in OF_RULES.items():
    describe(_term, _zh)
strawberry.enum(words.ChosenBy, description=CHOSEN)
label_values(words.ChosenBy, {member.name: member for member in words.ChosenBy})
