-- reads assignment, beneficiary, beneficiary_apart, category_membership, contract, contractor, correction_request, deletion_certificate, deletion_duty, deletion_duty_person, division, emergency_access, field_override, former_division, household, identity_review, personnel, quarantined_row, referral, relief_episode, source, station, street_encounter, sync_run, visit, warning
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
), 'null') when 'CorrectionRequest' then coalesce((
  select e'\x015:' || t7.county_code::text || ':' || t7.id::text || '/' || t7.beneficiary_id::text || e'\x01{"__typename":' || '"CorrectionRequest"'
    || ',"id":' || '"CorrectionRequest:' || t7.county_code::text || ':' || t7.id::text || '"' || '}'
  from correction_request t7
  where t7.county_code = $2::text and t7.id = $3::text::bigint and coalesce(exists (
    select
    from beneficiary g
    where g.county_code = t7.county_code and g.id = t7.beneficiary_id and g.county_code >= $4::text and g.county_code < $5::text and g.division_code >= $6::text and g.division_code < $7::text
  ), false)
), 'null') when 'DeletionCertificate' then coalesce((
  select e'\x016:' || t8.id::text || e'\x01{"__typename":' || '"DeletionCertificate"'
    || ',"id":' || '"DeletionCertificate:' || t8.id::text || '"' || '}'
  from deletion_certificate t8
  where t8.id = $2::text::bigint and $3::text is null and coalesce(t8.division_code >= $6::text and t8.division_code < $7::text, false)
), 'null') when 'DeletionDuty' then coalesce((
  select '{"__typename":' || '"DeletionDuty"'
    || ',"id":' || '"DeletionDuty:' || t9.id::text || '"' || '}'
  from deletion_duty t9
  where t9.id = $2::text::bigint and $3::text is null and coalesce(t9.division_code >= $6::text and t9.division_code < $7::text, false)
), 'null') when 'DeletionDutyPerson' then coalesce((
  select e'\x017:' || t10.county_code::text || ':' || t10.id::text || '/' || t10.beneficiary_id::text || e'\x01{"__typename":' || '"DeletionDutyPerson"'
    || ',"id":' || '"DeletionDutyPerson:' || t10.county_code::text || ':' || t10.id::text || '"' || '}'
  from deletion_duty_person t10
  where t10.county_code = $2::text and t10.id = $3::text::bigint and coalesce(t10.county_code >= $4::text and t10.county_code < $5::text and t10.division_code >= $6::text and t10.division_code < $7::text, false)
), 'null') when 'Division' then coalesce((
  select '{"__typename":' || '"Division"'
    || ',"id":' || '"Division:' || t11.code::text || '"'
    || ',"name":' || to_json(t11.name)::text || '}'
  from division t11
  where t11.code = $2::text and $3::text is null
), 'null') when 'EmergencyAccess' then coalesce((
  select e'\x018:' || t12.id::text || e'\x01{"__typename":' || '"EmergencyAccess"'
    || ',"id":' || '"EmergencyAccess:' || t12.id::text || '"' || '}'
  from emergency_access t12
  where t12.id = $2::text::bigint and $3::text is null and coalesce(t12.division_code >= $6::text and t12.division_code < $7::text, false)
), 'null') when 'FieldOverride' then coalesce((
  select e'\x019:' || t13.county_code::text || ':' || t13.id::text || '/' || t13.beneficiary_id::text || e'\x01{"__typename":' || '"FieldOverride"'
    || ',"id":' || '"FieldOverride:' || t13.county_code::text || ':' || t13.id::text || '"' || '}'
  from field_override t13
  where t13.county_code = $2::text and t13.id = $3::text::bigint and coalesce(exists (
    select
    from beneficiary g
    where g.county_code = t13.county_code and g.id = t13.beneficiary_id and g.county_code >= $4::text and g.county_code < $5::text and g.division_code >= $6::text and g.division_code < $7::text
  ), false)
), 'null') when 'FormerDivision' then coalesce((
  select '{"__typename":' || '"FormerDivision"'
    || ',"id":' || '"FormerDivision:' || t14.id::text || '"' || '}'
  from former_division t14
  where t14.id = $2::text::bigint and $3::text is null
), 'null') when 'Household' then coalesce((
  select e'\x0110:' || t15.county_code::text || ':' || t15.id::text || e'\x01{"__typename":' || '"Household"'
    || ',"id":' || '"Household:' || t15.county_code::text || ':' || t15.id::text || '"' || '}'
  from household t15
  where t15.county_code = $2::text and t15.id = $3::text::bigint and coalesce(t15.county_code >= $4::text and t15.county_code < $5::text and t15.division_code >= $6::text and t15.division_code < $7::text, false)
), 'null') when 'IdentityReview' then coalesce((
  select e'\x0111:' || t16.county_code::text || ':' || t16.id::text || e'\x01{"__typename":' || '"IdentityReview"'
    || ',"id":' || '"IdentityReview:' || t16.county_code::text || ':' || t16.id::text || '"' || '}'
  from identity_review t16
  where t16.county_code = $2::text and t16.id = $3::text::bigint and coalesce(t16.county_code >= $4::text and t16.county_code < $5::text and exists (
    select
    from beneficiary p
    where p.county_code = t16.county_code and p.id = coalesce((
      select a.linked_to
      from beneficiary_apart a
      where a.county_code = t16.county_code and a.id = t16.first_id
    ), t16.first_id) and p.county_code >= $4::text and p.county_code < $5::text and p.division_code >= $6::text and p.division_code < $7::text
  ) and exists (
    select
    from beneficiary p
    where p.county_code = t16.county_code and p.id = coalesce((
      select a.linked_to
      from beneficiary_apart a
      where a.county_code = t16.county_code and a.id = t16.second_id
    ), t16.second_id) and p.county_code >= $4::text and p.county_code < $5::text and p.division_code >= $6::text and p.division_code < $7::text
  ), false)
), 'null') when 'Personnel' then coalesce((
  select e'\x0112:' || t17.id::text || e'\x01{"__typename":' || '"Personnel"'
    || ',"id":' || '"Personnel:' || t17.id::text || '"' || '}'
  from personnel t17
  where t17.id = $2::text::bigint and $3::text is null and coalesce(t17.division_code >= $6::text and t17.division_code < $7::text, false)
), 'null') when 'QuarantinedRow' then coalesce((
  select e'\x0113:' || t18.id::text || e'\x01{"__typename":' || '"QuarantinedRow"'
    || ',"id":' || '"QuarantinedRow:' || t18.id::text || '"' || '}'
  from quarantined_row t18
  where t18.id = $2::text::bigint and $3::text is null and coalesce(t18.division_code >= $6::text and t18.division_code < $7::text, false)
), 'null') when 'Referral' then coalesce((
  select e'\x0114:' || t19.county_code::text || ':' || t19.id::text || '/' || t19.beneficiary_id::text || e'\x01{"__typename":' || '"Referral"'
    || ',"id":' || '"Referral:' || t19.county_code::text || ':' || t19.id::text || '"' || '}'
  from referral t19
  where t19.county_code = $2::text and t19.id = $3::text::bigint and coalesce(t19.county_code >= $4::text and t19.county_code < $5::text and t19.division_code >= $6::text and t19.division_code < $7::text, false)
), 'null') when 'ReliefEpisode' then coalesce((
  select e'\x0115:' || t20.county_code::text || ':' || t20.id::text || '/' || t20.beneficiary_id::text || e'\x01{"__typename":' || '"ReliefEpisode"'
    || ',"id":' || '"ReliefEpisode:' || t20.county_code::text || ':' || t20.id::text || '"' || '}'
  from relief_episode t20
  where t20.county_code = $2::text and t20.id = $3::text::bigint and coalesce(t20.county_code >= $4::text and t20.county_code < $5::text, false)
), 'null') when 'Source' then coalesce((
  select '{"__typename":' || '"Source"'
    || ',"id":' || '"Source:' || t21.id::text || '"' || '}'
  from source t21
  where t21.id = $2::text::bigint and $3::text is null and coalesce((t21.division_code >= $6::text and t21.division_code < $7::text or t21.division_code is null), false)
), 'null') when 'Station' then coalesce((
  select '{"__typename":' || '"Station"'
    || ',"id":' || '"Station:' || t22.id::text || '"' || '}'
  from station t22
  where t22.id = $2::text::bigint and $3::text is null and coalesce(t22.division_code >= $6::text and t22.division_code < $7::text, false)
), 'null') when 'StreetEncounter' then coalesce((
  select e'\x0116:' || t23.county_code::text || ':' || t23.id::text || coalesce('/' || t23.beneficiary_id::text, '') || e'\x01{"__typename":' || '"StreetEncounter"'
    || ',"id":' || '"StreetEncounter:' || t23.county_code::text || ':' || t23.id::text || '"' || '}'
  from street_encounter t23
  where t23.county_code = $2::text and t23.id = $3::text::bigint and coalesce(t23.county_code >= $4::text and t23.county_code < $5::text and t23.division_code >= $6::text and t23.division_code < $7::text, false)
), 'null') when 'SyncRun' then coalesce((
  select '{"__typename":' || '"SyncRun"'
    || ',"id":' || '"SyncRun:' || t24.id::text || '"' || '}'
  from sync_run t24
  where t24.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t24.source_id and (s.division_code >= $6::text and s.division_code < $7::text or s.division_code is null)
  ), false)
), 'null') when 'Visit' then coalesce((
  select e'\x0117:' || t25.county_code::text || ':' || t25.id::text || '/' || t25.beneficiary_id::text || e'\x01{"__typename":' || '"Visit"'
    || ',"id":' || '"Visit:' || t25.county_code::text || ':' || t25.id::text || '"' || '}'
  from visit t25
  where t25.county_code = $2::text and t25.id = $3::text::bigint and coalesce(t25.county_code >= $4::text and t25.county_code < $5::text, false)
), 'null') when 'Warning' then coalesce((
  select e'\x0118:' || t26.county_code::text || ':' || t26.id::text || '/' || t26.beneficiary_id::text || e'\x01{"__typename":' || '"Warning"'
    || ',"id":' || '"Warning:' || t26.county_code::text || ':' || t26.id::text || '"' || '}'
  from warning t26
  where t26.county_code = $2::text and t26.id = $3::text::bigint and coalesce(t26.county_code >= $4::text and t26.county_code < $5::text, false)
), 'null') else 'null' end || '}'
