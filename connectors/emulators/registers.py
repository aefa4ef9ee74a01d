"""What two registers hold: marriages of the county's people, and certificates of social organisations."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.emulators.model import Contractor, Person


def married(people: Sequence[Person], today: dt.date) -> dict[str, tuple[str, dt.date]]:
    """Code and day of the event registered last, by identity number: two of three who are 25, long ago for
    most; of these one in ten is divorced, one in ten has a certificate issued again."""
    found: dict[str, tuple[str, dt.date]] = {}
    for person in people:
        if not (person.id_number and person.birth_on) or int(person.id_number[14:17]) % 3 == 0:
            continue
        last = int(person.id_number[16])
        years = 25 + (12 if last < 2 else 0)
        day = dt.date(person.birth_on.year + years, person.birth_on.month, min(person.birth_on.day, 28))
        if day <= today:
            found[person.id_number] = {0: "IB", 1: "ICA"}.get(last, "IA"), day
    return found


def of_person(asked: Mapping[str, Any]) -> str:
    """The number that is asked about, a man's or a woman's."""
    return str(asked.get("cert_num_man") or asked.get("cert_num_woman"))


def certificate(organisation: Contractor, today: dt.date) -> dict[str, Any]:
    """Five years from a day that the credit code decides; that of one in five has run out."""
    digits = sum(map(ord, organisation.credit_code))
    ends = today + dt.timedelta(days=digits % 1500 - 300)
    return {
        "USC_CODE": organisation.credit_code,
        "ORG_NAME": organisation.name,
        "REGISTRATION_DATE": str(ends - dt.timedelta(days=5 * 365 + digits % 2000)),
        "VALID_FROM": str(ends - dt.timedelta(days=5 * 365)),
        "VALID_TO": str(ends),
        "LEGAL_NAME": organisation.contact_name,
        "LEGAL_ID_CARD": "459999190001010000",
        "IFCHARITY": str(digits % 2),
        "MANAGER_DEPT": "民政局",
    }
