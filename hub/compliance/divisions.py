"""What rules limit of a county, a prefecture or a province: its stations, staff, money and reports.

An id is the division's code, as a number. Townships are those that are to have a station: farms and
development zones are none. Whether a station is planned or closed its source says without a day.
"""

from __future__ import annotations

from typing import Final

from hub.compliance.measure import AT_POST, RESIDENT, Events, Measures, State, inputs, local_day
from hub.compliance.staff import CERTIFIED
from hub.domain.division import STATION_KINDS
from hub.domain.vocabulary import EvaluationKind, FundKind, NormSubject, Party, ReportKind

_OF: Final = "starts_with(d.code, $1) and d.code = any (select x::text from unnest($2::bigint[]) x)"
_ID: Final = "d.code::bigint as id"
_YEAR: Final = "extract(year from $3::date)"
_IN_YEAR: Final = "date_trunc('year', $3::date::timestamp)::date and $3"


def _within(code: str, digits: int = 6) -> str:
    """Whether a code lies in the division ``d``, of which so many digits are its own."""
    return f"{code} between d.code and rpad(left(d.code, {digits}), 12, '9')"


def _state(subject: NormSubject, sql: str, *optional: str) -> State:
    return State(subject, sql, frozenset({"inputs", *optional}))


def _county(sql: str, *optional: str) -> State:
    return _state(NormSubject.COUNTY, sql, *optional)


# --- townships -----------------------------------------------------------------------------------

_KINDS: Final = ", ".join(f"'{kind}'" for kind in sorted(STATION_KINDS))


def _townships(which: str = "true") -> str:
    """Of the county ``d`` such townships ``t``, each with the station ``s`` it has on the day."""
    return f"""
        from division d
            left join division t on {_within("t.code")}
                and t.level = 'TOWNSHIP' and t.kind in ({_KINDS}) and {which}
            left join station s on s.division_code = t.code and s.status not in ('PLANNED', 'CLOSED')
                and coalesce(s.opened_on, '-infinity') <= $3"""


def _lacking(test: str) -> str:
    """Stations, and townships without one, of which the test is true."""
    return (
        f"array_remove(array_agg(case when t.code is not null and {test}"
        " then coalesce('station:' || s.id, 'division:' || t.code) end order by t.code), null) as inputs"
    )


def _all_by(column: str, which: str = "true") -> State:
    """The day by which the last township had it; names the stations and townships that had it late or not.

    Null where some station does not say and no other is late.
    """
    day = f"case when s.id is null or s.{column} > $3 then 'infinity'::date else s.{column} end"
    return _county(
        f"""
        select {_ID}, count(t.code) > 0 as applies, {{target}} as due_on, case
                when max({day}) > {{target}} or count({day}) = count(t.code) then max({day}) end as value,
            {_lacking(f"coalesce({day}, 'infinity') > {{target}}")}
        {_townships(which)} where {_OF} group by d.code""",
        "applies",
        "due_on",
    )


def _each(count: str) -> State:
    """How many a township has that has not the number, or else all; names those that have not.

    Null where it is not known of one, and all others have the number.
    """
    return _county(f"""
        select {_ID}, coalesce(min(n.value) filter (where n.value <> {{target}}),
                case when count(n.value) = count(t.code) then min(n.value) end) as value,
            {_lacking("n.value <> {target}")}
        {_townships()} cross join lateral (select case when t.code is not null then {count} end as value) n
        where {_OF} group by d.code""")


_CORE: Final = """
    case when s.operator_id is not null
            or not exists (select from contract_station x where x.station_id = s.id)
        then (select count(*) from contract_station x join contract k on k.id = x.contract_id
            where x.station_id = s.id and k.contractor_id = s.operator_id and k.status <> 'DRAFT'
                and $3 between k.starts_on and k.ends_on) end"""
"""What the station's operator does there under contract is its core project, what others do is N (A6)."""


# --- money ---------------------------------------------------------------------------------------

_ASSISTANCE: Final = ", ".join(
    f"'{kind}'"
    for kind in (
        FundKind.ASSISTANCE_HANDLING,
        FundKind.ASSISTANCE_SPECIAL,
        FundKind.ASSISTANCE_WORK,
        FundKind.HARDSHIP_SURPLUS,
    )
)
_FUNDS: Final = f"""
    from division d left join fund_source f on f.division_code = d.code and f.year = {_YEAR}"""

