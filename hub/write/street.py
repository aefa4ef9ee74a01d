"""街面发现: somebody is found on the street, and the relief system is told (R171).

The message to it is written with the encounter, in one transaction; ``hub.sync.outgoing`` hands it over.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from hub.access.slices import CONTRACTOR
from hub.errors import BadArgument, Conflict
from hub.tables import beneficiary as beneficiaries
from hub.tables import street_encounter as encounters
from hub.write.checks import moment
from hub.write.source import NO_RUN, own_source
from hub.write.versions import still
from hub.write.work import Key, NotYours, Work, key_in, words

MOST_TEXT: Final = 500
MOST_NAME: Final = 50
OLDEST: Final = 130
ADULT: Final = 18
NAMED: Final = {
    "place": ("place", "发现地点", MOST_TEXT),
    "said_name": ("saidName", "自述姓名", MOST_NAME),
    "features": ("features", "体貌特征", MOST_TEXT),
}
PLACE: Final = "select true from division where code = $1"
PERSON: Final = "select true from beneficiary where county_code = $1 and id = $2"
NAME: Final = "select gen_random_uuid()::text as name"
ADD: Final = """
    insert into street_encounter (county_code, division_code, contractor_id, beneficiary_id, encountered_at,
        place, said_name, sex, estimated_age, features, is_minor, condition, is_willing, actions,
        report_state, source_id, record_key, content_hash, observed_at, received_at, run_id)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,
        'PENDING', $15, $16, $17, $5, $18, $19)
    returning id"""
TELL: Final = """
    insert into outgoing (name, entity, county_code, entity_id) values ($1, 'street_encounter', $2, $3)"""
SEEN: Final = """
    select report_state, is_minor, estimated_age, beneficiary_id from street_encounter
    where county_code = $1 and id = $2"""
CORRECT: Final = """
    update street_encounter set report_state = 'PENDING', report_refusal = null, place = coalesce($3, place),
        said_name = coalesce($4, said_name), features = coalesce($5, features), sex = coalesce($6, sex),
        estimated_age = coalesce($7, estimated_age), is_minor = coalesce($8, is_minor)
    where county_code = $1 and id = $2 returning true"""


class NotRefused(Conflict):
    """Only an encounter that the relief system has refused is corrected and told again."""

    zh = "仅被退回的街面发现可以更正后重新上报"


async def record(
    work: Work,
    *,
    division_code: str,
    encountered_at: dt.datetime,
    is_minor: bool,
    place: str | None = None,
    said_name: str | None = None,
    sex: str | None = None,
    estimated_age: int | None = None,
    features: str | None = None,
    condition: str | None = None,
    is_willing: bool | None = None,
    actions: list[str] | None = None,
    beneficiary: str | None = None,
) -> Key:
    """What was seen and done; where it is not what the rules ask for, ``dueActions`` says so."""
    county, person = division_code[:6], None
    if not await work.own_row(PLACE, division_code):
        raise BadArgument(
            "Expected divisionCode: a division of 12 digits.", zh="divisionCode 应为12位区划代码"
        )
    moment(work, "encounteredAt", encountered_at, "发现时间")
    _fit(is_minor, estimated_age)
    if beneficiary is not None:
        key = key_in(beneficiary, beneficiaries)
        if key.county != county or not await work.viewer_row(PERSON, *key):
            raise NotYours
        person = key.id
    told = dict(_texts(place=place, said_name=said_name, features=features))
    name = (await work.own_row(NAME))["name"]
    row = await work.viewer_row(
        ADD, county, division_code,
        work.viewer.organisation_id if work.viewer.role == CONTRACTOR else None,
        person, encountered_at, told["place"], told["said_name"], sex, estimated_age, told["features"],
        is_minor, condition, is_willing, list(dict.fromkeys(actions or ())),
        await own_source(work), f"encounter:{name}", work.vault.blind(name), work.now, NO_RUN,
    )  # fmt: skip
    made = Key(county, row["id"])
    await work.own_row(TELL, name, *made)
    work.note("street_encounter", made, "I", "encountered_at", person=person)
    return made


async def correct(
    work: Work,
    *,
    encounter: str,
    place: str | None = None,
    said_name: str | None = None,
    features: str | None = None,
    sex: str | None = None,
    estimated_age: int | None = None,
    is_minor: bool | None = None,
    version: str | None = None,
) -> Key:
    """Told again, as another message; what is not given stays."""
    key = key_in(encounter, encounters)
    seen = await work.viewer_row(SEEN, *key)
    if seen is None:
        raise NotYours
    if version is not None:
        await still(work, encounters, key, version)
    if seen["report_state"] != "REFUSED":
        raise NotRefused
    age = seen["estimated_age"] if estimated_age is None else estimated_age
    _fit(seen["is_minor"] if is_minor is None else is_minor, age)
    told = dict(_texts(place=place, said_name=said_name, features=features))
    if not await work.viewer_row(
        CORRECT, *key, told["place"], told["said_name"], told["features"], sex, estimated_age, is_minor
    ):
        raise NotYours  # seen, and another's
    await work.own_row(TELL, (await work.own_row(NAME))["name"], *key)
    work.note("street_encounter", key, "U", "report_state", person=seen["beneficiary_id"])
    return key


def _fit(is_minor: bool | None, age: int | None) -> None:
    if age is not None and not 0 <= age <= OLDEST:
        raise BadArgument(
            f"Expected estimatedAge: 0 to {OLDEST} years.", zh=f"estimatedAge 应为 0 至 {OLDEST}"
        )
    if age is not None and age < ADULT and is_minor is False:
        raise BadArgument(
            "Expected isMinor for who is taken for less than 18.", zh="估计年龄不满18岁的，isMinor 应为 true"
        )


def _texts(**given: str | None) -> Any:
    for name, text in given.items():
        en, zh, most = NAMED[name]
        yield name, None if text is None else words(en, text, most, zh=zh)
