-- reads beneficiary, beneficiary_record, source
-- $1 viewer lo6 :: text
-- $2 viewer hi6 :: text
-- $3 viewer contracts :: bigint[]
-- $4 viewer today :: date
-- $5 limit field.0.first :: int
select '{"beneficiaries":' || (
  select '{"nodes":' || coalesce('[' || string_agg(e'\x010:' || t2.county_code::text || ':' || t2.id::text || e'/\x01{"id":' || '"Beneficiary:' || t2.county_code::text || ':' || t2.id::text || '"' || ',"provenance":' || (
    select coalesce('[' || string_agg('{"__typename":' || '"FieldProvenance"' || ',"field":' || to_json(t6.field)::text || ',"source":' || to_json(t4.code)::text || ',"sourceName":' || to_json(t4.name)::text || ',"recordKey":' || to_json(t6.record_key)::text || ',"observedAt":' || to_json(t6.observed_at)::text || ',"receivedAt":' || to_json(t6.received_at)::text || '}', ',' order by t6.field) || ']', '[]')
    from (
      select distinct on (t5.field) t5.field, t3.source_id as source_id, t3.record_key as record_key, t3.observed_at as observed_at, t3.received_at as received_at
      from beneficiary_record t3
      cross join lateral (values ('name', t3.name is not null), ('nameMasked', t3.name_masked is not null), ('idNumberMasked', t3.id_number_masked is not null), ('fileNumber', t3.file_number is not null), ('sex', t3.sex is not null), ('birthOn', t3.birth_on is not null), ('ethnicityCode', t3.ethnicity_code is not null), ('divisionCode', t3.division_code is not null), ('address', t3.address is not null), ('phone', t3.phone is not null), ('householdRelationCode', t3.household_relation_code is not null), ('riskLevel', t3.risk_level is not null), ('selfCare', t3.self_care is not null), ('abilityLevel', t3.ability_level is not null), ('abilityStandard', t3.ability_standard is not null), ('disabilityCategory', t3.disability_category is not null), ('disabilityGrade', t3.disability_grade is not null), ('guardianName', t3.guardian_name is not null), ('guardianRelation', t3.guardian_relation is not null), ('guardianPhone', t3.guardian_phone is not null), ('school', t3.school is not null), ('deceasedOn', t3.deceased_on is not null), ('dossierOpenedOn', t3.dossier_opened_on is not null)) t5(field, stated)
      where t3.county_code = t2.county_code and t3.entity_id = t2.id and t5.stated
      order by t5.field, t3.precedence asc, t3.observed_at desc, t3.record_key asc, t3.source_id asc
    ) t6
    join source t4 on t4.id = t6.source_id
  ) || '}', ',') || ']', '[]') || '}'
  from (
    select t1.county_code, t1.id
    from beneficiary t1
    where (t1.county_code >= $1::text and t1.county_code < $2::text and (t1.open_contract_ids && $3::bigint[] and t1.open_since_on <= $4::date or (t1.open_contract_ids && $3::bigint[] or t1.dated_contract_ids && $3::bigint[]) and (
      select true
      from assignment a
      where a.county_code = t1.county_code and a.beneficiary_id = t1.id and a.contract_id = any ($3::bigint[]) and a.starts_on <= $4::date and (a.ends_on is null or a.ends_on >= $4::date)
      limit 1
    )))
    order by t1.county_code, t1.id
    limit $5::int
  ) t2
  having true
) || '}'
