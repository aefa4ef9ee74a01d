"""How many records meet each bound, of a division and what lies in it: from what is kept, judging nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from hub.compliance.following import WAITING
from hub.compliance.keeping import PERSON
from hub.domain.division import code_range
from hub.domain.norms import RULES, Bound, Rule
from hub.domain.vocabulary import NormSubject
from hub.store.database import Fetch

MOST: Final = 5_000
"""Sums in an answer."""

_BY: Final = {(rule.document.code, rule.key): rule for rule in RULES}
_SUMS: Final = f"""
    select place, subject, document, rule, bound,
        sum(count) filter (where status = 'MET') as met,
        sum(count) filter (where status = 'NOT_MET') as not_met,
        sum(count) filter (where status = 'DUE') as due,
        sum(count) filter (where status = 'UNKNOWN') as unknown
    from (
        select rpad(left(division_code, $3), 12, '0') as place, subject, document, rule, bound, status,
            count(*) as count
        from work_verdict
        where county_code between left($1, 6) and left($2, 6) and division_code >= $1 and division_code < $2
            and subject = any ($4) and (rule = any ($5) or $5 is null)
        group by 1, 2, 3, 4, 5, 6
        union all
        select rpad(left(division_code, $3), 12, '0'), '{PERSON}', document, rule, bound, status, sum(count)
        from beneficiary_verdict_tally
        where county_code between left($1, 6) and left($2, 6) and division_code >= $1 and division_code < $2
            and '{PERSON}' = any ($4) and (rule = any ($5) or $5 is null)
        group by 1, 2, 3, 4, 5, 6) kept
    group by 1, 2, 3, 4, 5 having sum(count) <> 0
    order by 1, 2, 3, 4, 5 limit {MOST + 1}"""
_STATE: Final = f"""
    select min(day) as day, bool_or(day is null) as again, count(*) as counties, ({WAITING}) as waiting,
        (select judged_at from judged where id = 1) as judged_at
    from judged_county
    where county_code || '000000' >= left($1, 6) || '000000' and county_code || '000000' < $2"""


class TooMany(Exception):
    """More than ``MOST`` sums."""


class Sum(NamedTuple):
    """``place``: code of a division, 12 digits."""

    place: str
    subject: NormSubject
    rule: Rule
    bound: Bound
    met: int
    not_met: int
    due: int
    unknown: int


@dataclass(frozen=True, slots=True)
class Summed:
    """``day``: the earliest for which some county was judged; None where none was, or one is to be anew.

    ``settled``: no change waits to be judged.
    """

    day: dt.date | None
    judged_at: dt.datetime | None
    settled: bool
    sums: Sequence[Sum]


async def summed(
    fetch: Fetch,
    division_code: str,
    digits: int,
    subjects: Collection[NormSubject],
    keys: Sequence[str] | None = None,
) -> Summed:
    """Of a division, by divisions of which so many digits are their own. TooMany.

    ``fetch``: with the hub's own rights.
    """
    low, high = code_range(division_code)
    rows = await fetch(_SUMS, low, high, digits, [str(each) for each in subjects], keys)
    if len(rows) > MOST:
        raise TooMany
    (state,) = await fetch(_STATE, low, high)
    sums = [
        Sum(row["place"], NormSubject(row["subject"]), rule, rule.bounds[row["bound"]], *numbers)
        for row in rows
        if (rule := _BY.get((row["document"], row["rule"]))) and row["bound"] < len(rule.bounds)
        for numbers in [[int(row[name] or 0) for name in ("met", "not_met", "due", "unknown")]]
    ]
    day = None if state["again"] else state["day"]
    return Summed(day, state["judged_at"], not state["waiting"] and day is not None, sums)
