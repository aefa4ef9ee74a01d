"""The synthetic world: the same each time, true to the rules, and published without loss."""

from __future__ import annotations

import datetime as dt
import tracemalloc
from collections import Counter, defaultdict
from itertools import pairwise

import pytest

from connectors.emulators.identity import age
from connectors.emulators.model import Person, Worker
from connectors.emulators.personas import personas
from connectors.emulators.world import World, build_world
from hub.domain.credit_code import parse_credit_code
from hub.domain.division import PILOT_TOWNS, load_divisions, township_of
from hub.domain.id_number import parse_id_number
from hub.domain.text import UNNAMED
from hub.domain.vocabulary import (
    Category,
    ContractStatus,
    CredentialKind,
    Education,
    PersonnelKind,
    RiskLevel,
    Sex,
    StationStatus,
)

TODAY = dt.date(2026, 11, 22)
PEOPLE = 2_000
LOW_INCOME = {
    Category.RELAPSE_MONITORED,
    Category.DIBAO_MARGINAL,
    Category.RIGID_EXPENDITURE,
    Category.OTHER_HARDSHIP,
}
"""Classes of the monitoring platform alone."""


@pytest.fixture(scope="module")
def world() -> World:
    return build_world(1, PEOPLE, today=TODAY)


@pytest.fixture(scope="module")
def everybody(world: World) -> list[Person]:
    return list(world.everybody())


# --- the same each time ------------------------------------------------------------------------------


def test_same_seed_same_world(everybody: list[Person], world: World) -> None:
    again = build_world(1, PEOPLE, today=TODAY)
    assert (again.contracts, again.contractors) == (world.contracts, world.contractors)
    for county in world.counties:
        assert again.personnel(county.code) == world.personnel(county.code)
        assert again.stations(county.code) == world.stations(county.code)
    assert list(again.everybody()) == everybody


def test_other_seed_other_people(everybody: list[Person]) -> None:
    other = build_world(2, PEOPLE, today=TODAY)
    names = {person.name for person in other.people("450305")}
    assert names != {person.name for person in everybody if person.county_code == "450305"}


def test_township_does_not_depend_on_what_was_read_before(world: World) -> None:
    last = world.county("350582").townships[-1]
    alone = list(world.people_of_township(last))
    assert alone == [p for p in world.people("350582") if p.township_code == last.code]


@pytest.mark.parametrize("today", [dt.date(2024, 2, 29), dt.date(2026, 1, 1), dt.date(2027, 12, 31)])
def test_any_day_has_a_live_contract_for_every_served_station(today: dt.date) -> None:
    small = build_world(3, 400, today=today)
    for county in small.counties:
        for station in small.stations(county.code):
            live = [
                c
                for c in small.contracts_of(county.code)
                if c.is_core and c.is_live(today) and station.division_code in c.station_codes
            ]
            assert len(live) == (station.operator_credit_code is not None)
            assert bool(live) == (station.status == StationStatus.OPERATING)
    assert sum(1 for _ in small.everybody()) == 400


# --- where -------------------------------------------------------------------------------------------


def test_counties_have_their_real_townships(world: World) -> None:
    sizes = {county.name: len(county.townships) for county in world.counties}
    assert sizes == {"七星区": 5, "晋江市": 19, "思明区": 10, "同安区": 11, "兴庆区": 16, "同心县": 11}
    assert all(int(t.code[6:9]) < 400 for county in world.counties for t in county.townships)


def test_shares_and_total(world: World, everybody: list[Person]) -> None:
    counts = Counter(person.county_code for person in everybody)
    assert sum(counts.values()) == world.size == PEOPLE
    assert counts["450305"] == PEOPLE * 25 // 100
    assert counts["350582"] == PEOPLE * 35 // 100


def test_people_live_in_their_township(everybody: list[Person]) -> None:
    known = {row.code for row in load_divisions()}
    for person in everybody:
        assert person.division_code in known
        assert township_of(person.division_code) == person.township_code


