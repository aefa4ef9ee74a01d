-- reads beneficiary, category_membership, division, station
-- $1 id field.0.id 0 :: text
-- $2 id field.0.id 1 :: bigint
-- $3 viewer contracts :: bigint[]
-- $4 viewer today :: date
-- $5 limit default :: int
-- $6 id field.2.id 0 :: bigint
-- $7 leaf field.3.code :: text
select '{"beneficiary":' || coalesce((
  select '{"id":' || '"Beneficiary:' || t1.county_code::text || ':' || t1.id::text || '"'
    || ',"name":' || to_json(t1.name)::text
    || ',"riskLevel":' || coalesce(to_json(t1.risk_level)::text, 'null')
    || ',"memberships":' || (
    select '{"nodes":' || coalesce('[' || string_agg('{"category":' || to_json(t3.category)::text || ',"startsOn":' || '"' || t3.starts_on::text || '"' || ',"endsOn":' || coalesce('"' || t3.ends_on::text || '"', 'null') || ',"monthlyAmount":' || coalesce('"' || t3.monthly_amount::text || '"', 'null') || '}', ',' order by t3.rn) filter (where t3.rn <= $5::int) || ']', '[]') || '}'
    from (
      select t2.category, t2.ends_on, t2.monthly_amount, t2.starts_on, row_number() over (order by t2.county_code, t2.id) as rn
      from category_membership t2
      where t2.county_code = t1.county_code and t2.beneficiary_id = t1.id
      order by t2.county_code, t2.id
      limit $5::int + 1
    ) t3
    having true
  ) || '}'
  from beneficiary t1
  where t1.county_code = $1::text and t1.id = $2::bigint and (exists (
    select
    from assignment a
    where a.county_code = t1.county_code and a.beneficiary_id = t1.id and a.contract_id = any ($3::bigint[]) and a.starts_on <= $4::date and (a.ends_on is null or a.ends_on >= $4::date)
  ))
), 'null')
  || ',"station":' || coalesce((
  select '{"name":' || to_json(t4.name)::text || '}'
  from station t4
  where t4.id = $6::bigint and (exists (
    select
    from contract_station l
    where l.station_id = t4.id and l.contract_id = any ($3::bigint[])
  ))
), 'null')
  || ',"division":' || coalesce((
  select '{"name":' || to_json(t5.name)::text
    || ',"isPilotTown":' || t5.is_pilot_town::text || '}'
  from division t5
  where t5.code = $7::text
), 'null') || '}'
