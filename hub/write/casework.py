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
SCATTERED: Final = """exists (
    select from category_membership m
    where m.county_code = {county} and m.beneficiary_id = {person} and m.category = 'TEKUN'
        and m.support_mode is distinct from 'INSTITUTION'
        and m.starts_on <= {day} and (m.ends_on is null or m.ends_on >= {day}))"""
"""Of whom R199 speaks; who is not said to live in an institution is taken not to."""
SPOKEN_OF: Final = f"select {SCATTERED.format(county='$1', person='$2', day='$3::date')} as found"
AT_ONCE: Final = f"""
    with others as (
        select e.beneficiary_id, e.starts_on, coalesce(e.ends_on, 'infinity') as ends_on
        from hospital_escort e
        where e.county_code = $1 and e.beneficiary_id <> $2 and e.contract_id is not distinct from $3
            and e.starts_on <= $5 and coalesce(e.ends_on, 'infinity') >= $4
            and {SCATTERED.format(county="e.county_code", person="e.beneficiary_id", day="e.starts_on")})
    select coalesce(max(people), 0) as most from (
        select count(distinct o.beneficiary_id) as people
        from (select greatest(starts_on, $4) as day from others) d
        join others o on o.starts_on <= d.day and o.ends_on >= d.day
        group by d.day) days"""
"""Of other people, the most on one day: it is one on which an escort begins."""
ALONE: Final = "select pg_advisory_xact_lock(hashtextextended('hospital escort', $1))"


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
    ends_on: dt.date,
    hospital: str | None = None,
    carers: list[str] | None = None,
    contract: str | None = None,
) -> Key:
    """AgainstRule where a rule of the place has fewer days, or fewer people at once (R199, A10)."""
    person = await seen_person(work, beneficiary)
    checks.come(work, "startsOn", starts_on, "开始日期")
    checks.period(starts_on, ends_on)
    under = await under_contract(work, person, contract)
    await hold(work, person)
    spoken_of = await work.own_row(SPOKEN_OF, person.county, person.id, starts_on)
    if spoken_of["found"]:
        await work.own_row(ALONE, under.contract or 0)
        others = await work.own_row(AT_ONCE, *person.key, under.contract, starts_on, ends_on)
        told = {"escort.at_once": others["most"] + 1, "escort.days": (ends_on - starts_on).days + 1}
        keep_rules(person.division_code, starts_on, told)
    given: dict[str, Any] = {
        "contract_id": under.contract,
        "hospital": checks.text("hospital", hospital, "医院", checks.MOST_NAME),
        "starts_on": starts_on,
        "ends_on": ends_on,
        "carers": checks.texts("carers", carers or [], "陪护人员", checks.MOST_NAME),
    }
    return await note(work, hospital_escort, person.key, given)
