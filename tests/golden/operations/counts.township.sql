-- reads beneficiary, station
-- $1 viewer lo :: text
-- $2 viewer hi :: text
-- $3 viewer lo6 :: text
-- $4 viewer hi6 :: text
-- $5 leaf field.1.where.riskLevel.eq :: text
select '{"stations":' || '{"totalCount":' || (
  select count(*)::text
  from station t1
  where (t1.division_code >= $1::text and t1.division_code < $2::text)
) || '}'
  || ',"beneficiaries":' || '{"totalCount":' || (
  select coalesce(sum(t3.count), 0)::text
  from beneficiary_tally t3
  where (t3.county_code >= $3::text and t3.county_code < $4::text and t3.division_code >= $1::text and t3.division_code < $2::text) and ((t3.risk_level = $5::text))
) || '}' || '}'
