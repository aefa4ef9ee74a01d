-- reads assignment, beneficiary, contract, contract_station, station
-- $1 viewer lo :: text
-- $2 viewer hi :: text
-- $3 limit field.0.first :: int
-- $4 limit field.1.first :: int
-- $5 viewer lo6 :: text
-- $6 viewer hi6 :: text
select '{"contracts":' || (
  select '{"nodes":' || coalesce('[' || string_agg('{"number":' || to_json(t2.number)::text || ',"stations":' || (
    select '{"nodes":' || coalesce('[' || string_agg('{"name":' || to_json(t5.name)::text || ',"contracts":' || '{"totalCount":' || (
      select count(*)::text
      from contract t6
      where exists (
        select
        from contract_station t7
        where t7.station_id = t5.id and t7.contract_id = t6.id
      ) and coalesce(t6.division_code >= $1::text and t6.division_code < $2::text, false)
    ) || '}' || '}', ',') || ']', '[]') || '}'
    from (
      select t3.id, t3.name
      from station t3
      where exists (
        select
        from contract_station t4
        where t4.contract_id = t2.id and t4.station_id = t3.id
      ) and coalesce(t3.division_code >= $1::text and t3.division_code < $2::text, false)
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
      where t9.contract_id = t2.id and t9.county_code = t8.county_code and t9.beneficiary_id = t8.id and coalesce(t9.county_code >= $5::text and t9.county_code < $6::text, false)
    ) and coalesce(t8.county_code >= $5::text and t8.county_code < $6::text and t8.division_code >= $1::text and t8.division_code < $2::text, false)
  ) || '}' || '}', ',') || ']', '[]') || '}'
  from (
    select t1.id, t1.number
    from contract t1
    where (t1.division_code >= $1::text and t1.division_code < $2::text)
    order by t1.id
    limit $3::int
  ) t2
  having true
) || '}'
