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

from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Table

from hub.access.casework import NOTED, RESOURCES, casework, own_casework
from hub.access.linked import of_linked
from hub.access.older import older, older_slice
from hub.access.rows import (
    ALL,
    ASSIGNED,
    ASSIGNED_LOCKED,
    AT_OWN_STATION,
    FOUND,
    HANDED,
    IN_COUNTY,
    IN_DIVISION,
    IN_TOWNSHIP,
    LIVE_ASSIGNMENT,
    LIVE_CONTRACT,
    LIVING_IN,
    OWED,
    PERSONAL,
    SERVED_LOCKED,
    SERVED_STATION,
    STILL_ASSIGNED,
    STILL_ASSIGNED_LOCKED,
    VISIBLE,
    Slice,
    asked,
    in_household,
    of_person,
    sliced,
)
from hub.access.station_work import BUREAU_WORK, CONTRACTOR_WORK, TOWNSHIP_WORK, WORK_RESOURCE
from hub.store.roles import EMERGENCY, OLDER, ROLES
from hub.tables import HISTORIES, RECORDS, Group
from hub.tables.ledger import OWN

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

_OF_SOURCE: Final = (
    "exists (select from source s where s.id = {t}.source_id and (s.division_code >= {lo} and "
    "s.division_code < {hi} or s.division_code is null))"
)
OF_RUNS: Final = ("source_column", "source_drift", "run_list", "dropped_cells")
"""What runs found in the lists of a source."""

_BUREAU: Final = {
    "division": sliced(ALL),
    "former_division": sliced(ALL),
    "station": sliced(IN_DIVISION, within=("beneficiary", "personnel", "assignment", "visit")),
    "personnel": sliced(IN_DIVISION, "identity", "contact", "credential", within=("station",)),
    "contractor": sliced(ALL, "contact"),
    "contract": sliced(IN_DIVISION),
    "contract_station": sliced(ALL),
    "household": sliced(LIVING_IN, "contact", "care", within=("beneficiary",)),
    "beneficiary": sliced(
        LIVING_IN,
        *PERSONAL,
        within=(
            "visit",
            "assignment",
            "category_membership",
            "warning",
            "relief_episode",
            "household",
            "station",
            *NOTED,
        ),
    ),
    "category_membership": sliced(IN_COUNTY, "care", within=("beneficiary",)),
    "assignment": sliced(IN_COUNTY, within=("beneficiary",)),
    "visit": sliced(IN_COUNTY, "care", within=("beneficiary",)),
    "warning": sliced(IN_COUNTY, "care", within=("beneficiary",)),
    "relief_episode": sliced(IN_COUNTY, "identity", "care", within=("beneficiary",)),
    "street_encounter": sliced(LIVING_IN, "identity", "care"),
    "deletion_duty": sliced(IN_DIVISION),
    "deletion_duty_person": sliced(LIVING_IN),
    "deletion_certificate": sliced(IN_DIVISION, "identity"),
    "referral": sliced(LIVING_IN, "care"),
    "emergency_access": sliced(IN_DIVISION, "care"),
    "source": sliced("({t}.division_code >= {lo} and {t}.division_code < {hi} or {t}.division_code is null)"),
    "precedence_rule": sliced(ALL),
    "sync_run": sliced(_OF_SOURCE, within=("source",)),
    **dict.fromkeys(OF_RUNS, sliced(_OF_SOURCE, within=("source", "sync_run"))),
    "reconciliation": sliced(_OF_SOURCE, within=("source",)),
    "quarantined_row": sliced(IN_DIVISION, "credential"),
    **casework(IN_COUNTY),
    **BUREAU_WORK,
}


_TOWNSHIP: Final = {
    "division": sliced(ALL),
    "former_division": sliced(ALL),
    "station": sliced(IN_DIVISION),
    "personnel": sliced(IN_DIVISION, "identity", "contact", within=("station",)),
    "contractor": sliced(ALL, "contact"),
    "contract": sliced(AT_OWN_STATION.replace("{t}.contract_id", "{t}.id")),
    "contract_station": sliced(ALL),
    "household": sliced(LIVING_IN, "contact", "care"),
    "beneficiary": sliced(
        IN_TOWNSHIP,
        "identity",
        "contact",
        "care",
        "minor",
        within=("visit", "assignment", "category_membership", "warning", "relief_episode", *NOTED),
        tallied=LIVING_IN,
    ),
    "category_membership": sliced(LIVING_IN, "care", within=("beneficiary",)),
    "assignment": sliced(LIVING_IN, within=("beneficiary",)),
    "visit": sliced(LIVING_IN, "care", within=("beneficiary",)),
    "warning": sliced(LIVING_IN, "care", within=("beneficiary",)),
    "relief_episode": sliced(LIVING_IN, "identity", "care", within=("beneficiary",)),
    "street_encounter": sliced(LIVING_IN, "identity", "care"),
    "deletion_duty": sliced(AT_OWN_STATION),
    "deletion_duty_person": sliced(LIVING_IN),
    "deletion_certificate": sliced(AT_OWN_STATION, "identity"),
    "referral": sliced(LIVING_IN, "care"),
    "emergency_access": sliced(
        "{t}.opener_role = 'township' and " + IN_DIVISION.replace("division_code", "opener_division_code"),
        "care",
    ),
    "source": sliced(f"({{t}}.division_code = {{county}} or {{t}}.code = '{OWN}')"),
    "precedence_rule": sliced(ALL),
    **casework(LIVING_IN),
    **TOWNSHIP_WORK,
}

