"""Who may hold a copy of the people it sees, and how such a copy is kept in step.

A copy was told page by page: under the contracts that were live then, on the days of then. What is *held* of
it is bounded by all of these, what is *sure* by what they have in common. Everything here is SQL over the
viewer's values and over

``{held}``      contracts under any of which something may have been told
``{changed}``   contracts that came or went since: held and live, without those that were live all along
``{steady}``    held or live, and not changed
``{first} {last}``   the first and the last day something was told on
``{minors}``    something may have been told as to who is shown younger children

``{c}`` is an entry of the sequence of changes, ``p`` a person, ``{k}`` the key of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hub.access.live import HELD
from hub.access.rows import IN_DIVISION, LIVE_ASSIGNMENT, viewer_type
from hub.access.slices import BUREAU, CONTRACTOR, TOWNSHIP
from hub.store.roles import OLDER


class Reason(StrEnum):
    """Why somebody is not in a copy any more."""

    DELETED = "DELETED"
    UNASSIGNED = "UNASSIGNED"
    CONTRACT_ENDED = "CONTRACT_ENDED"
    MERGED = "MERGED"
    MASKED = "MASKED"
    OUT_OF_SLICE = "OUT_OF_SLICE"


FOLLOWED: Final = frozenset(
    {
        "household", "category_membership", "assignment", "visit", "warning", "relief_episode", "dossier",
        "risk_assessment", "needs_record", "assessment", "guardian", "protection_case", "case_work",
        "hospital_escort", "street_encounter",
    }
)  # fmt: skip
"""Beside people, tables whose every change is in the sequence of changes, so that a copy may hold their rows.
Where one of these is deleted, or comes to somebody else, an entry F of the person says so."""

SHARED: Final = {"household": "household_id"}
"""Of these, what several people have in common, by the column that names it."""

TYPES: Final = {
    **dict.fromkeys(("held", "changed", "steady"), "bigint[]"),
    **dict.fromkeys(("minors", "minors_changed"), "boolean"),
    **dict.fromkeys(("first", "last"), "date"),
    "after_code": "text",
    "after_id": "bigint",
    "page": "int",
}


def type_of(name: str) -> str:
    return TYPES.get(name) or viewer_type(name)


@dataclass(frozen=True, slots=True)
class Copy:
    """How the copies of one kind of viewer are kept in step.

    ``known``: of a person, whether it may be seen now. ``left``: of an entry, whether somebody left who was
    told, or could have been; ``lived``: by a contract that is live; ``still``: who would be seen today, had
    nothing been done. ``found``: queries of the people in whose place something may have changed by
    contracts, days and the viewer's rights alone, in the order of their keys, at most ``{page}`` behind
    ``{after_code}`` and ``{after_id}``. ``told``: of one of them who is not seen, whether it was told;
    ``lives``: by a contract that is live. ``served``: whether a person is still where the viewer sees
    people. ``day``: whether days matter."""

    known: str
    left: str
    found: tuple[str, ...]
    told: str
    served: str
    lived: str = "false"
    still: str = "true"
    lives: str = "false"
    day: bool = True


SNAPSHOT: Final = "pg_current_snapshot()::text"
NOW: Final = f"select {SNAPSHOT}"
NOW_HELD: Final = HELD.replace("select array(", f"select {SNAPSHOT}, array(", 1)
"""The moment, and for a contractor what it holds at that very moment (``hub.access.live``)."""

FIRST: Final = "order by 1, 2 limit {page}"
CAME_OF_AGE: Final = "p.shown_from_on > {first} and p.shown_from_on <= {today}"
HIDDEN: Final = "{minors_changed} and p.shown_from_on > {first}"
"""Whom the day, or a right that came or went, shows or hides."""


def people(test: str) -> str:
    """Walks people in the order of their keys."""
    behind = "(p.county_code, p.id) > ({after_code}, {after_id})"
    return f"select p.county_code, p.id from beneficiary p where {behind} and {test} {FIRST}"  # noqa: S608


# ── of contractors ───────────────────────────────────────────────────────────────────────────────────


def _within(row: str, starts: str, ends: str, first: str, last: str) -> str:
    """Whether what stood from one day to another was in force on one from ``first`` to ``last``."""
    return f"{row}.{starts} <= {last} and ({row}.{ends} is null or {row}.{ends} >= {first})"


def _served(contracts: str) -> str:
    """Of a person: by its own row, which knows its contracts (``hub.access.rows``)."""
    return f"(p.open_contract_ids && {contracts} or p.dated_contract_ids && {contracts})"


def _assigned(test: str) -> str:
    return (
        "exists (select from assignment a where a.county_code = {k}.county_code"
        f" and a.beneficiary_id = {{k}}.id and {test})"
    )


def _under(contracts: str, test: str = "true") -> str:
    """People with an assignment under one of these, contract by contract: each walks an index in order."""
    behind = "(a.county_code, a.beneficiary_id) > ({after_code}, {after_id})"
    return (
        f"select f.county_code, f.id from unnest({contracts}) n (id) cross join lateral (select distinct"  # noqa: S608
        " a.county_code, a.beneficiary_id as id from assignment a"
        f" where a.contract_id = n.id and {behind} and {test} {FIRST}) f"
    )


IN_RANGE: Final = "p.county_code >= {lo6} and p.county_code < {hi6}"
ENDED_OR_BEGUN: Final = (
    "(a.starts_on > {first} and a.starts_on <= {today} or a.ends_on >= {first} and a.ends_on < {today})"
)
TOLD_UNDER: Final = (
    "{c}.was_of <> 0 and coalesce({c}.was_contract_id = any ({held}) and {in_force}, {served})"
)


def shown_by_contract(table: str) -> str:
    """People known now with a row of ``table`` under a contract that came or went, and shows or hides it."""
    rows = f"select from {table} x where x.county_code = p.county_code and x.beneficiary_id = p.id"
    return people(
        f"cardinality({{changed}}) > 0 and {IN_RANGE} and {_served('{contracts}')}"
        f" and exists ({rows} and x.contract_id = any ({{changed}}))"
    )


def _of_contractor(older: bool) -> Copy:
    was, own = (" and ({minors} or " + row + " <= {last})" if older else "" for row in (
        "{c}.was_shown_from_on", "a.shown_from_on"))  # fmt: skip
    left = TOLD_UNDER.replace(
        "{in_force}", _within("{c}", "was_starts_on", "was_ends_on", "{first}", "{last}")
    ).replace("{served}", "{c}.was_served_ids && {held}")
    told = (
        f"a.contract_id = any ({{held}}) and {_within('a', 'starts_on', 'ends_on', '{first}', '{last}')}{own}"
    )
    ever = _served("({held} || {contracts})")
    lived = "{c}.was_contract_id = any ({contracts})"
    return Copy(
        known=_served("{contracts}"),
        left=left + was,
        lived=lived,
        still=f"{lived} and {_within('{c}', 'was_starts_on', 'was_ends_on', '{today}', '{today}')}",
        found=(
            _under("{changed}"),
            _under("{steady}", ENDED_OR_BEGUN),
            *([people(f"{ever} and {CAME_OF_AGE}")] if older else []),
            people(f"{ever} and {HIDDEN}"),
        ),
        told=_assigned(told),
        lives=_assigned(f"{told} and a.contract_id = any ({{contracts}})"),
        served=_assigned(LIVE_ASSIGNMENT.replace("{t}", "a")),
    )


# ── of bureaus and townships ─────────────────────────────────────────────────────────────────────────


def _of_place(older: bool) -> Copy:
    was = " and ({minors} or {c}.was_shown_from_on <= {last})" if older else ""
    lives_in = IN_DIVISION.replace("{t}", "p")
    mine = f"{IN_RANGE} and {lives_in}"
    return Copy(
        known=lives_in,
        left=f"{{c}}.was_of = 0 and {IN_DIVISION.replace('{t}.', '{c}.was_')}{was}",
        found=(
            *([people(f"{mine} and {CAME_OF_AGE}")] if older else []),
            people(f"{mine} and {HIDDEN}"),
        ),
        told="{minors}",
        served=(
            "exists (select from beneficiary p where p.county_code = {k}.county_code and p.id = {k}.id"
            f" and {lives_in})"
        ),
        day=older,
    )


COPIES: Final = {
    CONTRACTOR: _of_contractor(False),
    OLDER[CONTRACTOR]: _of_contractor(True),
    BUREAU: _of_place(False),
    OLDER[BUREAU]: _of_place(True),
    TOWNSHIP: _of_place(False),
    OLDER[TOWNSHIP]: _of_place(True),
}
"""By reader. Nobody else has a copy of people."""


@dataclass(frozen=True, slots=True)
class Gone:
    """Somebody who was told and is not seen now. ``there``: there is such a row; ``merged``: the viewer sees
    who stands for it now. ``deleted``: by what made it leave, which the viewer would see the person but for.
    ``served``: somebody looks after the person, or the person lives in the place. ``lives``: a contract the
    person was told by is live."""

    there: bool
    merged: bool
    deleted: bool
    served: bool
    lives: bool


def reason_of(gone: Gone, *, contractor: bool, narrowed: bool) -> Reason:
    """What the viewer may not know is behind ``OUT_OF_SLICE``: that somebody turned out to be a child, or was
    harmed as one, or lives elsewhere now; and what became of somebody after the right to know it had ended is
    not told at all. That somebody has died is never told: the assignment has ended then, like any other."""
    if not gone.there and gone.merged:
        return Reason.MERGED
    if not gone.there and gone.deleted:
        return Reason.DELETED
    if gone.there and gone.served:
        return Reason.MASKED if narrowed else Reason.OUT_OF_SLICE
    if not contractor:
        return Reason.OUT_OF_SLICE
    return Reason.UNASSIGNED if gone.lives else Reason.CONTRACT_ENDED
