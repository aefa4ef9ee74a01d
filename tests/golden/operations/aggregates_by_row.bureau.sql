-- reads station, visit
-- $1 viewer lo6 :: text
-- $2 viewer hi6 :: text
-- $3 leaf field.0.where.visitedOn.gte :: date
select '{"visitsAggregate":' || (with t2 as materialized (
  select t1.station_id as k0, to_char(t1.visited_on, 'YYYY-MM') as k1, sum(t1.count) as n
  from visit_tally t1
  where (t1.county_code >= $1::text and t1.county_code < $2::text) and ((t1.visited_on >= $3::date)) group by 1, 2 having sum(t1.count) <> 0
) select '{"groups":' || (
  select case when count(*) <= 5000 then coalesce('[' || string_agg('{"key":' || '[' || coalesce('"Station:' || g0::text || '"', 'null') || ',' || coalesce(to_json(g1)::text, 'null') || ']' || ',"count":' || (n)::text || '}', ',' order by g0 nulls last, g1 nulls last) || ']', '[]') else repeat(' ', 2000000000 + count(*)::int) end
  from (
    select t2.k0 as g0, t2.k1 as g1, sum(n) as n
    from t2 group by 1, 2
  ) t3
) || '}') || '}'
