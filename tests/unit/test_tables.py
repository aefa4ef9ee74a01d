"""Every column is labelled, grouped and named by the same rules; every coded column has its words."""

from __future__ import annotations

import re
from typing import Any, Final

import pytest
from sqlalchemy import (
    ARRAY,
    Boolean,
    Column,
    Date,
    DateTime,
    Integer,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    UniqueConstraint,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from hub.domain.vocabulary import CODE_TABLES, VOCABULARY
from hub.tables import FACTS, GROUPS, RECORDS, metadata
from hub.tables._columns import stated

TABLES: Final = list(metadata.tables.values())
COLUMNS: Final = [column for table in TABLES for column in table.c]

LEDGER: Final = {"source_id", "run_id"}
"""Looked up by the sync engine only, which has its own indexes."""

DERIVED: Final = {"ActivitySize", "BoundRelation", "BoundStanding", "ChosenBy", "NoName"}
"""Vocabularies of values that are computed and never stored."""

RULES: Final = {"Force", "NormComparator", "NormPeriod", "NormScope", "NormSubject", "ServiceField"}
"""Those of the rules and catalogues, which are data of the package."""


def name(column: Column[Any]) -> str:
    return f"{column.table.name}.{column.name}"


def is_text(column: Column[Any]) -> bool:
    kind = column.type.item_type if isinstance(column.type, ARRAY) else column.type
    return kind.python_type is str


def keys(table: Table[Any]) -> list[list[str]]:
    """Columns of the primary key and of every unique constraint."""
    return [
        [column.name for column in constraint.columns]
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint | PrimaryKeyConstraint)
    ]


def test_every_column_has_both_labels_and_a_group() -> None:
    for column in COLUMNS:
        assert column.comment == column.info["zh"], name(column)
        assert re.search(r"[\u4e00-\u9fff]", column.info["zh"]), name(column)
        assert column.info["en"][:1].isalnum(), name(column)
        assert column.info["group"] in GROUPS, name(column)


def test_a_name_tells_the_type() -> None:
    for column in COLUMNS:
        kind = column.type
        rules = {
            r"_on$": isinstance(kind, Date),
            r"(^|_)at$": isinstance(kind, DateTime) and kind.timezone,
            r"^(is|has)_": isinstance(kind, Boolean),
            r"_count$": isinstance(kind, Integer),
            r"(^|_)amount$|^cost$": isinstance(kind, Numeric) and (kind.precision, kind.scale) == (14, 2),
            r"(^|_)hours$": isinstance(kind, Numeric | Integer),
            r"_id$": isinstance(kind, Integer) or column.name in {"client_id", "grant_id", "request_id"},
            r"_code$": is_text(column) and getattr(kind, "collation", None) == "C",
        }
        broken = [rule for rule, holds in rules.items() if re.search(rule, column.name) and not holds]
        assert not broken, name(column)


def test_a_coded_column_names_a_vocabulary_and_every_vocabulary_is_used() -> None:
    used = {column.info["vocabulary"] for column in COLUMNS if "vocabulary" in column.info}
    assert used | DERIVED | RULES == {*VOCABULARY, *CODE_TABLES}


def test_the_key_of_a_table_about_people_starts_with_the_county() -> None:
    """Such tables may be distributed by county; record tables are keyed by their source."""
    people = {"beneficiary_id", "household_id", "visit_id", "guardian_id", "protection_case_id"}
    about = [t for t in TABLES if people & set(t.c.keys()) and t not in RECORDS.values()]
    assert len(about) > 15
    assert not [t.name for t in about if not all(key[0] == "county_code" for key in keys(t))]


@pytest.mark.parametrize("table", FACTS.values(), ids=FACTS)
def test_a_fact_is_known_by_its_source_and_key(table: Table[Any]) -> None:
    county = [column.name for column in table.primary_key.columns if column.name == "county_code"]
    assert [*county, "source_id", "record_key"] in keys(table)


@pytest.mark.parametrize("golden", RECORDS)
def test_a_record_can_say_all_that_the_golden_row_holds(golden: str) -> None:
    held = {c.name: str(c.type) for c in stated(metadata.tables[golden].c) if c.name != "id"}
    said = {c.name: str(c.type) for c in RECORDS[golden].c}
    assert held.items() <= said.items()


def test_free_text_about_a_person_is_never_public() -> None:
    """A note or a result may say anything; only codes, numbers and what is made of them may be public."""
    about = [t for t in TABLES if {"beneficiary_id", "visit_id", "protection_case_id"} & set(t.c.keys())]
    public = [c for t in about for c in t.c if is_text(c) and c.info["group"] == "public"]
    free = [c for c in public if "vocabulary" not in c.info and c.computed is None]
    assert not [name(c) for c in free if c.name != "division_code"]


@pytest.mark.parametrize("table", TABLES, ids=str)
def test_a_foreign_key_can_be_followed_back(table: Table[Any]) -> None:
    """Otherwise every change of the referred row scans this table. Divisions do not change so."""
    found = [[column.name for column in index.columns] for index in table.indexes] + keys(table)
    for key in table.foreign_key_constraints:
        columns = list(key.column_keys)
        if not set(columns) & LEDGER and key.referred_table.name != "division":
            assert any(start[: len(columns)] == columns for start in found), columns


def test_postgresql_accepts_every_name() -> None:
    """At most 63 bytes each, and indexes unique in the schema."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    indexes = [index for table in TABLES for index in table.indexes]
    assert len({index.name for index in indexes}) == len(indexes)
    written = [str(CreateTable(table).compile(dialect=dialect)) for table in TABLES]
    written += [str(CreateIndex(index).compile(dialect=dialect)) for index in indexes]
    assert max(len(word) for statement in written for word in re.findall(r"\w+", statement)) <= 63
