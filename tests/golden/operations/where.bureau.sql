-- reads assignment, beneficiary, contract, station, visit
-- $1 viewer lo6 :: text
-- $2 viewer hi6 :: text
-- $3 viewer lo :: text
-- $4 viewer hi :: text
-- $5 range field.0.where.divisionCode.within 0 :: text
-- $6 range field.0.where.divisionCode.within 1 :: text
-- $7 leaf field.0.where.and.0.station.status.eq :: text
-- $8 leaf field.0.where.and.1.visits.visitedOn.lte :: date
-- $9 leaf field.0.where.and.1.visits.visitedOn.gt :: date
-- $10 leaf field.0.where.and.2.not.contracts.status.eq :: text
-- $11 leaf field.0.where.or.0.riskLevel.in :: text[]
-- $12 leaf field.0.where.or.1.not.birthOn.lt :: date
-- $13 leaf field.0.where.or.1.not.birthOn.gte :: date
select '{"beneficiaries":' || '{"totalCount":' || (
  select count(*)::text
  from beneficiary t1
  where (t1.county_code >= $1::text and t1.county_code < $2::text and t1.division_code >= $3::text and t1.division_code < $4::text) and (((t1.division_code >= $5::text and t1.division_code < $6::text)) and ((exists (
    select
    from station t2
    where t2.id = t1.station_id and ((t2.status = $7::text))
  )) and (exists (
    select
    from visit t3
    where t3.county_code = t1.county_code and t3.beneficiary_id = t1.id and ((t3.visited_on <= $8::date and t3.visited_on > $9::date))
  )) and (((exists (
    select
    from contract t4
    where exists (
      select
      from assignment t5
      where t5.county_code = t1.county_code and t5.beneficiary_id = t1.id and t5.contract_id = t4.id
    ) and coalesce(t4.division_code >= $3::text and t4.division_code < $4::text, false) and ((t4.status = $10::text))
  ))) is not true)) and (((t1.risk_level = any ($11::text[]))) or ((((t1.birth_on < $12::date and t1.birth_on >= $13::date))) is not true)))
) || '}' || '}'
