"""Why a viewer may see a kind of record, a group of its columns, and which of its rows.

Nothing here reads data: a reason follows from ``SLICES``, the scopes and the registry. So it is the same
whatever rows there are, and tells nothing about them. A test compares what is said here with the audience
schemas, another with the rows the read engine answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Column

from hub.access.casework import NOTED, PARTS, TOLD_OF, UNDER_CONTRACT
from hub.access.readable import readable
from hub.access.reasons import AccessReason as Why
from hub.access.reasons import Because
from hub.access.rights import Rights
from hub.access.rows import Slice
from hub.access.scopes import RESOURCES, atoms
from hub.access.slices import (
    AGENCY,
    BUREAU,
    CONTRACTOR,
    COUNTED,
    NEEDED_AT_ALL,
    OF_RUNS,
    OPERATOR,
    ROLE_LABELS,
    SLICES,
    TOWNSHIP,
    resource_of,
)
from hub.access.station_work import WORDED, WORK, WORK_PARTS
from hub.store.roles import EMERGENCY
from hub.tables import Group

RULES: Final[Mapping[str, Mapping[str, Why]]] = {
    BUREAU: {
        "division": Why.ALL_ROWS,
        "former_division": Why.ALL_ROWS,
        "station": Why.IN_DIVISION,
        "personnel": Why.IN_DIVISION,
        "contractor": Why.ALL_ROWS,
        "contract": Why.IN_DIVISION,
        "household": Why.IN_DIVISION,
        "beneficiary": Why.IN_DIVISION,
        "category_membership": Why.OF_RESIDENTS,
        "assignment": Why.OF_RESIDENTS,
        "visit": Why.OF_RESIDENTS,
        "warning": Why.OF_RESIDENTS,
        "relief_episode": Why.OF_RESIDENTS,
        "street_encounter": Why.IN_DIVISION,
        "deletion_duty": Why.IN_DIVISION,
        "deletion_duty_person": Why.OF_RESIDENTS,
        "deletion_certificate": Why.IN_DIVISION,
        "referral": Why.OF_RESIDENTS,
        "emergency_access": Why.IN_DIVISION,
        "identity_review": Why.OF_RESIDENTS,
        "beneficiary_apart": Why.OF_RESIDENTS,
        "source": Why.SOURCE_OF_DIVISION,
        **dict.fromkeys(("sync_run", *OF_RUNS, "reconciliation"), Why.SOURCE_OF_DIVISION),
        "quarantined_row": Why.IN_DIVISION,
        **dict.fromkeys((*WORK, *WORDED, *WORK_PARTS, "fund_source", "child_worker"), Why.IN_DIVISION),
        **dict.fromkeys(("field_override", "correction_request"), Why.OF_RESIDENTS),
        **dict.fromkeys(NOTED, Why.OF_RESIDENTS),
        "subsidy_check": Why.IN_DIVISION,
    },
    TOWNSHIP: {
        "division": Why.ALL_ROWS,
        "former_division": Why.ALL_ROWS,
        "station": Why.IN_DIVISION,
        "personnel": Why.IN_DIVISION,
        "contractor": Why.ALL_ROWS,
        "contract": Why.SERVING_DIVISION,
        "household": Why.IN_DIVISION,
        "beneficiary": Why.IN_TOWNSHIP,
        "category_membership": Why.OF_RESIDENTS,
        "assignment": Why.OF_RESIDENTS,
        "visit": Why.OF_RESIDENTS,
        "warning": Why.OF_RESIDENTS,
        "relief_episode": Why.OF_RESIDENTS,
        "street_encounter": Why.IN_DIVISION,
        "deletion_duty": Why.SERVING_DIVISION,
        "deletion_duty_person": Why.OF_RESIDENTS,
        "deletion_certificate": Why.SERVING_DIVISION,
        "referral": Why.OF_RESIDENTS,
        "emergency_access": Why.OWN_EMERGENCY,
        "source": Why.SOURCE_OF_COUNTY,
        **dict.fromkeys((*WORK, *WORDED, *WORK_PARTS), Why.AT_STATIONS),
        "report": Why.OWN_REPORTS,
        "child_worker": Why.IN_DIVISION,
        **dict.fromkeys(("expenditure", "budget_line"), Why.SERVING_DIVISION),
        **dict.fromkeys(("field_override", "correction_request"), Why.OF_RESIDENTS),
        **dict.fromkeys(NOTED, Why.OF_RESIDENTS),
    },
    CONTRACTOR: {
        "division": Why.ALL_ROWS,
        "former_division": Why.ALL_ROWS,
        "station": Why.UNDER_CONTRACT,
        "personnel": Why.OWN_STAFF,
        "contractor": Why.OWN_ORGANISATION,
        "contract": Why.OWN_CONTRACT,
        "household": Why.OF_ASSIGNED,
        "beneficiary": Why.ASSIGNED,
        "category_membership": Why.OF_ASSIGNED,
        "relief_episode": Why.OF_ASSIGNED,
        "street_encounter": Why.FOUND_BY_OWN,
        "assignment": Why.ASSIGNMENT_OF_DAY,
        "visit": Why.VISIT_UNDER_CONTRACT,
        **dict.fromkeys(("deletion_duty", "deletion_duty_person", "deletion_certificate"), Why.OWED),
        "referral": Why.HANDED,
        "emergency_access": Why.OWN_EMERGENCY,
        "source": Why.ALL_ROWS,
        **dict.fromkeys((*WORK, *WORK_PARTS), Why.OWN_WORK),
        **dict.fromkeys((*WORDED, "handover_item"), Why.OWN_WORK_NOW),
        "child_worker": Why.OF_COUNTY_SERVED,
        "field_override": Why.OF_ASSIGNED,
        "correction_request": Why.OWN_REQUESTS,
        **dict.fromkeys(TOLD_OF, Why.OF_ASSIGNED),
        **dict.fromkeys((*UNDER_CONTRACT, *PARTS), Why.VISIT_UNDER_CONTRACT),
        "subsidy_check": Why.WITH_OWN_HELP,
    },
    AGENCY: {
        **dict.fromkeys(("division", "former_division"), Why.ALL_ROWS),
        "watch": Why.OWN_WATCHES,
    },
    OPERATOR: dict.fromkeys(
        ("division", "former_division", "station", "contractor", "source", "sync_run", *OF_RUNS), Why.ALL_ROWS
    ),
    EMERGENCY: {
        "division": Why.ALL_ROWS,
        "former_division": Why.ALL_ROWS,
        "station": Why.OF_OPENED_COUNTY,
        "contractor": Why.SERVES_OPENED,
        **dict.fromkeys(
            (
                "household",
                "beneficiary",
                "category_membership",
                "relief_episode",
                "assignment",
                "visit",
                "protection_case",
                "guardian",
            ),
            Why.OPENED,
        ),
    },
}
"""The rows of ``SLICES`` in words."""

_ASSIGNED: Final = (Why.CONTRACT_ENDS, Why.ASSIGNMENT_ENDS)
LEAVING: Final[Mapping[Why, tuple[Why, ...]]] = {
    Why.IN_DIVISION: (Why.MOVES_AWAY,),
    Why.OF_RESIDENTS: (Why.MOVES_AWAY,),
    Why.IN_TOWNSHIP: (Why.MOVES_AWAY,),
    Why.UNDER_CONTRACT: (Why.CONTRACT_ENDS,),
    Why.HANDED: (Why.CONTRACT_ENDS,),
    Why.FOUND_BY_OWN: (Why.CONTRACT_ENDS,),
    Why.OWN_WORK_NOW: (Why.CONTRACT_ENDS,),
    Why.OF_COUNTY_SERVED: (Why.CONTRACT_ENDS,),
    **dict.fromkeys(
        (Why.ASSIGNED, Why.OF_ASSIGNED, Why.ASSIGNMENT_OF_DAY, Why.VISIT_UNDER_CONTRACT), _ASSIGNED
    ),
}
"""What takes a row out of a list of such rows."""

BY_CONTRACT: Final = frozenset(rule for rule, leaving in LEAVING.items() if Why.CONTRACT_ENDS in leaving)


CHILDREN: Final[Group] = "minor"
"""Who has not got it is shown no younger children (``hub.access.slices``, ``SHOWN``)."""


def why_table(rights: Rights, table: str, *, under: str | None = None) -> Because:
    """Whether the viewer sees such records at all; ``under`` as in ``hub.access.readable``."""
    slice_ = _slice(rights, table)
    resource = under or resource_of(table)
    if slice_ is None:
        return _because(rights, Why.NOT_FOR_ROLE, table)
    if slice_.under not in (None, resource):
        return _because(rights, Why.ONLY_ASKED, table)
    because = _why_resource(rights, resource, table)
    if because.shows and under is None and table in NEEDED_AT_ALL:
        return why_group(rights, table, NEEDED_AT_ALL[table])
    return because


def why_counted(rights: Rights, table: str) -> Because:
    """Whether such records may be counted, which is more than being seen."""
    counted = COUNTED.get(rights.viewer.reader, {}).get(table)
    if counted is None or counted.under is None or readable(rights.viewer.capability, table) is not None:
        return why_table(rights, table)
    return _why_resource(rights, counted.under, table)


def why_group(rights: Rights, table: str, group: Group) -> Because:
    """Whether a group of columns is shown of records that are."""
    whole = SLICES[rights.viewer.role].get(table)
    if whole is None or group not in whole.groups:
        return _because(rights, Why.NOT_FOR_ROLE, table, group=group)
    if group == "public":
        return _because(rights, Why.PUBLIC, table, group=group)
    because = _why_opened(rights, table, group)
    shown = _slice(rights, table)
    if because.shows and shown is not None and group not in shown.groups:
        return _why_opened(rights, table, CHILDREN)  # what it takes to be shown anything a child may be in
    return because


def why_column(rights: Rights, column: Column[Any]) -> Because:
    """Whether a column is shown of records that are."""
    table, group = column.table.name, column.info["group"]
    because, shown = why_group(rights, table, group), _slice(rights, table)
    if because.shows and shown is not None and column.name in shown.left_out:
        return _why_opened(rights, table, CHILDREN)
    return because


def why_rows(rights: Rights, table: str) -> list[Because]:
    """Every rule a row must keep to be seen, and what of the viewer's own keeps all of them out."""
    rules = [RULES[rights.viewer.role][table]]
    if rules[0] in BY_CONTRACT and not rights.live:
        rules.append(Why.NO_LIVE_CONTRACT)
    said = [_because(rights, rule, table) for rule in rules]
    shown, whole = _slice(rights, table), SLICES[rights.viewer.role][table]
    if shown is not None and shown.rows != whole.rows:
        said.append(replace(_why_opened(rights, table, CHILDREN), reason=Why.NO_YOUNGER_CHILDREN))
    return said


