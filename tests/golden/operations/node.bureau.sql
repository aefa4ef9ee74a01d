-- reads assignment, beneficiary, category_membership, contract, contractor, deletion_certificate, deletion_duty, deletion_duty_person, division, emergency_access, household, personnel, quarantined_row, referral, source, station, sync_run, visit, warning
-- $1 node field.0.id 0 :: text
-- $2 node field.0.id 1 :: text
-- $3 node field.0.id 2 :: text
-- $4 viewer lo6 :: text
-- $5 viewer hi6 :: text
-- $6 viewer lo :: text
-- $7 viewer hi :: text
select '{"node":' || case $1::text when 'Assignment' then coalesce((
  select e'\x010:' || t1.county_code::text || ':' || t1.id::text || '/' || t1.beneficiary_id::text || e'\x01{"__typename":' || '"Assignment"'
    || ',"id":' || '"Assignment:' || t1.county_code::text || ':' || t1.id::text || '"' || '}'
  from assignment t1
  where t1.county_code = $2::text and t1.id = $3::text::bigint and coalesce(t1.county_code >= $4::text and t1.county_code < $5::text, false)
), 'null') when 'Beneficiary' then coalesce((
  select e'\x011:' || t2.county_code::text || ':' || t2.id::text || e'/\x01{"__typename":' || '"Beneficiary"'
    || ',"id":' || '"Beneficiary:' || t2.county_code::text || ':' || t2.id::text || '"' || '}'
  from beneficiary t2
  where t2.county_code = $2::text and t2.id = $3::text::bigint and coalesce(t2.county_code >= $4::text and t2.county_code < $5::text and t2.division_code >= $6::text and t2.division_code < $7::text, false)
), 'null') when 'CategoryMembership' then coalesce((
  select e'\x012:' || t3.county_code::text || ':' || t3.id::text || '/' || t3.beneficiary_id::text || e'\x01{"__typename":' || '"CategoryMembership"'
    || ',"id":' || '"CategoryMembership:' || t3.county_code::text || ':' || t3.id::text || '"' || '}'
  from category_membership t3
  where t3.county_code = $2::text and t3.id = $3::text::bigint and coalesce(t3.county_code >= $4::text and t3.county_code < $5::text, false)
), 'null') when 'Contract' then coalesce((
  select '{"__typename":' || '"Contract"'
    || ',"id":' || '"Contract:' || t4.id::text || '"' || '}'
  from contract t4
  where t4.id = $2::text::bigint and $3::text is null and coalesce(t4.division_code >= $6::text and t4.division_code < $7::text, false)
), 'null') when 'Contractor' then coalesce((
  select e'\x013:' || t5.id::text || e'\x01{"__typename":' || '"Contractor"'
    || ',"id":' || '"Contractor:' || t5.id::text || '"' || '}'
  from contractor t5
  where t5.id = $2::text::bigint and $3::text is null
), 'null') when 'DeletionCertificate' then coalesce((
  select e'\x014:' || t6.id::text || e'\x01{"__typename":' || '"DeletionCertificate"'
    || ',"id":' || '"DeletionCertificate:' || t6.id::text || '"' || '}'
  from deletion_certificate t6
  where t6.id = $2::text::bigint and $3::text is null and coalesce(t6.division_code >= $6::text and t6.division_code < $7::text, false)
), 'null') when 'DeletionDuty' then coalesce((
  select '{"__typename":' || '"DeletionDuty"'
    || ',"id":' || '"DeletionDuty:' || t7.id::text || '"' || '}'
  from deletion_duty t7
  where t7.id = $2::text::bigint and $3::text is null and coalesce(t7.division_code >= $6::text and t7.division_code < $7::text, false)
), 'null') when 'DeletionDutyPerson' then coalesce((
  select e'\x015:' || t8.county_code::text || ':' || t8.id::text || '/' || t8.beneficiary_id::text || e'\x01{"__typename":' || '"DeletionDutyPerson"'
    || ',"id":' || '"DeletionDutyPerson:' || t8.county_code::text || ':' || t8.id::text || '"' || '}'
  from deletion_duty_person t8
  where t8.county_code = $2::text and t8.id = $3::text::bigint and coalesce(t8.county_code >= $4::text and t8.county_code < $5::text and t8.division_code >= $6::text and t8.division_code < $7::text, false)
), 'null') when 'Division' then coalesce((
  select '{"__typename":' || '"Division"'
    || ',"id":' || '"Division:' || t9.code::text || '"'
    || ',"name":' || to_json(t9.name)::text || '}'
  from division t9
  where t9.code = $2::text and $3::text is null
), 'null') when 'EmergencyAccess' then coalesce((
  select e'\x016:' || t10.id::text || e'\x01{"__typename":' || '"EmergencyAccess"'
    || ',"id":' || '"EmergencyAccess:' || t10.id::text || '"' || '}'
  from emergency_access t10
  where t10.id = $2::text::bigint and $3::text is null and coalesce(t10.division_code >= $6::text and t10.division_code < $7::text, false)
), 'null') when 'Household' then coalesce((
  select e'\x017:' || t11.county_code::text || ':' || t11.id::text || e'\x01{"__typename":' || '"Household"'
    || ',"id":' || '"Household:' || t11.county_code::text || ':' || t11.id::text || '"' || '}'
  from household t11
  where t11.county_code = $2::text and t11.id = $3::text::bigint and coalesce(t11.county_code >= $4::text and t11.county_code < $5::text and t11.division_code >= $6::text and t11.division_code < $7::text, false)
), 'null') when 'Personnel' then coalesce((
  select e'\x018:' || t12.id::text || e'\x01{"__typename":' || '"Personnel"'
    || ',"id":' || '"Personnel:' || t12.id::text || '"' || '}'
  from personnel t12
  where t12.id = $2::text::bigint and $3::text is null and coalesce(t12.division_code >= $6::text and t12.division_code < $7::text, false)
), 'null') when 'QuarantinedRow' then coalesce((
  select e'\x019:' || t13.id::text || e'\x01{"__typename":' || '"QuarantinedRow"'
    || ',"id":' || '"QuarantinedRow:' || t13.id::text || '"' || '}'
  from quarantined_row t13
  where t13.id = $2::text::bigint and $3::text is null and coalesce(t13.division_code >= $6::text and t13.division_code < $7::text, false)
), 'null') when 'Referral' then coalesce((
  select e'\x0110:' || t14.county_code::text || ':' || t14.id::text || '/' || t14.beneficiary_id::text || e'\x01{"__typename":' || '"Referral"'
    || ',"id":' || '"Referral:' || t14.county_code::text || ':' || t14.id::text || '"' || '}'
  from referral t14
  where t14.county_code = $2::text and t14.id = $3::text::bigint and coalesce(t14.county_code >= $4::text and t14.county_code < $5::text and t14.division_code >= $6::text and t14.division_code < $7::text, false)
), 'null') when 'Source' then coalesce((
  select '{"__typename":' || '"Source"'
    || ',"id":' || '"Source:' || t15.id::text || '"' || '}'
  from source t15
  where t15.id = $2::text::bigint and $3::text is null and coalesce((t15.division_code >= $6::text and t15.division_code < $7::text or t15.division_code is null), false)
), 'null') when 'Station' then coalesce((
  select '{"__typename":' || '"Station"'
    || ',"id":' || '"Station:' || t16.id::text || '"' || '}'
  from station t16
  where t16.id = $2::text::bigint and $3::text is null and coalesce(t16.division_code >= $6::text and t16.division_code < $7::text, false)
), 'null') when 'SyncRun' then coalesce((
  select '{"__typename":' || '"SyncRun"'
    || ',"id":' || '"SyncRun:' || t17.id::text || '"' || '}'
  from sync_run t17
  where t17.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t17.source_id and (s.division_code >= $6::text and s.division_code < $7::text or s.division_code is null)
  ), false)
), 'null') when 'Visit' then coalesce((
  select e'\x0111:' || t18.county_code::text || ':' || t18.id::text || '/' || t18.beneficiary_id::text || e'\x01{"__typename":' || '"Visit"'
    || ',"id":' || '"Visit:' || t18.county_code::text || ':' || t18.id::text || '"' || '}'
  from visit t18
  where t18.county_code = $2::text and t18.id = $3::text::bigint and coalesce(t18.county_code >= $4::text and t18.county_code < $5::text, false)
), 'null') when 'Warning' then coalesce((
  select e'\x0112:' || t19.county_code::text || ':' || t19.id::text || '/' || t19.beneficiary_id::text || e'\x01{"__typename":' || '"Warning"'
    || ',"id":' || '"Warning:' || t19.county_code::text || ':' || t19.id::text || '"' || '}'
  from warning t19
  where t19.county_code = $2::text and t19.id = $3::text::bigint and coalesce(t19.county_code >= $4::text and t19.county_code < $5::text, false)
), 'null') else 'null' end || '}'
