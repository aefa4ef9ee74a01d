"""儿童保护: a child in danger is reported (R161), and the mechanism of three steps begins (R154).

Guardianship is confirmed in writing (R159).
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from hub.domain.vocabulary import ProtectionStep
from hub.errors import BadArgument, Conflict
from hub.tables import guardian as guardians
from hub.tables import guardianship_confirmation as confirmations
from hub.tables import protection_case
from hub.write import checks
from hub.write.noting import Person, change, child, day, hold, note, seen, seen_person, seen_worker
from hub.write.work import Key, NotYours, Work

STEPS: Final = tuple(step.value for step in ProtectionStep)
"""In their order: monitor and prevent, discover and report, handle jointly."""

OPEN: Final = """
    select true from protection_case where county_code = $1 and beneficiary_id = $2 and closed_on is null"""


class ProtectionStarted(Conflict):
    """The mechanism was started for this child and has not ended; follow the case there is."""

    zh = "该儿童的保护机制已启动，请在原记录上办理"


async def report(
    work: Work,
    *,
    beneficiary: str,
    trigger: str,
    step: str | None = None,
    is_mandatory_report: bool | None = None,
    reported_to: str | None = None,
    reported_on: dt.date | None = None,
    referred_to: str | None = None,
    opened_on: dt.date | None = None,
    worker: str | None = None,
) -> Key:
    person = await seen_person(work, beneficiary)
    child(work, person)
    given = {
        "trigger": trigger,
        "step": step or ProtectionStep.DISCOVER_REPORT.value,
        "opened_on": day(work, "openedOn", opened_on, "启动日期"),
        **_reported(work, bool(is_mandatory_report), reported_to, reported_on, referred_to),
        "worker_id": await seen_worker(work, worker),
    }
    await hold(work, person)
    if await work.own_row(OPEN, person.county, person.id):
        raise ProtectionStarted
    return await note(work, protection_case, person.key, given)


async def follow(
    work: Work,
    *,
    case: str,
    version: str,
    step: str | None = None,
    is_mandatory_report: bool | None = None,
    reported_to: str | None = None,
    reported_on: dt.date | None = None,
    referred_to: str | None = None,
    closed_on: dt.date | None = None,
    worker: str | None = None,
) -> Key:
    """The next step, a report, a referral, or the end; what is not given stays, and no step is taken back."""
    _, row = await seen(work, protection_case, case, "step", "opened_on")
    if step is not None and STEPS.index(step) < STEPS.index(row["step"]):
        raise BadArgument("Expected a step that is not behind the present one.", zh="环节不得倒退")
    if closed_on is not None:
        checks.come(work, "closedOn", closed_on, "结束日期")
        checks.period(row["opened_on"], closed_on)
    values = {
        "step": step,
        **_reported(work, is_mandatory_report, reported_to, reported_on, referred_to),
        "closed_on": closed_on,
        "worker_id": await seen_worker(work, worker),
    }
    return await change(work, protection_case, case, version, values)


def _reported(
    work: Work,
    mandatory: bool | None,
    reported_to: str | None,
    reported_on: dt.date | None,
    referred_to: str | None,
) -> dict[str, Any]:
    """A mandatory report says to whom it was made; the day is today where none is given."""
    if mandatory and reported_to is None:
        raise BadArgument("Expected reportedTo of a mandatory report.", zh="强制报告应填写报告对象")
    if reported_on is not None:
        checks.come(work, "reportedOn", reported_on, "报告日期")
    return {
        "is_mandatory_report": mandatory,
        "reported_to": checks.text("reportedTo", reported_to, "报告对象", checks.MOST_NAME),
        "reported_on": reported_on or (work.today if reported_to is not None else None),
        "referred_to": checks.text("referredTo", referred_to, "转介对象", checks.MOST_NAME),
    }


async def confirm_guardianship(
    work: Work,
    *,
    beneficiary: str,
    confirmed_on: dt.date,
    guardian: str | None = None,
    kind: str | None = None,
    name: str | None = None,
    relation: str | None = None,
    phone: str | None = None,
    document: str | None = None,
) -> Key:
    """Of a guardian the hub knows, or of one who is named here."""
    person = await seen_person(work, beneficiary)
    child(work, person)
    checks.come(work, "confirmedOn", confirmed_on, "确认日期")
    said = checks.text("document", document, "确认书", checks.MOST_NAME)
    if (guardian is None) == (name is None):
        raise BadArgument("Expected guardian, or name of one.", zh="应填写 guardian，或填写监护人姓名")
    if guardian is None:
        number = await _add(work, person, confirmed_on, kind, name or "", relation, phone)
    else:
        number = await _known(work, person, guardian)
    given = {"guardian_id": number, "confirmed_on": confirmed_on, "document": said}
    return await note(work, confirmations, person.key, given)


async def _known(work: Work, person: Person, guardian: str) -> int:
    """NotYours where it is not this child's."""
    key, row = await seen(work, guardians, guardian)
    if (key.county, row["beneficiary_id"]) != (person.county, person.id):
        raise NotYours
    return key.id


async def _add(
    work: Work,
    person: Person,
    since: dt.date,
    kind: str | None,
    name: str,
    relation: str | None,
    phone: str | None,
) -> int:
    given = {
        "kind": kind or "ENTRUSTED",
        "name": checks.text("name", name, "监护人姓名", checks.MOST_NAME),
        "relation": checks.text("relation", relation, "监护人关系", checks.MOST_NAME),
        "phone": checks.text("phone", phone, "监护人电话", checks.MOST_NAME),
        "starts_on": since,
    }
    return (await note(work, guardians, person.key, given)).id
