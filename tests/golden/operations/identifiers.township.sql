-- reads beneficiary, contract, contractor, household, household_record, source
-- $1 blind field.0.idNumber :: bytea[]
-- $2 viewer township :: text
-- $3 leaf field.1.creditCode :: text
-- $4 county field.2.number.county :: text
-- $5 leaf field.2.number.number :: text
-- $6 viewer lo :: text
-- $7 viewer hi :: text
-- $8 leaf field.3.record.source :: text
-- $9 leaf field.3.record.key :: text
-- $10 viewer county :: text
-- $11 viewer lo6 :: text
-- $12 viewer hi6 :: text
select '{"beneficiary":' || coalesce((
  select e'\x010:' || t1.county_code::text || ':' || t1.id::text || e'/\x01{"id":' || '"Beneficiary:' || t1.county_code::text || ':' || t1.id::text || '"' || '}'
  from beneficiary t1
  where t1.id_number_hash = any ($1::bytea[] || array(
    select s.id_number_hash
    from beneficiary_apart a join beneficiary s on s.county_code = a.county_code and s.id = a.linked_to
    where a.id_number_hash = any ($1::bytea[]) and s.id_number_hash is not null
  )) and not exists (
    select
    from beneficiary t2
    where t2.id_number_hash = any ($1::bytea[] || array(
      select s.id_number_hash
      from beneficiary_apart a join beneficiary s on s.county_code = a.county_code and s.id = a.linked_to
      where a.id_number_hash = any ($1::bytea[]) and s.id_number_hash is not null
    )) and (t2.county_code, t2.id) < (t1.county_code, t1.id) and coalesce(t2.township_code = $2::text, false)
  ) and coalesce(t1.township_code = $2::text, false)
), 'null')
  || ',"contractor":' || coalesce((
  select e'\x011:' || t3.id::text || e'\x01{"id":' || '"Contractor:' || t3.id::text || '"' || '}'
  from contractor t3
  where t3.credit_code = $3::text
), 'null')
  || ',"contract":' || coalesce((
  select '{"id":' || '"Contract:' || t4.id::text || '"' || '}'
  from contract t4
  where t4.county_code = $4::text and t4.number = $5::text and coalesce(exists (
    select
    from contract_station l join station s on s.id = l.station_id
    where l.contract_id = t4.id and s.division_code >= $6::text and s.division_code < $7::text
  ), false)
), 'null')
  || ',"household":' || coalesce((
  select e'\x012:' || t5.county_code::text || ':' || t5.id::text || e'\x01{"id":' || '"Household:' || t5.county_code::text || ':' || t5.id::text || '"' || '}'
  from household t5
  where exists (
    select
    from household_record t6, source t7
    where t7.code = $8::text and t6.source_id = t7.id and t6.record_key = $9::text and t6.entity_id = t5.id and t6.county_code = t5.county_code and coalesce((t7.division_code = $10::text or t7.code = 'hub'), false)
  ) and coalesce(t5.county_code >= $11::text and t5.county_code < $12::text and t5.division_code >= $6::text and t5.division_code < $7::text, false)
), 'null') || '}'
