"""Arguments and variables: what is refused, with which code, and what no error ever repeats."""

from __future__ import annotations

import json
import random
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from hub.store.vault import Vault
from tests.support.reading import BUREAU, QIXING, World, small_world, viewer


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def world() -> AsyncIterator[World]:
    async with small_world() as made:
        yield made


WRONG_VALUES: list[tuple[str, str, list[Any]]] = [
    ("query($f: Int) { stations(first: $f) { totalCount } }", "f",
     [1.5, "1", True, [1, 2], {}, 2**31, 10**40]),
    ("query($s: String) { stations(after: $s) { totalCount } }", "s", [1, True, ["a", "b"], {"a": 1}]),
    ("query($i: ID!) { station(id: $i) { id } }", "i", [None, 1.5, True, {}]),
    ("query($d: Direction!) { stations(orderBy: [{name: $d}]) { totalCount } }", "d",
     [None, "asc", 1, ["ASC"]]),
    ("query($w: StationWhere) { stations(where: $w) { totalCount } }", "w",
     ["x", [1], {"unknown": 1}, {"name": {"eq": 1}}, {"status": {"eq": "OPEN"}}, {"name": {"like": "a"}},
      {"and": [None]}, {"name": {"in": [None]}}]),
    ("query($o: [StationOrderBy!]) { stations(orderBy: $o) { totalCount } }", "o",
     [[{}], [{"name": None}], [{"name": "ASC", "status": "ASC"}], [None], "name"]),
    ("query($v: VisitWhere) { visits(where: $v) { totalCount } }", "v",
     [{"visitedOn": {"eq": "2026-02-30"}}, {"visitedOn": {"eq": 20260101}}, {"visitedOn": {"eq": ""}}]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "name", "value"), [(d, n, value) for d, n, values in WRONG_VALUES for value in values]
)
async def test_a_wrong_value_is_refused_before_anything_runs(
    world: World, document: str, name: str, value: Any
) -> None:
    answer = await world.answer(BUREAU, document, **{name: value})
    assert (answer.status, answer.executed) == (422, False)
    assert {e["extensions"]["code"] for e in json.loads(answer.body)["errors"]} == {"BAD_USER_INPUT"}


async def test_a_variable_that_is_required_and_missing(world: World) -> None:
    assert await world.code(BUREAU, "query($i: ID!) { station(id: $i) { id } }") == "BAD_USER_INPUT"
    document = "query($b: Boolean = true) { stations @include(if: $b) { totalCount } }"
    assert await world.code(BUREAU, document, b=None) == "BAD_ARGUMENT"


SECRET = "459999195003070019"
ENTITLED = "query($n: String!) { beneficiaryStatus(idNumber: $n, programme: DIBAO) { entitled } }"


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        (ENTITLED, {"n": int(SECRET)}),
        (ENTITLED, {"n": [SECRET]}),
        (ENTITLED, {"n": SECRET + "0"}),
        (f"{{ beneficiaryStatus(idNumber: {SECRET}, programme: DIBAO) {{ entitled }} }}", {}),
        (f'{{ beneficiaryStatus(idNumber: "{SECRET}" "{SECRET}") {{ entitled }} }}', {}),
        (f'{{ beneficiaryStatus(idNumber: "{SECRET}", programme: "{SECRET}") {{ entitled }} }}', {}),
        (f'{{ beneficiaryStatus(idNumber: "{SECRET[:-1]}0", programme: DIBAO) {{ entitled }} }}', {}),
        (f'{{ visits(where: {{visitedOn: {{eq: "{SECRET}"}}}}) {{ totalCount }} }}', {}),
        (f'{{ division(code: "450305000000", name: "{SECRET}") {{ id }} }}', {}),
        (f'{{ stations(where: {{name: {{eq: "a", like: "{SECRET}"}}}}) {{ totalCount }} }}', {}),
        (f'{{ stations(where: "{SECRET}") {{ totalCount }} }}', {}),
        (f'{{ stations(after: "{SECRET}") {{ nodes {{ id }} }} }}', {}),
        (f'{{ station(id: "Station:{SECRET}{SECRET}") {{ id }} }}', {}),
        ("query($w: StationWhere) { stations(where: $w) { totalCount } }", {"w": {SECRET: SECRET}}),
        ("query($w: StationWhere) { stations(where: $w) { totalCount } }", {"w": {"status": {"eq": SECRET}}}),
        ("query($w: VisitWhere) { visits(where: $w) { totalCount } }", {"w": {"visitedOn": {"eq": SECRET}}}),
    ],
)  # fmt: skip
async def test_no_error_repeats_a_value(world: World, document: str, variables: dict[str, Any]) -> None:
    errors = await world.errors(BUREAU, document, **variables)
    assert SECRET[:-1] not in json.dumps(errors)


