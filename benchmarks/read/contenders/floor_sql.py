"""The floor's statements: one for each workload, written by hand, returning the finished JSON as text.

JSON is put together as text, which costs PostgreSQL less than ``json_build_object`` does on lists. Values
that cannot hold a quote or a backslash (codes, dates, numbers) go in as they are. Lists keep the order of the
subquery they are made from, which saves sorting them again.
"""

from __future__ import annotations

from typing import Final

Q1: Final = """
select '{"data":{"beneficiaryStatus":{"entitled":' || exists (
    select from beneficiary b
    join category_membership m on m.county_code = b.county_code and m.beneficiary_id = b.id
    where b.county_code = $1 and b.id_number_hash = $2 and (b.deceased_on is null or b.deceased_on >= $4)
        and m.category = $3 and m.starts_on <= $4 and (m.ends_on is null or m.ends_on >= $4)
)::text || '}}}'
"""

Q2: Final = """
select '{"data":{"beneficiaries":{"nodes":[' || coalesce(string_agg(
        '{"id":"Beneficiary:' || b.county_code || ':' || b.id::text
        || '","nameMasked":' || to_json(b.name_masked)::text
        || ',"riskLevel":' || coalesce('"' || b.risk_level || '"', 'null')
        || ',"birthOn":' || coalesce('"' || b.birth_on::text || '"', 'null')
        || ',"station":' || coalesce((
            select '{"name":' || to_json(s.name)::text || '}' from station s where s.id = b.station_id
        ), 'null')
        || ',"assignments":{"nodes":[' || coalesce((
            select '{"worker":' || coalesce('{"name":' || to_json(p.name)::text || '}', 'null') || '}'
            from (
                select worker_id from assignment
                where county_code = b.county_code and beneficiary_id = b.id order by id limit 1
            ) a left join personnel p on p.id = a.worker_id
        ), '')
        || ']},"visits":{"nodes":[' || coalesce((
            select '{"visitedOn":"' || v.visited_on::text || '","kind":"' || v.kind || '"}'
            from visit v where v.county_code = b.county_code and v.beneficiary_id = b.id
            order by v.visited_on desc limit 1
        ), '') || ']}}',
        ',') filter (where b.n <= 50), '')
    || '],"pageInfo":{"hasNextPage":' || (count(*) > 50)::text || '}}}}'
from (
    select county_code, id, name_masked, risk_level, birth_on, station_id,
        row_number() over () as n
    from (
        select county_code, id, name_masked, risk_level, birth_on, station_id
        from beneficiary where township_code = left($1, 9) order by risk_level, county_code, id limit 51
    ) page
) b
"""

Q3: Final = """
with people as materialized (
    select risk_level, station_id, count(*) as count from beneficiary
    where division_code >= $1 and division_code < $2 group by risk_level, station_id
), visits as materialized (
    select station_id, count(*) as count from visit
    where county_code = $3 and visited_on >= $4 and visited_on < $5 group by station_id
)
select '{"data":{"people":{"count":' || (select coalesce(sum(count), 0) from people)::text
    || ',"byRisk":[' || coalesce((
        select string_agg('{"key":[' || coalesce('"' || risk_level || '"', 'null')
            || '],"count":' || count::text || '}', ',')
        from (select risk_level, sum(count) as count from people group by risk_level) grouped
    ), '')
    || '],"byStation":[' || coalesce((
        select string_agg('{"key":[' || coalesce('"Station:' || station_id::text || '"', 'null')
            || '],"count":' || count::text || '}', ',')
        from (select station_id, sum(count) as count from people group by station_id) grouped
    ), '')
    || ']},"visits":{"count":' || (select coalesce(sum(count), 0) from visits)::text
    || ',"byStation":[' || coalesce((
        select string_agg('{"key":[' || coalesce('"Station:' || station_id::text || '"', 'null')
            || '],"count":' || count::text || '}', ',') from visits
    ), '')
    || ']},"stations":{"totalCount":'
    || (select count(*) from station where division_code >= $1 and division_code < $2)::text
    || '},"contracts":{"totalCount":'
    || (select count(*) from contract where division_code >= $1 and division_code < $2)::text
    || ',"nodes":[' || coalesce((
        select string_agg('{"number":' || to_json(number)::text || ',"endsOn":"' || ends_on::text || '"}',
            ',' order by ends_on, id)
        from (
            select number, ends_on, id from contract where division_code >= $1 and division_code < $2
            order by ends_on, id limit 20
        ) k
    ), '') || ']}}}'
"""

# The rows of the contractor: its own staff, people assigned to it now, visits under its live contracts.
# A person's station is that of the residence, so it lies in the person's county: said here, it lets
# PostgreSQL walk the primary key in order and stop after ten, instead of finding all people of the station.
Q4: Final = """
with live as materialized (
    select array(
        select id from contract where contractor_id = $2 and status in ('ACTIVE', 'RENEWED', 'NOT_RENEWED')
            and starts_on <= $3 and ends_on >= $3
    ) as ids
)
select '{"data":{"contract":' || coalesce((
    select '{"stations":{"nodes":[' || coalesce((
        select string_agg(
            '{"name":' || to_json(s.name)::text
            || ',"personnel":{"nodes":[' || coalesce((
                select string_agg('{"name":' || to_json(p.name)::text || ',"kind":"' || p.kind || '"}', ',')
                from (
                    select name, kind from personnel
                    where station_id = s.id and employer_id = $2 order by id limit 5
                ) p
            ), '')
            || ']},"beneficiaries":{"nodes":[' || coalesce((
                select string_agg(
                    '{"nameMasked":' || to_json(b.name_masked)::text
                    || ',"riskLevel":' || coalesce('"' || b.risk_level || '"', 'null')
                    || ',"visits":{"nodes":[' || coalesce((
                        select string_agg('{"visitedOn":"' || v.visited_on::text || '","kind":"' || v.kind
                            || '"}', ',')
                        from (
                            select visited_on, kind from visit
                            where county_code = b.county_code and beneficiary_id = b.id
                                and contractor_id = $2
                                and contract_id = any ((select ids from live)::bigint[])
                            order by visited_on desc limit 3
                        ) v
                    ), '') || ']}}',
                    ',')
                from (
                    select county_code, id, name_masked, risk_level from (
                        select county_code, id, name_masked, risk_level from beneficiary
                        where station_id = s.id and county_code = s.county_code
                        order by county_code, id offset 0
                    ) t
                    where exists (
                        select from assignment a
                        where a.county_code = t.county_code and a.beneficiary_id = t.id
                            and a.contractor_id = $2 and a.starts_on <= $3
                            and (a.ends_on is null or a.ends_on >= $3)
                            and a.contract_id = any ((select ids from live)::bigint[])
                    ) limit 10
                ) b
            ), '') || ']}}',
            ',')
        from (
            select t.id, t.name, t.county_code from contract_station l join station t on t.id = l.station_id
            where l.contract_id = k.id order by t.id limit 10
        ) s
    ), '') || ']}}'
    from contract k where k.id = $1 and k.contractor_id = $2
), 'null') || '}}'
"""
