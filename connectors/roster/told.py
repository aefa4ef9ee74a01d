"""The columns of a table of a sheet, as a run tells them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors.lists.wording import dropped
from connectors.roster.table import Table, Unknown
from connectors.roster.workbook import Sheet
from hub.sync.header import Column, Header, forms_of


def header_of(sheet: Sheet, table: Table | Unknown, file: str) -> Header:
    """With how many cells nobody asked for; a text tells nothing of types."""
    first, last = (table.first, table.last) if isinstance(table, Table) else (0, 0)

    def cells(place: int) -> Iterator[Any]:
        return (row[place] for row in sheet.rows[first:last] if len(row) > place)

    columns = [
        Column(c.text, c.header, frozenset() if sheet.is_text else forms_of(cells(c.place)))
        for c in table.columns
    ]
    columns += [dropped(c.text, cells(c.place)) for c in table.ignored]
    return Header(f"{file} {sheet.name} {table.header_row}", columns)
