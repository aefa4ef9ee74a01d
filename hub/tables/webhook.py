"""推送端点: where clients are told of changes, how far each has been told, and what could not be told."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Integer,
    Named,
    Text,
    TypedColumns,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY

from hub.tables._columns import CODE, STAMP, internal, key, now, sealed, table


class WebhookColumns(TypedColumns):
    """What was registered. ``former_secret`` signs too until ``former_until``."""

    id: Named[int] = key()
    client_id: Named[str] = internal(
        "客户端标识", "Client", CODE, ForeignKey("oauth_client.client_id", ondelete="CASCADE")
    )
    name: Named[str] = internal("名称", "What the client calls it", CODE)
    url: Named[str] = internal("地址", "Where events are posted")
    document: Named[bytes] = sealed("订阅文档", "Subscription it is told by, opened", "internal")
    variables: Named[bytes] = sealed("变量", "Its variables as JSON, opened", "internal")
    purpose: Named[str | None] = internal("使用目的", "Purpose; empty: the client's usual one", CODE)
    is_full: Named[bool] = internal(
        "含内容", "Whether records are sent, or only which have changed", Boolean, server_default=false()
    )
    is_skipping: Named[bool] = internal(
        "失败后跳过", "Whether it goes on behind a batch that was given up", Boolean, server_default=false()
    )
    max_events: Named[int] = internal("每批最多事件数", "Events in one message at most", Integer)
    secret: Named[bytes] = sealed("签名密钥", "Secret that signs, opened")
    former_secret: Named[bytes | None] = sealed("原签名密钥", "Secret before, opened")
    former_until: Named[dt.datetime | None] = internal(
        "原密钥截止时间", "Until when the former secret signs too", STAMP
    )
    made_at: Named[dt.datetime] = now("登记时间", "When it was registered")


webhook = table(
    "webhook",
    "推送端点",
    "Where a client is told of changes",
    WebhookColumns,
    UniqueConstraint("client_id", "name"),
)


class WebhookPlaceColumns(TypedColumns):
    """How far an endpoint has been told. ``ending``: of the message under way, the same at every try."""

    webhook_id: Named[int] = internal(
        "推送端点", "Endpoint", BigInteger, ForeignKey("webhook.id", ondelete="CASCADE"), primary_key=True
    )
    place: Named[str] = internal("位置", "Place in the sequence of changes it has been told up to", CODE)
    cluster: Named[str] = internal("数据库集群", "Cluster in which the place is good", CODE)
    round: Named[int] = internal(
        "轮次", "How often it was set back to tell again", Integer, server_default=text("0")
    )
    slice: Named[str | None] = internal("可见范围", "Slice it has been told of, as a hash", CODE)
    entities: Named[list[str]] = internal(
        "实体", "Tables whose changes it may be told of; none: not known yet", ARRAY(Text),
        server_default=text("'{}'"),
    )  # fmt: skip
    told_at: Named[dt.datetime] = now("告知截止时间", "Up to when it has been told of all")
    looked_at: Named[dt.datetime | None] = internal("查看时间", "When changes were looked at last", STAMP)
    due_at: Named[dt.datetime] = now("待处理时间", "It is not told before")
    kind: Named[str | None] = internal("报文类型", "What the message under way tells", CODE)
    ending: Named[str | None] = internal("报文终点", "Place the message under way tells up to", CODE)
    failure_count: Named[int] = internal(
        "失败次数", "Tries of it that failed", Integer, server_default=text("0")
    )
    reason: Named[str | None] = internal("原因", "Why it is not told, or the last try failed", CODE)
    stopped_at: Named[dt.datetime | None] = internal(
        "停止时间", "Since when it is not told until somebody says so", STAMP
    )
    lease: Named[str | None] = internal("租约", "Who is telling it", CODE)
    lease_until: Named[dt.datetime | None] = internal("租约截止时间", "And until when", STAMP)
    delivered_count: Named[int] = internal(
        "送达事件数", "Events that were taken", BigInteger, server_default=text("0")
    )


webhook_place = table(
    "webhook_place",
    "推送进度",
    "How far an endpoint has been told",
    WebhookPlaceColumns,
    Index("webhook_place_due_idx", "due_at", postgresql_where=text("stopped_at is null")),
)


class WebhookLetterColumns(TypedColumns):
    """A message that was given up: which part of the sequence it told, and nothing of what."""

    id: Named[int] = key()
    webhook_id: Named[int] = internal(
        "推送端点", "Endpoint", BigInteger, ForeignKey("webhook.id", ondelete="CASCADE")
    )
    message: Named[str] = internal("报文标识", "webhook-id of the message", CODE)
    kind: Named[str] = internal("报文类型", "What it told", CODE)
    place: Named[str] = internal("起点", "Place before it", CODE)
    ending: Named[str] = internal("终点", "Place it told up to", CODE)
    event_count: Named[int] = internal("事件数", "Events in it", Integer)
    failure_count: Named[int] = internal("失败次数", "Tries that failed", Integer)
    reason: Named[str] = internal("原因", "Why the last try failed", CODE)
    made_at: Named[dt.datetime] = now("放弃时间", "When it was given up")
    settled_at: Named[dt.datetime | None] = internal("处理时间", "When it was sent again", STAMP)


webhook_letter = table(
    "webhook_letter",
    "未送达报文",
    "Message that could not be delivered",
    WebhookLetterColumns,
    Index("webhook_letter_open_idx", "webhook_id", postgresql_where=text("settled_at is null")),
)
