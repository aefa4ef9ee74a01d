"""What an index carries: no index, no filter."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, UniqueConstraint


def leading(table: Table[Any]) -> list[str]:
    """Columns a client may filter and sort by."""
    return [name for name in indexed(table) if table.c[name].info["group"] != "internal"]


def beside(table: Table[Any]) -> list[str]:
    """Columns a client may filter by though nothing but the slice drives the query then."""
    return [c.name for c in table.c if c.info.get("beside")]


def indexed(table: Table[Any]) -> list[str]:
    """Columns an index leads with, the county apart."""
    keys = [list(i.columns) for i in table.indexes if not i.dialect_options["postgresql"]["using"]]
    keys += [list(k.columns) for k in table.constraints if isinstance(k, UniqueConstraint)]
    keys.append(list(table.primary_key.columns))
    names = [str(columns[0].name) for columns in keys]
    second = [str(c[1].name) for c in keys if len(c) > 1 and c[0].name == "county_code"]
    return [c.name for c in table.c if c.name in {*names, *second}]
