-- reads source, visit
-- $1 viewer lo6 :: text
-- $2 viewer hi6 :: text
-- $3 limit field.0.first :: int
select '{"visits":' || (
  select '{"nodes":' || coalesce('[' || string_agg(e'\x010:' || t2.county_code::text || ':' || t2.id::text || '/' || t2.beneficiary_id::text || e'\x01{"id":' || '"Visit:' || t2.county_code::text || ':' || t2.id::text || '"' || ',"provenance":' || (
    select coalesce('[' || string_agg('{"field":' || to_json(t5.field)::text || ',"source":' || to_json(t3.code)::text || ',"recordKey":' || to_json(t5.record_key)::text || '}', ',' order by t5.field) || ']', '[]')
    from (
      select distinct on (t4.field) t4.field, t2.source_id as source_id, t2.record_key as record_key, t2.observed_at as observed_at, t2.received_at as received_at
      from (values ('visitedOn', t2.visited_on is not null), ('kind', t2.kind is not null), ('purpose', t2.purpose is not null), ('hasPhotos', t2.has_photos is not null), ('hasRegisterForm', t2.has_register_form is not null), ('textRecord', t2.text_record is not null)) t4(field, stated)
      where t4.stated
      order by t4.field
    ) t5
    join source t3 on t3.id = t5.source_id
  ) || '}', ',') || ']', '[]') || '}'
  from (
    select t1.beneficiary_id, t1.county_code, t1.has_photos, t1.has_register_form, t1.id, t1.kind, t1.observed_at, t1.purpose, t1.received_at, t1.record_key, t1.source_id, t1.text_record, t1.visited_on
    from visit t1
    where (t1.county_code >= $1::text and t1.county_code < $2::text)
    order by t1.county_code, t1.id
    limit $3::int
  ) t2
  having true
) || '}'
