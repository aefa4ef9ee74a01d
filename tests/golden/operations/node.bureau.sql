-- reads assignment, beneficiary, beneficiary_apart, category_membership, contract, contractor, deletion_certificate, deletion_duty, deletion_duty_person, division, emergency_access, household, identity_review, personnel, quarantined_row, referral, source, station, sync_run, visit, warning
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
  where t2.county_code = $2::text and t2.id = coalesce((
    select a.linked_to
    from beneficiary_apart a
    where a.county_code = $2::text and a.id = $3::text::bigint
  ), $3::text::bigint) and coalesce(t2.county_code >= $4::text and t2.county_code < $5::text and t2.division_code >= $6::text and t2.division_code < $7::text, false)
), 'null') when 'BeneficiaryApart' then coalesce((
  select e'\x012:' || t3.county_code::text || ':' || t3.id::text || e'/\x01{"__typename":' || '"BeneficiaryApart"'
    || ',"id":' || '"BeneficiaryApart:' || t3.county_code::text || ':' || t3.id::text || '"' || '}'
  from beneficiary_apart t3
  where t3.county_code = $2::text and t3.id = $3::text::bigint and coalesce(exists (
    select
    from beneficiary p
    where p.county_code = t3.county_code and p.id = t3.linked_to and p.county_code >= $4::text and p.county_code < $5::text and p.division_code >= $6::text and p.division_code < $7::text
  ), false)
), 'null') when 'CategoryMembership' then coalesce((
  select e'\x013:' || t4.county_code::text || ':' || t4.id::text || '/' || t4.beneficiary_id::text || e'\x01{"__typename":' || '"CategoryMembership"'
    || ',"id":' || '"CategoryMembership:' || t4.county_code::text || ':' || t4.id::text || '"' || '}'
  from category_membership t4
  where t4.county_code = $2::text and t4.id = $3::text::bigint and coalesce(t4.county_code >= $4::text and t4.county_code < $5::text, false)
), 'null') when 'Contract' then coalesce((
  select '{"__typename":' || '"Contract"'
    || ',"id":' || '"Contract:' || t5.id::text || '"' || '}'
  from contract t5
  where t5.id = $2::text::bigint and $3::text is null and coalesce(t5.division_code >= $6::text and t5.division_code < $7::text, false)
), 'null') when 'Contractor' then coalesce((
  select e'\x014:' || t6.id::text || e'\x01{"__typename":' || '"Contractor"'
    || ',"id":' || '"Contractor:' || t6.id::text || '"' || '}'
  from contractor t6
  where t6.id = $2::text::bigint and $3::text is null
), 'null') when 'DeletionCertificate' then coalesce((
  select e'\x015:' || t7.id::text || e'\x01{"__typename":' || '"DeletionCertificate"'
    || ',"id":' || '"DeletionCertificate:' || t7.id::text || '"' || '}'
  from deletion_certificate t7
  where t7.id = $2::text::bigint and $3::text is null and coalesce(t7.division_code >= $6::text and t7.division_code < $7::text, false)
), 'null') when 'DeletionDuty' then coalesce((
  select '{"__typename":' || '"DeletionDuty"'
    || ',"id":' || '"DeletionDuty:' || t8.id::text || '"' || '}'
  from deletion_duty t8
  where t8.id = $2::text::bigint and $3::text is null and coalesce(t8.division_code >= $6::text and t8.division_code < $7::text, false)
), 'null') when 'DeletionDutyPerson' then coalesce((
  select e'\x016:' || t9.county_code::text || ':' || t9.id::text || '/' || t9.beneficiary_id::text || e'\x01{"__typename":' || '"DeletionDutyPerson"'
    || ',"id":' || '"DeletionDutyPerson:' || t9.county_code::text || ':' || t9.id::text || '"' || '}'
  from deletion_duty_person t9
  where t9.county_code = $2::text and t9.id = $3::text::bigint and coalesce(t9.county_code >= $4::text and t9.county_code < $5::text and t9.division_code >= $6::text and t9.division_code < $7::text, false)
), 'null') when 'Division' then coalesce((
  select '{"__typename":' || '"Division"'
    || ',"id":' || '"Division:' || t10.code::text || '"'
    || ',"name":' || to_json(t10.name)::text || '}'
  from division t10
  where t10.code = $2::text and $3::text is null
), 'null') when 'EmergencyAccess' then coalesce((
  select e'\x017:' || t11.id::text || e'\x01{"__typename":' || '"EmergencyAccess"'
    || ',"id":' || '"EmergencyAccess:' || t11.id::text || '"' || '}'
  from emergency_access t11
  where t11.id = $2::text::bigint and $3::text is null and coalesce(t11.division_code >= $6::text and t11.division_code < $7::text, false)
), 'null') when 'Household' then coalesce((
  select e'\x018:' || t12.county_code::text || ':' || t12.id::text || e'\x01{"__typename":' || '"Household"'
    || ',"id":' || '"Household:' || t12.county_code::text || ':' || t12.id::text || '"' || '}'
  from household t12
  where t12.county_code = $2::text and t12.id = $3::text::bigint and coalesce(t12.county_code >= $4::text and t12.county_code < $5::text and t12.division_code >= $6::text and t12.division_code < $7::text, false)
), 'null') when 'IdentityReview' then coalesce((
  select e'\x019:' || t13.county_code::text || ':' || t13.id::text || e'\x01{"__typename":' || '"IdentityReview"'
    || ',"id":' || '"IdentityReview:' || t13.county_code::text || ':' || t13.id::text || '"' || '}'
  from identity_review t13
  where t13.county_code = $2::text and t13.id = $3::text::bigint and coalesce(t13.county_code >= $4::text and t13.county_code < $5::text and exists (
    select
    from beneficiary p
    where p.county_code = t13.county_code and p.id = coalesce((
      select a.linked_to
      from beneficiary_apart a
      where a.county_code = t13.county_code and a.id = t13.first_id
    ), t13.first_id) and p.county_code >= $4::text and p.county_code < $5::text and p.division_code >= $6::text and p.division_code < $7::text
  ) and exists (
    select
    from beneficiary p
    where p.county_code = t13.county_code and p.id = coalesce((
      select a.linked_to
      from beneficiary_apart a
      where a.county_code = t13.county_code and a.id = t13.second_id
    ), t13.second_id) and p.county_code >= $4::text and p.county_code < $5::text and p.division_code >= $6::text and p.division_code < $7::text
  ), false)
), 'null') when 'Personnel' then coalesce((
  select e'\x0110:' || t14.id::text || e'\x01{"__typename":' || '"Personnel"'
    || ',"id":' || '"Personnel:' || t14.id::text || '"' || '}'
  from personnel t14
  where t14.id = $2::text::bigint and $3::text is null and coalesce(t14.division_code >= $6::text and t14.division_code < $7::text, false)
), 'null') when 'QuarantinedRow' then coalesce((
  select e'\x0111:' || t15.id::text || e'\x01{"__typename":' || '"QuarantinedRow"'
    || ',"id":' || '"QuarantinedRow:' || t15.id::text || '"' || '}'
  from quarantined_row t15
  where t15.id = $2::text::bigint and $3::text is null and coalesce(t15.division_code >= $6::text and t15.division_code < $7::text, false)
), 'null') when 'Referral' then coalesce((
  select e'\x0112:' || t16.county_code::text || ':' || t16.id::text || '/' || t16.beneficiary_id::text || e'\x01{"__typename":' || '"Referral"'
    || ',"id":' || '"Referral:' || t16.county_code::text || ':' || t16.id::text || '"' || '}'
  from referral t16
  where t16.county_code = $2::text and t16.id = $3::text::bigint and coalesce(t16.county_code >= $4::text and t16.county_code < $5::text and t16.division_code >= $6::text and t16.division_code < $7::text, false)
), 'null') when 'Source' then coalesce((
  select '{"__typename":' || '"Source"'
    || ',"id":' || '"Source:' || t17.id::text || '"' || '}'
  from source t17
  where t17.id = $2::text::bigint and $3::text is null and coalesce((t17.division_code >= $6::text and t17.division_code < $7::text or t17.division_code is null), false)
), 'null') when 'Station' then coalesce((
  select '{"__typename":' || '"Station"'
    || ',"id":' || '"Station:' || t18.id::text || '"' || '}'
  from station t18
  where t18.id = $2::text::bigint and $3::text is null and coalesce(t18.division_code >= $6::text and t18.division_code < $7::text, false)
), 'null') when 'SyncRun' then coalesce((
  select '{"__typename":' || '"SyncRun"'
    || ',"id":' || '"SyncRun:' || t19.id::text || '"' || '}'
  from sync_run t19
  where t19.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t19.source_id and (s.division_code >= $6::text and s.division_code < $7::text or s.division_code is null)
  ), false)
), 'null') when 'Visit' then coalesce((
  select e'\x0113:' || t20.county_code::text || ':' || t20.id::text || '/' || t20.beneficiary_id::text || e'\x01{"__typename":' || '"Visit"'
    || ',"id":' || '"Visit:' || t20.county_code::text || ':' || t20.id::text || '"' || '}'
  from visit t20
  where t20.county_code = $2::text and t20.id = $3::text::bigint and coalesce(t20.county_code >= $4::text and t20.county_code < $5::text, false)
), 'null') when 'Warning' then coalesce((
  select e'\x0114:' || t21.county_code::text || ':' || t21.id::text || '/' || t21.beneficiary_id::text || e'\x01{"__typename":' || '"Warning"'
    || ',"id":' || '"Warning:' || t21.county_code::text || ':' || t21.id::text || '"' || '}'
  from warning t21
  where t21.county_code = $2::text and t21.id = $3::text::bigint and coalesce(t21.county_code >= $4::text and t21.county_code < $5::text, false)
), 'null') else 'null' end || '}'