def test_station_names_follow_the_region(world: World) -> None:
    for county in world.counties:
        suffix = "社会工作服务站" if county.rules == "NX" else "民政服务站"
        names = [s.name for s in world.stations(county.code)]
        odd = [
            n for n, t in zip(names, county.townships, strict=True) if n != f"{county.name}{t.name}{suffix}"
        ]
        assert odd == (["月牙湖乡社工站"] if county.name == "兴庆区" else [])
    statuses = Counter(s.status for county in world.counties for s in world.stations(county.code))
    assert statuses[StationStatus.SUSPENDED] == statuses[StationStatus.PLANNED] == 1


# --- who serves --------------------------------------------------------------------------------------


def test_contractors_have_valid_codes(world: World) -> None:
    codes = [parse_credit_code(contractor.credit_code) for contractor in world.contractors]
    assert len({code.code for code in codes}) == len(codes)
    assert {"5", "9", "N"} <= {code.department for code in codes}
    assert [len(c.county_codes) for c in world.contractors].count(2) == 1
    for county in world.counties:
        assert 2 <= len(world.contractors_of(county.code)) <= 4


def test_contracts_of_a_county(world: World) -> None:
    for county in world.counties:
        contracts = world.contracts_of(county.code)
        live = [c for c in contracts if c.is_core and c.is_live(TODAY)]
        served = [code for contract in live for code in contract.station_codes]
        assert len(live) >= 2
        assert len(served) == len(set(served))
        assert any(c.ends_on == TODAY - dt.timedelta(days=1) for c in contracts)
        assert any(c.starts_on > TODAY for c in contracts)
        numbers = {contract.number for contract in contracts}
        assert len(numbers) == len(contracts)
        assert {c.renewal_of_number for c in contracts if c.renewal_of_number} <= numbers
        assert any(c.renewal_of_number for c in contracts)
        assert all(c.contractor in world.contractors_of(county.code) for c in contracts)


def test_contracts_of_the_documents(world: World) -> None:
    qixing = [c for c in world.contracts_of("450305") if c.is_live(TODAY) and c.is_core]
    assert f"{qixing[0].amount}" == "345000.00"
    (plan,) = [c for c in world.contracts_of("350582") if c.starts_on == dt.date(2024, 1, 1)]
    assert plan.ends_on == dt.date(2024, 12, 31)
    assert len(plan.station_codes) == 19
    cut_short = [c for c in world.contracts if c.status == ContractStatus.TERMINATED]
    assert cut_short
    assert all(c.ends_on > TODAY and not c.is_live(TODAY) for c in cut_short)


def on_post(world: World, county: str) -> list[Worker]:
    return [worker for worker in world.personnel(county) if worker.is_on_post(TODAY)]


def test_qixing_staff_keep_the_floors_of_each_project(world: World) -> None:
    for contract in world.contracts_of("450305"):
        if contract.is_core and contract.is_live(TODAY):
            staff = [
                w for w in on_post(world, "450305")
                if w.employer_credit_code == contract.contractor.credit_code
                and w.kind not in (PersonnelKind.DEPUTY_HEAD, PersonnelKind.STATION_HEAD)
            ]  # fmt: skip
            full_time = [w for w in staff if w.is_full_time]
            assert len(staff) >= 6
            assert len(full_time) >= 4
            assert any(w.sex == Sex.MALE for w in full_time)
            assert sum(w.kind == PersonnelKind.VAGRANCY_RELIEF for w in staff) >= 2


def test_jinjiang_staff_with_the_cases_that_break_the_rules(world: World) -> None:
    residents = [w for w in on_post(world, "350582") if w.kind == PersonnelKind.RESIDENT]
    posts = Counter(w.township_code for w in residents)
    expected = {t.code: 3 if t.code in PILOT_TOWNS else 2 for t in world.county("350582").townships}
    assert sum(expected.values()) == 47
    assert {code for code in expected if posts[code] != expected[code]} == {"350582113000"}
    assert [w.township_code for w in residents if age(w.birth_on, TODAY) > 45] == ["350582111000"]
    assert [w.township_code for w in residents if w.education == Education.BELOW_COLLEGE] == ["350582114000"]
    late = [w for w in residents if (w.reviewed_by_bureau_on or TODAY) > w.onboarded_on]
    assert [w.township_code for w in late] == ["350582109000"]
    assert sum(w.credential is not None for w in residents) / len(residents) >= 0.6


