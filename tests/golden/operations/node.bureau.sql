-- reads assessment, assignment, beneficiary, beneficiary_apart, case_session, case_work, category_membership, contract, contractor, correction_request, deletion_certificate, deletion_duty, deletion_duty_person, division, dossier, dropped_cells, emergency_access, field_override, former_division, guardian, guardianship_confirmation, hospital_escort, household, identity_review, needs_record, personnel, protection_case, quarantined_row, reconciliation, referral, relief_episode, risk_assessment, run_list, source, source_column, source_drift, station, street_encounter, sync_run, visit, visit_photo, warning
-- $1 node field.0.id 0 :: text
-- $2 node field.0.id 1 :: text
-- $3 node field.0.id 2 :: text
-- $4 viewer lo6 :: text
-- $5 viewer hi6 :: text
-- $6 viewer lo :: text
-- $7 viewer hi :: text
select '{"node":' || case $1::text when 'Assessment' then coalesce((
  select e'\x010:' || t1.county_code::text || ':' || t1.id::text || '/' || t1.beneficiary_id::text || e'\x01{"__typename":' || '"Assessment"'
    || ',"id":' || '"Assessment:' || t1.county_code::text || ':' || t1.id::text || '"' || '}'
  from assessment t1
  where t1.county_code = $2::text and t1.id = $3::text::bigint and coalesce(t1.county_code >= $4::text and t1.county_code < $5::text, false)
), 'null') when 'Assignment' then coalesce((
  select e'\x011:' || t2.county_code::text || ':' || t2.id::text || '/' || t2.beneficiary_id::text || e'\x01{"__typename":' || '"Assignment"'
    || ',"id":' || '"Assignment:' || t2.county_code::text || ':' || t2.id::text || '"' || '}'
  from assignment t2
  where t2.county_code = $2::text and t2.id = $3::text::bigint and coalesce(t2.county_code >= $4::text and t2.county_code < $5::text, false)
), 'null') when 'Beneficiary' then coalesce((
  select e'\x012:' || t3.county_code::text || ':' || t3.id::text || e'/\x01{"__typename":' || '"Beneficiary"'
    || ',"id":' || '"Beneficiary:' || t3.county_code::text || ':' || t3.id::text || '"' || '}'
  from beneficiary t3
  where t3.county_code = $2::text and t3.id = coalesce((
    select a.linked_to
    from beneficiary_apart a
    where a.county_code = $2::text and a.id = $3::text::bigint
  ), $3::text::bigint) and coalesce(t3.county_code >= $4::text and t3.county_code < $5::text and t3.division_code >= $6::text and t3.division_code < $7::text, false)
), 'null') when 'BeneficiaryApart' then coalesce((
  select e'\x013:' || t4.county_code::text || ':' || t4.id::text || e'/\x01{"__typename":' || '"BeneficiaryApart"'
    || ',"id":' || '"BeneficiaryApart:' || t4.county_code::text || ':' || t4.id::text || '"' || '}'
  from beneficiary_apart t4
  where t4.county_code = $2::text and t4.id = $3::text::bigint and coalesce(exists (
    select
    from beneficiary p
    where p.county_code = t4.county_code and p.id = t4.linked_to and p.county_code >= $4::text and p.county_code < $5::text and p.division_code >= $6::text and p.division_code < $7::text
  ), false)
), 'null') when 'CaseSession' then coalesce((
  select e'\x014:' || t5.county_code::text || ':' || t5.id::text || '/' || t5.beneficiary_id::text || e'\x01{"__typename":' || '"CaseSession"'
    || ',"id":' || '"CaseSession:' || t5.county_code::text || ':' || t5.id::text || '"' || '}'
  from case_session t5
  where t5.county_code = $2::text and t5.id = $3::text::bigint and coalesce(t5.county_code >= $4::text and t5.county_code < $5::text, false)
), 'null') when 'CaseWork' then coalesce((
  select e'\x015:' || t6.county_code::text || ':' || t6.id::text || '/' || t6.beneficiary_id::text || e'\x01{"__typename":' || '"CaseWork"'
    || ',"id":' || '"CaseWork:' || t6.county_code::text || ':' || t6.id::text || '"' || '}'
  from case_work t6
  where t6.county_code = $2::text and t6.id = $3::text::bigint and coalesce(t6.county_code >= $4::text and t6.county_code < $5::text, false)
), 'null') when 'CategoryMembership' then coalesce((
  select e'\x016:' || t7.county_code::text || ':' || t7.id::text || '/' || t7.beneficiary_id::text || e'\x01{"__typename":' || '"CategoryMembership"'
    || ',"id":' || '"CategoryMembership:' || t7.county_code::text || ':' || t7.id::text || '"' || '}'
  from category_membership t7
  where t7.county_code = $2::text and t7.id = $3::text::bigint and coalesce(t7.county_code >= $4::text and t7.county_code < $5::text, false)
), 'null') when 'Contract' then coalesce((
  select '{"__typename":' || '"Contract"'
    || ',"id":' || '"Contract:' || t8.id::text || '"' || '}'
  from contract t8
  where t8.id = $2::text::bigint and $3::text is null and coalesce(t8.division_code >= $6::text and t8.division_code < $7::text, false)
), 'null') when 'Contractor' then coalesce((
  select e'\x017:' || t9.id::text || e'\x01{"__typename":' || '"Contractor"'
    || ',"id":' || '"Contractor:' || t9.id::text || '"' || '}'
  from contractor t9
  where t9.id = $2::text::bigint and $3::text is null
), 'null') when 'CorrectionRequest' then coalesce((
  select e'\x018:' || t10.county_code::text || ':' || t10.id::text || '/' || t10.beneficiary_id::text || e'\x01{"__typename":' || '"CorrectionRequest"'
    || ',"id":' || '"CorrectionRequest:' || t10.county_code::text || ':' || t10.id::text || '"' || '}'
  from correction_request t10
  where t10.county_code = $2::text and t10.id = $3::text::bigint and coalesce(exists (
    select
    from beneficiary g
    where g.county_code = t10.county_code and g.id = t10.beneficiary_id and g.county_code >= $4::text and g.county_code < $5::text and g.division_code >= $6::text and g.division_code < $7::text
  ), false)
), 'null') when 'DeletionCertificate' then coalesce((
  select e'\x019:' || t11.id::text || e'\x01{"__typename":' || '"DeletionCertificate"'
    || ',"id":' || '"DeletionCertificate:' || t11.id::text || '"' || '}'
  from deletion_certificate t11
  where t11.id = $2::text::bigint and $3::text is null and coalesce(t11.division_code >= $6::text and t11.division_code < $7::text, false)
), 'null') when 'DeletionDuty' then coalesce((
  select '{"__typename":' || '"DeletionDuty"'
    || ',"id":' || '"DeletionDuty:' || t12.id::text || '"' || '}'
  from deletion_duty t12
  where t12.id = $2::text::bigint and $3::text is null and coalesce(t12.division_code >= $6::text and t12.division_code < $7::text, false)
), 'null') when 'DeletionDutyPerson' then coalesce((
  select e'\x0110:' || t13.county_code::text || ':' || t13.id::text || '/' || t13.beneficiary_id::text || e'\x01{"__typename":' || '"DeletionDutyPerson"'
    || ',"id":' || '"DeletionDutyPerson:' || t13.county_code::text || ':' || t13.id::text || '"' || '}'
  from deletion_duty_person t13
  where t13.county_code = $2::text and t13.id = $3::text::bigint and coalesce(t13.county_code >= $4::text and t13.county_code < $5::text and t13.division_code >= $6::text and t13.division_code < $7::text, false)
), 'null') when 'Division' then coalesce((
  select '{"__typename":' || '"Division"'
    || ',"id":' || '"Division:' || t14.code::text || '"'
    || ',"name":' || to_json(t14.name)::text || '}'
  from division t14
  where t14.code = $2::text and $3::text is null
), 'null') when 'Dossier' then coalesce((
  select e'\x0111:' || t15.county_code::text || ':' || t15.id::text || '/' || t15.beneficiary_id::text || e'\x01{"__typename":' || '"Dossier"'
    || ',"id":' || '"Dossier:' || t15.county_code::text || ':' || t15.id::text || '"' || '}'
  from dossier t15
  where t15.county_code = $2::text and t15.id = $3::text::bigint and coalesce(t15.county_code >= $4::text and t15.county_code < $5::text, false)
), 'null') when 'DroppedCells' then coalesce((
  select '{"__typename":' || '"DroppedCells"'
    || ',"id":' || '"DroppedCells:' || t16.id::text || '"' || '}'
  from dropped_cells t16
  where t16.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t16.source_id and (s.division_code >= $6::text and s.division_code < $7::text or s.division_code is null)
  ), false)
), 'null') when 'EmergencyAccess' then coalesce((
  select e'\x0112:' || t17.id::text || e'\x01{"__typename":' || '"EmergencyAccess"'
    || ',"id":' || '"EmergencyAccess:' || t17.id::text || '"' || '}'
  from emergency_access t17
  where t17.id = $2::text::bigint and $3::text is null and coalesce(t17.division_code >= $6::text and t17.division_code < $7::text, false)
), 'null') when 'FieldOverride' then coalesce((
  select e'\x0113:' || t18.county_code::text || ':' || t18.id::text || '/' || t18.beneficiary_id::text || e'\x01{"__typename":' || '"FieldOverride"'
    || ',"id":' || '"FieldOverride:' || t18.county_code::text || ':' || t18.id::text || '"' || '}'
  from field_override t18
  where t18.county_code = $2::text and t18.id = $3::text::bigint and coalesce(exists (
    select
    from beneficiary g
    where g.county_code = t18.county_code and g.id = t18.beneficiary_id and g.county_code >= $4::text and g.county_code < $5::text and g.division_code >= $6::text and g.division_code < $7::text
  ), false)
), 'null') when 'FormerDivision' then coalesce((
  select '{"__typename":' || '"FormerDivision"'
    || ',"id":' || '"FormerDivision:' || t19.id::text || '"' || '}'
  from former_division t19
  where t19.id = $2::text::bigint and $3::text is null
), 'null') when 'Guardian' then coalesce((
  select e'\x0114:' || t20.county_code::text || ':' || t20.id::text || '/' || t20.beneficiary_id::text || e'\x01{"__typename":' || '"Guardian"'
    || ',"id":' || '"Guardian:' || t20.county_code::text || ':' || t20.id::text || '"' || '}'
  from guardian t20
  where t20.county_code = $2::text and t20.id = $3::text::bigint and coalesce(t20.county_code >= $4::text and t20.county_code < $5::text, false)
), 'null') when 'GuardianshipConfirmation' then coalesce((
  select e'\x0115:' || t21.county_code::text || ':' || t21.id::text || '/' || t21.beneficiary_id::text || e'\x01{"__typename":' || '"GuardianshipConfirmation"'
    || ',"id":' || '"GuardianshipConfirmation:' || t21.county_code::text || ':' || t21.id::text || '"' || '}'
  from guardianship_confirmation t21
  where t21.county_code = $2::text and t21.id = $3::text::bigint and coalesce(t21.county_code >= $4::text and t21.county_code < $5::text, false)
), 'null') when 'HospitalEscort' then coalesce((
  select e'\x0116:' || t22.county_code::text || ':' || t22.id::text || '/' || t22.beneficiary_id::text || e'\x01{"__typename":' || '"HospitalEscort"'
    || ',"id":' || '"HospitalEscort:' || t22.county_code::text || ':' || t22.id::text || '"' || '}'
  from hospital_escort t22
  where t22.county_code = $2::text and t22.id = $3::text::bigint and coalesce(t22.county_code >= $4::text and t22.county_code < $5::text, false)
), 'null') when 'Household' then coalesce((
  select e'\x0117:' || t23.county_code::text || ':' || t23.id::text || e'\x01{"__typename":' || '"Household"'
    || ',"id":' || '"Household:' || t23.county_code::text || ':' || t23.id::text || '"' || '}'
  from household t23
  where t23.county_code = $2::text and t23.id = $3::text::bigint and coalesce(t23.county_code >= $4::text and t23.county_code < $5::text and t23.division_code >= $6::text and t23.division_code < $7::text, false)
), 'null') when 'IdentityReview' then coalesce((
  select e'\x0118:' || t24.county_code::text || ':' || t24.id::text || e'\x01{"__typename":' || '"IdentityReview"'
    || ',"id":' || '"IdentityReview:' || t24.county_code::text || ':' || t24.id::text || '"' || '}'
  from identity_review t24
  where t24.county_code = $2::text and t24.id = $3::text::bigint and coalesce(t24.county_code >= $4::text and t24.county_code < $5::text and exists (
    select
    from beneficiary p
    where p.county_code = t24.county_code and p.id = coalesce((
      select a.linked_to
      from beneficiary_apart a
      where a.county_code = t24.county_code and a.id = t24.first_id
    ), t24.first_id) and p.county_code >= $4::text and p.county_code < $5::text and p.division_code >= $6::text and p.division_code < $7::text
  ) and exists (
    select
    from beneficiary p
    where p.county_code = t24.county_code and p.id = coalesce((
      select a.linked_to
      from beneficiary_apart a
      where a.county_code = t24.county_code and a.id = t24.second_id
    ), t24.second_id) and p.county_code >= $4::text and p.county_code < $5::text and p.division_code >= $6::text and p.division_code < $7::text
  ), false)
), 'null') when 'NeedsRecord' then coalesce((
  select e'\x0119:' || t25.county_code::text || ':' || t25.id::text || '/' || t25.beneficiary_id::text || e'\x01{"__typename":' || '"NeedsRecord"'
    || ',"id":' || '"NeedsRecord:' || t25.county_code::text || ':' || t25.id::text || '"' || '}'
  from needs_record t25
  where t25.county_code = $2::text and t25.id = $3::text::bigint and coalesce(t25.county_code >= $4::text and t25.county_code < $5::text, false)
), 'null') when 'Personnel' then coalesce((
  select e'\x0120:' || t26.id::text || e'\x01{"__typename":' || '"Personnel"'
    || ',"id":' || '"Personnel:' || t26.id::text || '"' || '}'
  from personnel t26
  where t26.id = $2::text::bigint and $3::text is null and coalesce(t26.division_code >= $6::text and t26.division_code < $7::text, false)
), 'null') when 'ProtectionCase' then coalesce((
  select e'\x0121:' || t27.county_code::text || ':' || t27.id::text || '/' || t27.beneficiary_id::text || e'\x01{"__typename":' || '"ProtectionCase"'
    || ',"id":' || '"ProtectionCase:' || t27.county_code::text || ':' || t27.id::text || '"' || '}'
  from protection_case t27
  where t27.county_code = $2::text and t27.id = $3::text::bigint and coalesce(t27.county_code >= $4::text and t27.county_code < $5::text, false)
), 'null') when 'QuarantinedRow' then coalesce((
  select e'\x0122:' || t28.id::text || e'\x01{"__typename":' || '"QuarantinedRow"'
    || ',"id":' || '"QuarantinedRow:' || t28.id::text || '"' || '}'
  from quarantined_row t28
  where t28.id = $2::text::bigint and $3::text is null and coalesce(t28.division_code >= $6::text and t28.division_code < $7::text, false)
), 'null') when 'Reconciliation' then coalesce((
  select '{"__typename":' || '"Reconciliation"'
    || ',"id":' || '"Reconciliation:' || t29.id::text || '"' || '}'
  from reconciliation t29
  where t29.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t29.source_id and (s.division_code >= $6::text and s.division_code < $7::text or s.division_code is null)
  ), false)
), 'null') when 'Referral' then coalesce((
  select e'\x0123:' || t30.county_code::text || ':' || t30.id::text || '/' || t30.beneficiary_id::text || e'\x01{"__typename":' || '"Referral"'
    || ',"id":' || '"Referral:' || t30.county_code::text || ':' || t30.id::text || '"' || '}'
  from referral t30
  where t30.county_code = $2::text and t30.id = $3::text::bigint and coalesce(t30.county_code >= $4::text and t30.county_code < $5::text and t30.division_code >= $6::text and t30.division_code < $7::text, false)
), 'null') when 'ReliefEpisode' then coalesce((
  select e'\x0124:' || t31.county_code::text || ':' || t31.id::text || '/' || t31.beneficiary_id::text || e'\x01{"__typename":' || '"ReliefEpisode"'
    || ',"id":' || '"ReliefEpisode:' || t31.county_code::text || ':' || t31.id::text || '"' || '}'
  from relief_episode t31
  where t31.county_code = $2::text and t31.id = $3::text::bigint and coalesce(t31.county_code >= $4::text and t31.county_code < $5::text, false)
), 'null') when 'RiskAssessment' then coalesce((
  select e'\x0125:' || t32.county_code::text || ':' || t32.id::text || '/' || t32.beneficiary_id::text || e'\x01{"__typename":' || '"RiskAssessment"'
    || ',"id":' || '"RiskAssessment:' || t32.county_code::text || ':' || t32.id::text || '"' || '}'
  from risk_assessment t32
  where t32.county_code = $2::text and t32.id = $3::text::bigint and coalesce(t32.county_code >= $4::text and t32.county_code < $5::text, false)
), 'null') when 'RunList' then coalesce((
  select '{"__typename":' || '"RunList"'
    || ',"id":' || '"RunList:' || t33.id::text || '"' || '}'
  from run_list t33
  where t33.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t33.source_id and (s.division_code >= $6::text and s.division_code < $7::text or s.division_code is null)
  ), false)
), 'null') when 'Source' then coalesce((
  select '{"__typename":' || '"Source"'
    || ',"id":' || '"Source:' || t34.id::text || '"' || '}'
  from source t34
  where t34.id = $2::text::bigint and $3::text is null and coalesce((t34.division_code >= $6::text and t34.division_code < $7::text or t34.division_code is null), false)
), 'null') when 'SourceColumn' then coalesce((
  select '{"__typename":' || '"SourceColumn"'
    || ',"id":' || '"SourceColumn:' || t35.id::text || '"' || '}'
  from source_column t35
  where t35.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t35.source_id and (s.division_code >= $6::text and s.division_code < $7::text or s.division_code is null)
  ), false)
), 'null') when 'SourceDrift' then coalesce((
  select '{"__typename":' || '"SourceDrift"'
    || ',"id":' || '"SourceDrift:' || t36.id::text || '"' || '}'
  from source_drift t36
  where t36.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t36.source_id and (s.division_code >= $6::text and s.division_code < $7::text or s.division_code is null)
  ), false)
), 'null') when 'Station' then coalesce((
  select '{"__typename":' || '"Station"'
    || ',"id":' || '"Station:' || t37.id::text || '"' || '}'
  from station t37
  where t37.id = $2::text::bigint and $3::text is null and coalesce(t37.division_code >= $6::text and t37.division_code < $7::text, false)
), 'null') when 'StreetEncounter' then coalesce((
  select e'\x0126:' || t38.county_code::text || ':' || t38.id::text || coalesce('/' || t38.beneficiary_id::text, '') || e'\x01{"__typename":' || '"StreetEncounter"'
    || ',"id":' || '"StreetEncounter:' || t38.county_code::text || ':' || t38.id::text || '"' || '}'
  from street_encounter t38
  where t38.county_code = $2::text and t38.id = $3::text::bigint and coalesce(t38.county_code >= $4::text and t38.county_code < $5::text and t38.division_code >= $6::text and t38.division_code < $7::text, false)
), 'null') when 'SyncRun' then coalesce((
  select '{"__typename":' || '"SyncRun"'
    || ',"id":' || '"SyncRun:' || t39.id::text || '"' || '}'
  from sync_run t39
  where t39.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t39.source_id and (s.division_code >= $6::text and s.division_code < $7::text or s.division_code is null)
  ), false)
), 'null') when 'Visit' then coalesce((
  select e'\x0127:' || t40.county_code::text || ':' || t40.id::text || '/' || t40.beneficiary_id::text || e'\x01{"__typename":' || '"Visit"'
    || ',"id":' || '"Visit:' || t40.county_code::text || ':' || t40.id::text || '"' || '}'
  from visit t40
  where t40.county_code = $2::text and t40.id = $3::text::bigint and coalesce(t40.county_code >= $4::text and t40.county_code < $5::text, false)
), 'null') when 'VisitPhoto' then coalesce((
  select e'\x0128:' || t41.county_code::text || ':' || t41.id::text || '/' || t41.beneficiary_id::text || e'\x01{"__typename":' || '"VisitPhoto"'
    || ',"id":' || '"VisitPhoto:' || t41.county_code::text || ':' || t41.id::text || '"' || '}'
  from visit_photo t41
  where t41.county_code = $2::text and t41.id = $3::text::bigint and coalesce(t41.county_code >= $4::text and t41.county_code < $5::text, false)
), 'null') when 'Warning' then coalesce((
  select e'\x0129:' || t42.county_code::text || ':' || t42.id::text || '/' || t42.beneficiary_id::text || e'\x01{"__typename":' || '"Warning"'
    || ',"id":' || '"Warning:' || t42.county_code::text || ':' || t42.id::text || '"' || '}'
  from warning t42
  where t42.county_code = $2::text and t42.id = $3::text::bigint and coalesce(t42.county_code >= $4::text and t42.county_code < $5::text, false)
), 'null') else 'null' end || '}'
