-- reads beneficiary
-- holds values to open or sign
-- $1 viewer lo6 :: text
-- $2 viewer hi6 :: text
-- $3 viewer lo :: text
-- $4 viewer hi :: text
-- $5 limit field.0.first :: int
-- $6 cursor field.0.after 0 :: date
-- $7 cursor field.0.after 1 :: text
-- $8 cursor field.0.after 2 :: bigint
-- $9 nonce :: text
-- $10 limit field.1.first :: int
-- $11 cursor field.1.after 0 :: date
-- $12 cursor field.1.after 1 :: text
-- $13 cursor field.1.after 2 :: text
-- $14 cursor field.1.after 3 :: bigint
select '{"up":' || (
  select '{"edges":' || coalesce('[' || string_agg('{"cursor":' || '"' || $9::text || 'c' || encode(convert_to(jsonb_build_array('beneficiary,birth_on,county_code,id', t2.birth_on, t2.county_code, t2.id)::text, 'UTF8'), 'hex') || '"' || ',"node":' || e'\x010:' || t2.county_code::text || ':' || t2.id::text || e'/\x01{"id":' || '"Beneficiary:' || t2.county_code::text || ':' || t2.id::text || '"' || '}' || '}', ',') || ']', '[]') || '}'
  from (
    select t1.birth_on, t1.county_code, t1.id
    from beneficiary t1
    where (t1.county_code >= $1::text and t1.county_code < $2::text and t1.division_code >= $3::text and t1.division_code < $4::text) and (coalesce((t1.birth_on > $6::date or t1.birth_on is null and $6::date is not null), false) or t1.birth_on is not distinct from $6::date and (coalesce(t1.county_code > $7::text, false) or t1.county_code is not distinct from $7::text and (coalesce(t1.id > $8::bigint, false) or t1.id is not distinct from $8::bigint and false)))
    order by t1.birth_on nulls last, t1.county_code, t1.id
    limit $5::int
  ) t2
  having true
)
  || ',"down":' || (
  select '{"nodes":' || coalesce('[' || string_agg(e'\x011:' || t4.county_code::text || ':' || t4.id::text || e'/\x01{"id":' || '"Beneficiary:' || t4.county_code::text || ':' || t4.id::text || '"' || '}', ',') || ']', '[]') || '}'
  from (
    select t3.county_code, t3.id
    from beneficiary t3
    where (t3.county_code >= $1::text and t3.county_code < $2::text and t3.division_code >= $3::text and t3.division_code < $4::text) and (coalesce((t3.birth_on < $11::date or t3.birth_on is null and $11::date is not null), false) or t3.birth_on is not distinct from $11::date and (coalesce(t3.name > $12::text, false) or t3.name is not distinct from $12::text and (coalesce(t3.county_code > $13::text, false) or t3.county_code is not distinct from $13::text and (coalesce(t3.id > $14::bigint, false) or t3.id is not distinct from $14::bigint and false))))
    order by t3.birth_on desc nulls last, t3.name, t3.county_code, t3.id
    limit $10::int
  ) t4
  having true
) || '}'
