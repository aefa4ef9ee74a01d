-- reads assignment, beneficiary, station
-- $1 viewer lo6 :: text
-- $2 viewer hi6 :: text
-- $3 viewer contracts :: bigint[]
-- $4 viewer today :: date
-- $5 sought field.0.where.search :: text[]
-- $6 piece field.0.where.search :: text
-- $7 limit field.0.first :: int
-- $8 sought field.1.where.beneficiary.search :: text[]
-- $9 piece field.1.where.beneficiary.search :: text
-- $10 sought field.2.where.or.0.search :: text[]
-- $11 piece field.2.where.or.0.search :: text
-- $12 leaf field.2.where.or.1.status.eq :: text
-- $13 limit field.2.first :: int
-- $14 sought field.3.where.search :: text[]
-- $15 piece field.3.where.search :: text
-- $16 sought field.4.where.search :: text[]
-- $17 piece field.4.where.search :: text
select '{"beneficiaries":' || (
  select '{"nodes":' || coalesce('[' || string_agg(e'\x010:' || t3.county_code::text || ':' || t3.id::text || e'/\x01{"id":' || '"Beneficiary:' || t3.county_code::text || ':' || t3.id::text || '"' || '}', ',') || ']', '[]') || '}'
  from (
    select t1.county_code, t1.id
    from beneficiary t1
    where coalesce(t1.county_code >= $1::text and t1.county_code < $2::text and (t1.open_contract_ids && $3::bigint[] and t1.open_since_on <= $4::date or (t1.open_contract_ids && $3::bigint[] or t1.dated_contract_ids && $3::bigint[]) and (
      select true
      from assignment a
      where a.county_code = t1.county_code and a.beneficiary_id = t1.id and a.contract_id = any ($3::bigint[]) and a.starts_on <= $4::date and (a.ends_on is null or a.ends_on >= $4::date)
      limit 1
    )), false) and ((t1.county_code, t1.id) in (
      select t2.county_code, t2.id
      from beneficiary_named($5::text[], $6::text) t2
    ))
    order by t1.county_code, t1.id
    limit $7::int
  ) t3
  having true
)
  || ',"assignments":' || '{"totalCount":' || (
  select count(*)::text
  from assignment t4
  where coalesce(t4.contract_id = any ($3::bigint[]) and t4.starts_on <= $4::date and (t4.ends_on is null or t4.ends_on >= $4::date), false) and (exists (
    select
    from beneficiary t5
    where t5.county_code = t4.county_code and t5.id = t4.beneficiary_id and ((t5.county_code, t5.id) in (
      select t6.county_code, t6.id
      from beneficiary_named($8::text[], $9::text) t6
    ))
  ))
) || '}'
  || ',"stations":' || (
  select '{"nodes":' || coalesce('[' || string_agg('{"beneficiaries":' || '{"totalCount":' || (
    select count(*)::text
    from beneficiary t10
    where t10.station_id = t9.id and coalesce(t10.county_code >= $1::text and t10.county_code < $2::text and (t10.open_contract_ids && $3::bigint[] and t10.open_since_on <= $4::date or (t10.open_contract_ids && $3::bigint[] or t10.dated_contract_ids && $3::bigint[]) and (
      select true
      from assignment a
      where a.county_code = t10.county_code and a.beneficiary_id = t10.id and a.contract_id = any ($3::bigint[]) and a.starts_on <= $4::date and (a.ends_on is null or a.ends_on >= $4::date)
      limit 1
    )), false) and ((t10.county_code, t10.id) in (
      select t11.county_code, t11.id
      from beneficiary_named($14::text[], $15::text) t11
    ))
  ) || '}' || '}', ',') || ']', '[]') || '}'
  from (
    select t7.id
    from station t7
    where (exists (
      select
      from contract_station l
      where l.station_id = t7.id and l.contract_id = any ($3::bigint[])
    )) and (((coalesce((t7.id) in (
      select t8.id
      from station_named($10::text[], $11::text) t8
    ), false)) or ((t7.status = $12::text))))
    order by t7.id
    limit $13::int
  ) t9
  having true
)
  || ',"beneficiariesAggregate":' || (with t14 as materialized (
  select count(*) as n
  from beneficiary t12
  where coalesce(t12.county_code >= $1::text and t12.county_code < $2::text and (t12.open_contract_ids && $3::bigint[] and t12.open_since_on <= $4::date or (t12.open_contract_ids && $3::bigint[] or t12.dated_contract_ids && $3::bigint[]) and (
    select true
    from assignment a
    where a.county_code = t12.county_code and a.beneficiary_id = t12.id and a.contract_id = any ($3::bigint[]) and a.starts_on <= $4::date and (a.ends_on is null or a.ends_on >= $4::date)
    limit 1
  )), false) and ((t12.county_code, t12.id) in (
    select t13.county_code, t13.id
    from beneficiary_named($16::text[], $17::text) t13
  ))
) select '{"count":' || (
  select (coalesce(sum(n), 0))::text
  from t14
) || '}') || '}'
