-- reads beneficiary, contract, contractor, household, household_record, source
-- $1 blind field.0.idNumber :: bytea[]
-- $2 viewer lo6 :: text
-- $3 viewer hi6 :: text
-- $4 viewer lo :: text
-- $5 viewer hi :: text
-- $6 leaf field.1.creditCode :: text
-- $7 county field.2.number.county :: text
-- $8 leaf field.2.number.number :: text
-- $9 leaf field.3.record.source :: text
-- $10 leaf field.3.record.key :: text
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
    )) and (t2.county_code, t2.id) < (t1.county_code, t1.id) and coalesce(t2.county_code >= $2::text and t2.county_code < $3::text and t2.division_code >= $4::text and t2.division_code < $5::text, false)
  ) and coalesce(t1.county_code >= $2::text and t1.county_code < $3::text and t1.division_code >= $4::text and t1.division_code < $5::text, false)
), 'null')
  || ',"contractor":' || coalesce((
  select e'\x011:' || t3.id::text || e'\x01{"id":' || '"Contractor:' || t3.id::text || '"' || '}'
  from contractor t3
  where t3.credit_code = $6::text
), 'null')
  || ',"contract":' || coalesce((
  select '{"id":' || '"Contract:' || t4.id::text || '"' || '}'
  from contract t4
  where t4.county_code = $7::text and t4.number = $8::text and coalesce(t4.division_code >= $4::text and t4.division_code < $5::text, false)
), 'null')
  || ',"household":' || coalesce((
  select e'\x012:' || t5.county_code::text || ':' || t5.id::text || e'\x01{"id":' || '"Household:' || t5.county_code::text || ':' || t5.id::text || '"' || '}'
  from household t5
  where exists (
    select
    from household_record t6, source t7
    where t7.code = $9::text and t6.source_id = t7.id and t6.record_key = $10::text and t6.entity_id = t5.id and t6.county_code = t5.county_code and coalesce((t7.division_code >= $4::text and t7.division_code < $5::text or t7.division_code is null), false)
  ) and coalesce(t5.county_code >= $2::text and t5.county_code < $3::text and t5.division_code >= $4::text and t5.division_code < $5::text, false)
), 'null') || '}'
