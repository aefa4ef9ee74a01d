"""台账: where every fact came from, what was refused, what changed."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Named,
    SmallInteger,
    Table,
    Text,
    Time,
    TypedColumns,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from hub.tables._columns import CODE, STAMP, division, internal, metadata, now, public, sealed, stated, table

OWN_TRANSACTION = "(pg_current_xact_id()::text)::bigint"


class CharacterReadingColumns(TypedColumns):
    characters: Named[str] = internal(
        "文字", "A character, or a surname of two characters", CODE, primary_key=True
    )
    usual: Named[list[str]] = internal("常用读音", "Readings anywhere, most usual first", ARRAY(CODE))
    surname: Named[list[str]] = internal(
        "姓氏读音", "Readings at the beginning of a person's name", ARRAY(CODE)
    )


character_reading = table(
    "character_reading", "文字读音", "How characters are read, without tones", CharacterReadingColumns
)


class SourceColumns(TypedColumns):
    id: Named[int] = internal("编号", "Number", SmallInteger, Identity(), primary_key=True)
    code: Named[str] = public("来源代码", "Code of the source", CODE)
    name: Named[str] = public("来源名称", "Name of the source")
    connector: Named[str] = public("连接器", "Connector that reads it", CODE)
    division_code: Named[str | None] = division("区划", "Division whose data it holds")
    location: Named[str] = internal("位置", "Folder, address or URL")
    secrets: Named[bytes | None] = sealed("接入密钥", "What opens the source, as JSON, opened", "internal")
    most_lost_percent: Named[int] = internal(
        "单次最大减少比例（%）",
        "A run that would delete more of a list stops",
        SmallInteger,
        server_default="10",
    )
    max_age_hours: Named[int] = public("承诺最大时效（小时）", "Promised maximum age in hours", Integer)
    every_minutes: Named[int | None] = public(
        "同步间隔（分钟）", "Minutes between runs; empty: HUB_SYNC_INTERVAL_SECONDS", Integer
    )
    window_from: Named[dt.time | None] = public(
        "可访问时段起", "Local time from which the system may be asked", Time
    )
    window_until: Named[dt.time | None] = public("可访问时段止", "Local time until which it may be", Time)
    failure_count: Named[int] = public(
        "连续失败次数", "Runs that failed since one succeeded", Integer, server_default="0"
    )
    retry_at: Named[dt.datetime | None] = public(
        "下次重试时间", "When it is asked again after failures", STAMP
    )
    correction_days: Named[int | None] = public(
        "更正办理期限（天）",
        "Days to answer a request for correction; empty: HUB_CORRECTION_DAYS",
        SmallInteger,
    )
    checkpoint: Named[dict[str, Any] | None] = internal("断点", "Where the next run continues", JSONB)
    last_run_at: Named[dt.datetime | None] = public("最近同步时间", "Start of the last run", STAMP)
    last_success_at: Named[dt.datetime | None] = public(
        "最近成功时间", "End of the last successful run", STAMP
    )
    last_status: Named[str | None] = public("最近状态", "Status of the last run", vocabulary="RunStatus")


OWN: Final = "hub"
"""Code of the hub itself, where it states a fact, and in place of a connector's."""

source = table("source", "数据来源", "Upstream system", SourceColumns, UniqueConstraint("code"))


