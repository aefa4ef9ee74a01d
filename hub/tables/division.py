"""行政区划: the tree everything hangs on."""

from __future__ import annotations

from sqlalchemy import Boolean, ForeignKey, Index, Named, SmallInteger, TypedColumns, false

from hub.tables._columns import CODE, public, table


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


division = table(
    "division",
    "行政区划",
    "Administrative division",
    DivisionColumns,
    Index(None, "parent_code"),
    Index(None, "level", "code"),
)
