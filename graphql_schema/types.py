"""Every type that is bound to a table, made: who imports it may name their inputs."""

import graphql_schema.enums  # noqa: F401 — words before the types that use them
from graphql_schema.beneficiary import Beneficiary, CategoryMembership, Household
from graphql_schema.caseload import Assignment, Visit, Warning
from graphql_schema.casework import (
    Assessment,
    CaseSession,
    CaseWork,
    Dossier,
    Guardian,
    GuardianshipConfirmation,
    HospitalEscort,
    NeedsRecord,
    ProtectionCase,
    RiskAssessment,
    VisitPhoto,
)
from graphql_schema.contract import Contract, Contractor
from graphql_schema.deletion import DeletionCertificate, DeletionDuty, DeletionDutyPerson
from graphql_schema.division import Division, FormerDivision
from graphql_schema.emergency import EmergencyAccess
from graphql_schema.handing import Referral
from graphql_schema.likeness import BeneficiaryApart, IdentityReview
from graphql_schema.oversight import BudgetLine, Evaluation, Expenditure, FundSource, Report
from graphql_schema.provenance import QuarantinedRow, Source, SyncRun
from graphql_schema.station import Personnel, Station
from graphql_schema.stewardship import CorrectionRequest, FieldOverride
from graphql_schema.street import ReliefEpisode, StreetEncounter
from graphql_schema.subsidy import SubsidyCheck
from graphql_schema.told import DroppedCells, Reconciliation, RunList, SourceColumn, SourceDrift
from graphql_schema.verdicts import BeneficiaryVerdict
from graphql_schema.watch import Watch
from graphql_schema.work import (
    ArchiveTransfer,
    ChildWorker,
    CommunityActivity,
    GroupSession,
    GroupWork,
    Handover,
    HandoverItem,
    Incident,
    Patrol,
    PublicityEvent,
    TrainingEvent,
    TrainingRecord,
)
from hub.read.finish import finish

finish()

__all__ = [
    "ArchiveTransfer",
    "Assessment",
    "Assignment",
    "Beneficiary",
    "BeneficiaryApart",
    "BeneficiaryVerdict",
    "BudgetLine",
    "CaseSession",
    "CaseWork",
    "CategoryMembership",
    "ChildWorker",
    "CommunityActivity",
    "Contract",
    "Contractor",
    "CorrectionRequest",
    "DeletionCertificate",
    "DeletionDuty",
    "DeletionDutyPerson",
    "Division",
    "Dossier",
    "DroppedCells",
    "EmergencyAccess",
    "Evaluation",
    "Expenditure",
    "FieldOverride",
    "FormerDivision",
    "FundSource",
    "GroupSession",
    "GroupWork",
    "Guardian",
    "GuardianshipConfirmation",
    "Handover",
    "HandoverItem",
    "HospitalEscort",
    "Household",
    "IdentityReview",
    "Incident",
    "NeedsRecord",
    "Patrol",
    "Personnel",
    "ProtectionCase",
    "PublicityEvent",
    "QuarantinedRow",
    "Reconciliation",
    "Referral",
    "ReliefEpisode",
    "Report",
    "RiskAssessment",
    "RunList",
    "Source",
    "SourceColumn",
    "SourceDrift",
    "Station",
    "StreetEncounter",
    "SubsidyCheck",
    "SyncRun",
    "TrainingEvent",
    "TrainingRecord",
    "Visit",
    "VisitPhoto",
    "Warning",
    "Watch",
]
