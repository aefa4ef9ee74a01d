"""How a column is declared: its type by annotation, its group, and its two labels, once.

The group says how sensitive a column is; slices (``hub.access.slices``) grant groups, never columns:

=========== =====================================================================
public      names of stations, contracts, dates, counts: nothing about a person
identity    who a person is: name, sex, birth date, masked identity number
contact     where a person is reached: address, telephone
credential  full identity and certificate numbers (sealed at rest)
care        what a person needs: category, risk level, assessments, benefit
minor       what only a child has: guardian, school, parents
internal    keys and hashes; no client ever sees them
=========== =====================================================================
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal, NamedTuple, TypeVar

from sqlalchemy import (
    BigInteger,
    Column,
    Computed,
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Named,
    Numeric,
    SmallInteger,
    Table,
    Text,
    TypedColumns,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import ARRAY

Group = Literal["public", "identity", "contact", "credential", "care", "minor", "internal"]
GROUPS: Final[tuple[Group, ...]] = (
    "public",
    "identity",
    "contact",
    "credential",
    "care",
    "minor",
    "internal",
)

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)

CODE: Final = Text(collation="C")
"""Codes compare byte by byte, whatever the database's locale: ranges over division codes need it."""

STAMP: Final = DateTime(timezone=True)
"""A moment, wherever it was noted."""

MONEY: Final = Numeric(14, 2)
"""Yuan."""

HOURS: Final = Numeric(6, 1)
"""Training hours (学时) or work hours (工时)."""


def _column(
    group: Group, zh: str, en: str, *args: Any, vocabulary: str | None = None, **options: Any
) -> Column[Any]:
    """``vocabulary``: name in ``hub.domain.vocabulary`` of what the value is a code of."""
    info = {"group": group, "zh": zh, "en": en, **options.pop("info", {})}
    if vocabulary is not None:
        info["vocabulary"] = vocabulary
    return Column(*args, comment=zh, info=info, **options)


def public(zh: str, en: str, *args: Any, **options: Any) -> Column[Any]:
    return _column("public", zh, en, *args, **options)


def identity(zh: str, en: str, *args: Any, **options: Any) -> Column[Any]:
    return _column("identity", zh, en, *args, **options)


def contact(zh: str, en: str, *args: Any, **options: Any) -> Column[Any]:
    return _column("contact", zh, en, *args, **options)


def care(zh: str, en: str, *args: Any, **options: Any) -> Column[Any]:
    return _column("care", zh, en, *args, **options)


def minor(zh: str, en: str, *args: Any, **options: Any) -> Column[Any]:
    return _column("minor", zh, en, *args, **options)


def internal(zh: str, en: str, *args: Any, **options: Any) -> Column[Any]:
    return _column("internal", zh, en, *args, **options)


class Counts(NamedTuple):
    """Of a number of rows of the table ``of``: a viewer is told how many of them it sees, and of no others.

    They are those whose ``column`` equals ``own`` here, without a value in ``empty``, whose ``unset`` is
    false, and of which the array ``listed`` here has the key.
    """

    of: str
    column: str
    own: str
    empty: tuple[str, ...] = ()
    listed: str | None = None
    unset: str | None = None


class Kept(NamedTuple):
    """Of a day up to which a source may state a fact: the hub has ended it by what somebody did here.

    ``function``, of the columns ``given``, tells the last day; a trigger keeps it. ``refusal``: what is told
    of a row that states a later one, or none.
    """

    function: str
    given: tuple[str, ...]
    refusal: str


def derived(
    zh: str, en: str, *args: Any, info: Mapping[str, Any] | None = None, **options: Any
) -> Column[Any]:
    """What a trigger keeps: no source states it and no record holds it."""
    return _column("internal", zh, en, *args, info={"derived": True, **(info or {})}, **options)


def lived_in() -> Column[Any]:
    """Of a fact about a person: where the person lives now, so that a slice need not look it up."""
    return derived("居住区划", "Division the person lives in", CODE, info={"carried": True})


def shown_from(at_first: str | None = None) -> Column[Any]:
    """Of a person and of facts about one: see ``hub.access.slices`` for whom it counts (migration 0019).

    ``at_first``: what the trigger makes of a new row ``b``, for who writes many; facts carry what it made.
    """
    english = "First day on which who may not see children's matters sees the person"
    return derived("公开起始日", english, Date, info={"at_first": at_first, "carried": at_first is None})


def known() -> Column[Any]:
    """Of a fact whose former versions are kept (``hub.tables.past``)."""
    english = "Since when the hub knows it as it stands"
    return derived("系统知悉起", english, STAMP, server_default=func.now(), nullable=False)


