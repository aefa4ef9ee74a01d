"""What rules limit of a beneficiary: the dossier, visits by risk and age, protection, escorts to hospital.

Whom a rule is about are members of the categories it names, as their sources say (A9), who are alive. Risk is
what the newest assessment says; of a level that only a list states nobody knows since when.
"""

from __future__ import annotations

from typing import Final

from hub.compliance.measure import Events, Measures, State, inputs_of_county, named
from hub.domain.vocabulary import Category, DossierKind, NormSubject, RiskLevel

LISTED: Final = (Category.LEFT_BEHIND_CHILD, Category.CHILD_IN_DIFFICULTY, Category.HARMED_CHILD)
"""R151 names them."""
UNATTENDED: Final = (Category.ORPHAN, Category.DE_FACTO_UNATTENDED)
"""R158 names them."""
CHILDREN: Final = (*LISTED, *UNATTENDED, Category.DIBAO_CHILD, Category.MIGRANT_CHILD)
"""Whom the table row of R151-R159 is for."""
MONTHLY: Final = (Category.TEKUN_ELDER, Category.ADVANCED_AGE_ELDER)
"""R165 names them, and no others (A15)."""
ELDERS: Final = (*MONTHLY, Category.LEFT_BEHIND_ELDER, Category.LONELY_ELDER)
"""R164 names them."""

_OF: Final = "b.county_code = $1 and b.id = any ($2)"
_ALIVE: Final = "coalesce(b.deceased_on, 'infinity') >= $3"
AT_HOME: Final = "v.visited_on <= $3 and v.kind in ('HOME', 'RETURN')"
"""The rules speak of visits to the home (入户)."""


def _theirs(table: str, alias: str) -> str:
    """A fact about the beneficiary ``b``."""
    return f"{table} {alias} on {alias}.county_code = b.county_code and {alias}.beneficiary_id = b.id"


def _of_their_own(alias: str) -> str:
    return f"{alias}.county_code = b.county_code and {alias}.beneficiary_id = b.id"


def _among(categories: tuple[Category, ...]) -> str:
    """Of a membership ``c``: in one of these, on the day."""
    words = ", ".join(f"'{category}'" for category in categories)
    return f"c.category in ({words}) and c.starts_on <= $3 and coalesce(c.ends_on, 'infinity') >= $3"


def _is(*categories: Category) -> str:
    return (
        f"({_ALIVE} and exists (select from category_membership c"
        f" where {_of_their_own('c')} and {_among(categories)}))"
    )


def _member_spans(categories: tuple[Category, ...], until: str = "null::date") -> str:
    """From the first day of a membership that lasts, within the time of the document."""
    return f"""
        select b.id, case when {_ALIVE} and count(c.id) > 0
                then greatest(min(c.starts_on), {{effective_from}}) end as from_on,
            least({until}, max(coalesce(c.ends_on, 'infinity'))) as until_on
        from beneficiary b left join {_theirs("category_membership", "c")} and {_among(categories)}
        where {_OF} group by b.county_code, b.id"""


def _state(sql: str) -> State:
    return State(NormSubject.BENEFICIARY, sql, frozenset({"applies", "inputs"}))


def _events(sql: str, spans: str) -> Events:
    return Events(NormSubject.BENEFICIARY, sql, spans)


def _dossiers(kind: DossierKind, categories: tuple[Category, ...]) -> State:
    """A list may state the day of a dossier that is kept elsewhere."""
    return _state(f"""
        select b.id, greatest(count(d.id), (b.dossier_opened_on <= $3)::int) as value,
            {_is(*categories)} as applies, {inputs_of_county("dossier", "d")}
        from beneficiary b left join {_theirs("dossier", "d")}
            and d.kind = '{kind}' and d.opened_on <= $3
        where {_OF} group by b.county_code, b.id""")


# --- risk ----------------------------------------------------------------------------------------

_RISK: Final = f"""
    cross join lateral (
        select case when count(a.id) > 0 then (array_agg(a.level order by a.assessed_on desc, a.id desc)
                filter (where a.assessed_on <= $3))[1] else b.risk_level end as level,
            count(a.id) > 0 as dated
        from risk_assessment a where {_of_their_own("a")}) now
    cross join lateral (
        select case when now.dated then min(a.assessed_on) else '-infinity' end as day
        from risk_assessment a where {_of_their_own("a")} and a.level = now.level and a.assessed_on <= $3
            and not exists (select from risk_assessment o
                where o.county_code = a.county_code and o.beneficiary_id = a.beneficiary_id
                    and o.level <> a.level and o.assessed_on <= $3
                    and (o.assessed_on, o.id) > (a.assessed_on, a.id))) since"""
