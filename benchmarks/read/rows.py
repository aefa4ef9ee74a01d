"""The SQL that fills the tables: for one county at a time, deterministic, set-based.

``place`` holds the county at hand and ``person`` is everything the statements say of a person; both are
temporary, and so is ``pick(key, seed, n)``, a number below ``n`` that is always the same for its key.
"""

from __future__ import annotations

from typing import Final

from benchmarks.read.world import STAFF_PER_STATION, STATIONS_PER_CONTRACT, VISITS_EACH

HELPERS: Final = f"""
create function pg_temp.pick(key bigint, seed int, n int) returns int language sql immutable
    return abs(hashint8extended(key, seed) % n)::int;
create temp table place (
    code text collate "C", source_id smallint, first bigint, people bigint, first_station bigint,
    stations bigint, first_contract bigint, contractors bigint, everybody bigint
);
create temp table sample (
    number bigint primary key, id_number bytea, hash bytea, masked text, birth_on date, sex text
);
create temp view person as
    select c.code, c.source_id, c.everybody, i as id, i - c.first as position, c.stations,
        s.id as station_id, s.division_code, k.id as contract_id, k.contractor_id,
        (s.id - 1) * {STAFF_PER_STATION} as staff, pg_temp.pick(i, 1, 100) < 80 as assigned
    from place c
    cross join lateral generate_series(c.first, c.first + c.people - 1) i
    join station s on s.id = c.first_station + (i - c.first) % c.stations
    join contract k on k.id = c.first_contract + (i - c.first) % c.stations / {STATIONS_PER_CONTRACT};
"""

STATED: Final = "source_id, record_key, content_hash, observed_at, received_at, run_id"


def stated(table: str, key: str) -> str:
    """The columns ``STATED`` of a fact: who says so, and when."""
    return (
        f"p.source_id, '{table}:' || {key}, substr(sha256(int8send({key})), 1, 16),"
        " timestamptz '2026-10-01 08:00+08', timestamptz '2026-10-01 09:00+08', 1"
    )


SURNAMES: Final = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
SYLLABLES: Final = "伟强磊军洋勇杰涛明超刚平辉鹏华飞鑫波斌宇芳娜敏静秀丽艳娟霞燕玲桂英兰凤洁梅琳雪雅"


def letter(letters: str, seed: int, key: str = "p.id") -> str:
    return f"substr('{letters}', 1 + pg_temp.pick({key}, {seed}, {len(letters)}), 1)"


def one_of(seed: int, *values: str, key: str = "p.id") -> str:
    return f"('{{{','.join(values)}}}'::text[])[1 + pg_temp.pick({key}, {seed}, {len(values)})]"


SOURCE: Final = """
insert into source (id, code, name, connector, division_code, location, max_age_hours)
select source_id, 'roster-' || code, '名单' || code, 'roster', code || '000000', '/', 744 from place
"""

CONTRACT: Final = f"""
insert into contract (id, county_code, number, title, division_code, contractor_id, starts_on, ends_on,
    amount, status)
select id, c.code, 'HT-' || c.code || '-' || id, '民政服务站运营' || id, c.code || '000000',
    1 + id * 7 % c.contractors, date '2026-01-01', date '2030-01-01' + id::int, 100000 + id * 10, 'ACTIVE'
from place c cross join lateral
    generate_series(c.first_contract, c.first_contract + (c.stations - 1) / {STATIONS_PER_CONTRACT}) id
"""

CONTRACT_STATION: Final = f"""
insert into contract_station (contract_id, station_id)
select c.first_contract + i / {STATIONS_PER_CONTRACT}, c.first_station + i
from place c cross join lateral generate_series(0, c.stations - 1) i
"""

# The head of a station is the township's own; the others work for the contractor.
PERSONNEL: Final = f"""
insert into personnel (id, county_code, staff_number, name, sex, employer_id, station_id, division_code, kind,
    is_full_time, onboarded_on, phone)
select p.id, s.county_code, 'S' || p.id, {letter(SURNAMES, 21)} || {letter(SYLLABLES, 22)},
    {one_of(23, "MALE", "FEMALE")}, case when i > 0 then k.contractor_id end, s.id, s.division_code,
    case when i = 0 then 'STATION_HEAD' else {one_of(24, "RESIDENT", "PROJECT", "SUPERVISOR")} end,
    true, date '2025-03-01', '138' || lpad(p.id::text, 8, '0')
from place c
join station s on s.id >= c.first_station and s.id < c.first_station + c.stations
join contract_station l on l.station_id = s.id
join contract k on k.id = l.contract_id
cross join generate_series(0, {STAFF_PER_STATION - 1}) i
cross join lateral (select (s.id - 1) * {STAFF_PER_STATION} + i + 1 as id) p
"""

# Two neighbours of one township share a household.
HOUSEHOLD_ID: Final = "p.id - p.position + p.position / p.stations / 2 * p.stations + p.position % p.stations"

HOUSEHOLD: Final = f"""
insert into household (county_code, id, household_number, division_code, address, registered_member_count)
select p.code, {HOUSEHOLD_ID}, 'H' || p.id, p.division_code, '村民小组' || p.id % 40 || '号',
    1 + pg_temp.pick(p.id, 2, 5)
from person p where p.position / p.stations % 2 = 0
"""

