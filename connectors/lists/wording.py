"""A system's words for what a list says: its fields become the headers of ours, its codes become labels.

What is not named is dropped before anything is stored (X35): an allow-list. Fields that are missing stop the
run, fields nobody has heard of are told: neither is ever silent.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from connectors.lists.disclosed import field_class
from hub.errors import SourceError
from hub.sync.connector import Row
from hub.sync.header import UNTOLD, Column, Header, forms_of, is_empty

log = structlog.get_logger("connectors")

LONGEST: Final = 20_000
"""Characters of a value that are kept; the cell is refused by its column in any case."""

LONGEST_NAME: Final = 40
NUMBER: Final = re.compile("[0-9]{5}")


class SchemaDrift(SourceError):
    """A source no longer has a field that its connector needs."""

    code, zh = "SCHEMA_DRIFT", "上游数据结构已变化，缺少所需字段"


@dataclass(frozen=True, slots=True)
class Field:
    """``header``: ours. ``words``: labels by the system's code; a code that says nothing has None.

    A code that is not there stays as it is, and is refused where it is read (X16).
    """

    header: str
    words: Mapping[str, str | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Wording:
    """``fields`` by the system's name in capitals. ``needed``: those it may not lose.

    ``dropped``: known, not asked for.
    """

    fields: Mapping[str, Field]
    needed: frozenset[str]
    dropped: frozenset[str] = frozenset()

    def expect(self, names: Iterable[str], where: str) -> None:
        """SchemaDrift where a needed field is missing; fields that are new are told by name."""
        had = {name.upper() for name in names}
        strange = sorted(had - self.fields.keys() - self.dropped)
        if missing := sorted(self.needed - had):
            lost, others = "、".join(missing), "、".join(strange[:12])
            raise SchemaDrift(
                f"{where} lacks: {lost}. Fields not known: {others or 'none'}.",
                zh=f"{where} 缺少字段：{lost}；未识别的字段：{others or '无'}",
            )
        if strange:
            log.warning("fields_not_known", table=where, headers=strange)

    def header(self, table: str, records: Iterable[Mapping[str, Any]], *, is_all: bool = True) -> Header:
        """The fields that records have; of their cells the types, and how many are dropped."""
        cells: dict[str, list[Any]] = {}
        for record in records:
            for name, value in record.items():
                cells.setdefault(name.upper(), []).append(value)
        return Header(table, [self.column(name, held) for name, held in cells.items()], is_all)

    def column(self, name: str, cells: Sequence[Any] = (), forms: frozenset[str] = frozenset()) -> Column:
        """``forms``: where the source itself tells them. What is needed and no field is read and not kept."""
        forms = forms or forms_of(cells)
        if known := self.fields.get(name):
            return Column(name, known.header, forms)
        if name in self.needed:
            return Column(name, name, forms)
        return dropped(name, cells, forms)

    def row(
        self,
        cells: Mapping[str, Any],
        *,
        file: str,
        number: int = 0,
        observed_at: dt.datetime | None = None,
    ) -> Row:
        """A row of ours; ``cells`` by the system's names, in any case."""
        values: dict[str, str] = {}
        for name, value in cells.items():
            if (known := self.fields.get(name.upper())) and (said := _said(known, value)) is not None:
                values[known.header] = said
        return Row(file, "", number, values, values, observed_at)


def dropped(name: str, cells: Iterable[Any], forms: frozenset[str] = frozenset()) -> Column:
    """A column nobody asked for. A name that may be somebody's number is not told."""
    count = sum(1 for cell in cells if not is_empty(cell))
    told = UNTOLD if len(name) > LONGEST_NAME or NUMBER.search(name) else name
    return Column(told, None, forms, count, field_class(name))


def _said(known: Field, value: Any) -> str | None:
    if value is None:
        return None
    text = str(value)[:LONGEST]
    return known.words.get(text.strip(), text or None)
