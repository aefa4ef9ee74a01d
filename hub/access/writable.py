"""Who may write which rows: beside ``SLICES`` the other table that locks are derived from.

``WRITABLE[role][table]``; a table that is not listed cannot be written by the role, and no row can be
changed that its slice does not show. From here come PostgreSQL's policies and grants for writing, under
which a mutation writes (``hub.write.work``). What follows from a mutation beyond that (an assignment that
ends because its transfer was accepted) the hub does itself, in the same transaction.

Predicates are SQL over ``{t}`` and the viewer's values, as in ``hub.access.slices``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from hub.access.rows import FOUND, IN_COUNTY, IN_DIVISION, LIVING_IN, OWED, Writable
from hub.access.slices import AGENCY, BUREAU, CONTRACTOR, TOWNSHIP
from hub.access.writable_casework import by_contractor, by_office
from hub.access.writable_station_work import WORK_WRITABLE

VERSION: Final = "xmin"
"""What a row that somebody may change has a version by: PostgreSQL's own number of the transaction that wrote
it last, so whoever writes it, a run or a mutation, moves it on and does nothing for that."""

REFERRED: Final = (
    "kind", "status", "category", "need", "county_code", "beneficiary_id", "division_code", "referrer",
    "referrer_name", "referrer_division_code", "from_contractor_id", "from_contract_id", "assignment_id",
    "to_contractor_id", "to_contract_id", "made_at",
)  # fmt: skip
DECIDED: Final = ("status", "decided_at", "decline_reason", "to_contract_id", "to_station_id")
PENDING: Final = "{t}.status = 'PENDING'"

OF_SEEN: Final = (
    "exists (select from beneficiary p where p.county_code = {t}.county_code and p.id = {t}.beneficiary_id"
    " and p.division_code = {t}.division_code)"
)
"""Row-level security has cut people down to those the viewer sees."""
BY_CONTRACTOR: Final = "{t}.referrer = 'CONTRACTOR' and {t}.from_contractor_id = {organisation}"
UNDER_OWN: Final = (
    "{t}.from_contract_id = any ({contracts}) and exists (select from assignment a"
    " where a.county_code = {t}.county_code and a.beneficiary_id = {t}.beneficiary_id"
    " and a.contract_id = {t}.from_contract_id)"
)


def _office(*parties: str) -> Writable:
    within = IN_DIVISION.replace("division_code", "referrer_division_code")
    own = f"{{t}}.referrer in ({', '.join(map(repr, parties))}) and {within}"
    return Writable(
        new=f"{PENDING} and {own} and {OF_SEEN}",
        given=REFERRED,
        old=f"{PENDING} and {own}",
        then="{t}.status = 'WITHDRAWN'",
        columns=DECIDED,
    )


CERTIFIED: Final = (
    "deletion_duty_id", "contract_id", "contractor_id", "division_code", "method", "statement", "signer_name",
    "signed_on", "filed_at", "line_ids", "decision",
)  # fmt: skip
UNDECIDED: Final = "{t}.decision = 'PENDING'"

OPENED: Final = (
    "client_id", "user_id", "opener_role", "opener_name", "opener_division_code", "organisation_id",
    "county_code", "division_code", "person_ids", "people", "reason", "note", "opened_at", "ends_at",
)  # fmt: skip
CLOSED: Final = ("closed_at", "end_reason")
JUDGED: Final = (*CLOSED, "verdict", "reviewed_at", "reviewer", "review_note")


def _opener(role: str, own: str, **given: Any) -> Writable:
    rows = f"{{t}}.opener_role = '{role}' and {own}"
    return Writable(new=rows, given=OPENED, **{"old": rows, "columns": CLOSED, **given})


ABOUT_SEEN: Final = (
    "exists (select from beneficiary p where p.county_code = {t}.county_code and p.id = {t}.beneficiary_id)"
)
OVERRIDDEN: Final = (
    "county_code", "beneficiary_id", "field", "value", "reason", "made_by", "made_division_code", "made_at",
    "ends_on",
)  # fmt: skip
ASKED: Final = (
    "county_code", "beneficiary_id", "source_id", "source_code", "field", "value", "reason", "status",
    "asked_by", "asked_division_code", "organisation_id", "asked_at", "due_on",
)  # fmt: skip
TO_OWNER: Final = (
    "{t}.status in ('OPEN', 'ACCEPTED') and exists (select from source s where s.id = {t}.source_id"
    " and (s.division_code >= {lo} and s.division_code < {hi} or s.division_code is null))"
)
"""A request to a source of the office's own divisions, or of none."""


def _asks(asker: str, **given: Any) -> Writable:
    return Writable(new=f"{{t}}.status = 'OPEN' and {asker} and {ABOUT_SEEN}", given=ASKED, **given)


OF_OFFICE: Final = "{t}.organisation_id is null and " + IN_DIVISION.replace(
    "division_code", "asked_division_code"
)

WITHIN_OPENER: Final = IN_DIVISION.replace("division_code", "opener_division_code")

