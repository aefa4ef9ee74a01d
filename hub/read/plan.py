"""A ``Plan``: what an operation asks, as frozen data, without SQL and without a viewer's values.

A plan belongs to (operation, capability, shape of the variables). What differs between two requests
of one plan are only *leaves*: numbers, texts and days that become bind parameters.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graphql.language import FieldNode

from hub.read import bind
from hub.read.coerced import Arguments
from hub.tables import Counts

Key = tuple[int, ...]


def key_of(nodes: Sequence[FieldNode]) -> Key:
    """What stands under one response key, told apart from what a fragment puts elsewhere."""
    return tuple(map(id, nodes))


@dataclass(frozen=True, slots=True)
class Leaf:
    """Where a value is found in a request: argument ``path`` of field ``slot``."""

    slot: int
    path: tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """A field with arguments, which are read anew for each request."""

    node: FieldNode
    arguments: Arguments


@dataclass(frozen=True, slots=True)
class Test:
    column: str
    operator: str
    leaf: Leaf


@dataclass(frozen=True, slots=True)
class Null:
    """Whether a column has no value."""

    column: str
    wanted: bool


@dataclass(frozen=True, slots=True)
class Among:
    """Whether a column is one of some codes; the field says so, and no client."""

    column: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActiveOn:
    """Whether a day lies within the days from one column to another, where null is no end."""

    span: bind.Span
    leaf: Leaf


@dataclass(frozen=True, slots=True)
class Named:
    """Whether the name is like what is searched for."""

    leaf: Leaf


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


@dataclass(frozen=True, slots=True)
class Related:
    """At least one visible row of the relation meets ``part``."""

    relation: bind.One | bind.Many
    part: Condition


@dataclass(frozen=True, slots=True)
class Traced:
    """The provenance of at least one field the viewer is shown meets all ``tests``, of its own facts."""

    tests: tuple[Test | Null, ...]


Condition = Test | Null | Among | ActiveOn | Named | AllOf | AnyOf | Not | Related | Traced


@dataclass(frozen=True, slots=True)
class Sort:
    column: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Typename:
    name: str


@dataclass(frozen=True, slots=True)
class GlobalId:
    type_name: str


@dataclass(frozen=True, slots=True)
class Version:
    """See ``hub.read.bind.Version``."""


@dataclass(frozen=True, slots=True)
class Value:
    column: str
    sealed: bool


@dataclass(frozen=True, slots=True)
class Number:
    name: str
    counts: Counts


@dataclass(frozen=True, slots=True)
class Quoted:
    """See ``hub.read.bind.Quoted``."""

    binding: bind.Quoted


@dataclass(frozen=True, slots=True)
class Made:
    """See ``hub.read.bind.Made``."""

    binding: bind.Made


@dataclass(frozen=True, slots=True)
class Object:
    """A to-one relation, or a root found ``by`` an identifier; null where there is none."""

    relation: bind.One | bind.RootOne
    fields: Fields
    key: Leaf | None = None
    by: bind.Identifier | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """``node`` or ``nodes``, or what many items of a mutation were about; ``fields`` are ``Nodes`` by the
    name of each type a row may be of."""

    relation: bind.RootNode
    fields: Fields
    ids: Leaf


@dataclass(frozen=True, slots=True)
class AsOf:
    """What is true on the day ``valid``, as the hub knew it at the moment ``known``; None for now."""

    valid: Leaf
    known: Leaf | None


@dataclass(frozen=True, slots=True)
class Page:
    """A connection. ``limit`` and ``cursor`` are leaves; without a limit leaf the default page.

    ``single``: the document itself says that it has one row at most.
    """

    relation: bind.Many | bind.RootMany
    fields: Fields
    where: Condition | None
    sorts: tuple[Sort, ...]
    limit: Leaf | None
    cursor: Leaf | None
    backward: bool
    single: bool
    as_of: AsOf | None = None


@dataclass(frozen=True, slots=True)
class TotalCount:
    pass


@dataclass(frozen=True, slots=True)
class Edges:
    fields: Fields


@dataclass(frozen=True, slots=True)
class Cursor:
    pass


@dataclass(frozen=True, slots=True)
class Nodes:
    fields: Fields


@dataclass(frozen=True, slots=True)
class PageInfo:
    fields: Fields


@dataclass(frozen=True, slots=True)
class PageFact:
    """One of hasNextPage, hasPreviousPage, startCursor, endCursor."""

    name: str


@dataclass(frozen=True, slots=True)
class Origins:
    """``provenance``: a list of objects with these fields."""

    fields: Fields


@dataclass(frozen=True, slots=True)
class OriginFact:
    """A field of ``FieldProvenance``, or of one of its rivals (``hub.read.origins``)."""

    name: str


@dataclass(frozen=True, slots=True)
class Rivals:
    """``competing``: what others say of the field."""

    fields: Fields


@dataclass(frozen=True, slots=True)
class Status:
    """``beneficiaryStatus``."""

    fields: Fields
    id_number: Leaf
    programme: Leaf
    on: Leaf


@dataclass(frozen=True, slots=True)
class StatusFact:
    """One of entitled, programme, on."""

    name: str


@dataclass(frozen=True, slots=True)
class Eligibility:
    """``eligibility``, or the items of ``eligibilities``. ``persons``: one, or a list of them."""

    fields: Fields
    persons: Leaf
    programme: Leaf
    on: Leaf


@dataclass(frozen=True, slots=True)
class Eligibilities:
    """``fields``: ``EligibilityItems`` and ``RefusedPersons``."""

    fields: Fields
    asked: Eligibility


@dataclass(frozen=True, slots=True)
class EligibilityItems:
    fields: Fields


@dataclass(frozen=True, slots=True)
class RefusedPersons:
    fields: Fields


@dataclass(frozen=True, slots=True)
class Aggregate:
    """How many rows, and how many of each kind."""

    relation: bind.RootAggregate | bind.Counted
    fields: Fields
    where: Condition | None


@dataclass(frozen=True, slots=True)
class Groups:
    keys: tuple[bind.GroupKey, ...]
    fields: Fields


@dataclass(frozen=True, slots=True)
class CountFact:
    """``count`` or ``key``, of an aggregate or of one of its groups."""

    name: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What becomes of rows; ``after`` is where the client's position is found."""

    relation: bind.RootChanges
    fields: Fields
    where: Condition | None
    after: Leaf


