"""``viewer { access(type) }``: what the viewer sees of a kind of record, and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final

import strawberry
from graphql.execution.values import VariableValues
from strawberry.types import Info

import graphql_schema.types  # noqa: F401 — what ``TYPES`` holds
from graphql_schema.why import fields_of, group_of, why_field
from hub.access.explain import BY_CONTRACT, RULES, why_contract, why_leaving, why_rows, why_table
from hub.access.readable import readable
from hub.access.reasons import AccessReason, Because
from hub.access.rights import Rights
from hub.access.viewer import Capability
from hub.domain.vocabulary import ContractStatus
from hub.errors import BadArgument
from hub.read import cost
from hub.read.beside import ASKS, Aside, Asks, Question
from hub.read.bind import TYPES, BoundType, described

NAMES: Final = {table.table.name: name for name, table in TYPES.items()}

strawberry.enum(AccessReason, description=described("Why something is shown or is not", "可见或不可见的原因"))
for _value in AccessReason.__strawberry_definition__.values:  # type: ignore[attr-defined]
    _value.description = described(AccessReason[_value.name].en, AccessReason[_value.name].zh)


@strawberry.type(description=described("A reason, in a sentence", "原因说明"))
class Explanation:
    reason: AccessReason = strawberry.field(description=described("Stable code", "原因代码"))
    sentence: str = strawberry.field(description=described("In English", "英文说明"))
    sentence_zh: str = strawberry.field(description=described("In Chinese", "中文说明"))
    type: str | None = strawberry.field(description=described("Kind of record it speaks of", "所涉记录类型"))
    scope: str | None = strawberry.field(description=described("Scope it speaks of", "所涉权限"))
    group: str | None = strawberry.field(description=described("Group of columns", "字段组"))
    purposes: list[str] = strawberry.field(
        description=described("Codes of granted purposes that would do", "可开放此项的用途代码")
    )


def explanation(because: Because) -> Explanation:
    return Explanation(
        reason=because.reason,
        sentence=because.en,
        sentence_zh=because.zh,
        type=NAMES.get(because.type or ""),
        scope=because.scope,
        group=because.group,
        purposes=list(because.purposes),
    )


@strawberry.type(description=described("Whether a field is shown, and why", "字段是否可见及原因"))
class FieldAccess:
    name: str = strawberry.field(description=described("Name of the field", "字段名"))
    group: str | None = strawberry.field(
        description=described("Group of its column; null where it is none", "字段组")
    )
    visible: bool = strawberry.field(
        description=described("Whether the field exists for this request", "本次请求是否有此字段")
    )
    because: Explanation = strawberry.field(description=described("What decides it", "决定原因"))


@strawberry.type(
    description=described("An own contract, and whether it gives access", "本机构合同是否开放访问")
)
class ContractAccess:
    id: strawberry.ID = strawberry.field(description=described("Id of the contract", "合同编号"))
    number: str = strawberry.field(description=described("Number of the contract", "合同号"))
    status: ContractStatus = strawberry.field(description=described("Its status", "合同状态"))
    starts_on: dt.date = strawberry.field(description=described("First day", "起始日"))
    ends_on: dt.date = strawberry.field(description=described("Last day", "终止日"))
    live: bool = strawberry.field(description=described("Whether it gives access today", "当日是否开放访问"))
    because: Explanation = strawberry.field(description=described("Why", "原因"))


CONTRACT: Final = "id number status startsOn endsOn"
"""What is asked of a contract, for ``contract_access``."""


def contract_access(rights: Rights, found: Mapping[str, Any]) -> ContractAccess:
    because = why_contract(rights, number_of(found), found["startsOn"], found["endsOn"])
    return ContractAccess(
        id=strawberry.ID(found["id"]),
        number=found["number"],
        status=ContractStatus[found["status"]],
        starts_on=dt.date.fromisoformat(found["startsOn"]),
        ends_on=dt.date.fromisoformat(found["endsOn"]),
        live=number_of(found) in rights.live,
        because=explanation(because),
    )


def number_of(contract: Mapping[str, Any]) -> int:
    return int(str(contract["id"]).partition(":")[2])


_CONTRACTS: Final = f"{{ contracts(first: 200, orderBy: [{{endsOn: DESC}}]) {{ nodes {{ {CONTRACT} }} }} }}"


def _asks_contracts(_: Aside, capability: Capability, __: VariableValues) -> Iterator[Question]:
    by_contract = not BY_CONTRACT.isdisjoint(RULES[capability.role].values())
    if by_contract and readable(capability, "contract") is not None:
        yield Question(_CONTRACTS, {})


async def _contracts(
    info: Info[Any, Any], parent: strawberry.Parent[RowsAccess]
) -> list[ContractAccess] | None:
    if not parent.by_contract or readable(parent.rights.viewer.capability, "contract") is None:
        return None
    found = await info.context.ask(_CONTRACTS, {})
    return [contract_access(parent.rights, each) for each in found["contracts"]["nodes"]]


@strawberry.type(description=described("Which records are seen", "可见记录范围"))
class RowsAccess:
    rules: list[Explanation] = strawberry.field(
        description=described("A record is seen where all of these hold", "同时满足以下各项的记录可见")
    )
    leaving: list[Explanation] = strawberry.field(
        description=described("What takes a record out of the list", "记录移出列表的情形")
    )
    day: dt.date = strawberry.field(description=described("Day it is said of", "所指日期"))
    division_code: str | None = strawberry.field(description=described("The viewer's division", "所属区划"))
    division_name: str | None = strawberry.field(description=described("Its full name", "区划全称"))
    rights: strawberry.Private[Rights]
    by_contract: strawberry.Private[bool]

    contracts: list[ContractAccess] | None = strawberry.field(
        resolver=_contracts,
        metadata={ASKS: Asks(questions=_asks_contracts)},
        description=described(
            "Own contracts, those that end last first, at most 200; null where no rule needs them, or no "
            "scope shows them",
            "本机构合同，终止日晚者在前，最多 200 份",
        ),
    )


@strawberry.type(
    description=described("What the viewer sees of a kind of record, and why", "对一类记录的访问说明")
)
class TypeAccess:
    type: str = strawberry.field(description=described("Kind of record", "记录类型"))
    label: str = strawberry.field(description=described("Its Chinese label", "中文名称"))
    readable: bool = strawberry.field(description=described("Whether such records are seen", "是否可读"))
    because: Explanation = strawberry.field(description=described("What decides it", "决定原因"))
    rows: RowsAccess | None = strawberry.field(
        description=described("Which of them; null where none is", "可见范围")
    )
    fields: list[FieldAccess] = strawberry.field(
        description=described("Every field the whole schema has, also those that are not shown", "全部字段")
    )


async def access(
    info: Info[Any, Any],
    type_: Annotated[
        str, strawberry.argument(name="type", description="Kind of record, such as `Beneficiary` — 记录类型")
    ],
) -> TypeAccess:
    return type_access(await info.context.rights(), bound(type_))


EXPLAINED: Final = Asks(cost.LOOKED_UP)


def bound(name: str) -> BoundType:
    """The type of this name; BadArgument where there is none."""
    found = TYPES.get(name)
    if found is None:
        raise BadArgument(f"Expected one of: {', '.join(TYPES)}.", zh=f"应为以下类型之一：{', '.join(TYPES)}")
    return found


def type_access(rights: Rights, bound_type: BoundType) -> TypeAccess:
    because = why_table(rights, bound_type.table.name)
    return TypeAccess(
        type=bound_type.name,
        label=bound_type.zh,
        readable=because.shows,
        because=explanation(because),
        rows=_rows(rights, bound_type.table.name) if because.shows else None,
        fields=[field_access(rights, bound_type, name) for name in fields_of(bound_type)],
    )


def _rows(rights: Rights, table: str) -> RowsAccess:
    rules = why_rows(rights, table)
    return RowsAccess(
        rules=[explanation(rule) for rule in rules],
        leaving=[explanation(each) for each in why_leaving(rights, table)],
        day=rights.day,
        division_code=rights.viewer.division_code,
        division_name=rights.division_name,
        rights=rights,
        by_contract=any(rule.reason in BY_CONTRACT for rule in rules),
    )


def field_access(rights: Rights, bound_type: BoundType, name: str) -> FieldAccess:
    """BadArgument for a field that the whole schema does not have."""
    field = fields_of(bound_type).get(name)
    if field is None:
        raise BadArgument(f"Expected a field of {bound_type.name}.", zh=f"应为 {bound_type.name} 的字段")
    because = why_field(rights, bound_type, field)
    return FieldAccess(
        name=name,
        group=group_of(bound_type, field),
        visible=because.shows,
        because=explanation(because),
    )
