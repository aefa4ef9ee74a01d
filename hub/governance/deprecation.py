"""Deprecation: an element is still there, and a day is named from which it may be gone.

In a schema all of it stands in the reason, which tools show and which this module reads back:

    Use Beneficiary.grade. Deprecated 2026-12-01, sunset 2027-06-30. — 请改用 Beneficiary.grade。…
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from graphql import GraphQLArgument, GraphQLInputField, GraphQLSchema, is_required_argument
from graphql.type.definition import is_required_input_field

from hub.governance.coordinates import Elements, elements

NOTICE_DAYS: Final = 180
"""Days from the announcement to the sunset, at least. The project's own promise; no rule demands it."""

_DAYS: Final = re.compile(r"[Dd]eprecated (\d{4}-\d\d-\d\d), sunset (\d{4}-\d\d-\d\d)")
DEPRECATED: Final = "deprecated"
"""Key of ``GraphQLSchema.extensions``: coordinate → ``Days``."""


@dataclass(frozen=True, slots=True)
class Days:
    """``since``: announced. ``sunset``: from this day on, in China, the element may be gone."""

    since: dt.date
    sunset: dt.date


@dataclass(frozen=True, slots=True)
class Deprecation:
    """``of``: coordinates. ``instead``: the one to use. ``en``, ``zh``: why, a sentence without its end."""

    of: tuple[str, ...]
    days: Days
    en: str
    zh: str
    instead: str | None = None

    def reason(self, there: Elements) -> str:
        """``there``: what a client sees; a replacement that does not exist for it is not named."""
        en, zh = self.en, self.zh
        if self.instead in there:
            en, zh = f"{en}; use {self.instead}", f"{zh}，请改用 {self.instead}"
        days = self.days
        return (
            f"{en}. Deprecated {days.since}, sunset {days.sunset}."
            f" — {zh}。{days.since} 起弃用，{days.sunset} 起可能移除"
        )


def days_of(reason: str | None) -> Days | None:
    """The days a reason names; None where it names none that exist."""
    found = _DAYS.search(reason or "")
    try:
        return Days(*map(dt.date.fromisoformat, found.groups())) if found else None
    except ValueError:
        return None


def mark(schema: GraphQLSchema, deprecations: Iterable[Deprecation]) -> None:
    """Mark what of ``deprecations`` exists in ``schema``; TypeError for what GraphQL cannot deprecate."""
    there = elements(schema)
    marked: dict[str, Days] = {}
    for deprecation in deprecations:
        for coordinate in deprecation.of:
            if coordinate not in there:
                continue
            element = there[coordinate]
            if not hasattr(element, "deprecation_reason") or _required(element):
                raise TypeError(f"{coordinate}: only what may be left out can be deprecated")
            element.deprecation_reason = deprecation.reason(there)
            marked[coordinate] = deprecation.days
    schema.extensions[DEPRECATED] = marked


def missing(schema: GraphQLSchema, deprecations: Iterable[Deprecation]) -> list[str]:
    """Coordinates that the deprecations name and ``schema``, a whole one, does not have."""
    there = elements(schema)
    named = (c for d in deprecations for c in (*d.of, *([d.instead] if d.instead else [])))
    return [coordinate for coordinate in named if coordinate not in there]


def deprecated(schema: GraphQLSchema) -> dict[str, str]:
    """Every deprecated coordinate of a schema and its reason."""
    return {
        coordinate: reason
        for coordinate, element in elements(schema).items()
        if (reason := getattr(element, "deprecation_reason", None)) is not None
    }


def _required(element: object) -> bool:
    if isinstance(element, GraphQLArgument):
        return is_required_argument(element)
    return isinstance(element, GraphQLInputField) and is_required_input_field(element)
