"""``explainAccess(id, field)``: by which rule the viewer sees one record, and how long that holds.

One question is put to the read engine, as the viewer and under all its locks. Where it finds nothing the
answer is made of the rules alone: so it is the same for a record outside the slice and for none at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final

import strawberry
from graphql import GraphQLObjectType, GraphQLSchema, get_named_type
from graphql.execution.values import VariableValues
from strawberry.types import Info

from graphql_schema.access import (
    CONTRACT,
    ContractAccess,
    Explanation,
    FieldAccess,
    TypeAccess,
    bound,
    contract_access,
    explanation,
    field_access,
    number_of,
    type_access,
)
from hub.access.explain import not_seen, why_rows
from hub.access.readable import readable
from hub.access.reasons import Because
from hub.access.rights import Rights
from hub.access.slices import BUREAU, CONTRACTOR, TOWNSHIP
from hub.access.viewer import Capability
from hub.errors import BadArgument
from hub.read import cost
from hub.read.beside import Aside, Asks, Question
from hub.read.bind import BoundType, described
from hub.read.refetch import GLOBAL_ID

Selection = Mapping[str, Any]
Found = Mapping[str, Any]

_CONTRACT: Final[Selection] = {name: {} for name in CONTRACT.split()}
_ASSIGNMENT: Final[Selection] = {"startsOn": {}, "endsOn": {}, "contract": _CONTRACT}
_ASSIGNED: Final[Selection] = {"assignments": {"nodes": _ASSIGNMENT}}
_OF_ASSIGNED: Final[Selection] = {"beneficiary": _ASSIGNED}
_UNDER_CONTRACT: Final[Selection] = {"contract": _CONTRACT, "beneficiary": _ASSIGNED}
_HOME: Final[Selection] = {"divisionCode": {}}
_OF_PERSON: Final[Selection] = {"beneficiary": _HOME}
_OF_CONTRACT: Final[Selection] = {"contract": _HOME}
_OF_SOURCE: Final[Selection] = {"source": _HOME}

_SITUATION: Final = (
    *("Dossier", "RiskAssessment", "NeedsRecord", "Assessment"),
    *("Guardian", "GuardianshipConfirmation", "ProtectionCase", "BeneficiaryVerdict"),
)
"""What is noted of a person and was done under no contract."""

_BY_CONTRACT: Final[Mapping[str, Selection]] = {
    "Station": {"contracts": {"nodes": _CONTRACT}},
    "Household": {"members": {"nodes": _ASSIGNED}},
    "Beneficiary": _ASSIGNED,
    "CategoryMembership": {"beneficiary": _ASSIGNED},
    "ReliefEpisode": {"beneficiary": _ASSIGNED},
    "Assignment": _ASSIGNMENT,
    **dict.fromkeys(_SITUATION, _OF_ASSIGNED),
    **dict.fromkeys(("Visit", "CaseWork", "HospitalEscort"), _UNDER_CONTRACT),
    "CaseSession": {"case": {"contract": _CONTRACT}, "beneficiary": _ASSIGNED},
    "VisitPhoto": {"visit": {"contract": _CONTRACT}, "beneficiary": _ASSIGNED},
}
_BY_PLACE: Final[Mapping[str, Selection]] = {
    **dict.fromkeys(("Station", "Personnel", "Contract", "Household", "Beneficiary"), _HOME),
    **dict.fromkeys(
        (
            "StreetEncounter",
            "GroupWork",
            "CommunityActivity",
            "PublicityEvent",
            "Patrol",
            "TrainingEvent",
            "ChildWorker",
            "Handover",
            "Incident",
            "ArchiveTransfer",
            "Report",
            "Evaluation",
            "FundSource",
            "SubsidyCheck",
        ),
        _HOME,
    ),
    "GroupSession": {"group": _HOME},
    "TrainingRecord": {"event": _HOME},
    "HandoverItem": {"handover": _HOME},
    **dict.fromkeys(("Expenditure", "BudgetLine"), _OF_CONTRACT),
    **dict.fromkeys(("DeletionDuty", "Source", "QuarantinedRow"), _HOME),
    **dict.fromkeys(
        (
            "CategoryMembership",
            "Assignment",
            "Visit",
            "Warning",
            "ReliefEpisode",
            "Referral",
            "DeletionDutyPerson",
            *_SITUATION,
            "CaseWork",
            "CaseSession",
            "HospitalEscort",
            "VisitPhoto",
        ),
        _OF_PERSON,
    ),
    **dict.fromkeys(("SyncRun", "SourceColumn", "SourceDrift", "DroppedCells", "Reconciliation"), _OF_SOURCE),
    "RunList": {"run": _OF_SOURCE},
}
LOOKED_AT: Final[Mapping[str, Mapping[str, Selection]]] = {
    BUREAU: _BY_PLACE,
    TOWNSHIP: {**_BY_PLACE, "Contract": {"stations": {"nodes": _HOME}}},
    CONTRACTOR: _BY_CONTRACT,
}
"""What the rules of a role look at in a record, by type: divisions, contracts, assignments under them."""


@strawberry.type(description=described("What a rule found in a visible record", "可见依据"))
class AccessGround:
    division_code: str | None = strawberry.field(
        description=described("Division of the record, or of its person", "记录或人员所在区划")
    )
    contract: ContractAccess | None = strawberry.field(
        description=described("Contract that is live", "在履行的合同")
    )
    assigned_from: dt.date | None = strawberry.field(
        description=described("First day of the assignment", "服务分派起始日")
    )
    assigned_until: dt.date | None = strawberry.field(
        description=described("Last day of the assignment; null where it has none", "服务分派终止日")
    )
    until: dt.date | None = strawberry.field(
        description=described("Last day this ground holds, as things stand; null for no end", "依据截止日")
    )


@strawberry.type(description=described("Whether one record is seen, and why", "对一条记录的访问说明"))
class RecordAccess:
    id: strawberry.ID = strawberry.field(description=described("As it was given", "所问编号"))
    visible: bool = strawberry.field(description=described("Whether the viewer sees it", "是否可见"))
    because: list[Explanation] = strawberry.field(
        description=described(
            "The rules that it keeps; where it is not seen, the same whether there is such a record or not",
            "所符合的规则；不可见时，不说明该记录是否存在",
        )
    )
    grounds: list[AccessGround] = strawberry.field(
        description=described("What the rules found in it", "可见依据")
    )
    until: dt.date | None = strawberry.field(
        description=described(
            "Last day it is seen, as things stand; null for no end, or where what it depends on is not shown",
            "可见截止日，无截止日或权限不足以说明时为空",
        )
    )
    access: TypeAccess = strawberry.field(
        description=described("What the viewer sees of this kind of record", "对此类记录的访问说明")
    )
    field: FieldAccess | None = strawberry.field(
        description=described("The field that was asked about", "所问字段")
    )


async def explain_access(
    info: Info[Any, Any],
    id: Annotated[strawberry.ID, strawberry.argument(description="Global id — 全局编号")],
    field: Annotated[str | None, strawberry.argument(description="A field of the record — 字段名")] = None,
) -> RecordAccess:
    context = info.context
    if not GLOBAL_ID.fullmatch(id):
        raise BadArgument("Expected an id as this hub gives them.", zh="应为本系统给出的全局编号")
    bound_type = bound(id.partition(":")[0])
    rights = await context.rights()
    asked = None if field is None else field_access(rights, bound_type, field)
    access = type_access(rights, bound_type)
    found = None
    if access.readable:
        document = _document(info.schema._schema, rights.viewer.role, bound_type)
        found = (await context.ask(document, {"id": id}))["node"]
    grounds = [] if found is None else _grounds(rights, found)
    return RecordAccess(
        id=id,
        visible=found is not None,
        because=[explanation(each) for each in _because(rights, bound_type, access.readable, found)],
        grounds=[ground for some in grounds for ground in some],
        until=_until(grounds),
        access=access,
        field=asked,
    )


def _asks(aside: Aside, capability: Capability, variables: VariableValues) -> Iterator[Question]:
    given = str(aside.arguments(variables)["id"])
    bound_type = bound(given.partition(":")[0])
    if readable(capability, bound_type.table.name) is not None:
        yield Question(_document(aside.schema, capability.role, bound_type), {"id": given})


EXPLAINED_RECORD: Final = Asks(cost.LOOKED_UP, _asks)


def _because(rights: Rights, bound_type: BoundType, readable: bool, found: Found | None) -> Iterator[Because]:
    if found is None:
        yield not_seen(rights, bound_type.table.name)
    if readable:
        yield from why_rows(rights, bound_type.table.name)


def _document(schema: GraphQLSchema, role: str, bound_type: BoundType) -> str:
    """The same for every id of the type."""
    looked_at = LOOKED_AT.get(role, {}).get(bound_type.name, {})
    selection = _written({"id": {}, **looked_at}, schema.type_map[bound_type.name])
    return f"query ExplainAccess($id: ID!) {{ node(id: $id) {{ ... on {bound_type.name} {selection} }} }}"


def _written(selection: Selection, type_: Any) -> str:
    """As GraphQL; what the viewer's schema does not have is left out."""
    parts = []
    for name, below in selection.items():
        field = type_.fields.get(name) if isinstance(type_, GraphQLObjectType) else None
        if field is None:
            continue
        inner = _written(below, get_named_type(field.type)) if below else ""
        if inner or not below:
            parts.append(f"{name}{'(first: 200)' if 'nodes' in below else ''} {inner}".rstrip())
    return f"{{ {' '.join(parts)} }}" if parts else ""


