"""Where the data comes from, and what was refused, as clients see it."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

import strawberry

from hub import tables
from hub.domain.vocabulary import ChosenBy, RunStatus
from hub.read.bind import Connection, bound, many, one

if TYPE_CHECKING:
    from graphql_schema.told import DroppedCells, Reconciliation, RunList, SourceColumn, SourceDrift

VALUE: Final = "What it says, as text; null: that there is nothing — 取值（文本），null 表示无"
MAX_AGE: Final = "Age in hours the source promises at most; 0: no promise — 承诺最大时效（小时），0 为不承诺"
FRESH: Final = "Until when that promise holds; null: without one, or never read — 时效截止时间"
STALE: Final = "Older than was promised, or its source did not answer for so long — 是否超过承诺时效"


@strawberry.type(description="What another source says of a field — 其他来源的取值")
class CompetingValue:
    value: str | None = strawberry.field(description=VALUE)
    source: str = strawberry.field(description="Code of the source — 来源代码")
    source_name: str = strawberry.field(description="Name of the source — 来源名称")
    record_key: str = strawberry.field(description="Key of the record in the source — 来源记录号")
    list_kind: str | None = strawberry.field(description="Kind of list that states it — 名单类型")
    observed_at: dt.datetime = strawberry.field(description="When the source knew it — 来源时间")
    received_at: dt.datetime = strawberry.field(description="When the hub received it — 接收时间")
    max_age_hours: int = strawberry.field(description=MAX_AGE)
    fresh_until: dt.datetime | None = strawberry.field(description=FRESH)
    stale: bool = strawberry.field(description=STALE)


@strawberry.type(description="Whose value stands in a field, why, and what others say — 字段的数据来源")
class FieldProvenance:
    field: str = strawberry.field(description="Field of the record — 字段")
    value: str | None = strawberry.field(description=VALUE)
    rule: ChosenBy = strawberry.field(description="Why this value stands — 取值依据")
    reason: str | None = strawberry.field(description="Why that was decided — 取值依据的理由")
    decided_by: str | None = strawberry.field(description="Office that decided on the value — 核定机关")
    until: dt.date | None = strawberry.field(description="Last day that decision stands — 核定截止日期")
    conflicting: bool = strawberry.field(
        description="Whether another source says another value — 来源间是否不一致"
    )
    competing: list[CompetingValue] = strawberry.field(
        description="What other sources and lists say, the next best first — 其他来源的取值，由优到次"
    )
    source: str = strawberry.field(description="Code of the source — 来源代码")
    source_name: str = strawberry.field(description="Name of the source — 来源名称")
    record_key: str = strawberry.field(description="Key of the record in the source — 来源记录号")
    list_kind: str | None = strawberry.field(description="Kind of list that states it — 名单类型")
    observed_at: dt.datetime = strawberry.field(description="When the source knew it — 来源时间")
    received_at: dt.datetime = strawberry.field(description="When the hub received it — 接收时间")
    max_age_hours: int = strawberry.field(description=MAX_AGE)
    fresh_until: dt.datetime | None = strawberry.field(description=FRESH)
    stale: bool = strawberry.field(description=STALE)


@bound(tables.source)
class Source:
    id: strawberry.ID
    code: str
    name: str
    connector: str
    division_code: str | None
    max_age_hours: int
    last_run_at: dt.datetime | None
    last_success_at: dt.datetime | None
    last_status: RunStatus | None
    every_minutes: int | None
    correction_days: int | None
    failure_count: int
    retry_at: dt.datetime | None
    runs: Connection[SyncRun] = many("Runs of its connector", "同步运行")
    quarantined_rows: Connection[QuarantinedRow] = many("Rows that were refused", "隔离行")
    columns: Connection[SourceColumn] = many("Columns of its lists, and those that are gone", "名单的列")
    drifts: Connection[SourceDrift] = many("What changed in its lists", "结构变化")
    dropped_cells: Connection[DroppedCells] = many(
        "Cells nobody asked for, dropped before anything was stored", "舍弃单元格"
    )
    reconciliations: Connection[Reconciliation] = many(
        "What the hub holds of its lists, day by day, to be compared with what it has itself", "对账"
    )


@bound(tables.sync_run)
class SyncRun:
    id: strawberry.ID
    started_at: dt.datetime
    finished_at: dt.datetime | None
    status: RunStatus
    read_count: int
    unchanged_count: int
    accepted_count: int
    quarantined_count: int
    withdrawn_count: int
    changed_count: int
    error: str | None
    is_replay: bool
    source: Source | None = one("Source", "来源")
    lists: Connection[RunList] = many("What it was told, list by list", "各名单")
    drifts: Connection[SourceDrift] = many("What it found changed in lists", "结构变化")
    dropped_cells: Connection[DroppedCells] = many(
        "Cells nobody asked for, dropped before anything was stored", "舍弃单元格"
    )


@bound(tables.quarantined_row)
class QuarantinedRow:
    id: strawberry.ID
    file: str
    sheet: str
    row_number: int
    list_kind: str
    reason_codes: list[str]
    reasons: list[str]
    raw: str
    division_code: str | None
    quarantined_at: dt.datetime
    resolved_at: dt.datetime | None
    source: Source | None = one("Source", "来源")
    run: SyncRun | None = one("Run that found it", "发现时的同步运行")