class SyncRunColumns(TypedColumns):
    id: Named[int] = internal("编号", "Number", BigInteger, Identity(), primary_key=True)
    source_id: Named[int] = internal("来源", "Source", SmallInteger, ForeignKey("source.id"))
    started_at: Named[dt.datetime] = public("开始时间", "Start", STAMP)
    finished_at: Named[dt.datetime | None] = public("结束时间", "End", STAMP)
    status: Named[str] = public("状态", "RUNNING, SUCCEEDED or FAILED", vocabulary="RunStatus")
    read_count: Named[int] = public("读取行数", "Rows read", Integer, server_default="0")
    unchanged_count: Named[int] = public("未变行数", "Rows already known", Integer, server_default="0")
    accepted_count: Named[int] = public("接收行数", "Rows accepted", Integer, server_default="0")
    quarantined_count: Named[int] = public("隔离行数", "Rows quarantined", Integer, server_default="0")
    withdrawn_count: Named[int] = public(
        "撤回记录数", "Records the source took back", Integer, server_default="0"
    )
    changed_count: Named[int] = public(
        "变更记录数", "Rows of the hub that changed", Integer, server_default="0"
    )
    error: Named[str | None] = public("错误", "Why the run failed: a code and a sentence, no person's data")
    is_replay: Named[bool] = public(
        "是否重放", "It merged again what had landed, and asked nobody", Boolean, server_default=text("false")
    )


sync_run = table(
    "sync_run",
    "同步运行",
    "Run of a connector",
    SyncRunColumns,
    Index(None, "source_id", "started_at"),
    Index(None, "started_at"),
    Index(None, "status"),
)


class QuarantinedRowColumns(TypedColumns):
    id: Named[int] = internal("编号", "Number", BigInteger, Identity(), primary_key=True)
    source_id: Named[int] = internal("来源", "Source", SmallInteger, ForeignKey("source.id"))
    division_code: Named[str | None] = division("区划", "Division of the source")
    run_id: Named[int] = internal("同步运行", "Run that found it", ForeignKey("sync_run.id"))
    file: Named[str] = public("文件", "File")
    sheet: Named[str] = public("工作表", "Sheet; empty for csv", server_default="")
    row_number: Named[int] = public("行号", "Row, counted from 1", Integer)
    list_kind: Named[str] = public("名单类型", "Kind of list the row stands in")
    # Row-level security lets no index be read by the content of an array.
    reason_codes: Named[list[str]] = public(
        "原因代码", "Why it was refused", ARRAY(Text), info={"beside": True}
    )
    reasons: Named[list[str]] = public(
        "原因", "Why, as sentences that name columns and no values", ARRAY(Text)
    )
    raw: Named[bytes] = sealed("原始内容", "The row as it came, as JSON, opened")
    content_hash: Named[bytes] = internal("内容摘要", "Keyed hash of the row", LargeBinary)
    observed_at: Named[dt.datetime | None] = internal(
        "来源时间", "Time the source gave it, where it can be read again", STAMP
    )
    quarantined_at: Named[dt.datetime] = public("隔离时间", "When it was first refused", STAMP)
    resolved_at: Named[dt.datetime | None] = public("解决时间", "When the source corrected it", STAMP)


quarantined_row = table(
    "quarantined_row",
    "隔离行",
    "Row of a source that was refused",
    QuarantinedRowColumns,
    UniqueConstraint("source_id", "file", "sheet", "row_number", "content_hash"),
    Index(None, "division_code"),
    Index(None, "run_id"),
    Index(None, "list_kind"),
    Index(None, "file"),
    Index(None, "quarantined_at"),
    Index(None, "resolved_at"),
)


