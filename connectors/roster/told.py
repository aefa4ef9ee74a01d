"""The columns of a table of a sheet, as a run tells them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, Final

from connectors.lists.wording import dropped
from connectors.roster.delimited import unknown
from connectors.roster.table import Table, Unknown
from connectors.roster.workbook import Sheet
from hub.sync.header import Column, Header, forms_of, is_empty

AT_ONCE: Final = 500
"""Rows whose cells are held together. Those of a text are cut anew whenever somebody looks at them."""


def header_of(sheet: Sheet, table: Table | Unknown, file: str, known: Sequence[int] | None = None) -> Header:
    """With how many cells nobody asked for, ``known`` of rows that are; a text tells nothing of types."""
    rows = sheet.rows[table.first : table.last] if isinstance(table, Table) else []

    def forms(place: int) -> frozenset[str]:
        return frozenset() if sheet.is_text else forms_of(row[place] for row in rows if len(row) > place)

    columns = [Column(c.text, c.header, forms(c.place)) for c in table.columns]
    counts = _filled(unknown(rows)[1], [c.place for c in table.ignored])
    for column, count, more in zip(table.ignored, counts, known or [0] * len(counts), strict=True):
        columns.append(replace(dropped(column.text, ()), dropped=count + more))
    return Header(f"{file} {sheet.name} {table.header_row}", columns)


def _filled(rows: Sequence[Sequence[Any]], places: Sequence[int]) -> list[int]:
    """Cells in each of the columns that are not empty."""
    counts = [0] * len(places)
    left = iter(rows if places else ())
    while some := list(islice(left, AT_ONCE)):
        for n, place in enumerate(places):
            cells = Counter(row[place] for row in some if len(row) > place)
            counts[n] += sum(count for cell, count in cells.items() if not is_empty(cell))
    return counts
