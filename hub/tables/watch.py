"""关注名单: whose entitlement an agency is told of when it changes, for which purpose, and until when."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    Index,
    Named,
    TypedColumns,
    text,
)

from hub.tables._columns import CODE, STAMP, internal, key, look_up, public, sealed, table


class WatchColumns(TypedColumns):
    """Of one person, who need not be known to the hub, so it has no county. The number goes when it ends;
    the rest some days later. ``is_entitled``: as told last; null before the first answer."""

    id: Named[int] = key()
    client_id: Named[str] = internal("客户端标识", "Client", CODE)
    purpose: Named[str] = public("用途", "Purpose it was begun for", CODE)
    programme: Named[str] = public("救助项目", "Programme", vocabulary="Category")
    id_number: Named[bytes | None] = sealed("身份证号", "Identity number, opened", "internal")
    id_number_hash: Named[bytes | None] = look_up("身份证号散列", "id_number")
    reference: Named[bytes] = sealed("对方编号", "What the agency calls the person, opened", "public")
    is_entitled: Named[bool | None] = public(
        "是否享受", "Whether the answer is YES, as told last; null until it is known, and at the end", Boolean
    )
    answered_at: Named[dt.datetime | None] = public("结论变更时间", "Since when that is the answer", STAMP)
    made_at: Named[dt.datetime] = public("开始时间", "When it was begun", STAMP)
    ends_on: Named[dt.date] = public("截止日期", "Its last day", Date)
    ended_at: Named[dt.datetime | None] = public("结束时间", "When it was over", STAMP)
    end_reason: Named[str | None] = public("结束原因", "Why it is over", vocabulary="WatchEnd")


watch = table(
    "watch",
    "关注",
    "Watch of an agency on a person's entitlement",
    WatchColumns,
    CheckConstraint("(ended_at is null) = (end_reason is null)", name="ended"),
    CheckConstraint("(ended_at is null) = (id_number is not null)", name="number"),
    Index(None, "client_id", "purpose", "programme", postgresql_where=text("ended_at is null")),
    Index(None, "id_number_hash"),
    Index(None, "purpose"),
    Index(None, "made_at"),
    Index(None, "ends_on"),
    Index(None, "ended_at"),
)


class WatchRoundColumns(TypedColumns):
    """``snapshot``: of the sequence of changes, up to which watches have been answered."""

    id: Named[int] = internal("编号", "Always 1", BigInteger, primary_key=True)
    snapshot: Named[str] = internal("位置", "Up to where changes were taken in", CODE)
    lease_until: Named[dt.datetime | None] = internal(
        "租约截止时间", "Until when a process answers them", STAMP
    )


watch_round = table("watch_round", "关注进度", "How far watches have been answered", WatchRoundColumns)


class WatchStateColumns(TypedColumns):
    """``state``: of all that answers of a list hang on beside persons: day, slice, fresh counties."""

    client_id: Named[str] = internal("客户端标识", "Client", CODE, primary_key=True)
    purpose: Named[str] = internal("用途", "Purpose", CODE, primary_key=True)
    programme: Named[str] = internal("救助项目", "Programme", CODE, primary_key=True)
    state: Named[str] = internal("状态", "Hash of what answers hang on", CODE)


watch_state = table(
    "watch_state", "关注名单状态", "What a list of watches was answered by", WatchStateColumns
)
