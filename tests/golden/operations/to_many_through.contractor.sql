-- reads assignment, beneficiary, contract, contract_station, station
-- $1 viewer organisation :: bigint
-- $2 limit field.0.first :: int
-- $3 viewer contracts :: bigint[]
-- $4 limit field.1.first :: int
-- $5 viewer today :: date
-- $6 viewer lo6 :: text
-- $7 viewer hi6 :: text
select '{"contracts":' || (
  select '{"nodes":' || coalesce('[' || string_agg('{"number":' || to_json(t2.number)::text || ',"stations":' || (
    select '{"nodes":' || coalesce('[' || string_agg('{"name":' || to_json(t5.name)::text || ',"contracts":' || '{"totalCount":' || (
      select count(*)::text
      from contract t6
      where exists (
        select
        from contract_station t7
        where t7.station_id = t5.id and t7.contract_id = t6.id and coalesce(exists (
          select
          from contract k
          where k.id = t7.contract_id and k.contractor_id = $1::bigint
        ), false)
      ) and coalesce(t6.contractor_id = $1::bigint, false)
    ) || '}' || '}', ',') || ']', '[]') || '}'
    from (
      select t3.id, t3.name
      from station t3
      where exists (
        select
        from contract_station t4
        where t4.contract_id = t2.id and t4.station_id = t3.id
      ) and coalesce(exists (
        select
        from contract_station l
        where l.station_id = t3.id and l.contract_id = any ($3::bigint[])
      ), false)
      order by t3.id
      limit $4::int
    ) t5
    having true
  ) || ',"beneficiaries":' || '{"totalCount":' || (
    select count(*)::text
    from beneficiary t8
    where exists (
      select
      from assignment t9
      where t9.contract_id = t2.id and t9.county_code = t8.county_code and t9.beneficiary_id = t8.id and coalesce(t9.contract_id = any ($3::bigint[]) and t9.starts_on <= $5::date and (t9.ends_on is null or t9.ends_on >= $5::date), false)
    ) and coalesce(t8.county_code >= $6::text and t8.county_code < $7::text and (t8.open_contract_ids && $3::bigint[] and t8.open_since_on <= $5::date or (t8.open_contract_ids && $3::bigint[] or t8.dated_contract_ids && $3::bigint[]) and (
      select true
      from assignment a
      where a.county_code = t8.county_code and a.beneficiary_id = t8.id and a.contract_id = any ($3::bigint[]) and a.starts_on <= $5::date and (a.ends_on is null or a.ends_on >= $5::date)
      limit 1
    )), false)
  ) || '}' || '}', ',') || ']', '[]') || '}'
  from (
    select t1.id, t1.number
    from contract t1
    where (t1.contractor_id = $1::bigint)
    order by t1.id
    limit $2::int
  ) t2
  having true
) || '}'
