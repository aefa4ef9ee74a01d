-- reads personnel, station
-- holds values to open or sign
-- $1 viewer lo :: text
-- $2 viewer hi :: text
-- $3 limit field.0.first :: int
-- $4 nonce :: text
select '{"personnel":' || (
  select '{"nodes":' || coalesce('[' || string_agg(e'\x010:' || t2.id::text || e'\x01{"badgeText":' || '"' || $4::text || 'm' || encode(convert_to('[0' || ',' || to_json(t2.name)::text || ',' || to_json(t2.division_code)::text || ']', 'UTF8'), 'hex') || '"' || ',"station":' || coalesce((
    select '{"expectedName":' || '"' || $4::text || 'm' || encode(convert_to('[1' || ',' || to_json(t3.division_code)::text || ']', 'UTF8'), 'hex') || '"'
      || ',"isNamedByRule":' || '"' || $4::text || 'm' || encode(convert_to('[2' || ',' || to_json(t3.name)::text || ',' || to_json(t3.division_code)::text || ']', 'UTF8'), 'hex') || '"'
      || ',"uniformTexts":' || '"' || $4::text || 'm' || encode(convert_to('[3' || ',' || to_json(t3.division_code)::text || ']', 'UTF8'), 'hex') || '"' || '}'
    from station t3
    where t3.id = t2.station_id
  ), 'null') || '}', ',') || ']', '[]') || '}'
  from (
    select t1.division_code, t1.id, t1.name, t1.station_id
    from personnel t1
    where (t1.division_code >= $1::text and t1.division_code < $2::text)
    order by t1.id
    limit $3::int
  ) t2
  having true
) || '}'
