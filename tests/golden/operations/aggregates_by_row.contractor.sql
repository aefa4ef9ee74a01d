-- reads station, visit
-- $1 viewer contracts :: bigint[]
-- $2 viewer today :: date
-- $3 leaf field.0.where.visitedOn.gte :: date
select '{"visitsAggregate":' || (with t2 as materialized (
  select t1.station_id as k0, to_char(t1.visited_on, 'YYYY-MM') as k1, count(*) as n
  from visit t1
  where (t1.contract_id = any ($1::bigint[]) and (
    select (p.open_contract_ids && $1::bigint[] and p.open_since_on <= $2::date or (p.open_contract_ids && $1::bigint[] or p.dated_contract_ids && $1::bigint[]) and (
      select true
      from assignment a
      where a.county_code = p.county_code and a.beneficiary_id = p.id and a.contract_id = any ($1::bigint[]) and a.starts_on <= $2::date and (a.ends_on is null or a.ends_on >= $2::date)
      limit 1
    ))
    from beneficiary p
    where p.county_code = t1.county_code and p.id = t1.beneficiary_id
  )) and ((t1.visited_on >= $3::date)) group by 1, 2
) select '{"groups":' || (
  select case when count(*) <= 5000 then coalesce('[' || string_agg('{"key":' || '[' || coalesce('"Station:' || g0::text || '"', 'null') || ',' || coalesce(to_json(g1)::text, 'null') || ']' || ',"count":' || (n)::text || '}', ',' order by g0 nulls last, g1 nulls last) || ']', '[]') else repeat(' ', 2000000000 + count(*)::int) end
  from (
    select case when exists (
      select
      from station t4
      where t4.id = t2.k0 and coalesce(exists (
        select
        from contract_station l
        where l.station_id = t4.id and l.contract_id = any ($1::bigint[])
      ), false)
    ) then t2.k0 end as g0, t2.k1 as g1, sum(n) as n
    from t2 group by 1, 2
  ) t3
) || '}') || '}'
