"""Static cost: what a document costs before it is run, by statistics made up here."""

from __future__ import annotations

import random
from math import inf
from typing import Any, Final

import pytest

from hub.access.viewer import Viewer
from hub.read import cost as c
from hub.read.pricing import apart
from hub.read.statistics import WHOLE, Statistics
from hub.read.thrift import Smaller, advice
from tests.support.costs import COUNTRY, asked, price
from tests.support.reading import BUREAU, CONTRACTOR, schema

STATIONS = "query($n: Int) { stations(first: $n) { nodes { id } } }"
VISITS = """query($people: Int = 50, $visits: Int = 50) {
  beneficiaries(first: $people) { nodes { id visits(first: $visits) { nodes { id visitedOn } } } } }"""


def test_a_page_costs_as_many_rows_as_it_shows() -> None:
    one, ten, hundred = (price(STATIONS, n=n) for n in (1, 10, 100))
    assert hundred - ten == pytest.approx(10 * (ten - one))
    assert ten - one == pytest.approx(9 * (c.ROW + c.FIELD + c.SCANNED))
    assert price(STATIONS, n=0) == pytest.approx(c.REQUEST + c.LIST)


def test_the_default_page_counts() -> None:
    assert price("{ stations { nodes { id } } }") == price(STATIONS, n=50)


def test_there_are_no_more_rows_than_the_table_has() -> None:
    few = Statistics({"station": 4})
    assert price(STATIONS, statistics=few, n=200) == price(STATIONS, statistics=few, n=4)


def test_a_list_inside_a_list_is_counted_for_each_row_around_it() -> None:
    alone = price("{ beneficiaries(first: 1) { nodes { id } } }")
    within = price(VISITS, people=1, visits=2) - alone
    assert price(VISITS, people=100, visits=2) == pytest.approx(
        price("{ beneficiaries(first: 100) { nodes { id } } }") + 100 * within
    )


def test_under_a_row_there_are_no_more_than_the_statistics_know() -> None:
    """However large the page is that a client asks for."""
    assert price(VISITS, visits=12) == price(VISITS, visits=200)
    assert price(VISITS, visits=11) < price(VISITS, visits=12)


def test_rows_passed_over_count_too() -> None:
    """Of 300 people of a station three are shown, but all are looked at."""
    document = "{ stations(first: 1) { nodes { id beneficiaries(first: 3) { nodes { id } } } } }"
    assert price(document) > 300 * c.FETCHED


def test_counting_costs_what_it_looks_at() -> None:
    total = price("{ beneficiaries { totalCount } }")
    assert total == pytest.approx(c.REQUEST + c.LIST + 300_000 * c.SCANNED)
    tenth = price("{ beneficiaries { totalCount } }", part=WHOLE._replace(counties=0.1))
    assert tenth == pytest.approx(c.REQUEST + c.LIST + 30_000 * c.SCANNED)
    counted = price("{ beneficiariesAggregate { count } }")
    assert counted == pytest.approx(total)
    assert price("{ beneficiariesAggregate { groups(by: [riskLevel]) { count } } }") > counted
    narrowed = price("{ beneficiariesAggregate(where: {riskLevel: {eq: LEVEL_1}}) { count } }")
    assert narrowed == pytest.approx(c.REQUEST + c.LIST + 100_000 * c.SCANNED)


def test_a_number_that_a_tally_tells_costs_the_rows_of_the_tally() -> None:
    known = Statistics({**COUNTRY.rows, "beneficiary_tally": 4_000, "visit_tally": 9_000}, COUNTRY.columns)
    for document, rows in (
        ("{ beneficiaries { totalCount } }", 4_000),
        ("{ beneficiariesAggregate { count } }", 4_000),
        ("{ visits { totalCount } }", 9_000),
        ("{ beneficiariesAggregate(where: {riskLevel: {eq: LEVEL_1}}) { count } }", 4_000 / 3),
        ('{ beneficiaries(where: {name: {eq: "张一"}}) { totalCount } }', 300_000),
    ):
        found = price(document, statistics=known)
        assert found == pytest.approx(c.REQUEST + c.LIST + rows * c.SCANNED), document


def test_conditions_on_other_rows_cost_a_look_at_them() -> None:
    plain = price("{ beneficiaries(where: {riskLevel: {in: [LEVEL_1]}}) { totalCount } }")
    related = price(
        '{ beneficiaries(where: {riskLevel: {in: [LEVEL_1]}, station: {name: {eq: "x"}}}) { totalCount } }'
    )
    assert related > 5 * plain


