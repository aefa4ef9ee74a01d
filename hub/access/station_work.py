"""Slices of what is done at stations and under contracts: work, reports, evaluations, money.

Station, contract and contractor stand in each row, so none needs a join but the parts of a whole, which are
visible with it.
"""

from __future__ import annotations

from typing import Final

from hub.access.rows import AT_OWN_STATION, FOUND, IN_DIVISION, OWED, Slice, sliced
from hub.tables import Group

WORK: Final = (
    "group_work",
    "community_activity",
    "publicity_event",
    "patrol",
    "training_event",
    "archive_transfer",
    "report",
    "evaluation",
)
WORDED: Final = ("handover", "incident")
"""With words that may be about people: a contractor sees them while it holds any contract."""
WORK_PARTS: Final = {
    "group_session": "group_work",
    "training_record": "training_event",
    "handover_item": "handover",
    "expenditure": "contract",
    "budget_line": "contract",
}
"""What is visible with a row of another table."""
WORDS: Final = frozenset({"incident", "handover_item"})
"""Whose words may be about a child: who may not see children is not shown them."""

AT_OWN_STATIONS: Final = f"({IN_DIVISION} or {{t}}.station_id is null and {AT_OWN_STATION})"
"""At the own station, or under a contract served there as a whole."""
OWN_REPORTS: Final = f"({IN_DIVISION} or {IN_DIVISION.replace('division_code', 'recipient_division_code')})"
SERVED_CONTRACT: Final = AT_OWN_STATION.replace("{t}.contract_id", "{t}.id")
OWN_CONTRACT: Final = "{t}.contractor_id = {organisation}"


def _groups(table: str) -> tuple[Group, ...]:
    return ("care",) if table in WORDS else ()


def _slices(wholes: dict[str, str], contract: str) -> dict[str, Slice]:
    """``contract``: rows of contracts."""
    found = {table: sliced(rows, *_groups(table)) for table, rows in wholes.items()}
    for table, whole in WORK_PARTS.items():
        rows = contract if whole == "contract" else wholes[whole]
        of_it = f"exists (select from {whole} w where w.id = {{t}}.{whole}_id"
        found[table] = sliced(
            f"{of_it} and {rows.replace('{t}', 'w')})",
            *_groups(table),
            within=(whole,),
            locked=f"{of_it})",
        )
    return found


IN_COUNTY_SERVED: Final = (
    "exists (select from contract k where k.id = any ({contracts})"
    " and k.county_code = left({t}.division_code, 6))"
)
"""Of who is in charge of children where an own contract is live: the contractor trains them (R55)."""

BUREAU_WORK: Final = {
    **_slices(dict.fromkeys((*WORK, *WORDED), IN_DIVISION), IN_DIVISION),
    "child_worker": sliced(IN_DIVISION, "identity", "contact"),
    "fund_source": sliced(IN_DIVISION),
    "subsidy_check": sliced(IN_DIVISION),
}
TOWNSHIP_WORK: Final = {
    **_slices({**dict.fromkeys((*WORK, *WORDED), AT_OWN_STATIONS), "report": OWN_REPORTS}, SERVED_CONTRACT),
    "child_worker": sliced(IN_DIVISION, "identity", "contact"),
}
CONTRACTOR_WORK: Final = {
    **_slices({**dict.fromkeys(WORK, OWED), **dict.fromkeys(WORDED, FOUND)}, OWN_CONTRACT),
    "child_worker": sliced(IN_COUNTY_SERVED, "identity"),
    "subsidy_check": sliced(OWED),
}

WORK_RESOURCE: Final = {
    **dict.fromkeys((*WORK[:6], *WORDED, "group_session", "training_record", "handover_item"), "work"),
    **dict.fromkeys(("expenditure", "budget_line", "fund_source"), "money"),
    "subsidy_check": "subsidy",
    "child_worker": "personnel",
}
"""The scope resource of a table; reports and evaluations have their own."""