_CONTRACTOR: Final = {
    "division": sliced(ALL),
    "former_division": sliced(ALL),
    "station": sliced(SERVED_STATION),
    "personnel": sliced("{t}.employer_id = {organisation}", "identity", "contact"),
    "contractor": sliced("{t}.id = {organisation}", "contact", within=("contract",)),
    "contract": sliced("{t}.contractor_id = {organisation}", within=("assignment", "contractor")),
    "contract_station": sliced(
        "exists (select from contract k where k.id = {t}.contract_id and k.contractor_id = {organisation})",
        within=("contract",),
        locked="exists (select from contract k where k.id = {t}.contract_id)",
    ),
    "household": sliced(
        f"{IN_COUNTY} and {in_household(ASSIGNED)}",
        "contact",
        "care",
        within=("beneficiary",),
        locked=f"{IN_COUNTY} and {in_household(VISIBLE)}",
    ),
    "beneficiary": sliced(
        f"{IN_COUNTY} and {ASSIGNED}",
        "identity",
        "contact",
        "care",
        "minor",
        within=("assignment",),
        locked=f"{IN_COUNTY} and {ASSIGNED_LOCKED}",
    ),
    "category_membership": sliced(
        f"{IN_COUNTY} and {of_person(ASSIGNED)}",
        "care",
        within=("beneficiary",),
        locked=f"{IN_COUNTY} and {SERVED_LOCKED}",
    ),
    "relief_episode": sliced(
        f"{IN_COUNTY} and {of_person(ASSIGNED)}",
        "identity",
        "care",
        within=("beneficiary",),
        locked=f"{IN_COUNTY} and {SERVED_LOCKED}",
    ),
    "street_encounter": sliced(FOUND, "identity", "care"),
    "assignment": sliced(LIVE_ASSIGNMENT),
    "assignment_history": sliced(STILL_ASSIGNED, locked=STILL_ASSIGNED_LOCKED),
    "visit": sliced(
        f"{LIVE_CONTRACT} and {of_person(ASSIGNED)}",
        "care",
        left={"beneficiary": LIVE_CONTRACT},
        locked=LIVE_CONTRACT,
        wider=True,
    ),
    "deletion_duty": sliced(OWED),
    "deletion_duty_person": sliced(OWED),
    "deletion_certificate": sliced(OWED, "identity"),
    "referral": sliced(HANDED, "care"),
    "emergency_access": sliced("{t}.organisation_id = {organisation}", "care"),
    "source": sliced(ALL),
    "precedence_rule": sliced(ALL),
    **own_casework(),
    **CONTRACTOR_WORK,
}

_AGENCY: Final = {
    "division": sliced(ALL),
    "former_division": sliced(ALL),
    "beneficiary": asked(IN_DIVISION, "division_code", "deceased_on"),
    "category_membership": asked(IN_DIVISION, "category", "starts_on", "ends_on"),
    "watch": sliced("{t}.client_id = {client}"),
}

_OPERATOR: Final = {
    "division": sliced(ALL),
    "former_division": sliced(ALL),
    "station": sliced(ALL),
    "contractor": sliced(ALL),
    "source": sliced(ALL),
    "sync_run": sliced(ALL),
    **dict.fromkeys(OF_RUNS, sliced(ALL)),
}


EMERGENCY_FACTS: Final[dict[str, tuple[Group, ...]]] = {
    **dict.fromkeys(("category_membership", "assignment", "visit", "protection_case"), ("care",)),
    "relief_episode": ("identity", "care"),
    "guardian": ("minor",),
}
STILL: Final = {
    "protection_case": "{t}.closed_on is null",
    "guardian": "({t}.ends_on is null or {t}.ends_on >= {today})",
}
"""Of these facts what is not over: whom to call for a child, and what is under way."""
OPENED: Final = "{t}.county_code = {lo6} and {t}.{person} = any ({opened})"
_EMERGENCY: Final = {
    "division": sliced(ALL),
    "former_division": sliced(ALL),
    "station": sliced("{t}.county_code = {lo6}"),
    "contractor": sliced(
        "exists (select from assignment a where a.contractor_id = {t}.id and "
        + OPENED.replace("{t}", "a").replace("{person}", "beneficiary_id")
        + ")",
        "contact",
        within=("assignment",),
    ),
    "household": sliced(
        f"{{t}}.county_code = {{lo6}} and {in_household('{t}.id = any ({opened})')}",
        "contact",
        "care",
        within=("beneficiary",),
    ),
    "beneficiary": sliced(
        OPENED.replace("{person}", "id"),
        "identity",
        "contact",
        "care",
        "minor",
        within=tuple(EMERGENCY_FACTS),
    ),
    **{
        fact: sliced(
            " and ".join(
                [OPENED.replace("{person}", "beneficiary_id"), *([STILL[fact]] if fact in STILL else [])]
            ),
            *groups,
            left={"beneficiary": STILL.get(fact, "")},
        )
        for fact, groups in EMERGENCY_FACTS.items()
    },
}
"""Of the people an emergency access was opened for, children too, and of nobody else they live with; who is
to be called: the stations of the county, and the contractors that serve these people. The whole identity
number helps nobody in an emergency."""


