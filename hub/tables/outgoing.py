"""待发: what the hub has to tell an upstream system, written with the row it is about."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Named,
    SmallInteger,
    TypedColumns,
    UniqueConstraint,
    text,
)

from hub.tables._columns import CODE, STAMP, internal, now, table


class OutgoingColumns(TypedColumns):
    """``name`` is by what the other side knows the message, however often it is sent. What it says is read
    from the row when it is sent, so nothing of a person stands here."""

    id: Named[int] = internal("编号", "Number", BigInteger, Identity(), primary_key=True)
    name: Named[str] = internal("消息标识", "Identifier of the message", CODE)
    entity: Named[str] = internal("实体", "Table of the row", CODE)
    county_code: Named[str] = internal("县级区划代码", "County of the row", CODE)
    entity_id: Named[int] = internal("编号", "Number of the row", BigInteger)
    source_id: Named[int | None] = internal(
        "来源", "System it goes to, from the first attempt on", SmallInteger, ForeignKey("source.id")
    )
    made_at: Named[dt.datetime] = now("时间", "When")
    attempt_count: Named[int] = internal("尝试次数", "Attempts", Integer, server_default="0")
    next_at: Named[dt.datetime] = now("下次尝试时间", "Not before")
    settled_at: Named[dt.datetime | None] = internal("办结时间", "When it was answered", STAMP)
    error: Named[str | None] = internal("错误", "Code of what the last attempt failed with", CODE)


outgoing = table(
    "outgoing",
    "待发消息",
    "Message to an upstream system",
    OutgoingColumns,
    UniqueConstraint("name"),
    Index(None, "county_code", "entity", "entity_id"),
    Index("outgoing_open_idx", "county_code", "next_at", postgresql_where=text("settled_at is null")),
)
