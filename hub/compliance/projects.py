"""What rules ask of a project: who works for it, whom it reaches, and how much it does.

A quantity of a project is counted over all that its contract is stated with, and not by station. People are
of a contract while they are assigned to it; its townships are those of its stations.
"""

from __future__ import annotations

from typing import Final

from hub.compliance.contracts import OF, contract_state, due
from hub.compliance.measure import (
    AT_POST,
    CONTRACT_BINDS,
    CONTRACT_SPANS,
    Events,
    Measures,
    State,
    anniversary,
    counted,
    inputs,
    inputs_of_county,
    local_day,
    named,
    share,
)
from hub.compliance.people import AT_HOME
from hub.domain.norms.met import ORDERS
from hub.domain.vocabulary import NormSubject

RUNS: Final = f"({CONTRACT_BINDS} and $3 between k.starts_on and k.ends_on)"
BEGUN: Final = f"({CONTRACT_BINDS} and $3 >= k.starts_on)"
"""What was missing at the end is missing ever after."""
_AT: Final = "least($3, k.ends_on)"
_YEARS: Final = f"greatest(extract(year from age({_AT}, k.starts_on))::int, 0)"
_YEAR_LOW: Final = anniversary("k.starts_on", _YEARS)
_YEAR_HIGH: Final = f"least({anniversary('k.starts_on', f'{_YEARS} + 1')} - 1, k.ends_on)"
"""Of the year that the day, or else the last day of the contract, is in, counted from its first."""
_TOWNSHIPS: Final = """
    select distinct left(s.division_code, 9) as code
    from contract_station c join station s on s.id = c.station_id where c.contract_id = k.id"""
"""Nine digits of those of the contract."""

_CHILDREN: Final = ("LEFT_BEHIND_CHILD", "CHILD_IN_DIFFICULTY")
"""R153 names them; who is one, sources say (A9)."""
_DESIGNATED: Final = (
    *("DIBAO", "TEKUN", *_CHILDREN, "DE_FACTO_UNATTENDED", "ORPHAN"),
    *("LEFT_BEHIND_ELDER", "ADVANCED_AGE_ELDER", "TEKUN_ELDER", "LONELY_ELDER"),
)
"""R201 and R202 name them."""


def work(table: str, day: str, counts: str = "true", *, stays: bool = False, joins: str = "") -> Events:
    """Rows ``x`` of a table of work, each counting as one."""
    contract = "x.contract_id" if not joins else "t.contract_id"
    return Events(
        NormSubject.CONTRACT,
        f"""
        select {contract} as id, {day} as on_day, 1 as amount, '{table}:' || x.id as record
        from {table} x {joins} where {contract} = any ($2) and {day} <= $3 and {counts}""",
        CONTRACT_SPANS,
        stays,
    )


# --- who works there ---------------------------------------------------------------------------

_STAFF: Final = f"""
    contract k left join personnel p on p.employer_id = k.contractor_id and p.county_code = k.county_code
        and p.kind not in ('STATION_HEAD', 'DEPUTY_HEAD') and {AT_POST}
        and (p.station_id is null or exists (
            select from contract_station c where c.contract_id = k.id and c.station_id = p.station_id))"""
"""Those of the contractor at the stations of the contract, and those it has at none."""


def _staff(quantity: str, test: str = "true") -> State:
    sure = f"p.id is not null and {test}"
    return contract_state(f"""
        select k.id, {counted(sure, quantity)} as value, {RUNS} as applies,
            {inputs("personnel", "p", f"({test}) is not false")}
        from {_STAFF} where {OF} group by k.id""")


