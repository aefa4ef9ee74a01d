"""行政区划: the tree everything hangs on, and the offices that govern it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import (
    BigInteger,
    Boolean,
    ForeignKey,
    Index,
    Named,
    SmallInteger,
    TypedColumns,
    UniqueConstraint,
    false,
)
from sqlalchemy.dialects.postgresql import ARRAY

from hub.tables._columns import (
    CODE,
    StatedColumns,
    by_name,
    contact,
    fact,
    internal,
    key,
    points_to,
    public,
    refer,
    searched_by,
    table,
)
from hub.tables._columns import division as _division_code


class DivisionColumns(TypedColumns):
    code: Named[str] = public("区划代码", "12-digit division code", CODE, primary_key=True)
    name: Named[str] = public("名称", "Name of the division itself")
    full_name: Named[str] = public("全称", "Name with those of the divisions above it")
    level: Named[str] = public("级别", "Level in the tree", vocabulary="DivisionLevel")
    kind: Named[str] = public(
        "类型", "Kind of division, by GB/T 10114-2003 for townships", vocabulary="DivisionKind"
    )
    depth: Named[int] = public("层级", "Distance from the province", SmallInteger)
    parent_code: Named[str | None] = public("上级区划", "Division above", CODE, ForeignKey("division.code"))
    is_pilot_town: Named[bool] = public(
        "小城镇试点镇", "One of Jinjiang's nine pilot small towns (R33)", Boolean, server_default=false()
    )
    is_urban_subdistrict: Named[bool] = public(
        "城区街道", "Urban sub-district (R216)", Boolean, server_default=false()
    )
    name_keys: Named[list[str] | None] = searched_by("名称")


division = table(
    "division",
    "行政区划",
    "Administrative division",
    DivisionColumns,
    Index(None, "parent_code"),
    Index(None, "level", "code"),
    by_name(),
)


class FormerDivisionColumns(TypedColumns):
    """``id`` is made of code and last day, so that it stays when the list is stored again."""

    id: Named[int] = internal(
        "编号", "Number within the hub", BigInteger, primary_key=True, autoincrement=False
    )
    code: Named[str] = public("区划代码", "Code it had, 12 digits", CODE)
    ends_on: Named[dt.date] = public(
        "终止日期", "Last day; where the day is not known, the last on which it may have been"
    )
    authority: Named[str] = public("代码发布单位", "Who gave the code", vocabulary="DivisionAuthority")
    name: Named[str] = public("名称", "Name it had")
    starts_on: Named[dt.date | None] = public("起始日期", "First day; empty where it is not known")
    is_day_known: Named[bool] = public(
        "变更日期是否确知", "Whether the day of the change is known, and not only its editions", Boolean
    )
    change: Named[str] = public("变更类型", "How it ended", vocabulary="DivisionChangeKind")
    successor_codes: Named[list[str]] = public("后继区划代码", "What it became at the time", ARRAY(CODE))
    division_code: Named[str | None] = _division_code(
        "现区划", "Division of today it lives on as; empty where there is none, or several"
    )


former_division = table(
    "former_division",
    "历史区划",
    "What a division was before: former codes and names",
    FormerDivisionColumns,
    UniqueConstraint("code", "ends_on"),
    Index(None, "division_code"),
    refer(division, "division_code"),
)


class BureauColumns(StatedColumns):
    id: Named[int] = key()
    division_code: Named[str] = _division_code("区划", "Division it governs; its level is the division's")
    name: Named[str] = public("名称", "Name")
    address: Named[str | None] = public("地址", "Address")
    phone: Named[str | None] = public("电话", "Public telephone")


bureau = fact(
    "bureau",
    "民政部门",
    "Civil-affairs bureau or department",
    BureauColumns,
    Index(None, "division_code"),
    refer(division, "division_code"),
)


class BureauOfficeColumns(StatedColumns):
    id: Named[int] = key()
    bureau_id: Named[int] = points_to("民政部门", "Bureau", "bureau.id")
    name: Named[str] = public("名称", "Name")
    kind: Named[str] = public("类型", "Office of the department or section", vocabulary="OfficeKind")
    duty: Named[str | None] = public("职责", "What it is in charge of")
    phone: Named[str | None] = public("电话", "Public telephone")


bureau_office = fact(
    "bureau_office",
    "处室、业务股室",
    "Office or business section of a bureau",
    BureauOfficeColumns,
    Index(None, "bureau_id"),
)


class TownshipOfficeColumns(StatedColumns):
    id: Named[int] = key()
    division_code: Named[str] = _division_code("所在乡镇（街道）", "Township or sub-district")
    name: Named[str] = public("名称", "Name")
    civil_affairs_lead: Named[str | None] = contact("民政工作负责人", "Civil-affairs lead (R30)")
    civil_affairs_lead_phone: Named[str | None] = contact("民政工作负责人电话", "Telephone of the lead")
    deputy_leader: Named[str | None] = contact("分管领导", "Deputy leader in charge (R31)")
    deputy_leader_phone: Named[str | None] = contact("分管领导电话", "Telephone of the deputy leader")


township_office = fact(
    "township_office",
    "乡镇（街道）社会事务办",
    "Social-affairs office of a township",
    TownshipOfficeColumns,
    Index(None, "division_code"),
    refer(division, "division_code"),
)


class GuidanceCentreColumns(StatedColumns):
    id: Named[int] = key()
    division_code: Named[str] = _division_code("所在县（市、区）", "County (R27)")
    name: Named[str] = public("名称", "Name")
    host_kind: Named[str | None] = public(
        "挂牌单位", "Where it is hosted (R18)", vocabulary="GuidanceHostKind"
    )
    address: Named[str | None] = public("地址", "Address")
    opened_on: Named[dt.date | None] = public("成立日期", "Day of opening (R27)")


guidance_centre = fact(
    "guidance_centre",
    "社会工作服务指导中心",
    "County guidance centre of social work",
    GuidanceCentreColumns,
    Index(None, "division_code"),
    refer(division, "division_code"),
)
