"""个案、住院陪护: cases with their sessions (R205, R206), and escorts of people in hospital (R199)."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, Final

from hub.errors import BadArgument
from hub.tables import OF_PERSON, case_session, hospital_escort
from hub.tables import case_work as cases
from hub.write import checks
from hub.write.noting import (
    NotChanged,
    Person,
    change,
    day,
    hold,
    note,
    seen,
    seen_person,
    seen_worker,
    under_contract,
)
from hub.write.ruled import keep_rules
from hub.write.work import Key, Work

MOST_RECORD: Final = 4_000
MOST_HOURS: Final = 24
"""Of one session: a day has no more."""

COUNT: Final = """
    update case_work set session_count = session_count + 1, hours = hours + $3,
        observed_at = $4, received_at = $4
    where county_code = $1 and id = $2 returning true"""
AT_ONCE: Final = """
    select count(distinct beneficiary_id) as others from hospital_escort
    where county_code = $1 and beneficiary_id <> $2 and contract_id is not distinct from $3
        and starts_on <= coalesce($5::date, 'infinity') and coalesce(ends_on, 'infinity') >= $4"""
ALONE: Final = "select pg_advisory_xact_lock(hashtextextended('hospital escort', $1))"
SCATTERED: Final = """
    select true from category_membership
    where county_code = $1 and beneficiary_id = $2 and category = 'TEKUN'
        and support_mode is distinct from 'INSTITUTION'
        and starts_on <= $3 and (ends_on is null or ends_on >= $3)"""
"""Of whom R199 speaks; who is not said to live in an institution is taken not to."""


async def open_case(
    work: Work,
    *,
    beneficiary: str,
    kind: str,
    opened_on: dt.date | None = None,
    summary: str | None = None,
    contract: str | None = None,
    worker: str | None = None,
) -> Key:
    """Without sessions yet."""
    person = await seen_person(work, beneficiary)
    given = {
        "kind": kind,
        "contract_id": (await under_contract(work, person, contract)).contract,
        "worker_id": await seen_worker(work, worker),
        "session_count": 0,
        "hours": Decimal(0),
        "opened_on": day(work, "openedOn", opened_on, "开案日期"),
        "summary": checks.text("summary", summary, "个案小结", MOST_RECORD),
    }
    return await note(work, cases, person.key, given)


async def record_session(
    work: Work, *, case: str, held_on: dt.date, hours: Decimal, record: str | None = None
) -> Key:
    """Adds to the case's count and hours; whether they are enough is judged where the rules are."""
    checks.come(work, "heldOn", held_on, "服务日期")
    checks.hours_of(hours)
    if hours > MOST_HOURS:
        raise BadArgument(f"Expected hours: {MOST_HOURS} at most.", zh=f"工时不得超过 {MOST_HOURS}")
    key, row = await seen(work, cases, case, "opened_on")
    if held_on < row["opened_on"]:
        raise BadArgument(
            "Expected heldOn: no earlier than the case was opened.", zh="服务日期不得早于开案日期"
        )
    if await work.viewer_row(COUNT, *key, hours, work.now) is None:
        raise NotChanged
    work.note("case_work", key, "U", "session_count", "hours", person=row[OF_PERSON])
    said = checks.text("record", record, "服务记录", MOST_RECORD)
    person = Key(key.county, row[OF_PERSON])
    return await note(
        work,
        case_session,
        person,
        {"case_work_id": key.id, "held_on": held_on, "hours": hours, "record": said},
    )


async def close_case(
    work: Work, *, case: str, version: str, summary: str | None = None, closed_on: dt.date | None = None
) -> Key:
    _, row = await seen(work, cases, case, "opened_on")
    closed = day(work, "closedOn", closed_on, "结案日期")
    checks.period(row["opened_on"], closed)
    said = checks.text("summary", summary, "个案小结", MOST_RECORD)
    return await change(work, cases, case, version, {"closed_on": closed, "summary": said})


async def record_escort(
    work: Work,
    *,
    beneficiary: str,
    starts_on: dt.date,
    ends_on: dt.date | None = None,
    hospital: str | None = None,
    carers: list[str] | None = None,
    contract: str | None = None,
) -> Key:
    """AgainstRule where a rule of the place has fewer days, or fewer people at once (R199, A10)."""
    person = await seen_person(work, beneficiary)
    checks.come(work, "startsOn", starts_on, "开始日期")
    if ends_on is not None:
        checks.period(starts_on, ends_on)
    under = await under_contract(work, person, contract)
    await hold(work, person)
    if await work.own_row(SCATTERED, person.county, person.id, starts_on):
        await _keep_rules(work, person, starts_on, ends_on, under.contract)
    given: dict[str, Any] = {
        "contract_id": under.contract,
        "hospital": checks.text("hospital", hospital, "医院", checks.MOST_NAME),
        "starts_on": starts_on,
        "ends_on": ends_on,
        "carers": checks.texts("carers", carers or [], "陪护人员", checks.MOST_NAME),
    }
    return await note(work, hospital_escort, person.key, given)


async def _keep_rules(
    work: Work, person: Person, starts_on: dt.date, ends_on: dt.date | None, contract: int | None
) -> None:
    """Who records another under the same contract meanwhile waits."""
    await work.own_row(ALONE, contract or 0)
    rows = await work.own_row(AT_ONCE, person.county, person.id, contract, starts_on, ends_on)
    told: dict[str, Any] = {"escort.at_once": rows["others"] + 1}
    if ends_on is not None:
        told["escort.days"] = (ends_on - starts_on).days + 1
    keep_rules(person.division_code, starts_on, told)