_SUPERVISES: Final = "p.kind = 'SUPERVISOR' and p.is_full_time"
_GRADES: Final = f"array{list(ORDERS['GRADE'])}"
_BEST_SUPERVISOR: Final = f"""
    select k.id, ({_GRADES})[max(array_position({_GRADES}, g.kind)) filter (where {_SUPERVISES})] as value,
        {RUNS} and count(*) filter (where {_SUPERVISES}) > 0 as applies,
        array_agg(distinct 'personnel:' || p.id) filter (where {_SUPERVISES}) as inputs
    from {_STAFF} left join lateral (
        select p.credential as kind where coalesce(p.credential_obtained_on, '-infinity') <= $3
        union all
        select r.kind from credential r where r.personnel_id = p.id and r.obtained_on <= $3) g on true
    where {OF} group by k.id"""

# --- whom it reaches ----------------------------------------------------------------------------

_CHILD_TRAININGS: Final = f"""
    training_event e where e.contract_id = k.id and e.kind = 'CHILD_WORKER'
        and e.held_on between {_YEAR_LOW} and {_AT}"""
_CHILD_WORKERS: Final = f"""
    select k.id, case when {{w.share|training.child_workers_reached}} or not exists (
                select from {_CHILD_TRAININGS}
                    and not exists (select from training_record r where r.training_event_id = e.id))
            then w.share end as value,
        {BEGUN} as applies, {due(_YEAR_HIGH)}, w.inputs
    from contract k left join lateral (
        select {share("count(*) filter (where reached)", "count(*)")} as share,
            array_agg('child_worker:' || id order by id desc) as inputs
        from (
            select w.id, exists (
                select from {_CHILD_TRAININGS} and exists (
                    select from training_record r
                    where r.training_event_id = e.id and r.child_worker_id = w.id)) as reached
            from child_worker w
            where left(w.division_code, 9) in ({_TOWNSHIPS})
                and {_AT} between coalesce(w.starts_on, '-infinity') and coalesce(w.ends_on, 'infinity')) each
        ) w on true
    where {OF}"""
"""Those in office in the townships of the contract, by the trainings of its year. One of which nobody noted
who came may have reached everybody."""


def _of_category(categories: tuple[str, ...], person: str, day: str) -> str:
    return f"""exists (
        select from category_membership m
        where m.county_code = {person}.county_code and m.beneficiary_id = {person}.beneficiary_id
            and m.category in {categories}
            and {day} between m.starts_on and coalesce(m.ends_on, 'infinity'))"""


_DOSSIER: Final = """
    select least(b.dossier_opened_on, min(d.opened_on)) as opened_on
    from beneficiary b left join dossier d on d.county_code = b.county_code and d.beneficiary_id = b.id
    where b.county_code = a.county_code and b.id = a.beneficiary_id
    group by b.county_code, b.id"""
"""First day of any that a source states of the person; one person has one."""
_COVERED: Final = f"""
    select k.id, {share("p.covered", "p.people")} as value, {BEGUN} as applies, {due("k.ends_on")}, p.inputs
    from contract k left join lateral (
        select count(*) as people, count(*) filter (where f.opened_on <= {_AT}) as covered,
            array_agg('beneficiary:' || a.county_code || ':' || a.beneficiary_id
                order by a.beneficiary_id desc) as inputs
        from (
            select distinct a.county_code, a.beneficiary_id from assignment a
            where a.contract_id = k.id and {_AT} between a.starts_on and coalesce(a.ends_on, 'infinity')
                and {_of_category(_CHILDREN, "a", _AT)}) a
            join beneficiary b on b.county_code = a.county_code and b.id = a.beneficiary_id
                and coalesce(b.deceased_on, 'infinity') > {_AT}
            cross join lateral ({_DOSSIER}) f) p on true
    where {OF}"""
_DOSSIERS: Final = f"""
    select a.contract_id as id, f.opened_on as on_day, 1 as amount,
        'beneficiary:' || a.county_code || ':' || a.beneficiary_id as record
    from (
        select distinct contract_id, county_code, beneficiary_id from assignment
        where contract_id = any ($2) and starts_on <= $3) a
        cross join lateral ({_DOSSIER}) f
    where f.opened_on <= $3 and {_of_category(_DESIGNATED, "a", "f.opened_on")}"""
