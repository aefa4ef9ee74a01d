-- reads division, former_division
-- $1 node field.0.id 0 :: text
-- $2 node field.0.id 1 :: text
-- $3 node field.0.id 2 :: text
select '{"node":' || case $1::text when 'Division' then coalesce((
  select '{"__typename":' || '"Division"'
    || ',"id":' || '"Division:' || t1.code::text || '"'
    || ',"name":' || to_json(t1.name)::text || '}'
  from division t1
  where t1.code = $2::text and $3::text is null
), 'null') when 'FormerDivision' then coalesce((
  select '{"__typename":' || '"FormerDivision"'
    || ',"id":' || '"FormerDivision:' || t2.id::text || '"' || '}'
  from former_division t2
  where t2.id = $2::text::bigint and $3::text is null
), 'null') else 'null' end || '}'
