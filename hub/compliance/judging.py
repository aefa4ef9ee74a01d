"""Makes verdicts of measures: SQL that compares what is measured with a bound, within its period."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

from hub.compliance.measure import OPTIONAL, Events, Measure, State, anniversary
from hub.domain.norms import Bound, Rule
from hub.domain.norms.met import ORDERS
from hub.domain.vocabulary import NormComparator, NormPeriod, NormSubject

OPERATORS: Final[Mapping[NormComparator, str]] = {
    NormComparator.AT_LEAST: ">=",
    NormComparator.MORE_THAN: ">",
    NormComparator.AT_MOST: "<=",
    NormComparator.LESS_THAN: "<",
    NormComparator.EXACTLY: "=",
}

_DAY: Final = "$3::date::timestamp"
_HALF: Final = (
    f"date_trunc('year', {_DAY})"
    " + make_interval(months => case when extract(month from $3::date) < 7 then 0 else 6 end)"
)
WINDOWS: Final[Mapping[NormPeriod, tuple[str, str]]] = {
    NormPeriod.WEEK: (f"date_trunc('week', {_DAY})", "7 days"),
    NormPeriod.MONTH: (f"date_trunc('month', {_DAY})", "1 month"),
    NormPeriod.QUARTER: (f"date_trunc('quarter', {_DAY})", "3 months"),
    NormPeriod.HALF_YEAR: (f"({_HALF})", "6 months"),
    NormPeriod.YEAR: (f"date_trunc('year', {_DAY})", "1 year"),
}
"""First moment and length. Of the calendar; a week begins on Monday. No document says which is
meant: the hub reads it so."""

_MET: Final = re.compile(r"\{([^{}|]*)\|([\w.]+)\}")
_CONTRACTED: Final = frozenset({NormSubject.CONTRACT, NormSubject.CONTRACTOR})


def verdicts(rule: Rule, bound: Bound, measure: Measure) -> str:
    """A statement with the parameters of the measure: ``id``, ``status``, ``value``, ``target``, ``from_on``,
    ``due_on``, ``inputs`` of each record it is about."""
    if isinstance(measure, State):
        return _of_state(rule, bound, measure)
    return _of_events(rule, bound, measure)


def _of_state(rule: Rule, bound: Bound, measure: State) -> str:
    others = ", ".join(
        f"m.{name}" if name in measure.optional else f"{default} as {name}"
        for name, default in OPTIONAL.items()
        if name != "target"
    )
    target = "m.target" if "target" in measure.optional else target_of(bound)
    holds = comparison(bound, "v.value", "v.limit")
    return f"""
        select v.id, case
            when not v.applies then 'NOT_APPLICABLE'
            when v.value is null or v.limit is null then 'UNKNOWN'
            when {holds} then 'MET'
            when v.due_on >= $3 then 'DUE'
            else 'NOT_MET' end as status,
            nullif({_text("v.value", bound)}, 'infinity') as value, {_text("v.limit", bound)} as target,
            null::date as from_on, v.due_on, coalesce(array_remove(v.inputs, null), '{{}}') as inputs
        from (select m.id, m.value, {target} as limit, {others}
            from ({filled(rule, bound, measure.sql)}) m) v"""


def _of_events(rule: Rule, bound: Bound, measure: Events) -> str:
    target = target_of(bound)
    inside = "e.on_day between s_.low and least(s_.high, $3)"
    before = "e.on_day between s_.low_before and s_.low - 1"
    enough, enough_before = comparison(bound, "v.value", target), comparison(bound, "v.before", target)
    most = bound.comparator in (NormComparator.AT_MOST, NormComparator.LESS_THAN)
    # Of each record by itself: PostgreSQL takes many ids of a county for one, and looks for all each time.
    events = filled(rule, bound, measure.sql).replace("$2", "array[s_.id]")
    too_many = f"when v.value > {target} then 'NOT_MET'" if bound.comparator is NormComparator.EXACTLY else ""
    return f"""
        select v.id, case
            when v.from_on is null or $3 < v.from_on or not v.applies then 'NOT_APPLICABLE'
            when {target} is null then 'UNKNOWN'
            when {enough} then 'MET'
            {too_many}
            when v.from_on = '-infinity' then 'UNKNOWN'
            when {"true" if most else f"v.low_before >= v.from_on and not ({enough_before})"} then 'NOT_MET'
            when $3 < v.high then 'DUE'
            else 'NOT_MET' end as status,
            v.value::text as value, ({target})::text as target,
            nullif(v.low, '-infinity') as from_on, nullif(v.high, 'infinity') as due_on, v.inputs
        from (
            select s_.id, s_.from_on, s_.low, s_.high, s_.low_before, s_.applies,
                coalesce(sum(e.amount) filter (where {inside}), 0) as value,
                coalesce(sum(e.amount) filter (where {before}), 0) as before,
                coalesce(array_agg(e.record order by e.on_day desc, e.record) filter (where {inside}), '{{}}')
                    as inputs
            from ({_spans(rule, bound, measure)}) s_
                left join lateral ({events}) e on e.id = s_.id
            group by 1, 2, 3, 4, 5, 6) v"""


def _spans(rule: Rule, bound: Bound, measure: Events) -> str:
    """Of each record the window that the day is in, and the first day of the one before where it has one."""
    until, applies = "coalesce(d.until_on, 'infinity'::date)", "$3 <= coalesce(d.until_on, 'infinity'::date)"
    if bound.period is not None and bound.period in WINDOWS and not of_term(bound, measure):
        begins, length = WINDOWS[bound.period]
        low, before = f"({begins})::date", f"({begins} - interval '{length}')::date"
        end = f"({begins} + interval '{length}')::date - 1"
    elif bound.period in (NormPeriod.CONTRACT_YEAR, NormPeriod.YEAR):
        day = "$3::date"
        if measure.stays:
            day, applies = f"least($3::date, {until})", "true"
        years = f"greatest(extract(year from age({day}, d.from_on))::int, 0)"
        low, before, end = (anniversary("d.from_on", f"{years} {more}") for more in ("", "- 1", "+ 1"))
        end += " - 1"
    else:
        low, before, end, applies = "d.from_on", "null::date", until, "true"
    return f"""
        select d.id, d.from_on, greatest({low}, d.from_on) as low, least({end}, {until}) as high,
            {before} as low_before, {applies} as applies
        from ({filled(rule, bound, measure.spans)}) d"""


def of_term(bound: Bound, measure: Events) -> bool:
    """Whether a year is counted from the first day of a contract and not by the calendar (A5, A26)."""
    return bound.period is NormPeriod.YEAR and measure.subject in _CONTRACTED


def comparison(bound: Bound, value: str, target: str | None = None) -> str:
    """Whether ``value`` meets the bound, in SQL."""
    limit = target_of(bound) if target is None else target
    match bound.comparator:
        case NormComparator.ONE_OF:
            return f"{value} = any ({limit})"
        case NormComparator.ALL_OF:
            return f"{value}::text[] @> {limit}"
        case NormComparator.READS:
            return f"{value} = {limit}"
        case NormComparator.CONTAINS:
            return f"strpos({value}, {limit}) > 0"
        case NormComparator.WITHIN if bound.unit == "DATE":
            return f"{value} between ({limit})[1]::date and ({limit})[2]::date"
        case NormComparator.WITHIN:
            return f"starts_with({value}, {limit})"
    if order := ORDERS.get(bound.unit or ""):
        words = _array(order)
        value, limit = f"array_position({words}, {value})", f"array_position({words}, {limit})"
    return f"{value} {OPERATORS[bound.comparator]} {limit}"


def target_of(bound: Bound) -> str:
    """What the bound asks for, in SQL."""
    match bound.value:
        case None:
            return "null::numeric"
        case Decimal() as number:
            return f"{number}::numeric"
        case dt.date() as day:
            return _date(day)
        case str() as word:
            return f"{_quoted(word)}::text"
        case words:
            return _array(words)


def _text(value: str, bound: Bound) -> str:
    several = (
        isinstance(bound.value, tuple) if value == "v.limit" else bound.comparator is NormComparator.ALL_OF
    )
    return f"array_to_string({value}, '、')" if several else f"{value}::text"


def _array(words: Sequence[str]) -> str:
    return f"array[{', '.join(map(_quoted, words))}]::text[]"


def _quoted(word: str) -> str:
    return "'" + word.replace("'", "''") + "'"


def filled(rule: Rule, bound: Bound, sql: str) -> str:
    """A statement with what it takes from the rule; see ``hub.compliance.measure``."""

    def met(found: re.Match[str]) -> str:
        others = [other for other in rule.bounds if other.quantity == found[2]]
        if not others:
            raise LookupError(f"{rule.key} bounds no {found[2]}")
        if not found[1]:
            return target_of(others[0])
        return f"({' and '.join(comparison(other, found[1]) for other in others)})"

    document = rule.document
    for name, value in {
        "target": target_of(bound),
        "base": "null::text" if bound.base is None else f"{_quoted(bound.base)}::text",
        "effective_from": _date(document.effective_from),
        "effective_to": _date(document.effective_to),
    }.items():
        sql = sql.replace(f"{{{name}}}", value)
    return _MET.sub(met, sql)


def _date(day: dt.date | None) -> str:
    return "null::date" if day is None else f"date '{day}'"
