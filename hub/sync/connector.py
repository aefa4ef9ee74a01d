"""What a connector declares: how to read a source, and how its fields become ours.

A connector *extracts* batches of rows as the source wrote them, and *declares* for each kind of
list which tables a row fills. It never touches the database: ``hub.sync.run`` does, for all of
them alike. One row may fill several tables: a row of a dibao roster is a household, a person and
the person's membership.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Protocol, runtime_checkable

from hub.domain.refusal import Refused
from hub.errors import ConfigurationError
from hub.sync.header import Header
from hub.sync.parts import NoParts, Parts

UNKNOWN_LIST: Final = "unknown"


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it stands in the source; ``values`` by canonical header, empty cells left out.

    ``observed_at``: when the source wrote the row, where it says so; else the batch's time counts.
    """

    file: str
    sheet: str
    number: int
    values: Mapping[str, Any]
    raw: Mapping[str, str]
    observed_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row, or a whole file (``row.number`` 0), is refused; ``header`` names the column."""

    code: str
    header: str
    expected: str
    expected_zh: str

    @classmethod
    def of(cls, refused: Refused, header: str) -> Refusal:
        return cls(refused.code, header, refused.expected, refused.expected_zh)


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of one kind of list, at most a few thousand, and those already found unreadable.

    ``list_kind`` is ``UNKNOWN_LIST`` for a file or table of which not even that is known; it has
    refusals only. ``header``: the columns of the table, also those whose cells nobody asked for.
    ``absent``: headers the table does not have. A column that is not there says nothing, so what was held
    stays; an empty cell says that there is nothing.
    ``dated``: the list names its day; a file's own time never outranks a day that is named.
    ``checkpoint`` says where the next run continues once this batch is merged; the last one counts.

    A file that is delivered is delivered whole: its earlier quarantine entries that are not refused
    again are resolved. A refused row without ``raw`` stands for its whole sheet, or with an empty sheet
    for its whole file, whose entries stay open. A run without any checkpoint is the whole source.

    ``deleted``: rows the source has deleted; only the cells that make record keys need to be there.
    ``ends``: with this batch the list is complete as of ``observed_at``: what the source said of it before
    and does not say in this run is withdrawn. Not where rows of the list are refused whose keys cannot be
    read, for nobody knows whose they are.
    """

    list_kind: str
    observed_at: dt.datetime
    rows: Sequence[Row]
    refused: Sequence[tuple[Row, Sequence[Refusal]]] = ()
    header: Header | None = None
    checkpoint: Mapping[str, Any] | None = None
    dated: bool = True
    absent: Sequence[str] = ()
    deleted: Sequence[Row] = ()
    ends: bool = False


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a source has pushed (``hub.sync.hooks``). ``number``: by arrival; ``name``: the sender's own.

    ``sent_at``: when it was sent, by a clock that the hub has compared with its own.
    """

    number: int
    name: str
    body: str
    sent_at: dt.datetime


async def _nothing_pushed(after: int) -> Sequence[Delivery]:
    return ()


@dataclass(frozen=True, slots=True)
class Subjects:
    """Whom a source is asked about that answers for one at a time: rows of ``table`` with all of ``needed``.

    Only those whom the answer matters for: while a fact of the table ``while_`` whose reference ``about``
    points to them has not passed its day ``until``, and ``only`` one whose column has one of these values.
    ``aged``: a column with the day of birth, and the years that must have passed since. ``since``: the first
    day of such a fact. ``held``: a table of facts; of which of them this source has told one is told.
    """

    table: str
    columns: Sequence[str]
    needed: Sequence[str]
    while_: str
    about: str
    until: str
    only: tuple[str, frozenset[str]] | None = None
    aged: tuple[str, int] | None = None
    since: str | None = None
    held: str | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """``id``: the hub's own number, which may stand in a checkpoint. ``values``: sealed columns opened.

    ``since``: the earliest first day of the facts it is asked about for; ``is_held``: see ``Subjects.held``.
    """

    id: int
    values: Mapping[str, Any] = field(repr=False)
    since: dt.date | None = None
    is_held: bool = False


Known = Callable[[Subjects, int, int], AsyncIterator[Subject]]
"""Subjects of the county by their numbers, those beyond ``after``, ``most`` at most. Where each run goes on
after the one before and begins again at the end, who was asked about longest ago comes first."""


async def nobody(subjects: Subjects, after: int, most: int) -> AsyncIterator[Subject]:
    """``Known`` where there is no hub."""
    no_subjects: tuple[Subject, ...] = ()
    for subject in no_subjects:
        yield subject


@dataclass(frozen=True, slots=True)
class Place:
    """Where a source is and how it lets the hub in.

    ``location``: a folder or an address, without anything secret. ``county_code``: six digits; nobody else's
    data is asked for. ``secrets``: what opens the source, by the names its connector documents
    (``hub source secret``); no log and no error ever holds one. ``known``: whom the hub knows in the county.
    ``pushed``: the next deliveries after a number, a few hundred at most, none at the end. ``parts``: what it
    remembers of what it has read.
    """

    location: str
    county_code: str
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    known: Known = nobody
    parts: Parts = field(default_factory=NoParts, repr=False)
    pushed: Callable[[int], Awaitable[Sequence[Delivery]]] = _nothing_pushed

    def secret(self, name: str) -> str:
        """ConfigurationError where it was not given."""
        if name not in self.secrets:
            raise ConfigurationError(f"the source needs a secret named {name}: hub source secret CODE {name}")
        return self.secrets[name]


@dataclass(frozen=True, slots=True)
class Context:
    """What parsing may depend on besides the value itself. ``day``: when the row was written, in China."""

    county_code: str
    today: dt.date
    blind: Callable[[str], bytes]
    day: dt.date | None = None


Parse = Callable[[Any, Context], Any]


@dataclass(frozen=True, slots=True)
class From:
    """A column of ours from a header of theirs; ``parse`` raises ``Refused``."""

    header: str
    parse: Parse
    required: bool = False


@dataclass(frozen=True, slots=True)
class Spread:
    """Several columns from one header: an identity number is also a hash and a mask.

    ``parse`` returns ``{column: value}``; plain text for sealed columns, the engine seals it.
    A column that is also given by its own ``From`` and not empty there keeps that value, unless it
    is one of ``prevails``: an identity number knows its birth date better than the next cell.
    """

    header: str
    parse: Callable[[Any, Context], Mapping[str, Any] | None]
    required: bool = False
    prevails: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Check:
    """A rule over several cells, tried when every column of the target is parsed.

    ``test`` gets the target's columns and the row's values and raises ``Refused``, which is then
    shown at ``header``. A column that was empty is None there, or absent.
    """

    header: str
    test: Callable[[Mapping[str, Any], Mapping[str, Any], Context], None]


@dataclass(frozen=True, slots=True)
class Constant:
    """The same value for every row of the list."""

    value: Any


@dataclass(frozen=True, slots=True)
class Reference:
    """The key of a row of ``table``, found by columns that are unique there.

    ``by`` holds alternatives in order: the first whose values are all present is used
    (a person by identity number, else by file number). County is added by the engine.
    ``copy`` takes further columns from the referred row: ``{"contractor_id": "contractor_id"}``.
    Without any alternative it is the entity of ``table`` that the same row states: whose record it is,
    whatever that is found by.
    ``alone``: the columns need not be unique, and what several rows have finds none of them.
    """

    table: str
    by: Sequence[Mapping[str, From]] = ()
    required: bool = False
    copy: Mapping[str, str] = field(default_factory=dict)
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Link:
    """Rows of a two-column link table from a list value: the stations a contract names.

    ``reference`` has one alternative of one column, whose ``parse`` returns the list.
    """

    table: str
    own: str
    other: str
    header: str
    reference: Reference


@dataclass(frozen=True, slots=True)
class Target:
    """One table a row fills.

    ``key``: what makes the record key in this source: columns, references (then the values they are
    found by), cells (a ``From``) or headers (the cell as it stands); where it is of cells and headers alone,
    none may be empty. Rows of one list with the same record key are one statement, of which the newest
    stands; a table that several rows describe (the household of each member) names more, so that every row
    keeps its own statement and no empty cell hides a value of another row.
    ``match``: alternatives of columns that identify the entity in the hub, the first one unique
    there; empty for facts, which are identified by their key alone.
    ``when``: header that must not be empty for the target to apply at all.
    ``each``: header whose parsed list value repeats the target, e.g. several categories in a cell.
    ``references`` map our key column to where it points. ``links`` fill a link table.
    ``same``, of entities: alternatives of columns by which a statement under a new record key is known to
    be the one under a key nobody states any more (a person whose number was corrected), beside ``match``.
    ``about``, of facts: the reference to the entity the fact is one of. What the list said of an entity in
    rows that other rows have replaced is withdrawn, unless the list ``goes_on``: of events a new row
    replaces none.
    ``retracts``, of entities: a row that no longer states the strong key takes it back, and leaves the entity
    that other records hold by it. Else a key that is not there says nothing.
    """

    table: str
    columns: Mapping[str, From | Constant]
    key: Sequence[str | From]
    match: Sequence[Sequence[str]] = ()
    spreads: Sequence[Spread] = ()
    references: Mapping[str, Reference] = field(default_factory=dict)
    when: str | None = None
    each: tuple[str, From] | None = None
    links: Sequence[Link] = ()
    checks: Sequence[Check] = ()
    same: Sequence[Sequence[str]] = ()
    about: str | None = None
    goes_on: bool = False
    retracts: bool = False


@dataclass(frozen=True, slots=True)
class ListMapping:
    """One kind of list; ``precedence`` 1 wins over 2 when two lists fill the same column.

    ``expected``: columns a list may do without, but not lose under another name: without them its rows
    would say more than they mean (a benefit without its last day).

    Raise ``version`` when a parse means something else: rows already known are then read again.
    """

    kind: str
    required: Sequence[str]
    targets: Sequence[Target]
    precedence: int = 5
    version: int = 1
    expected: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """Rows of ``table`` that the hub enters in the system, and where its answer stands in them.

    ``columns`` are told, and ``of`` the row that the reference ``about`` points to. ``state`` takes PENDING,
    SENT, ACCEPTED, REFUSED; ``sent_at`` and ``entered_at`` moments, ``number`` the system's own for it, and
    ``refusal`` a code. ``kind`` and ``header``: the list in which the number comes back, and where; so whom
    the number is of is known before it does. ``secret``: without it nothing is entered.
    """

    table: str
    columns: Sequence[str]
    about: str
    of: Sequence[str]
    state: str
    sent_at: str
    entered_at: str
    number: str
    refusal: str
    kind: str
    header: str
    secret: str


@dataclass(frozen=True, slots=True)
class Message:
    """``name``: by it the system knows the message however often it comes. ``values``: sealed columns opened;
    those of the person under ``about.column``."""

    name: str
    values: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of the message ``name``: ``number`` where it was accepted, else ``refusal``, a code."""

    name: str
    at: dt.datetime
    number: str | None = None
    refusal: str | None = None


@runtime_checkable
class Entering(Protocol):
    """What a connector is besides, whose system takes entries."""

    @property
    def outgoing(self) -> Outgoing: ...

    async def enter(self, place: Place, messages: Sequence[Message]) -> Sequence[Receipt]:
        """Hands over those that the system does not have yet, and tells which are answered. SourceError.

        It may be asked any number of times with the same message, and end at any moment.
        """


class Connector(Protocol):
    """A connector is a small folder: this object, a client and a mapping."""

    @property
    def name(self) -> str: ...

    @property
    def lists(self) -> Mapping[str, ListMapping]:
        """Kinds of list in the order they must be merged: referred tables first."""

    def extract(self, place: Place, checkpoint: Mapping[str, Any] | None) -> AsyncIterator[Batch]:
        """All rows (or those since ``checkpoint``), list kinds in the order of ``lists``."""
