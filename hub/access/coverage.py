"""How far an answer about a programme can be relied on: where sources tell of it, and how long ago they did.

A county is *covered* for a programme when a source for it has ever told of a member, and succeeded; *fresh*
while one of them is no older than its registration promises (``source.max_age_hours``). What comes of that is
one answer for everybody of whom no YES is known, so that nothing but a YES tells of a person
(docs/adr/0044-four-answers.md).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final

from cachetools import TTLCache

from hub.store.database import Database

SECONDS: Final = 2
"""How long a run of a source may take to be noticed."""
KEPT: Final = 4_096

# A county is where townships are; of a source the newest success that asked somebody, by when it began.
ASKED: Final = """
    with here as (
        select distinct left(code, 6) as county_code from division
        where code >= $1 and code < $2 and substr(code, 7, 3) <> '000'
        union select left($1, 6) where substr($1, 5, 2) <> '00'),
    told as (
        select p.category, p.county_code, p.source_id, s.max_age_hours, (
            select r.started_at from sync_run r
            where r.source_id = s.id and r.status = 'SUCCEEDED' and not r.is_replay
            order by r.started_at desc limit 1) as as_of
        from programme_source p join here using (county_code) join source s on s.id = p.source_id
        where p.category = $3)
    select h.county_code, t.as_of, t.as_of + make_interval(hours => t.max_age_hours) as until
    from here h left join lateral (
        select t.as_of, t.max_age_hours from told t
        where t.county_code = h.county_code and t.as_of is not null
        order by t.as_of + make_interval(hours => t.max_age_hours) desc limit 1) t on true
    order by h.county_code"""


County = tuple[str, dt.datetime | None, dt.datetime | None]
"""Its code, since when it is told of, and until when that is good."""


class Answer(Enum):
    """What is known of a person and a programme on a day."""

    YES = "YES"
    NO = "NO"
    UNKNOWN = "UNKNOWN"
    STALE = "STALE"


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one answer: since when it is known, and until when it is promised; None where nobody has told."""

    answer: Answer
    as_of: dt.datetime | None
    until: dt.datetime | None
    memo: dict[Any, str] = field(default_factory=dict, compare=False)
    """How it is told, for who tells it thousands of times."""


@dataclass(frozen=True, slots=True)
class Reliance:
    """Of a programme in a division: ``fresh`` counties, where a membership is a YES; of everybody else
    ``other``. ``yes`` is the same for every YES: it does not tell in which county somebody lives."""

    fresh: Sequence[str]
    yes: Standing
    other: Standing


def reliance(counties: Sequence[County], now: dt.datetime) -> Reliance:
    known = [
        (county, as_of, until) for county, as_of, until in counties if as_of is not None and until is not None
    ]
    fresh = [each for each in known if each[2] >= now]
    answer = Answer.NO
    if len(known) < len(counties) or not counties:
        answer = Answer.UNKNOWN
    elif len(fresh) < len(known):
        answer = Answer.STALE
    return Reliance(
        tuple(county for county, *_ in fresh),
        _standing(Answer.YES, fresh),
        Standing(answer, None, None) if answer is Answer.UNKNOWN else _standing(answer, known),
    )


def _standing(answer: Answer, known: Sequence[tuple[str, dt.datetime, dt.datetime]]) -> Standing:
    """As old as the oldest of what it rests on."""
    return Standing(
        answer,
        min((as_of for _, as_of, _ in known), default=None),
        min((until for *_, until in known), default=None),
    )


class Coverage:
    """Asked anew every two seconds at most, and not for each question."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: TTLCache[tuple[str, str, str], Reliance] = TTLCache(KEPT, SECONDS)

    async def of(self, viewer: Mapping[str, str], programme: str, now: dt.datetime) -> Reliance:
        """``viewer``: its values, of which the division counts."""
        key = viewer["lo"], viewer["hi"], programme
        found = self._known.get(key)
        if found is None:
            rows = await self._database.fetch(ASKED, *key)
            counties = [(row["county_code"], row["as_of"], row["until"]) for row in rows]
            found = self._known[key] = reliance(counties, now)
        return found
