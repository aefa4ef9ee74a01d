-- reads archive_transfer, assessment, assignment, beneficiary, beneficiary_apart, beneficiary_verdict, budget_line, case_session, case_work, category_membership, child_worker, community_activity, contract, contractor, correction_request, deletion_certificate, deletion_duty, deletion_duty_person, division, dossier, dropped_cells, emergency_access, evaluation, expenditure, field_override, former_division, fund_source, group_session, group_work, guardian, guardianship_confirmation, handover, handover_item, hospital_escort, household, identity_review, incident, needs_record, patrol, personnel, protection_case, publicity_event, quarantined_row, reconciliation, referral, relief_episode, report, risk_assessment, run_list, source, source_column, source_drift, station, street_encounter, subsidy_check, sync_run, training_event, training_record, visit, visit_photo, warning
-- $1 node field.0.id 0 :: text
-- $2 node field.0.id 1 :: text
-- $3 node field.0.id 2 :: text
-- $4 viewer lo :: text
-- $5 viewer hi :: text
-- $6 viewer lo6 :: text
-- $7 viewer hi6 :: text
select '{"node":' || case $1::text when 'ArchiveTransfer' then coalesce((
  select '{"__typename":' || '"ArchiveTransfer"'
    || ',"id":' || '"ArchiveTransfer:' || t1.id::text || '"' || '}'
  from archive_transfer t1
  where t1.id = $2::text::bigint and $3::text is null and coalesce(t1.division_code >= $4::text and t1.division_code < $5::text, false)
), 'null') when 'Assessment' then coalesce((
  select e'\x010:' || t2.county_code::text || ':' || t2.id::text || '/' || t2.beneficiary_id::text || e'\x01{"__typename":' || '"Assessment"'
    || ',"id":' || '"Assessment:' || t2.county_code::text || ':' || t2.id::text || '"' || '}'
  from assessment t2
  where t2.county_code = $2::text and t2.id = $3::text::bigint and coalesce(t2.county_code >= $6::text and t2.county_code < $7::text, false)
), 'null') when 'Assignment' then coalesce((
  select e'\x011:' || t3.county_code::text || ':' || t3.id::text || '/' || t3.beneficiary_id::text || e'\x01{"__typename":' || '"Assignment"'
    || ',"id":' || '"Assignment:' || t3.county_code::text || ':' || t3.id::text || '"' || '}'
  from assignment t3
  where t3.county_code = $2::text and t3.id = $3::text::bigint and coalesce(t3.county_code >= $6::text and t3.county_code < $7::text, false)
), 'null') when 'Beneficiary' then coalesce((
  select e'\x012:' || t4.county_code::text || ':' || t4.id::text || e'/\x01{"__typename":' || '"Beneficiary"'
    || ',"id":' || '"Beneficiary:' || t4.county_code::text || ':' || t4.id::text || '"' || '}'
  from beneficiary t4
  where t4.county_code = $2::text and t4.id = coalesce((
    select a.linked_to
    from beneficiary_apart a
    where a.county_code = $2::text and a.id = $3::text::bigint
  ), $3::text::bigint) and coalesce(t4.county_code >= $6::text and t4.county_code < $7::text and t4.division_code >= $4::text and t4.division_code < $5::text, false)
), 'null') when 'BeneficiaryApart' then coalesce((
  select e'\x013:' || t5.county_code::text || ':' || t5.id::text || e'/\x01{"__typename":' || '"BeneficiaryApart"'
    || ',"id":' || '"BeneficiaryApart:' || t5.county_code::text || ':' || t5.id::text || '"' || '}'
  from beneficiary_apart t5
  where t5.county_code = $2::text and t5.id = $3::text::bigint and coalesce(exists (
    select
    from beneficiary p
    where p.county_code = t5.county_code and p.id = t5.linked_to and p.county_code >= $6::text and p.county_code < $7::text and p.division_code >= $4::text and p.division_code < $5::text
  ), false)
), 'null') when 'BeneficiaryVerdict' then coalesce((
  select e'\x014:' || t6.county_code::text || ':' || t6.id::text || '/' || t6.beneficiary_id::text || e'\x01{"__typename":' || '"BeneficiaryVerdict"'
    || ',"id":' || '"BeneficiaryVerdict:' || t6.county_code::text || ':' || t6.id::text || '"' || '}'
  from beneficiary_verdict t6
  where t6.county_code = $2::text and t6.id = $3::text::bigint and coalesce(t6.county_code >= $6::text and t6.county_code < $7::text, false)
), 'null') when 'BudgetLine' then coalesce((
  select '{"__typename":' || '"BudgetLine"'
    || ',"id":' || '"BudgetLine:' || t7.id::text || '"' || '}'
  from budget_line t7
  where t7.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from contract w
    where w.id = t7.contract_id and w.division_code >= $4::text and w.division_code < $5::text
  ), false)
), 'null') when 'CaseSession' then coalesce((
  select e'\x015:' || t8.county_code::text || ':' || t8.id::text || '/' || t8.beneficiary_id::text || e'\x01{"__typename":' || '"CaseSession"'
    || ',"id":' || '"CaseSession:' || t8.county_code::text || ':' || t8.id::text || '"' || '}'
  from case_session t8
  where t8.county_code = $2::text and t8.id = $3::text::bigint and coalesce(t8.county_code >= $6::text and t8.county_code < $7::text, false)
), 'null') when 'CaseWork' then coalesce((
  select e'\x016:' || t9.county_code::text || ':' || t9.id::text || '/' || t9.beneficiary_id::text || e'\x01{"__typename":' || '"CaseWork"'
    || ',"id":' || '"CaseWork:' || t9.county_code::text || ':' || t9.id::text || '"' || '}'
  from case_work t9
  where t9.county_code = $2::text and t9.id = $3::text::bigint and coalesce(t9.county_code >= $6::text and t9.county_code < $7::text, false)
), 'null') when 'CategoryMembership' then coalesce((
  select e'\x017:' || t10.county_code::text || ':' || t10.id::text || '/' || t10.beneficiary_id::text || e'\x01{"__typename":' || '"CategoryMembership"'
    || ',"id":' || '"CategoryMembership:' || t10.county_code::text || ':' || t10.id::text || '"' || '}'
  from category_membership t10
  where t10.county_code = $2::text and t10.id = $3::text::bigint and coalesce(t10.county_code >= $6::text and t10.county_code < $7::text, false)
), 'null') when 'ChildWorker' then coalesce((
  select e'\x018:' || t11.id::text || e'\x01{"__typename":' || '"ChildWorker"'
    || ',"id":' || '"ChildWorker:' || t11.id::text || '"' || '}'
  from child_worker t11
  where t11.id = $2::text::bigint and $3::text is null and coalesce(t11.division_code >= $4::text and t11.division_code < $5::text, false)
), 'null') when 'CommunityActivity' then coalesce((
  select '{"__typename":' || '"CommunityActivity"'
    || ',"id":' || '"CommunityActivity:' || t12.id::text || '"' || '}'
  from community_activity t12
  where t12.id = $2::text::bigint and $3::text is null and coalesce(t12.division_code >= $4::text and t12.division_code < $5::text, false)
), 'null') when 'Contract' then coalesce((
  select '{"__typename":' || '"Contract"'
    || ',"id":' || '"Contract:' || t13.id::text || '"' || '}'
  from contract t13
  where t13.id = $2::text::bigint and $3::text is null and coalesce(t13.division_code >= $4::text and t13.division_code < $5::text, false)
), 'null') when 'Contractor' then coalesce((
  select e'\x019:' || t14.id::text || e'\x01{"__typename":' || '"Contractor"'
    || ',"id":' || '"Contractor:' || t14.id::text || '"' || '}'
  from contractor t14
  where t14.id = $2::text::bigint and $3::text is null
), 'null') when 'CorrectionRequest' then coalesce((
  select e'\x0110:' || t15.county_code::text || ':' || t15.id::text || '/' || t15.beneficiary_id::text || e'\x01{"__typename":' || '"CorrectionRequest"'
    || ',"id":' || '"CorrectionRequest:' || t15.county_code::text || ':' || t15.id::text || '"' || '}'
  from correction_request t15
  where t15.county_code = $2::text and t15.id = $3::text::bigint and coalesce(exists (
    select
    from beneficiary g
    where g.county_code = t15.county_code and g.id = t15.beneficiary_id and g.county_code >= $6::text and g.county_code < $7::text and g.division_code >= $4::text and g.division_code < $5::text
  ), false)
), 'null') when 'DeletionCertificate' then coalesce((
  select e'\x0111:' || t16.id::text || e'\x01{"__typename":' || '"DeletionCertificate"'
    || ',"id":' || '"DeletionCertificate:' || t16.id::text || '"' || '}'
  from deletion_certificate t16
  where t16.id = $2::text::bigint and $3::text is null and coalesce(t16.division_code >= $4::text and t16.division_code < $5::text, false)
), 'null') when 'DeletionDuty' then coalesce((
  select '{"__typename":' || '"DeletionDuty"'
    || ',"id":' || '"DeletionDuty:' || t17.id::text || '"' || '}'
  from deletion_duty t17
  where t17.id = $2::text::bigint and $3::text is null and coalesce(t17.division_code >= $4::text and t17.division_code < $5::text, false)
), 'null') when 'DeletionDutyPerson' then coalesce((
  select e'\x0112:' || t18.county_code::text || ':' || t18.id::text || '/' || t18.beneficiary_id::text || e'\x01{"__typename":' || '"DeletionDutyPerson"'
    || ',"id":' || '"DeletionDutyPerson:' || t18.county_code::text || ':' || t18.id::text || '"' || '}'
  from deletion_duty_person t18
  where t18.county_code = $2::text and t18.id = $3::text::bigint and coalesce(t18.county_code >= $6::text and t18.county_code < $7::text and t18.division_code >= $4::text and t18.division_code < $5::text, false)
), 'null') when 'Division' then coalesce((
  select '{"__typename":' || '"Division"'
    || ',"id":' || '"Division:' || t19.code::text || '"'
    || ',"name":' || to_json(t19.name)::text || '}'
  from division t19
  where t19.code = $2::text and $3::text is null
), 'null') when 'Dossier' then coalesce((
  select e'\x0113:' || t20.county_code::text || ':' || t20.id::text || '/' || t20.beneficiary_id::text || e'\x01{"__typename":' || '"Dossier"'
    || ',"id":' || '"Dossier:' || t20.county_code::text || ':' || t20.id::text || '"' || '}'
  from dossier t20
  where t20.county_code = $2::text and t20.id = $3::text::bigint and coalesce(t20.county_code >= $6::text and t20.county_code < $7::text, false)
), 'null') when 'DroppedCells' then coalesce((
  select '{"__typename":' || '"DroppedCells"'
    || ',"id":' || '"DroppedCells:' || t21.id::text || '"' || '}'
  from dropped_cells t21
  where t21.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t21.source_id and (s.division_code >= $4::text and s.division_code < $5::text or s.division_code is null)
  ), false)
), 'null') when 'EmergencyAccess' then coalesce((
  select e'\x0114:' || t22.id::text || e'\x01{"__typename":' || '"EmergencyAccess"'
    || ',"id":' || '"EmergencyAccess:' || t22.id::text || '"' || '}'
  from emergency_access t22
  where t22.id = $2::text::bigint and $3::text is null and coalesce(t22.division_code >= $4::text and t22.division_code < $5::text, false)
), 'null') when 'Evaluation' then coalesce((
  select '{"__typename":' || '"Evaluation"'
    || ',"id":' || '"Evaluation:' || t23.id::text || '"' || '}'
  from evaluation t23
  where t23.id = $2::text::bigint and $3::text is null and coalesce(t23.division_code >= $4::text and t23.division_code < $5::text, false)
), 'null') when 'Expenditure' then coalesce((
  select '{"__typename":' || '"Expenditure"'
    || ',"id":' || '"Expenditure:' || t24.id::text || '"' || '}'
  from expenditure t24
  where t24.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from contract w
    where w.id = t24.contract_id and w.division_code >= $4::text and w.division_code < $5::text
  ), false)
), 'null') when 'FieldOverride' then coalesce((
  select e'\x0115:' || t25.county_code::text || ':' || t25.id::text || '/' || t25.beneficiary_id::text || e'\x01{"__typename":' || '"FieldOverride"'
    || ',"id":' || '"FieldOverride:' || t25.county_code::text || ':' || t25.id::text || '"' || '}'
  from field_override t25
  where t25.county_code = $2::text and t25.id = $3::text::bigint and coalesce(exists (
    select
    from beneficiary g
    where g.county_code = t25.county_code and g.id = t25.beneficiary_id and g.county_code >= $6::text and g.county_code < $7::text and g.division_code >= $4::text and g.division_code < $5::text
  ), false)
), 'null') when 'FormerDivision' then coalesce((
  select '{"__typename":' || '"FormerDivision"'
    || ',"id":' || '"FormerDivision:' || t26.id::text || '"' || '}'
  from former_division t26
  where t26.id = $2::text::bigint and $3::text is null
), 'null') when 'FundSource' then coalesce((
  select '{"__typename":' || '"FundSource"'
    || ',"id":' || '"FundSource:' || t27.id::text || '"' || '}'
  from fund_source t27
  where t27.id = $2::text::bigint and $3::text is null and coalesce(t27.division_code >= $4::text and t27.division_code < $5::text, false)
), 'null') when 'GroupSession' then coalesce((
  select '{"__typename":' || '"GroupSession"'
    || ',"id":' || '"GroupSession:' || t28.id::text || '"' || '}'
  from group_session t28
  where t28.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from group_work w
    where w.id = t28.group_work_id and w.division_code >= $4::text and w.division_code < $5::text
  ), false)
), 'null') when 'GroupWork' then coalesce((
  select '{"__typename":' || '"GroupWork"'
    || ',"id":' || '"GroupWork:' || t29.id::text || '"' || '}'
  from group_work t29
  where t29.id = $2::text::bigint and $3::text is null and coalesce(t29.division_code >= $4::text and t29.division_code < $5::text, false)
), 'null') when 'Guardian' then coalesce((
  select e'\x0116:' || t30.county_code::text || ':' || t30.id::text || '/' || t30.beneficiary_id::text || e'\x01{"__typename":' || '"Guardian"'
    || ',"id":' || '"Guardian:' || t30.county_code::text || ':' || t30.id::text || '"' || '}'
  from guardian t30
  where t30.county_code = $2::text and t30.id = $3::text::bigint and coalesce(t30.county_code >= $6::text and t30.county_code < $7::text, false)
), 'null') when 'GuardianshipConfirmation' then coalesce((
  select e'\x0117:' || t31.county_code::text || ':' || t31.id::text || '/' || t31.beneficiary_id::text || e'\x01{"__typename":' || '"GuardianshipConfirmation"'
    || ',"id":' || '"GuardianshipConfirmation:' || t31.county_code::text || ':' || t31.id::text || '"' || '}'
  from guardianship_confirmation t31
  where t31.county_code = $2::text and t31.id = $3::text::bigint and coalesce(t31.county_code >= $6::text and t31.county_code < $7::text, false)
), 'null') when 'Handover' then coalesce((
  select '{"__typename":' || '"Handover"'
    || ',"id":' || '"Handover:' || t32.id::text || '"' || '}'
  from handover t32
  where t32.id = $2::text::bigint and $3::text is null and coalesce(t32.division_code >= $4::text and t32.division_code < $5::text, false)
), 'null') when 'HandoverItem' then coalesce((
  select e'\x0118:' || t33.id::text || e'\x01{"__typename":' || '"HandoverItem"'
    || ',"id":' || '"HandoverItem:' || t33.id::text || '"' || '}'
  from handover_item t33
  where t33.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from handover w
    where w.id = t33.handover_id and w.division_code >= $4::text and w.division_code < $5::text
  ), false)
), 'null') when 'HospitalEscort' then coalesce((
  select e'\x0119:' || t34.county_code::text || ':' || t34.id::text || '/' || t34.beneficiary_id::text || e'\x01{"__typename":' || '"HospitalEscort"'
    || ',"id":' || '"HospitalEscort:' || t34.county_code::text || ':' || t34.id::text || '"' || '}'
  from hospital_escort t34
  where t34.county_code = $2::text and t34.id = $3::text::bigint and coalesce(t34.county_code >= $6::text and t34.county_code < $7::text, false)
), 'null') when 'Household' then coalesce((
  select e'\x0120:' || t35.county_code::text || ':' || t35.id::text || e'\x01{"__typename":' || '"Household"'
    || ',"id":' || '"Household:' || t35.county_code::text || ':' || t35.id::text || '"' || '}'
  from household t35
  where t35.county_code = $2::text and t35.id = $3::text::bigint and coalesce(t35.county_code >= $6::text and t35.county_code < $7::text and t35.division_code >= $4::text and t35.division_code < $5::text, false)
), 'null') when 'IdentityReview' then coalesce((
  select e'\x0121:' || t36.county_code::text || ':' || t36.id::text || e'\x01{"__typename":' || '"IdentityReview"'
    || ',"id":' || '"IdentityReview:' || t36.county_code::text || ':' || t36.id::text || '"' || '}'
  from identity_review t36
  where t36.county_code = $2::text and t36.id = $3::text::bigint and coalesce(t36.county_code >= $6::text and t36.county_code < $7::text and exists (
    select
    from beneficiary p
    where p.county_code = t36.county_code and p.id = coalesce((
      select a.linked_to
      from beneficiary_apart a
      where a.county_code = t36.county_code and a.id = t36.first_id
    ), t36.first_id) and p.county_code >= $6::text and p.county_code < $7::text and p.division_code >= $4::text and p.division_code < $5::text
  ) and exists (
    select
    from beneficiary p
    where p.county_code = t36.county_code and p.id = coalesce((
      select a.linked_to
      from beneficiary_apart a
      where a.county_code = t36.county_code and a.id = t36.second_id
    ), t36.second_id) and p.county_code >= $6::text and p.county_code < $7::text and p.division_code >= $4::text and p.division_code < $5::text
  ), false)
), 'null') when 'Incident' then coalesce((
  select e'\x0122:' || t37.id::text || e'\x01{"__typename":' || '"Incident"'
    || ',"id":' || '"Incident:' || t37.id::text || '"' || '}'
  from incident t37
  where t37.id = $2::text::bigint and $3::text is null and coalesce(t37.division_code >= $4::text and t37.division_code < $5::text, false)
), 'null') when 'NeedsRecord' then coalesce((
  select e'\x0123:' || t38.county_code::text || ':' || t38.id::text || '/' || t38.beneficiary_id::text || e'\x01{"__typename":' || '"NeedsRecord"'
    || ',"id":' || '"NeedsRecord:' || t38.county_code::text || ':' || t38.id::text || '"' || '}'
  from needs_record t38
  where t38.county_code = $2::text and t38.id = $3::text::bigint and coalesce(t38.county_code >= $6::text and t38.county_code < $7::text, false)
), 'null') when 'Patrol' then coalesce((
  select '{"__typename":' || '"Patrol"'
    || ',"id":' || '"Patrol:' || t39.id::text || '"' || '}'
  from patrol t39
  where t39.id = $2::text::bigint and $3::text is null and coalesce(t39.division_code >= $4::text and t39.division_code < $5::text, false)
), 'null') when 'Personnel' then coalesce((
  select e'\x0124:' || t40.id::text || e'\x01{"__typename":' || '"Personnel"'
    || ',"id":' || '"Personnel:' || t40.id::text || '"' || '}'
  from personnel t40
  where t40.id = $2::text::bigint and $3::text is null and coalesce(t40.division_code >= $4::text and t40.division_code < $5::text, false)
), 'null') when 'ProtectionCase' then coalesce((
  select e'\x0125:' || t41.county_code::text || ':' || t41.id::text || '/' || t41.beneficiary_id::text || e'\x01{"__typename":' || '"ProtectionCase"'
    || ',"id":' || '"ProtectionCase:' || t41.county_code::text || ':' || t41.id::text || '"' || '}'
  from protection_case t41
  where t41.county_code = $2::text and t41.id = $3::text::bigint and coalesce(t41.county_code >= $6::text and t41.county_code < $7::text, false)
), 'null') when 'PublicityEvent' then coalesce((
  select '{"__typename":' || '"PublicityEvent"'
    || ',"id":' || '"PublicityEvent:' || t42.id::text || '"' || '}'
  from publicity_event t42
  where t42.id = $2::text::bigint and $3::text is null and coalesce(t42.division_code >= $4::text and t42.division_code < $5::text, false)
), 'null') when 'QuarantinedRow' then coalesce((
  select e'\x0126:' || t43.id::text || e'\x01{"__typename":' || '"QuarantinedRow"'
    || ',"id":' || '"QuarantinedRow:' || t43.id::text || '"' || '}'
  from quarantined_row t43
  where t43.id = $2::text::bigint and $3::text is null and coalesce(t43.division_code >= $4::text and t43.division_code < $5::text, false)
), 'null') when 'Reconciliation' then coalesce((
  select '{"__typename":' || '"Reconciliation"'
    || ',"id":' || '"Reconciliation:' || t44.id::text || '"' || '}'
  from reconciliation t44
  where t44.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t44.source_id and (s.division_code >= $4::text and s.division_code < $5::text or s.division_code is null)
  ), false)
), 'null') when 'Referral' then coalesce((
  select e'\x0127:' || t45.county_code::text || ':' || t45.id::text || '/' || t45.beneficiary_id::text || e'\x01{"__typename":' || '"Referral"'
    || ',"id":' || '"Referral:' || t45.county_code::text || ':' || t45.id::text || '"' || '}'
  from referral t45
  where t45.county_code = $2::text and t45.id = $3::text::bigint and coalesce(t45.county_code >= $6::text and t45.county_code < $7::text and t45.division_code >= $4::text and t45.division_code < $5::text, false)
), 'null') when 'ReliefEpisode' then coalesce((
  select e'\x0128:' || t46.county_code::text || ':' || t46.id::text || '/' || t46.beneficiary_id::text || e'\x01{"__typename":' || '"ReliefEpisode"'
    || ',"id":' || '"ReliefEpisode:' || t46.county_code::text || ':' || t46.id::text || '"' || '}'
  from relief_episode t46
  where t46.county_code = $2::text and t46.id = $3::text::bigint and coalesce(t46.county_code >= $6::text and t46.county_code < $7::text, false)
), 'null') when 'Report' then coalesce((
  select '{"__typename":' || '"Report"'
    || ',"id":' || '"Report:' || t47.id::text || '"' || '}'
  from report t47
  where t47.id = $2::text::bigint and $3::text is null and coalesce(t47.division_code >= $4::text and t47.division_code < $5::text, false)
), 'null') when 'RiskAssessment' then coalesce((
  select e'\x0129:' || t48.county_code::text || ':' || t48.id::text || '/' || t48.beneficiary_id::text || e'\x01{"__typename":' || '"RiskAssessment"'
    || ',"id":' || '"RiskAssessment:' || t48.county_code::text || ':' || t48.id::text || '"' || '}'
  from risk_assessment t48
  where t48.county_code = $2::text and t48.id = $3::text::bigint and coalesce(t48.county_code >= $6::text and t48.county_code < $7::text, false)
), 'null') when 'RunList' then coalesce((
  select '{"__typename":' || '"RunList"'
    || ',"id":' || '"RunList:' || t49.id::text || '"' || '}'
  from run_list t49
  where t49.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t49.source_id and (s.division_code >= $4::text and s.division_code < $5::text or s.division_code is null)
  ), false)
), 'null') when 'Source' then coalesce((
  select '{"__typename":' || '"Source"'
    || ',"id":' || '"Source:' || t50.id::text || '"' || '}'
  from source t50
  where t50.id = $2::text::bigint and $3::text is null and coalesce((t50.division_code >= $4::text and t50.division_code < $5::text or t50.division_code is null), false)
), 'null') when 'SourceColumn' then coalesce((
  select '{"__typename":' || '"SourceColumn"'
    || ',"id":' || '"SourceColumn:' || t51.id::text || '"' || '}'
  from source_column t51
  where t51.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t51.source_id and (s.division_code >= $4::text and s.division_code < $5::text or s.division_code is null)
  ), false)
), 'null') when 'SourceDrift' then coalesce((
  select '{"__typename":' || '"SourceDrift"'
    || ',"id":' || '"SourceDrift:' || t52.id::text || '"' || '}'
  from source_drift t52
  where t52.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t52.source_id and (s.division_code >= $4::text and s.division_code < $5::text or s.division_code is null)
  ), false)
), 'null') when 'Station' then coalesce((
  select '{"__typename":' || '"Station"'
    || ',"id":' || '"Station:' || t53.id::text || '"' || '}'
  from station t53
  where t53.id = $2::text::bigint and $3::text is null and coalesce(t53.division_code >= $4::text and t53.division_code < $5::text, false)
), 'null') when 'StreetEncounter' then coalesce((
  select e'\x0130:' || t54.county_code::text || ':' || t54.id::text || coalesce('/' || t54.beneficiary_id::text, '') || e'\x01{"__typename":' || '"StreetEncounter"'
    || ',"id":' || '"StreetEncounter:' || t54.county_code::text || ':' || t54.id::text || '"' || '}'
  from street_encounter t54
  where t54.county_code = $2::text and t54.id = $3::text::bigint and coalesce(t54.county_code >= $6::text and t54.county_code < $7::text and t54.division_code >= $4::text and t54.division_code < $5::text, false)
), 'null') when 'SubsidyCheck' then coalesce((
  select '{"__typename":' || '"SubsidyCheck"'
    || ',"id":' || '"SubsidyCheck:' || t55.id::text || '"' || '}'
  from subsidy_check t55
  where t55.id = $2::text::bigint and $3::text is null and coalesce(t55.division_code >= $4::text and t55.division_code < $5::text, false)
), 'null') when 'SyncRun' then coalesce((
  select '{"__typename":' || '"SyncRun"'
    || ',"id":' || '"SyncRun:' || t56.id::text || '"' || '}'
  from sync_run t56
  where t56.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t56.source_id and (s.division_code >= $4::text and s.division_code < $5::text or s.division_code is null)
  ), false)
), 'null') when 'TrainingEvent' then coalesce((
  select '{"__typename":' || '"TrainingEvent"'
    || ',"id":' || '"TrainingEvent:' || t57.id::text || '"' || '}'
  from training_event t57
  where t57.id = $2::text::bigint and $3::text is null and coalesce(t57.division_code >= $4::text and t57.division_code < $5::text, false)
), 'null') when 'TrainingRecord' then coalesce((
  select '{"__typename":' || '"TrainingRecord"'
    || ',"id":' || '"TrainingRecord:' || t58.id::text || '"' || '}'
  from training_record t58
  where t58.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from training_event w
    where w.id = t58.training_event_id and w.division_code >= $4::text and w.division_code < $5::text
  ), false)
), 'null') when 'Visit' then coalesce((
  select e'\x0131:' || t59.county_code::text || ':' || t59.id::text || '/' || t59.beneficiary_id::text || e'\x01{"__typename":' || '"Visit"'
    || ',"id":' || '"Visit:' || t59.county_code::text || ':' || t59.id::text || '"' || '}'
  from visit t59
  where t59.county_code = $2::text and t59.id = $3::text::bigint and coalesce(t59.county_code >= $6::text and t59.county_code < $7::text, false)
), 'null') when 'VisitPhoto' then coalesce((
  select e'\x0132:' || t60.county_code::text || ':' || t60.id::text || '/' || t60.beneficiary_id::text || e'\x01{"__typename":' || '"VisitPhoto"'
    || ',"id":' || '"VisitPhoto:' || t60.county_code::text || ':' || t60.id::text || '"' || '}'
  from visit_photo t60
  where t60.county_code = $2::text and t60.id = $3::text::bigint and coalesce(t60.county_code >= $6::text and t60.county_code < $7::text, false)
), 'null') when 'Warning' then coalesce((
  select e'\x0133:' || t61.county_code::text || ':' || t61.id::text || '/' || t61.beneficiary_id::text || e'\x01{"__typename":' || '"Warning"'
    || ',"id":' || '"Warning:' || t61.county_code::text || ':' || t61.id::text || '"' || '}'
  from warning t61
  where t61.county_code = $2::text and t61.id = $3::text::bigint and coalesce(t61.county_code >= $6::text and t61.county_code < $7::text, false)
), 'null') else 'null' end || '}'
