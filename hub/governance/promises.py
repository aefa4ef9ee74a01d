"""What clients are promised about the schema, and where a change breaks the promise.

1. Nothing that is released is removed, or changed so that requests break, before the day of its sunset.
2. A deprecation names the day it was announced and its sunset, at least ``NOTICE_DAYS`` later.
3. What is announced is announced from now on, and a sunset is never moved forward.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from graphql import GraphQLInterfaceType, GraphQLSchema, GraphQLUnionType

from hub.governance.changes import Change, Severity
from hub.governance.coordinates import above
from hub.governance.deprecation import NOTICE_DAYS, Days, days_of, deprecated


@dataclass(frozen=True, slots=True)
class Broken:
    coordinate: str
    why: str


def broken(
    old: GraphQLSchema,
    new: GraphQLSchema,
    changes: list[Change],
    *,
    released_on: dt.date,
    today: dt.date,
) -> list[Broken]:
    """``old`` was released on ``released_on``; ``changes`` lead from it to ``new``."""
    before = {coordinate: days_of(reason) for coordinate, reason in deprecated(old).items()}
    kept = [*_removals(old, changes, before, today), *_deprecations(new, before, released_on)]
    return sorted(set(kept), key=lambda found: (found.coordinate, found.why))


def _removals(
    old: GraphQLSchema, changes: list[Change], before: dict[str, Days | None], today: dt.date
) -> Iterator[Broken]:
    for change in changes:
        if change.severity is not Severity.BREAKING or _follows(old, change):
            continue
        announced = change.coordinate if change.coordinate in before else above(change.coordinate) or ""
        days = before.get(announced)
        if announced not in before:
            yield Broken(change.coordinate, "It was not deprecated in the last release.")
        elif days is None:
            yield Broken(change.coordinate, "Its deprecation named no sunset.")
        elif today < days.sunset:
            yield Broken(change.coordinate, f"Its sunset is {days.sunset}, and today is {today}.")


def _follows(old: GraphQLSchema, change: Change) -> bool:
    """A type that only fields lead to is gone when they are, and they are changes of their own."""
    if change.what != "TYPE_REMOVED":
        return False
    type_ = old.type_map[change.coordinate]
    abstract = (t for t in old.type_map.values() if isinstance(t, GraphQLInterfaceType | GraphQLUnionType))
    return not any(type_ in old.get_possible_types(t) for t in abstract)


def _deprecations(
    new: GraphQLSchema, before: dict[str, Days | None], released_on: dt.date
) -> Iterator[Broken]:
    for coordinate, reason in deprecated(new).items():
        days, known = days_of(reason), before.get(coordinate)
        if days is None:
            yield Broken(
                coordinate, "Its deprecation names no days: deprecated 2026-01-31, sunset 2026-12-31."
            )
        elif (days.sunset - days.since).days < NOTICE_DAYS:
            yield Broken(coordinate, f"From {days.since} to {days.sunset} are fewer than {NOTICE_DAYS} days.")
        elif coordinate not in before and days.since < released_on:
            yield Broken(
                coordinate, f"It says {days.since}, but the release of {released_on} did not say so."
            )
        elif known and days.sunset < known.sunset:
            yield Broken(coordinate, f"Its sunset was {known.sunset} and is {days.sunset} now.")
