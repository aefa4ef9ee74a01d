"""One identity number with two names in one table: which is right nobody can tell, so neither passes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from connectors.roster.rows import Found
from connectors.roster.sheet import Table
from connectors.roster.workbook import Sheet
from hub.domain.refusal import Refused
from hub.domain.text import clean_name, fold_cell
from hub.sync.connector import Refusal

DESCRIBES_PEOPLE: Final = frozenset(
    {"personnel", "dibao", "tekun", "temp_aid", "child", "elder", "disability", "vagrant", "other"}
)
"""Lists whose rows say who a person is; in the others a name only helps the reader."""

_REFUSAL: Final = Refusal.of(Refused("ID_TWO_NAMES"), "身份证号")


class Twins:
    """The numbers of a table that stand with two names."""

    def __init__(self, numbers: frozenset[str]) -> None:
        self._numbers = numbers

    def judge(self, found: Found) -> Found:
        """The row, refused also for that."""
        row, refusals = found
        if self._numbers and _number(row.values.get("身份证号", "")) in self._numbers:
            refusals.append(_REFUSAL)
        return row, refusals


def contradicted(sheet: Sheet, table: Table) -> Twins:
    places: Mapping[str, int] = {c.header: c.place for c in table.columns}
    if table.kind not in DESCRIBES_PEOPLE or "身份证号" not in places or "姓名" not in places:
        return Twins(frozenset())
    return Twins(_two_names(sheet.rows[table.first : table.last], places["身份证号"], places["姓名"]))


def _two_names(rows: Sequence[Sequence[Any]], at_number: int, at_name: int) -> frozenset[str]:
    """Names that differ only in how they are written do not differ; unreadable ones say nothing."""
    names: dict[str, str] = {}
    found: set[str] = set()
    for row in rows:
        if len(row) <= at_number or len(row) <= at_name:
            continue
        number, name = _number(row[at_number]), row[at_name]
        if not number or not isinstance(name, str) or not name:
            continue
        other = names.setdefault(number, name)
        if other != name and number not in found and _differ(other, name):
            found.add(number)
    return frozenset(found)


def _number(value: Any) -> str:
    """The number as text; "" where there is none that could be compared."""
    if not isinstance(value, str):
        return ""
    if len(value) == 18 and value.isascii() and value.isalnum():
        return value.upper()
    folded = fold_cell(value).upper()
    return folded if len(folded) in (15, 18) else ""


def _differ(one: str, other: str) -> bool:
    try:
        return clean_name(one) != clean_name(other)
    except Refused:
        return False
