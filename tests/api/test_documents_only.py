"""A client that may ask its trusted documents only, and every way around that we could think of."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from hub.oauth.clients import find_client, limit_to_documents, register_client
from tests.support.http import refused, told
from tests.support.serving import CLIENTS, Served
from tests.support.trusted import (
    DIVISION,
    DIVISION_ANSWER,
    OWN,
    STATION,
    ask,
    documented,
    eventually,
    persisted,
    sha256,
    url,
)

INTROSPECTION = "{ __schema { queryType { name } } }"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Served]:
    async with documented(automatic_documents=True) as served:
        await limit_to_documents(served.world.database, "bureau", True)
        yield served


async def test_by_id_and_by_the_same_text_it_is_answered(hub: Served) -> None:
    for body in ({"documentId": "division"}, {"query": DIVISION}, {"extensions": persisted(DIVISION)}):
        answer = await ask(hub, **body)
        assert (answer.status_code, told(answer)) == (200, DIVISION_ANSWER)
    answer = await hub.http.get("/documents/division", headers=hub.bearer())
    assert (answer.status_code, answer.json()) == (200, DIVISION_ANSWER)


OTHERS = [
    OWN,
    INTROSPECTION,
    '{ __type(name: "Query") { name } }',
    "{ __typename }",
    DIVISION + " ",
    DIVISION.replace("\n", "\r\n"),
    DIVISION.rstrip("\n"),
    "\ufeff" + DIVISION,
    DIVISION.replace("query {", "query{"),
    DIVISION.replace("name", "name name"),
    DIVISION.replace("division", "d: division"),
    DIVISION + "query Other { viewer { role } }",
    "query Other { viewer { role } }" + STATION,
    "#" + DIVISION,
    "{",
    " ",
    "mutation { a }",
    "subscription { a }",
]


@pytest.mark.parametrize("text", OTHERS)
async def test_any_other_text_is_refused(hub: Served, text: str) -> None:
    """Before it is read: it does not matter whether it would parse."""
    refused(await ask(hub, query=text), 403, "DOCUMENT_NOT_TRUSTED")
    refused(await ask(hub, query=text, extensions=persisted(text)), 403, "DOCUMENT_NOT_TRUSTED")
    answer = await hub.http.get(url(query=text), headers=hub.bearer())
    refused(answer, 403, "DOCUMENT_NOT_TRUSTED")


async def test_a_name_chooses_no_other_operation(hub: Served) -> None:
    refused(await ask(hub, documentId="station", operationName="Other"), 422, "BAD_DOCUMENT")
    refused(await ask(hub, query=STATION, operationName="Other"), 422, "BAD_DOCUMENT")
    text = STATION + "query Other { viewer { role } }"
    refused(await ask(hub, query=text, operationName="One"), 403, "DOCUMENT_NOT_TRUSTED")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"documentId": "division", "query": INTROSPECTION}, "BAD_DOCUMENT"),
        ({"query": INTROSPECTION, "extensions": persisted(DIVISION)}, "BAD_DOCUMENT"),
        ({"documentId": "own"}, "PERSISTED_QUERY_NOT_FOUND"),
        ({"documentId": sha256(OWN)}, "PERSISTED_QUERY_NOT_FOUND"),
        ({"extensions": persisted(OWN)}, "PERSISTED_QUERY_NOT_FOUND"),
        ([{"documentId": "division"}, {"query": INTROSPECTION}], "BATCH_REFUSED"),
        ([{"query": INTROSPECTION}], "BATCH_REFUSED"),
    ],
)
async def test_no_mixture_brings_another_text_in(hub: Served, body: Any, code: str) -> None:
    answer = await hub.http.post("/graphql", json=body, headers=hub.bearer())
    refused(answer, 422, code)


async def test_the_last_of_two_members_counts_and_is_looked_up(hub: Served) -> None:
    """A body that says ``query`` twice: one reader might take the first, another the last."""
    for first, last in ((DIVISION, INTROSPECTION), (INTROSPECTION, DIVISION)):
        body = f'{{"query": {json.dumps(first)}, "query": {json.dumps(last)}}}'
        answer = await hub.post(body)
        if last == DIVISION:
            assert told(answer) == DIVISION_ANSWER
        else:
            refused(answer, 403, "DOCUMENT_NOT_TRUSTED")
    twice = f"{url(query=DIVISION)}&{url('', query=INTROSPECTION)[1:]}"
    refused(await hub.http.get(twice, headers=hub.bearer()), 422, "BAD_DOCUMENT")


async def test_what_it_sends_is_not_remembered(hub: Served) -> None:
    """Nor is what another client sent, with the same rights."""
    text = "{ viewer { scopes } }"
    refused(await ask(hub, query=text, extensions=persisted(text)), 403, "DOCUMENT_NOT_TRUSTED")
    assert (await ask(hub, "township", query=text, extensions=persisted(text))).status_code == 200
    assert (await ask(hub, "township", extensions=persisted(text))).status_code == 200
    refused(await ask(hub, extensions=persisted(text)), 422, "PERSISTED_QUERY_NOT_FOUND")


async def test_others_are_as_free_as_before(hub: Served) -> None:
    assert (await hub.ask(INTROSPECTION, "township")).status_code == 200


async def test_the_registry_says_so_and_a_new_registration_keeps_it(hub: Served) -> None:
    database = hub.world.database
    await limit_to_documents(database, "contractor", True)
    client = await find_client(database, "contractor")
    assert client is not None
    assert client.documents_only
    given: dict[str, Any] = {"name": client.name, "role": client.role, "jwks": client.jwks, "replace": True}
    given |= CLIENTS["contractor"]
    assert (await register_client(database, "contractor", **given)).documents_only
    assert not (await register_client(database, "contractor", **given, documents_only=False)).documents_only


async def test_the_limit_reaches_tokens_that_are_out(hub: Served) -> None:
    database = hub.world.database
    assert (await hub.ask(OWN, "operator")).status_code == 200
    await limit_to_documents(database, "operator", True)
    answer = await eventually(lambda: hub.ask(OWN, "operator"), 403)
    refused(answer, 403, "DOCUMENT_NOT_TRUSTED")
