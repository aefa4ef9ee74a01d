-- reads assignment, beneficiary, contract, station, visit
-- $1 viewer contracts :: bigint[]
-- $2 viewer today :: date
-- $3 range field.0.where.divisionCode.within 0 :: text
-- $4 range field.0.where.divisionCode.within 1 :: text
-- $5 leaf field.0.where.and.0.station.status.eq :: text
-- $6 leaf field.0.where.and.1.visits.visitedOn.lte :: date
-- $7 leaf field.0.where.and.1.visits.visitedOn.gt :: date
-- $8 viewer organisation :: bigint
-- $9 leaf field.0.where.and.2.not.contracts.status.eq :: text
-- $10 leaf field.0.where.or.0.riskLevel.in :: text[]
-- $11 leaf field.0.where.or.1.not.birthOn.lt :: date
-- $12 leaf field.0.where.or.1.not.birthOn.gte :: date
select '{"beneficiaries":' || '{"totalCount":' || (
  select count(*)::text
  from beneficiary t1
  where (exists (
    select
    from assignment a
    where a.county_code = t1.county_code and a.beneficiary_id = t1.id and a.contract_id = any ($1::bigint[]) and a.starts_on <= $2::date and (a.ends_on is null or a.ends_on >= $2::date)
  )) and (((t1.division_code >= $3::text and t1.division_code < $4::text)) and ((exists (
    select
    from station t2
    where t2.id = t1.station_id and (exists (
      select
      from contract_station l
      where l.station_id = t2.id and l.contract_id = any ($1::bigint[])
    )) and ((t2.status = $5::text))
  )) and (exists (
    select
    from visit t3
    where t3.county_code = t1.county_code and t3.beneficiary_id = t1.id and (t3.contract_id = any ($1::bigint[]) and exists (
      select
      from beneficiary p
      where p.county_code = t3.county_code and p.id = t3.beneficiary_id and exists (
        select
        from assignment a
        where a.county_code = p.county_code and a.beneficiary_id = p.id and a.contract_id = any ($1::bigint[]) and a.starts_on <= $2::date and (a.ends_on is null or a.ends_on >= $2::date)
      )
    )) and ((t3.visited_on <= $6::date and t3.visited_on > $7::date))
  )) and (((exists (
    select
    from contract t4
    where exists (
      select
      from assignment t5
      where t5.county_code = t1.county_code and t5.beneficiary_id = t1.id and t5.contract_id = t4.id and (t5.contract_id = any ($1::bigint[]) and t5.starts_on <= $2::date and (t5.ends_on is null or t5.ends_on >= $2::date))
    ) and (t4.contractor_id = $8::bigint) and ((t4.status = $9::text))
  ))) is not true)) and (((t1.risk_level = any ($10::text[]))) or ((((t1.birth_on < $11::date and t1.birth_on >= $12::date))) is not true)))
) || '}' || '}'
