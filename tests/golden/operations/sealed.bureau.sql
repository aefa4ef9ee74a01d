-- reads beneficiary, quarantined_row
-- holds values to open or sign
-- $1 viewer lo6 :: text
-- $2 viewer hi6 :: text
-- $3 viewer lo :: text
-- $4 viewer hi :: text
-- $5 limit field.0.first :: int
-- $6 nonce :: text
-- $7 limit field.1.first :: int
select '{"beneficiaries":' || (
  select '{"nodes":' || coalesce('[' || string_agg(e'\x010:' || t2.county_code::text || ':' || t2.id::text || e'/\x01{"idNumber":' || coalesce('"' || $6::text || 's' || encode(t2.id_number, 'hex') || '"', 'null') || ',"idNumberMasked":' || coalesce(to_json(t2.id_number_masked)::text, 'null') || ',"disabilityCertificate":' || coalesce('"' || $6::text || 's' || encode(t2.disability_certificate, 'hex') || '"', 'null') || '}', ',') || ']', '[]') || '}'
  from (
    select t1.county_code, t1.disability_certificate, t1.id, t1.id_number, t1.id_number_masked
    from beneficiary t1
    where (t1.county_code >= $1::text and t1.county_code < $2::text and t1.division_code >= $3::text and t1.division_code < $4::text)
    order by t1.county_code, t1.id
    limit $5::int
  ) t2
  having true
)
  || ',"quarantinedRows":' || (
  select '{"nodes":' || coalesce('[' || string_agg(e'\x011:' || t4.id::text || e'\x01{"file":' || to_json(t4.file)::text || ',"rowNumber":' || t4.row_number::text || ',"reasons":' || to_json(t4.reasons)::text || ',"raw":' || '"' || $6::text || 's' || encode(t4.raw, 'hex') || '"' || ',"quarantinedAt":' || to_json(t4.quarantined_at)::text || '}', ',') || ']', '[]') || '}'
  from (
    select t3.file, t3.id, t3.quarantined_at, t3.raw, t3.reasons, t3.row_number
    from quarantined_row t3
    where (t3.division_code >= $3::text and t3.division_code < $4::text)
    order by t3.id
    limit $7::int
  ) t4
  having true
) || '}'