ENCOUNTERED: Final = (
    "county_code", "division_code", "contractor_id", "beneficiary_id", "encountered_at", "place", "said_name",
    "sex", "estimated_age", "features", "is_minor", "condition", "is_willing", "actions", "report_state",
    "source_id", "record_key", "content_hash", "observed_at", "received_at", "run_id",
)  # fmt: skip
TOLD_AGAIN: Final = (
    "report_state", "report_refusal", "place", "said_name", "features", "sex", "estimated_age", "is_minor",
)  # fmt: skip
REFUSED: Final = "{t}.report_state = 'REFUSED'"
OF_SEEN_OR_NOBODY: Final = (
    "({t}.beneficiary_id is null or exists (select from beneficiary p"
    " where p.county_code = {t}.county_code and p.id = {t}.beneficiary_id))"
)


def _found(own: str) -> Writable:
    """An encounter of its own; one that was refused may be told again."""
    return Writable(
        new=f"{{t}}.report_state = 'PENDING' and {own} and {OF_SEEN_OR_NOBODY}",
        given=ENCOUNTERED,
        old=f"{REFUSED} and {own}",
        then="{t}.report_state = 'PENDING'",
        columns=TOLD_AGAIN,
    )


BY_OFFICE: Final = _found("{t}.contractor_id is null and " + LIVING_IN)

WATCHED: Final = (
    "client_id", "purpose", "programme", "id_number", "id_number_hash", "reference", "made_at", "ends_on",
)  # fmt: skip
UNWATCHED: Final = ("ended_at", "end_reason", "id_number", "id_number_hash", "is_entitled", "answered_at")
OWN_WATCH: Final = "{t}.client_id = {client} and {t}.ended_at is null"

WRITABLE: Final[Mapping[str, Mapping[str, Writable]]] = {
    BUREAU: {
        **WORK_WRITABLE[BUREAU],
        "field_override": Writable(
            new=f"{IN_DIVISION.replace('division_code', 'made_division_code')} and {ABOUT_SEEN}",
            given=OVERRIDDEN,
            old="{t}.ended_at is null",
            then="{t}.ended_at is not null",
            columns=("ended_at", "end_reason"),
        ),
        **by_office(),
        "correction_request": _asks(
            OF_OFFICE,
            old=TO_OWNER,
            then="{t}.status in ('ACCEPTED', 'REFUSED')",
            columns=("status", "decided_at", "decision_reason"),
        ),
        "emergency_access": _opener(BUREAU, WITHIN_OPENER, old=IN_DIVISION, columns=JUDGED),
        "identity_review": Writable(
            old="{t}.status in ('PENDING', 'LINKED')",
            then="{t}.status in ('LINKED', 'DIFFERENT')",
            columns=("status", "decided_at", "decided_by", "by_rule", "decision_reason"),
        ),
        "street_encounter": BY_OFFICE,
        "referral": _office("COUNTY_BUREAU", "PREFECTURE_BUREAU", "PROVINCE_DEPARTMENT"),
        "deletion_certificate": Writable(
            old=f"{UNDECIDED} and {IN_DIVISION}",
            then="{t}.decision in ('ACCEPTED', 'REJECTED')",
            columns=("decision", "decided_at", "decision_reason"),
        ),
    },
    TOWNSHIP: {
        **by_office(),
        **WORK_WRITABLE[TOWNSHIP],
        "correction_request": _asks(OF_OFFICE),
        "street_encounter": BY_OFFICE,
        "referral": _office("TOWNSHIP"),
        "emergency_access": _opener(TOWNSHIP, WITHIN_OPENER),
    },
    CONTRACTOR: {
        **by_contractor(),
        **WORK_WRITABLE[CONTRACTOR],
        "correction_request": _asks("{t}.organisation_id = {organisation}"),
        "emergency_access": _opener(CONTRACTOR, "{t}.organisation_id = {organisation}"),
        "street_encounter": _found(f"{FOUND} and {IN_COUNTY}"),
        "referral": Writable(
            new=f"{PENDING} and {BY_CONTRACTOR} and {UNDER_OWN} and {OF_SEEN}",
            given=REFERRED,
            old=f"{PENDING} and ({{t}}.to_contractor_id = {{organisation}} or {BY_CONTRACTOR})",
            then=(
                "({t}.status in ('ACCEPTED', 'DECLINED') and {t}.to_contractor_id = {organisation}"
                " or {t}.status = 'WITHDRAWN' and " + BY_CONTRACTOR + ")"
            ),
            columns=DECIDED,
        ),
        "deletion_certificate": Writable(
            new=(
                f"{UNDECIDED} and {OWED} and exists (select from deletion_duty d"
                " where d.id = {t}.deletion_duty_id and d.contractor_id = {t}.contractor_id"
                " and d.contract_id = {t}.contract_id and d.division_code = {t}.division_code"
                " and d.status = 'OPEN')"
            ),
            given=CERTIFIED,
        ),
    },
    AGENCY: {
        "watch": Writable(
            new=OWN_WATCH,
            given=WATCHED,
            old=OWN_WATCH,
            then="{t}.end_reason = 'UNWATCHED'",
            columns=UNWATCHED,
        ),
    },
}

VERSIONED: Final = frozenset(
    table for tables in WRITABLE.values() for table, own in tables.items() if own.old is not None
)
"""Tables whose rows have a version that is shown."""