BENEFICIARY: Final = f"""
insert into beneficiary (county_code, id, name, name_masked, id_number, id_number_hash, id_number_masked, sex,
    birth_on, ethnicity_code, division_code, address, phone, household_id, station_id, risk_level,
    deceased_on, dossier_opened_on)
select p.code, p.id, n.name, left(n.name, 1) || repeat('*', length(n.name) - 1),
    coalesce(s.id_number, sha256(int8send(p.id)) || substr(sha256(int8send(-p.id)), 1, 15)),
    coalesce(s.hash, substr(sha256(int8send(p.id)), 1, 16)),
    coalesce(s.masked, '459**************' || p.id % 10),
    coalesce(s.sex, {one_of(3, "MALE", "FEMALE")}),
    coalesce(s.birth_on, date '1930-01-01' + pg_temp.pick(p.id, 4, 30000)),
    '01', p.division_code, '村民小组' || p.id % 40 || '号', '139' || lpad((p.id % 100000000)::text, 8, '0'),
    {HOUSEHOLD_ID}, p.station_id,
    case when r < 10 then 'LEVEL_1' when r < 30 then 'LEVEL_2' when r < 90 then 'LEVEL_3' end,
    case when pg_temp.pick(p.id, 6, 100) < 2 then date '2026-01-01' + pg_temp.pick(p.id, 7, 250) end,
    date '2024-01-01' + pg_temp.pick(p.id, 8, 700)
from person p
left join sample s on s.number = p.id
cross join lateral (select pg_temp.pick(p.id, 5, 100)) risk(r)
cross join lateral (select {letter(SURNAMES, 9)} || {letter(SYLLABLES, 10)}
    || case when pg_temp.pick(p.id, 11, 4) > 0 then {letter(SYLLABLES, 12)} else '' end) n(name)
"""

MEMBERSHIP: Final = f"""
insert into category_membership (county_code, id, beneficiary_id, category, starts_on, ends_on,
    monthly_amount, {STATED})
select p.code, m.id, p.id, {one_of(13, "DIBAO", "TEKUN", "SEVERE_DISABLED", "DISABLED", key="m.id")},
    m.starts_on, case when pg_temp.pick(m.id, 15, 10) < 4 then m.starts_on + pg_temp.pick(m.id, 16, 500) end,
    300 + pg_temp.pick(m.id, 17, 500), {stated("category_membership", "m.id")}
from person p
cross join lateral (
    select id, date '2025-01-01' + pg_temp.pick(id, 14, 500) as starts_on
    from (select p.id + k * p.everybody as id, k from generate_series(0, 1) k) numbered
    where k = 0 or pg_temp.pick(p.id, 18, 2) = 0
) m
"""

# One of the contractor's people, who follow the head of the station.
WORKER: Final = f"p.staff + 2 + pg_temp.pick(%s, 19, {STAFF_PER_STATION - 1})"

ASSIGNMENT: Final = f"""
insert into assignment (county_code, id, beneficiary_id, station_id, contract_id, contractor_id, worker_id,
    starts_on, ends_on, {STATED})
select p.code, p.id, p.id, p.station_id, p.contract_id, p.contractor_id, {WORKER % "p.id"},
    date '2026-01-01' + pg_temp.pick(p.id, 20, 200),
    case when pg_temp.pick(p.id, 25, 5) = 0 then date '2030-06-30' end, {stated("assignment", "p.id")}
from person p where p.assigned
"""

# Visits of a person are of different days; a seventh is the township's own, under no contract.
VISIT: Final = f"""
insert into visit (county_code, id, beneficiary_id, station_id, contract_id, contractor_id, worker_id,
    visited_on, kind, purpose, has_photos, text_record, {STATED})
select p.code, v.id, p.id, p.station_id, case when v.bought then p.contract_id end,
    case when v.bought then p.contractor_id end, {WORKER % "v.id"},
    date '2026-01-01' + v.k * 90 + pg_temp.pick(v.id, 26, 90),
    {one_of(27, "HOME", "RETURN", "ROUND", "CALL", key="v.id")}, 'OTHER', pg_temp.pick(v.id, 28, 2) = 0,
    '入户走访，了解近况，精神状态良好，生活物资充足。', {stated("visit", "v.id")}
from person p
cross join lateral (
    select k, id, p.assigned and pg_temp.pick(id, 29, 7) > 0 as bought
    from (select k, p.id + k * p.everybody as id from generate_series(0, {VISITS_EACH - 1}) k) numbered
) v
order by v.k, p.id
"""

OF_A_COUNTY: Final = {
    "source": SOURCE,
    "contract": CONTRACT,
    "contract_station": CONTRACT_STATION,
    "personnel": PERSONNEL,
    "household": HOUSEHOLD,
    "beneficiary": BENEFICIARY,
    "category_membership": MEMBERSHIP,
    "assignment": ASSIGNMENT,
    "visit": VISIT,
}
"""Table and statement, in an order in which everything exists before it is spoken of."""
