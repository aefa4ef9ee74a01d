"""``where`` and ``orderBy`` inputs of a bound type, derived from its table's indexes: no index, no filter."""

from __future__ import annotations

import datetime as dt
import sys
import types
import typing
from enum import Enum
from functools import cache
from typing import Any, Final

import strawberry

from hub.domain.vocabulary import ChosenBy
from hub.read.bind import (
    BINDING,
    TYPES,
    BoundType,
    Direction,
    Provenance,
    Scalar,
    Search,
    Span,
    described,
    hints,
    is_division,
    marked,
    relation_of,
)
from hub.read.indexes import beside, leading


def _test(text: str, name: str | None = None) -> Any:
    return strawberry.field(name=name, default=strawberry.UNSET, description=text)


NO_VALUE: Final = "Whether there is no value — 是否为空"


@strawberry.input(description="Test of a text — 文本条件")
class TextFilter:
    eq: str | None = _test("Equal to — 等于")
    in_: list[str] | None = _test("One of — 属于", "in")
    is_null: bool | None = _test(NO_VALUE)


@strawberry.input(description="Test of a list of codes — 代码列表条件")
class ListFilter:
    has: str | None = _test("One of them is — 包含")


@strawberry.input(description="Test of a division code — 区划条件")
class DivisionFilter:
    eq: str | None = _test("Exactly this division; zeros at the end may be left out — 等于，末尾的零可省略")
    within: str | None = _test("This division or one below it — 本级及下级")
    is_null: bool | None = _test(NO_VALUE)


@strawberry.input(description="Test of a day — 日期条件")
class DateFilter:
    eq: dt.date | None = _test("On this day — 等于")
    lt: dt.date | None = _test("Before — 早于")
    lte: dt.date | None = _test("On or before — 不晚于")
    gt: dt.date | None = _test("After — 晚于")
    gte: dt.date | None = _test("On or after — 不早于")
    is_null: bool | None = _test(NO_VALUE)


@strawberry.input(description="Test of a moment — 时间条件")
class DateTimeFilter:
    lt: dt.datetime | None = _test("Before — 早于")
    lte: dt.datetime | None = _test("At or before — 不晚于")
    gt: dt.datetime | None = _test("After — 晚于")
    gte: dt.datetime | None = _test("At or after — 不早于")
    is_null: bool | None = _test(NO_VALUE)


_ENUM_FILTERS: Final[dict[str, type]] = {}


def _enum_filter(enum: type[Enum]) -> type:
    """``{eq, in, isNull}`` over one enum."""
    if enum.__name__ not in _ENUM_FILTERS:
        cls: Any = types.new_class(f"{enum.__name__}Filter")
        cls.__annotations__ = {"eq": enum | None, "in_": list[enum] | None, "is_null": bool | None}  # type: ignore[valid-type]
        cls.eq, cls.in_ = _test("Equal to — 等于"), _test("One of — 属于", "in")
        cls.is_null = _test(NO_VALUE)
        _ENUM_FILTERS[enum.__name__] = strawberry.input(
            cls, description=f"Test of {enum.__name__} — 枚举条件"
        )
    return _ENUM_FILTERS[enum.__name__]


@strawberry.input(
    description="What was true on a day, as the hub knew it at a moment; who may see what is decided by the"
    " rights of today — 某日有效、且系统于某时知悉的内容；可见范围以当前权限为准"
)
class AsOf:
    valid: dt.date = strawberry.field(description="A day from the first to the last — 有效日")
    known: dt.datetime | None = _test(
        "The moment, no later than today; what a sync brought counts from its start. Now if absent"
        " — 知悉时间，不晚于当日；同步所得自该次同步开始时计，缺省为现在"
    )


PLAIN_FILTERS: Final[dict[type, type]] = {dt.date: DateFilter, dt.datetime: DateTimeFilter, list: ListFilter}


def _filter_of(bound_type: BoundType, name: str) -> type:
    column = bound_type.table.c[name]
    if is_division(column):
        return DivisionFilter
    annotation = resolved(bound_type, name)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return _enum_filter(annotation)
    return PLAIN_FILTERS.get(column.type.python_type, TextFilter)


def resolved(bound_type: BoundType, name: str) -> Any:
    """The annotation as an object, without ``| None``."""
    raw = hints(bound_type.cls)[name]
    value = (
        eval(raw, sys.modules[bound_type.cls.__module__].__dict__) if isinstance(raw, str) else raw  # noqa: S307
    )
    args = [a for a in typing.get_args(value) if a is not type(None)]
    return args[0] if args and typing.get_origin(value) in (typing.Union, types.UnionType) else value


FILTERABLE: Final = (str, dt.date, Enum)