"""The level of ``b`` on the day, and since when without another in between."""


def _at_level(level: RiskLevel) -> str:
    return f"{_is(*CHILDREN)} and now.level = '{level}'"


def _visits_at(level: RiskLevel) -> Events:
    """The duty begins with the assessment of the level; another level ends it."""
    return _events(
        _VISITS,
        f"""
        select b.id, null::date as until_on, case when {_at_level(level)} then
            case when now.dated then greatest(since.day, {{effective_from}}) else since.day end
            end as from_on
        from beneficiary b {_RISK} where {_OF}""",
    )


_VISITS: Final = f"""
    select v.beneficiary_id as id, v.visited_on as on_day, 1 as amount, {named("visit", "v")} as record
    from visit v where v.county_code = $1 and v.beneficiary_id = any ($2) and {AT_HOME}"""

_PARTS: Final = f"""
    select distinct on (b.id) b.id, {_is(*LISTED)} and (d.id is not null or b.dossier_opened_on <= $3) is true
            as applies,
        case when d.id is not null then array_remove(array[
            case when d.basic_information <> '' then 'FAMILY' end,
            case when d.problems <> '' then 'PROBLEMS' end,
            case when d.needs_assessment <> '' then 'NEEDS' end,
            case when now.level is not null then 'RISK' end,
            case when d.support_goals <> '' then 'GOALS' end], null) end as value,
        array_remove(array[{named("dossier", "d")}], null) as inputs
    from beneficiary b {_RISK} left join {_theirs("dossier", "d")}
        and d.kind = '{DossierKind.CHILD}' and d.opened_on <= $3
    where {_OF} order by b.id, d.opened_on desc, d.id desc"""
"""Of the newest dossier. What a dossier that is kept elsewhere holds nobody knows."""

_STEPS: Final = f"""
    select b.id, {_at_level(RiskLevel.LEVEL_1)} as applies,
        array_remove(array[
            case when count(k.id) > 0 then 'MONITOR_PREVENT' end,
            case when bool_or(coalesce(k.reported_on <= $3, k.step <> 'MONITOR_PREVENT'))
                then 'DISCOVER_REPORT' end,
            case when bool_or(coalesce(made.day <= $3, k.step = 'JOINT_HANDLING'))
                then 'JOINT_HANDLING' end], null) as value,
        {inputs_of_county("protection_case", "k")}
    from beneficiary b {_RISK} left join {_theirs("protection_case", "k")}
        and k.opened_on <= $3 and coalesce(k.closed_on, 'infinity') >= since.day
        left join lateral (select min(i.made_on) as day from intervention i
            where i.county_code = k.county_code and i.protection_case_id = k.id) made on true
    where {_OF} group by b.county_code, b.id, now.level"""
"""A step is taken on the day of what was done; the step a case is at tells of those without a day."""


# --- visits --------------------------------------------------------------------------------------


def _kept(categories: tuple[Category, ...], word: str, test: str) -> State:
    """What all visits of the time of the document left: pictures, and ``word`` where ``test`` holds.

    Null where nobody says of some whether they did, and all others did.
    """
    return _state(f"""
        select b.id, {_is(*categories)} and count(v.id) > 0 as applies,
            case when bool_and(v.pictures and v.told) is distinct from false
                and count(v.pictures and v.told) < count(*) then null
            else array_remove(array[case when bool_and(v.pictures) then 'PICTURE' end,
                case when bool_and(v.told) then '{word}' end], null) end as value,
            {inputs_of_county("visit", "v")}
        from beneficiary b left join lateral (
            select v.*, {test} as told, case when exists (select from visit_photo p
                where p.county_code = v.county_code and p.visit_id = v.id)
                then true else v.has_photos end as pictures
            from visit v where {_of_their_own("v")} and {AT_HOME} and v.visited_on >= {{effective_from}}) v
            on true
        where {_OF} group by b.county_code, b.id""")


_REACHED: Final = f"""
    select id, on_day, (reached and not lag(reached, 1, false) over (partition by id order by on_day, visit))
        ::int as amount, record
    from (
        select v.beneficiary_id as id, v.visited_on as on_day, v.id as visit, {named("visit", "v")} as record,
            bool_or(v.kind = 'HOME') over sofar and bool_or(v.kind = 'RETURN') over sofar as reached
        from visit v where v.county_code = $1 and v.beneficiary_id = any ($2)
            and {AT_HOME} and v.visited_on >= {{effective_from}}
        window sofar as (partition by v.beneficiary_id order by v.visited_on, v.id)) v"""
"""One is reached by a home visit and a return visit: the visit that completes them counts."""