@pytest.mark.parametrize(
    "where",
    [
        "{not: {riskLevel: {eq: LEVEL_1}}}",
        "{or: [{riskLevel: {eq: LEVEL_1}}, {riskLevel: {eq: LEVEL_2}}]}",
        '{visits: {visitedOn: {gte: "2026-01-01"}}}',
    ],
)
def test_what_may_meet_no_row_is_sought_to_the_end(where: str) -> None:
    whole = 300_000 * c.SCANNED
    assert price(f"{{ beneficiaries(first: 1, where: {where}) {{ nodes {{ id }} }} }}") > whole
    tested = price("{ beneficiaries(first: 1, where: {riskLevel: {eq: LEVEL_1}}) { nodes { id } } }")
    assert tested < whole / 100


def test_a_thin_slice_is_walked_further() -> None:
    document = "{ beneficiaries(first: 10) { nodes { id } } }"
    thin = price(document, part=WHOLE._replace(density=0.01))
    assert thin - price(document) == pytest.approx(10 * 99 * c.SCANNED)
    assert (
        price(document, part=WHOLE._replace(counties=0.001, density=0.01)) < thin
    )  # no further than to its end


def test_a_slice_that_asks_other_rows_costs_more() -> None:
    document = "{ visits { totalCount } }"
    assert price(document, CONTRACTOR) > 5 * price(document, BUREAU)


def counting(where: str) -> str:
    return f"{{ beneficiaries(where: {where}) {{ totalCount }} }}"


MANY: Final = Statistics({**COUNTRY.rows, "beneficiary": 30_000_000, "visit": 90_000_000}, COUNTRY.columns)


@pytest.mark.parametrize("who", [BUREAU, CONTRACTOR])
def test_a_search_costs_what_its_index_finds_however_many_there_are(who: Viewer) -> None:
    for document in (
        counting('{search: "王伟"}'),
        counting('{search: "王伟", riskLevel: {eq: LEVEL_1}}'),
        counting('{and: [{search: "王伟"}, {not: {riskLevel: {eq: LEVEL_1}}}]}'),
        '{ beneficiaries(first: 20, where: {search: "王伟"}) { nodes { id name } } }',
        '{ visits(where: {beneficiary: {search: "王伟"}}) { totalCount } }',
    ):
        found = price(document, who)
        assert found < 100_000, document
        assert price(document, who, MANY) == pytest.approx(found), document
    few = Statistics({"beneficiary": 100})
    assert price(counting('{search: "王伟"}'), who, few) < 100


@pytest.mark.parametrize(
    "where", ['{not: {search: "王伟"}}', '{or: [{search: "王伟"}, {riskLevel: {eq: LEVEL_1}}]}']
)
def test_a_search_that_only_filters_is_a_look_at_every_row(where: str) -> None:
    assert price(counting(where)) >= price(counting("{}"))


def test_a_contractors_people_are_told_by_their_own_rows() -> None:
    """Where no assignment ends, no other row is looked at."""
    document = "{ beneficiaries { totalCount } }"
    assert price(document, BUREAU) < price(document, CONTRACTOR) < 10 * price(document, BUREAU)


@pytest.mark.parametrize(
    ("dear", "cheap"),
    [
        ("{ personnel(first: 9) { nodes { idNumber } } }", "{ personnel(first: 9) { nodes { name } } }"),
        ("{ stations(first: 9) { edges { cursor } } }", "{ stations(first: 9) { edges { __typename } } }"),
        ("{ stations { nodes { provenance { field } } } }", "{ stations { nodes { id name kind } } }"),
        ("{ stations { nodes { operator { id } } } }", "{ stations { nodes { id } } }"),
        ("{ stations { pageInfo { endCursor } } }", "{ stations { pageInfo { hasNextPage } } }"),
        ('{ beneficiaryStatus(idNumber: "459999195003070019", programme: DIBAO) { entitled } }',
         "{ __typename }"),
        ("{ stations { nodes { ...F ...G } } } fragment F on Station { id } fragment G on Station { name }",
         "{ stations { nodes { ...F } } } fragment F on Station { id }"),
    ],
)  # fmt: skip
def test_what_takes_more_costs_more(dear: str, cheap: str) -> None:
    assert price(dear) > price(cheap)


def test_what_is_wrong_or_left_out_costs_nothing() -> None:
    nothing = price("{ __typename }")
    assert price("{ __typename stations { __typename } }") < nothing + 1
    assert (
        price("query($y: Boolean = false) { __typename stations @include(if: $y) { totalCount } }") == nothing
    )


