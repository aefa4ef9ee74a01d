"""Slices that follow from who sees a person: what linked people are alone, and questions about two."""

from __future__ import annotations

from typing import Final

from hub.access.rows import IN_COUNTY, Slice
from hub.tables import Group

STANDING: Final = (
    "coalesce((select a.linked_to from beneficiary_apart a"
    " where a.county_code = {t}.county_code and a.id = {t}.{side}), {t}.{side})"
)
"""Of somebody who may be linked, who stands for the two."""
NEVER_SHOWN: Final = "standing"
"""A resource of no scope: statements that were given an id or a number look up who stands for it."""
NAMED: Final[frozenset[Group]] = frozenset({"public", "identity"})


def of_linked(slices: dict[str, Slice], decides: bool) -> dict[str, Slice]:
    """``decides``: whether the reader is shown more of linked people than who stands for whom.

    One alone is seen with the one who stands for it, a question only by who sees both of whom it is about.
    """
    person = slices["beneficiary"]
    groups = NAMED & person.groups if decides else frozenset()
    alone = [_seen("{t}.linked_to", rows) for rows in (person.rows, "")]
    found = {
        "beneficiary_apart": Slice(alone[0], groups, under=None if decides else NEVER_SHOWN, locked=alone[1])
    }
    if decides:
        found["identity_review"] = Slice(_both(person.rows), groups, locked=_both(""))
    return found


def _both(rows: str) -> str:
    sides = (STANDING.replace("{side}", side) for side in ("first_id", "second_id"))
    return " and ".join([IN_COUNTY, *(_seen(side, rows) for side in sides)])


def _seen(person: str, rows: str) -> str:
    """``rows``: of people, none where row-level security has cut them down."""
    tests = [
        "p.county_code = {t}.county_code",
        f"p.id = {person}",
        *([rows.replace("{t}", "p")] if rows else []),
    ]
    return f"exists (select from beneficiary p where {' and '.join(tests)})"
