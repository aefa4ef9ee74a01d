-- reads archive_transfer, assessment, assignment, beneficiary, beneficiary_apart, budget_line, case_session, case_work, category_membership, child_worker, community_activity, contract, contractor, correction_request, deletion_certificate, deletion_duty, deletion_duty_person, division, dossier, dropped_cells, emergency_access, evaluation, expenditure, field_override, former_division, fund_source, group_session, group_work, guardian, guardianship_confirmation, handover, handover_item, hospital_escort, household, identity_review, incident, needs_record, patrol, personnel, protection_case, publicity_event, quarantined_row, reconciliation, referral, relief_episode, report, risk_assessment, run_list, source, source_column, source_drift, station, street_encounter, subsidy_check, sync_run, training_event, training_record, visit, visit_photo, warning
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
), 'null') when 'BudgetLine' then coalesce((
  select '{"__typename":' || '"BudgetLine"'
    || ',"id":' || '"BudgetLine:' || t6.id::text || '"' || '}'
  from budget_line t6
  where t6.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from contract w
    where w.id = t6.contract_id and w.division_code >= $4::text and w.division_code < $5::text
  ), false)
), 'null') when 'CaseSession' then coalesce((
  select e'\x014:' || t7.county_code::text || ':' || t7.id::text || '/' || t7.beneficiary_id::text || e'\x01{"__typename":' || '"CaseSession"'
    || ',"id":' || '"CaseSession:' || t7.county_code::text || ':' || t7.id::text || '"' || '}'
  from case_session t7
  where t7.county_code = $2::text and t7.id = $3::text::bigint and coalesce(t7.county_code >= $6::text and t7.county_code < $7::text, false)
), 'null') when 'CaseWork' then coalesce((
  select e'\x015:' || t8.county_code::text || ':' || t8.id::text || '/' || t8.beneficiary_id::text || e'\x01{"__typename":' || '"CaseWork"'
    || ',"id":' || '"CaseWork:' || t8.county_code::text || ':' || t8.id::text || '"' || '}'
  from case_work t8
  where t8.county_code = $2::text and t8.id = $3::text::bigint and coalesce(t8.county_code >= $6::text and t8.county_code < $7::text, false)
), 'null') when 'CategoryMembership' then coalesce((
  select e'\x016:' || t9.county_code::text || ':' || t9.id::text || '/' || t9.beneficiary_id::text || e'\x01{"__typename":' || '"CategoryMembership"'
    || ',"id":' || '"CategoryMembership:' || t9.county_code::text || ':' || t9.id::text || '"' || '}'
  from category_membership t9
  where t9.county_code = $2::text and t9.id = $3::text::bigint and coalesce(t9.county_code >= $6::text and t9.county_code < $7::text, false)
), 'null') when 'ChildWorker' then coalesce((
  select e'\x017:' || t10.id::text || e'\x01{"__typename":' || '"ChildWorker"'
    || ',"id":' || '"ChildWorker:' || t10.id::text || '"' || '}'
  from child_worker t10
  where t10.id = $2::text::bigint and $3::text is null and coalesce(t10.division_code >= $4::text and t10.division_code < $5::text, false)
), 'null') when 'CommunityActivity' then coalesce((
  select '{"__typename":' || '"CommunityActivity"'
    || ',"id":' || '"CommunityActivity:' || t11.id::text || '"' || '}'
  from community_activity t11
  where t11.id = $2::text::bigint and $3::text is null and coalesce(t11.division_code >= $4::text and t11.division_code < $5::text, false)
), 'null') when 'Contract' then coalesce((
  select '{"__typename":' || '"Contract"'
    || ',"id":' || '"Contract:' || t12.id::text || '"' || '}'
  from contract t12
  where t12.id = $2::text::bigint and $3::text is null and coalesce(t12.division_code >= $4::text and t12.division_code < $5::text, false)
), 'null') when 'Contractor' then coalesce((
  select e'\x018:' || t13.id::text || e'\x01{"__typename":' || '"Contractor"'
    || ',"id":' || '"Contractor:' || t13.id::text || '"' || '}'
  from contractor t13
  where t13.id = $2::text::bigint and $3::text is null
), 'null') when 'CorrectionRequest' then coalesce((
  select e'\x019:' || t14.county_code::text || ':' || t14.id::text || '/' || t14.beneficiary_id::text || e'\x01{"__typename":' || '"CorrectionRequest"'
    || ',"id":' || '"CorrectionRequest:' || t14.county_code::text || ':' || t14.id::text || '"' || '}'
  from correction_request t14
  where t14.county_code = $2::text and t14.id = $3::text::bigint and coalesce(exists (
    select
    from beneficiary g
    where g.county_code = t14.county_code and g.id = t14.beneficiary_id and g.county_code >= $6::text and g.county_code < $7::text and g.division_code >= $4::text and g.division_code < $5::text
  ), false)
), 'null') when 'DeletionCertificate' then coalesce((
  select e'\x0110:' || t15.id::text || e'\x01{"__typename":' || '"DeletionCertificate"'
    || ',"id":' || '"DeletionCertificate:' || t15.id::text || '"' || '}'
  from deletion_certificate t15
  where t15.id = $2::text::bigint and $3::text is null and coalesce(t15.division_code >= $4::text and t15.division_code < $5::text, false)
), 'null') when 'DeletionDuty' then coalesce((
  select '{"__typename":' || '"DeletionDuty"'
    || ',"id":' || '"DeletionDuty:' || t16.id::text || '"' || '}'
  from deletion_duty t16
  where t16.id = $2::text::bigint and $3::text is null and coalesce(t16.division_code >= $4::text and t16.division_code < $5::text, false)
), 'null') when 'DeletionDutyPerson' then coalesce((
  select e'\x0111:' || t17.county_code::text || ':' || t17.id::text || '/' || t17.beneficiary_id::text || e'\x01{"__typename":' || '"DeletionDutyPerson"'
    || ',"id":' || '"DeletionDutyPerson:' || t17.county_code::text || ':' || t17.id::text || '"' || '}'
  from deletion_duty_person t17
  where t17.county_code = $2::text and t17.id = $3::text::bigint and coalesce(t17.county_code >= $6::text and t17.county_code < $7::text and t17.division_code >= $4::text and t17.division_code < $5::text, false)
), 'null') when 'Division' then coalesce((
  select '{"__typename":' || '"Division"'
    || ',"id":' || '"Division:' || t18.code::text || '"'
    || ',"name":' || to_json(t18.name)::text || '}'
  from division t18
  where t18.code = $2::text and $3::text is null
), 'null') when 'Dossier' then coalesce((
  select e'\x0112:' || t19.county_code::text || ':' || t19.id::text || '/' || t19.beneficiary_id::text || e'\x01{"__typename":' || '"Dossier"'
    || ',"id":' || '"Dossier:' || t19.county_code::text || ':' || t19.id::text || '"' || '}'
  from dossier t19
  where t19.county_code = $2::text and t19.id = $3::text::bigint and coalesce(t19.county_code >= $6::text and t19.county_code < $7::text, false)
), 'null') when 'DroppedCells' then coalesce((
  select '{"__typename":' || '"DroppedCells"'
    || ',"id":' || '"DroppedCells:' || t20.id::text || '"' || '}'
  from dropped_cells t20
  where t20.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t20.source_id and (s.division_code >= $4::text and s.division_code < $5::text or s.division_code is null)
  ), false)
), 'null') when 'EmergencyAccess' then coalesce((
  select e'\x0113:' || t21.id::text || e'\x01{"__typename":' || '"EmergencyAccess"'
    || ',"id":' || '"EmergencyAccess:' || t21.id::text || '"' || '}'
  from emergency_access t21
  where t21.id = $2::text::bigint and $3::text is null and coalesce(t21.division_code >= $4::text and t21.division_code < $5::text, false)
), 'null') when 'Evaluation' then coalesce((
  select '{"__typename":' || '"Evaluation"'
    || ',"id":' || '"Evaluation:' || t22.id::text || '"' || '}'
  from evaluation t22
  where t22.id = $2::text::bigint and $3::text is null and coalesce(t22.division_code >= $4::text and t22.division_code < $5::text, false)
), 'null') when 'Expenditure' then coalesce((
  select '{"__typename":' || '"Expenditure"'
    || ',"id":' || '"Expenditure:' || t23.id::text || '"' || '}'
  from expenditure t23
  where t23.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from contract w
    where w.id = t23.contract_id and w.division_code >= $4::text and w.division_code < $5::text
  ), false)
), 'null') when 'FieldOverride' then coalesce((
  select e'\x0114:' || t24.county_code::text || ':' || t24.id::text || '/' || t24.beneficiary_id::text || e'\x01{"__typename":' || '"FieldOverride"'
    || ',"id":' || '"FieldOverride:' || t24.county_code::text || ':' || t24.id::text || '"' || '}'
  from field_override t24
  where t24.county_code = $2::text and t24.id = $3::text::bigint and coalesce(exists (
    select
    from beneficiary g
    where g.county_code = t24.county_code and g.id = t24.beneficiary_id and g.county_code >= $6::text and g.county_code < $7::text and g.division_code >= $4::text and g.division_code < $5::text
  ), false)
), 'null') when 'FormerDivision' then coalesce((
  select '{"__typename":' || '"FormerDivision"'
    || ',"id":' || '"FormerDivision:' || t25.id::text || '"' || '}'
  from former_division t25
  where t25.id = $2::text::bigint and $3::text is null
), 'null') when 'FundSource' then coalesce((
  select '{"__typename":' || '"FundSource"'
    || ',"id":' || '"FundSource:' || t26.id::text || '"' || '}'
  from fund_source t26
  where t26.id = $2::text::bigint and $3::text is null and coalesce(t26.division_code >= $4::text and t26.division_code < $5::text, false)
), 'null') when 'GroupSession' then coalesce((
  select '{"__typename":' || '"GroupSession"'
    || ',"id":' || '"GroupSession:' || t27.id::text || '"' || '}'
  from group_session t27
  where t27.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from group_work w
    where w.id = t27.group_work_id and w.division_code >= $4::text and w.division_code < $5::text
  ), false)
), 'null') when 'GroupWork' then coalesce((
  select '{"__typename":' || '"GroupWork"'
    || ',"id":' || '"GroupWork:' || t28.id::text || '"' || '}'
  from group_work t28
  where t28.id = $2::text::bigint and $3::text is null and coalesce(t28.division_code >= $4::text and t28.division_code < $5::text, false)
), 'null') when 'Guardian' then coalesce((
  select e'\x0115:' || t29.county_code::text || ':' || t29.id::text || '/' || t29.beneficiary_id::text || e'\x01{"__typename":' || '"Guardian"'
    || ',"id":' || '"Guardian:' || t29.county_code::text || ':' || t29.id::text || '"' || '}'
  from guardian t29
  where t29.county_code = $2::text and t29.id = $3::text::bigint and coalesce(t29.county_code >= $6::text and t29.county_code < $7::text, false)
), 'null') when 'GuardianshipConfirmation' then coalesce((
  select e'\x0116:' || t30.county_code::text || ':' || t30.id::text || '/' || t30.beneficiary_id::text || e'\x01{"__typename":' || '"GuardianshipConfirmation"'
    || ',"id":' || '"GuardianshipConfirmation:' || t30.county_code::text || ':' || t30.id::text || '"' || '}'
  from guardianship_confirmation t30
  where t30.county_code = $2::text and t30.id = $3::text::bigint and coalesce(t30.county_code >= $6::text and t30.county_code < $7::text, false)
), 'null') when 'Handover' then coalesce((
  select '{"__typename":' || '"Handover"'
    || ',"id":' || '"Handover:' || t31.id::text || '"' || '}'
  from handover t31
  where t31.id = $2::text::bigint and $3::text is null and coalesce(t31.division_code >= $4::text and t31.division_code < $5::text, false)
), 'null') when 'HandoverItem' then coalesce((
  select e'\x0117:' || t32.id::text || e'\x01{"__typename":' || '"HandoverItem"'
    || ',"id":' || '"HandoverItem:' || t32.id::text || '"' || '}'
  from handover_item t32
  where t32.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from handover w
    where w.id = t32.handover_id and w.division_code >= $4::text and w.division_code < $5::text
  ), false)
), 'null') when 'HospitalEscort' then coalesce((
  select e'\x0118:' || t33.county_code::text || ':' || t33.id::text || '/' || t33.beneficiary_id::text || e'\x01{"__typename":' || '"HospitalEscort"'
    || ',"id":' || '"HospitalEscort:' || t33.county_code::text || ':' || t33.id::text || '"' || '}'
  from hospital_escort t33
  where t33.county_code = $2::text and t33.id = $3::text::bigint and coalesce(t33.county_code >= $6::text and t33.county_code < $7::text, false)
), 'null') when 'Household' then coalesce((
  select e'\x0119:' || t34.county_code::text || ':' || t34.id::text || e'\x01{"__typename":' || '"Household"'
    || ',"id":' || '"Household:' || t34.county_code::text || ':' || t34.id::text || '"' || '}'
  from household t34
  where t34.county_code = $2::text and t34.id = $3::text::bigint and coalesce(t34.county_code >= $6::text and t34.county_code < $7::text and t34.division_code >= $4::text and t34.division_code < $5::text, false)
), 'null') when 'IdentityReview' then coalesce((
  select e'\x0120:' || t35.county_code::text || ':' || t35.id::text || e'\x01{"__typename":' || '"IdentityReview"'
    || ',"id":' || '"IdentityReview:' || t35.county_code::text || ':' || t35.id::text || '"' || '}'
  from identity_review t35
  where t35.county_code = $2::text and t35.id = $3::text::bigint and coalesce(t35.county_code >= $6::text and t35.county_code < $7::text and exists (
    select
    from beneficiary p
    where p.county_code = t35.county_code and p.id = coalesce((
      select a.linked_to
      from beneficiary_apart a
      where a.county_code = t35.county_code and a.id = t35.first_id
    ), t35.first_id) and p.county_code >= $6::text and p.county_code < $7::text and p.division_code >= $4::text and p.division_code < $5::text
  ) and exists (
    select
    from beneficiary p
    where p.county_code = t35.county_code and p.id = coalesce((
      select a.linked_to
      from beneficiary_apart a
      where a.county_code = t35.county_code and a.id = t35.second_id
    ), t35.second_id) and p.county_code >= $6::text and p.county_code < $7::text and p.division_code >= $4::text and p.division_code < $5::text
  ), false)
), 'null') when 'Incident' then coalesce((
  select e'\x0121:' || t36.id::text || e'\x01{"__typename":' || '"Incident"'
    || ',"id":' || '"Incident:' || t36.id::text || '"' || '}'
  from incident t36
  where t36.id = $2::text::bigint and $3::text is null and coalesce(t36.division_code >= $4::text and t36.division_code < $5::text, false)
), 'null') when 'NeedsRecord' then coalesce((
  select e'\x0122:' || t37.county_code::text || ':' || t37.id::text || '/' || t37.beneficiary_id::text || e'\x01{"__typename":' || '"NeedsRecord"'
    || ',"id":' || '"NeedsRecord:' || t37.county_code::text || ':' || t37.id::text || '"' || '}'
  from needs_record t37
  where t37.county_code = $2::text and t37.id = $3::text::bigint and coalesce(t37.county_code >= $6::text and t37.county_code < $7::text, false)
), 'null') when 'Patrol' then coalesce((
  select '{"__typename":' || '"Patrol"'
    || ',"id":' || '"Patrol:' || t38.id::text || '"' || '}'
  from patrol t38
  where t38.id = $2::text::bigint and $3::text is null and coalesce(t38.division_code >= $4::text and t38.division_code < $5::text, false)
), 'null') when 'Personnel' then coalesce((
  select e'\x0123:' || t39.id::text || e'\x01{"__typename":' || '"Personnel"'
    || ',"id":' || '"Personnel:' || t39.id::text || '"' || '}'
  from personnel t39
  where t39.id = $2::text::bigint and $3::text is null and coalesce(t39.division_code >= $4::text and t39.division_code < $5::text, false)
), 'null') when 'ProtectionCase' then coalesce((
  select e'\x0124:' || t40.county_code::text || ':' || t40.id::text || '/' || t40.beneficiary_id::text || e'\x01{"__typename":' || '"ProtectionCase"'
    || ',"id":' || '"ProtectionCase:' || t40.county_code::text || ':' || t40.id::text || '"' || '}'
  from protection_case t40
  where t40.county_code = $2::text and t40.id = $3::text::bigint and coalesce(t40.county_code >= $6::text and t40.county_code < $7::text, false)
), 'null') when 'PublicityEvent' then coalesce((
  select '{"__typename":' || '"PublicityEvent"'
    || ',"id":' || '"PublicityEvent:' || t41.id::text || '"' || '}'
  from publicity_event t41
  where t41.id = $2::text::bigint and $3::text is null and coalesce(t41.division_code >= $4::text and t41.division_code < $5::text, false)
), 'null') when 'QuarantinedRow' then coalesce((
  select e'\x0125:' || t42.id::text || e'\x01{"__typename":' || '"QuarantinedRow"'
    || ',"id":' || '"QuarantinedRow:' || t42.id::text || '"' || '}'
  from quarantined_row t42
  where t42.id = $2::text::bigint and $3::text is null and coalesce(t42.division_code >= $4::text and t42.division_code < $5::text, false)
), 'null') when 'Reconciliation' then coalesce((
  select '{"__typename":' || '"Reconciliation"'
    || ',"id":' || '"Reconciliation:' || t43.id::text || '"' || '}'
  from reconciliation t43
  where t43.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t43.source_id and (s.division_code >= $4::text and s.division_code < $5::text or s.division_code is null)
  ), false)
), 'null') when 'Referral' then coalesce((
  select e'\x0126:' || t44.county_code::text || ':' || t44.id::text || '/' || t44.beneficiary_id::text || e'\x01{"__typename":' || '"Referral"'
    || ',"id":' || '"Referral:' || t44.county_code::text || ':' || t44.id::text || '"' || '}'
  from referral t44
  where t44.county_code = $2::text and t44.id = $3::text::bigint and coalesce(t44.county_code >= $6::text and t44.county_code < $7::text and t44.division_code >= $4::text and t44.division_code < $5::text, false)
), 'null') when 'ReliefEpisode' then coalesce((
  select e'\x0127:' || t45.county_code::text || ':' || t45.id::text || '/' || t45.beneficiary_id::text || e'\x01{"__typename":' || '"ReliefEpisode"'
    || ',"id":' || '"ReliefEpisode:' || t45.county_code::text || ':' || t45.id::text || '"' || '}'
  from relief_episode t45
  where t45.county_code = $2::text and t45.id = $3::text::bigint and coalesce(t45.county_code >= $6::text and t45.county_code < $7::text, false)
), 'null') when 'Report' then coalesce((
  select '{"__typename":' || '"Report"'
    || ',"id":' || '"Report:' || t46.id::text || '"' || '}'
  from report t46
  where t46.id = $2::text::bigint and $3::text is null and coalesce(t46.division_code >= $4::text and t46.division_code < $5::text, false)
), 'null') when 'RiskAssessment' then coalesce((
  select e'\x0128:' || t47.county_code::text || ':' || t47.id::text || '/' || t47.beneficiary_id::text || e'\x01{"__typename":' || '"RiskAssessment"'
    || ',"id":' || '"RiskAssessment:' || t47.county_code::text || ':' || t47.id::text || '"' || '}'
  from risk_assessment t47
  where t47.county_code = $2::text and t47.id = $3::text::bigint and coalesce(t47.county_code >= $6::text and t47.county_code < $7::text, false)
), 'null') when 'RunList' then coalesce((
  select '{"__typename":' || '"RunList"'
    || ',"id":' || '"RunList:' || t48.id::text || '"' || '}'
  from run_list t48
  where t48.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t48.source_id and (s.division_code >= $4::text and s.division_code < $5::text or s.division_code is null)
  ), false)
), 'null') when 'Source' then coalesce((
  select '{"__typename":' || '"Source"'
    || ',"id":' || '"Source:' || t49.id::text || '"' || '}'
  from source t49
  where t49.id = $2::text::bigint and $3::text is null and coalesce((t49.division_code >= $4::text and t49.division_code < $5::text or t49.division_code is null), false)
), 'null') when 'SourceColumn' then coalesce((
  select '{"__typename":' || '"SourceColumn"'
    || ',"id":' || '"SourceColumn:' || t50.id::text || '"' || '}'
  from source_column t50
  where t50.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t50.source_id and (s.division_code >= $4::text and s.division_code < $5::text or s.division_code is null)
  ), false)
), 'null') when 'SourceDrift' then coalesce((
  select '{"__typename":' || '"SourceDrift"'
    || ',"id":' || '"SourceDrift:' || t51.id::text || '"' || '}'
  from source_drift t51
  where t51.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t51.source_id and (s.division_code >= $4::text and s.division_code < $5::text or s.division_code is null)
  ), false)
), 'null') when 'Station' then coalesce((
  select '{"__typename":' || '"Station"'
    || ',"id":' || '"Station:' || t52.id::text || '"' || '}'
  from station t52
  where t52.id = $2::text::bigint and $3::text is null and coalesce(t52.division_code >= $4::text and t52.division_code < $5::text, false)
), 'null') when 'StreetEncounter' then coalesce((
  select e'\x0129:' || t53.county_code::text || ':' || t53.id::text || coalesce('/' || t53.beneficiary_id::text, '') || e'\x01{"__typename":' || '"StreetEncounter"'
    || ',"id":' || '"StreetEncounter:' || t53.county_code::text || ':' || t53.id::text || '"' || '}'
  from street_encounter t53
  where t53.county_code = $2::text and t53.id = $3::text::bigint and coalesce(t53.county_code >= $6::text and t53.county_code < $7::text and t53.division_code >= $4::text and t53.division_code < $5::text, false)
), 'null') when 'SubsidyCheck' then coalesce((
  select '{"__typename":' || '"SubsidyCheck"'
    || ',"id":' || '"SubsidyCheck:' || t54.id::text || '"' || '}'
  from subsidy_check t54
  where t54.id = $2::text::bigint and $3::text is null and coalesce(t54.division_code >= $4::text and t54.division_code < $5::text, false)
), 'null') when 'SyncRun' then coalesce((
  select '{"__typename":' || '"SyncRun"'
    || ',"id":' || '"SyncRun:' || t55.id::text || '"' || '}'
  from sync_run t55
  where t55.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from source s
    where s.id = t55.source_id and (s.division_code >= $4::text and s.division_code < $5::text or s.division_code is null)
  ), false)
), 'null') when 'TrainingEvent' then coalesce((
  select '{"__typename":' || '"TrainingEvent"'
    || ',"id":' || '"TrainingEvent:' || t56.id::text || '"' || '}'
  from training_event t56
  where t56.id = $2::text::bigint and $3::text is null and coalesce(t56.division_code >= $4::text and t56.division_code < $5::text, false)
), 'null') when 'TrainingRecord' then coalesce((
  select '{"__typename":' || '"TrainingRecord"'
    || ',"id":' || '"TrainingRecord:' || t57.id::text || '"' || '}'
  from training_record t57
  where t57.id = $2::text::bigint and $3::text is null and coalesce(exists (
    select
    from training_event w
    where w.id = t57.training_event_id and w.division_code >= $4::text and w.division_code < $5::text
  ), false)
), 'null') when 'Visit' then coalesce((
  select e'\x0130:' || t58.county_code::text || ':' || t58.id::text || '/' || t58.beneficiary_id::text || e'\x01{"__typename":' || '"Visit"'
    || ',"id":' || '"Visit:' || t58.county_code::text || ':' || t58.id::text || '"' || '}'
  from visit t58
  where t58.county_code = $2::text and t58.id = $3::text::bigint and coalesce(t58.county_code >= $6::text and t58.county_code < $7::text, false)
), 'null') when 'VisitPhoto' then coalesce((
  select e'\x0131:' || t59.county_code::text || ':' || t59.id::text || '/' || t59.beneficiary_id::text || e'\x01{"__typename":' || '"VisitPhoto"'
    || ',"id":' || '"VisitPhoto:' || t59.county_code::text || ':' || t59.id::text || '"' || '}'
  from visit_photo t59
  where t59.county_code = $2::text and t59.id = $3::text::bigint and coalesce(t59.county_code >= $6::text and t59.county_code < $7::text, false)
), 'null') when 'Warning' then coalesce((
  select e'\x0132:' || t60.county_code::text || ':' || t60.id::text || '/' || t60.beneficiary_id::text || e'\x01{"__typename":' || '"Warning"'
    || ',"id":' || '"Warning:' || t60.county_code::text || ':' || t60.id::text || '"' || '}'
  from warning t60
  where t60.county_code = $2::text and t60.id = $3::text::bigint and coalesce(t60.county_code >= $6::text and t60.county_code < $7::text, false)
), 'null') else 'null' end || '}'
