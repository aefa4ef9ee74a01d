"""What rules limit of a station: its name, who leads it, who works there, what it has."""

from __future__ import annotations

from typing import Final

from hub.compliance.measure import AT_POST, RESIDENT, Measures, State, counted, inputs, months
from hub.domain.vocabulary import NormSubject

_OF: Final = "s.county_code = $1 and s.id = any ($2)"
_PILOT_TOWNS: Final = (
    *("陈埭镇", "池店镇", "安海镇", "磁灶镇", "东石镇"),
    *("英林镇", "金井镇", "龙湖镇", "深沪镇"),
)
"""R33 names the nine."""
_PILOT: Final = f"d.name = any (array[{', '.join(repr(name) for name in _PILOT_TOWNS)}])"


def _state(sql: str, *optional: str) -> State:
    return State(NormSubject.STATION, sql, frozenset(optional or ("inputs",)))


def _roles(role: str) -> State:
    return _state(f"""
        select s.id, count(r.id) as value,
            {inputs("station_role", "r")}
        from station s left join station_role r on r.station_id = s.id and r.role = '{role}'
            and coalesce(r.starts_on, '-infinity') <= $3 and coalesce(r.ends_on, 'infinity') >= $3
        where {_OF} group by s.id""")


def _workers(test: str, applies: str = "true", value: str = "count(p.id)") -> State:
    return _state(
        f"""
        select s.id, {value} as value, {applies} as applies,
            {inputs("personnel", "p")}
        from station s join division d on d.code = s.division_code
            left join personnel p on p.station_id = s.id and {test} and {AT_POST}
        where {_OF} group by s.id, d.name""",
        "inputs",
        "applies",
    )


def _kinds(table: str, since: str) -> State:
    return _state(f"""
        select s.id, array_remove(array_agg(distinct x.kind), null) as value,
            {inputs(table, "x")}
        from station s left join {table} x on x.station_id = s.id and {since}
        where {_OF} group by s.id""")


def _sign(form: str, side: str) -> State:
    return _state(
        f"""
        select distinct on (s.id) s.id, x.{side} as value, x.id is not null as applies,
            array['station_sign:' || x.id] as inputs
        from station s left join station_sign x on x.station_id = s.id and x.form = '{form}'
            and coalesce(x.installed_on, '-infinity') <= $3
        where {_OF} order by s.id, x.installed_on desc nulls last, x.id desc""",
        "inputs",
        "applies",
    )


_NAMED: Final = "replace(replace({target}, '{county}', c.name), '{township}', d.name)"
_PLAIN: Final = r"regexp_replace(normalize(s.name, NFKC), '\s', '', 'g')"
"""Without spaces and widths of characters, as names are compared everywhere (``hub.domain.norms.names``)."""

_LONGEST: Final = f"max({months('age(least(v.filled_on, $3)::timestamp, v.since_on::timestamp)')})"

MEASURES: Final[Measures] = {
    "station.name": _state(
        f"""
        select s.id, {_PLAIN} as value, {_NAMED} as target, array['station:' || s.id] as inputs
        from station s join division d on d.code = s.division_code
            join division c on c.code = s.county_code || '000000'
        where {_OF}""",
        "inputs",
        "target",
    ),
    "station.renamed_on": _state(
        f"""
        select s.id, coalesce(case when s.renamed_on <= $3 then s.renamed_on end, 'infinity') as value,
            s.former_name is not null as applies, {{target}} as due_on, array['station:' || s.id] as inputs
        from station s where {_OF}""",
        "inputs",
        "applies",
        "due_on",
    ),
    "station.heads": _roles("HEAD"),
    "station.deputies": _roles("DEPUTY"),
    "station.workers": _workers("p.kind in ('RESIDENT', 'PROJECT', 'VAGRANCY_RELIEF')"),
    "station.resident_full_time": _workers(
        RESIDENT, value=counted("p.id is not null and p.is_full_time", "station.resident_full_time")
    ),
    "station.resident@PILOT_TOWN": _workers(RESIDENT, _PILOT),
    "station.resident@OTHER_TOWNSHIP": _workers(RESIDENT, f"not ({_PILOT})"),
    "station.resident_social_workers": _workers(RESIDENT),
    "station.institutions": _kinds("station_institution", since="coalesce(x.adopted_on, '-infinity') <= $3"),
    "station.equipment": _kinds("station_equipment", since="x.item_count > 0"),
    "sign.form": _state(f"""
        select s.id, case count(distinct x.form) when 1 then min(x.form) when 2 then 'BOTH' end as value,
            {inputs("station_sign", "x")}
        from station s left join station_sign x on x.station_id = s.id
            and coalesce(x.installed_on, '-infinity') <= $3
        where {_OF} group by s.id"""),
    "sign.vertical.height": _sign("VERTICAL", "height_cm"),
    "sign.vertical.width": _sign("VERTICAL", "width_cm"),
    "sign.horizontal.height": _sign("HORIZONTAL", "height_cm"),
    "sign.horizontal.width": _sign("HORIZONTAL", "width_cm"),
    "vacancy.length": _state(
        f"""
        select s.id, {_LONGEST} as value, count(v.id) > 0 as applies,
            case when {{{_LONGEST}|vacancy.length}} then (
                min(v.since_on + make_interval(months => ({{target}})::int))
                    filter (where coalesce(v.filled_on, 'infinity') > $3))::date end as due_on,
            {inputs("vacancy", "v")}
        from station s left join vacancy v on v.station_id = s.id and v.since_on <= $3
        where {_OF} group by s.id""",
        "inputs",
        "applies",
        "due_on",
    ),
}
