-- reads station
-- $1 viewer lo :: text
-- $2 viewer hi :: text
-- $3 limit default :: int
select '{"stations":' || (
  select '{"nodes":' || coalesce('[' || string_agg('{"id":' || '"Station:' || t2.id::text || '"' || ',"name":' || to_json(t2.name)::text || ',"address":' || coalesce(to_json(t2.address)::text, 'null') || '}', ',') || ']', '[]') || '}'
  from (
    select t1.address, t1.id, t1.name
    from station t1
    where (t1.division_code >= $1::text and t1.division_code < $2::text)
    order by t1.id
    limit $3::int
  ) t2
  having true
) || '}'