SEARCH: Final = (
    "Name: a piece of it in characters, or how it begins in pinyin, spelled out (`zhangs`) or by first"
    " letters (`zs`) — 名称检索：任意连续汉字，或自开头起的全拼、拼音首字母"
)


TRACED: Final = "At least one field you see whose provenance is such — 至少一个可见字段的来源符合条件"


@cache
def origin_where() -> Any:
    """Of the provenance of one field; made late, when the enum of its rules is named."""
    cls: Any = types.new_class("FieldProvenanceWhere")
    cls.__annotations__ = {
        "field": TextFilter | None,
        "source": TextFilter | None,
        "rule": _enum_filter(ChosenBy) | None,
        "conflicting": bool | None,
        "stale": bool | None,
    }
    cls.field = _test("Field, as `phone` — 字段")
    cls.source = _test("Code of the source whose value stands — 取值来源代码")
    cls.rule = _test("Why its value stands — 取值依据")
    cls.conflicting = _test("Whether another source says another value — 来源间是否不一致")
    cls.stale = _test("Whether the value is older than was promised — 是否超过承诺时效")
    return strawberry.input(cls, description="What the provenance of one field is — 单个字段的来源条件")


def where_shell(bound_type: BoundType) -> type:
    return types.new_class(f"{bound_type.name}Where")


def fill_where(bound_type: BoundType) -> None:
    """Filters by indexed columns, by relations, and their and/or/not."""
    cls: Any = bound_type.where
    unset: Any = strawberry.UNSET
    annotations: dict[str, Any] = {}
    for column in (*leading(bound_type.table), *beside(bound_type.table)):
        if column in hints(bound_type.cls) and _filterable(resolved(bound_type, column)):
            col = bound_type.table.c[column]
            annotations[column] = _filter_of(bound_type, column) | None
            setattr(
                cls,
                column,
                strawberry.field(
                    default=unset,
                    description=described(col.info["en"], col.info["zh"]),
                    metadata={BINDING: Scalar(column, False)},
                ),
            )
    if "name_keys" in bound_type.table.c:
        annotations["search"] = str | None
        cls.search = strawberry.field(default=unset, description=SEARCH, metadata={BINDING: Search()})
    if {"starts_on", "ends_on"} <= hints(bound_type.cls).keys():
        annotations["active_on"] = dt.date | None
        cls.active_on = strawberry.field(
            default=unset,
            description=described("A day from the first to the last", "当日在起止日期之内"),
            metadata={BINDING: Span("starts_on", "ends_on")},
        )
    for name, annotation in hints(bound_type.cls).items():
        marker = marked(bound_type.cls, name)
        if marker is None or marker[0] in ("number", "quoted", "made"):
            continue
        kind, en, zh, options = marker
        if kind == "provenance":
            annotations[name] = origin_where() | None
            setattr(
                cls,
                name,
                strawberry.field(default=unset, description=TRACED, metadata={BINDING: Provenance()}),
            )
            continue
        binding = relation_of(bound_type, name, annotation, kind, options)
        annotations[name] = TYPES[binding.target].where | None  # type: ignore[operator]
        text = described(en, zh) if kind == "one" else described(f"At least one of: {en}", f"至少一条：{zh}")
        setattr(cls, name, strawberry.field(default=unset, description=text, metadata={BINDING: binding}))
    for name, en, zh in (("and_", "All of these", "且"), ("or_", "At least one of these", "或")):
        annotations[name] = list[cls] | None
        setattr(cls, name, strawberry.field(name=name[:-1], default=unset, description=described(en, zh)))
    annotations["not_"] = cls | None
    cls.not_ = strawberry.field(name="not", default=unset, description=described("Not this", "非"))
    cls.__annotations__ = annotations
    strawberry.input(cls, description=described(f"Which rows: {bound_type.en}", f"筛选：{bound_type.zh}"))


def _filterable(annotation: Any) -> bool:
    if annotation == list[str]:
        return True
    return isinstance(annotation, type) and issubclass(annotation, FILTERABLE)


def order_input(bound_type: BoundType) -> type | None:
    keys = bound_type.sort_keys
    if not keys:
        return None
    cls: Any = types.new_class(f"{bound_type.name}OrderBy")
    cls.__annotations__ = dict.fromkeys(keys.values(), Direction | None)
    for column in keys.values():
        info = bound_type.table.c[column].info
        setattr(
            cls,
            column,
            strawberry.field(
                default=strawberry.UNSET,
                description=described(info["en"], info["zh"]),
                metadata={BINDING: Scalar(column, False)},
            ),
        )
    text = described(f"Order, one key each: {bound_type.en}", f"排序：{bound_type.zh}")
    made: type = strawberry.input(cls, description=text, one_of=True)
    return made
