"""What can be subscribed to: the changes of each kind of record."""

from __future__ import annotations

from enum import Enum
from typing import Any, Generic, TypeVar

import strawberry

from graphql_schema.types import (
    Assignment,
    Beneficiary,
    CategoryMembership,
    Contract,
    Contractor,
    EmergencyAccess,
    Household,
    Personnel,
    Referral,
    Station,
    Visit,
    Watch,
)
from hub.read import bind
from hub.read.arguments import changes_resolver
from hub.read.bind import BINDING

T = TypeVar("T")


@strawberry.enum(description="What an event of a stream says — 变更类型")
class ChangeOperation(Enum):
    CURRENT = strawberry.enum_value(
        "CURRENT",
        description="Nothing more up to this position; once, when the stream has caught up — 已追上当前位置",
    )
    UPSERT = strawberry.enum_value(
        "UPSERT", description="The record is new to you or has changed; take node — 新增或变更"
    )
    GONE = strawberry.enum_value(
        "GONE",
        description="Deleted, not yours to see any more, or not meeting where: drop it — 已移出",
    )


@strawberry.type(description="An event of a stream — 变更事件")
class Change(Generic[T]):
    position: str = strawberry.field(
        description="Where the stream stands behind this event; give it as after to go on — 位置"
    )
    operation: ChangeOperation = strawberry.field(description="What happened — 变更类型")
    id: strawberry.ID | None = strawberry.field(description="Record; null for CURRENT — 记录编号")
    node: T | None = strawberry.field(description="The record as it is now; null unless UPSERT — 记录")


def _changes(target: str, en: str, zh: str) -> Any:
    return strawberry.field(
        resolver=changes_resolver(target),
        description=bind.described(f"What becomes of {en}", f"{zh}变更"),
        metadata={BINDING: bind.RootChanges(target)},
    )


@strawberry.type(description="Everything that can be followed — 订阅入口")
class Subscription:
    station_changes: Change[Station] = _changes("Station", "stations", "服务站")
    personnel_changes: Change[Personnel] = _changes("Personnel", "personnel", "驻站人员")
    contractor_changes: Change[Contractor] = _changes("Contractor", "contractors", "承接机构")
    contract_changes: Change[Contract] = _changes("Contract", "contracts", "合同")
    household_changes: Change[Household] = _changes("Household", "households", "家庭")
    beneficiary_changes: Change[Beneficiary] = _changes("Beneficiary", "beneficiaries", "服务对象")
    membership_changes: Change[CategoryMembership] = _changes(
        "CategoryMembership", "memberships of beneficiaries in categories", "对象类别"
    )
    assignment_changes: Change[Assignment] = _changes("Assignment", "assignments", "服务分派")
    referral_changes: Change[Referral] = _changes("Referral", "referrals", "转介")
    emergency_access_changes: Change[EmergencyAccess] = _changes(
        "EmergencyAccess", "emergency accesses", "紧急访问"
    )
    visit_changes: Change[Visit] = _changes("Visit", "visits", "探访")
    watch_changes: Change[Watch] = _changes("Watch", "watches", "资格变动关注")
