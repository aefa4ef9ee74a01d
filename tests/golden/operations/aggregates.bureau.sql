-- reads beneficiary
-- $1 viewer lo6 :: text
-- $2 viewer hi6 :: text
-- $3 viewer lo :: text
-- $4 viewer hi :: text
-- $5 range field.0.where.divisionCode.within 0 :: text
-- $6 range field.0.where.divisionCode.within 1 :: text
select '{"beneficiariesAggregate":' || (with t2 as materialized (
  select t1.risk_level as k0, t1.division_code as k1, sum(t1.count) as n
  from beneficiary_tally t1
  where (t1.county_code >= $1::text and t1.county_code < $2::text and t1.division_code >= $3::text and t1.division_code < $4::text) and (((t1.division_code >= $5::text and t1.division_code < $6::text))) group by 1, 2 having sum(t1.count) <> 0
) select '{"count":' || (
  select (coalesce(sum(n), 0))::text
  from t2
) || ',"byRisk":' || (
  select case when count(*) <= 5000 then coalesce('[' || string_agg('{"key":' || '[' || coalesce(to_json(g0)::text, 'null') || ']' || ',"count":' || (n)::text || '}', ',' order by g0 nulls last) || ']', '[]') else repeat(' ', 2000000000 + count(*)::int) end
  from (
    select t2.k0 as g0, sum(n) as n
    from t2 group by 1
  ) t3
) || ',"byBoth":' || (
  select case when count(*) <= 5000 then coalesce('[' || string_agg('{"__typename":' || '"Group"' || ',"count":' || (n)::text || ',"key":' || '[' || coalesce(to_json(g0)::text, 'null') || ',' || coalesce(to_json(g1)::text, 'null') || ']' || '}', ',' order by g0 nulls last, g1 nulls last) || ']', '[]') else repeat(' ', 2000000000 + count(*)::int) end
  from (
    select t2.k1 as g0, t2.k0 as g1, sum(n) as n
    from t2 group by 1, 2
  ) t4
) || '}') || '}'
