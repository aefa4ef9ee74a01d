-- reads beneficiary, visit
-- holds values to open or sign
-- $1 viewer lo6 :: text
-- $2 viewer hi6 :: text
-- $3 limit field.0.last :: int
-- $4 cursor field.0.before 0 :: date
-- $5 cursor field.0.before 1 :: text
-- $6 cursor field.0.before 2 :: bigint
-- $7 nonce :: text
-- $8 viewer lo :: text
-- $9 viewer hi :: text
-- $10 limit field.1.last :: int
-- $11 cursor field.1.before 0 :: date
-- $12 cursor field.1.before 1 :: text
-- $13 cursor field.1.before 2 :: bigint
select '{"visits":' || (
  select '{"nodes":' || coalesce('[' || string_agg(e'\x010:' || t2.county_code::text || ':' || t2.id::text || '/' || t2.beneficiary_id::text || e'\x01{"id":' || '"Visit:' || t2.county_code::text || ':' || t2.id::text || '"' || ',"visitedOn":' || '"' || t2.visited_on::text || '"' || '}', ',' order by t2.rn desc) filter (where t2.rn <= $3::int) || ']', '[]')
    || ',"pageInfo":' || '{"hasNextPage":' || 'true'
    || ',"hasPreviousPage":' || (count(*) > $3::int)::text
    || ',"startCursor":' || coalesce((array_agg('"' || $7::text || 'c' || encode(convert_to(jsonb_build_array('visit,visited_on-,county_code-,id-', t2.visited_on, t2.county_code, t2.id)::text, 'UTF8'), 'hex') || '"' order by t2.rn desc) filter (where t2.rn <= $3::int))[1], 'null')
    || ',"endCursor":' || coalesce((array_agg('"' || $7::text || 'c' || encode(convert_to(jsonb_build_array('visit,visited_on-,county_code-,id-', t2.visited_on, t2.county_code, t2.id)::text, 'UTF8'), 'hex') || '"' order by t2.rn) filter (where t2.rn <= $3::int))[1], 'null') || '}' || '}'
  from (
    select beneficiary_id, county_code, id, visited_on, row_number() over () as rn
    from (
      select t1.beneficiary_id, t1.county_code, t1.id, t1.visited_on
      from visit t1
      where (t1.county_code >= $1::text and t1.county_code < $2::text) and (t1.visited_on, t1.county_code, t1.id) > ($4::date, $5::text, $6::bigint)
      order by t1.visited_on, t1.county_code, t1.id
      limit $3::int + 1
    ) t1
  ) t2
  having true
)
  || ',"latest":' || (
  select '{"nodes":' || coalesce('[' || string_agg(e'\x011:' || t4.county_code::text || ':' || t4.id::text || e'/\x01{"id":' || '"Beneficiary:' || t4.county_code::text || ':' || t4.id::text || '"' || '}', ',' order by t4.rn desc) || ']', '[]') || '}'
  from (
    select county_code, id, row_number() over () as rn
    from (
      select t3.county_code, t3.id
      from beneficiary t3
      where (t3.county_code >= $1::text and t3.county_code < $2::text and t3.division_code >= $8::text and t3.division_code < $9::text) and (coalesce((t3.birth_on < $11::date or $11::date is null and t3.birth_on is not null), false) or t3.birth_on is not distinct from $11::date and (coalesce(t3.county_code < $12::text, false) or t3.county_code is not distinct from $12::text and (coalesce(t3.id < $13::bigint, false) or t3.id is not distinct from $13::bigint and false)))
      order by t3.birth_on desc nulls first, t3.county_code desc, t3.id desc
      limit $10::int
    ) t3
  ) t4
  having true
) || '}'