# ── cursors ──────────────────────────────────────────────────────────────────────────────────────────

BEHIND = """query($c: String, $o: [BeneficiaryOrderBy!]) {
  beneficiaries(first: 3, after: $c, orderBy: $o) { nodes { id } }
}"""


async def cursor(world: World, text: str) -> str:
    data = await world.ask(BUREAU, f"{{ list: {text} {{ pageInfo {{ endCursor }} }} }}")
    return str(data["list"]["pageInfo"]["endCursor"])


async def test_a_cursor_belongs_to_one_list_and_one_order(world: World) -> None:
    by_name = [{"name": "ASC"}]
    good = await cursor(world, "beneficiaries(first: 3, orderBy: [{name: ASC}])")
    assert (await world.ask(BUREAU, BEHIND, c=good, o=by_name))["beneficiaries"]["nodes"]
    for other in ([], [{"name": "DESC"}], [{"birthOn": "ASC"}], [{"name": "ASC"}, {"birthOn": "ASC"}]):
        assert await world.code(BUREAU, BEHIND, c=good, o=other) == "BAD_CURSOR", other
    foreign = await cursor(world, "visits(first: 3)")
    assert await world.code(BUREAU, BEHIND, c=foreign, o=[]) == "BAD_CURSOR"


async def test_no_changed_cursor_is_accepted(world: World) -> None:
    good = await cursor(world, "beneficiaries(first: 3)")
    assert (await world.ask(BUREAU, BEHIND, c=good))["beneficiaries"]["nodes"]
    rng = random.Random(5)
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    changed = {
        good[:i] + rng.choice(letters.replace(good[i], "")) + good[i + 1 :] for i in range(len(good))
    } | {
        good[:-1],
        good[1:],
        good + "A",
        good + "=",
        good * 2,
        good.swapcase(),
        "",
        " ",
        "null",
        "\u2063",
        "é" * 40,
    }
    for text in changed:
        assert await world.code(BUREAU, BEHIND, c=text) == "BAD_CURSOR", text


async def test_a_cursor_of_another_key_is_refused(world: World) -> None:
    good = await cursor(world, "beneficiaries(first: 3)")
    payload = world.engine.vault.untoken(good)
    assert await world.code(BUREAU, BEHIND, c=Vault(bytes(32)).token(payload)) == "BAD_CURSOR"
    assert SECRET not in good
    assert "beneficiary" not in good


# ── pages ────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "arguments",
    ["first: -1", "first: 201", "first: 2147483647", "last: -1", "last: 2147483647",
     "first: 1, last: 1", 'first: 1, before: "x"', 'last: 1, after: "x"', 'after: "x", before: "y"'],
)  # fmt: skip
async def test_a_page_out_of_range_is_refused(world: World, arguments: str) -> None:
    assert await world.code(BUREAU, f"{{ stations({arguments}) {{ nodes {{ id }} }} }}") == "BAD_ARGUMENT"


