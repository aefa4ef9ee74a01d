"""What rules limit of a contract itself: who buys and how, how long, how much, and what the money is for."""

from __future__ import annotations

from typing import Final

from hub.compliance.measure import CONTRACT_BINDS, Measures, State, inputs
from hub.domain.vocabulary import NormSubject

OF: Final = "k.county_code = $1 and k.id = any ($2)"
SIGNED: Final = f"({CONTRACT_BINDS} and $3 between coalesce(k.signed_on, k.starts_on) and k.ends_on)"
_OWN: Final = "array['contract:' || k.id]"


def due(day: str) -> str:
    """The column of that name, of a window whose last day it is: over with that day, as one of events is."""
    return f"case when $3 < {day} then {day} end as due_on"


def contract_state(sql: str, *optional: str) -> State:
    return State(NormSubject.CONTRACT, sql, frozenset({"inputs", "applies", *optional}))


def years(first: str, last: str) -> str:
    """From the first day to the last, both included: a whole number only from day to day."""
    whole = f"extract(year from age({last} + 1, {first}))"
    anniversary = f"({first} + make_interval(years => {whole}::int))::date"
    return f"trim_scale({whole} + round(({last} + 1 - {anniversary}) / 366.0, 4))"


def _own(value: str) -> State:
    return contract_state(f"""
        select k.id, {value} as value, {SIGNED} as applies, {_OWN} as inputs from contract k where {OF}""")


_CYCLE: Final = f"greatest(k.cycle_years, {years('f.starts_on', 'k.ends_on')})"
"""What was agreed; or, where that is more, how long it lasts with those that it goes on from."""


def _of_chain(value: str, applies: str = "true") -> State:
    """``f`` has the first day of the first of the contracts that one renewed another."""
    return contract_state(f"""
        with recursive chain as (
            select k.id, k.county_code, k.renewal_of_number, k.starts_on from contract k where {OF}
            union
            select c.id, b.county_code, b.renewal_of_number, b.starts_on
            from chain c join contract b on b.county_code = c.county_code and b.number = c.renewal_of_number),
            f as (select id, min(starts_on) as starts_on from chain group by id)
        select k.id, {value} as value, {SIGNED} and {applies} as applies, {_OWN} as inputs
        from contract k join f on f.id = k.id""")


def _budget(test: str) -> State:
    """Of the amount of the contract. Off by less than a fen it is that share: money has no smaller part."""
    return contract_state(f"""
        select k.id, case when abs(l.planned - {{target}} * k.amount) < 0.01 then {{target}}
                else trim_scale(round(l.planned / nullif(k.amount, 0), 10)) end as value,
            {SIGNED} as applies, array(
                select 'budget_line:' || b.id from budget_line b
                where b.contract_id = k.id and {test} order by b.id desc) as inputs
        from contract k left join lateral (
            select sum(coalesce(c.whole, c.parts, 0)) as planned
            from (select sum(b.planned_amount) filter (where {test} and b.sub_item is null) as whole,
                    sum(b.planned_amount) filter (where {test}) as parts
                from budget_line b where b.contract_id = k.id group by b.category) c) l on true
        where {OF}""")


_LATEST: Final = """
    select e.id, e.grade from evaluation e
    where e.contract_id = b.id and e.kind = 'ANNUAL_FOR_RENEWAL' and e.grade is not null
        and coalesce(e.evaluated_on, e.period_ends_on) <= $3
    order by coalesce(e.evaluated_on, e.period_ends_on) desc, e.id desc limit 1"""

_PURCHASER: Final = """case when k.division_code like '%00000000' then 'PREFECTURE_BUREAU'
    when k.division_code like '%000000' then 'COUNTY_BUREAU' else 'TOWNSHIP' end"""

MEASURES: Final[Measures] = {
    "contract.purchaser": _own(_PURCHASER),
    "contract.method": _own("k.procurement_method"),
    "contract.amount": _own("k.amount"),
    "contract.starts_on": _own("k.starts_on"),
    "contract.ends_on": _own("k.ends_on"),
    "contract.length": _own(years("k.starts_on", "k.ends_on")),
    "contract.length@CYCLE_OF_TWO_YEARS": _of_chain(years("k.starts_on", "k.ends_on"), f"{_CYCLE} >= 2"),
    "contract.cycle": _of_chain(_CYCLE),
    "renewal.evaluation": contract_state(f"""
        select k.id, coalesce(e.grade, b.annual_evaluation) as value,
            {SIGNED} and k.renewal_of_number is not null as applies,
            array_remove(array['evaluation:' || e.id, 'contract:' || b.id], null) as inputs
        from contract k
            left join contract b on b.county_code = k.county_code and b.number = k.renewal_of_number
            left join lateral ({_LATEST}) e on true
        where {OF}"""),
    "service.division": contract_state(f"""
        select k.id, coalesce(
                min(s.division_code) filter (where not {{s.division_code|service.division}}),
                min(s.division_code)) as value,
            {SIGNED} as applies, {inputs("station", "s")}
        from contract k left join contract_station c on c.contract_id = k.id
            left join station s on s.id = c.station_id
        where {OF} group by k.id"""),
    "budget.personnel": _budget("b.category = 'PERSONNEL'"),
    "budget.activities": _budget("b.category = 'ACTIVITY'"),
    "budget.supervision": _budget("b.category = 'SUPERVISION_TRAINING'"),
    "budget.management": _budget("b.category = 'ADMIN'"),
    "budget.total": _budget("true"),
}
