"""转介、移交: what the hub itself keeps of a person who is handed on."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    BigInteger,
    Computed,
    Date,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Named,
    TypedColumns,
)

from hub.tables._columns import (
    CODE,
    STAMP,
    care,
    county,
    county_key,
    internal,
    now,
    points_to,
    public,
    refer,
    shown_from,
    table,
)
from hub.tables.beneficiary import beneficiary
from hub.tables.division import division

TOWNSHIP = Computed("left(division_code, 9) || '000'", persisted=True)


class ReferralColumns(TypedColumns):
    """Who it is about is told by the person's own slice, and only there: the rest says what a receiver needs
    to decide. ``division_code``: where the person lived that day, so that it stays with the township of then.
    ``from_…``: the contractor that refers, or that loses the person; null where an office refers somebody
    anew. ``assignment_id``: what a transfer ends; no foreign key, since its source may take it back, and
    state it again under another key. So a trigger keeps of a transfer that is accepted its first day, and its
    station where the contractor had the person several times from that day.
    """

    county_code: Named[str] = county()
    id: Named[int] = county_key()
    beneficiary_id: Named[int] = internal("服务对象", "Beneficiary", BigInteger)
    division_code: Named[str] = internal("居住区划", "Division the person lived in that day", CODE)
    township_division_code: Named[str] = public(
        "所在乡镇区划", "Township the person lived in", CODE, TOWNSHIP
    )
    kind: Named[str] = public("类型", "Whether the person leaves the sender", vocabulary="ReferralKind")
    status: Named[str] = public("状态", "Status", vocabulary="ReferralStatus")
    category: Named[str] = care("对象类别", "Category of the person it is for", vocabulary="Category")
    need: Named[str | None] = care("服务需求", "What is needed (R160, R179)", vocabulary="NeedKind")
    referrer: Named[str] = public("转介方类型", "What refers: a contractor or an office", vocabulary="Party")
    referrer_name: Named[str] = care("转介方", "Who refers")
    referrer_division_code: Named[str | None] = internal(
        "转介方区划", "Division of an office that refers", CODE
    )
    from_contractor_id: Named[int | None] = points_to(
        "原承接机构", "Contractor the person is with", "contractor.id"
    )
    from_contract_id: Named[int | None] = points_to("原合同", "Contract the person is with", "contract.id")
    assignment_id: Named[int | None] = internal("原分派", "Assignment that a transfer ends", BigInteger)
    from_starts_on: Named[dt.date | None] = internal("原分派开始日期", "First day of that assignment", Date)
    from_station_id: Named[int | None] = internal("原分派服务站", "Station of that assignment", BigInteger)
    to_contractor_id: Named[int] = points_to("接收机构", "Contractor it is meant for", "contractor.id")
    to_contract_id: Named[int | None] = points_to("接收合同", "Contract it is accepted under", "contract.id")
    to_station_id: Named[int | None] = points_to("接收服务站", "Station it is accepted at", "station.id")
    to_assignment_id: Named[int | None] = internal("新分派", "Assignment it led to", BigInteger)
    made_at: Named[dt.datetime] = public("发起时间", "When it was made", STAMP)
    decided_at: Named[dt.datetime | None] = public(
        "办结时间", "When it was accepted, declined, withdrawn or overtaken", STAMP
    )
    decline_reason: Named[str | None] = care("谢绝理由", "Why the receiver declined")
    shown_from_on: Named[dt.date | None] = shown_from()


referral = table(
    "referral",
    "转介",
    "Referral or transfer of a beneficiary to another contractor",
    ReferralColumns,
    Index(None, "county_code", "division_code", "id"),
    Index(None, "county_code", "beneficiary_id"),
    Index(None, "county_code", "assignment_id"),
    Index(None, "from_contractor_id", "status"),
    Index(None, "from_contract_id"),
    Index(None, "to_contract_id"),
    Index(None, "to_station_id"),
    Index(None, "to_contractor_id", "status"),
    Index(None, "status", "county_code", "id"),
    Index(None, "made_at", "county_code", "id"),
    refer(beneficiary, "county_code", "beneficiary_id"),
    ForeignKeyConstraint(["township_division_code"], [division.c.code]),
)


class WriteKeyColumns(TypedColumns):
    """``asked`` is a keyed hash of what was asked, since that may be about a person."""

    client_id: Named[str] = internal("客户端标识", "Client", CODE, primary_key=True)
    user_id: Named[int] = internal(
        "用户", "User it asked for; 0 for none", BigInteger, primary_key=True, autoincrement=False
    )
    key: Named[str] = internal("幂等键", "Key the client made", CODE, primary_key=True)
    asked: Named[bytes] = internal("内容摘要", "Keyed hash of the mutation and its arguments", LargeBinary)
    county_code: Named[str | None] = internal("县级区划代码", "County of the record it was about", CODE)
    entity_id: Named[int | None] = internal("编号", "Number of the record it was about", BigInteger)
    made_at: Named[dt.datetime] = now("时间", "When")


write_key = table(
    "write_key", "幂等键", "Key under which a mutation was done", WriteKeyColumns, Index(None, "made_at")
)
