"""Where the data comes from, and what was refused, as clients see it."""

from __future__ import annotations

import datetime as dt

import strawberry

from hub import tables
from hub.domain.vocabulary import RunStatus
from hub.read.bind import Connection, bound, many, one


@strawberry.type(description="Which source the value of a field comes from — 字段的数据来源")
class FieldProvenance:
    field: str = strawberry.field(description="Field of the record — 字段")
    source: str = strawberry.field(description="Code of the source — 来源代码")
    source_name: str = strawberry.field(description="Name of the source — 来源名称")
    record_key: str = strawberry.field(description="Key of the record in the source — 来源记录号")
    observed_at: dt.datetime = strawberry.field(description="When the source knew it — 来源时间")
    received_at: dt.datetime = strawberry.field(description="When the hub received it — 接收时间")


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
    failure_count: int
    retry_at: dt.datetime | None
    runs: Connection[SyncRun] = many("Runs of its connector", "同步运行")
    quarantined_rows: Connection[QuarantinedRow] = many("Rows that were refused", "隔离行")


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
    source: Source | None = one("Source", "来源")


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
