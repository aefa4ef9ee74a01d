-- reads assignment, beneficiary, contract, station, visit
-- $1 viewer lo6 :: text
-- $2 viewer hi6 :: text
-- $3 viewer contracts :: bigint[]
-- $4 viewer today :: date
-- $5 range field.0.where.divisionCode.within 0 :: text
-- $6 range field.0.where.divisionCode.within 1 :: text
-- $7 leaf field.0.where.and.0.station.status.eq :: text
-- $8 leaf field.0.where.and.1.visits.visitedOn.lte :: date
-- $9 leaf field.0.where.and.1.visits.visitedOn.gt :: date
-- $10 viewer organisation :: bigint
-- $11 leaf field.0.where.and.2.not.contracts.status.eq :: text
-- $12 leaf field.0.where.or.0.riskLevel.in :: text[]
-- $13 leaf field.0.where.or.1.not.birthOn.lt :: date
-- $14 leaf field.0.where.or.1.not.birthOn.gte :: date
select '{"beneficiaries":' || '{"totalCount":' || (
  select count(*)::text
  from beneficiary t1
  where (t1.county_code >= $1::text and t1.county_code < $2::text and (t1.open_contract_ids && $3::bigint[] and t1.open_since_on <= $4::date or (t1.open_contract_ids && $3::bigint[] or t1.dated_contract_ids && $3::bigint[]) and (
    select true
    from assignment a
    where a.county_code = t1.county_code and a.beneficiary_id = t1.id and a.contract_id = any ($3::bigint[]) and a.starts_on <= $4::date and (a.ends_on is null or a.ends_on >= $4::date)
    limit 1
  ))) and (((t1.division_code >= $5::text and t1.division_code < $6::text)) and ((exists (
    select
    from station t2
    where t2.id = t1.station_id and coalesce(exists (
      select
      from contract_station l
      where l.station_id = t2.id and l.contract_id = any ($3::bigint[])
    ), false) and ((t2.status = $7::text))
  )) and (exists (
    select
    from visit t3
    where t3.county_code = t1.county_code and t3.beneficiary_id = t1.id and coalesce(t3.contract_id = any ($3::bigint[]), false) and ((t3.visited_on <= $8::date and t3.visited_on > $9::date))
  )) and (((exists (
    select
    from contract t4
    where exists (
      select
      from assignment t5
      where t5.county_code = t1.county_code and t5.beneficiary_id = t1.id and t5.contract_id = t4.id and coalesce(t5.contract_id = any ($3::bigint[]) and t5.starts_on <= $4::date and (t5.ends_on is null or t5.ends_on >= $4::date), false)
    ) and coalesce(t4.contractor_id = $10::bigint, false) and ((t4.status = $11::text))
  ))) is not true)) and (((t1.risk_level = any ($12::text[]))) or ((((t1.birth_on < $13::date and t1.birth_on >= $14::date))) is not true)))
) || '}' || '}'