def test_xiamen_and_ningxia_staff(world: World) -> None:
    siming = Counter((w.township_code, w.kind) for w in on_post(world, "350203"))
    assert siming["350203001000", PersonnelKind.RESIDENT] == 2
    assert siming["350203001000", PersonnelKind.STATION_HEAD] == 1
    assert siming["350203001000", PersonnelKind.DEPUTY_HEAD] == 2
    assert siming["350203012000", PersonnelKind.RESIDENT] == 1
    xingqing = on_post(world, "640104")
    assert sum(w.is_low_income_verifier for w in xingqing) == 15
    assert {w.credential for w in xingqing if w.kind == PersonnelKind.SUPERVISOR} == {
        CredentialKind.SOCIAL_WORKER
    }
    tongxin = {w.credential for w in on_post(world, "640324") if w.kind == PersonnelKind.SUPERVISOR}
    assert tongxin == {CredentialKind.ASSISTANT}


# --- whom they serve ---------------------------------------------------------------------------------


def test_every_category_occurs_in_every_county(everybody: list[Person]) -> None:
    found: dict[str, set[Category]] = defaultdict(set)
    for person in everybody:
        found[person.county_code] |= person.categories
    assert set().union(*found.values()) == set(Category) - LOW_INCOME, "those of the five documents"
    assert all(len(categories) >= 28 for categories in found.values())


def test_identity_numbers_are_valid_unique_and_of_nobody(world: World, everybody: list[Person]) -> None:
    workers = [w for county in world.counties for w in world.personnel(county.code)]
    people = [(p.id_number, p.birth_on, p.sex) for p in everybody if p.id_number]
    numbers = people + [(w.id_number, w.birth_on, w.sex) for w in workers]
    assert len({number for number, _, _ in numbers}) == len(numbers)
    for number, birth_on, sex in numbers:
        read = parse_id_number(number, today=TODAY)
        assert (read.region_code, read.birth_on, read.sex) == ("459999", birth_on, sex)


def test_everybody_can_be_told_apart(everybody: list[Person]) -> None:
    files = [person.file_number for person in everybody if person.file_number]
    assert len(set(files)) == len(files)
    assert all(person.id_number or person.file_number for person in everybody)
    assert any(person.name == UNNAMED and person.id_number is None for person in everybody)


def test_some_stand_on_several_lists(everybody: list[Person]) -> None:
    several = sum(len(person.list_kinds) > 1 for person in everybody) / len(everybody)
    assert 0.1 < several < 0.25
    assert any({"dibao", "child"} <= person.list_kinds for person in everybody)


def test_unusual_names_occur() -> None:
    names = [p.name for p in build_world(1, 6_000, today=TODAY).everybody()]
    assert any("·" in name for name in names)
    assert any(ord(character) > 0xFFFF for name in names for character in name)
    with pytest.raises(UnicodeEncodeError):
        "".join(names).encode("gbk")
    assert "".join(names).encode("gb18030")


def test_memberships_lie_within_life_and_age_limits(everybody: list[Person]) -> None:
    limits = {Category.LEFT_BEHIND_CHILD: 16, Category.MIGRANT_CHILD: 16, Category.ORPHAN: 18}
    for person in everybody:
        assert person.memberships
        for membership in person.memberships:
            assert membership.ends_on is None or membership.starts_on <= membership.ends_on
            assert membership.starts_on <= TODAY
            if person.birth_on:
                assert person.birth_on <= membership.starts_on
                limit = limits.get(membership.category)
                assert limit is None or age(person.birth_on, membership.ends_on or TODAY) < limit
    assert any(m.ends_on and m.ends_on < TODAY for p in everybody for m in p.memberships)


def test_some_deaths_have_not_reached_the_bureau(everybody: list[Person]) -> None:
    dead = [person for person in everybody if person.deceased_on]
    known = [person for person in dead if all(m.ends_on for m in person.memberships)]
    assert 0 < len(known) < len(dead)


def test_households_have_one_head(everybody: list[Person]) -> None:
    households = defaultdict(list)
    for person in everybody:
        if person.household:
            households[person.household.number].append(person)
    assert 1 < max(map(len, households.values())) <= 6
    for members in households.values():
        assert members[0].household is not None
        assert len(members) == members[0].household.member_count
        assert [m.relation_code for m in members].count("02") == 1


