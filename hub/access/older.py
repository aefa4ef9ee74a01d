"""The slices of who may not see what only a child has: without young and harmed children (``OLDER``)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

from hub.access.rows import OWED, VISIBLE, Slice, in_household
from hub.access.station_work import WORDS
from hub.tables import metadata

SHOWN: Final = "{t}.shown_from_on <= {today}"
"""Of a person, or a fact about one, for who may not see what only a child has (``OLDER``): nobody under 14,
to the day (个人信息保护法 28, 31), and nobody whose rights were violated as a child (R151), at any age."""


OPENED_BY_IT: Final = "{t}.client_id = {client} and coalesce({t}.user_id, 0) = {user}"
"""Of an emergency access, whose opener has to know it whomever it is for."""


OF_ALL_MEMBERS: Final = frozenset({"registered_member_count"})
"""Of a household: more members than are shown would tell of a child."""


def is_of_person(table: str) -> bool:
    return "shown_from_on" in metadata.tables[table].c


def _and_shown(rows: str) -> str:
    return f"{rows} and {SHOWN}" if rows else SHOWN


def older(slices: dict[str, Slice], homes: str) -> dict[str, Slice]:
    """The same without those children. ``homes``: rows of households, of which one is left that somebody
    visible lives in. What a contractor owes it has to do for everybody; who oversees that is shown what is
    about somebody visible. A refused row has no age, and neither have the words about an emergency, an
    incident or what is handed over, so what stands in them is not shown."""
    found = {
        name: slice_ if slice_.rows == OWED else older_slice(name, slice_) for name, slice_ in slices.items()
    }
    home = found["household"]
    seen = in_household(found["beneficiary"].rows)
    rows, locked = (f"{homes} and {members}" for members in (seen, in_household(VISIBLE)))
    found["household"] = replace(home, rows=rows, locked=locked, left_out=OF_ALL_MEMBERS)
    own = slices["emergency_access"]
    rows = f"{own.rows} and ({SHOWN} or {OPENED_BY_IT})"
    found["emergency_access"] = replace(own, rows=rows, groups=own.groups - {"care"})
    for name, listed in LISTED.items():
        if name in found and found[name].rows != OWED:
            found[name] = _about_some(found[name], listed, found["deletion_duty_person"].rows)
    for name in WORDS:
        found[name] = replace(found[name], groups=found[name].groups - {"care"})
    if "quarantined_row" in found:
        refused = found["quarantined_row"]
        found["quarantined_row"] = replace(refused, groups=refused.groups - {"credential"})
    return found


class Listed(NamedTuple):
    """``line``: whether a line ``p`` of a duty belongs to ``{t}``. ``of_all``: columns that follow from all
    lines, or are words about them, and so tell of those that are not shown."""

    line: str
    of_all: frozenset[str]


LISTED: Final = {
    "deletion_duty": Listed("p.deletion_duty_id = {t}.id", frozenset({"status", "lost_on"})),
    "deletion_certificate": Listed(
        "p.deletion_duty_id = {t}.deletion_duty_id and p.id = any ({t}.line_ids)",
        frozenset({"statement", "decision_reason"}),
    ),
}


def _about_some(own: Slice, listed: Listed, shown: str) -> Slice:
    """``shown``: which lines are. What stands in the others may not be told by what is left of it."""
    line = f"exists (select from deletion_duty_person p where {listed.line}"
    rows = f"{own.rows} and {line} and {shown.replace('{t}', 'p')})"
    return replace(own, rows=rows, locked=f"{own.rows} and {line})", left_out=listed.of_all)


def older_slice(name: str, slice_: Slice) -> Slice:
    if not is_of_person(name):
        return slice_
    within = {
        origin: left if is_of_person(origin) else _and_shown(left) for origin, left in slice_.within.items()
    }
    locked = _and_shown(slice_.locked) if slice_.locked is not None else None
    rows, groups = _and_shown(slice_.rows), slice_.groups - {"minor"}
    return replace(slice_, rows=rows, groups=groups, within=within, locked=locked, tallied=None)
