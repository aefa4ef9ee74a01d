"""核定与更正: what a steward decides about a field of a person, and what sources are asked to put right.

``field`` is the name of the person's column in capitals. ``value`` is text, sealed whatever the column is; it
is shown to whom the column is shown, and null says that there is nothing.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Date, ForeignKey, Index, Named, SmallInteger, TypedColumns

from hub.tables._columns import (
    CODE,
    STAMP,
    care,
    county,
    county_key,
    internal,
    points_to,
    public,
    refer,
    sealed,
    table,
)
from hub.tables.beneficiary import beneficiary


class FieldOverrideColumns(TypedColumns):
    """While it lasts the value stands in a record of the hub's own, whose key is ``override:`` and ``id``."""

    county_code: Named[str] = county()
    id: Named[int] = county_key()
    beneficiary_id: Named[int] = internal("服务对象", "Beneficiary", BigInteger)
    field: Named[str] = public("字段", "Field that is decided", vocabulary="PersonField")
    value: Named[bytes | None] = sealed("核定值", "Value that is decided, as text, opened", "internal")
    reason: Named[bytes] = sealed("核定理由", "Why, opened", "care")
    made_by: Named[str] = care("核定机关", "Office that decided")
    made_division_code: Named[str | None] = internal("核定机关区划", "Division of the office", CODE)
    made_at: Named[dt.datetime] = public("核定时间", "When it decided", STAMP)
    ends_on: Named[dt.date] = public("截止日期", "Last day it stands", Date)
    ended_at: Named[dt.datetime | None] = public("终止时间", "When it came to its end", STAMP)
    end_reason: Named[str | None] = public("终止原因", "Why it ended", vocabulary="OverrideEnd")


field_override = table(
    "field_override",
    "人工核定",
    "Decision of a steward on a field of a person",
    FieldOverrideColumns,
    Index(None, "county_code", "beneficiary_id"),
    Index(None, "ends_on", "county_code", "id"),
    Index(None, "ended_at", "county_code", "id"),
    Index(None, "field", "county_code", "id"),
    refer(beneficiary, "county_code", "beneficiary_id"),
)


class CorrectionRequestColumns(TypedColumns):
    """Its owner is the office of the source's division; who asks sees what becomes of it."""

    county_code: Named[str] = county()
    id: Named[int] = county_key()
    beneficiary_id: Named[int] = internal("服务对象", "Beneficiary", BigInteger)
    source_id: Named[int] = internal("来源", "Source that is asked", SmallInteger, ForeignKey("source.id"))
    source_code: Named[str] = care("来源代码", "Code of the source that is asked", CODE)
    field: Named[str] = public("字段", "Field that is wrong", vocabulary="PersonField")
    value: Named[bytes | None] = sealed("建议值", "Value it should have, as text, opened", "internal")
    reason: Named[bytes] = sealed("更正理由", "Why, opened", "care")
    status: Named[str] = public("状态", "Status", vocabulary="CorrectionStatus")
    asked_by: Named[str] = care("申请方", "Who asks")
    asked_division_code: Named[str | None] = internal("申请方区划", "Division of an office that asks", CODE)
    organisation_id: Named[int | None] = points_to("申请机构", "Contractor that asks", "contractor.id")
    asked_at: Named[dt.datetime] = public("申请时间", "When it was asked", STAMP)
    due_on: Named[dt.date] = public("办理期限", "Last day to put it right or refuse", Date)
    decided_at: Named[dt.datetime | None] = public("受理时间", "When it was accepted or refused", STAMP)
    decision_reason: Named[bytes | None] = sealed("不予更正理由", "Why it was refused, opened", "care")
    done_at: Named[dt.datetime | None] = public("更正时间", "When the source stated the value", STAMP)


correction_request = table(
    "correction_request",
    "更正申请",
    "Request to a source to put a field of a person right",
    CorrectionRequestColumns,
    Index(None, "county_code", "beneficiary_id"),
    Index(None, "source_id", "status"),
    Index(None, "status", "due_on"),
    Index(None, "due_on", "county_code", "id"),
    Index(None, "asked_at", "county_code", "id"),
    Index(None, "organisation_id"),
    refer(beneficiary, "county_code", "beneficiary_id"),
)