def _grounds(rights: Rights, found: Found) -> list[list[AccessGround]]:
    """Lists of grounds: the record is seen while one of each list holds. An empty one is not needed, or a
    scope hides what it would tell.
    """
    every = list(_objects(found))
    under = [each for each in every if "endsOn" in (each.get("contract") or ())]
    listed = [contract for each in every for contract in (each.get("contracts") or {}).get("nodes", ())]
    return [
        [_by_contract(rights, each["contract"], each) for each in under if "startsOn" in each],
        [_by_contract(rights, each["contract"]) for each in under if "startsOn" not in each],
        [_by_contract(rights, each) for each in listed if number_of(each) in rights.live],
        [_by_place(each["divisionCode"]) for each in every if each.get("divisionCode")],
    ]


def _objects(found: Any) -> Iterator[Found]:
    """``found`` and every object in it."""
    if isinstance(found, dict):
        yield found
    for below in found.values() if isinstance(found, dict) else found if isinstance(found, list) else ():
        yield from _objects(below)


def _by_contract(rights: Rights, contract: Found, assignment: Found | None = None) -> AccessGround:
    shown = contract_access(rights, contract)
    first, last = (_day((assignment or {}).get(name)) for name in ("startsOn", "endsOn"))
    return AccessGround(
        division_code=None,
        contract=shown,
        assigned_from=first,
        assigned_until=last,
        until=shown.ends_on if last is None else min(last, shown.ends_on),
    )


def _by_place(code: str) -> AccessGround:
    return AccessGround(
        division_code=code, contract=None, assigned_from=None, assigned_until=None, until=None
    )


def _until(grounds: Sequence[Sequence[AccessGround]]) -> dt.date | None:
    days = [[ground.until for ground in some if ground.until is not None] for some in grounds]
    return min((max(some) for some in days if some), default=None)


def _day(text: str | None) -> dt.date | None:
    return None if text is None else dt.date.fromisoformat(text)
