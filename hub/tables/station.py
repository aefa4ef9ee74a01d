"""民政服务站: the station, who leads it, and what it must have."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index, Named, SmallInteger, TypedColumns, UniqueConstraint

from hub.tables._columns import (
    CODE,
    StatedColumns,
    by_name,
    contact,
    division,
    fact,
    identity,
    internal,
    key,
    points_to,
    public,
    refer,
    searched_by,
    table,
)
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
    name_keys: Named[list[str] | None] = searched_by("名称")


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
    by_name(),
    refer(_division, "division_code"),
)


class StationRoleColumns(StatedColumns):
    id: Named[int] = key()
    station_id: Named[int] = points_to("服务站", "Station", "station.id")
    role: Named[str] = public("职务", "Head or deputy (R30, R31)", vocabulary="StationRole")
    capacity: Named[str | None] = public(
        "兼任身份", "In which capacity the person holds it (R30, R31)", vocabulary="StationRoleCapacity"
    )
    person_name: Named[str] = identity("姓名", "Name")
    person_phone: Named[str | None] = contact("联系电话", "Telephone")
    personnel_id: Named[int | None] = points_to(
        "驻站人员", "Personnel, when the person is one", "personnel.id"
    )
    starts_on: Named[dt.date | None] = public("任职日期", "First day")
    ends_on: Named[dt.date | None] = public("卸任日期", "Last day; in office while null")


station_role = fact(
    "station_role",
    "站长、副站长",
    "Head or deputy of a station",
    StationRoleColumns,
    Index(None, "station_id"),
    Index(None, "personnel_id"),
)


class StationSignColumns(StatedColumns):
    id: Named[int] = key()
    station_id: Named[int] = points_to("服务站", "Station", "station.id")
    form: Named[str] = public("形式", "Vertical or horizontal (R10)", vocabulary="SignForm")
    width_cm: Named[int | None] = public("宽（厘米）", "Width in cm (R11)", SmallInteger)
    height_cm: Named[int | None] = public("高（厘米）", "Height in cm (R11)", SmallInteger)
    material: Named[str | None] = public("材质", "Material (R12)")
    colour: Named[str | None] = public("颜色", "Colour (R12)")
    font: Named[str | None] = public("字体", "Font (R13)")
    text: Named[str | None] = public("标识文字", "Text on the sign (R6–R8)")
    position: Named[str | None] = public("位置", "Where it hangs (R10, R15, R16)", vocabulary="SignPosition")
    has_civil_affairs_logo: Named[bool | None] = public("民政标识", "Bears the civil-affairs logo (R7)")
    installed_on: Named[dt.date | None] = public("挂牌日期", "Day it was put up (R26)")


station_sign = fact(
    "station_sign",
    "标牌",
    "Sign of a station",
    StationSignColumns,
    Index(None, "station_id"),
)


class StationInstitutionColumns(StatedColumns):
    id: Named[int] = key()
    station_id: Named[int] = points_to("服务站", "Station", "station.id")
    kind: Named[str] = public("制度类别", "Kind of institution (R23–R25)", vocabulary="InstitutionKind")
    title: Named[str | None] = public("制度名称", "Title")
    adopted_on: Named[dt.date | None] = public("建立日期", "Day of adoption")
    is_posted_on_wall: Named[bool | None] = public("张贴上墙", "Posted on the wall (R16, R23)")


station_institution = fact(
    "station_institution",
    "站内制度",
    "Institution (rule set) of a station",
    StationInstitutionColumns,
    Index(None, "station_id"),
)


class StationEquipmentColumns(StatedColumns):
    id: Named[int] = key()
    station_id: Named[int] = points_to("服务站", "Station", "station.id")
    kind: Named[str] = public("设备类别", "Kind of equipment (R21, R22)", vocabulary="EquipmentKind")
    item_count: Named[int] = public("数量", "How many")


station_equipment = fact(
    "station_equipment",
    "设备",
    "Equipment of a station",
    StationEquipmentColumns,
    Index(None, "station_id"),
)
