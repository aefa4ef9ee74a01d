"""Rows of one table that contradict each other: which is right nobody can tell, so none of them passes.

One identity number with two names; and one key (a staff number, a visit's number, a person with
category and first day) in two rows that differ. Rows that say the same twice are no contradiction.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cache, lru_cache
from itertools import chain, product
from typing import Any, Final

from connectors.roster.rows import Found
from connectors.roster.table import Column, Table
from hub.domain.refusal import Refused
from hub.domain.text import EMPTY, clean_name, fold_cell
from hub.sync.connector import From, ListMapping, Refusal

DESCRIBES_PEOPLE: Final = frozenset(
    {"personnel", "dibao", "tekun", "temp_aid", "child", "elder", "disability", "vagrant", "other"}
)
"""Lists whose rows say who a person is; in the others a name only helps the reader."""

_PLAIN: Final = re.compile(r"[0-9A-Z][0-9A-Z/.-]{3,40}")
"""Text that folding would leave as it is."""

_NUMBER: Final = "身份证号"
_NAME: Final = "姓名"
_TWO_NAMES: Final = Refusal.of(Refused("ID_TWO_NAMES"), _NUMBER)


class Twins:
    """The rows of a table that contradict others. ``places``: where they stand in the sheet."""

    def __init__(
        self, two_names: frozenset[str], repeated: Mapping[int, str], places: frozenset[int]
    ) -> None:
        self.places = places
        self._two_names, self._repeated = two_names, repeated

    def judge(self, found: Found) -> Found:
        """The row, refused also for that."""
        row, refusals = found
        if self._two_names and _number(row.values.get(_NUMBER, "")) in self._two_names:
            refusals.append(_TWO_NAMES)
        if header := self._repeated.get(row.number - 1):
            refusals.append(Refusal.of(Refused("DUPLICATE_KEY"), header))
        return row, refusals


def compared(table: Table, mapping: ListMapping) -> Sequence[Column]:
    """The columns that rows are compared by."""
    wanted = {*chain(*key_headers(mapping)), _NUMBER, _NAME}
    return [column for column in table.columns if column.header in wanted]


class Comparison:
    """How rows of a table are compared: by the first key of ``keys`` they have, and by who people are.

    ``cells`` are of each row those of the columns ``compared``.
    """

    def __init__(self, table: Table, mapping: ListMapping) -> None:
        self._at = {column.header: place for place, column in enumerate(compared(table, mapping))}
        self._names = table.kind in DESCRIBES_PEOPLE and self._at.keys() >= {_NUMBER, _NAME}
        self._keys = [headers for headers in key_headers(mapping) if self._at.keys() >= {*headers}]
        own = own_headers(mapping)
        self.content: Sequence[int] = [c.place for c in table.columns if c.header in own]
        """Places of the columns in which rows with one key have to agree."""

    @property
    def by(self) -> Sequence[Sequence[str]]:
        """Rows of which nothing here is the same do not contradict each other."""
        return [*self._keys, [_NUMBER]] if self._names else self._keys

    def marks(self, cells: Sequence[Sequence[Any]], mark: Callable[[str], int]) -> list[list[int]]:
        """Of each row a number for each of ``by``, 0 where it has no such key."""
        column = self._columns(cells)
        marks = []
        for place, headers in enumerate(self.by):
            told = zip(*map(column, headers), strict=True)
            marks.append([mark(f"{place}\x1f" + "\x1f".join(key)) if all(key) else 0 for key in told])
        return [[*row] for row in zip(*marks, strict=True)] if marks else [[] for _ in cells]

    def twins(
        self, rows: Sequence[Sequence[Any]], places: Sequence[int], cells: Sequence[Sequence[Any]]
    ) -> Twins:
        """``places``: of the rows that are compared among ``rows``, those of the sheet."""
        column = self._columns(cells)
        two_names: frozenset[str] = frozenset()
        of_two: Iterable[int] = ()
        if self._names:
            two_names = _two_names(column(_NUMBER), [row[self._at[_NAME]] for row in cells])
            of_two = (at for at, number in zip(places, column(_NUMBER), strict=True) if number in two_names)
        repeated = dict(_repeated(rows, places, self._keys, self.content, column))
        return Twins(two_names, repeated, frozenset({*repeated, *of_two}))

    def _columns(self, cells: Sequence[Sequence[Any]]) -> Callable[[str], Sequence[str]]:
        return cache(lambda header: _comparable(header, [row[self._at[header]] for row in cells]))


def _comparable(header: str, column: Sequence[Any]) -> Sequence[str]:
    """Numbers and texts as they are compared; "" where there is nothing that could be."""
    if header == _NUMBER:
        return [_number(value) for value in column]
    if {*map(type, column)} <= {str}:
        # Of other types equal values need not mean the same: 1 and True.
        known = {value: _text(value) for value in {*column}}
        return [known[value] for value in column]
    return [_text(value) for value in column]


def _two_names(numbers: Sequence[str], names: Sequence[Any]) -> frozenset[str]:
    """Names that differ only in how they are written do not differ; unreadable ones say nothing."""
    if len({*numbers}) == len(numbers):
        return frozenset()
    first: dict[str, str] = {}
    several: dict[str, set[str]] = {}
    for number, name in zip(numbers, names, strict=True):
        if number and name and isinstance(name, str) and (other := first.setdefault(number, name)) != name:
            several.setdefault(number, {other}).add(name)
    return frozenset(number for number, names in several.items() if len({*_readable(names)}) > 1)


def _number(value: Any) -> str:
    """The number as text; "" where there is none that could be compared."""
    if not isinstance(value, str):
        return ""
    if len(value) == 18 and value.isascii() and value.isalnum():
        return value.upper()
    folded = fold_cell(value).upper()
    return folded if len(folded) in (15, 18) else ""


def _readable(names: Iterable[str]) -> Iterator[str | None]:
    for name in names:
        with suppress(Refused):
            yield clean_name(name)


# --- one key, several rows ---------------------------------------------------------------------


def key_headers(mapping: ListMapping) -> Sequence[Sequence[str]]:
    """Alternatives of headers whose cells are the key of a row; the first that is filled counts.

    A row is one of the table its last target fills; a household or person may stand in several rows.
    """
    target = mapping.targets[-1]
    parts: list[list[str]] = []
    for part in target.key:
        if isinstance(part, From):
            parts.append([part.header])
        elif part in target.references:
            parts.append([one.header for by in target.references[part].by for one in by.values()])
        elif target.each and part == target.each[0]:
            parts.append([target.each[1].header])
        elif isinstance(given := target.columns.get(part), From):
            parts.append([given.header])
        elif given is None:
            parts.append([part])
    return tuple(product(*parts))


def own_headers(mapping: ListMapping) -> frozenset[str]:
    """The headers the last target of the list reads: what rows with one key must agree in."""
    target = mapping.targets[-1]
    sources = [c for c in target.columns.values() if isinstance(c, From)]
    sources += [one for r in target.references.values() for by in r.by for one in by.values()]
    return frozenset(
        [one.header for one in sources]
        + [one.header for one in target.spreads]
        + [one.header for one in target.links]
    )


def _repeated(
    rows: Sequence[Sequence[Any]],
    places: Sequence[int],
    keys: Sequence[Sequence[str]],
    content: Sequence[int],
    column: Callable[[str], Sequence[str]],
) -> Sequence[tuple[int, str]]:
    """Place of every row whose key another row has that says something else, and the key's first header."""
    found: list[tuple[int, str]] = []
    left: Sequence[int] = range(len(places))
    for headers in keys:
        first_of_key = column(headers[0])
        if len({*first_of_key}) == len(first_of_key) and "" not in first_of_key:
            break  # each row has a key of its own; one that lacks another part of it has no key at all
        told = [*zip(*map(column, headers), strict=True)]
        if len({*told}) == len(told) and all(map(all, told)):
            break
        by_key: dict[tuple[str, ...], int] = {}
        again: dict[tuple[str, ...], list[int]] = {}
        for index in left:
            key = told[index]
            if all(key) and (first := by_key.setdefault(key, index)) != index:
                again.setdefault(key, [first]).append(index)
        for same in again.values():
            if len({_content(rows[places[index]], content) for index in same}) > 1:
                found.extend((places[index], headers[0]) for index in same)
        left = [index for index in left if not all(told[index])]
    return found


def _text(value: Any) -> str:
    """A cell as it is compared; "" where there is nothing, or nothing that could be compared."""
    if type(value) is str and _PLAIN.fullmatch(value):
        return value
    return _folded(value)


@lru_cache(4096, typed=True)
def _folded(value: Any) -> str:
    """Of labels there are few; what identifies a row is plain nearly always, and is not kept."""
    try:
        folded = fold_cell(value)
    except Refused:
        return ""
    return "" if folded.casefold() in EMPTY else folded


def _content(row: Sequence[Any], places: Sequence[int]) -> tuple[str, ...]:
    return tuple(_text(row[place]) if place < len(row) else "" for place in places)
