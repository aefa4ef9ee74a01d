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
import inspect
from collections.abc import Callable
from enum import Enum
from typing import Any, Final, Generic, Literal, TypeVar

import strawberry
from sqlalchemy import Column, ForeignKeyConstraint, Table

from hub.access.mutation import Write, WriteEach
from hub.domain.names import camel
from hub.read.indexes import leading
from hub.tables import Counts

T = TypeVar("T")
BINDING: Final = "binding"
FOR: Final = "for"
"""Of a field that is no binding: which capabilities have it."""
MAX_PAGE: Final = 200
DEFAULT_PAGE: Final = 50
MAX_ITEMS: Final = 1_000
"""Of a mutation that does many."""
ITEM: Final = "Item"
"""How the name of the input of one of them ends."""

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
class Version:
    """Which version of the row is read: an update gives it back, and is refused when it has moved on."""


@dataclasses.dataclass(frozen=True, slots=True)
class Number:
    """How many rows of another table there are to this one, of those the viewer sees; not a column."""

    name: str
    counts: Counts


@dataclasses.dataclass(frozen=True, slots=True)
class Quoted:
    """A sealed text that speaks of a column of ``of``, and is shown to whom that column is.

    Which column it is, in capitals, stands in ``named``."""

    column: str
    named: str
    of: str


@dataclasses.dataclass(frozen=True, slots=True)
class Made:
    """What ``make`` makes of the day and the values of ``columns`` of the row, on the way out; not a column.

    It is shown to whom all these columns are. A day reaches it as text.
    """

    name: str
    columns: tuple[str, ...]
    make: Callable[..., Any]


@dataclasses.dataclass(frozen=True, slots=True)
class Span:
    """The first and the last day of a row; only a condition reads them together."""

    starts: str
    ends: str


@dataclasses.dataclass(frozen=True, slots=True)
class Search:
    """A piece of the ``name`` in characters, or how it begins in pinyin; only a condition."""


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
class Identifier:
    """An argument that names one row.

    ``id``: the global id. ``column``: a unique column. ``county``: one that is unique in a county.
    ``number``: the identity number. ``record``: what a source calls the row.
    """

    kind: Literal["id", "column", "county", "number", "record"]
    column: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class RootOne:
    """``station(id, divisionCode)``: by exactly one of its identifiers (``hub.read.identifiers``)."""

    target: str


@dataclasses.dataclass(frozen=True, slots=True)
class Written(RootOne):
    """A mutation: ``write`` does it, for ``roles`` with the scope ``act``, and tells which record to show."""

    write: Write
    act: str
    roles: frozenset[str]
    questions: int = 0
    """Persons it asks about at most, by their numbers."""


@dataclasses.dataclass(frozen=True, slots=True)
class RootMany:
    """``stations(first, after, where, orderBy)``.

    ``only``: codes that columns must be among. ``by``: the column it is ordered by where nothing is said.
    """

    target: str
    only: tuple[tuple[str, tuple[str, ...]], ...] = ()
    by: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class RootAggregate:
    """``stationsAggregate(where)``: how many rows, and of which kinds."""

    target: str


@dataclasses.dataclass(frozen=True, slots=True)
class Counted:
    """``visitsAggregate(where)`` beside ``visits``: how many rows a relation leads to, and of which kinds."""

    relation: Many

    @property
    def target(self) -> str:
        return self.relation.target


@dataclasses.dataclass(frozen=True, slots=True)
class RootStatus:
    """``beneficiaryStatus``: yes or no, and nothing else."""


@dataclasses.dataclass(frozen=True, slots=True)
class RootEligibility:
    """``eligibility`` of one person and ``eligibilities`` of many: one of four answers, and nothing else."""

    many: bool


@dataclasses.dataclass(frozen=True, slots=True)
class RootNode:
    """``node(id)`` and ``nodes(ids)``: rows of any type by their global ids."""

    argument: Literal["id", "ids"]


@dataclasses.dataclass(frozen=True, slots=True)
class WrittenEach(RootNode):
    """A mutation of many items: ``write`` does each, and tells the record of each, or why there is none."""

    target: str
    write: WriteEach
    act: str
    roles: frozenset[str]


@dataclasses.dataclass(frozen=True, slots=True)
class RootChanges:
    """``stationChanges(after, where)``: what becomes of the rows of ``target``, one event after the other."""

    target: str


@dataclasses.dataclass(frozen=True, slots=True)
class RootCopy:
    """``caseload(since, first)``: a copy of all rows of ``target`` the viewer sees, kept in step."""

    target: str