def _golden(record: Table[Any], golden: str, rows: str) -> str:
    county = " and g.county_code = {t}.county_code" if "county_code" in record.c else ""
    seen = f" and {rows.replace('{t}', 'g')}" if rows else ""
    return f"exists (select from {golden} g where g.id = {{t}}.entity_id{county}{seen})"


def _with_past(slices: dict[str, Slice]) -> dict[str, Slice]:
    """Former versions of facts are visible by the same rule, as of today, where no other is said."""
    return {**{past.name: slices[fact] for fact, past in HISTORIES.items()}, **slices}


def _stewardship(slices: dict[str, Slice]) -> dict[str, Slice]:
    """What was decided or asked about a person is visible to whom the person is, and where it comes from."""
    if "source" not in slices:
        return {}
    people = slices["beneficiary"]
    person = "g.county_code = {t}.county_code and g.id = {t}.beneficiary_id"
    seen = f"exists (select from beneficiary g where {person} and {people.rows.replace('{t}', 'g')})"
    locked = f"exists (select from beneficiary g where {person})"
    about = Slice(seen, frozenset({"public", "care"}), locked=locked)
    return {"field_override": about, "correction_request": about}


def _own_requests(slices: dict[str, Slice]) -> dict[str, Slice]:
    """Of what contractors ask sources each sees its own."""
    asked, own = slices["correction_request"], "{t}.organisation_id = {organisation} and "
    found = replace(asked, rows=f"{own}{asked.rows}", locked=f"{own}{asked.locked}")
    return {**slices, "correction_request": found}


def _with_records(slices: dict[str, Slice], role: str) -> dict[str, Slice]:
    """What a source says of a row is visible to whom the row is visible to, group by group."""
    records = {
        record.name: Slice(
            _golden(record, golden, slices[golden].rows),
            slices[golden].groups,
            {golden: ""},
            locked=_golden(record, golden, ""),
            left_out=slices[golden].left_out,
        )
        for golden, record in RECORDS.items()
        if golden in slices and "source" in slices
    }
    return {**slices, **records, **_stewardship(slices), **of_linked(slices, role == BUREAU)}


SLICES: Final[dict[str, dict[str, Slice]]] = {
    BUREAU: _with_records(_with_past(_BUREAU), BUREAU),
    TOWNSHIP: _with_records(_with_past(_TOWNSHIP), TOWNSHIP),
    CONTRACTOR: _own_requests(_with_records(_with_past(_CONTRACTOR), CONTRACTOR)),
    AGENCY: _with_records(_AGENCY, AGENCY),
    OPERATOR: _OPERATOR,
    OLDER[BUREAU]: _with_records(older(_with_past(_BUREAU), LIVING_IN), BUREAU),
    OLDER[TOWNSHIP]: _with_records(older(_with_past(_TOWNSHIP), LIVING_IN), TOWNSHIP),
    OLDER[CONTRACTOR]: _own_requests(_with_records(older(_with_past(_CONTRACTOR), IN_COUNTY), CONTRACTOR)),
    OLDER[AGENCY]: _with_records(_AGENCY, AGENCY),
    EMERGENCY: _with_past(_EMERGENCY),
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
    OLDER[AGENCY]: {name: older_slice(name, slice_) for name, slice_ in _COUNTED.items()},
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

NEEDED_AT_ALL: Final[dict[str, Group]] = {"beneficiary_verdict": "care"}
"""Tables of which already tells of a person that there is a row: shown to nobody without the group."""

RESOURCE: Final[dict[str, str]] = {
    "field_override": "override",
    "correction_request": "correction",
    "emergency_access": "emergency",
    "deletion_duty": "deletion",
    "deletion_duty_person": "deletion",
    "deletion_certificate": "deletion",
    "former_division": "division",
    "category_membership": "beneficiary",
    "relief_episode": "beneficiary",
    "street_encounter": "encounter",
    "contract_station": "contract",
    **RESOURCES,
    "beneficiary_apart": "match",
    "identity_review": "match",
    **dict.fromkeys(("sync_run", *OF_RUNS, "reconciliation"), "source"),
    "precedence_rule": "source",
    "quarantined_row": "quarantine",
    **WORK_RESOURCE,
}
"""The scope resource of a table, where it is not the table's own name."""


def resource_of(table: str) -> str:
    whole = table.removesuffix("_history").removesuffix("_record")
    return RESOURCE.get(table) or RESOURCE.get(whole, whole)