# --- the work ----------------------------------------------------------------------------------------


def test_assignments(world: World, everybody: list[Person]) -> None:
    served = {
        s.division_code for c in world.counties for s in world.stations(c.code) if s.operator_credit_code
    }
    unassigned = [p for p in everybody if not p.assignments and p.township_code in served]
    assert 0.01 < len(unassigned) / len(everybody) < 0.08
    contracts = {contract.number for contract in world.contracts}
    for person in everybody:
        for a in person.assignments:
            assert a.contract.number in contracts
            assert a.station_code == person.township_code
            assert a.station_code in a.contract.station_codes
            assert a.contract.starts_on <= a.starts_on <= (a.ends_on or a.contract.ends_on)
    open_ones = [a for p in everybody for a in p.assignments if a.ends_on is None]
    assert any(a.contract.ends_on < TODAY for a in open_ones), "under an ended contract"
    assert any(a.contract.status == ContractStatus.TERMINATED for a in open_ones)
    assert any(a.ends_on for p in everybody for a in p.assignments)


def test_visits_are_made_under_an_assignment(world: World, everybody: list[Person]) -> None:
    workers = {w.staff_number: w for c in world.counties for w in world.personnel(c.code)}
    visits = [(p, v) for p in everybody for v in p.visits]
    assert len({(p.county_code, v.number) for p, v in visits}) == len(visits)
    assert 2.3 < len(visits) / len(everybody) < 3.5
    for person, visit in visits:
        assert TODAY - dt.timedelta(days=380) < visit.visited_on <= TODAY
        covering = [a for a in person.assignments if a.contract.number == visit.contract.number]
        assert any(a.starts_on <= visit.visited_on <= (a.ends_on or TODAY) for a in covering)
        if visit.staff_number:
            worker = workers[visit.staff_number]
            assert worker.employer_credit_code == visit.contract.contractor.credit_code


def test_visits_keep_the_rhythm_of_the_risk(everybody: list[Person]) -> None:
    gaps: dict[RiskLevel, list[int]] = defaultdict(list)
    for person in everybody:
        if person.risk_level and Category.ORPHAN not in person.categories:
            days = [visit.visited_on for visit in person.visits]
            gaps[person.risk_level] += [(b - a).days for a, b in pairwise(days)]
    typical = {level: sorted(found)[len(found) // 2] for level, found in gaps.items()}
    assert typical[RiskLevel.LEVEL_1] <= 9 < typical[RiskLevel.LEVEL_2] <= 33 < typical[RiskLevel.LEVEL_3]


# --- memory and personas ----------------------------------------------------------------------------


def test_people_are_not_kept_in_memory() -> None:
    large = build_world(1, 60_000, today=TODAY)
    stream = large.everybody()
    for _ in range(50):
        next(stream)
    tracemalloc.start()
    try:
        for _ in range(1_000):
            next(stream)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 500_000, "a thousand people with their visits are some three megabytes"


def test_personas(world: World, everybody: list[Person]) -> None:
    specs = {spec.name: spec for spec in personas(world)}
    assert {"province-bureau", "county-bureau-qixing", "county-bureau-jinjiang"} <= set(specs)
    assert {"agency-medical-insurance", "operator"} <= set(specs)
    assert Counter(spec.role for spec in specs.values()) == {
        "bureau": 3,
        "township": 2,
        "contractor": 3,
        "agency": 1,
        "operator": 1,
    }
    known = {row.code for row in load_divisions()}
    assert all(spec.division_code in known for spec in specs.values() if spec.division_code)
    clients = {
        contractor.credit_code: {
            person.id_number
            for person in everybody
            for a in person.assignments
            if a.contract.contractor is contractor and a.contract.is_live(TODAY)
        }
        for contractor in world.contractors
    }
    theirs = [clients[spec.contractor_credit_code] for spec in specs.values() if spec.contractor_credit_code]
    assert all(theirs)


def test_example_is_entitled_today(world: World) -> None:
    number = world.example_id_number()
    (person,) = [p for p in world.people("450305") if p.id_number == number]
    assert person.is_in(Category.DIBAO, TODAY)
    assert not person.is_in(Category.DIBAO, dt.date(2000, 1, 1))
