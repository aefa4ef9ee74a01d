-- reads contractor, station
-- $1 viewer lo :: text
-- $2 viewer hi :: text
-- $3 limit field.0.first :: int
select '{"__typename":' || '"Query"'
  || ',"stations":' || (
  select '{"__typename":' || '"StationConnection"'
    || ',"edges":' || coalesce('[' || string_agg('{"__typename":' || '"StationEdge"' || ',"node":' || '{"__typename":' || '"Station"' || ',"operator":' || coalesce((
    select e'\x010:' || t3.id::text || e'\x01{"__typename":' || '"Contractor"' || '}'
    from contractor t3
    where t3.id = t2.operator_id
  ), 'null') || ',"personnel":' || '{"__typename":' || '"PersonnelConnection"' || '}' || '}' || '}', ',') || ']', '[]')
    || ',"nodes":' || coalesce('[' || string_agg('{"__typename":' || '"Station"' || '}', ',') || ']', '[]')
    || ',"pageInfo":' || '{"__typename":' || '"PageInfo"' || '}' || '}'
  from (
    select t1.operator_id
    from station t1
    where (t1.division_code >= $1::text and t1.division_code < $2::text)
    order by t1.id
    limit $3::int
  ) t2
  having true
)
  || ',"divisions":' || '{"kind":' || '"DivisionConnection"' || '}' || '}'
