"""What rules limit of a member of staff: age, schooling, certificates, training."""

from __future__ import annotations

from typing import Final

from hub.compliance.measure import RESIDENT, Events, Measures, State, inputs, months
from hub.domain.vocabulary import NormSubject

_OF: Final = "p.county_code = $1 and p.id = any ($2)"
_SPANS: Final = f"""
    select p.id, p.onboarded_on as from_on, p.left_on as until_on from personnel p where {_OF}"""


def _state(sql: str, *optional: str) -> State:
    return State(NormSubject.PERSONNEL, sql, frozenset(optional))


def _own(value: str, applies: str = "true") -> State:
    """Of the person's own row."""
    return _state(
        f"""
        select p.id, {value} as value, {applies} as applies, array['personnel:' || p.id] as inputs
        from personnel p where {_OF}""",
        "inputs",
        "applies",
    )


def _training(kinds: str) -> Events:
    return Events(
        NormSubject.PERSONNEL,
        f"""
        select p.id, e.held_on as on_day, r.hours as amount, 'training_record:' || r.id as record
        from personnel p join training_record r on r.personnel_id = p.id
            join training_event e on e.id = r.training_event_id
        where {_OF} and e.kind in ({kinds}) and e.held_on <= $3""",
        _SPANS,
    )


CERTIFIED: Final = """(
    p.credential <> 'OTHER' and coalesce(p.credential_obtained_on, '-infinity') <= $3
    or exists (
        select from credential c
        where c.personnel_id = p.id and c.kind <> 'OTHER' and c.obtained_on <= $3))"""

MEASURES: Final[Measures] = {
    "person.age": _own("extract(year from age($3::date, p.birth_on))", RESIDENT),
    "person.education": _own(
        "p.education", "p.kind in ('RESIDENT', 'PROJECT', 'VAGRANCY_RELIEF') and p.is_full_time is not false"
    ),
    "person.major": _own("p.major", f"p.is_full_time and not ({CERTIFIED})"),
    "training.pre_job": _state(
        f"""
        select p.id,
            coalesce(sum(r.hours) filter (where e.held_on <= coalesce(p.onboarded_on, $3)), 0) as value,
            {inputs("training_record", "r", where="e.id is not null")}
        from personnel p left join training_record r on r.personnel_id = p.id
            left join training_event e on e.id = r.training_event_id and e.kind = 'PRE_JOB'
                and e.held_on <= $3
        where {_OF} group by p.id""",
        "inputs",
    ),
    "training.continuing": _training("'CONTINUING', 'SUPERVISION', 'BUREAU'"),
    "person.uncertified_for": _state(
        f"""
        select p.id, p.kind = 'PROJECT' as applies, array['personnel:' || p.id] as inputs,
            case when {CERTIFIED} then 0
                else {months("age($3::timestamp, p.onboarded_on::timestamp)")} / 12 end as value,
            case when {CERTIFIED} then null
                else (p.onboarded_on + make_interval(years => ({{target}})::int))::date end as due_on
        from personnel p where {_OF}""",
        "inputs",
        "applies",
        "due_on",
    ),
}
