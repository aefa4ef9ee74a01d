"""A slice, what may be written, and the predicates of both: SQL over ``{t}`` and the viewer's values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from hub.tables import Group


@dataclass(frozen=True, slots=True)
class Slice:
    """``rows``: predicate, empty for all rows. ``groups``: the most that may be shown.

    ``within``: by table from whose visible rows a row of this one is reached, what is left to be tested:
    nothing where such a row is always visible. The oracle test proves every entry.

    ``locked``: the same rows, for row-level security, to which the tables it names are cut down already; or
    ``wider``: more rows, where a lock on just these would cost more than the statement it stands behind.

    ``tallied``: the same rows, in columns that the table's tally has too (``hub.access.tallies``).

    ``under``: the one scope resource the table serves; whatever other scopes a client holds, it is read
    for nothing else. ``tested``: columns outside the groups which that question compares and never shows.

    ``left_out``: columns of the groups that are not shown all the same.
    """

    rows: str
    groups: frozenset[Group]
    within: Mapping[str, str] = field(default_factory=dict)
    under: str | None = None
    tested: frozenset[str] = frozenset()
    locked: str | None = None
    tallied: str | None = None
    wider: bool = False
    left_out: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Writable:
    """``new``: what a row that is added, with values for ``given``, must meet; None: none may be.

    ``old``: which rows may be changed, in ``columns`` and no others; None: none. ``then``: what such a row
    must meet afterwards.
    """

    new: str | None = None
    given: tuple[str, ...] = ()
    old: str | None = None
    then: str = "true"
    columns: tuple[str, ...] = ()


NOTHING: Final[Mapping[str, str]] = {}


def viewer_type(name: str) -> str:
    """The PostgreSQL type of one of the viewer's values, for both locks."""
    return {
        "organisation": "bigint",
        "user": "bigint",
        "contracts": "bigint[]",
        "opened": "bigint[]",
        "today": "date",
    }.get(name, "text")


def sliced(
    rows: str,
    *groups: Group,
    within: tuple[str, ...] = (),
    left: Mapping[str, str] = NOTHING,
    locked: str | None = None,
    tallied: str | None = None,
    wider: bool = False,
) -> Slice:
    given = {**dict.fromkeys(within, ""), **left}
    return Slice(rows, frozenset(groups) | {"public"}, given, locked=locked, tallied=tallied, wider=wider)


def asked(rows: str, *tested: str) -> Slice:
    """Rows that are never shown, only asked about: is this person entitled?"""
    return Slice(rows, frozenset(), under="status", tested=frozenset(tested))


ALL: Final = ""
IN_DIVISION: Final = "{t}.division_code >= {lo} and {t}.division_code < {hi}"
IN_COUNTY: Final = "{t}.county_code >= {lo6} and {t}.county_code < {hi6}"
LIVING_IN: Final = f"{IN_COUNTY} and {IN_DIVISION}"
"""Of tables whose key begins with the county, so that it can be walked in order; of a fact about a person,
the division is where the person lives."""
IN_TOWNSHIP: Final = "{t}.township_code = {township}"
OF_VISIBLE_PERSON: Final = (
    "(select {person} from beneficiary p where p.county_code = {t}.county_code and p.id = {t}.beneficiary_id)"
)
"""A scalar sub-select, which PostgreSQL never turns into a join: what drives the query stays what it was."""
LIVE_CONTRACT: Final = "{t}.contract_id = any ({contracts})"
LIVE_ASSIGNMENT: Final = (
    LIVE_CONTRACT + " and {t}.starts_on <= {today} and ({t}.ends_on is null or {t}.ends_on >= {today})"
)
OWN_ASSIGNMENT: Final = (
    "(select true from assignment a where a.county_code = {t}.county_code and a.beneficiary_id = {t}.{person}"
)
ON_THE_DAY: Final = (
    OWN_ASSIGNMENT.replace("{person}", "id") + " and " + LIVE_ASSIGNMENT.replace("{t}", "a") + " limit 1)"
)
ASSIGNED: Final = (
    "({t}.open_contract_ids && {contracts} and {t}.open_since_on <= {today}"
    " or ({t}.open_contract_ids && {contracts} or {t}.dated_contract_ids && {contracts}) and "
    + ON_THE_DAY
    + ")"
)
"""The person's own row tells, but where an assignment has an end or has not begun."""
OF_ITSELF: Final = OWN_ASSIGNMENT.replace("{person}", "beneficiary_id") + " and a.id = {t}.id"
STILL_ASSIGNED: Final = f"{LIVE_CONTRACT} and {OF_ITSELF} and {LIVE_ASSIGNMENT.replace('{t}', 'a')})"
STILL_ASSIGNED_LOCKED: Final = f"{LIVE_CONTRACT} and {OF_ITSELF})"
"""A former version of an assignment: of one that is visible today, of the same person, and as far as it was
under a contract of the same contractor."""
ASSIGNMENT: Final = OWN_ASSIGNMENT + " limit 1)"
"""Any that is visible: row-level security has cut down assignments to those of the day."""
ASSIGNED_LOCKED: Final = ASSIGNED.replace(ON_THE_DAY, ASSIGNMENT.replace("{person}", "id"))
SERVED_LOCKED: Final = ASSIGNMENT.replace("{person}", "beneficiary_id")
HANDED: Final = (
    "cardinality({contracts}) > 0"
    " and ({t}.from_contractor_id = {organisation} or {t}.to_contractor_id = {organisation})"
)
"""A referral to it or from it, while it holds any contract."""
FOUND: Final = "cardinality({contracts}) > 0 and {t}.contractor_id = {organisation}"
"""What its staff has seen, while it holds any contract."""
OWED: Final = "{t}.contractor_id = {organisation}"
"""What a contractor owes outlives its contracts."""
AT_OWN_STATION: Final = (
    "exists (select from contract_station l join station s on s.id = l.station_id"
    " where l.contract_id = {t}.contract_id and s.division_code >= {lo} and s.division_code < {hi})"
)
SELDOM: Final = 0.25
"""Of rows: more than those where ``ASSIGNED`` has to look at an assignment."""


def looked_up(rows: str) -> float:
    """Rows of other tables that are looked up, for one row, to see whether it is of these."""
    return rows.count("(select") - (1 - SELDOM) * rows.count(OWN_ASSIGNMENT.partition("{t}")[0])


SERVED_STATION: Final = (
    "exists (select from contract_station l where l.station_id = {t}.id and "
    + LIVE_CONTRACT.replace("{t}", "l")
    + ")"
)


def of_person(person: str) -> str:
    return OF_VISIBLE_PERSON.replace("{person}", person.replace("{t}", "p"))


def in_household(person: str) -> str:
    members = (
        "select true from beneficiary p where p.county_code = {t}.county_code and p.household_id = {t}.id"
    )
    return f"({members} and {person.replace('{t}', 'p')} limit 1)"


PERSONAL: Final[tuple[Group, ...]] = ("identity", "contact", "credential", "care", "minor")

VISIBLE: Final = "true"
"""Of a person, where row-level security has cut down people themselves."""
