-- reads beneficiary
-- holds values to open or sign
-- $1 viewer lo :: text
-- $2 viewer hi :: text
-- $3 limit field.0.first :: int
-- $4 cursor field.0.after 0 :: text
-- $5 cursor field.0.after 1 :: text
-- $6 cursor field.0.after 2 :: bigint
-- $7 nonce :: text
select '{"beneficiaries":' || (
  select '{"nodes":' || coalesce('[' || string_agg('{"id":' || '"Beneficiary:' || t2.county_code::text || ':' || t2.id::text || '"' || '}', ',' order by t2.rn) filter (where t2.rn <= $3::int) || ']', '[]')
    || ',"pageInfo":' || '{"hasNextPage":' || (count(*) > $3::int)::text
    || ',"endCursor":' || coalesce((array_agg('"' || $7::text || 'c' || encode(convert_to(jsonb_build_array('beneficiary,division_code,county_code,id', t2.division_code, t2.county_code, t2.id)::text, 'UTF8'), 'hex') || '"' order by t2.rn desc) filter (where t2.rn <= $3::int))[1], 'null') || '}' || '}'
  from (
    select t1.county_code, t1.division_code, t1.id, row_number() over (order by t1.division_code, t1.county_code, t1.id) as rn
    from beneficiary t1
    where (t1.division_code >= $1::text and t1.division_code < $2::text) and (t1.division_code, t1.county_code, t1.id) > ($4::text, $5::text, $6::bigint)
    order by t1.division_code, t1.county_code, t1.id
    limit $3::int + 1
  ) t2
  having true
) || '}'
