"""更正申请: who sees a wrong value asks the source that states it to put it right, and sees how that ends.

The owner of a source is the office of its division. It accepts or refuses; that it is done nobody has to say:
the run of the source in which it states the proposed value ends the request (``hub.sync.corrections``).
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from hub.access.slices import CONTRACTOR
from hub.domain.vocabulary import PersonField
from hub.errors import BadArgument, Conflict
from hub.store.winners import order_of, says
from hub.tables import beneficiary as beneficiaries
from hub.tables import correction_request as requests
from hub.write.counties import hold_person
from hub.write.overriding import MOST_REASON, see_field, seen_person, value_for
from hub.write.parties import called
from hub.write.work import Key, NotYours, Work, key_in, words

SAYING: Final = """
    select r.source_id, r."{column}" as said, s.code, s.correction_days
    from beneficiary_record r join source s on s.id = r.source_id
    where r.county_code = $1 and r.entity_id = $2 and r.overrides is null
        and ($3::text is null or s.code = $3) and ({states} or $3::text is not null)
    order by {states} desc, {order} limit 1"""
WAITING: Final = """
    select true from correction_request
    where county_code = $1 and beneficiary_id = $2 and source_id = $3 and field = $4
        and status in ('OPEN', 'ACCEPTED')"""
ADD: Final = """
    insert into correction_request (county_code, beneficiary_id, source_id, source_code, field, value, reason,
        status, asked_by, asked_division_code, organisation_id, asked_at, due_on)
    values ($1, $2, $3, $12, $4, $5, $6, 'OPEN', $7, $8, $9, $10, $11) returning id"""
SEEN: Final = (
    "select beneficiary_id, field, status from correction_request where county_code = $1 and id = $2"
)
DECIDE: Final = """
    update correction_request set status = $3, decided_at = $4, decision_reason = $5
    where county_code = $1 and id = $2 and status = any ($6::text[]) returning id"""


class NoSource(BadArgument):
    """Expected a source that states this field of the person, and that you see."""

    zh = "没有可见来源陈述该字段"


class SaidAlready(BadArgument):
    """The source states this value."""

    zh = "该来源已是此值"


class AskedAlready(Conflict):
    """The source was asked to put this field right, and has not answered yet."""

    zh = "该字段已有未办结的更正申请"


class CorrectionDecided(Conflict):
    """The request was decided on, or is done."""

    zh = "该更正申请已办结"


async def ask_correction(
    work: Work,
    *,
    beneficiary: str,
    field: str,
    reason: str,
    value: str | None = None,
    source: str | None = None,
) -> Key:
    """Of ``source``, by its code, else the one whose value stands; ``value`` None: that there is nothing."""
    which = PersonField(field)
    county, person = await seen_person(work, beneficiary, which)
    said, text = words("reason", reason, MOST_REASON, zh="理由"), await value_for(work, which, county, value)
    await hold_person(work.connection, county, person)
    asked = await work.viewer_row(_saying(which), county, person, source)
    if asked is None:
        raise NoSource
    if _as_text(work, which, asked["said"]) == text:
        raise SaidAlready
    if await work.own_row(WAITING, county, person, asked["source_id"], field):
        raise AskedAlready
    viewer, days = work.viewer, asked["correction_days"] or work.limits.correction_days
    organisation = viewer.organisation_id if viewer.role == CONTRACTOR else None
    made = await work.viewer_row(
        ADD, county, person, asked["source_id"], field, None if text is None else work.vault.seal(text),
        work.vault.seal(said), await called(work), viewer.division_code, organisation, work.now,
        work.today + dt.timedelta(days=days), asked["code"],
    )  # fmt: skip
    key = Key(county, made["id"])
    work.note("correction_request", key, "I", "field", "value", person=person)
    return key


def _saying(field: PersonField) -> str:
    """The viewer's own look: a source it does not see is none it can ask."""
    states = says("r", field.column)
    ranked = order_of("r", beneficiaries, field.column)
    return SAYING.format(column=field.column, states=states, order=ranked)


def _as_text(work: Work, field: PersonField, said: Any) -> str | None:
    if said is None:
        return None
    return work.vault.open(said) if beneficiaries.c[field.column].info.get("sealed") else str(said)


async def accept(work: Work, *, correction: str) -> Key:
    """The owner will put it right."""
    return await _decide(work, correction, "ACCEPTED", None, ["OPEN"])


async def refuse(work: Work, *, correction: str, reason: str) -> Key:
    """The owner stands by the value, also after it had accepted."""
    said = work.vault.seal(words("reason", reason, MOST_REASON, zh="理由"))
    return await _decide(work, correction, "REFUSED", said, ["OPEN", "ACCEPTED"])


async def _decide(work: Work, correction: str, status: str, reason: bytes | None, before: list[str]) -> Key:
    key = key_in(correction, requests)
    found = await work.viewer_row(SEEN, key.county, key.id)
    if found is None:
        raise NotYours
    see_field(work, PersonField(found["field"]))
    if found["status"] not in before:
        raise CorrectionDecided
    if await work.viewer_row(DECIDE, key.county, key.id, status, work.now, reason, before) is None:
        again = await work.viewer_row(SEEN, key.county, key.id)
        # Of a source elsewhere the policy lets nothing be found.
        raise NotYours if again is not None and again["status"] in before else CorrectionDecided
    work.note("correction_request", key, "U", "status", person=found["beneficiary_id"])
    return key
