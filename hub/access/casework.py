"""Who sees what staff notes of people: dossiers, assessments, guardians, cases, pictures of visits."""

from __future__ import annotations

from typing import Final

from hub.access.rows import ASSIGNED, IN_COUNTY, LIVE_CONTRACT, SERVED_LOCKED, Slice, of_person, sliced
from hub.tables import Group

CASEWORK: Final[dict[str, Group]] = {
    **dict.fromkeys(("dossier", "risk_assessment", "needs_record", "assessment", "protection_case"), "care"),
    **dict.fromkeys(("guardian", "guardianship_confirmation"), "minor"),
}
"""By the group that shows it: whoever serves the person goes on from what others have noted."""
TOLD_OF: Final[dict[str, Group]] = {**CASEWORK, "beneficiary_verdict": "care"}
"""What was noted of a person, and what the hub has judged of it."""
UNDER_CONTRACT: Final = ("case_work", "hospital_escort")
"""What a contractor does for a person under a contract, which is its own matter as its visits are."""
PARTS: Final = {"case_session": "case_work", "visit_photo": "visit"}
"""Seen with their whole."""
NOTED: Final = (*TOLD_OF, *UNDER_CONTRACT, *PARTS)

RESOURCES: Final = {
    **dict.fromkeys(("risk_assessment", "needs_record", "assessment"), "dossier"),
    **dict.fromkeys(("case_work", "case_session", "hospital_escort"), "case"),
    **dict.fromkeys(("protection_case", "guardian", "guardianship_confirmation"), "protection"),
    "visit_photo": "visit",
    "beneficiary_verdict": "beneficiary",
}
"""The scope resource of each; a dossier has its own."""
NEEDED: Final[dict[str, Group]] = {
    **CASEWORK,
    **dict.fromkeys(("visit", *UNDER_CONTRACT, *PARTS), "care"),
}
"""By table, the group that whoever writes it has to be shown."""


def casework(rows: str) -> dict[str, Slice]:
    """Of an office, about people of its place, which ``rows`` says."""
    return {
        name: sliced(rows, TOLD_OF.get(name, "care"), within=("beneficiary", *_whole(name))) for name in NOTED
    }


def own_casework() -> dict[str, Slice]:
    """Of a contractor, about people it serves today."""
    served = f"{IN_COUNTY} and {of_person(ASSIGNED)}"
    found = {
        name: sliced(served, group, within=("beneficiary",), locked=f"{IN_COUNTY} and {SERVED_LOCKED}")
        for name, group in TOLD_OF.items()
    }
    under = dict.fromkeys(UNDER_CONTRACT, LIVE_CONTRACT) | {name: _of_own(name) for name in PARTS}
    return found | {
        name: sliced(
            f"{own} and {of_person(ASSIGNED)}",
            "care",
            within=_whole(name),
            left={"beneficiary": own},
            locked=f"{own} and {SERVED_LOCKED}",
        )
        for name, own in under.items()
    }


def _whole(name: str) -> tuple[str, ...]:
    return (PARTS[name],) if name in PARTS else ()


def _of_own(part: str) -> str:
    """Of a whole under a contract of its own that is live."""
    whole = PARTS[part]
    live = LIVE_CONTRACT.replace("{t}", "w")
    joined = f"w.county_code = {{t}}.county_code and w.id = {{t}}.{whole}_id"
    return f"{IN_COUNTY} and exists (select from {whole} w where {joined} and {live})"
