"""Enumerations as clients see them: the codes and words of ``hub.domain.vocabulary``."""

from __future__ import annotations

import re
from typing import TypeVar

import strawberry

from hub.domain import vocabulary as words

E = TypeVar("E", bound=type[words.Term])


def shown(term: E) -> E:
    """``term`` as a GraphQL enum whose values carry both words."""
    strawberry.enum(term, description=_sentence(term))
    for value in term.__strawberry_definition__.values:  # type: ignore[attr-defined]
        member = term[value.name]
        value.description = f"{member.en} — {member.zh}"
    return term


def _sentence(term: type[words.Term]) -> str:
    return ((term.__doc__ or "").strip() or _spaced(term.__name__)).splitlines()[0]


def _spaced(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", " ", name).capitalize()


AbilityLevel = shown(words.AbilityLevel)
AnnualEvaluation = shown(words.AnnualEvaluation)
Category = shown(words.Category)
ContractStatus = shown(words.ContractStatus)
CredentialKind = shown(words.CredentialKind)
DisabilityCategory = shown(words.DisabilityCategory)
DivisionKind = shown(words.DivisionKind)
DivisionLevel = shown(words.DivisionLevel)
Education = shown(words.Education)
OrganizationKind = shown(words.OrganizationKind)
PersonnelKind = shown(words.PersonnelKind)
ProcurementMethod = shown(words.ProcurementMethod)
RegistrationAuthority = shown(words.RegistrationAuthority)
RiskLevel = shown(words.RiskLevel)
RunStatus = shown(words.RunStatus)
SelfCare = shown(words.SelfCare)
Sex = shown(words.Sex)
SiteHostKind = shown(words.SiteHostKind)
StationKind = shown(words.StationKind)
StationStatus = shown(words.StationStatus)
SupportMode = shown(words.SupportMode)
VisitKind = shown(words.VisitKind)
VisitPurpose = shown(words.VisitPurpose)
