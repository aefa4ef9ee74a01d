-- reads contractor, station
-- $1 viewer lo :: text
-- $2 viewer hi :: text
-- $3 limit field.0.first :: int
-- $4 limit field.1.last :: int
select '{"north":' || '{"nodes":' || coalesce((
  select '[' || '{"name":' || to_json(t2.name)::text
    || ',"operator":' || coalesce((
    select e'\x010:' || t3.id::text || e'\x01{"label":' || to_json(t3.name)::text
      || ',"id":' || '"Contractor:' || t3.id::text || '"' || '}'
    from contractor t3
    where t3.id = t2.operator_id
  ), 'null')
    || ',"code":' || to_json(t2.division_code)::text || '}' || ']'
  from (
    select t1.division_code, t1.name, t1.operator_id
    from station t1
    where (t1.division_code >= $1::text and t1.division_code < $2::text)
    order by t1.id
    limit $3::int
  ) t2
), '[]') || '}'
  || ',"south":' || '{"nodes":' || coalesce((
  select '[' || '{"label":' || to_json(t5.name)::text
    || ',"kind":' || to_json(t5.kind)::text || '}' || ']'
  from (
    select kind, name, row_number() over () as rn
    from (
      select t4.kind, t4.name
      from station t4
      where (t4.division_code >= $1::text and t4.division_code < $2::text)
      order by t4.id desc
      limit $4::int
    ) t4
  ) t5
), '[]') || '}' || '}'
