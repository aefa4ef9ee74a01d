-- reads station
-- $1 viewer organisation :: bigint
-- $2 viewer today :: date
-- $3 limit field.0.first :: int
select '{"stations":' || (
  select '{"totalCount":' || (
    select count(*)::text
    from station t1
    where (exists (
      select
      from contract_station l
      where l.station_id = t1.id and l.contract_id = any (array(
        select k.id
        from contract k
        where k.contractor_id = $1::bigint and k.status in ('ACTIVE', 'RENEWED', 'NOT_RENEWED') and k.starts_on <= $2::date and k.ends_on >= $2::date
      ))
    ))
  )
    || ',"nodes":' || coalesce('[' || string_agg('{"id":' || '"Station:' || t2.id::text || '"' || ',"name":' || to_json(t2.name)::text || ',"status":' || to_json(t2.status)::text || ',"openedOn":' || coalesce('"' || t2.opened_on::text || '"', 'null') || ',"phone":' || coalesce(to_json(t2.phone)::text, 'null') || '}', ',' order by t2.rn) filter (where t2.rn <= $3::int) || ']', '[]') || '}'
  from (
    select t1.id, t1.name, t1.opened_on, t1.phone, t1.status, row_number() over (order by t1.id) as rn
    from station t1
    where (exists (
      select
      from contract_station l
      where l.station_id = t1.id and l.contract_id = any (array(
        select k.id
        from contract k
        where k.contractor_id = $1::bigint and k.status in ('ACTIVE', 'RENEWED', 'NOT_RENEWED') and k.starts_on <= $2::date and k.ends_on >= $2::date
      ))
    ))
    order by t1.id
    limit $3::int + 1
  ) t2
  having true
) || '}'
