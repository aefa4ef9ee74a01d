"""A list as of a day and as the hub knew it at a moment: the versions that stood then.

At every moment a fact has one version at most, its present row or one of its history (``hub.tables.past``).
Both are read under the rights of today. What relations lead to from a version is as it is today.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hub.access.policies import granted
from hub.read.leaves import known_param, leaf_param
from hub.read.plan import AsOf
from hub.read.text import Row, where
from hub.tables import HISTORIES

if TYPE_CHECKING:
    from hub.read.sql import Writer

STARTS, ENDS = "starts_on", "ends_on"
KNOWN_FROM: Final = "{}.known_from <= {}"
KNOWN_UNTIL: Final = "{}.known_until > {}"


def true_on(writer: Writer, row: Row, as_of: AsOf) -> list[str]:
    """The day lies within the days of the row."""
    day = writer.put(leaf_param(as_of.valid, "date"))
    ends = row.column(ENDS)
    return [f"{row.column(STARTS)} <= {day}", f"({ends} is null or {ends} >= {day})"]


def versions(writer: Writer, row: Row, as_of: AsOf, reached_from: str | None) -> str:
    """What ``row`` is selected from: the versions, visible ones only, that were known at the moment."""
    assert as_of.known is not None
    known = writer.put(known_param(as_of.known))
    past = writer.readable(HISTORIES[row.table.name].name)
    columns = [name for name in granted(past.table, writer.capability.reader) if name in row.table.c]
    arms = []
    for own, until in ((row.readable, None), (past, KNOWN_UNTIL)):
        version = Row(writer.alias(), own)
        tests = [form.format(version.alias, known) for form in (KNOWN_FROM, until) if form]
        tests += writer.visible(version, reached_from)
        shown = ", ".join(f"{version.alias}.{name}" for name in columns)
        arms.append(f"select {shown} from {own.table.name} {version.alias}{where(tests)}")
    return f"({' union all '.join(arms)}) {row.alias}"
