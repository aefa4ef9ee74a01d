-- reads beneficiary, station
-- $1 viewer contracts :: bigint[]
-- $2 viewer today :: date
-- $3 leaf field.1.where.riskLevel.eq :: text
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
  where (exists (
    select
    from assignment a
    where a.county_code = t2.county_code and a.beneficiary_id = t2.id and a.contract_id = any ($1::bigint[]) and a.starts_on <= $2::date and (a.ends_on is null or a.ends_on >= $2::date)
  )) and ((t2.risk_level = $3::text))
) || '}' || '}'