# --- guardians and escorts -----------------------------------------------------------------------

_ENTRUSTED: Final = f"""
    select b.id, {_is(Category.LEFT_BEHIND_CHILD, *UNATTENDED, Category.CHILD_IN_DIFFICULTY)} as applies,
        case when count(x.id) > 0 then array['DOCUMENT']
            when {_is(Category.LEFT_BEHIND_CHILD, *UNATTENDED)} then array[]::text[] end as value,
        {inputs_of_county("guardianship_confirmation", "x")}
    from beneficiary b left join {_theirs("guardianship_confirmation", "x")}
        and x.confirmed_on <= $3 and x.document <> '' and not exists (
            select from guardian g where g.county_code = x.county_code and g.id = x.guardian_id
                and g.ends_on < $3)
    where {_OF} group by b.county_code, b.id"""
"""Of a child in difficulty nobody says whether the parents are out of contact or absent."""

_TEKUN: Final = _among((Category.TEKUN,))
_THIS_YEAR: Final = "e.starts_on between date_trunc('year', $3::date::timestamp)::date and $3"
_ESCORTED: Final = f"""
    from beneficiary b left join {_theirs("hospital_escort", "e")} and {_THIS_YEAR}"""
_SCATTERED: Final = f"""
    ({_ALIVE} and exists (select from category_membership c where {_of_their_own("c")} and {_TEKUN}
        and c.support_mode is distinct from 'INSTITUTION'))"""

_AT_ONCE: Final = f"""
    select b.id, {_SCATTERED} and count(e.id) > 0 as applies, max(together.people) as value,
        {inputs_of_county("hospital_escort", "e")} {_ESCORTED}
        left join lateral (
            select count(distinct o.beneficiary_id) as people
            from hospital_escort s join hospital_escort o on o.county_code = s.county_code
                and o.contract_id is not distinct from s.contract_id
                and greatest(s.starts_on, e.starts_on) between o.starts_on and coalesce(o.ends_on, $3)
            where s.county_code = e.county_code and s.contract_id is not distinct from e.contract_id
                and s.starts_on <= least(e.ends_on, $3) and coalesce(s.ends_on, $3) >= e.starts_on
            group by s.id order by people desc limit 1) together on true
    where {_OF} group by b.county_code, b.id"""
"""People who are escorted for one contract on any day of the escort (A10): most are on a day one begins."""

MEASURES: Final[Measures] = {
    "dossier.count@CHILD": _dossiers(DossierKind.CHILD, LISTED),
    "dossier.count@ELDER": _dossiers(DossierKind.ELDER, ELDERS),
    "dossier.parts": _state(_PARTS),
    "protection.steps": _state(_STEPS),
    "visit.level_1": _visits_at(RiskLevel.LEVEL_1),
    "visit.level_2": _visits_at(RiskLevel.LEVEL_2),
    "visit.level_3": _visits_at(RiskLevel.LEVEL_3),
    "visit.orphans_reached": _events(_REACHED, _member_spans(UNATTENDED, "{effective_to}")),
    "visit.records@CHILD": _kept(CHILDREN, "TEXT", "coalesce(v.text_record, '') <> ''"),
    "visit.records@ELDER": _kept(MONTHLY, "REGISTER", "v.has_register_form"),
    "guardianship.confirmation": _state(_ENTRUSTED),
    "visit.elder": _events(_VISITS, _member_spans(MONTHLY)),
    "escort": _events(
        f"""
        select e.beneficiary_id as id, e.starts_on as on_day, 1 as amount,
            {named("hospital_escort", "e")} as record
        from hospital_escort e
        where e.county_code = $1 and e.beneficiary_id = any ($2) and e.starts_on <= $3""",
        f"""
        select b.id, max(coalesce(c.ends_on, 'infinity')) as until_on, case
            when not {_ALIVE} then null
            when bool_or(c.support_mode = 'SCATTERED') then greatest(
                min(c.starts_on) filter (where c.support_mode = 'SCATTERED'), {{effective_from}})
            when bool_or(c.id is not null and c.support_mode is null) then '-infinity'::date end as from_on
        from beneficiary b left join {_theirs("category_membership", "c")} and {_TEKUN}
        where {_OF} group by b.county_code, b.id""",
    ),
    "escort.days": _state(f"""
        select b.id, {_SCATTERED} and count(e.id) > 0 as applies,
            max(least(e.ends_on, $3) - e.starts_on + 1) as value,
            {inputs_of_county("hospital_escort", "e")} {_ESCORTED}
        where {_OF} group by b.county_code, b.id"""),
    "escort.at_once": _state(_AT_ONCE),
}
