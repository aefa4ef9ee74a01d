"""Referrals and transfers as clients see them."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import strawberry

from hub import tables
from hub.domain.vocabulary import Category, NeedKind, Party, ReferralKind, ReferralStatus
from hub.read.bind import bound, one

if TYPE_CHECKING:
    from graphql_schema.beneficiary import Beneficiary
    from graphql_schema.contract import Contract, Contractor
    from graphql_schema.division import Division
    from graphql_schema.station import Station


@bound(tables.referral)
class Referral:
    id: strawberry.ID
    kind: ReferralKind
    status: ReferralStatus
    category: Category
    need: NeedKind | None
    township_division_code: str
    referrer: Party
    referrer_name: str
    made_at: dt.datetime
    decided_at: dt.datetime | None
    decline_reason: str | None
    township: Division = one("Township the person lived in", "所在乡镇（街道）")
    beneficiary: Beneficiary | None = one("Beneficiary, for who sees the person", "服务对象")
    from_contractor: Contractor | None = one(
        "Contractor the person is with", "原承接机构", via="from_contractor_id"
    )
    from_contract: Contract | None = one("Contract the person is with", "原合同", via="from_contract_id")
    to_contractor: Contractor | None = one("Contractor it is meant for", "接收机构", via="to_contractor_id")
    to_contract: Contract | None = one("Contract it is accepted under", "接收合同", via="to_contract_id")
    to_station: Station | None = one("Station it is accepted at", "接收服务站", via="to_station_id")
