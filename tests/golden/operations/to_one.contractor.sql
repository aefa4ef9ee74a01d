-- reads beneficiary, contract, contractor, household, personnel, visit
-- $1 viewer contracts :: bigint[]
-- $2 viewer today :: date
-- $3 limit default :: int
-- $4 viewer lo6 :: text
-- $5 viewer hi6 :: text
-- $6 viewer organisation :: bigint
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
    where t3.county_code = t2.county_code and t3.id = t2.beneficiary_id and coalesce(t3.county_code >= $4::text and t3.county_code < $5::text and (t3.open_contract_ids && $1::bigint[] and t3.open_since_on <= $2::date or (t3.open_contract_ids && $1::bigint[] or t3.dated_contract_ids && $1::bigint[]) and (
      select true
      from assignment a
      where a.county_code = t3.county_code and a.beneficiary_id = t3.id and a.contract_id = any ($1::bigint[]) and a.starts_on <= $2::date and (a.ends_on is null or a.ends_on >= $2::date)
      limit 1
    )), false)
  ), 'null') || ',"worker":' || coalesce((
    select e'\x013:' || t5.id::text || e'\x01{"name":' || to_json(t5.name)::text || '}'
    from personnel t5
    where t5.id = t2.worker_id and coalesce(t5.employer_id = $6::bigint, false)
  ), 'null') || ',"contract":' || coalesce((
    select '{"number":' || to_json(t6.number)::text
      || ',"contractor":' || coalesce((
      select e'\x014:' || t7.id::text || e'\x01{"name":' || to_json(t7.name)::text || '}'
      from contractor t7
      where t7.id = t6.contractor_id
    ), 'null') || '}'
    from contract t6
    where t6.id = t2.contract_id and coalesce(t6.contractor_id = $6::bigint, false)
  ), 'null') || '}', ',') || ']', '[]') || '}'
  from (
    select t1.beneficiary_id, t1.contract_id, t1.county_code, t1.id, t1.worker_id
    from visit t1
    where (t1.contract_id = any ($1::bigint[]) and (
      select (p.open_contract_ids && $1::bigint[] and p.open_since_on <= $2::date or (p.open_contract_ids && $1::bigint[] or p.dated_contract_ids && $1::bigint[]) and (
        select true
        from assignment a
        where a.county_code = p.county_code and a.beneficiary_id = p.id and a.contract_id = any ($1::bigint[]) and a.starts_on <= $2::date and (a.ends_on is null or a.ends_on >= $2::date)
        limit 1
      ))
      from beneficiary p
      where p.county_code = t1.county_code and p.id = t1.beneficiary_id
    ))
    order by t1.county_code, t1.id
    limit $3::int
  ) t2
  having true
) || '}'
