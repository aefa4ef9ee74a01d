-- reads assignment, beneficiary, beneficiary_apart, category_membership, contract, contractor, correction_request, deletion_certificate, deletion_duty, deletion_duty_person, division, dropped_cells, emergency_access, field_override, former_division, household, identity_review, personnel, quarantined_row, reconciliation, referral, relief_episode, run_list, source, source_column, source_drift, station, street_encounter, sync_run, visit, warning
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
), 'null') when 'DroppedCells' then coalesce((
  select '{"__typename":' || '"DroppedCells"'
    || ',"id":' || '"DroppedCells:' || t12.id::text || '"' || '}'
  from dropped_cells t12
  where t12.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t12.source_id and (s.division_code >= $6::text and s.division_code < $7::text or s.division_code is null)
  ), false)
), 'null') when 'EmergencyAccess' then coalesce((
  select e'\x018:' || t13.id::text || e'\x01{"__typename":' || '"EmergencyAccess"'
    || ',"id":' || '"EmergencyAccess:' || t13.id::text || '"' || '}'
  from emergency_access t13
  where t13.id = $2::text::bigint and $3::text is null and coalesce(t13.division_code >= $6::text and t13.division_code < $7::text, false)
), 'null') when 'FieldOverride' then coalesce((
  select e'\x019:' || t14.county_code::text || ':' || t14.id::text || '/' || t14.beneficiary_id::text || e'\x01{"__typename":' || '"FieldOverride"'
    || ',"id":' || '"FieldOverride:' || t14.county_code::text || ':' || t14.id::text || '"' || '}'
  from field_override t14
  where t14.county_code = $2::text and t14.id = $3::text::bigint and coalesce(exists (
    select
    from beneficiary g
    where g.county_code = t14.county_code and g.id = t14.beneficiary_id and g.county_code >= $4::text and g.county_code < $5::text and g.division_code >= $6::text and g.division_code < $7::text
  ), false)
), 'null') when 'FormerDivision' then coalesce((
  select '{"__typename":' || '"FormerDivision"'
    || ',"id":' || '"FormerDivision:' || t15.id::text || '"' || '}'
  from former_division t15
  where t15.id = $2::text::bigint and $3::text is null
), 'null') when 'Household' then coalesce((
  select e'\x0110:' || t16.county_code::text || ':' || t16.id::text || e'\x01{"__typename":' || '"Household"'
    || ',"id":' || '"Household:' || t16.county_code::text || ':' || t16.id::text || '"' || '}'
  from household t16
  where t16.county_code = $2::text and t16.id = $3::text::bigint and coalesce(t16.county_code >= $4::text and t16.county_code < $5::text and t16.division_code >= $6::text and t16.division_code < $7::text, false)
), 'null') when 'IdentityReview' then coalesce((
  select e'\x0111:' || t17.county_code::text || ':' || t17.id::text || e'\x01{"__typename":' || '"IdentityReview"'
    || ',"id":' || '"IdentityReview:' || t17.county_code::text || ':' || t17.id::text || '"' || '}'
  from identity_review t17
  where t17.county_code = $2::text and t17.id = $3::text::bigint and coalesce(t17.county_code >= $4::text and t17.county_code < $5::text and exists (
    select
    from beneficiary p
    where p.county_code = t17.county_code and p.id = coalesce((
      select a.linked_to
      from beneficiary_apart a
      where a.county_code = t17.county_code and a.id = t17.first_id
    ), t17.first_id) and p.county_code >= $4::text and p.county_code < $5::text and p.division_code >= $6::text and p.division_code < $7::text
  ) and exists (
    select
    from beneficiary p
    where p.county_code = t17.county_code and p.id = coalesce((
      select a.linked_to
      from beneficiary_apart a
      where a.county_code = t17.county_code and a.id = t17.second_id
    ), t17.second_id) and p.county_code >= $4::text and p.county_code < $5::text and p.division_code >= $6::text and p.division_code < $7::text
  ), false)
), 'null') when 'Personnel' then coalesce((
  select e'\x0112:' || t18.id::text || e'\x01{"__typename":' || '"Personnel"'
    || ',"id":' || '"Personnel:' || t18.id::text || '"' || '}'
  from personnel t18
  where t18.id = $2::text::bigint and $3::text is null and coalesce(t18.division_code >= $6::text and t18.division_code < $7::text, false)
), 'null') when 'QuarantinedRow' then coalesce((
  select e'\x0113:' || t19.id::text || e'\x01{"__typename":' || '"QuarantinedRow"'
    || ',"id":' || '"QuarantinedRow:' || t19.id::text || '"' || '}'
  from quarantined_row t19
  where t19.id = $2::text::bigint and $3::text is null and coalesce(t19.division_code >= $6::text and t19.division_code < $7::text, false)
), 'null') when 'Reconciliation' then coalesce((
  select '{"__typename":' || '"Reconciliation"'
    || ',"id":' || '"Reconciliation:' || t20.id::text || '"' || '}'
  from reconciliation t20
  where t20.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t20.source_id and (s.division_code >= $6::text and s.division_code < $7::text or s.division_code is null)
  ), false)
), 'null') when 'Referral' then coalesce((
  select e'\x0114:' || t21.county_code::text || ':' || t21.id::text || '/' || t21.beneficiary_id::text || e'\x01{"__typename":' || '"Referral"'
    || ',"id":' || '"Referral:' || t21.county_code::text || ':' || t21.id::text || '"' || '}'
  from referral t21
  where t21.county_code = $2::text and t21.id = $3::text::bigint and coalesce(t21.county_code >= $4::text and t21.county_code < $5::text and t21.division_code >= $6::text and t21.division_code < $7::text, false)
), 'null') when 'ReliefEpisode' then coalesce((
  select e'\x0115:' || t22.county_code::text || ':' || t22.id::text || '/' || t22.beneficiary_id::text || e'\x01{"__typename":' || '"ReliefEpisode"'
    || ',"id":' || '"ReliefEpisode:' || t22.county_code::text || ':' || t22.id::text || '"' || '}'
  from relief_episode t22
  where t22.county_code = $2::text and t22.id = $3::text::bigint and coalesce(t22.county_code >= $4::text and t22.county_code < $5::text, false)
), 'null') when 'RunList' then coalesce((
  select '{"__typename":' || '"RunList"'
    || ',"id":' || '"RunList:' || t23.id::text || '"' || '}'
  from run_list t23
  where t23.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t23.source_id and (s.division_code >= $6::text and s.division_code < $7::text or s.division_code is null)
  ), false)
), 'null') when 'Source' then coalesce((
  select '{"__typename":' || '"Source"'
    || ',"id":' || '"Source:' || t24.id::text || '"' || '}'
  from source t24
  where t24.id = $2::text::bigint and $3::text is null and coalesce((t24.division_code >= $6::text and t24.division_code < $7::text or t24.division_code is null), false)
), 'null') when 'SourceColumn' then coalesce((
  select '{"__typename":' || '"SourceColumn"'
    || ',"id":' || '"SourceColumn:' || t25.id::text || '"' || '}'
  from source_column t25
  where t25.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t25.source_id and (s.division_code >= $6::text and s.division_code < $7::text or s.division_code is null)
  ), false)
), 'null') when 'SourceDrift' then coalesce((
  select '{"__typename":' || '"SourceDrift"'
    || ',"id":' || '"SourceDrift:' || t26.id::text || '"' || '}'
  from source_drift t26
  where t26.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t26.source_id and (s.division_code >= $6::text and s.division_code < $7::text or s.division_code is null)
  ), false)
), 'null') when 'Station' then coalesce((
  select '{"__typename":' || '"Station"'
    || ',"id":' || '"Station:' || t27.id::text || '"' || '}'
  from station t27
  where t27.id = $2::text::bigint and $3::text is null and coalesce(t27.division_code >= $6::text and t27.division_code < $7::text, false)
), 'null') when 'StreetEncounter' then coalesce((
  select e'\x0116:' || t28.county_code::text || ':' || t28.id::text || coalesce('/' || t28.beneficiary_id::text, '') || e'\x01{"__typename":' || '"StreetEncounter"'
    || ',"id":' || '"StreetEncounter:' || t28.county_code::text || ':' || t28.id::text || '"' || '}'
  from street_encounter t28
  where t28.county_code = $2::text and t28.id = $3::text::bigint and coalesce(t28.county_code >= $4::text and t28.county_code < $5::text and t28.division_code >= $6::text and t28.division_code < $7::text, false)
), 'null') when 'SyncRun' then coalesce((
  select '{"__typename":' || '"SyncRun"'
    || ',"id":' || '"SyncRun:' || t29.id::text || '"' || '}'
  from sync_run t29
  where t29.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t29.source_id and (s.division_code >= $6::text and s.division_code < $7::text or s.division_code is null)
  ), false)
), 'null') when 'Visit' then coalesce((
  select e'\x0117:' || t30.county_code::text || ':' || t30.id::text || '/' || t30.beneficiary_id::text || e'\x01{"__typename":' || '"Visit"'
    || ',"id":' || '"Visit:' || t30.county_code::text || ':' || t30.id::text || '"' || '}'
  from visit t30
  where t30.county_code = $2::text and t30.id = $3::text::bigint and coalesce(t30.county_code >= $4::text and t30.county_code < $5::text, false)
), 'null') when 'Warning' then coalesce((
  select e'\x0118:' || t31.county_code::text || ':' || t31.id::text || '/' || t31.beneficiary_id::text || e'\x01{"__typename":' || '"Warning"'
    || ',"id":' || '"Warning:' || t31.county_code::text || ':' || t31.id::text || '"' || '}'
  from warning t31
  where t31.county_code = $2::text and t31.id = $3::text::bigint and coalesce(t31.county_code >= $4::text and t31.county_code < $5::text, false)
), 'null') else 'null' end || '}'
