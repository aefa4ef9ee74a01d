-- reads assignment, beneficiary, contract, personnel, station, visit
-- $1 viewer lo :: text
-- $2 viewer hi :: text
-- $3 limit field.0.first :: int
-- $4 limit field.2.first :: int
-- $5 viewer lo6 :: text
-- $6 viewer hi6 :: text
select '{"stations":' || (
  select '{"nodes":' || coalesce('[' || string_agg('{"beneficiariesAggregate":' || (with t4 as materialized (
    select t3.risk_level as k0, sum(t3.count) as n
    from beneficiary_tally t3
    where t3.station_id = t2.id and ((t3.risk_level is not null)) group by 1 having sum(t3.count) <> 0
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
    where (t1.division_code >= $1::text and t1.division_code < $2::text)
    order by t1.id
    limit $3::int
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
      where t9.contract_id = t7.id and t9.county_code = t8.county_code and t9.beneficiary_id = t8.id and coalesce(t9.county_code >= $5::text and t9.county_code < $6::text, false)
    ) and coalesce(t8.county_code >= $5::text and t8.county_code < $6::text and t8.division_code >= $1::text and t8.division_code < $2::text, false)
  ) select '{"count":' || (
    select (coalesce(sum(n), 0))::text
    from t10
  ) || '}')
    || ',"visitsAggregate":' || (with t12 as materialized (
    select t11.worker_id as k0, count(*) as n
    from visit t11
    where t11.contract_id = t7.id and coalesce(t11.county_code >= $5::text and t11.county_code < $6::text, false) group by 1
  ) select '{"groups":' || (
    select case when count(*) <= 5000 then coalesce('[' || string_agg('{"key":' || '[' || coalesce('"Personnel:' || g0::text || '"', 'null') || ']' || ',"count":' || (n)::text || '}', ',' order by g0 nulls last) || ']', '[]') else repeat(' ', 2000000000 + count(*)::int) end
    from (
      select case when exists (
        select
        from personnel t14
        where t14.id = t12.k0 and coalesce(t14.division_code >= $1::text and t14.division_code < $2::text, false)
      ) then t12.k0 end as g0, sum(n) as n
      from t12 group by 1
    ) t13
  ) || '}') || '}' || ']'
  from (
    select t6.id
    from contract t6
    where (t6.division_code >= $1::text and t6.division_code < $2::text)
    order by t6.id
    limit $4::int
  ) t7
), '[]') || '}' || '}'
