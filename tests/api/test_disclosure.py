"""What answers, errors, introspection and logs give away; and many clients at once."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests.support.http import told
from tests.support.logs import SENTINELS
from tests.support.serving import Served, serving


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Served]:
    async with serving() as served:
        yield served


HIDDEN = [
    ("agency", "{ beneficiarie { id } }"),
    ("agency", "{ beneficiaries { nodes { id } } }"),
    ("agency", '{ __type(nam: "Beneficiary") { name } }'),
    ("agency", "query($b: Beneficiar) { __typename }"),
    ("contractor", "{ beneficiaries { nodes { idNumbe } } }"),
    ("contractor", '{ beneficiaries(where: {idNumberHash: {eq: "x"}}) { totalCount } }'),
    ("contractor", "{ beneficiaries(orderBy: [{idNumber: ASC}]) { totalCount } }"),
    ("contractor", "{ quarantinedRow { nodes { id } } }"),
    ("township", "{ beneficiaries { nodes { idNumbers } } }"),
    ("bureau", "{ station { nodes { id } } statios { totalCount } }"),
    ("bureau", "{ stations(frst: 1) { totalCount } }"),
    ("bureau", "{ stations(orderBy: [{name: ASCC}]) { totalCount } }"),
    ("bureau", "{ stations @includ(if: true) { totalCount } }"),
    ("bureau", "{ ...Fragmen } fragment Fragment on Query { __typename }"),
    ("bureau", "{ stations { nodes { ... on Statio { id } } } }"),
]


@pytest.mark.parametrize(("role", "query"), HIDDEN)
async def test_no_error_suggests_a_name(hub: Served, role: str, query: str) -> None:
    answer = await hub.ask(query, role)
    assert answer.status_code == 422
    assert "did you mean" not in answer.text.lower()


@pytest.mark.parametrize(
    ("role", "name", "shown"),
    [
        ("bureau", "Beneficiary", True),
        ("contractor", "Beneficiary", True),
        ("agency", "Beneficiary", False),
        ("operator", "Beneficiary", False),
        ("bureau", "QuarantinedRow", True),
        ("contractor", "QuarantinedRow", False),
        ("township", "QuarantinedRow", False),
        ("agency", "Station", False),
        ("agency", "BeneficiaryStatus", True),
        ("operator", "SyncRun", True),
    ],
)
async def test_introspection_knows_only_the_audience(hub: Served, role: str, name: str, shown: bool) -> None:
    answer = await hub.ask("query($n: String!) { __type(name: $n) { name } }", role, n=name)
    assert told(answer) == {"data": {"__type": {"name": name} if shown else None}}


async def test_hidden_fields_are_not_in_the_introspection(hub: Served) -> None:
    query = '{ __type(name: "Beneficiary") { fields { name } } }'
    names = {
        role: {f["name"] for f in (await hub.ask(query, role)).json()["data"]["__type"]["fields"]}
        for role in ("bureau", "township", "contractor")
    }
    assert names["bureau"] - names["township"] == {"idNumber", "disabilityCertificate"}
    # They take a purpose, and this contractor has none.
    minor = {"school", "guardianName", "guardianPhone", "guardianRelation"}
    assert names["township"] - names["contractor"] == minor | {"warnings", "warningsAggregate"}
    assert names["contractor"] <= names["township"]


async def test_nothing_of_a_request_is_logged(hub: Served) -> None:
    name, number = SENTINELS["name"], SENTINELS["id_number"]
    for query, variables in (
        (f'{{ beneficiaryStatus(idNumber: "{number}", programme: DIBAO) {{ entitled }} }}', {}),
        (f"{{ beneficiaryStatus(idNumber: {number}, programme: DIBAO) {{ entitled }} }}", {}),
        ("query($n: Int) { stations(first: $n) { totalCount } }", {"n": name}),
        ("query($n: String!) { division(code: $n) { id } }", {"n": name + "\0"}),
        (f'{{ stations(where: {{name: {{eq: "{name}"}}}}) {{ totalCount }} }}', {}),
        (f'{{ stations(where: {{name: "{name}"}}) {{ totalCount }} }}', {}),
    ):
        await hub.ask(query, **variables)
        await hub.http.get("/graphql", params={"query": query}, headers=hub.bearer())
    assert hub.logs.lines()


# ── many at once ─────────────────────────────────────────────────────────────────────────────────────


async def test_many_clients_at_once_get_what_each_gets_alone(hub: Served) -> None:
    """One pool per role, one loop: no answer, setting or parameter strays into another."""
    queries = [
        ("bureau", "{ beneficiaries(first: 5) { totalCount nodes { id name } } }", {}),
        ("bureau", "query($n: Int) { visits(first: $n) { totalCount nodes { id visitedOn } } }", {"n": 3}),
        ("township", "{ beneficiaries(first: 5) { totalCount nodes { id name } } }", {}),
        (
            "contractor",
            "{ beneficiaries(first: 5) { totalCount nodes { id } } contracts { totalCount } }",
            {},
        ),
        ("operator", "{ stations { totalCount } sources { totalCount } }", {}),
        ("agency", '{ division(code: "450305") { name } viewer { role } }', {}),
        ("agency", "{ beneficiaries { totalCount } }", {}),
        ("bureau", '{ stations(after: "x") { nodes { id } } }', {}),
        ("contractor", "{ stations(first: 999) { nodes { id } } }", {}),
    ]
    alone = [told(await hub.ask(q, role, **v)) for role, q, v in queries]
    order = [i for i in range(len(queries)) for _ in range(25)]
    random.Random(4).shuffle(order)
    together = await asyncio.gather(*(hub.ask(queries[i][1], queries[i][0], **queries[i][2]) for i in order))
    assert [told(answer) for answer in together] == [alone[i] for i in order]
