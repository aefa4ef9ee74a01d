-- reads assignment, beneficiary, category_membership
-- $1 viewer lo6 :: text
-- $2 viewer hi6 :: text
-- $3 viewer lo :: text
-- $4 viewer hi :: text
-- $5 leaf field.0.where.memberships.category.eq :: text
-- $6 leaf field.0.where.memberships.activeOn :: date
-- $7 limit field.0.first :: int
-- $8 leaf field.1.where.activeOn :: date
select '{"beneficiaries":' || (
  select '{"nodes":' || coalesce('[' || string_agg(e'\x010:' || t3.county_code::text || ':' || t3.id::text || e'/\x01{"assignments":' || '{"totalCount":' || (
    select count(*)::text
    from assignment t4
    where t4.county_code = t3.county_code and t4.beneficiary_id = t3.id and ((t4.starts_on <= $8::date and (t4.ends_on is null or t4.ends_on >= $8::date)))
  ) || '}' || '}', ',') || ']', '[]') || '}'
  from (
    select t1.county_code, t1.id
    from beneficiary t1
    where (t1.county_code >= $1::text and t1.county_code < $2::text and t1.division_code >= $3::text and t1.division_code < $4::text) and ((t1.risk_level is not null) and exists (
      select
      from category_membership t2
      where t2.county_code = t1.county_code and t2.beneficiary_id = t1.id and ((t2.category = $5::text) and (t2.starts_on <= $6::date and (t2.ends_on is null or t2.ends_on >= $6::date)))
    ))
    order by t1.county_code, t1.id
    limit $7::int
  ) t3
  having true
) || '}'
