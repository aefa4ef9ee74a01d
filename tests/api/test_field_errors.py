"""An argument that is wrong: an error at the path of its field, null where one may be, the rest answered."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from tests.support.reading import BUREAU, World, small_world

DIVISION = 'division(code: "450305000000") { name }'
FOUND = {"name": "七星区"}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        yield made


async def partly(world: World, query: str, **variables: Any) -> tuple[Any, list[tuple[str, list[Any]]]]:
    """``data``, and code and path of each error."""
    answer = await world.answer(BUREAU, query, **variables)
    body = json.loads(answer.body)
    assert (answer.status, answer.executed, set(body)) == (294, True, {"data", "errors"}), body
    for error in body["errors"]:
        assert set(error) == {"message", "extensions", "path", "locations"}
    return body["data"], [(e["extensions"]["code"], e["path"]) for e in body["errors"]]


@pytest.mark.parametrize(
    ("field", "code"),
    [
        ('station(id: "Visit:1") { id }', "BAD_ARGUMENT"),
        ('station(id: "Station:x") { name operator { name } }', "BAD_ARGUMENT"),
        ('beneficiary(id: "Beneficiary:450305:1:1") { id }', "BAD_ARGUMENT"),
        ('division(code: "\\u0000") { name }', "BAD_ARGUMENT"),
        ("station(id: $missing) { id }", "BAD_ARGUMENT"),
        ('station(id: "Station:1") { visits(first: 201) { totalCount } }', "BAD_ARGUMENT"),
        ('station(id: "Station:1") { visits(after: "x") { nodes { id } } }', "BAD_CURSOR"),
    ],
)
async def test_other_root_fields_are_answered(world: World, field: str, code: str) -> None:
    variables = '($missing: ID! = "Station:1")'.replace("!", "") if "$missing" in field else ""
    query = f"query Q{variables} {{ wrong: {field} right: {DIVISION} who: viewer {{ role }} }}"
    data, errors = await partly(world, query, **({"missing": None} if variables else {}))
    assert list(data) == ["wrong", "right", "who"]
    assert data == {"wrong": None, "right": FOUND, "who": {"role": "bureau"}}
    assert [(c, path[0]) for c, path in errors] == [(code, "wrong")]


NOT_NULL = [
    ("stations(first: -1) { nodes { id } }", "BAD_ARGUMENT"),
    ("stations(first: 201) { totalCount }", "BAD_ARGUMENT"),
    ("stations(last: 2147483647) { totalCount }", "BAD_ARGUMENT"),
    ("stations(last: 201) { __typename }", "BAD_ARGUMENT"),
    ('stations(after: "x") { totalCount }', "BAD_CURSOR"),
    ('stations(before: "") { __typename }', "BAD_CURSOR"),
    ('stations(first: 1, before: "x") { totalCount }', "BAD_ARGUMENT"),
    ('stations(where: {divisionCode: {within: "1"}}) { __typename }', "BAD_ARGUMENT"),
    ('stations(where: {not: {name: {in: ["a", "\\u0000"]}}}) { __typename }', "BAD_ARGUMENT"),
    ('stations(where: {operator: {name: {eq: "\\u0000"}}}) { totalCount }', "BAD_ARGUMENT"),
    ("stations(where: {name: null}) { totalCount }", "BAD_ARGUMENT"),
    ('beneficiaryStatus(idNumber: "1", programme: DIBAO) { entitled }', "BAD_ARGUMENT"),
    ("stationsAggregate(where: {name: {eq: null}}) { count }", "BAD_ARGUMENT"),
]


@pytest.mark.parametrize(("field", "code"), NOT_NULL)
async def test_a_field_that_is_never_null_takes_everything_with_it(
    world: World, field: str, code: str
) -> None:
    data, errors = await partly(world, f"{{ right: {DIVISION} wrong: {field} who: viewer {{ role }} }}")
    assert data is None
    assert errors == [(code, ["wrong"])]


async def test_each_root_field_has_its_own_error(world: World) -> None:
    query = f"""{{
      a: station(id: "x") {{ id }}
      b: {DIVISION}
      c: beneficiary(id: "y") {{ id }}
      d: station(id: "Station:1") {{ inner: visits(first: 999) {{ nodes {{ id }} }} }}
    }}"""
    data, errors = await partly(world, query)
    assert data == {"a": None, "b": FOUND, "c": None, "d": None}
    assert errors == [("BAD_ARGUMENT", ["a"]), ("BAD_ARGUMENT", ["c"]), ("BAD_ARGUMENT", ["d", "inner"])]


async def test_null_goes_up_row_by_row(world: World) -> None:
    """``employer`` may be null, so each row keeps what else it has; paths count the rows."""
    query = """query($f: Int) {
      personnel(first: 3) { totalCount nodes { id who: employer { stations(first: $f) { totalCount } } } }
    }"""
    right = await world.ask(BUREAU, query, f=1)
    data, errors = await partly(world, query, f=201)
    employed = [i for i, node in enumerate(right["personnel"]["nodes"]) if node["who"]]
    assert employed
    for node in right["personnel"]["nodes"]:
        node["who"] = None
    assert data == right
    assert [path for _, path in errors] == [["personnel", "nodes", i, "who", "stations"] for i in employed]


async def test_without_a_row_there_is_no_error(world: World) -> None:
    query = '{ stations(where: {name: {eq: "none"}}) { nodes { visits(first: 999) { totalCount } } } }'
    assert await world.ask(BUREAU, query) == {"stations": {"nodes": []}}
    assert await world.ask(BUREAU, '{ station(id: "Station:999") { visits(first: -1) { totalCount } } }') == {
        "station": None
    }


async def test_one_field_of_several_in_a_fragment(world: World) -> None:
    """The same nodes at two places are wrong at both; beside other arguments they are not merged."""
    query = """{
      a: station(id: "Station:1") { ...Visits }
      b: station(id: "Station:2") { ...Visits right: visits(first: 1) { totalCount } }
      c: station(id: "Station:2") { right: visits(first: 0) { nodes { id } } }
    } fragment Visits on Station { wrong: visits(first: 999) { totalCount } }"""
    data, errors = await partly(world, query)
    assert data == {"a": None, "b": None, "c": {"right": {"nodes": []}}}
    assert [path for _, path in errors] == [["a", "wrong"], ["b", "wrong"]]


async def test_what_is_wrong_with_a_grouping_is_said_of_the_grouping(world: World) -> None:
    query = f"{{ right: {DIVISION} beneficiariesAggregate {{ count groups(by: []) {{ count }} }} }}"
    data, errors = await partly(world, query)
    assert data is None
    assert errors == [("BAD_ARGUMENT", ["beneficiariesAggregate", "groups"])]


async def test_a_value_that_is_wrong_once_is_right_the_next_time(world: World) -> None:
    """And what was wrong is not confused, though both requests are of one shape."""
    query = "query($f: Int, $a: String) { stations(first: $f, after: $a) { nodes { id } } }"
    good = (await world.ask(BUREAU, "{ stations(first: 1) { pageInfo { endCursor } } }"))["stations"]
    cursor = good["pageInfo"]["endCursor"]
    for _ in range(2):
        assert (await partly(world, query, f=999, a=cursor))[1] == [("BAD_ARGUMENT", ["stations"])]
        assert (await partly(world, query, f=1, a="x"))[1] == [("BAD_CURSOR", ["stations"])]
        assert (await world.ask(BUREAU, query, f=1, a=cursor))["stations"]["nodes"] == [{"id": "Station:2"}]


async def test_errors_of_a_long_list_are_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred are enough to find the mistake, and a long answer is not walked for them."""
    query = "{ visits(first: 9) { nodes { id beneficiary { visits(first: 999) { totalCount } } } } }"
    assert len((await partly(world, query))[1]) == 9
    with monkeypatch.context() as patch:
        patch.setattr("hub.read.faults.MAX_ERRORS", 8)
        assert await world.code(BUREAU, query) == "LIMIT_EXCEEDED"
    monkeypatch.setattr("hub.read.run.MAX_BYTES_WITH_FAULTS", 100)
    assert await world.code(BUREAU, query) == "LIMIT_EXCEEDED"
    assert await world.ask(BUREAU, query.replace("999", "9"))


async def test_an_ordinary_field_says_what_graphql_core_says(world: World) -> None:
    query = 'query($n: String = "Query") { kind: __type(name: $n) { name } viewer { role } }'
    data, errors = await partly(world, query, n=None)
    assert data == {"kind": None, "viewer": {"role": "bureau"}}
    assert errors == [("BAD_ARGUMENT", ["kind"])]
