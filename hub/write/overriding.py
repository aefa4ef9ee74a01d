"""人工核定: a steward of the bureau decides on a field of a person, for a reason and until a day.

What sources say stays as it is, and stands again when the decision ends: on the day after its last one
(``expire``), by a steward, or because another decision on the field takes its place.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from hub.access.readable import readable
from hub.domain.text import mask_name
from hub.domain.vocabulary import PersonField
from hub.errors import BadArgument, Conflict, Forbidden
from hub.store.database import Connection, Database
from hub.store.listener import CHANGES
from hub.store.overrides import put, take
from hub.tables import PERSON, led_by
from hub.tables import beneficiary as beneficiaries
from hub.tables import field_override as overrides
from hub.write.counties import hold_county, hold_person
from hub.write.person_values import WrongValue, canonical, typed
from hub.write.source import own_source
from hub.write.work import Key, NotYours, Work, key_in, words

MOST_REASON: Final = 500
BY_SOURCES_ONLY: Final = frozenset({PersonField.ID_NUMBER, PersonField.DISABILITY_CERTIFICATE})
"""Sources find the person by them, so only a source puts them right."""

SEEN_PERSON: Final = "select division_code from beneficiary where county_code = $1 and id = $2"
OFFICE: Final = "select full_name from division where code = $1"
IN_COUNTY: Final = "select true from division where code = $1 and left(code, 6) = $2"
STANDING: Final = """
    update field_override set ended_at = $4, end_reason = 'REPLACED'
    where county_code = $1 and beneficiary_id = $2 and field = $3 and ended_at is null returning id"""
ADD: Final = """
    insert into field_override (county_code, beneficiary_id, field, value, reason, made_by,
        made_division_code, made_at, ends_on)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9) returning id"""
SEEN: Final = "select beneficiary_id, field, ended_at from field_override where county_code = $1 and id = $2"
END: Final = """
    update field_override set ended_at = $3, end_reason = 'ENDED'
    where county_code = $1 and id = $2 and ended_at is null returning id"""
OVER: Final = """
    update field_override set ended_at = $3, end_reason = 'EXPIRED'
    where county_code = $1 and ended_at is null and ends_on < $2 returning id, field"""
COUNTIES: Final = """
    select distinct county_code from field_override where ended_at is null and ends_on < $1 order by 1"""
CHANGED: Final = """
    insert into change (entity, county_code, entity_id, operation)
    select $1, $2, id, 'U' from unnest($3::bigint[]) n (id)"""


class FieldHidden(Forbidden):
    """You do not see this field of people."""

    zh = "无权查看该字段"


class OverrideOver(Conflict):
    """This decision has ended."""

    zh = "该核定已终止"


async def override_field(
    work: Work, *, beneficiary: str, field: str, reason: str, until: dt.date, value: str | None = None
) -> Key:
    """From now on, to the end of ``until``; ``value`` None: that there is nothing."""
    which = PersonField(field)
    county, person = await seen_person(work, beneficiary, which)
    if which in BY_SOURCES_ONLY:
        raise BadArgument(
            "Expected another field: numbers are put right by their source; ask it for a correction.",
            zh="证件号码由来源更正，请提交更正申请",
        )
    last = work.today + dt.timedelta(days=work.limits.override_days)
    if not work.today <= until <= last:
        raise BadArgument(f"Expected until from today to {last}.", zh=f"截止日期应为当日至 {last}")
    said = words("reason", reason, MOST_REASON, zh="理由")
    text = await value_for(work, which, county, value)
    await hold_county(work.connection, county, beside_others=True)
    await hold_person(work.connection, county, person)
    replaced = [row["id"] for row in await work.own_rows(STANDING, county, person, field, work.now)]
    office = await work.own_row(OFFICE, work.viewer.division_code)
    sealed = None if text is None else work.vault.seal(text)
    made = await work.viewer_row(
        ADD, county, person, field, sealed, work.vault.seal(said), office["full_name"] if office else "",
        work.viewer.division_code, work.now, until,
    )  # fmt: skip
    key = Key(county, made["id"])
    work.note("field_override", key, "I", "field", "value", person=person)
    for number in replaced:
        work.note("field_override", Key(county, number), "U", "end_reason", person=person)
    await take(work.connection, beneficiaries, county, replaced, [which.column])
    source = await own_source(work)
    await put(work.connection, beneficiaries, source, county, person, key.id, _columns(which, text))
    work.note(PERSON, Key(county, person), "U", which.column)
    return key


async def end_override(work: Work, *, override: str) -> Key:
    """What sources say stands again at once."""
    key = key_in(override, overrides)
    county = str(key.county)
    found = await work.viewer_row(SEEN, county, key.id)
    if found is None:
        raise NotYours
    see_field(work, PersonField(found["field"]))
    await hold_county(work.connection, county, beside_others=True)
    await hold_person(work.connection, county, found["beneficiary_id"])
    if await work.viewer_row(END, county, key.id, work.now) is None:
        raise OverrideOver
    column = PersonField(found["field"]).column
    await take(work.connection, beneficiaries, county, [key.id], [column])
    work.note("field_override", key, "U", "end_reason", person=found["beneficiary_id"])
    work.note(PERSON, Key(county, found["beneficiary_id"]), "U", column)
    return key


async def expire(database: Database, now: dt.datetime) -> int:
    """Ends decisions whose last day is over; how many."""
    count = 0
    for row in await database.owner.fetch(COUNTIES, now.date()):
        async with database.transaction() as connection:
            count += await _expire(connection, row["county_code"], now)
    return count


async def _expire(connection: Connection, county: str, now: dt.datetime) -> int:
    await hold_county(connection, county)
    ended = await connection.fetch(OVER, county, now.date(), now)
    numbers = [row["id"] for row in ended]
    columns = [PersonField(row["field"]).column for row in ended]
    changed = await take(connection, beneficiaries, county, numbers, columns) if ended else []
    await connection.execute(CHANGED, "field_override", county, numbers)
    await connection.execute(CHANGED, PERSON, county, changed)
    await connection.execute("select pg_notify($1, 'overrides')", CHANGES)
    return len(ended)


async def seen_person(work: Work, given: str, field: PersonField) -> tuple[str, int]:
    """County and number of a person the viewer sees, with the field; NotYours, FieldHidden."""
    county, person = key_in(given, beneficiaries)
    if await work.viewer_row(SEEN_PERSON, county, person) is None:
        raise NotYours
    see_field(work, field)
    return str(county), person


def see_field(work: Work, field: PersonField) -> None:
    """FieldHidden: nobody decides on what is not shown to them."""
    own = readable(work.viewer.capability, PERSON)
    if own is None or not own.shows(beneficiaries.c[field.column]):
        raise FieldHidden


async def value_for(work: Work, field: PersonField, county: str, given: str | None) -> str | None:
    """In its canonical form; WrongValue."""
    text = canonical(field, given, work.today)
    if field is PersonField.DIVISION_CODE and not await work.own_row(IN_COUNTY, text, county):
        raise WrongValue
    return text


def _columns(field: PersonField, text: str | None) -> dict[str, Any]:
    """The column, and what is made of it."""
    values = {name: typed(field, text) for name in led_by(beneficiaries, field.column)}
    if field is PersonField.NAME:
        values["name_masked"] = mask_name(text or "")
    return values
