"""紧急访问: who looked at whom outside the usual slice, why, how long, and what the bureau said of it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Computed, Index, Integer, Named, Text, TypedColumns
from sqlalchemy.dialects.postgresql import ARRAY

from hub.tables._columns import (
    CODE,
    STAMP,
    division,
    internal,
    key,
    points_to,
    public,
    refer,
    sealed,
    shown_from,
    table,
)
from hub.tables.division import division as _division

COUNT = Computed("cardinality(person_ids)", persisted=True)


class EmergencyAccessColumns(TypedColumns):
    """``person_ids``: of people of one county; ``people``: their global ids. ``division_code``: of the
    county, whose bureau is told and reviews it. It is open until ``ends_at``, or until ``closed_at``.
    ``shown_from_on``: the latest of its people, and never where ``reason`` is a child (migration 0024)."""

    id: Named[int] = key()
    client_id: Named[str] = internal("客户端标识", "Client", CODE)
    user_id: Named[int | None] = internal("用户", "User it asked for", BigInteger)
    opener_role: Named[str] = public("启动方角色", "Role of who opened it", CODE)
    opener_name: Named[str] = public("启动方", "Client that opened it")
    opener_division_code: Named[str | None] = internal("启动方区划", "Division of who opened it", CODE)
    organisation_id: Named[int | None] = points_to("承接机构", "Contractor that opened it", "contractor.id")
    county_code: Named[str] = internal("县级区划代码", "County of the people", CODE)
    division_code: Named[str] = division("县级区划", "County whose bureau reviews it")
    person_ids: Named[list[int]] = internal("服务对象", "People", ARRAY(BigInteger))
    people: Named[list[str]] = public("涉及人员", "Global ids of the people", ARRAY(Text))
    person_count: Named[int] = public("涉及人数", "Number of people", Integer, COUNT)
    reason: Named[str] = public("事由", "Reason", vocabulary="EmergencyReason")
    note: Named[bytes] = sealed("情况说明", "What happened, opened", "care")
    opened_at: Named[dt.datetime] = public("启动时间", "When it was opened", STAMP)
    ends_at: Named[dt.datetime] = public("截止时间", "When it ends by itself", STAMP)
    closed_at: Named[dt.datetime | None] = public("提前结束时间", "When it was closed before", STAMP)
    end_reason: Named[str | None] = public(
        "提前结束原因", "Why it was closed before", vocabulary="EmergencyEnd"
    )
    verdict: Named[str | None] = public("审查结论", "What the bureau said", vocabulary="EmergencyVerdict")
    reviewed_at: Named[dt.datetime | None] = public("审查时间", "When the bureau said it", STAMP)
    reviewer: Named[str | None] = internal("审查方", "Client, and user, that said it", CODE)
    review_note: Named[bytes | None] = sealed("审查说明", "Why, opened", "care")
    shown_from_on: Named[dt.date | None] = shown_from()


emergency_access = table(
    "emergency_access",
    "紧急访问",
    "Access to people outside the usual slice, in an emergency",
    EmergencyAccessColumns,
    Index(None, "division_code", "opened_at"),
    Index(None, "opened_at"),
    Index(None, "verdict"),
    Index(None, "client_id", "user_id"),
    Index(None, "organisation_id"),
    Index(None, "user_id"),
    Index(None, "ends_at"),
    Index(None, "person_ids", postgresql_using="gin"),
    refer(_division, "division_code"),
)
