-- reads beneficiary, category_membership
-- $1 day field.0.on :: date
-- $2 leaf field.0.programme :: text
-- $3 blind field.0.idNumber :: bytea[]
-- $4 viewer lo :: text
-- $5 viewer hi :: text
select '{"beneficiaryStatus":' || '{"__typename":' || '"BeneficiaryStatus"'
  || ',"entitled":' || (exists (
  select
  from beneficiary t1, category_membership t2
  where t1.id_number_hash = any ($3::bytea[] || array(
    select s.id_number_hash
    from beneficiary_apart a join beneficiary s on s.county_code = a.county_code and s.id = a.linked_to
    where a.id_number_hash = any ($3::bytea[]) and s.id_number_hash is not null
  )) and (t1.deceased_on is null or t1.deceased_on >= $1::date) and t2.county_code = t1.county_code and t2.beneficiary_id = t1.id and t2.category = $2::text and t2.starts_on <= $1::date and (t2.ends_on is null or t2.ends_on >= $1::date) and (t1.division_code >= $4::text and t1.division_code < $5::text) and (t2.division_code >= $4::text and t2.division_code < $5::text)
))::text
  || ',"programme":' || to_json($2::text)::text
  || ',"on":' || to_json($1::date)::text || '}' || '}'
