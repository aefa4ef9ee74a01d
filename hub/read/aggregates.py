"""Types of ``…Aggregate`` fields: how many rows, and how many of each kind.

Rows are grouped only by what an index leads with: coded columns, divisions, months and years of days,
and the rows they refer to.
"""

from __future__ import annotations

import datetime as dt
import types
import typing
from collections.abc import Callable
from enum import Enum
from typing import Any, Final, Literal

import strawberry

from hub.domain.names import camel
from hub.read.arguments import with_arguments
from hub.read.bind import BoundType, GroupKey, described, hints, marked, relation_of
from hub.read.filters import resolved
from hub.read.indexes import indexed

GROUP_BY: Final = "GroupBy"

PERIODS: Final[dict[Literal["month", "year"], tuple[str, str]]] = {
    "month": ("month", "月份"),
    "year": ("year", "年份"),
}


@strawberry.type(description="Rows of one kind and how many they are — 分组计数")
class Group:
    key: list[str | None] = strawberry.field(
        description="One entry for each `by`: a code, a division, a month as 2026-03, an id; null where the"
        " rows have none — 分组键，与 by 依次对应"
    )
    count: int | None = strawberry.field(
        description="Rows; null where the number is withheld as too small — 数量，过小时不显示"
    )


def group_keys(bound_type: BoundType) -> dict[str, GroupKey]:
    """By the name a client gives."""
    found: dict[str, GroupKey] = {}
    held = indexed(bound_type.table)
    for name, annotation in hints(bound_type.cls).items():
        marker = marked(bound_type.cls, name)
        if marker is not None:
            found.update(_row_key(bound_type, name, annotation, marker, held))
        elif name in held:
            found.update(_column_keys(bound_type, name))
    return found


def _row_key(
    bound_type: BoundType, name: str, annotation: Any, marker: Any, held: list[str]
) -> dict[str, GroupKey]:
    kind, en, zh, options = marker
    if kind != "one" or name == "division":
        return {}
    pairs = relation_of(bound_type, name, annotation, kind, options)
    column = pairs.pairs[-1][0]
    if len(pairs.pairs) > 1 or column not in held:
        return {}
    return {camel(name): GroupKey(column, "row", en, zh, pairs.target)}


def _column_keys(bound_type: BoundType, name: str) -> dict[str, GroupKey]:
    info, annotation = bound_type.table.c[name].info, resolved(bound_type, name)
    plain = camel(name)
    if annotation is dt.date:
        return {
            plain + form.title(): GroupKey(name, form, f"{info['en']}: {en}", f"{info['zh']}：{zh}")
            for form, (en, zh) in PERIODS.items()
        }
    if name == "division_code" or (isinstance(annotation, type) and issubclass(annotation, Enum)):
        return {plain: GroupKey(name, "plain", info["en"], info["zh"])}
    return {}


def aggregate_type(bound_type: BoundType) -> type:
    """``<Type>Aggregate``; its ``groups`` only where there is a key to group by."""
    cls: Any = types.new_class(f"{bound_type.name}Aggregate")
    cls.__annotations__ = {"count": int | None}
    cls.count = strawberry.field(
        description=described(
            "Rows that meet the condition; null where withheld as too small", "数量，过小时不显示"
        )
    )
    keys = bound_type.group_keys
    if keys:
        cls.__annotations__["groups"] = list[Group]
        cls.groups = strawberry.field(
            resolver=_groups(group_by(bound_type, keys)),
            description=described("How many there are of each kind", "分组计数"),
        )
    text = described(f"Numbers of: {bound_type.en}", f"计数：{bound_type.zh}")
    made: type = strawberry.type(cls, description=text)
    return made


def group_by(bound_type: BoundType, keys: dict[str, GroupKey]) -> type:
    values = {
        name: strawberry.enum_value(name, description=described(key.en, key.zh)) for name, key in keys.items()
    }
    enum: Any = Enum(f"{bound_type.name}{GROUP_BY}", list(values.items()))  # type: ignore[misc]
    text = described(f"What to group by: {bound_type.en}", f"分组依据：{bound_type.zh}")
    made: type = strawberry.enum(enum, description=text)
    return made


def _groups(enum: type) -> Callable[..., Any]:
    def resolver(**_: Any) -> None:
        raise NotImplementedError

    by = typing.cast(Any, list)[enum]
    return with_arguments(resolver, {"by": (by, "What to group by, in this order — 分组依据")})
