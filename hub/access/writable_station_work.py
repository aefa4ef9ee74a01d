"""Who may write what is done at stations and under contracts, by the actors of the documents.

Contractors note their own work, under their own contracts, ended ones too: final reports and archives come
afterwards (R121, R185). Offices train (R52, R53), report (R122–R128, R135), evaluate (R181–R188), watch the
money (R111) and sign (R72–R74).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Table

from hub import tables
from hub.access.rows import FOUND, IN_DIVISION, OWED, Writable
from hub.access.writable_casework import OF_HUB
from hub.store.roles import ROLES
from hub.tables import metadata

BUREAU, TOWNSHIP, CONTRACTOR, _, _ = ROLES

SIGNED: Final = (
    "exists (select from contract k where k.id = {t}.contract_id"
    " and k.contractor_id = {t}.contractor_id and k.status <> 'DRAFT')"
)
AT_ITS_STATION: Final = (
    "({t}.station_id is null or exists (select from contract_station l"
    " where l.contract_id = {t}.contract_id and l.station_id = {t}.station_id))"
)
OWN: Final = f"{OWED} and {SIGNED} and {AT_ITS_STATION}"
OWN_NOW: Final = f"{FOUND} and {SIGNED} and {AT_ITS_STATION}"
SELF: Final = "({t}.kind in ('SELF_STATION', 'SELF_CONTRACTOR'))"
SENT: Final = "{t}.status = 'SUBMITTED'"
RECEIVED: Final[Mapping[str, Any]] = {
    "old": f"{OF_HUB} and {SENT} and {{t}}.recipient_division_code = {{lo}}",
    "then": "{t}.status in ('ACCEPTED', 'RETURNED')",
    "columns": ("status", "decided_at", "return_reason"),
}
"""Of reports: whom one is for takes it or sends it back, once."""
FOUND_OUT: Final = (
    "checked_on", "checked_by", "deviating_numbers", "findings", "satisfaction", "follow_up",
)  # fmt: skip
"""Of a check, whose drawing nobody changes."""
SEEN_CONTRACT: Final = "exists (select from contract k where k.id = {t}.contract_id)"
"""Row-level security has cut contracts down to those the viewer sees."""


def _given(table: Table[Any]) -> tuple[str, ...]:
    """Every column but the number, which the database gives."""
    return tuple(column.name for column in table.c if column.name != "id")


def _new(table: str, rows: str, **changed: Any) -> dict[str, Writable]:
    return {table: Writable(new=rows, given=_given(metadata.tables[table]), **changed)}


def _part(table: str, whole: str, rows: str) -> dict[str, Writable]:
    """A part of a whole that was written just now, by who may write the whole."""
    of_it = f"exists (select from {whole} w where w.id = {{t}}.{whole}_id and {rows.replace('{t}', 'w')})"
    return _new(table, of_it)


def _office(*senders: str) -> dict[str, Writable]:
    named = ", ".join(map(repr, senders))
    return {
        **_new("training_event", f"{{t}}.contractor_id is null and {IN_DIVISION}"),
        **_part("training_record", "training_event", f"{{t}}.contractor_id is null and {IN_DIVISION}"),
        **_new("report", f"{SENT} and {{t}}.sender in ({named}) and {IN_DIVISION}", **RECEIVED),
        **_new("evaluation", f"not {SELF} and {IN_DIVISION}"),
        "contract": Writable(
            new=f"{{t}}.status = 'ACTIVE' and {IN_DIVISION}",
            given=tuple(column.name for column in tables.contract.c),
        ),
    }


ITEMS: Final = _part("handover_item", "handover", FOUND)["handover_item"]

WORK_WRITABLE: Final[Mapping[str, Mapping[str, Writable]]] = {
    BUREAU: {
        **_office("COUNTY_BUREAU", "PREFECTURE_BUREAU", "PROVINCE_DEPARTMENT"),
        **_new("expenditure", SEEN_CONTRACT),
        **_new(
            "subsidy_check",
            IN_DIVISION,
            old=f"{OF_HUB} and {IN_DIVISION}",
            columns=FOUND_OUT,
        ),
    },
    TOWNSHIP: _office("TOWNSHIP"),
    CONTRACTOR: {
        **{
            table: written
            for name in ("group_work", "community_activity", "publicity_event", "patrol", "training_event")
            for table, written in _new(name, OWN).items()
        },
        **_part("group_session", "group_work", OWED),
        **_part("training_record", "training_event", OWED),
        **_new("archive_transfer", OWN),
        **_new("report", f"{SENT} and {{t}}.sender = 'CONTRACTOR' and {OWN}"),
        **_new("evaluation", f"{SELF} and {OWN}"),
        **_new("expenditure", SEEN_CONTRACT),
        **_new("incident", OWN_NOW),
        "handover": Writable(
            new=OWN_NOW,
            given=_given(tables.handover),
            old=FOUND,
            then=FOUND,
            columns=("is_follow_up_arranged",),
        ),
        "handover_item": Writable(
            new=ITEMS.new,
            given=ITEMS.given,
            old=f"not {{t}}.is_checked and {ITEMS.new}",
            then="{t}.is_checked",
            columns=("is_checked",),
        ),
    },
}
