"""SPDCI: who asks by the messages of the standard, and what is still to be answered or told."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Named,
    Text,
    TypedColumns,
    UniqueConstraint,
    false,
)
from sqlalchemy.dialects.postgresql import ARRAY

from hub.tables._columns import CODE, STAMP, internal, look_up, now, sealed, table


class DciPartyColumns(TypedColumns):
    client_id: Named[str] = internal(
        "客户端标识",
        "Client",
        CODE,
        ForeignKey("oauth_client.client_id", ondelete="CASCADE"),
        primary_key=True,
    )
    callback_url: Named[str | None] = internal(
        "回调地址", "Beginning of the addresses it is answered at; empty: it asks synchronously only"
    )
    callback_token: Named[bytes | None] = sealed(
        "回调令牌", "Bearer token the hub shows there, opened", "credential"
    )
    is_signed: Named[bool] = internal(
        "须签名", "Whether its messages must be signed", Boolean, server_default=false()
    )
    made_at: Named[dt.datetime] = now("登记时间", "When it was registered")


dci_party = table("dci_party", "SPDCI 参与方", "Client that asks by messages of SPDCI", DciPartyColumns)


class DciTransactionColumns(TypedColumns):
    """``due_at``: when it is answered, or tried again; empty when that is over."""

    id: Named[int] = internal("编号", "Number", BigInteger, Identity(), primary_key=True)
    client_id: Named[str] = internal(
        "客户端标识", "Client", CODE, ForeignKey("dci_party.client_id", ondelete="CASCADE")
    )
    message_number: Named[str] = internal("报文标识", "message_id of the request", CODE)
    transaction_number: Named[str] = internal("事务标识", "transaction_id of the request", CODE)
    correlation_number: Named[str] = internal("关联标识", "What the hub calls it", CODE)
    action: Named[str] = internal("动作", "Action of the request", CODE)
    callback_url: Named[str] = internal("回调地址", "Where the answer goes")
    purpose: Named[str | None] = internal("使用目的", "Purpose the request stated", CODE)
    scopes: Named[list[str]] = internal("授权范围", "Scopes of its token", ARRAY(Text))
    request: Named[bytes] = sealed("请求报文", "Header and message as JSON, opened")
    outcome: Named[bytes | None] = sealed("处理结果", "What came of each item, without records, opened")
    received_at: Named[dt.datetime] = now("接收时间", "When it came")
    answered_at: Named[dt.datetime | None] = internal("答复时间", "When the answer was taken", STAMP)
    due_at: Named[dt.datetime | None] = internal("待处理时间", "When it is tried next", STAMP)
    failure_count: Named[int] = internal("失败次数", "Tries that failed", Integer, server_default="0")


dci_transaction = table(
    "dci_transaction",
    "SPDCI 事务",
    "Message of SPDCI that is answered later",
    DciTransactionColumns,
    UniqueConstraint("client_id", "message_number"),
    UniqueConstraint("correlation_number"),
    Index(None, "client_id", "transaction_number"),
    Index(None, "due_at"),
    Index(None, "received_at"),
)


class DciSubscriptionColumns(TypedColumns):
    """``told``: a keyed hash of the record that was told last; empty until the first look."""

    code: Named[str] = internal("订阅代码", "What the subscriber calls it", CODE, primary_key=True)
    client_id: Named[str] = internal(
        "客户端标识", "Client", CODE, ForeignKey("dci_party.client_id", ondelete="CASCADE")
    )
    id_number: Named[bytes] = sealed("身份证号", "Identity number, opened")
    id_number_hash: Named[bytes] = look_up("身份证号摘要", "id_number")
    token: Named[bytes | None] = sealed(
        "人员令牌", "Token as the subscriber gave it, opened; empty: the number"
    )
    event: Named[str] = internal("事件类型", "Event that is subscribed to", CODE)
    purpose: Named[str | None] = internal("使用目的", "Purpose the request stated", CODE)
    scopes: Named[list[str]] = internal("授权范围", "Scopes of its token", ARRAY(Text))
    told: Named[bytes | None] = internal("已通知摘要", "Keyed hash of what was told", LargeBinary)
    made_at: Named[dt.datetime] = now("订阅时间", "When it was made")
    due_at: Named[dt.datetime | None] = internal("待处理时间", "When it is looked at next", STAMP)
    failure_count: Named[int] = internal("失败次数", "Tries that failed", Integer, server_default="0")


dci_subscription = table(
    "dci_subscription",
    "SPDCI 订阅",
    "Person of whom a client is told by SPDCI",
    DciSubscriptionColumns,
    UniqueConstraint("client_id", "id_number_hash", "event"),
    Index(None, "id_number_hash"),
    Index(None, "due_at"),
)
