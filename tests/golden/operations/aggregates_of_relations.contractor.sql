-- reads assignment, beneficiary, contract, personnel, station, visit
-- $1 viewer contracts :: bigint[]
-- $2 limit field.0.first :: int
-- $3 viewer lo6 :: text
-- $4 viewer hi6 :: text
-- $5 viewer today :: date
-- $6 viewer organisation :: bigint
-- $7 limit field.2.first :: int
select '{"stations":' || (
  select '{"nodes":' || coalesce('[' || string_agg('{"beneficiariesAggregate":' || (with t4 as materialized (
    select t3.risk_level as k0, count(*) as n
    from beneficiary t3
    where t3.station_id = t2.id and coalesce(t3.county_code >= $3::text and t3.county_code < $4::text and (t3.open_contract_ids && $1::bigint[] and t3.open_since_on <= $5::date or (t3.open_contract_ids && $1::bigint[] or t3.dated_contract_ids && $1::bigint[]) and (
      select true
      from assignment a
      where a.county_code = t3.county_code and a.beneficiary_id = t3.id and a.contract_id = any ($1::bigint[]) and a.starts_on <= $5::date and (a.ends_on is null or a.ends_on >= $5::date)
      limit 1
    )), false) and ((t3.risk_level is not null)) group by 1
  ) select '{"count":' || (
    select (coalesce(sum(n), 0))::text
    from t4
  ) || ',"groups":' || (
    select case when count(*) <= 5000 then coalesce('[' || string_agg('{"key":' || '[' || coalesce(to_json(g0)::text, 'null') || ']' || ',"count":' || (n)::text || '}', ',' order by g0 nulls last) || ']', '[]') else repeat(' ', 2000000000 + count(*)::int) end
    from (
      select t4.k0 as g0, sum(n) as n
      from t4 group by 1
    ) t5
  ) || '}') || '}', ',') || ']', '[]') || '}'
  from (
    select t1.id
    from station t1
    where (exists (
      select
      from contract_station l
      where l.station_id = t1.id and l.contract_id = any ($1::bigint[])
    ))
    order by t1.id
    limit $2::int
  ) t2
  having true
)
  || ',"contracts":' || '{"nodes":' || coalesce((
  select '[' || '{"beneficiariesAggregate":' || (with t10 as materialized (
    select count(*) as n
    from beneficiary t8
    where exists (
      select
      from assignment t9
      where t9.contract_id = t7.id and t9.county_code = t8.county_code and t9.beneficiary_id = t8.id and coalesce(t9.contract_id = any ($1::bigint[]) and t9.starts_on <= $5::date and (t9.ends_on is null or t9.ends_on >= $5::date), false)
    ) and coalesce(t8.county_code >= $3::text and t8.county_code < $4::text and (t8.open_contract_ids && $1::bigint[] and t8.open_since_on <= $5::date or (t8.open_contract_ids && $1::bigint[] or t8.dated_contract_ids && $1::bigint[]) and (
      select true
      from assignment a
      where a.county_code = t8.county_code and a.beneficiary_id = t8.id and a.contract_id = any ($1::bigint[]) and a.starts_on <= $5::date and (a.ends_on is null or a.ends_on >= $5::date)
      limit 1
    )), false)
  ) select '{"count":' || (
    select (coalesce(sum(n), 0))::text
    from t10
  ) || '}')
    || ',"visitsAggregate":' || (with t12 as materialized (
    select t11.worker_id as k0, count(*) as n
    from visit t11
    where t11.contract_id = t7.id and coalesce(t11.contract_id = any ($1::bigint[]) and (
      select (p.open_contract_ids && $1::bigint[] and p.open_since_on <= $5::date or (p.open_contract_ids && $1::bigint[] or p.dated_contract_ids && $1::bigint[]) and (
        select true
        from assignment a
        where a.county_code = p.county_code and a.beneficiary_id = p.id and a.contract_id = any ($1::bigint[]) and a.starts_on <= $5::date and (a.ends_on is null or a.ends_on >= $5::date)
        limit 1
      ))
      from beneficiary p
      where p.county_code = t11.county_code and p.id = t11.beneficiary_id
    ), false) group by 1
  ) select '{"groups":' || (
    select case when count(*) <= 5000 then coalesce('[' || string_agg('{"key":' || '[' || coalesce('"Personnel:' || g0::text || '"', 'null') || ']' || ',"count":' || (n)::text || '}', ',' order by g0 nulls last) || ']', '[]') else repeat(' ', 2000000000 + count(*)::int) end
    from (
      select case when exists (
        select
        from personnel t14
        where t14.id = t12.k0 and coalesce(t14.employer_id = $6::bigint, false)
      ) then t12.k0 end as g0, sum(n) as n
      from t12 group by 1
    ) t13
  ) || '}') || '}' || ']'
  from (
    select t6.id
    from contract t6
    where (t6.contractor_id = $6::bigint)
    order by t6.id
    limit $7::int
  ) t7
), '[]') || '}' || '}'
