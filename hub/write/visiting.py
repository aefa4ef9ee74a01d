"""探访: a visit to a person, with its text and pictures (R158, R165)."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from hub.tables import visit as visits
from hub.tables import visit_photo
from hub.write import checks
from hub.write.noting import note, seen_person, seen_worker, under_contract
from hub.write.pictures import pictures
from hub.write.work import Key, Work

MOST_RECORD: Final = 4_000


async def record(
    work: Work,
    *,
    beneficiary: str,
    visited_on: dt.date,
    kind: str,
    purpose: str,
    text_record: str | None = None,
    has_register_form: bool | None = None,
    has_photos: bool | None = None,
    photos: list[dict[str, Any]] | None = None,
    contract: str | None = None,
    worker: str | None = None,
) -> Key:
    """What the rules ask of a visit is judged where they are, and nothing refused for it here."""
    person = await seen_person(work, beneficiary)
    checks.come(work, "visitedOn", visited_on, "探访日期")
    under, kept = await under_contract(work, person, contract), pictures(work, photos or [])
    key = await note(
        work,
        visits,
        person.key,
        {
            "station_id": under.station,
            "contract_id": under.contract,
            "contractor_id": under.contractor,
            "worker_id": await seen_worker(work, worker),
            "visited_on": visited_on,
            "kind": kind,
            "purpose": purpose,
            "has_photos": True if kept else has_photos,
            "has_register_form": has_register_form,
            "text_record": checks.text("textRecord", text_record, "文字记录", MOST_RECORD),
        },
    )
    for picture in kept:
        await note(work, visit_photo, person.key, {"visit_id": key.id, **picture})
    return key
