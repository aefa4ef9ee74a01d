-- reads beneficiary
-- holds values to open or sign
-- $1 viewer lo6 :: text
-- $2 viewer hi6 :: text
-- $3 viewer lo :: text
-- $4 viewer hi :: text
-- $5 limit field.0.first :: int
-- $6 cursor field.0.after 0 :: text
-- $7 cursor field.0.after 1 :: text
-- $8 cursor field.0.after 2 :: bigint
-- $9 nonce :: text
select '{"beneficiaries":' || (
  select '{"nodes":' || coalesce('[' || string_agg(e'\x010:' || t2.county_code::text || ':' || t2.id::text || e'/\x01{"id":' || '"Beneficiary:' || t2.county_code::text || ':' || t2.id::text || '"' || '}', ',' order by t2.rn) filter (where t2.rn <= $5::int) || ']', '[]')
    || ',"pageInfo":' || '{"hasNextPage":' || (count(*) > $5::int)::text
    || ',"endCursor":' || coalesce((array_agg('"' || $9::text || 'c' || encode(convert_to(jsonb_build_array('beneficiary,division_code,county_code,id', t2.division_code, t2.county_code, t2.id)::text, 'UTF8'), 'hex') || '"' order by t2.rn desc) filter (where t2.rn <= $5::int))[1], 'null') || '}' || '}'
  from (
    select county_code, division_code, id, row_number() over () as rn
    from (
      select t1.county_code, t1.division_code, t1.id
      from beneficiary t1
      where (t1.county_code >= $1::text and t1.county_code < $2::text and t1.division_code >= $3::text and t1.division_code < $4::text) and (t1.division_code, t1.county_code, t1.id) > ($6::text, $7::text, $8::bigint)
      order by t1.division_code, t1.county_code, t1.id
      limit $5::int + 1
    ) t1
  ) t2
  having true
) || '}'
