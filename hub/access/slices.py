"""Who sees which rows and which groups of columns: the one table all locks are derived from.

``SLICES[reader][table]``: the reader is the role, or the one of ``OLDER`` that is shown no younger children;
a table that is not listed cannot be read by it. A right is always
slice ∩ token scopes ∩ registry grant, so nothing here is ever more than an upper bound. The audience
schemas, the row predicates of the read engine, PostgreSQL's row-level security and column grants,
and ``docs/access.md`` all come from here.

Rows are SQL over ``{t}``, the table, and the viewer's values ``{lo} {hi} {lo6} {hi6} {county} {township}
{organisation} {client} {user} {contracts} {today}``; ``{contracts}`` are those the organisation holds that
day, and ``{lo6} {hi6}`` then bound the counties they serve (``hub.access.live``). The read engine turns these
into bind parameters; the policies turn them into settings of the transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple

from sqlalchemy import Table

from hub.store.roles import EMERGENCY, OLDER, ROLES
from hub.tables import RECORDS, Group, metadata

BUREAU, TOWNSHIP, CONTRACTOR, AGENCY, OPERATOR = ROLES

ROLE_LABELS: Final = {
    BUREAU: ("民政部门", "Civil-affairs bureau of a county, city or province"),
    TOWNSHIP: ("乡镇（街道）", "Township or sub-district"),
    CONTRACTOR: ("承接机构", "Contractor"),
    AGENCY: ("其他部门", "Another agency that asks whether a person is entitled"),
    OPERATOR: ("运维", "Operator of the hub"),
    EMERGENCY: (
        "紧急访问",
        "Who has opened an emergency access, of the people it is for",
    ),
}


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


def _slice(
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


def _asked(rows: str, *tested: str) -> Slice:
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
ASSIGNMENT: Final = OWN_ASSIGNMENT + " limit 1)"
"""Any that is visible: row-level security has cut down assignments to those of the day."""
ASSIGNED_LOCKED: Final = ASSIGNED.replace(ON_THE_DAY, ASSIGNMENT.replace("{person}", "id"))
SERVED_LOCKED: Final = ASSIGNMENT.replace("{person}", "beneficiary_id")
HANDED: Final = (
    "cardinality({contracts}) > 0"
    " and ({t}.from_contractor_id = {organisation} or {t}.to_contractor_id = {organisation})"
)
"""A referral to it or from it, while it holds any contract."""
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


def _of_person(person: str) -> str:
    return OF_VISIBLE_PERSON.replace("{person}", person.replace("{t}", "p"))


def _in_household(person: str) -> str:
    return (
        "(select true from beneficiary p where p.county_code = {t}.county_code"
        " and p.household_id = {t}.id and " + person.replace("{t}", "p") + " limit 1)"
    )


PERSONAL: Final[tuple[Group, ...]] = ("identity", "contact", "credential", "care", "minor")

_BUREAU: Final = {
    "division": _slice(ALL),
    "station": _slice(IN_DIVISION, within=("beneficiary", "personnel", "assignment", "visit")),
    "personnel": _slice(IN_DIVISION, "identity", "contact", "credential", within=("station",)),
    "contractor": _slice(ALL, "contact"),
    "contract": _slice(IN_DIVISION),
    "contract_station": _slice(ALL),
    "household": _slice(LIVING_IN, "contact", "care", within=("beneficiary",)),
    "beneficiary": _slice(
        LIVING_IN, *PERSONAL, within=("visit", "assignment", "category_membership", "household", "station")
    ),
    "category_membership": _slice(IN_COUNTY, "care", within=("beneficiary",)),
    "assignment": _slice(IN_COUNTY, within=("beneficiary",)),
    "visit": _slice(IN_COUNTY, "care", within=("beneficiary",)),
    "deletion_duty": _slice(IN_DIVISION),
    "deletion_duty_person": _slice(LIVING_IN),
    "deletion_certificate": _slice(IN_DIVISION, "identity"),
    "referral": _slice(LIVING_IN, "care"),
    "emergency_access": _slice(IN_DIVISION, "care"),
    "source": _slice("({t}.division_code >= {lo} and {t}.division_code < {hi} or {t}.division_code is null)"),
    "sync_run": _slice(
        "exists (select from source s where s.id = {t}.source_id and (s.division_code >= {lo} and "
        "s.division_code < {hi} or s.division_code is null))",
        within=("source",),
    ),
    "quarantined_row": _slice(IN_DIVISION, "credential"),
}

VISIBLE: Final = "true"
"""Of a person, where row-level security has cut down people themselves."""

_TOWNSHIP: Final = {
    "division": _slice(ALL),
    "station": _slice(IN_DIVISION),
    "personnel": _slice(IN_DIVISION, "identity", "contact", within=("station",)),
    "contractor": _slice(ALL, "contact"),
    "contract": _slice(AT_OWN_STATION.replace("{t}.contract_id", "{t}.id")),
    "contract_station": _slice(ALL),
    "household": _slice(LIVING_IN, "contact", "care"),
    "beneficiary": _slice(
        IN_TOWNSHIP,
        "identity",
        "contact",
        "care",
        "minor",
        within=("visit", "assignment", "category_membership"),
        tallied=LIVING_IN,
    ),
    "category_membership": _slice(LIVING_IN, "care", within=("beneficiary",)),
    "assignment": _slice(LIVING_IN, within=("beneficiary",)),
    "visit": _slice(LIVING_IN, "care", within=("beneficiary",)),
    "deletion_duty": _slice(AT_OWN_STATION),
    "deletion_duty_person": _slice(LIVING_IN),
    "deletion_certificate": _slice(AT_OWN_STATION, "identity"),
    "referral": _slice(LIVING_IN, "care"),
    "emergency_access": _slice(
        "{t}.opener_role = 'township' and " + IN_DIVISION.replace("division_code", "opener_division_code"),
        "care",
    ),
    "source": _slice("{t}.division_code = {county}"),
}

_CONTRACTOR: Final = {
    "division": _slice(ALL),
    "station": _slice(SERVED_STATION),
    "personnel": _slice("{t}.employer_id = {organisation}", "identity", "contact"),
    "contractor": _slice("{t}.id = {organisation}", "contact", within=("contract",)),
    "contract": _slice("{t}.contractor_id = {organisation}", within=("assignment", "contractor")),
    "contract_station": _slice(
        "exists (select from contract k where k.id = {t}.contract_id and k.contractor_id = {organisation})",
        within=("contract",),
        locked="exists (select from contract k where k.id = {t}.contract_id)",
    ),
    "household": _slice(
        f"{IN_COUNTY} and {_in_household(ASSIGNED)}",
        "contact",
        "care",
        within=("beneficiary",),
        locked=f"{IN_COUNTY} and {_in_household(VISIBLE)}",
    ),
    "beneficiary": _slice(
        f"{IN_COUNTY} and {ASSIGNED}",
        "identity",
        "contact",
        "care",
        "minor",
        within=("assignment",),
        locked=f"{IN_COUNTY} and {ASSIGNED_LOCKED}",
    ),
    "category_membership": _slice(
        f"{IN_COUNTY} and {_of_person(ASSIGNED)}",
        "care",
        within=("beneficiary",),
        locked=f"{IN_COUNTY} and {SERVED_LOCKED}",
    ),
    "assignment": _slice(LIVE_ASSIGNMENT),
    "visit": _slice(
        f"{LIVE_CONTRACT} and {_of_person(ASSIGNED)}",
        "care",
        left={"beneficiary": LIVE_CONTRACT},
        locked=LIVE_CONTRACT,
        wider=True,
    ),
    "deletion_duty": _slice(OWED),
    "deletion_duty_person": _slice(OWED),
    "deletion_certificate": _slice(OWED, "identity"),
    "referral": _slice(HANDED, "care"),
    "emergency_access": _slice("{t}.organisation_id = {organisation}", "care"),
    "source": _slice(ALL),
}

_AGENCY: Final = {
    "division": _slice(ALL),
    "beneficiary": _asked(IN_DIVISION, "division_code", "deceased_on"),
    "category_membership": _asked(IN_DIVISION, "category", "starts_on", "ends_on"),
}

_OPERATOR: Final = {
    "division": _slice(ALL),
    "station": _slice(ALL),
    "contractor": _slice(ALL),
    "source": _slice(ALL),
    "sync_run": _slice(ALL),
}


OPENED: Final = "{t}.county_code = {lo6} and {t}.{person} = any ({opened})"
_EMERGENCY: Final = {
    "division": _slice(ALL),
    "station": _slice("{t}.county_code = {lo6}"),
    "contractor": _slice(
        "exists (select from assignment a where a.contractor_id = {t}.id and "
        + OPENED.replace("{t}", "a").replace("{person}", "beneficiary_id")
        + ")",
        "contact",
        within=("assignment",),
    ),
    "household": _slice(
        f"{{t}}.county_code = {{lo6}} and {_in_household('{t}.id = any ({opened})')}",
        "contact",
        "care",
        within=("beneficiary",),
    ),
    "beneficiary": _slice(
        OPENED.replace("{person}", "id"),
        "identity",
        "contact",
        "care",
        "minor",
        within=("visit", "assignment", "category_membership"),
    ),
    **{
        fact: _slice(OPENED.replace("{person}", "beneficiary_id"), "care", within=("beneficiary",))
        for fact in ("category_membership", "assignment", "visit")
    },
}
"""Of the people an emergency access was opened for, children too, and of nobody else they live with; who is
to be called: the stations of the county, and the contractors that serve these people. The whole identity
number helps nobody in an emergency."""


def _golden(record: Table[Any], golden: str, rows: str) -> str:
    county = " and g.county_code = {t}.county_code" if "county_code" in record.c else ""
    seen = f" and {rows.replace('{t}', 'g')}" if rows else ""
    return f"exists (select from {golden} g where g.id = {{t}}.entity_id{county}{seen})"


def _with_records(slices: dict[str, Slice]) -> dict[str, Slice]:
    """What a source says of a row is visible to whom the row is visible to, group by group."""
    records = {
        record.name: Slice(
            _golden(record, golden, slices[golden].rows),
            slices[golden].groups,
            {golden: ""},
            locked=_golden(record, golden, ""),
        )
        for golden, record in RECORDS.items()
        if golden in slices and "source" in slices
    }
    return {**slices, **records}


SHOWN: Final = "{t}.shown_from_on <= {today}"
"""Of a person, or a fact about one, for who may not see what only a child has (``OLDER``): nobody under 14,
to the day (个人信息保护法 28, 31), and nobody whose rights were violated as a child (R151), at any age."""


OPENED_BY_IT: Final = "{t}.client_id = {client} and coalesce({t}.user_id, 0) = {user}"
"""Of an emergency access, whose opener has to know it whomever it is for."""


def is_of_person(table: str) -> bool:
    return "shown_from_on" in metadata.tables[table].c


def _and_shown(rows: str) -> str:
    return f"{rows} and {SHOWN}" if rows else SHOWN


def _older(slices: dict[str, Slice], homes: str) -> dict[str, Slice]:
    """The same without those children. ``homes``: rows of households, of which one is left that somebody
    visible lives in. What a contractor owes it has to do for everybody; who oversees that is shown what is
    about somebody visible. A refused row has no age, and neither have the words about an emergency, so what
    stands in them is not shown."""
    found = {
        name: slice_ if slice_.rows == OWED else _older_slice(name, slice_) for name, slice_ in slices.items()
    }
    home = found["household"]
    seen = _in_household(found["beneficiary"].rows)
    rows, locked = (f"{homes} and {members}" for members in (seen, _in_household(VISIBLE)))
    found["household"] = replace(home, rows=rows, locked=locked)
    own = slices["emergency_access"]
    rows = f"{own.rows} and ({SHOWN} or {OPENED_BY_IT})"
    found["emergency_access"] = replace(own, rows=rows, groups=own.groups - {"care"})
    for name, listed in LISTED.items():
        if name in found and found[name].rows != OWED:
            found[name] = _about_some(found[name], listed, found["deletion_duty_person"].rows)
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


def _older_slice(name: str, slice_: Slice) -> Slice:
    if not is_of_person(name):
        return slice_
    within = {
        origin: left if is_of_person(origin) else _and_shown(left) for origin, left in slice_.within.items()
    }
    locked = _and_shown(slice_.locked) if slice_.locked is not None else None
    rows, groups = _and_shown(slice_.rows), slice_.groups - {"minor"}
    return replace(slice_, rows=rows, groups=groups, within=within, locked=locked, tallied=None)


SLICES: Final[dict[str, dict[str, Slice]]] = {
    BUREAU: _with_records(_BUREAU),
    TOWNSHIP: _with_records(_TOWNSHIP),
    CONTRACTOR: _with_records(_CONTRACTOR),
    AGENCY: _AGENCY,
    OPERATOR: _OPERATOR,
    OLDER[BUREAU]: _with_records(_older(_BUREAU, LIVING_IN)),
    OLDER[TOWNSHIP]: _with_records(_older(_TOWNSHIP, LIVING_IN)),
    OLDER[CONTRACTOR]: _with_records(_older(_CONTRACTOR, IN_COUNTY)),
    OLDER[AGENCY]: _AGENCY,
    EMERGENCY: _EMERGENCY,
}
"""By reader: the role, or for who may not see what only a child has the other of ``OLDER``. An agency is
answered about any person whose number it knows: yes or no tells nothing about a child but that."""


def _numbers(rows: str, *tested: str) -> Slice:
    """Rows that are counted by these columns, and never shown."""
    return Slice(rows, frozenset(), under="statistics", tested=frozenset(tested))


_COUNTED: Final = {
    "beneficiary": _numbers(LIVING_IN, "division_code", "risk_level"),
    "category_membership": _numbers(LIVING_IN, "category"),
}
COUNTED: Final[dict[str, dict[str, Slice]]] = {
    AGENCY: _COUNTED,
    OLDER[AGENCY]: {name: _older_slice(name, slice_) for name, slice_ in _COUNTED.items()},
}
"""Rows a role may count though it may not see them, by which columns; numbers are rounded for it."""

DEMANDED: Final[dict[str, frozenset[Group]]] = {
    CONTRACTOR: frozenset({"credential", "minor"}),
    AGENCY: frozenset({"credential", "minor"}),
}
"""Groups of columns a role has only in a request whose purpose opens them (``hub.access.purposes``).

Each doubles the capabilities, and so the schemas, that one set of scopes of the role can have."""

NUMBERED: Final = frozenset({BUREAU, TOWNSHIP})
"""Roles that may find a person by the whole identity number, where they see who people are."""

TELLS_USES: Final = frozenset({BUREAU})
"""Roles that may read, of a person they see, who was shown what (``accessLog``)."""

RESOURCE: Final[dict[str, str]] = {
    "emergency_access": "emergency",
    "deletion_duty": "deletion",
    "deletion_duty_person": "deletion",
    "deletion_certificate": "deletion",
    "category_membership": "beneficiary",
    "contract_station": "contract",
    "sync_run": "source",
    "quarantined_row": "quarantine",
}
"""The scope resource of a table, where it is not the table's own name."""


def resource_of(table: str) -> str:
    return RESOURCE.get(table, table.removesuffix("_record"))