MOST_TYPES: Final = 3
"""Types that a statement is made for; of ids that name more it is made for all."""


def types_named(ids: Any) -> frozenset[str] | None:
    """Types that global ids are of, as they say; None where they name more than a few, or there are none."""
    given = ids if isinstance(ids, list) else [ids]
    names = (each.partition(":")[0] for each in given if isinstance(each, str))
    found = frozenset(name for name in names if name in TYPES)
    return found if 0 < len(found) <= MOST_TYPES else None


Root = RootOne | RootMany | RootAggregate | RootStatus | RootEligibility | RootNode | RootChanges | RootCopy
Relation = One | Many | Counted | Provenance | Root
Binding = Id | Version | Scalar | Number | Quoted | Made | Span | Search | Relation


@dataclasses.dataclass(frozen=True, slots=True)
class GroupKey:
    """What rows are grouped by; ``target`` is the type a ``row`` key refers to."""

    column: str
    form: Literal["plain", "month", "year", "row"]
    en: str
    zh: str
    target: str | None = None


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
    aggregate: type | None = None
    group_keys: dict[str, GroupKey] = dataclasses.field(default_factory=dict)

    @property
    def sort_keys(self) -> dict[str, str]:
        """Field name → column, where an index leads with the column."""
        return {camel(c): c for c in leading(self.table) if c in hints(self.cls)}


TYPES: Final[dict[str, BoundType]] = {}
"""Every bound type by its GraphQL name."""


@strawberry.interface(description="Anything that has a global id — 有全局编号的记录")
class Node:
    id: strawberry.ID = strawberry.field(description="Opaque, stable id — 全局编号", metadata={BINDING: Id()})


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
    ASC = strawberry.enum_value("asc", description="Smallest first — 升序")
    DESC = strawberry.enum_value("desc", description="Largest first — 降序")


def described(en: str, zh: str) -> str:
    return f"{en} — {zh}"


def hints(cls: type) -> dict[str, Any]:
    """Annotations of the class as written, unresolved."""
    return inspect.get_annotations(cls)


def _marker(kind: str, en: str, zh: str, **options: Any) -> Any:
    return dataclasses.field(default=None, metadata={"marker": (kind, en, zh, options)})


def one(en: str, zh: str, *, via: str | None = None, pairs: Pairs | None = None) -> Any:
    """A row of another type. ``via``: the foreign-key column here, where there are several. ``pairs``: column
    here and there, where no foreign key can be since the row may be away."""
    return _marker("one", en, zh, via=via, pairs=pairs)


def many(en: str, zh: str, *, via: str | None = None, through: Table[Any] | None = None) -> Any:
    """Rows of another type. ``via``: their foreign-key column that points here."""
    return _marker("many", en, zh, via=via, through=through)


def number_of(en: str, zh: str, counts: Counts) -> Any:
    return _marker("number", f"{en}, of those you see", f"{zh}，仅计您可见者", counts=counts)


def quoted(en: str, zh: str, of: Table[Any], *, named: str) -> Any:
    en, zh = f"{en}; null where you do not see that field", f"{zh}，无权查看该字段时为空"
    return _marker("quoted", en, zh, of=of, named=named)


def made(en: str, zh: str, *columns: str, make: Callable[..., Any]) -> Any:
    """``make(today, *values)`` gives what orjson can write, of the type that is annotated."""
    return _marker("made", en, zh, columns=columns, make=make)


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


def _target(annotation: Any) -> str:
    """The bound type an annotation such as ``Connection[Visit]`` or ``Station | None`` names."""
    words = str(annotation).replace("[", " ").replace("]", " ").split()
    found = [w for w in words if w in TYPES]
    if len(found) != 1:
        raise TypeError(f"{annotation!r} names no bound type")
    return found[0]


def relation_of(bound_type: BoundType, name: str, annotation: Any, kind: str, options: Any) -> Any:
    here = bound_type.table
    if kind == "provenance":
        return Provenance()
    target = _target(annotation)
    there = TYPES[target].table
    if kind == "one":
        pairs = options["pairs"] or _pairs(here, there, options["via"], f"{bound_type.name}.{name}")
        return One(target, pairs)
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


def is_division(column: Column[Any]) -> bool:
    """Whether it holds 12-digit division codes."""
    return column.name.endswith("division_code") or (
        column.name == "code" and column.table.name in ("division", "former_division")
    )


def marked(cls: type, name: str) -> tuple[str, str, str, dict[str, Any]] | None:
    """Kind, labels and options of a relation or a number; None for a column."""
    given = cls.__dict__.get(name)
    return given.metadata.get("marker") if isinstance(given, dataclasses.Field) else None
