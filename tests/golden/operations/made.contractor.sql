-- reads personnel, station
-- holds values to open or sign
-- $1 viewer organisation :: bigint
-- $2 limit field.0.first :: int
-- $3 nonce :: text
-- $4 viewer contracts :: bigint[]
select '{"personnel":' || (
  select '{"nodes":' || coalesce('[' || string_agg(e'\x010:' || t2.id::text || e'\x01{"badgeText":' || '"' || $3::text || 'm' || encode(convert_to('[0' || ',' || to_json(t2.name)::text || ',' || to_json(t2.division_code)::text || ']', 'UTF8'), 'hex') || '"' || ',"station":' || coalesce((
    select '{"expectedName":' || '"' || $3::text || 'm' || encode(convert_to('[1' || ',' || to_json(t3.division_code)::text || ']', 'UTF8'), 'hex') || '"'
      || ',"isNamedByRule":' || '"' || $3::text || 'm' || encode(convert_to('[2' || ',' || to_json(t3.name)::text || ',' || to_json(t3.division_code)::text || ']', 'UTF8'), 'hex') || '"'
      || ',"uniformTexts":' || '"' || $3::text || 'm' || encode(convert_to('[3' || ',' || to_json(t3.division_code)::text || ']', 'UTF8'), 'hex') || '"' || '}'
    from station t3
    where t3.id = t2.station_id and coalesce(exists (
      select
      from contract_station l
      where l.station_id = t3.id and l.contract_id = any ($4::bigint[])
    ), false)
  ), 'null') || '}', ',') || ']', '[]') || '}'
  from (
    select t1.division_code, t1.id, t1.name, t1.station_id
    from personnel t1
    where (t1.employer_id = $1::bigint)
    order by t1.id
    limit $2::int
  ) t2
  having true
) || '}'
