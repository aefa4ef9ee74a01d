-- reads beneficiary, beneficiary_record, precedence_rule, source
-- $1 viewer lo6 :: text
-- $2 viewer hi6 :: text
-- $3 viewer contracts :: bigint[]
-- $4 viewer today :: date
-- $5 limit field.0.first :: int
select '{"beneficiaries":' || (
  select '{"nodes":' || coalesce('[' || string_agg(e'\x010:' || t2.county_code::text || ':' || t2.id::text || e'/\x01{"id":' || '"Beneficiary:' || t2.county_code::text || ':' || t2.id::text || '"' || ',"provenance":' || (with t5 as materialized (
        select t9.*, row_number() over best as place, count(*) over field as stated,
            min(t9.said) over field <> max(t9.said) over field as is_contested,
            lead(t9.is_other) over best as is_next_other, lead(t9.rank) over best as next_rank,
            lead(t9.observed_at) over best as next_observed_at,
            t9.ruled or lead(t9.ruled) over best is true as is_ruled,
            coalesce(t9.reason, lead(t9.reason) over best) as because
        from (
    select t8.field, t8.said, t10.source_id, t10.record_key, t10.list_kind, t10.observed_at, t10.received_at, t10.overrides is not null as is_decided, t8.led_as in ('birth_on', 'id_number', 'id_number_hash', 'id_number_masked', 'sex') and exists (
        select from beneficiary_apart o join beneficiary_apart s on s.county_code = o.county_code and s.id = o.linked_to
            and s.id_number_hash is not null
        where o.county_code = t10.county_code and o.linked_to = t10.entity_id and o.id <> o.linked_to
            and o.held -> 'beneficiary_record' @> jsonb_build_array(jsonb_build_array(t10.source_id, t10.record_key))) as is_other, coalesce(t11.rank, t10.precedence) as rank, t11.rank is not null as ruled, t11.reason
    from beneficiary_record t10
    cross join lateral (values ('name', 'name', (t10."name" is not null or 'name' = any(t10.overrides)), coalesce(t10.name::text, '')), ('nameMasked', 'name', (t10."name_masked" is not null or 'name_masked' = any(t10.overrides)), coalesce(t10.name_masked::text, '')), ('idNumberMasked', 'id_number', (t10."id_number_masked" is not null or 'id_number_masked' = any(t10.overrides)), coalesce(t10.id_number_masked::text, '')), ('fileNumber', 'file_number', (t10."file_number" is not null or 'file_number' = any(t10.overrides)), coalesce(t10.file_number::text, '')), ('sex', 'sex', (t10."sex" is not null or 'sex' = any(t10.overrides)), coalesce(t10.sex::text, '')), ('birthOn', 'birth_on', (t10."birth_on" is not null or 'birth_on' = any(t10.overrides)), coalesce(t10.birth_on::text, '')), ('ethnicityCode', 'ethnicity_code', (t10."ethnicity_code" is not null or 'ethnicity_code' = any(t10.overrides)), coalesce(t10.ethnicity_code::text, '')), ('divisionCode', 'division_code', (t10."division_code" is not null or 'division_code' = any(t10.overrides)), coalesce(t10.division_code::text, '')), ('address', 'address', (t10."address" is not null or 'address' = any(t10.overrides)), coalesce(t10.address::text, '')), ('phone', 'phone', (t10."phone" is not null or 'phone' = any(t10.overrides)), coalesce(t10.phone::text, '')), ('householdRelationCode', 'household_relation_code', (t10."household_relation_code" is not null or 'household_relation_code' = any(t10.overrides)), coalesce(t10.household_relation_code::text, '')), ('riskLevel', 'risk_level', (t10."risk_level" is not null or 'risk_level' = any(t10.overrides)), coalesce(t10.risk_level::text, '')), ('selfCare', 'self_care', (t10."self_care" is not null or 'self_care' = any(t10.overrides)), coalesce(t10.self_care::text, '')), ('abilityLevel', 'ability_level', (t10."ability_level" is not null or 'ability_level' = any(t10.overrides)), coalesce(t10.ability_level::text, '')), ('abilityStandard', 'ability_standard', (t10."ability_standard" is not null or 'ability_standard' = any(t10.overrides)), coalesce(t10.ability_standard::text, '')), ('disabilityCategory', 'disability_category', (t10."disability_category" is not null or 'disability_category' = any(t10.overrides)), coalesce(t10.disability_category::text, '')), ('disabilityGrade', 'disability_grade', (t10."disability_grade" is not null or 'disability_grade' = any(t10.overrides)), coalesce(t10.disability_grade::text, '')), ('guardianName', 'guardian_name', (t10."guardian_name" is not null or 'guardian_name' = any(t10.overrides)), coalesce(t10.guardian_name::text, '')), ('guardianRelation', 'guardian_relation', (t10."guardian_relation" is not null or 'guardian_relation' = any(t10.overrides)), coalesce(t10.guardian_relation::text, '')), ('guardianPhone', 'guardian_phone', (t10."guardian_phone" is not null or 'guardian_phone' = any(t10.overrides)), coalesce(t10.guardian_phone::text, '')), ('school', 'school', (t10."school" is not null or 'school' = any(t10.overrides)), coalesce(t10.school::text, '')), ('deceasedOn', 'deceased_on', (t10."deceased_on" is not null or 'deceased_on' = any(t10.overrides)), coalesce(t10.deceased_on::text, '')), ('dossierOpenedOn', 'dossier_opened_on', (t10."dossier_opened_on" is not null or 'dossier_opened_on' = any(t10.overrides)), coalesce(t10.dossier_opened_on::text, ''))) t8(field, led_as, states, said) left join lateral (
      select p.rank, p.reason
      from precedence_rule p

      where p.is_in_force and p.table_name = 'beneficiary' and p.column_name = t8.led_as
            and starts_with(coalesce(t10.county_code, ''), p.division_prefix)
            and (p.source_id is null or p.source_id = t10.source_id)
            and (p.list_kind is null or p.list_kind = t10.list_kind)
            and (p.connector is null or p.connector = connector_of(t10.source_id))

      order by length(p.division_prefix) desc, p.source_id is null, p.list_kind is null, p.id desc

      limit 1
    ) t11 on true
    where t10.county_code = t2.county_code and t10.entity_id = t2.id and t8.states
  ) t9
        window field as (partition by t9.field),
            best as (partition by t9.field
                order by t9.is_other, not t9.is_decided, t9.rank, t9.observed_at desc, t9.record_key, t9.source_id)) select coalesce('[' || string_agg('{"__typename":' || '"FieldProvenance"' || ',"field":' || coalesce(to_json(t3.field)::text, 'null') || ',"source":' || coalesce(to_json(t6.code)::text, 'null') || ',"sourceName":' || coalesce(to_json(t6.name)::text, 'null') || ',"recordKey":' || coalesce(to_json(t3.record_key)::text, 'null') || ',"observedAt":' || coalesce(to_json(t3.observed_at)::text, 'null') || ',"receivedAt":' || coalesce(to_json(t3.received_at)::text, 'null') || '}', ',' order by t3.field) || ']', '[]') from t5 t3 join source t6 on t6.id = t3.source_id where t3.place = 1 and not t3.is_other) || '}', ',') || ']', '[]') || '}'
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
