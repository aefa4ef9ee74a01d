"""Binding: a client-facing Strawberry type is tied, by name and at import, to the table behind it.

    @bound(tables.station)
    class Station:
        id: strawberry.ID                     # global id
        name: str                             # column ``name``; label, group and nullability from there
        division: Division = one()            # along the foreign key ``division_code``
        personnel: Connection[Personnel] = many()

A name that is no column, a nullability that the column does not keep, or a relation without a foreign
key stops start-up. What is not bound here is an ordinary field with an ordinary resolver.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import inspect
import sys
import types
import typing
from collections.abc import Callable
from decimal import Decimal
from enum import Enum
from typing import Any, Final, Generic, TypeVar

import strawberry
from sqlalchemy import ForeignKeyConstraint, Table, UniqueConstraint

from hub.tables import RECORDS

T = TypeVar("T")
BINDING: Final = "binding"
MAX_PAGE: Final = 200
DEFAULT_PAGE: Final = 50

Pairs = tuple[tuple[str, str], ...]
"""Column here, column there."""


@dataclasses.dataclass(frozen=True, slots=True)
class Id:
    """The global id: type name and primary key."""


@dataclasses.dataclass(frozen=True, slots=True)
class Scalar:
    """A column; ``sealed`` ones are opened on the way out."""

    column: str
    sealed: bool


@dataclasses.dataclass(frozen=True, slots=True)
class One:
    """At most one row of ``target``."""

    target: str
    pairs: Pairs


@dataclasses.dataclass(frozen=True, slots=True)
class Many:
    """A connection to rows of ``target``, straight or through a link table."""

    target: str
    pairs: Pairs
    through: str | None = None
    through_pairs: Pairs = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Provenance:
    """Which source says what, column by column."""


@dataclasses.dataclass(frozen=True, slots=True)
class RootOne:
    """``station(id)``, ``division(code)``: by global id or by a unique column."""

    target: str
    by: str | None


@dataclasses.dataclass(frozen=True, slots=True)
class RootMany:
    """``stations(first, after, where, orderBy)``."""

    target: str


@dataclasses.dataclass(frozen=True, slots=True)
class RootStatus:
    """``beneficiaryStatus``: yes or no, and nothing else."""


Relation = One | Many | Provenance | RootOne | RootMany | RootStatus
Binding = Id | Scalar | Relation


@dataclasses.dataclass(slots=True)
class BoundType:
    """A type and its table; fields and filters are read off once every type is known."""

    name: str
    cls: type
    table: Table[Any]
    zh: str
    en: str
    where: type | None = None
    order: type | None = None

    @property
    def sort_keys(self) -> dict[str, str]:
        """Field name → column, where an index leads with the column."""
        return {camel(c): c for c in _leading(self.table) if c in hints(self.cls)}


TYPES: Final[dict[str, BoundType]] = {}
"""Every bound type by its GraphQL name."""


@strawberry.type(description="Where a page ends and whether there is more — 分页信息")
class PageInfo:
    has_next_page: bool = strawberry.field(description="More rows follow — 是否有下一页")
    has_previous_page: bool = strawberry.field(description="Rows precede — 是否有上一页")
    start_cursor: str | None = strawberry.field(description="Cursor of the first row — 首行游标")
    end_cursor: str | None = strawberry.field(description="Cursor of the last row — 末行游标")


@strawberry.type(description="A row and its place in the list — 列表项")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="Place of the row in this list — 游标")
    node: T = strawberry.field(description="The row — 记录")


@strawberry.type(description="A page of rows — 分页列表")
class Connection(Generic[T]):
    total_count: int = strawberry.field(description="Rows in the whole list that you may see — 总数")
    edges: list[Edge[T]] = strawberry.field(description="Rows with their cursors — 列表项")
    nodes: list[T] = strawberry.field(description="Rows without cursors — 记录")
    page_info: PageInfo = strawberry.field(description="Paging — 分页信息")


@strawberry.enum(description="Direction of sorting; rows without a value come last — 排序方向")
class Direction(Enum):
    ASC = "asc"
    DESC = "desc"


def camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def described(en: str, zh: str) -> str:
    return f"{en} — {zh}"


def hints(cls: type) -> dict[str, Any]:
    """Annotations of the class as written, unresolved."""
    return inspect.get_annotations(cls)


def _marker(kind: str, en: str, zh: str, **options: Any) -> Any:
    return dataclasses.field(default=None, metadata={"marker": (kind, en, zh, options)})


def one(en: str, zh: str, *, via: str | None = None) -> Any:
    """A row of another type. ``via``: the foreign-key column here, where there are several."""
    return _marker("one", en, zh, via=via)


def many(en: str, zh: str, *, via: str | None = None, through: Table[Any] | None = None) -> Any:
    """Rows of another type. ``via``: their foreign-key column that points here."""
    return _marker("many", en, zh, via=via, through=through)


def provenance() -> Any:
    return _marker("provenance", "Where each field of this record comes from", "各字段的数据来源")


def bound(table: Table[Any], *, en: str = "", zh: str = "") -> Callable[[type[T]], type[T]]:
    """Bind a plain class to ``table``; the Strawberry type is made by ``finish``."""

    def register(cls: type[T]) -> type[T]:
        TYPES[cls.__name__] = BoundType(
            cls.__name__, cls, table, zh or str(table.info["zh"]), en or str(table.info["en"])
        )
        return cls

    return register


def finish() -> None:
    """Turn every bound class into its Strawberry type; names resolve across modules from here on."""
    for bound_type in TYPES.values():
        _share_names(bound_type.cls)
    for bound_type in TYPES.values():
        bound_type.where, bound_type.order = _where_shell(bound_type), _order_input(bound_type)
    for bound_type in TYPES.values():
        _fill_where(bound_type)
    for bound_type in TYPES.values():
        _make_type(bound_type)


def _share_names(cls: type) -> None:
    module = sys.modules[cls.__module__]
    for other in TYPES.values():
        module.__dict__.setdefault(other.name, other.cls)


def _make_type(bound_type: BoundType) -> None:
    cls = bound_type.cls
    for name, annotation in hints(cls).items():
        setattr(cls, name, _field(bound_type, name, annotation))
    strawberry.type(cls, description=described(bound_type.en, bound_type.zh))


def _field(bound_type: BoundType, name: str, annotation: Any) -> Any:
    given = bound_type.cls.__dict__.get(name)
    if isinstance(given, dataclasses.Field):
        kind, en, zh, options = given.metadata["marker"]
        binding = _relation(bound_type, name, annotation, kind, options)
        resolver: Any = list_resolver(binding.target) if isinstance(binding, Many) else None
        return strawberry.field(resolver=resolver, description=described(en, zh), metadata={BINDING: binding})
    if name == "id":
        return strawberry.field(
            description=described("Opaque, stable id", "全局编号"), metadata={BINDING: Id()}
        )
    return _scalar(bound_type, name)


def _scalar(bound_type: BoundType, name: str) -> Any:
    column = bound_type.table.c.get(name)
    if column is None:
        raise TypeError(f"{bound_type.name}.{name}: {bound_type.table.name} has no such column")
    if column.info["group"] == "internal":
        raise TypeError(f"{bound_type.name}.{name} is an internal column and cannot be shown")
    optional = "None" in str(hints(bound_type.cls)[name])
    if bool(column.nullable) != optional:
        raise TypeError(f"{bound_type.name}.{name}: nullability differs from the column's")
    binding = Scalar(name, bool(column.info.get("sealed")))
    return strawberry.field(
        description=described(column.info["en"], column.info["zh"]), metadata={BINDING: binding}
    )


def _target(annotation: Any) -> str:
    """The bound type an annotation such as ``Connection[Visit]`` or ``Station | None`` names."""
    words = str(annotation).replace("[", " ").replace("]", " ").split()
    found = [w for w in words if w in TYPES]
    if len(found) != 1:
        raise TypeError(f"{annotation!r} names no bound type")
    return found[0]


def _relation(bound_type: BoundType, name: str, annotation: Any, kind: str, options: Any) -> Any:
    here = bound_type.table
    if kind == "provenance":
        return Provenance()
    target = _target(annotation)
    there = TYPES[target].table
    if kind == "one":
        return One(target, _pairs(here, there, options["via"], f"{bound_type.name}.{name}"))
    through = options["through"]
    if through is None:
        pairs = _pairs(there, here, options["via"], f"{bound_type.name}.{name}")
        return Many(target, tuple((b, a) for a, b in pairs))
    own = _pairs(through, here, None, f"{bound_type.name}.{name}")
    other = _pairs(through, there, None, f"{bound_type.name}.{name}")
    return Many(target, tuple((b, a) for a, b in own), through.name, other)


def _pairs(child: Table[Any], parent: Table[Any], via: str | None, where: str) -> Pairs:
    """Columns of ``child`` and ``parent`` joined by the one foreign key (that holds ``via``)."""
    keys = [
        k
        for k in child.constraints
        if isinstance(k, ForeignKeyConstraint) and k.referred_table is parent
        if via is None or via in k.column_keys
    ]
    if len(keys) != 1:
        raise TypeError(f"{where}: {len(keys)} foreign keys from {child.name} to {parent.name}, expected one")
    return tuple((e.parent.name, e.column.name) for e in keys[0].elements)


def _leading(table: Table[Any]) -> list[str]:
    """Columns an index leads with: no index, no filter."""
    keys = [list(i.columns) for i in table.indexes]
    keys += [list(k.columns) for k in table.constraints if isinstance(k, UniqueConstraint)]
    keys.append(list(table.primary_key.columns))
    names = [str(columns[0].name) for columns in keys]
    second = [str(c[1].name) for c in keys if len(c) > 1 and c[0].name == "county_code"]
    return [c.name for c in table.c if c.name in {*names, *second} and c.info["group"] != "internal"]


@strawberry.input(description="Test of a text — 文本条件")
class TextFilter:
    eq: str | None = strawberry.field(default=strawberry.UNSET, description="Equal to — 等于")
    in_: list[str] | None = strawberry.field(name="in", default=strawberry.UNSET, description="One of — 属于")


@strawberry.input(description="Test of a division code — 区划条件")
class DivisionFilter:
    eq: str | None = strawberry.field(default=strawberry.UNSET, description="Exactly this division — 等于")
    within: str | None = strawberry.field(
        default=strawberry.UNSET, description="This division or one below it — 本级及下级"
    )


@strawberry.input(description="Test of a day — 日期条件")
class DateFilter:
    eq: dt.date | None = strawberry.field(default=strawberry.UNSET, description="On this day — 等于")
    lt: dt.date | None = strawberry.field(default=strawberry.UNSET, description="Before — 早于")
    lte: dt.date | None = strawberry.field(default=strawberry.UNSET, description="On or before — 不晚于")
    gt: dt.date | None = strawberry.field(default=strawberry.UNSET, description="After — 晚于")
    gte: dt.date | None = strawberry.field(default=strawberry.UNSET, description="On or after — 不早于")


_ENUM_FILTERS: Final[dict[str, type]] = {}


def _enum_filter(enum: type[Enum]) -> type:
    """``{eq, in}`` over one enum."""
    if enum.__name__ not in _ENUM_FILTERS:
        unset: Any = strawberry.UNSET
        cls = types.new_class(f"{enum.__name__}Filter")
        cls.__annotations__ = {"eq": enum | None, "in_": list[enum] | None}  # type: ignore[valid-type]
        cls.eq = strawberry.field(default=unset, description="Equal to — 等于")  # type: ignore[attr-defined]
        cls.in_ = strawberry.field(name="in", default=unset, description="One of — 属于")  # type: ignore[attr-defined]
        _ENUM_FILTERS[enum.__name__] = strawberry.input(
            cls, description=f"Test of {enum.__name__} — 枚举条件"
        )
    return _ENUM_FILTERS[enum.__name__]


def _filter_of(bound_type: BoundType, name: str) -> type:
    column = bound_type.table.c[name]
    if name.endswith("division_code") or (name == "code" and bound_type.table.name == "division"):
        return DivisionFilter
    if column.type.python_type is dt.date:
        return DateFilter
    annotation = _resolved(bound_type, name)
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return _enum_filter(annotation)
    return TextFilter


def _resolved(bound_type: BoundType, name: str) -> Any:
    """The annotation as an object, without ``| None``."""
    raw = hints(bound_type.cls)[name]
    value = (
        eval(raw, sys.modules[bound_type.cls.__module__].__dict__) if isinstance(raw, str) else raw  # noqa: S307
    )
    args = [a for a in typing.get_args(value) if a is not type(None)]
    return args[0] if args and typing.get_origin(value) in (typing.Union, types.UnionType) else value


FILTERABLE: Final = (str, dt.date, Enum)


def _where_shell(bound_type: BoundType) -> type:
    return types.new_class(f"{bound_type.name}Where")


def _fill_where(bound_type: BoundType) -> None:
    """Filters by indexed columns, by relations, and their and/or/not."""
    cls: Any = bound_type.where
    unset: Any = strawberry.UNSET
    annotations: dict[str, Any] = {}
    for column in _leading(bound_type.table):
        if column in hints(bound_type.cls) and _filterable(_resolved(bound_type, column)):
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
    for name, annotation in hints(bound_type.cls).items():
        given = bound_type.cls.__dict__.get(name)
        if not isinstance(given, dataclasses.Field) or given.metadata["marker"][0] == "provenance":
            continue
        kind, en, zh, options = given.metadata["marker"]
        binding = _relation(bound_type, name, annotation, kind, options)
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
    return isinstance(annotation, type) and issubclass(annotation, FILTERABLE) and annotation is not Decimal


def _order_input(bound_type: BoundType) -> type | None:
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


def list_resolver(target: str) -> Callable[..., Any]:
    """Carries the arguments of a connection; the read engine answers, so it is never called."""
    bound_type = TYPES[target]

    def resolver(**_: Any) -> None:
        raise NotImplementedError

    arguments: dict[str, tuple[Any, str]] = {
        "first": (int | None, f"Rows from the start, at most {MAX_PAGE}; {DEFAULT_PAGE} if absent — 前几条"),
        "after": (str | None, "Continue behind this cursor — 从此游标之后"),
        "last": (int | None, "Rows from the end — 后几条"),
        "before": (str | None, "Continue before this cursor — 到此游标之前"),
        "where": (bound_type.where | None, "Which rows — 筛选条件"),  # type: ignore[operator]
    }
    if bound_type.order is not None:
        arguments["order_by"] = (list[bound_type.order] | None, "Order — 排序")  # type: ignore[name-defined]
    return _with_arguments(resolver, arguments)


def root_one(by: str | None) -> Callable[..., Any]:
    """Carries the argument of a root field that finds one row."""

    def resolver(**_: Any) -> None:
        raise NotImplementedError

    if by is None:
        return _with_arguments(resolver, {"id": (strawberry.ID, "Global id — 全局编号")}, required=True)
    return _with_arguments(resolver, {by: (str, "12-digit division code — 12 位区划代码")}, required=True)


def _with_arguments(
    resolver: Any, arguments: dict[str, tuple[Any, str]], *, required: bool = False
) -> Callable[..., Any]:
    resolver.__annotations__ = {
        name: typing.Annotated[annotation, strawberry.argument(description=text)]
        for name, (annotation, text) in arguments.items()
    }
    resolver.__signature__ = inspect.Signature(
        [
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=inspect.Parameter.empty if required else strawberry.UNSET,
                annotation=annotation,
            )
            for name, annotation in resolver.__annotations__.items()
        ]
    )
    return typing.cast("Callable[..., Any]", resolver)


def has_records(table: Table[Any]) -> bool:
    return table.name in RECORDS