_CAPPED: Final = f"""
    select {_ID}, trim_scale(sum(f.amount) / nullif(case when count(distinct f.cap_base_amount) = 1
            then min(f.cap_base_amount) end, 0)) as value,
        {inputs("fund_source", "f")}
    {_FUNDS} and f.kind in ({_ASSISTANCE}) and coalesce(f.cap_base, {{base}}) = {{base}}
    where {_OF} group by d.code"""
"""Null without a base, or where sources state different ones (A2)."""

_SURPLUS: Final = f"""
    select {_ID}, sum(f.surplus_amount) as value, {inputs("fund_source", "f")},
        count(f.id) = 0 or coalesce(sum(f.amount) filter (where f.kind in ({_ASSISTANCE})), 0) > 0 as applies
    {_FUNDS} where {_OF} group by d.code"""
"""About counties that buy with the money of social assistance; null where nothing of the year is stated."""

_EARMARKED: Final = f"""
    select {_ID}, {{{_YEAR}|fund.earmarked.year}} as applies,
        coalesce(sum(f.amount) filter (where f.division_code = d.code), sum(f.amount)) as value,
        {inputs("fund_source", "f")}
    from division d left join fund_source f on {_within("f.division_code", 2)} and f.year = {_YEAR}
        and f.is_earmarked and f.kind in ('{FundKind.LOTTERY_CENTRAL}', '{FundKind.LOTTERY_REGION}')
    where {_OF} group by d.code"""
"""As the province states it, or the sum of what it allotted, where it does not."""

_SPENT: Final = f"""
    select {_ID}, trim_scale(sum(spent.amount) / nullif(sum(f.amount), 0)) as value,
        {inputs("fund_source", "f")}
    {_FUNDS} and f.is_earmarked left join lateral (
        select coalesce(sum(e.amount), 0) as amount from expenditure e
        where e.fund_source_id = f.id and e.spent_on between {_IN_YEAR}) spent on true
    where {_OF} group by d.code"""

# --- reports and evaluations ---------------------------------------------------------------------

_SUBMITTED: Final = local_day("r.submitted_at")
_IN_TIME: Final = f"least({_SUBMITTED}, r.period_ends_on) as on_day"
"""It counts for the half-year it is about."""


def _report(sender: Party, kind: ReportKind, which: str = "not r.is_copy") -> str:
    """A report ``r`` that was submitted by the day and not returned."""
    return (
        f"r.sender = '{sender}' and r.kind = '{kind}' and {which}"
        f" and r.status <> 'RETURNED' and {_SUBMITTED} <= $3"
    )


def _dated_report(quantity: str, kind: ReportKind, about: str) -> State:
    """The day of the first; ``about``: the period it is about, by the day it is due."""
    return _state(
        NormSubject.PREFECTURE,
        f"""
        select {_ID}, coalesce(min({_SUBMITTED}), 'infinity') as value, {inputs("report", "r")},
            case when {{{{target}}|{quantity}}} then {{target}} else {{target}} - 1 end as due_on
        from division d left join report r on r.division_code = d.code
            and {_report(Party.PREFECTURE_BUREAU, kind)} and r.period_ends_on between {about}
        where {_OF} group by d.code""",
        "due_on",
    )


def _half_yearly(subject: NormSubject, sender: Party, which: str = "not r.is_copy") -> Events:
    return Events(
        subject,
        f"""
        select {_ID}, {_IN_TIME}, 1 as amount, 'report:' || r.id as record
        from division d join report r on r.division_code = d.code
            and {_report(sender, ReportKind.HALF_YEAR, which)}
        where {_OF}""",
        _SPANS,
    )


_SPANS: Final = f"""
    select {_ID}, {{effective_from}} as from_on, {{effective_to}} as until_on from division d where {_OF}"""
_LAST_QUARTER: Final = """
    date_trunc('quarter', {target}::timestamp - interval '3 months')::date
    and date_trunc('quarter', {target}::timestamp)::date - 1"""
_THAT_YEAR: Final = "date_trunc('year', {target}::timestamp)::date and {target}"


def _evaluated(kind: EvaluationKind) -> State:
    """The first day within the time for it, or else the last of any."""
    return _county(
        f"""
        select {_ID}, coalesce(min(e.evaluated_on) filter (where {{e.evaluated_on|evaluation.{kind}}}),
                max(e.evaluated_on), 'infinity') as value,
            ({{target}})[2]::date as due_on, {inputs("evaluation", "e")}
        from division d left join evaluation e on {_within("e.division_code")}
            and e.kind = '{kind}' and e.evaluated_on <= $3
        where {_OF} group by d.code""",
        "due_on",
    )


