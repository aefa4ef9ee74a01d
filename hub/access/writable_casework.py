"""Who writes which casework: about people the viewer sees, and only rows that were noted in the hub.

What a source states belongs to the source, and its next run would undo what is changed here.
"""

from __future__ import annotations

from typing import Final

from hub.access.casework import CASEWORK, PARTS, UNDER_CONTRACT
from hub.access.rows import IN_COUNTY, LIVE_CONTRACT, Writable
from hub.tables import metadata
from hub.tables._columns import stated
from hub.tables.ledger import OWN

ABOUT_SEEN: Final = (
    "exists (select from beneficiary p where p.county_code = {t}.county_code and p.id = {t}.beneficiary_id)"
)
"""Row-level security has cut people down to those the viewer sees."""
OF_HUB: Final = f"{{t}}.source_id = (select o.id from source o where o.code = '{OWN}')"  # noqa: S608 — no value of anybody
BY_OFFICE: Final = "{t}.contract_id is null"
BY_CONTRACTOR: Final = LIVE_CONTRACT
VISITOR: Final = {BY_OFFICE: "{t}.contractor_id is null", BY_CONTRACTOR: "{t}.contractor_id = {organisation}"}
NEVER_GIVEN: Final = frozenset({"id", "list_kind"})
NOTED_ANEW: Final = ("content_hash", "observed_at", "received_at")
CHANGED: Final = {
    "dossier": (
        "basic_information", "problems", "needs_assessment", "support_goals", "updated_on",
        "synced_with_township_at", "synced_with_village_at", "worker_id",
    ),
    "needs_record": ("status", "description", "assessed_on", "worker_id"),
    "case_work": ("session_count", "hours", "closed_on", "summary"),
    "protection_case": (
        "step", "closed_on", "is_mandatory_report", "reported_on", "reported_to", "referred_to", "worker_id",
    ),
}  # fmt: skip
"""Columns of what is changed, and not only noted."""
ENDS: Final = frozenset({"case_work", "protection_case"})
"""What is closed stays as it is."""


def by_office() -> dict[str, Writable]:
    return _written(BY_OFFICE)


def by_contractor() -> dict[str, Writable]:
    return _written(BY_CONTRACTOR)


def _written(under: str) -> dict[str, Writable]:
    noted = dict.fromkeys(CASEWORK, f"{OF_HUB} and {ABOUT_SEEN}")
    noted |= dict.fromkeys(UNDER_CONTRACT, f"{OF_HUB} and {under} and {ABOUT_SEEN}")
    noted |= {"visit": f"{OF_HUB} and {under} and {VISITOR[under]} and {ABOUT_SEEN}"}
    noted |= {part: _of_whole(part, under) for part in PARTS}
    return {
        table: Writable(
            f"{IN_COUNTY} and {new}",
            _given(table),
            old=_old(table, under) if table in CHANGED else None,
            columns=(*CHANGED[table], *NOTED_ANEW) if table in CHANGED else (),
        )
        for table, new in noted.items()
    }


def _old(table: str, under: str) -> str:
    own = f" and {under}" if table in UNDER_CONTRACT else ""
    still_open = " and {t}.closed_on is null" if table in ENDS else ""
    return f"{OF_HUB}{own}{still_open}"


def _of_whole(part: str, under: str) -> str:
    """About the person of a whole of the viewer's own that was noted in the hub."""
    whole = PARTS[part]
    joined = f"w.county_code = {{t}}.county_code and w.id = {{t}}.{whole}_id"
    own = f"{OF_HUB} and {under}".replace("{t}", "w")
    return (
        f"exists (select from {whole} w where {joined} and w.beneficiary_id = {{t}}.beneficiary_id and {own})"
    )


def _given(table: str) -> tuple[str, ...]:
    return tuple(c.name for c in stated(metadata.tables[table].c) if c.name not in NEVER_GIVEN)
