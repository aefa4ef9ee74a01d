"""What is synced: entities with per-source record tables, and facts that belong to one source."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Named,
    SmallInteger,
    Table,
    TypedColumns,
    UniqueConstraint,
    text,
)

from hub.tables._columns import CODE, FACTS, STAMP, internal, key, now, public, sealed, table
from hub.tables.beneficiary import beneficiary, household
from hub.tables.contract import contract
from hub.tables.contractor import contractor
from hub.tables.ledger import record_table
from hub.tables.personnel import personnel
from hub.tables.station import station

RECORDS: Final[dict[str, Table[Any]]] = {
    golden.name: record_table(golden)
    for golden in (
        contractor,
        station,
        contract,
        personnel,
        household,
        beneficiary,
    )
}

LED: Final[dict[str, str]] = {
    "name_masked": "name",
    "id_number_hash": "id_number",
    "id_number_masked": "id_number",
}
"""Columns that are made of another one of the same statement, so that who wins there wins here, too."""


def led_by(table: Table[Any], column: str) -> list[str]:
    """``column`` and what is made of it."""
    return [c.name for c in table.c if column in (c.name, LED.get(c.name))]


class PrecedenceRuleColumns(TypedColumns):
    """``division_prefix``: the first 0, 2, 4 or 6 digits of the counties it counts in. It speaks of the
    statements of a source, of a connector's sources, of lists of a kind, or of what is all of those named.
    ``rank`` stands in place of the precedence number of their list. The rule that is closer counts: of the
    longer prefix, then of a source, a kind of list, a connector, then the later one."""

    id: Named[int] = key()
    division_prefix: Named[str] = public("适用区划前缀", "First digits of the divisions it counts in", CODE)
    table_name: Named[str] = public("表", "Table of the field", CODE)
    column_name: Named[str] = public("列", "Column of the field", CODE)
    source_id: Named[int | None] = internal(
        "来源", "Source it is about", SmallInteger, ForeignKey("source.id")
    )
    connector: Named[str | None] = public("连接器", "Connector whose sources it is about", CODE)
    list_kind: Named[str | None] = public("名单类型", "Kind of list it is about", CODE)
    rank: Named[int] = public("优先级", "Precedence in place of the list's: 1 wins over 2", SmallInteger)
    reason: Named[str] = public("理由", "Why, such as the document it follows")
    starts_on: Named[dt.date] = public("起始日期", "First day it counts")
    ends_on: Named[dt.date | None] = public("终止日期", "Day from which it counts no more")
    is_in_force: Named[bool] = internal(
        "是否已生效", "Whether the values that stand were chosen by it", Boolean, server_default=text("false")
    )
    made_at: Named[dt.datetime] = now("登记时间", "When it was made")


precedence_rule = table(
    "precedence_rule",
    "优先规则",
    "Rule of precedence for a field and place, which goes before the precedence of lists",
    PrecedenceRuleColumns,
)


class SeenRowColumns(TypedColumns):
    # No foreign key: every row of every source is written here, always by the run of that source.
    source_id: Named[int] = internal("来源", "Source", SmallInteger, primary_key=True)
    row_hash: Named[bytes] = internal("内容摘要", "Keyed hash of the row", LargeBinary, primary_key=True)
    observed_at: Named[dt.datetime] = internal("来源时间", "Date of its list", STAMP)


seen_row = table(
    "seen_row",
    "已入库行",
    "Row of a source that is merged in full: what a run may skip when it comes again",
    SeenRowColumns,
)


class SeenPackColumns(TypedColumns):
    source_id: Named[int] = internal("来源", "Source", SmallInteger, primary_key=True)
    part: Named[int] = internal("分组", "First bits of the hashes in it", Integer, primary_key=True)
    rows: Named[bytes] = internal(
        "已入库行", "Hashes and times of rows, in order, see hub.sync.seen", LargeBinary
    )


seen_pack = table(
    "seen_pack",
    "已入库行包",
    "Many rows of a source that are merged in full; a row of seen_row stands before them",
    SeenPackColumns,
)


class ReadPartColumns(TypedColumns):
    # No foreign key, as above.
    source_id: Named[int] = internal("来源", "Source", SmallInteger, primary_key=True)
    name: Named[bytes] = internal("名称摘要", "Keyed hash of the name", LargeBinary, primary_key=True)
    content: Named[bytes] = internal("已读内容摘要", "Keyed hashes and counts of what was read", LargeBinary)


read_part = table(
    "read_part",
    "已读文件",
    "What a connector remembers of what it has read, see hub.sync.parts",
    ReadPartColumns,
)


class WithdrawnRecordColumns(TypedColumns):
    # No foreign key, as above.
    source_id: Named[int] = internal("来源", "Source", SmallInteger, primary_key=True)
    record_key: Named[str] = internal("来源记录号", "Key of the record in its source", CODE, primary_key=True)
    observed_at: Named[dt.datetime] = internal("来源时间", "When the source deleted it", STAMP)


withdrawn_record = table(
    "withdrawn_record",
    "已撤回记录",
    "What a source has deleted: older statements of it that come late say nothing",
    WithdrawnRecordColumns,
)


class WaitingRowColumns(TypedColumns):
    source_id: Named[int] = internal("来源", "Source", SmallInteger, primary_key=True)
    row_hash: Named[bytes] = internal("内容摘要", "Keyed hash of the row", LargeBinary, primary_key=True)
    list_kind: Named[str] = internal("名单类型", "Kind of list the row stands in", CODE)
    file: Named[str] = internal("文件", "File")
    sheet: Named[str] = internal("工作表", "Sheet")
    row_number: Named[int] = internal("行号", "Row", Integer)
    observed_at: Named[dt.datetime] = internal("来源时间", "Time the source gave it", STAMP)
    raw: Named[bytes] = sealed("原始内容", "The row, as JSON, opened", "internal")


waiting_row = table(
    "waiting_row",
    "待定行",
    "Row of a source that sends news, merged but for a reference that found nothing yet",
    WaitingRowColumns,
)


class HookDeliveryColumns(TypedColumns):
    # Numbers of one source are given in the order they are committed, see hub.sync.hooks.
    number: Named[int] = internal("序号", "Position", BigInteger, Identity(), primary_key=True)
    source_id: Named[int] = internal("来源", "Source that sent it", SmallInteger, ForeignKey("source.id"))
    name: Named[str] = internal("消息标识", "webhook-id, by which it is known when it comes again", CODE)
    sent_at: Named[dt.datetime] = internal("发送时间", "webhook-timestamp", STAMP)
    received_at: Named[dt.datetime] = now("接收时间", "When it was kept")
    body: Named[bytes] = sealed("消息内容", "The body as it came, opened", "internal")


hook_delivery = table(
    "hook_delivery",
    "推送消息",
    "What an upstream system has pushed, until a run of its source reads it",
    HookDeliveryColumns,
    UniqueConstraint("source_id", "name"),
    Index(None, "source_id", "number"),
)

__all__ = [
    "FACTS",
    "LED",
    "RECORDS",
    "hook_delivery",
    "led_by",
    "precedence_rule",
    "seen_pack",
    "seen_row",
    "waiting_row",
    "withdrawn_record",
]