_VISITS: Final = f"""
    select v.contract_id as id, v.visited_on as on_day, 1 as amount,
        {named("visit", "v")} as record
    from visit v
    where v.contract_id = any ($2) and {AT_HOME}
        and {_of_category(_DESIGNATED, "v", "v.visited_on")}"""
_PUBLICITY: Final = f"""
    publicity_event x where x.contract_id = k.id and x.kind = 'ASSISTANCE'
        and x.held_on between {_YEAR_LOW} and {_AT}"""
_TOLD_TOWNSHIPS: Final = f"""
    select k.id, {share("t.told", "t.townships")} as value, {BEGUN} as applies, {due(_YEAR_HIGH)},
        array(select 'publicity_event:' || x.id from {_PUBLICITY} order by x.id desc) as inputs
    from contract k left join lateral (
        select count(*) as townships, count(*) filter (where exists (
            select from {_PUBLICITY} and exists (
                select from unnest(x.townships_covered || x.division_code) d
                where left(d, 9) = t.code))) as told
        from ({_TOWNSHIPS}) t) t on true
    where {OF}"""
"""By all events of the contract's year together."""

# --- cases, groups, checks, volunteers ---------------------------------------------------------


def _cases(kind: str, quantity: str) -> Events:
    """A case counts from the day on which it has enough services and hours. One whose services were not noted
    singly counts from its end, or while it is open from its beginning."""
    return Events(
        NormSubject.CONTRACT,
        f"""
        select c.contract_id as id, min(t.on_day) as on_day, 1 as amount,
            {named("case_work", "c")} as record
        from case_work c cross join lateral (
            select s.held_on as on_day, count(*) over so_far as services, sum(s.hours) over so_far as hours
            from case_session s where s.county_code = c.county_code and s.case_work_id = c.id
            window so_far as (order by s.held_on, s.id)
            union all
            select coalesce(c.closed_on, c.opened_on), c.session_count, c.hours where not exists (
                select from case_session s where s.county_code = c.county_code and s.case_work_id = c.id)) t
        where c.contract_id = any ($2) and c.kind = '{kind}' and t.on_day <= $3
            and {{t.services|{quantity}.services}} and {{t.hours|{quantity}.hours}}
        group by c.contract_id, c.county_code, c.id""",
        CONTRACT_SPANS,
    )


_GROUPS: Final = """
    select g.contract_id as id, min(t.on_day) as on_day, 1 as amount, 'group_work:' || g.id as record
    from group_work g cross join lateral (
        select s.held_on as on_day, count(*) over (order by s.held_on, s.id) as sessions
        from group_session s where s.group_work_id = g.id and {s.hours|group.hours}) t
    where g.contract_id = any ($2) and t.on_day <= $3 and {t.sessions|group.sessions}
    group by g.contract_id, g.id"""
"""A series counts from the day on which it has enough long sessions (A12)."""


def _checked(kind: str) -> State:
    """Of all results or services that samples were drawn from."""
    done = share(
        "coalesce(sum(x.sample_count) filter (where x.checked_on <= $3), 0)", "sum(x.population_count)"
    )
    return contract_state(
        f"""
        select k.id, {done} as value, {BEGUN} as applies, {due("k.ends_on")}, {inputs("subsidy_check", "x")}
        from contract k left join subsidy_check x on x.contract_id = k.id and x.kind = '{kind}'
            and least(x.checked_on, {local_day("x.drawn_at")}) <= $3
        where {OF} group by k.id""",
        "due_on",
    )


_ADOPTIONS: Final = f"""
    select k.id, {counted("x.id is not null and x.is_in_urban_area", "adoption_assessment")} as value,
        {BEGUN} as applies, {inputs_of_county("adoption_assessment", "x")}
    from contract k left join adoption_assessment x on x.contract_id = k.id and x.assessed_on <= $3
    where {OF} group by k.id"""
