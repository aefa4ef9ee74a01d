"""What is synced: entities with per-source record tables, and facts that belong to one source."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final, Literal

from sqlalchemy import (
    BigInteger,
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
)

from hub.tables._columns import CODE, FACTS, STAMP, internal, now, sealed, table
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

WINNER_ORDER: Final[tuple[tuple[str, Literal["asc", "desc"]], ...]] = (
    ("precedence", "asc"),
    ("observed_at", "desc"),
    ("record_key", "asc"),
    ("source_id", "asc"),
)
"""Which record row gives a column of the golden row: the first in this order that has a value there."""


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

__all__ = ["FACTS", "RECORDS", "WINNER_ORDER", "hook_delivery", "seen_row", "waiting_row", "withdrawn_record"]