def made() -> Column[Any]:
    """Of a row that leaves slices: one of this very transaction was seen by nobody (migration 0075)."""
    return derived("建立时间", "When the row was made", STAMP, server_default=func.now(), nullable=False)


def township() -> Column[Any]:
    """Equal for all who live in a township, so that an index keeps its people in order; a range would not."""
    digits = Computed("left(division_code, 9)", persisted=True)
    return derived("乡镇级区划代码", "Township it lies in, 9 digits", CODE, digits)


def searched_by(zh: str, *, person: bool = False) -> Column[Any]:
    """Pieces of the name in characters and in pinyin (``hub.domain.pinyin``); null until they are made.

    ``person``: the name begins with a surname.
    """
    return derived(f"{zh}检索键", "What the name is found by", ARRAY(CODE), info={"of_person": person})


def by_name() -> Index:
    return Index(None, "name_keys", postgresql_using="gin")


def stated(columns: Iterable[Column[Any]]) -> list[Column[Any]]:
    """``columns`` without those a trigger keeps."""
    return [column for column in columns if not column.info.get("derived")]


def sealed(zh: str, en: str, group: Group = "credential", *, long: bool = False) -> Column[Any]:
    """Ciphertext of ``hub.store.vault``; clients with the group get the opened text.

    ``long``: of many rows at once, some 100 kB.
    """
    return _column(group, zh, en, LargeBinary, info={"sealed": True, "long": long})


def look_up(zh: str, of: str) -> Column[Any]:
    """Keyed hash of the sealed column ``of`` of the same row, which the row is found by."""
    return _column("internal", zh, "Keyed hash for look-up", LargeBinary, info={"look_up": of})


def key(zh: str = "编号", en: str = "Number within the hub") -> Column[Any]:
    """Primary key of a small table."""
    return internal(zh, en, BigInteger, Identity(), primary_key=True)


def county() -> Column[Any]:
    """First half of the primary key of every person-scale table: where it may be distributed by."""
    return internal("县级区划代码", "County division code, 6 digits", CODE, primary_key=True)


def county_key() -> Column[Any]:
    """Second half of the primary key of a person-scale table."""
    return internal("编号", "Number within the hub", BigInteger, Identity(), primary_key=True)


def division(zh: str, en: str) -> Column[Any]:
    """A 12-digit division code that refers to ``division``."""
    return public(zh, en, CODE)


def now(zh: str, en: str) -> Column[Any]:
    return internal(zh, en, STAMP, server_default=func.now())


def points_to(zh: str, en: str, target: str, **options: Any) -> Column[Any]:
    """A key of a small table, such as ``station.id``."""
    return internal(zh, en, BigInteger, ForeignKey(target), **options)


class StatedColumns(TypedColumns):
    """What a table of *facts* carries: a fact belongs to the one source that states it.

    Entities (stations, people, contracts …) are resolved across sources instead and keep
    what each source says in a record table, see ``hub.tables.records``.
    """

    source_id: Named[int] = internal("来源", "Source", SmallInteger, ForeignKey("source.id"))
    record_key: Named[str] = internal("来源记录号", "Key of the record in its source", CODE)
    content_hash: Named[bytes] = internal("内容摘要", "Keyed hash of what the source said", LargeBinary)
    observed_at: Named[dt.datetime] = internal("来源时间", "When the source knew it", STAMP)
    received_at: Named[dt.datetime] = internal("接收时间", "When the hub received it", STAMP)
    run_id: Named[int] = internal("同步运行", "Run that brought it", BigInteger)
    list_kind: Named[str | None] = internal("名单类型", "Kind of list that states it", CODE)


def refer(target: Table, *columns: str) -> ForeignKeyConstraint:
    """A foreign key from ``columns`` to the primary key of ``target``."""
    return ForeignKeyConstraint(columns, list(target.primary_key.columns))


C = TypeVar("C", bound=TypedColumns)

FACTS: Final[dict[str, Table[Any]]] = {}
"""Every table of facts by name; ``table`` enters it here."""


def table(name: str, zh: str, en: str, columns: type[C], *args: Any, **options: Any) -> Table[C]:
    """A table with its labels; ``comment`` carries the Chinese one into the database."""
    made = Table(name, metadata, columns, *args, comment=zh, info={"zh": zh, "en": en}, **options)
    if issubclass(columns, StatedColumns):
        FACTS[name] = made
    return made


S = TypeVar("S", bound=StatedColumns)


def fact(name: str, zh: str, en: str, columns: type[S], *args: Any) -> Table[S]:
    """A table of facts with a small key."""
    return table(name, zh, en, columns, UniqueConstraint("source_id", "record_key"), *args)
