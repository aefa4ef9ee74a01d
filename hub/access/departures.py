"""Who had seen a row that is gone: ``SLICES`` once more, over what was noted when the row left.

An entry of the sequence of changes with the operation ``L`` says what slices were cut by just before
(``hub.tables.ledger``, columns ``was_…``). ``DEPARTED[reader][table]`` is true of it for the viewers whose
slice held the row. ``{c}`` is the entry; the other names are values of the viewer, as in
``hub.access.slices``.

``ENTERED[reader][table]`` is the other way round: rows that come into a slice though they have not changed
themselves. It names the table whose entry says so, and the query that finds them.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from hub.access.older import is_of_person
from hub.access.slices import AGENCY, BUREAU, CONTRACTOR, OPERATOR, TOWNSHIP
from hub.store.roles import EMERGENCY, OLDER


class Entered(NamedTuple):
    """``rows`` gives ``county_code`` and ``id`` for an entry ``{c}`` about ``table``."""

    table: str
    rows: str


ALWAYS: Final = "true"
NEVER: Final = "false"
"""Of rows that leave no slice: nothing they are cut by changes, and nobody deletes them."""
WAS_IN_DIVISION: Final = "{c}.was_division_code >= {lo} and {c}.was_division_code < {hi}"
WAS_IN_COUNTY: Final = "{c}.county_code >= {lo6} and {c}.county_code < {hi6}"
WAS_SERVED: Final = "{c}.was_served_ids && {contracts}"
WAS_OWN: Final = "{c}.was_organisation_id = {organisation}"
AT_OWN_STATION: Final = "{c}.was_contract_id is not null and " + WAS_IN_DIVISION

_DEPARTED: Final[dict[str, dict[str, str]]] = {
    BUREAU: {
        "station": WAS_IN_DIVISION,
        "personnel": WAS_IN_DIVISION,
        "contractor": ALWAYS,
        "contract": "{c}.was_contract_id is null and " + WAS_IN_DIVISION,
        "household": WAS_IN_DIVISION,
        "beneficiary": WAS_IN_DIVISION,
        "category_membership": WAS_IN_COUNTY,
        "assignment": WAS_IN_COUNTY,
        "visit": WAS_IN_COUNTY,
        "referral": NEVER,
        "emergency_access": NEVER,
    },
    TOWNSHIP: {
        "station": WAS_IN_DIVISION,
        "personnel": WAS_IN_DIVISION,
        "contractor": ALWAYS,
        "contract": AT_OWN_STATION,
        "household": WAS_IN_DIVISION,
        "beneficiary": WAS_IN_DIVISION,
        "category_membership": WAS_IN_DIVISION,
        "assignment": WAS_IN_DIVISION,
        "visit": WAS_IN_DIVISION,
        "referral": NEVER,
        "emergency_access": NEVER,
    },
    CONTRACTOR: {
        "station": WAS_SERVED,
        "personnel": WAS_OWN,
        "contractor": WAS_OWN,
        "contract": WAS_OWN,
        "household": NEVER,
        "beneficiary": WAS_SERVED,
        "category_membership": WAS_SERVED,
        "assignment": WAS_SERVED,
        "visit": "{c}.was_contract_id = any ({contracts}) and " + WAS_SERVED,
        "referral": NEVER,
        "emergency_access": NEVER,
    },
    AGENCY: {"watch": NEVER},
    OPERATOR: {"station": ALWAYS, "contractor": ALWAYS},
}
"""A contractor is told of a household with the people in it."""


def _older(table: str, rows: str) -> str:
    """For who is shown no younger children: that they are gone is not told either."""
    if table == "household" or rows == NEVER:
        return NEVER
    return f"({rows}) and {{c}}.was_shown_from_on <= {{today}}" if is_of_person(table) else rows


DEPARTED: Final[dict[str, dict[str, str]]] = {
    **_DEPARTED,
    **{
        OLDER[role]: {table: _older(table, rows) for table, rows in told.items()}
        for role, told in _DEPARTED.items()
        if role in OLDER
    },
    EMERGENCY: {
        "station": "{c}.county_code = {lo6}",
        "contractor": NEVER,
        "household": NEVER,
        "beneficiary": "{c}.county_code = {lo6} and {c}.entity_id = any ({opened})",
        **dict.fromkeys(("category_membership", "assignment", "visit"), NEVER),
    },
}

_ENTERED: Final[dict[str, dict[str, Entered]]] = {
    CONTRACTOR: {
        "beneficiary": Entered(
            "assignment",
            "select a.county_code, a.beneficiary_id from assignment a"
            " where a.county_code = {c}.county_code and a.id = {c}.entity_id",
        ),
        "station": Entered(
            "contract",
            "select s.county_code, s.id from contract_station l join station s on s.id = l.station_id"
            " where l.contract_id = {c}.entity_id",
        ),
    }
}
ENTERED: Final = {**_ENTERED, **{OLDER[role]: entered for role, entered in _ENTERED.items()}}