def why_leaving(rights: Rights, table: str) -> list[Because]:
    """What takes rows out of the list, whatever rows there are."""
    rule = RULES[rights.viewer.role][table]
    return [_because(rights, why, table) for why in LEAVING.get(rule, ())]


def not_seen(rights: Rights, table: str) -> Because:
    return _because(rights, Why.NOT_SEEN, table)


def why_contract(rights: Rights, number: int, starts_on: str, ends_on: str) -> Because:
    """Whether an own contract gives access; days as 2026-03-31."""
    day = rights.day.isoformat()
    if number in rights.live:
        return _because(rights, Why.CONTRACT_LIVE, "contract")
    if starts_on > day:
        return _because(rights, Why.CONTRACT_NOT_BEGUN, "contract")
    ended = ends_on < day
    return _because(rights, Why.CONTRACT_ENDED if ended else Why.CONTRACT_STATUS, "contract")


def _why_opened(rights: Rights, table: str, group: Group) -> Because:
    """Whether scopes and purpose give a group that the role may have."""
    scope = f"field:{group}"
    because = _because(rights, _why_scope(rights, scope), table, scope=scope, group=group)
    if not because.shows or group in rights.viewer.groups:
        return because
    # Nothing else takes away what a scope has given.
    codes = tuple(purpose.code for purpose in rights.viewer.granted.live if group in purpose.opens)
    return replace(because, reason=Why.PURPOSE_NEEDED if codes else Why.NO_PURPOSE_OPENS, purposes=codes)


def _slice(rights: Rights, table: str) -> Slice | None:
    return SLICES[rights.viewer.reader].get(table)


def _why_resource(rights: Rights, resource: str, table: str) -> Because:
    """A resource is open with every reading operation it offers (``hub.access.scopes``)."""
    offered = "".join(operation for operation in RESOURCES[resource][0] if operation in "rs")
    scope = f"{resource}.{offered}"
    return _because(rights, _why_scope(rights, scope), table, scope=scope)


def _why_scope(rights: Rights, scope: str) -> Why:
    needed = atoms((scope,))
    if needed <= rights.viewer.scopes:
        return Why.BY_SCOPE
    if not needed <= rights.granted:
        return Why.SCOPE_NOT_GRANTED
    if rights.held is not None and not needed <= rights.held:
        return Why.USER_LACKS_SCOPE
    return Why.SCOPE_NOT_IN_TOKEN


def _because(
    rights: Rights, why: Why, table: str, *, scope: str | None = None, group: Group | None = None
) -> Because:
    viewer = rights.viewer
    role = viewer.role, ROLE_LABELS[viewer.role][0]
    division = " ".join(filter(None, (viewer.division_code, rights.division_name)))
    return Because(why, table, scope, group, role, division, rights.day.isoformat())