async def test_a_page_of_nothing(world: World) -> None:
    document = """{ stations(first: 0) {
      totalCount nodes { id } edges { cursor }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    } }"""
    info = {"hasNextPage": True, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    expected_page = {"totalCount": 2, "nodes": [], "edges": [], "pageInfo": info}
    assert (await world.ask(BUREAU, document))["stations"] == expected_page


# ── texts ────────────────────────────────────────────────────────────────────────────────────────────

NASTY = ["'", "\"", "\\", "%", "_", "';--", "$1", "$1::text", "{t}", "%s", "\u2063", "\x7f", "😀",
         "'; drop table visit; --", "\u0001", "a\nb", " ", "\\u0000", "[", "(", "*", "null"]  # fmt: skip


@pytest.mark.parametrize("text", NASTY)
async def test_no_text_is_anything_but_a_value(world: World, text: str) -> None:
    document = """query($t: String!) {
      stations(where: {or: [{name: {eq: $t}}, {name: {in: [$t]}}]}) { totalCount }
      people: beneficiaries(where: {name: {eq: $t}}) { totalCount }
    }"""
    nothing = {"stations": {"totalCount": 0}, "people": {"totalCount": 0}}
    assert await world.ask(BUREAU, document, t=text) == nothing


@pytest.mark.parametrize(
    ("document", "variables"),
    [
        ("query($t: String!) { division(code: $t) { id } }", {"t": "45\0"}),
        ("query($t: String!) { stations(where: {name: {eq: $t}}) { totalCount } }", {"t": "\0"}),
        ("query($t: [String!]) { stations(where: {name: {in: $t}}) { totalCount } }", {"t": ["a", "\0"]}),
        ("query($t: ID!) { beneficiary(id: $t) { id } }", {"t": "Beneficiary:\0:1"}),
        ("query($t: ID!) { beneficiary(id: $t) { id } }", {"t": "Beneficiary:450305:1:1"}),
        ("query($t: ID!) { beneficiary(id: $t) { id } }", {"t": "Station:1"}),
        ("query($t: ID!) { station(id: $t) { id } }", {"t": "Station:9999999999999999999"}),
        ("query($t: ID!) { station(id: $t) { id } }", {"t": "Station:-1"}),
        ("query($t: ID!) { station(id: $t) { id } }", {"t": "Station:１"}),
        ("query($t: ID!) { station(id: $t) { id } }", {"t": 1}),
        ("query($t: ID!) { station(id: $t) { id } }", {"t": ""}),
        ('{ stations(where: {divisionCode: {within: "4503051"}}) { totalCount } }', {}),
        ('{ stations(where: {divisionCode: {within: "99"}}) { totalCount } }', {}),
    ],
)
async def test_what_no_column_can_hold_is_refused(
    world: World, document: str, variables: dict[str, Any]
) -> None:
    assert await world.code(BUREAU, document, **variables) == "BAD_ARGUMENT"


async def test_a_division_is_named_with_or_without_its_zeros(world: World) -> None:
    document = (
        "query($c: String!) { division(code: $c) { code } divisions(where: {code: {eq: $c}}) { totalCount } }"
    )
    for code in ("450305", "450305000000"):
        data = await world.ask(BUREAU, document, c=code)
        assert data == {"division": {"code": "450305000000"}, "divisions": {"totalCount": 1}}
    for code in ("七星", "", "45030", "450305000001x", "990000"):
        answer = await world.answer(BUREAU, "query($c: String!) { division(code: $c) { code } }", c=code)
        body = json.loads(answer.body)
        assert body["data"] == {"division": None} or code == "990000"


async def test_days_no_calendar_of_the_field_has(world: World) -> None:
    document = "query($d: Date) { visits(where: {visitedOn: {lt: $d}}) { nodes { id } } }"
    await world.ask(BUREAU, document, d="1900-01-01")
    for day in ("0001-01-01", "9999-12-31", "1899-12-31", "2200-01-01"):
        body = json.loads((await world.answer(BUREAU, document, d=day)).body)
        assert body["errors"][0]["extensions"]["code"] == "BAD_ARGUMENT"


async def test_a_list_has_a_length(world: World) -> None:
    document = "query($n: [String!]) { stations(where: {name: {in: $n}}) { totalCount } }"
    await world.ask(BUREAU, document, n=["x"] * 1_000)
    body = json.loads((await world.answer(BUREAU, document, n=["x"] * 1_001)).body)
    assert body["errors"][0]["extensions"]["code"] == "BAD_ARGUMENT"


async def test_provenance_of_a_record_that_shows_nothing(world: World) -> None:
    plain = viewer("bureau", QIXING, scopes=["beneficiary.rs", "division.rs", "source.rs"])
    document = "{ beneficiaries { nodes { memberships { nodes { id provenance { field recordKey } } } } } }"
    pages = (await world.ask(plain, document))["beneficiaries"]["nodes"]
    records = [record for page in pages for record in page["memberships"]["nodes"]]
    assert records
    assert all(record["provenance"] == [] for record in records)
