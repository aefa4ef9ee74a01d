-- reads beneficiary, station
-- $1 viewer contracts :: bigint[]
-- $2 viewer lo6 :: text
-- $3 viewer hi6 :: text
-- $4 viewer today :: date
-- $5 leaf field.1.where.riskLevel.eq :: text
select '{"stations":' || '{"totalCount":' || (
  select count(*)::text
  from station t1
  where (exists (
    select
    from contract_station l
    where l.station_id = t1.id and l.contract_id = any ($1::bigint[])
  ))
) || '}'
  || ',"beneficiaries":' || '{"totalCount":' || (
  select count(*)::text
  from beneficiary t2
  where (t2.county_code >= $2::text and t2.county_code < $3::text and (t2.open_contract_ids && $1::bigint[] and t2.open_since_on <= $4::date or (t2.open_contract_ids && $1::bigint[] or t2.dated_contract_ids && $1::bigint[]) and (
    select true
    from assignment a
    where a.county_code = t2.county_code and a.beneficiary_id = t2.id and a.contract_id = any ($1::bigint[]) and a.starts_on <= $4::date and (a.ends_on is null or a.ends_on >= $4::date)
    limit 1
  ))) and ((t2.risk_level = $5::text))
) || '}' || '}'