class ChangeColumns(TypedColumns):
    """``operation`` L is of a row that left somebody's slice: the columns ``was_…`` say whose, as of then. F
    is of a person about whom a fact was deleted, or who does not have it any more."""

    sequence: Named[int] = internal("序号", "Position", BigInteger, Identity(), primary_key=True)
    entity: Named[str] = internal("实体", "Table", CODE)
    county_code: Named[str | None] = internal("县级区划代码", "County", CODE)
    entity_id: Named[int] = internal("编号", "Key in the table", BigInteger)
    operation: Named[str] = internal("操作", "I, U, D, L or F", CODE)
    run_id: Named[int | None] = internal("同步运行", "Run that caused it", BigInteger)
    changed_at: Named[dt.datetime] = now("变更时间", "When")
    xact: Named[int] = internal(
        "事务", "Transaction that wrote it", BigInteger, server_default=text(OWN_TRANSACTION)
    )
    was_of: Named[int] = internal(
        "离开原因", "Row whose change made it leave; 0: its own", BigInteger, server_default="0"
    )
    was_division_code: Named[str | None] = internal("原区划代码", "Division it was in", CODE)
    was_organisation_id: Named[int | None] = internal("原机构", "Contractor it belonged to", BigInteger)
    was_shown_from_on: Named[dt.date | None] = internal("原公开起始日", "Day it was shown from")
    was_contract_id: Named[int | None] = internal("原合同", "Contract it was under", BigInteger)
    was_served_ids: Named[list[int] | None] = internal(
        "原服务合同", "Contracts it was served under that day", ARRAY(BigInteger)
    )
    was_starts_on: Named[dt.date | None] = internal("原起始日", "First day of what it was served by")
    was_ends_on: Named[dt.date | None] = internal("原截止日", "Last day of what it was served by")


change = table(
    "change",
    "变更",
    "The one sequence of changes",
    ChangeColumns,
    Index(None, "xact", "sequence"),
    Index(None, "changed_at"),
    # The first of a transaction tells how it was before; what follows was never to be seen.
    Index(
        "change_left_key",
        "xact",
        "entity",
        "entity_id",
        "was_of",
        "county_code",
        unique=True,
        postgresql_where=text("operation = 'L'"),
        postgresql_nulls_not_distinct=True,
    ),
)


class ProgrammeSourceColumns(TypedColumns):
    """Kept by a trigger: a source that has once told of a member of a category in a county."""

    category: Named[str] = internal("对象类别", "Category", CODE, primary_key=True)
    county_code: Named[str] = internal("县级区划代码", "County", CODE, primary_key=True)
    source_id: Named[int] = internal(
        "来源", "Source", SmallInteger, ForeignKey("source.id", ondelete="CASCADE"), primary_key=True
    )


programme_source = table(
    "programme_source",
    "项目来源",
    "Source that tells of a programme in a county",
    ProgrammeSourceColumns,
    Index(None, "source_id"),
)


def record_table(golden: Table[Any]) -> Table[Any]:
    """Per-source rows behind ``golden``: what each source says, typed as the golden row is.

    Keys of other golden rows are resolved before they get here, so the columns are the same;
    all of them may be null, for a source that says nothing of a column.
    """
    columns = [
        Column(c.name, c.type, comment=c.comment, info=c.info) for c in stated(golden.c) if c.name != "id"
    ]
    return Table(
        f"{golden.name}_record",
        metadata,
        internal("来源", "Source", SmallInteger, ForeignKey("source.id"), name="source_id", primary_key=True),
        internal("来源记录号", "Key of the record in its source", CODE, name="record_key", primary_key=True),
        internal("实体编号", "Key of the golden row", BigInteger, name="entity_id", nullable=False),
        internal("名单优先级", "1 wins over 2", SmallInteger, name="precedence", nullable=False),
        internal("内容摘要", "Keyed hash of the record", LargeBinary, name="content_hash", nullable=False),
        internal("来源时间", "When the source knew it", STAMP, name="observed_at", nullable=False),
        internal("接收时间", "When the hub received it", STAMP, name="received_at", nullable=False),
        internal("同步运行", "Run that brought it", BigInteger, name="run_id", nullable=False),
        internal("名单类型", "Kind of list that states it", CODE, name="list_kind"),
        internal(
            "核定字段",
            "Columns a steward has decided on, empty ones too; null for what a source says",
            ARRAY(CODE),
            name="overrides",
        ),
        *columns,
        Index(None, *(["county_code"] if "county_code" in golden.c else []), "entity_id"),
        comment=f"{golden.comment}（来源记录）",
        info={"zh": f"{golden.info['zh']}（来源记录）", "en": f"What sources say of: {golden.info['en']}"},
    )
