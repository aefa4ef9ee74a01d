-- reads station
-- $1 viewer contracts :: bigint[]
-- $2 limit field.0.first :: int
select '{"stations":' || (
  select '{"totalCount":' || (
    select count(*)::text
    from station t1
    where (exists (
      select
      from contract_station l
      where l.station_id = t1.id and l.contract_id = any ($1::bigint[])
    ))
  )
    || ',"nodes":' || coalesce('[' || string_agg('{"id":' || '"Station:' || t2.id::text || '"' || ',"name":' || to_json(t2.name)::text || ',"status":' || to_json(t2.status)::text || ',"openedOn":' || coalesce('"' || t2.opened_on::text || '"', 'null') || ',"phone":' || coalesce(to_json(t2.phone)::text, 'null') || '}', ',') || ']', '[]') || '}'
  from (
    select t1.id, t1.name, t1.opened_on, t1.phone, t1.status
    from station t1
    where (exists (
      select
      from contract_station l
      where l.station_id = t1.id and l.contract_id = any ($1::bigint[])
    ))
    order by t1.id
    limit $2::int
  ) t2
  having true
) || '}'
