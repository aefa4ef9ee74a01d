"""``explainList(of)``: why a list of the viewer is as long as it is, condition by condition.

Every number is one that the viewer's own lists tell as ``totalCount``. What is outside the slice is not
counted, and nothing of it is told but the rules.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Annotated, Any, Final

import strawberry
from graphql import Undefined, value_from_ast_untyped
from graphql.execution.values import VariableValues
from graphql.language import FieldNode
from strawberry.types import Info

from graphql_schema.access import TypeAccess, type_access
from hub.access.readable import readable
from hub.access.viewer import Capability
from hub.domain.names import camel
from hub.read import cost
from hub.read.beside import Aside, Asks, Question
from hub.read.bind import FOR, TYPES, BoundType, described

LISTS: Final[Mapping[str, str]] = {
    "divisions": "Division",
    "former_divisions": "FormerDivision",
    "stations": "Station",
    "personnel": "Personnel",
    "contractors": "Contractor",
    "contracts": "Contract",
    "households": "Household",
    "beneficiaries": "Beneficiary",
    "assignments": "Assignment",
    "visits": "Visit",
    "warnings": "Warning",
    "relief_episodes": "ReliefEpisode",
    "street_encounters": "StreetEncounter",
    "dossiers": "Dossier",
    "risk_assessments": "RiskAssessment",
    "needs": "NeedsRecord",
    "assessments": "Assessment",
    "guardians": "Guardian",
    "protection_cases": "ProtectionCase",
    "cases": "CaseWork",
    "hospital_escorts": "HospitalEscort",
    "beneficiary_verdicts": "BeneficiaryVerdict",
    "group_works": "GroupWork",
    "community_activities": "CommunityActivity",
    "publicity_events": "PublicityEvent",
    "patrols": "Patrol",
    "training_events": "TrainingEvent",
    "child_workers": "ChildWorker",
    "handovers": "Handover",
    "incidents": "Incident",
    "archive_transfers": "ArchiveTransfer",
    "reports": "Report",
    "evaluations": "Evaluation",
    "expenditures": "Expenditure",
    "fund_sources": "FundSource",
    "subsidy_checks": "SubsidyCheck",
    "referrals": "Referral",
    "deletion_duties": "DeletionDuty",
    "deletion_certificates": "DeletionCertificate",
    "emergency_accesses": "EmergencyAccess",
    "watches": "Watch",
    "identity_reviews": "IdentityReview",
    "field_overrides": "FieldOverride",
    "correction_requests": "CorrectionRequest",
    "sources": "Source",
    "source_drifts": "SourceDrift",
    "reconciliations": "Reconciliation",
    "quarantined_rows": "QuarantinedRow",
}
"""Lists of the query type that can be explained, and the type of their rows."""


def _listed(target: str) -> Any:
    return strawberry.field(
        default=strawberry.UNSET,
        description=described(
            "Conditions as the list takes them; {} for none", "与该列表相同的筛选条件，可为 {}"
        ),
        metadata={FOR: lambda capability: readable(capability, TYPES[target].table.name) is not None},
    )


def _input() -> Any:
    made = type("ListToExplain", (), {name: _listed(target) for name, target in LISTS.items()})
    made.__annotations__ = {
        name: TYPES[target].where | None  # type: ignore[operator]
        for name, target in LISTS.items()
    }
    made.__module__ = __name__
    return strawberry.input(
        made, one_of=True, description=described("One list, and its conditions", "一个列表及其筛选条件")
    )


ListToExplain: Any = _input()


def has_lists(capability: Capability) -> bool:
    return any(readable(capability, TYPES[target].table.name) is not None for target in LISTS.values())


@strawberry.type(description=described("What a condition leaves of a list", "逐项筛选后的数量"))
class ListStep:
    condition: str = strawberry.field(
        description=described("Name of the condition, which comes on top of those before", "筛选条件名")
    )
    count: int = strawberry.field(description=described("Rows that are left", "剩余数量"))


@strawberry.type(description=described("Why a list is as long as it is", "列表数量说明"))
class ListAccess:
    in_slice: int = strawberry.field(
        description=described(
            "Records of this kind that the viewer sees, without any condition", "可见记录总数"
        )
    )
    steps: list[ListStep] = strawberry.field(
        description=described("Conditions in the order they were written", "逐项筛选")
    )
    count: int = strawberry.field(description=described("Rows of the list", "列表数量"))
    access: TypeAccess = strawberry.field(
        description=described("By which rules others are left out", "其余记录不在列表中的规则")
    )


async def explain_list(
    info: Info[Any, Any],
    of: Annotated[ListToExplain, strawberry.argument(description=described("The list", "所问列表"))],
) -> ListAccess:
    name, where = _given(info._raw_info.field_nodes[0], info.variable_values)
    bound_type = _TARGETS[name]
    found = await info.context.ask(*_question(name, where))
    total, *counts = (each["totalCount"] for each in found.values())
    return ListAccess(
        in_slice=total,
        steps=[ListStep(condition=key, count=count) for key, count in zip(where, counts, strict=True)],
        count=counts[-1] if counts else total,
        access=type_access(await info.context.rights(), bound_type),
    )


_TARGETS: Final = {camel(name): TYPES[target] for name, target in LISTS.items()}


def _asks(aside: Aside, _: Capability, variables: VariableValues) -> Iterator[Question]:
    aside.arguments(variables)  # or it is refused
    yield _question(*_given(aside.node, variables.coerced))


EXPLAINED_LIST: Final = Asks(cost.LOOKED_UP, _asks)


def _question(name: str, where: Mapping[str, Any]) -> Question:
    asked = {f"w{n}": dict(list(where.items())[: n + 1]) for n in range(len(where))}
    return Question(_document(name, _TARGETS[name], len(asked)), asked)


def _document(name: str, bound_type: BoundType, steps: int) -> str:
    """One statement, so that all the numbers are of one moment."""
    where = f"{bound_type.name}Where"
    given = ", ".join(f"$w{n}: {where}" for n in range(steps))
    counts = " ".join(f"c{n}: {name}(where: $w{n}) {{ totalCount }}" for n in range(steps))
    named = f"ExplainList({given})" if given else "ExplainList"
    return f"query {named} {{ all: {name} {{ totalCount }} {counts} }}"


def _given(node: FieldNode, variables: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """The list, and its conditions as a request may hold them, in the order they were written."""
    (argument,) = node.arguments or ()
    ((name, where),) = _plain(value_from_ast_untyped(argument.value, dict(variables))).items()
    return name, where


def _plain(value: Any) -> Any:
    """As JSON has it, without members whose variables were not given."""
    match value:
        case dict():
            return {key: _plain(each) for key, each in value.items() if each is not Undefined}
        case list():
            return [_plain(each) for each in value]
        case Enum():
            return value.name
        case dt.date():
            return value.isoformat()
    return value
