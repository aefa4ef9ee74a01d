"""服务分派、探访: who looks after whom, and what was done."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, Boolean, Index, Named, UniqueConstraint

from hub.tables._columns import (
    StatedColumns,
    care,
    county,
    county_key,
    internal,
    points_to,
    public,
    refer,
    table,
)
from hub.tables.beneficiary import beneficiary


class AssignmentColumns(StatedColumns):
    county_code: Named[str] = county()
    id: Named[int] = county_key()
    beneficiary_id: Named[int] = internal("服务对象", "Beneficiary", BigInteger)
    station_id: Named[int] = points_to("服务站", "Station", "station.id")
    contract_id: Named[int] = points_to("合同", "Contract", "contract.id")
    contractor_id: Named[int] = points_to(
        "承接机构", "Contractor of the contract, kept here so that a slice needs no join", "contractor.id"
    )
    worker_id: Named[int | None] = points_to("责任社工", "Worker in charge", "personnel.id")
    starts_on: Named[dt.date] = public("开始日期", "First day")
    ends_on: Named[dt.date | None] = public("结束日期", "Last day; open while null")


assignment = table(
    "assignment",
    "服务分派",
    "Assignment of a beneficiary to a station, contract and worker",
    AssignmentColumns,
    Index(None, "county_code", "beneficiary_id"),
    Index(None, "contractor_id", "county_code", "beneficiary_id"),
    Index(None, "contract_id", "county_code", "beneficiary_id"),
    Index(None, "station_id"),
    Index(None, "worker_id"),
    Index(None, "starts_on"),
    UniqueConstraint("county_code", "source_id", "record_key"),
    refer(beneficiary, "county_code", "beneficiary_id"),
)


class VisitColumns(StatedColumns):
    county_code: Named[str] = county()
    id: Named[int] = county_key()
    beneficiary_id: Named[int] = internal("服务对象", "Beneficiary", BigInteger)
    station_id: Named[int | None] = points_to("服务站", "Station", "station.id")
    contract_id: Named[int | None] = points_to("合同", "Contract", "contract.id")
    contractor_id: Named[int | None] = points_to("承接机构", "Contractor", "contractor.id")
    worker_id: Named[int | None] = points_to("探访人员", "Worker", "personnel.id")
    visited_on: Named[dt.date] = public("探访日期", "Day of the visit")
    kind: Named[str] = public("探访方式", "Kind of visit: home, return, round, call", vocabulary="VisitKind")
    purpose: Named[str] = public(
        "探访目的", "Purpose of the visit (R155–R158, R165)", vocabulary="VisitPurpose"
    )
    has_photos: Named[bool | None] = public("图片记录", "Pictures were kept (R158)", Boolean)
    has_register_form: Named[bool | None] = public(
        "探访登记表", "The visit register was filled in (R165)", Boolean
    )
    text_record: Named[str | None] = care("文字记录", "What was seen and done (R158)")


visit = table(
    "visit",
    "探访",
    "Visit to a beneficiary",
    VisitColumns,
    Index(None, "county_code", "beneficiary_id", "visited_on"),
    Index(None, "contractor_id", "visited_on"),
    Index(None, "contract_id", "visited_on"),
    Index(None, "station_id", "visited_on"),
    Index(None, "worker_id", "visited_on"),
    Index(None, "visited_on"),
    UniqueConstraint("county_code", "source_id", "record_key"),
    refer(beneficiary, "county_code", "beneficiary_id"),
)
