-- reads division
-- $1 nodes field.0.ids :: int
-- $2 limit field.1.first :: int
-- $3 node field.0.ids 0 :: text[]
-- $4 node field.0.ids 1 :: text[]
-- $5 node field.0.ids 2 :: text[]
select '{"nodes":' || (
  select coalesce('[' || string_agg(case t1.type when 'Division' then coalesce((
    select '{"id":' || '"Division:' || t2.code::text || '"'
      || ',"children":' || (
      select '{"nodes":' || coalesce('[' || string_agg('{"id":' || '"Division:' || t4.code::text || '"' || '}', ',') || ']', '[]') || '}'
      from (
        select t3.code
        from division t3
        where t3.parent_code = t2.code
        order by t3.code
        limit $2::int
      ) t4
      having true
    ) || '}'
    from division t2
    where t2.code = t1.first and t1.second is null
  ), 'null') else 'null' end, ',' order by t1.n) || ']', '[]')
  from unnest($3::text[], $4::text[], $5::text[]) with ordinality t1(type, first, second, n)
  where t1.n <= $1::int
) || '}'