MEASURES: Final[Measures] = {
    "station.per_township": _each("(s.id is not null)::int"),
    "core_project.per_township": _each(_CORE),
    "station.staffed_on": _all_by("staffed_on"),
    "station.opened_on@URBAN_SUBDISTRICT": _all_by("opened_on", "t.is_urban_subdistrict"),
    "station.opened_on": _all_by("opened_on"),
    "guidance_centre.count": _county(
        f"""
        select {_ID}, count(g.id) as value, {{|guidance_centre.opened_on}} as due_on,
            {inputs("guidance_centre", "g")}
        from division d left join guidance_centre g on g.division_code = d.code
            and coalesce(g.opened_on, '-infinity') <= $3
        where {_OF} group by d.code""",
        "due_on",
    ),
    "guidance_centre.opened_on": _county(
        f"""
        select {_ID}, case when count(g.id) = 0 then 'infinity' else min(g.opened_on) end as value,
            {{target}} as due_on, {inputs("guidance_centre", "g")}
        from division d left join guidance_centre g on g.division_code = d.code
            and coalesce(g.opened_on, '-infinity') <= $3
        where {_OF} group by d.code""",
        "due_on",
    ),
    "county.certified_share": _county(
        f"""
        select {_ID}, trim_scale(count(p.id) filter (where {CERTIFIED})::numeric / nullif(count(p.id), 0))
                as value,
            case when $3 < {{|county.certified_by}} then {{|county.certified_by}} end as due_on,
            {inputs("personnel", "p")}
        from division d left join personnel p on p.county_code = left(d.code, 6) and {RESIDENT}
            and {AT_POST}
        where {_OF} group by d.code""",
        "due_on",
    ),
    "training.by_city": Events(
        NormSubject.PREFECTURE,
        f"""
        select {_ID}, e.held_on as on_day, 1 as amount, 'training_event:' || e.id as record
        from division d join training_event e on e.division_code = d.code and e.held_on <= $3
            and e.kind in ('PRE_JOB', 'CONTINUING', 'SUPERVISION', 'BUREAU')
        where {_OF}""",
        _SPANS,
    ),
    "fund.assistance_purchase": _county(_CAPPED),
    "fund.surplus": _county(_SURPLUS, "applies"),
    "fund.spending_rate": _county(_SPENT),
    "fund.earmarked": _state(NormSubject.PROVINCE, _EARMARKED, "applies"),
    "evaluation.SECTION_SCORE": _county(f"""
        select {_ID}, count(e.id) as value, {inputs("evaluation", "e")}
        from division d left join evaluation e on {_within("e.division_code")}
            and e.kind = '{EvaluationKind.SECTION_SCORE}' and e.evaluated_on <= $3
        where {_OF} group by d.code"""),
    "evaluation.STAGE_INSPECTION": _evaluated(EvaluationKind.STAGE_INSPECTION),
    "evaluation.ANNUAL": _evaluated(EvaluationKind.ANNUAL),
    **{
        quantity: _dated_report(quantity, kind, about)
        for quantity, kind, about in (
            ("report.PROGRESS_Q1", ReportKind.PROGRESS, _LAST_QUARTER),
            ("report.PROGRESS_Q2", ReportKind.PROGRESS, _LAST_QUARTER),
            ("report.ANNUAL", ReportKind.ANNUAL, _THAT_YEAR),
        )
    },
    "report.HALF_YEAR@PREFECTURE": _half_yearly(NormSubject.PREFECTURE, Party.PREFECTURE_BUREAU),
    "report.HALF_YEAR@COUNTY": _half_yearly(NormSubject.COUNTY, Party.COUNTY_BUREAU),
    "report.HALF_YEAR.PREFECTURE_BUREAU": _half_yearly(
        NormSubject.COUNTY, Party.COUNTY_BUREAU, "r.is_copy and r.recipient = 'PREFECTURE_BUREAU'"
    ),
    "report.HALF_YEAR@STATION": Events(
        NormSubject.STATION,
        f"""
        select s.id, {_IN_TIME}, 1 as amount, 'report:' || r.id as record
        from station s join report r on r.division_code = s.division_code
            and {_report(Party.TOWNSHIP, ReportKind.HALF_YEAR)}
        where s.county_code = $1 and s.id = any ($2)""",
        """
        select s.id, greatest(s.opened_on, {effective_from}) as from_on, {effective_to} as until_on
        from station s where s.county_code = $1 and s.id = any ($2)""",
    ),
}
