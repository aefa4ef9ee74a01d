"""``schemaChanges``: how the schema changed, read from ``changes.json`` (``hub schema --write``)."""

from __future__ import annotations

import datetime as dt
import json
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Final

import strawberry
from graphql import GraphQLSchema
from strawberry.types import Info

from hub.governance.changes import Kind
from hub.governance.coordinates import above, elements
from hub.read.bind import described

FILE: Final = Path(__file__).with_name("changes.json")


@strawberry.enum(description="What happened to an element of the schema — 模式变更类型")
class SchemaChangeKind(Enum):
    ADDED = strawberry.enum_value(Kind.ADDED.value, description="New — 新增")
    DEPRECATED = strawberry.enum_value(
        Kind.DEPRECATED.value, description="Still there until its sunset — 弃用"
    )
    REMOVED = strawberry.enum_value(Kind.REMOVED.value, description="Gone — 移除")
    CHANGED = strawberry.enum_value(Kind.CHANGED.value, description="Of another type or meaning — 变更")


@strawberry.type(description="A change of the schema — 模式变更")
class SchemaChange:
    date: dt.date | None = strawberry.field(
        description="Day of the release; null while there is none — 发布日期"
    )
    version: str | None = strawberry.field(description="Release; null while there is none — 发布版本")
    kind: SchemaChangeKind = strawberry.field(description="What happened — 变更类型")
    coordinate: str = strawberry.field(
        description="What changed, as Beneficiary.riskLevel or Query.stations(first:) — 变更元素"
    )
    breaking: bool = strawberry.field(
        description="Whether requests that were answered may be refused — 是否可能使原有查询失效"
    )
    description: str = strawberry.field(description="A sentence in both languages — 说明")
    sunset: dt.date | None = strawberry.field(
        description="Day from which what is deprecated may be gone — 停用日期"
    )


def schema_changes(
    info: Info[Any, Any],
    since: Annotated[dt.date | None, strawberry.argument(description="This day or later — 起始日期")] = None,
) -> list[SchemaChange]:
    """Those since a day; what is not released yet always belongs to them."""
    seen = _seen_by(info.context.viewer.role, info._raw_info.schema)
    return [change for change in seen if not since or change.date is None or change.date >= since]


@lru_cache(64)
def _seen_by(role: str, schema: GraphQLSchema) -> tuple[SchemaChange, ...]:
    """A client sees changes of what exists for it, or did exist on a type that does."""
    there = elements(schema)

    def seen(entry: dict[str, Any]) -> bool:
        holder = above(entry["coordinate"]) or entry["coordinate"]
        gone = entry["kind"] == Kind.REMOVED.value and (holder in there or holder == entry["coordinate"])
        return role in entry["audiences"] and (entry["coordinate"] in there or gone)

    return tuple(_change(entry) for entry in _entries() if seen(entry))


@lru_cache(1)
def _entries() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def _change(entry: dict[str, Any]) -> SchemaChange:
    return SchemaChange(
        date=_day(entry["date"]),
        version=entry["version"],
        kind=SchemaChangeKind(entry["kind"]),
        coordinate=entry["coordinate"],
        breaking=entry["breaking"],
        description=described(entry["en"], entry["zh"]),
        sunset=_day(entry["sunset"]),
    )


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None
