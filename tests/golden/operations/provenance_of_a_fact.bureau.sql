-- reads source, visit
-- $1 viewer lo6 :: text
-- $2 viewer hi6 :: text
-- $3 limit field.0.first :: int
select '{"visits":' || (
  select '{"nodes":' || coalesce('[' || string_agg(e'\x010:' || t2.county_code::text || ':' || t2.id::text || '/' || t2.beneficiary_id::text || e'\x01{"id":' || '"Visit:' || t2.county_code::text || ':' || t2.id::text || '"' || ',"provenance":' || (with t5 as materialized (
        select t9.*, row_number() over best as place, count(*) over field as stated,
            min(t9.said) over field <> max(t9.said) over field as is_contested,
            lead(t9.is_other) over best as is_next_other, lead(t9.rank) over best as next_rank,
            lead(t9.observed_at) over best as next_observed_at,
            t9.ruled or lead(t9.ruled) over best is true as is_ruled,
            coalesce(t9.reason, lead(t9.reason) over best) as because
        from (
    select t8.field, t8.said, t2.source_id, t2.record_key, t2.list_kind, t2.observed_at, t2.received_at, false as is_decided, false as is_other, 0 as rank, false as ruled, null::text as reason
    from  (values ('visitedOn', 'visited_on', t2.visited_on is not null, coalesce(t2.visited_on::text, '')), ('kind', 'kind', t2.kind is not null, coalesce(t2.kind::text, '')), ('purpose', 'purpose', t2.purpose is not null, coalesce(t2.purpose::text, '')), ('hasPhotos', 'has_photos', t2.has_photos is not null, coalesce(t2.has_photos::text, '')), ('hasRegisterForm', 'has_register_form', t2.has_register_form is not null, coalesce(t2.has_register_form::text, '')), ('textRecord', 'text_record', t2.text_record is not null, coalesce(t2.text_record::text, ''))) t8(field, led_as, states, said)
    where t8.states
  ) t9
        window field as (partition by t9.field),
            best as (partition by t9.field
                order by t9.is_other, not t9.is_decided, t9.rank, t9.observed_at desc, t9.record_key, t9.source_id)) select coalesce('[' || string_agg('{"field":' || coalesce(to_json(t3.field)::text, 'null') || ',"source":' || coalesce(to_json(t6.code)::text, 'null') || ',"recordKey":' || coalesce(to_json(t3.record_key)::text, 'null') || '}', ',' order by t3.field) || ']', '[]') from t5 t3 join source t6 on t6.id = t3.source_id where t3.place = 1 and not t3.is_other) || '}', ',') || ']', '[]') || '}'
  from (
    select t1.beneficiary_id, t1.county_code, t1.has_photos, t1.has_register_form, t1.id, t1.kind, t1.list_kind, t1.observed_at, t1.purpose, t1.received_at, t1.record_key, t1.source_id, t1.text_record, t1.visited_on
    from visit t1
    where (t1.county_code >= $1::text and t1.county_code < $2::text)
    order by t1.county_code, t1.id
    limit $3::int
  ) t2
  having true
) || '}'
