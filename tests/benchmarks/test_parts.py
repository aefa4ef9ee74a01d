"""The benchmark's own arithmetic: who is in the data, what counts as an answer, what is made of figures."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import pytest

from benchmarks.read import report
from benchmarks.read.check import differences
from benchmarks.read.load import Counted, whole
from benchmarks.read.measure import Cell, Figures, figures_of, medians
from benchmarks.read.world import SERVED_TOWNSHIPS, World, build, number_of, unknown_number
from hub.domain.id_number import parse_id_number

TODAY = dt.date(2026, 6, 15)


@pytest.fixture(scope="module")
def world() -> World:
    return build(500_000)


def test_everybody_lives_in_one_county(world: World) -> None:
    assert sum(county.people for county in world.counties) == world.people
    assert all(a.first_person + a.people == b.first_person for a, b in pairwise(world.counties))


def test_stations_stand_in_townships_that_have_one(world: World) -> None:
    townships = [code for county in world.counties for code in county.townships]
    assert len(set(townships)) == world.stations == 1500
    assert all(int(code[6:9]) <= SERVED_TOWNSHIPS for code in townships)


def test_contracts_are_numbered_without_a_gap(world: World) -> None:
    assert all(a.first_contract + a.contracts == b.first_contract for a, b in pairwise(world.counties))


def test_identity_numbers_are_valid_and_nobody_shares_one(world: World) -> None:
    numbers = [
        number_of(county, offset) for county in world.counties for offset in range(0, county.sampled, 9)
    ]
    numbers += [unknown_number(i) for i in range(10_000)]
    assert len(set(numbers)) == len(numbers)
    assert all(parse_id_number(number, today=TODAY).number == number for number in numbers[::97])


def test_few_people_have_fewer_stations_with_a_full_page(world: World) -> None:
    assert build(20_000).stations == 333
    assert build(20_000, per_station=200).stations == 100
    with pytest.raises(ValueError, match="stations"):
        build(1_000_000, per_station=10)


@pytest.mark.parametrize(
    ("answer", "is_whole"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", True),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n{}", False),
        (b"HTTP/1.1 200 OK\r\ncontent-le", False),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n", False),
        (b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", True),
    ],
)
def test_an_answer_is_whole_when_its_length_has_come(answer: bytes, is_whole: bool) -> None:
    assert whole(answer) is is_whole


def test_a_difference_is_named_by_its_place() -> None:
    assert list(differences({"a": [1, "x"]}, {"a": [1, "x"]})) == []
    assert list(differences({"a": [1, "x"]}, {"a": [1, "y"]})) == ["answer.a[1]: x against y"]
    assert list(differences(1, True)) == ["answer: 1 against True"]
    assert list(differences([1], [1, 2]))


def counted(rate: int) -> Figures:
    return figures_of(Counted(2.0, [0.001] * (rate * 2), app_cpu=1.0, database_cpu=0.5, load_cpu=0.1))


def test_cpu_is_that_of_one_request() -> None:
    assert counted(500).requests_per_second == 500
    assert counted(500).app_cpu_ms == pytest.approx(1.0)
    assert counted(500).p99_ms == pytest.approx(1.0)


def test_ratios_compare_medians_at_sixteen_connections() -> None:
    measured = {
        Cell("Q1", "hub", 16): [counted(100), counted(300), counted(200)],
        Cell("Q1", "floor", 16): [counted(400)],
        Cell("Q1", "floor", 1): [counted(1)],
    }
    assert report.ratios(medians(measured)) == {"Q1": {"floor": 0.5}}
