"""The calendar of what must be told: every window that ends within some days, each with its own verdict.

A verdict is of the window that a day is in. Here all have one, by the facts of today: a report of March that
was handed in during April is March's. A line is late by its own window alone, not by the one before.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from hub.compliance.boards import Board, on_board
from hub.compliance.duties import UNDATED
from hub.compliance.evaluate import Decided, Verdict, judged, verdict_of
from hub.compliance.judging import WINDOWS, comparison, filled, of_term, target_of
from hub.compliance.measure import Events, anniversary, local_day
from hub.domain.norms import Bound, Rule, rules_between
from hub.domain.vocabulary import NormComparator, NormPeriod, NormSubject, VerdictStatus
from hub.store.database import Fetch

SENT: Final[Mapping[str, str]] = {
    "report": local_day("submitted_at"),
    "bulletin": "issued_on",
    "supervision": local_day("notified_bureau_at"),
    "evaluation": "evaluated_on",
}
"""By table: the day on which what it holds reached whom it is for."""


async def calendar(
    fetch: Fetch,
    subjects: Collection[NormSubject],
    division_code: str,
    ids: Sequence[int],
    first: dt.date,
    last: dt.date,
    today: dt.date,
) -> list[Verdict]:
    """Of each record what is due from ``first`` to ``last``, and what runs then without a day."""
    rules = rules_between(division_code, first, last)
    found = [*_undated(rules, subjects, ids)]
    for each in on_board(Board.REPORTS, rules, subjects):
        if isinstance(each.measure, Events):
            given = division_code[:6], [*ids], today, first, last
            rows = await fetch(windows(each, each.measure), *given)
            found += [verdict_of(each, row) for row in rows]
        else:
            made = await judged(fetch, each, division_code, ids, today)
            if each.bound.value is None:
                made = [replace(one, due_on=None) for one in made]
            found += [one for one in made if one.due_on is None or first <= one.due_on <= last]
    return found


def _undated(
    rules: Sequence[Rule], subjects: Collection[NormSubject], ids: Sequence[int]
) -> Iterator[Verdict]:
    for rule in rules:
        if rule.key in UNDATED and rule.subject in subjects:
            bound = Bound(UNDATED[rule.key][0], NormComparator.AT_LEAST)
            for id_ in ids:
                yield Verdict(id_, rule, bound, VerdictStatus.UNKNOWN, None, None, None, None, ())


def windows(each: Decided, measure: Events) -> str:
    """A statement with the parameters of the measure, and ``$4`` and ``$5``, first and last day; its rows are
    those of ``judging.verdicts``, one for each window."""
    bound, target = each.bound, target_of(each.bound)
    known = bound.value is not None
    enough = comparison(bound, "v.value", target)
    over = f"when v.value > {target} then 'NOT_MET'" if bound.comparator is NormComparator.EXACTLY else ""
    within = "w.high between $4 and $5" if known else "w.low <= $5 and w.high >= $4"
    document = each.rule.document
    valid = f"w.high >= date '{document.effective_from}'"
    if document.effective_to is not None:
        valid += f" and w.low <= date '{document.effective_to}'"
    return f"""
        select v.id, case
            when {target} is null then 'UNKNOWN'
            when {enough} then 'MET'
            {over}
            when $3 < v.high then 'DUE'
            else 'NOT_MET' end as status,
            v.value::text as value, ({target})::text as target, v.low as from_on,
            {"nullif(v.high, 'infinity')" if known else "null::date"} as due_on, v.inputs
        from (
            select w.id, w.low, w.high, coalesce(sum(e.amount), 0) as value,
                coalesce(array_agg(e.record order by e.on_day desc, e.record)
                    filter (where e.record is not null), '{{}}') as inputs
            from ({_windows(each, measure)}) w
                left join ({filled(each.rule, bound, measure.sql)}) e
                    on e.id = w.id and e.on_day between w.low and w.high
            where {within} and {valid}
            group by w.id, w.low, w.high) v
        order by v.id, v.low"""


def _windows(each: Decided, measure: Events) -> str:
    """All windows of the duty that have a day in common with those asked for."""
    bound, spans = each.bound, filled(each.rule, each.bound, measure.spans)
    until = "coalesce(d.until_on, 'infinity'::date)"
    if bound.period is not None and bound.period in WINDOWS and not of_term(bound, measure):
        length = WINDOWS[bound.period][1]
        unit = "week" if bound.period is NormPeriod.WEEK else "year"
        begins = f"date_trunc('{unit}', greatest(d.from_on, $4::date)::timestamp)"
    elif bound.period in (NormPeriod.CONTRACT_YEAR, NormPeriod.YEAR):
        last = f"least({until}, $5::date)"
        return f"""
            select d.id, {anniversary("d.from_on", "n")} as low,
                least({anniversary("d.from_on", "n + 1")} - 1, {until}) as high
            from ({spans}) d
                cross join generate_series(0, extract(year from age({last}, d.from_on))::int) n
            where d.from_on is not null and {anniversary("d.from_on", "n + 1")} > $4::date"""
    else:
        return f"""
            select d.id, d.from_on as low, {until} as high from ({spans}) d where d.from_on is not null"""
    return f"""
        select d.id, greatest(n::date, d.from_on) as low,
            least((n + interval '{length}')::date - 1, {until}) as high
        from ({spans}) d
            cross join generate_series({begins}, least({until}, $5::date)::timestamp, interval '{length}') n
        where d.from_on is not null and (n + interval '{length}')::date > greatest($4, d.from_on)"""


async def sent_on(fetch: Fetch, made: Sequence[Verdict]) -> Mapping[str, dt.date]:
    """Of the records that verdicts were made of, the day each was sent."""
    found: dict[str, dt.date] = {}
    for table, day in SENT.items():
        of = f"{table}:"
        named = {each for one in made for each in one.inputs if each.startswith(of)}
        if named:
            ids = [int(each.removeprefix(of)) for each in named]
            rows = await fetch(f"select x.id, {day} as day from {table} x where x.id = any ($1)", ids)
            found |= {f"{of}{row['id']}": row["day"] for row in rows if row["day"] is not None}
    return found
