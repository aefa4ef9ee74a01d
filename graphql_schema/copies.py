"""``caseload``: a client's own copy of the people it sees, kept in step (``docs/caseload.md``)."""

from __future__ import annotations

from enum import Enum
from typing import Final

import strawberry

from graphql_schema.types import Beneficiary
from hub.access.copies import Reason
from hub.read import bind
from hub.read.bind import BINDING


@strawberry.enum(description="What to do with an entry of a caseload — 副本条目操作")
class CaseloadOperation(Enum):
    UPSERT = strawberry.enum_value(
        "UPSERT", description="Put the person in place of what you hold under the id — 新增或替换"
    )
    TOMBSTONE = strawberry.enum_value(
        "TOMBSTONE", description="Drop what you hold under the id; if nothing, do nothing — 移除"
    )


WHY: Final = {
    Reason.DELETED: "The record was deleted — 记录已删除",
    Reason.UNASSIGNED: "Nobody under your live contracts looks after the person now — 不再分派给您",
    Reason.CONTRACT_ENDED: "No contract you were given the person by is live now — 合同已终止或到期",
    Reason.MERGED: "The file is one with that of mergedInto, which you hold or are told — 已与另一档案合并",
    Reason.MASKED: "Your registration or purpose shows no younger children now — 权限已不含低龄儿童信息",
    Reason.OUT_OF_SLICE: "Not yours to see any more; why is not told — 已移出可见范围",
}
CaseloadReason = Enum(  # type: ignore[misc]
    "CaseloadReason", [(r.name, strawberry.enum_value(r.value, description=WHY[r])) for r in Reason]
)
strawberry.enum(CaseloadReason, description="Why somebody is not in a caseload any more — 移除原因")


@strawberry.type(description="Somebody who came, changed or went — 副本条目")
class CaseloadEntry:
    operation: CaseloadOperation = strawberry.field(description="What to do — 操作")
    id: strawberry.ID = strawberry.field(description="The person — 服务对象编号")
    reason: CaseloadReason | None = strawberry.field(description="Why, of a TOMBSTONE — 移除原因")
    version: str | None = strawberry.field(
        description="Of an UPSERT: another whenever anything you select of the person is — 内容版本"
    )
    merged_into: strawberry.ID | None = strawberry.field(
        description="Where a MERGED file lives on — 合并后的档案编号"
    )
    beneficiary: Beneficiary | None = strawberry.field(
        description="The person as of now, of an UPSERT: own fields, household, and facts — 服务对象",
        metadata={BINDING: bind.RootCopy("Beneficiary")},
    )


@strawberry.type(description="What a copy in step comes to — 副本核对值")
class CaseloadChecksum:
    count: int = strawberry.field(description="People in it — 人数")
    checksum: str = strawberry.field(
        description="Exclusive or, over all, of 16 bytes of SHA-256 of id, blank, version — 校验值"
    )


@strawberry.type(description="A page of a caseload — 副本页")
class CaseloadPage:
    entries: list[CaseloadEntry] = strawberry.field(description="In this order — 条目")
    cursor: str = strawberry.field(
        description="Give it as since for what comes behind this page; keep it with the page — 游标"
    )
    has_more: bool = strawberry.field(description="Ask again at once — 是否还有")
    checksum: str = strawberry.field(
        description="SHA-256 of entries as sent: as compact JSON, UTF-8 — 本页校验值"
    )
    whole: CaseloadChecksum | None = strawberry.field(
        description="Of all you should hold; null until in step. It reads everything — 全部核对值"
    )