_TRAINED: Final = f"""
    select k.id, case
            when {{max(x.attendee_count)|volunteer.trained}} then max(x.attendee_count)
            when count(*) filter (where x.id is not null and x.attendee_count is null) > 0 then null
            when not {{coalesce(sum(x.attendee_count), 0)|volunteer.trained}}
                then coalesce(sum(x.attendee_count), 0) end as value,
        {BEGUN} as applies, {due("k.ends_on")}, {inputs("training_event", "x")}
    from contract k left join training_event x on x.contract_id = k.id and x.kind = 'VOLUNTEER'
        and x.held_on <= {_AT} and {{x.hours|volunteer.trained.hours}}
    where {OF} group by k.id"""
"""How many came to each is noted, and not who: ten and ten may be the same ten."""
_TEAMS: Final = f"""
    select k.id, {counted("x.id is not null and x.is_stable", "volunteer.teams")} as value,
        {BEGUN} as applies, {due("k.ends_on")}, {inputs("volunteer_team", "x")}
    from contract k left join volunteer_team x on x.contract_id = k.id
        and coalesce(x.founded_on, '-infinity') <= {_AT}
    where {OF} group by k.id"""
_IN_TEAM: Final = "join volunteer_team t on t.id = x.volunteer_team_id"

MEASURES: Final[Measures] = {
    "project.supervisors": _staff("project.supervisors", _SUPERVISES),
    "supervisor.grade": contract_state(_BEST_SUPERVISOR),
    "project.staff": _staff("project.staff"),
    "project.full_time": _staff("project.full_time", "p.is_full_time"),
    "project.full_time_male": _staff("project.full_time_male", "p.is_full_time and p.sex = 'MALE'"),
    "project.vagrancy_staff": _staff("project.vagrancy_staff", "p.kind = 'VAGRANCY_RELIEF'"),
    "training.child_workers": work("training_event", "x.held_on", "x.kind = 'CHILD_WORKER'", stays=True),
    "training.child_workers_reached": contract_state(_CHILD_WORKERS, "due_on"),
    "training.supervision": work("training_event", "x.held_on", "x.kind = 'SUPERVISION'"),
    "dossier.coverage": contract_state(_COVERED, "due_on"),
    "dossier.designated": Events(NormSubject.CONTRACT, _DOSSIERS, CONTRACT_SPANS, stays=True),
    "visit.designated": Events(NormSubject.CONTRACT, _VISITS, CONTRACT_SPANS, stays=True),
    "subsidy.verified": _checked("ASSESSMENT_RECHECK"),
    "subsidy.spot_checked": _checked("SERVICE_SPOT_CHECK"),
    "patrol": work("patrol", "x.patrolled_on"),
    "publicity.assistance": work("publicity_event", "x.held_on", "x.kind = 'ASSISTANCE'", stays=True),
    "publicity.townships": contract_state(_TOLD_TOWNSHIPS, "due_on"),
    "adoption_assessment": contract_state(_ADOPTIONS),
    "case.CONSULTATION": _cases("CONSULT", "case.CONSULTATION"),
    "case.PROFESSIONAL": _cases("PROFESSIONAL", "case.PROFESSIONAL"),
    "group.series": Events(NormSubject.CONTRACT, _GROUPS, CONTRACT_SPANS),
    "activity.large": work("community_activity", "x.held_on", "{x.attendee_count|activity.large.people}"),
    "activity.small": work("community_activity", "x.held_on", "{x.attendee_count|activity.small.people}"),
    "volunteer.trained": contract_state(_TRAINED, "due_on"),
    "volunteer.teams": contract_state(_TEAMS, "due_on"),
    "volunteer.activities": work(
        "volunteer_activity", "x.held_on", "{x.hours|volunteer.activities.hours}", joins=_IN_TEAM
    ),
    "volunteer.trainings": work(
        "training_event", "x.held_on", "x.kind = 'VOLUNTEER' and {x.hours|volunteer.trainings.hours}"
    ),
    "media.articles": work("media_article", "x.adopted_on", "{x.level|media.level}"),
}
