"""Enumerations as clients see them: the codes and words of ``hub.domain.vocabulary``."""

from __future__ import annotations

import re
from typing import Final

import strawberry

from hub.domain import vocabulary as words

SHOWN: Final[tuple[type[words.Term], ...]] = (
    words.AbilityLevel,
    words.AnnualEvaluation,
    words.Category,
    words.ContractStatus,
    words.CredentialKind,
    words.DisabilityCategory,
    words.DivisionKind,
    words.DivisionLevel,
    words.Education,
    words.OrganizationGrade,
    words.OrganizationKind,
    words.PersonnelKind,
    words.ProcurementMethod,
    words.RegistrationAuthority,
    words.RiskLevel,
    words.RunStatus,
    words.SelfCare,
    words.Sex,
    words.SiteHostKind,
    words.StationKind,
    words.StationStatus,
    words.SupportMode,
    words.VisitKind,
    words.VisitPurpose,
)


def describe(term: type[words.Term]) -> None:
    """Make ``term`` a GraphQL enum whose values carry both words."""
    strawberry.enum(term, description=_sentence(term))
    label_values(term, {member.name: member for member in term})


def label_values(enum: type, members: dict[str, words.Term]) -> None:
    for value in enum.__strawberry_definition__.values:  # type: ignore[attr-defined]
        value.description = f"{members[value.name].en} — {members[value.name].zh}"


def _sentence(term: type[words.Term]) -> str:
    spaced = re.sub(r"(?<!^)(?=[A-Z])", " ", term.__name__).capitalize()
    return ((term.__doc__ or "").strip() or spaced).splitlines()[0]


for _term in SHOWN:
    describe(_term)
