-- reads beneficiary
-- $1 node field.0.id 0 :: text
-- $2 node field.0.id 1 :: text
-- $3 node field.0.id 2 :: text
-- $4 viewer lo6 :: text
-- $5 viewer hi6 :: text
-- $6 viewer lo :: text
-- $7 viewer hi :: text
select '{"node":' || case $1::text when 'Beneficiary' then coalesce((
  select e'\x010:' || t1.county_code::text || ':' || t1.id::text || e'/\x01{"__typename":' || '"Beneficiary"'
    || ',"id":' || '"Beneficiary:' || t1.county_code::text || ':' || t1.id::text || '"' || '}'
  from beneficiary t1
  where t1.county_code = $2::text and t1.id = coalesce((
    select a.linked_to
    from beneficiary_apart a
    where a.county_code = $2::text and a.id = $3::text::bigint
  ), $3::text::bigint) and coalesce(t1.county_code >= $4::text and t1.county_code < $5::text and t1.division_code >= $6::text and t1.division_code < $7::text, false)
), 'null') else 'null' end || '}'
