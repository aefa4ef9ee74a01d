-- reads beneficiary, category_membership, division, station
-- $1 id field.0.id 0 :: text
-- $2 id field.0.id 1 :: bigint
-- $3 viewer lo6 :: text
-- $4 viewer hi6 :: text
-- $5 viewer lo :: text
-- $6 viewer hi :: text
-- $7 limit default :: int
-- $8 id field.2.id 0 :: bigint
-- $9 range field.3.code 0 :: text
select '{"beneficiary":' || coalesce((
  select e'\x010:' || t1.county_code::text || ':' || t1.id::text || e'/\x01{"id":' || '"Beneficiary:' || t1.county_code::text || ':' || t1.id::text || '"'
    || ',"name":' || to_json(t1.name)::text
    || ',"riskLevel":' || coalesce(to_json(t1.risk_level)::text, 'null')
    || ',"memberships":' || (
    select '{"nodes":' || coalesce('[' || string_agg(e'\x011<0:' || t3.id::text || e'\x01{"category":' || to_json(t3.category)::text || ',"startsOn":' || '"' || t3.starts_on::text || '"' || ',"endsOn":' || coalesce('"' || t3.ends_on::text || '"', 'null') || ',"monthlyAmount":' || coalesce('"' || t3.monthly_amount::text || '"', 'null') || '}', ',') || ']', '[]') || '}'
    from (
      select t2.category, t2.ends_on, t2.id, t2.monthly_amount, t2.starts_on
      from category_membership t2
      where t2.county_code = t1.county_code and t2.beneficiary_id = t1.id
      order by t2.county_code, t2.id
      limit $7::int
    ) t3
    having true
  ) || '}'
  from beneficiary t1
  where t1.county_code = $1::text and t1.id = coalesce((
    select a.linked_to
    from beneficiary_apart a
    where a.county_code = $1::text and a.id = $2::bigint
  ), $2::bigint) and coalesce(t1.county_code >= $3::text and t1.county_code < $4::text and t1.division_code >= $5::text and t1.division_code < $6::text, false)
), 'null')
  || ',"station":' || coalesce((
  select '{"name":' || to_json(t4.name)::text || '}'
  from station t4
  where t4.id = $8::bigint and coalesce(t4.division_code >= $5::text and t4.division_code < $6::text, false)
), 'null')
  || ',"division":' || coalesce((
  select '{"name":' || to_json(t5.name)::text
    || ',"isPilotTown":' || t5.is_pilot_town::text || '}'
  from division t5
  where t5.code = $9::text
), 'null') || '}'
