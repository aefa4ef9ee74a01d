-- reads quarantined_row, source, sync_run
-- $1 viewer lo :: text
-- $2 viewer hi :: text
-- $3 leaf field.0.where.listKind.eq :: text
-- $4 leaf field.0.where.reasonCodes.has :: text
-- $5 limit default :: int
-- $6 limit field.1.first :: int
select '{"quarantinedRows":' || (
  select '{"nodes":' || coalesce('[' || string_agg(e'\x010:' || t2.id::text || e'\x01{"rowNumber":' || t2.row_number::text || ',"source":' || coalesce((
    select '{"runs":' || '{"nodes":' || coalesce((
      select '[' || '{"status":' || to_json(t5.status)::text || '}' || ']'
      from (
        select t4.status
        from sync_run t4
        where t4.source_id = t3.id
        order by t4.started_at desc, t4.id desc
        limit $6::int
      ) t5
    ), '[]') || '}' || '}'
    from source t3
    where t3.id = t2.source_id and coalesce((t3.division_code >= $1::text and t3.division_code < $2::text or t3.division_code is null), false)
  ), 'null') || '}', ',') || ']', '[]') || '}'
  from (
    select t1.id, t1.row_number, t1.source_id
    from quarantined_row t1
    where (t1.division_code >= $1::text and t1.division_code < $2::text) and ((t1.list_kind = $3::text) and (t1.resolved_at is null) and (t1.reason_codes @> array[$4::text]))
    order by t1.quarantined_at desc, t1.id desc
    limit $5::int
  ) t2
  having true
) || '}'
