"""民政服务站."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index, Named, TypedColumns, UniqueConstraint

from hub.tables._columns import CODE, division, internal, key, points_to, public, refer, table
from hub.tables.division import division as _division


class StationColumns(TypedColumns):
    id: Named[int] = key()
    county_code: Named[str] = internal("县级区划代码", "County division code, 6 digits", CODE)
    division_code: Named[str] = division("所在乡镇（街道）", "Township or sub-district it serves")
    name: Named[str] = public("名称", "Name, by the region's naming rule (R6–R8)")
    former_name: Named[str | None] = public("原名称", "Former name (R26)")
    kind: Named[str] = public("类型", "Kind: civil-affairs or social-work station", vocabulary="StationKind")
    status: Named[str] = public("运行状态", "Status (R26)", vocabulary="StationStatus")
    renamed_on: Named[dt.date | None] = public("更名日期", "Day of renaming (R26)")
    opened_on: Named[dt.date | None] = public("启用日期", "Day of opening")
    staffed_on: Named[dt.date | None] = public("人员到岗日期", "Day staff was on post (R216)")
    site_host_kind: Named[str | None] = public(
        "依托场所", "Existing premises it relies on (R17–R19)", vocabulary="SiteHostKind"
    )
    address: Named[str | None] = public("地址", "Address")
    phone: Named[str | None] = public("电话", "Public telephone")
    operator_id: Named[int | None] = points_to("运营机构", "Operating contractor", "contractor.id")


station = table(
    "station",
    "民政服务站",
    "Civil-affairs service station",
    StationColumns,
    UniqueConstraint("division_code"),
    Index(None, "county_code"),
    Index(None, "operator_id"),
    Index(None, "name"),
    Index(None, "status"),
    refer(_division, "division_code"),
)
