"""Rows of one list that contradict each other: one would quietly take the other's place."""

from __future__ import annotations

from collections.abc import Sequence

from hub.domain.refusal import Refused
from hub.domain.text import fold
from hub.sync.connector import Refusal, Row

Found = tuple[Row, str, list[Refusal]]
"""A row, whether it is ``said`` or ``gone``, and what is wrong with it."""


def agree(found: Sequence[Found], code: str, key: Sequence[str], content: Sequence[str]) -> None:
    """Refuses with ``code`` rows of one ``key`` that differ in ``content``, or in anything if it is empty."""
    by_key: dict[tuple[str, ...], list[int]] = {}
    for index, (row, _, wrong) in enumerate(found):
        told = tuple(_folded(row.values.get(header)) for header in key)
        if not wrong and all(told):
            by_key.setdefault(told, []).append(index)
    for same in by_key.values():
        if len({_content(found[index], content) for index in same}) > 1:
            for index in same:
                found[index][2].append(Refusal.of(Refused(code), key[0]))


def _content(found: Found, content: Sequence[str]) -> tuple[str, ...]:
    row, operation, _ = found
    if content:
        return tuple(_folded(row.values.get(header)) for header in content)
    return operation, *(f"{header} {_folded(row.values[header])}" for header in sorted(row.values))


def _folded(value: object) -> str:
    return fold(value).upper() if isinstance(value, str) else ""
