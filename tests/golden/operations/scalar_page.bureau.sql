-- reads station
-- $1 viewer lo :: text
-- $2 viewer hi :: text
-- $3 limit field.0.first :: int
select '{"stations":' || (
  select '{"totalCount":' || (
    select count(*)::text
    from station t1
    where (t1.division_code >= $1::text and t1.division_code < $2::text)
  )
    || ',"nodes":' || coalesce('[' || string_agg('{"id":' || '"Station:' || t2.id::text || '"' || ',"name":' || to_json(t2.name)::text || ',"status":' || to_json(t2.status)::text || ',"openedOn":' || coalesce('"' || t2.opened_on::text || '"', 'null') || ',"phone":' || coalesce(to_json(t2.phone)::text, 'null') || '}', ',') || ']', '[]') || '}'
  from (
    select t1.id, t1.name, t1.opened_on, t1.phone, t1.status
    from station t1
    where (t1.division_code >= $1::text and t1.division_code < $2::text)
    order by t1.id
    limit $3::int
  ) t2
  having true
) || '}'
