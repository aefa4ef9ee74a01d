"""名单台账: what runs were told, list by list: columns, counts, cells nobody asked for, and what changed."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    BigInteger,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Named,
    SmallInteger,
    Text,
    TypedColumns,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY

from hub.tables._columns import CODE, STAMP, division, internal, public, table


class OfSourceColumns(TypedColumns):
    id: Named[int] = internal("编号", "Number", BigInteger, Identity(), primary_key=True)
    source_id: Named[int] = internal("来源", "Source", SmallInteger, ForeignKey("source.id"))
    list_kind: Named[str] = public("名单类型", "Kind of list")


class SourceColumnColumns(OfSourceColumns):
    """Of columns the names alone: no cell is kept."""

    name: Named[str] = public("列名", "Name of the column, as the source writes it")
    header: Named[str | None] = public("对应列", "Column of ours it is read as; empty: nobody asked for it")
    field_class: Named[str | None] = public(
        "信息类别", "What a column nobody asked for tells of people", vocabulary="FieldClass"
    )
    form: Named[str | None] = public("类型", "Types of its cells, as the source tells them")
    table_count: Named[int] = public("所在表数", "Tables of the last run that had it", Integer)
    lacking_count: Named[int] = public("缺列表数", "Tables of the last run that lacked it", Integer)
    dropped_count: Named[int] = public("舍弃单元格数", "Cells of it the last run dropped", Integer)
    unknown_code_count: Named[int] = public(
        "未知代码行数", "Rows the last run refused for its codes", Integer
    )
    first_seen_at: Named[dt.datetime] = public("首次出现时间", "When a run saw it first", STAMP)
    last_seen_at: Named[dt.datetime] = public("最近出现时间", "When a run saw it last", STAMP)
    gone_at: Named[dt.datetime | None] = public("消失时间", "Since when the list does not have it", STAMP)


source_column = table(
    "source_column",
    "来源列",
    "Column of a list of a source",
    SourceColumnColumns,
    UniqueConstraint("source_id", "list_kind", "name"),
    Index(None, "list_kind"),
    Index(None, "field_class"),
    Index(None, "gone_at"),
)


class SourceDriftColumns(OfSourceColumns):
    run_id: Named[int] = internal("同步运行", "Run that found it", BigInteger, ForeignKey("sync_run.id"))
    found_at: Named[dt.datetime] = public("发现时间", "When", STAMP)
    kind: Named[str] = public("变化类型", "What changed", vocabulary="DriftKind")
    name: Named[str] = public("列名", "Name of the column, as the source writes it")
    header: Named[str | None] = public("对应列", "Column of ours it is read as; empty: nobody asked for it")
    before: Named[str | None] = public("变化前", "Name or types before")
    after: Named[str | None] = public("变化后", "Name or types after")
    number: Named[int | None] = public("数量", "Tables that lack it, or rows refused", Integer)


source_drift = table(
    "source_drift",
    "来源结构变化",
    "What changed in a list of a source",
    SourceDriftColumns,
    Index(None, "source_id", "found_at"),
    Index(None, "run_id"),
    Index(None, "found_at"),
    Index(None, "kind"),
)


class RunListColumns(OfSourceColumns):
    """Rows read = unchanged + accepted + quarantined, as those of the run (``hub.sync.run.RunReport``)."""

    run_id: Named[int] = internal("同步运行", "Run", BigInteger, ForeignKey("sync_run.id"))
    read_count: Named[int] = public("读取行数", "Rows read", Integer)
    unchanged_count: Named[int] = public("未变行数", "Rows already known", Integer)
    accepted_count: Named[int] = public("接收行数", "Rows accepted", Integer)
    quarantined_count: Named[int] = public("隔离行数", "Rows quarantined", Integer)
    withdrawn_count: Named[int] = public("撤回记录数", "Records the source took back", Integer)


run_list = table(
    "run_list",
    "运行名单",
    "What a run was told of one kind of list",
    RunListColumns,
    UniqueConstraint("run_id", "list_kind"),
    Index(None, "source_id"),
    Index(None, "list_kind"),
)


class DroppedCellsColumns(OfSourceColumns):
    run_id: Named[int] = internal("同步运行", "Run", BigInteger, ForeignKey("sync_run.id"))
    field_class: Named[str] = public("信息类别", "What the cells tell of people", vocabulary="FieldClass")
    cell_count: Named[int] = public("舍弃单元格数", "Cells dropped that were not empty", Integer)
    names: Named[list[str]] = public("列名", "Columns they stood in, as the source writes them", ARRAY(Text))


dropped_cells = table(
    "dropped_cells",
    "舍弃单元格",
    "Cells of a run that nobody asked for, dropped before anything was stored",
    DroppedCellsColumns,
    UniqueConstraint("run_id", "list_kind", "field_class"),
    Index(None, "source_id"),
    Index(None, "field_class"),
)


class ReconciliationColumns(OfSourceColumns):
    """What the hub holds of a source at one time of a day, to be compared with what the source itself has.

    ``digest``: see docs/reconciliation.md; ``digest_count`` records are in it.
    """

    day: Named[dt.date] = public("日期", "Day in China", Date)
    counted_at: Named[dt.datetime] = public("核对时间", "When it was counted", STAMP)
    entity: Named[str] = public("记录种类", "Kind of record", CODE)
    division_code: Named[str] = division(
        "区划", "Township, or where a record names none the division above it"
    )
    held_count: Named[int] = public("在库记录数", "Records of the source that stand", Integer)
    unsaid_count: Named[int | None] = public(
        "源端未再提及数", "Of these, records of rows it says no more; empty: it sends only news", Integer
    )
    about_count: Named[int] = public("对应实体数", "Rows of the hub they are about", Integer)
    digest_count: Named[int] = public("摘要记录数", "Different keys in the digest", Integer)
    digest: Named[str | None] = public("摘要", "Keyed digest of their keys; empty without any", CODE)


reconciliation = table(
    "reconciliation",
    "对账",
    "What the hub holds of a list of a source on a day",
    ReconciliationColumns,
    UniqueConstraint("source_id", "day", "list_kind", "entity", "division_code"),
    Index(None, "day"),
    Index(None, "list_kind"),
    Index(None, "division_code"),
)