@dataclass(frozen=True, slots=True)
class ChangeFact:
    """One of position, operation, id."""

    name: str


@dataclass(frozen=True, slots=True)
class ChangedRow:
    """``node``: the row as it is now."""

    fields: Fields


@dataclass(frozen=True, slots=True)
class Copy:
    """A page of a copy. ``since`` and ``first`` are where the client's cursor and page size are found."""

    relation: bind.RootCopy
    fields: Fields
    since: Leaf
    first: Leaf


@dataclass(frozen=True, slots=True)
class CopyFact:
    """One of cursor, hasMore, checksum, of an entry's facts, or of the count and checksum of the whole."""

    name: str


@dataclass(frozen=True, slots=True)
class Entries:
    """``entries``: facts, and ``ChangedRow`` for the row as it is now."""

    fields: Fields


@dataclass(frozen=True, slots=True)
class Whole:
    """``whole``: of all rows."""

    fields: Fields


@dataclass(frozen=True, slots=True)
class Faulty:
    """A field whose arguments are wrong: null, and an error (``hub.read.faults``)."""


Node = (
    Faulty | Typename | GlobalId | Version | Value | Number | Quoted | Made | Object | Rows | Page
    | TotalCount | Edges | Cursor | Nodes | PageInfo | PageFact | Origins | OriginFact | Rivals | Status
    | Eligibility | Eligibilities | EligibilityItems | RefusedPersons
    | StatusFact | Aggregate | Groups | CountFact | Changes | ChangeFact | ChangedRow
    | Copy | CopyFact | Entries | Whole
)  # fmt: skip
Fields = tuple[tuple[str, Node], ...]
"""Response key and what stands under it, in the order of the document."""


@dataclass(frozen=True, slots=True)
class Plan:
    """``faults``: why a field is ``Faulty``, by ``key_of`` its nodes."""

    fields: Fields
    slots: tuple[Slot, ...]
    faults: Mapping[Key, Exception]