def test_without_statistics_every_page_is_full() -> None:
    unknown = Statistics()
    body = "id"
    for _ in range(4):
        body = f"operator {{ stations(first: 200) {{ nodes {{ {body} }} }} }}"
    wide = f"{{ stations(first: 200) {{ nodes {{ {body} }} }} }}"
    assert 200**5 * c.ROW < price(wide, statistics=unknown) < inf
    assert price(wide) > 200 * 40**4 * c.ROW
    assert price("{ beneficiaries { totalCount } }", statistics=unknown) < 20


def test_an_empty_database_costs_next_to_nothing() -> None:
    empty = Statistics(dict.fromkeys(("station", "beneficiary", "visit"), 0.0))
    assert price(VISITS, statistics=empty) == pytest.approx(c.REQUEST + c.LIST)


def test_new_statistics_give_a_new_price() -> None:
    found, given = asked(VISITS)
    before = found.of(COUNTRY, given, WHOLE)
    assert found.of(Statistics({"beneficiary": 1, "visit": 1}), given, WHOLE) < before
    assert found.of(COUNTRY, given, WHOLE) == before


# ── actual ───────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("static", "seconds", "size", "expected"),
    [
        (1_000.0, 0.0, 0, 10.0),
        (1_000.0, 0.001, 0, 110.0),
        (1_000.0, 0.001, 40_000, 210.0),
        (1_000.0, 15.0, 0, 1_000.0),
        (1_000.0, inf, 0, 1_000.0),
        (5.0, 0.0, 0, 5.0),
    ],
)
def test_actual_cost_is_measured_and_never_above_the_price(
    static: float, seconds: float, size: int, expected: float
) -> None:
    assert c.actual(static, seconds, size) == pytest.approx(expected)


# ── how to make it smaller ───────────────────────────────────────────────────────────────────────────


def advised(document: str, allowed: float, **variables: Any) -> tuple[str, list[Smaller]]:
    found, given = asked(document, **variables)
    assert found.of(COUNTRY, given, WHOLE) > allowed
    said = advice(found, given, WHOLE, allowed)
    return said.path, list(said.smaller)


def test_one_smaller_page_is_enough() -> None:
    path, smaller = advised(VISITS, 1_000, people=200, visits=10)
    assert path == "beneficiaries.visits"
    ((where, argument, given, suggested),) = smaller
    assert (where, argument, given) == ("beneficiaries", "first", 200)
    assert (
        price(VISITS, people=suggested, visits=10) <= 1_000 < price(VISITS, people=suggested + 1, visits=10)
    )


def test_the_page_that_gives_up_least_is_named() -> None:
    document = """query($n: Int) { a: stations(first: 200) { nodes { id } }
      b: beneficiaries(last: $n) { nodes { id visits(first: 12) { nodes { id } } } } }"""
    path, ((where, argument, given, _),) = advised(document, 1_900, n=200)
    assert (path, where, argument, given) == ("b.visits", "b", "last", 200)


def test_several_pages_shrink_together_where_one_is_not_enough() -> None:
    document = """{ stations(first: 50) { nodes { beneficiaries(first: 50) { nodes {
      visits(first: 10) { nodes { id } } } } } } }"""
    _, smaller = advised(document, 90)
    assert [where for where, *_ in smaller] == [
        "stations", "stations.beneficiaries", "stations.beneficiaries.visits",
    ][: len(smaller)]  # fmt: skip
    assert all(1 <= suggested < given for _, _, given, suggested in smaller)


def test_no_page_is_named_where_none_helps() -> None:
    assert advised("{ beneficiaries { totalCount } }", 100) == ("beneficiaries", [])
    assert advised("{ beneficiariesAggregate { count } }", 100) == ("beneficiariesAggregate", [])


@pytest.mark.parametrize("seed", range(20))
def test_what_is_suggested_fits(seed: int) -> None:
    """Random operations, each refused at a random limit below its price."""
    from benchmarks.read.wild import Wild

    rng = random.Random(seed)
    for _ in range(20):
        found, given = asked(Wild(schema(BUREAU), rng).operation())
        whole = found.of(COUNTRY, given, WHOLE)
        allowed = rng.uniform(c.REQUEST, whole)
        said = advice(found, given, WHOLE, allowed)
        steps = list(found.steps)
        for each in said.smaller:
            assert each.suggested < each.given
            places = [i for i, one in enumerate(found.lists) if ".".join(one.path) == each.path]
            for i in places:
                steps[i] = steps[i]._replace(most=min(steps[i].most, each.suggested))
        assert not said.smaller or sum(apart(steps, given, WHOLE)) <= allowed
