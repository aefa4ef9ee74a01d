-- reads beneficiary, contract, contractor, household, personnel, visit
-- $1 viewer lo6 :: text
-- $2 viewer hi6 :: text
-- $3 limit default :: int
-- $4 viewer lo :: text
-- $5 viewer hi :: text
select '{"visits":' || (
  select '{"nodes":' || coalesce('[' || string_agg(e'\x010:' || t2.county_code::text || ':' || t2.id::text || '/' || t2.beneficiary_id::text || e'\x01{"id":' || '"Visit:' || t2.county_code::text || ':' || t2.id::text || '"' || ',"beneficiary":' || coalesce((
    select e'\x011:' || t3.county_code::text || ':' || t3.id::text || e'/\x01{"id":' || '"Beneficiary:' || t3.county_code::text || ':' || t3.id::text || '"'
      || ',"name":' || to_json(t3.name)::text
      || ',"household":' || coalesce((
      select e'\x012:' || t4.county_code::text || ':' || t4.id::text || e'\x01{"id":' || '"Household:' || t4.county_code::text || ':' || t4.id::text || '"' || '}'
      from household t4
      where t4.county_code = t3.county_code and t4.id = t3.household_id
    ), 'null') || '}'
    from beneficiary t3
    where t3.county_code = t2.county_code and t3.id = t2.beneficiary_id
  ), 'null') || ',"worker":' || coalesce((
    select e'\x013:' || t5.id::text || e'\x01{"name":' || to_json(t5.name)::text || '}'
    from personnel t5
    where t5.id = t2.worker_id and coalesce(t5.division_code >= $4::text and t5.division_code < $5::text, false)
  ), 'null') || ',"contract":' || coalesce((
    select '{"number":' || to_json(t6.number)::text
      || ',"contractor":' || coalesce((
      select e'\x014:' || t7.id::text || e'\x01{"name":' || to_json(t7.name)::text || '}'
      from contractor t7
      where t7.id = t6.contractor_id
    ), 'null') || '}'
    from contract t6
    where t6.id = t2.contract_id and coalesce(t6.division_code >= $4::text and t6.division_code < $5::text, false)
  ), 'null') || '}', ',') || ']', '[]') || '}'
  from (
    select t1.beneficiary_id, t1.contract_id, t1.county_code, t1.id, t1.worker_id
    from visit t1
    where (t1.county_code >= $1::text and t1.county_code < $2::text)
    order by t1.county_code, t1.id
    limit $3::int
  ) t2
  having true
) || '}'
