"""Asking a trusted document at ``/graphql``: by its id, by Apollo's hash, and what is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from hub.documents.registry import remove
from hub.oauth.clients import suspend_client
from tests.support.http import refused, told
from tests.support.serving import Served
from tests.support.trusted import (
    DIVISION,
    DIVISION_ANSWER,
    OWN,
    STATION,
    ask,
    documented,
    eventually,
    persisted,
    register,
    sha256,
    url,
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Served]:
    async with documented() as served:
        yield served


IDS = [f"sha256:{sha256(DIVISION)}", sha256(DIVISION), "division"]


@pytest.mark.parametrize("id_", IDS)
async def test_a_document_is_answered_by_its_id(hub: Served, id_: str) -> None:
    answer = await ask(hub, documentId=id_)
    assert (answer.status_code, told(answer)) == (200, DIVISION_ANSWER)
    answer = await hub.http.get(url(documentId=id_), headers=hub.bearer())
    assert (answer.status_code, told(answer)) == (200, DIVISION_ANSWER)


async def test_variables_operation_name_and_extensions_go_with_it(hub: Served) -> None:
    given = {"id": "Station:1"}
    asked: dict[str, Any] = {
        "documentId": "station",
        "operationName": "One",
        "variables": given,
        "extensions": {"a": 1},
    }
    answers = [await ask(hub, **asked), await hub.http.get(url(**asked), headers=hub.bearer())]
    plain = await ask(hub, query=STATION, variables=given)
    assert plain.status_code == 200
    assert plain.json()["data"]["station"]["name"] == "服务站1"
    assert [told(answer) for answer in answers] == [told(plain)] * 2


async def test_apollos_hash_names_a_document(hub: Served) -> None:
    answer = await ask(hub, extensions=persisted(DIVISION))
    assert (answer.status_code, told(answer)) == (200, DIVISION_ANSWER)
    answer = await hub.http.get(url(extensions=persisted(DIVISION), query=""), headers=hub.bearer())
    assert (answer.status_code, told(answer)) == (200, DIVISION_ANSWER)
    both = await ask(hub, query=DIVISION, extensions=persisted(DIVISION))
    assert (both.status_code, told(both)) == (200, DIVISION_ANSWER)


@pytest.mark.parametrize(
    "id_",
    [
        f"sha256:{sha256('other')}", f"sha256:{sha256(DIVISION)[:-1]}", f"sha256:{sha256(DIVISION).upper()}",
        f"md5:{sha256(DIVISION)}", "Division", "division ", "division\0", "own",
        f"sha256:{sha256(OWN)}", "../division", "division' or '1'='1", "x" * 100_000, "可信", "%", "_",
        "division;", "x-y:z", ":",
    ],
)  # fmt: skip
async def test_an_id_that_is_not_this_clients_is_unknown(hub: Served, id_: str) -> None:
    """Among them are those of another client."""
    error = refused(await ask(hub, documentId=id_), 422, "PERSISTED_QUERY_NOT_FOUND")
    assert error["message"] == "PersistedQueryNotFound"
    if len(id_) < 1000 and "\0" not in id_:
        answer = await hub.http.get(url(documentId=id_), headers=hub.bearer())
        assert refused(answer, 422, "PERSISTED_QUERY_NOT_FOUND") == error


async def test_the_word_that_clients_look_for_is_the_same_in_every_language(hub: Served) -> None:
    headers = {**hub.bearer(), "Accept-Language": "zh-CN"}
    answer = await hub.http.post("/graphql", json={"documentId": "none"}, headers=headers)
    assert refused(answer, 422, "PERSISTED_QUERY_NOT_FOUND")["message"] == "PersistedQueryNotFound"


async def test_a_hash_says_whether_sending_hashes_makes_sense(hub: Served) -> None:
    """Without automatic ones, for a client without documents it does not."""
    error = refused(await ask(hub, extensions=persisted("{a}")), 422, "PERSISTED_QUERY_NOT_FOUND")
    assert error["message"] == "PersistedQueryNotFound"
    answer = await ask(hub, "agency", extensions=persisted("{a}"))
    error = refused(answer, 422, "PERSISTED_QUERY_NOT_SUPPORTED")
    assert error["message"] == "PersistedQueryNotSupported"


@pytest.mark.parametrize(
    "body",
    [
        {"documentId": 1}, {"documentId": None}, {"documentId": ["division"]}, {"documentId": {}},
        {"documentId": ""}, {"documentId": "division", "query": OWN},
        {"documentId": "division", "variables": []}, {"documentId": "division", "operationName": 1},
        {"documentId": "division", "extensions": persisted(DIVISION)},
        {"extensions": {"persistedQuery": None}}, {"extensions": {"persistedQuery": sha256(DIVISION)}},
        {"extensions": {"persistedQuery": {"version": 1}}}, {"extensions": persisted(DIVISION, version=2)},
        {"extensions": persisted(DIVISION, version="1")}, {"extensions": persisted(DIVISION, sha256Hash=1)},
        {"extensions": persisted(DIVISION, sha256Hash="division")},
        {"extensions": persisted(DIVISION, sha256Hash="")},
        {"query": OWN, "extensions": persisted(DIVISION)}, {"query": 1, "documentId": "division"},
    ],
)  # fmt: skip
async def test_a_request_that_names_a_document_wrongly_is_refused(hub: Served, body: Any) -> None:
    """Also one that names two: neither is asked."""
    refused(await ask(hub, **body), 422, "BAD_DOCUMENT")


async def test_an_operation_of_another_name_is_not_there(hub: Served) -> None:
    refused(await ask(hub, documentId="station", operationName="Two"), 422, "BAD_DOCUMENT")
    refused(await ask(hub, documentId="station", variables={"id": [1, 2]}), 422, "BAD_USER_INPUT")
    refused(await ask(hub, documentId="station"), 422, "BAD_USER_INPUT")


async def test_several_at_once_are_refused(hub: Served) -> None:
    answer = await hub.http.post("/graphql", json=[{"documentId": "division"}] * 2, headers=hub.bearer())
    refused(answer, 422, "BATCH_REFUSED")


async def test_nobody_asks_a_document_without_a_token_or_after_suspension(hub: Served) -> None:
    answer = await hub.http.post("/graphql", json={"documentId": "division"})
    refused(answer, 401, "UNAUTHENTICATED")
    database = hub.world.database
    assert (await ask(hub, "township", documentId="own")).status_code == 200
    await suspend_client(database, "township")
    try:
        answer = await eventually(lambda: ask(hub, "township", documentId="own"), 401)
        refused(answer, 401, "UNAUTHENTICATED")
    finally:
        await hub.resume("township")


async def refused_soon(hub: Served, id_: str) -> None:
    answer = await eventually(lambda: ask(hub, documentId=id_), 422)
    refused(answer, 422, "PERSISTED_QUERY_NOT_FOUND")


async def test_what_is_removed_or_replaced_is_gone_within_seconds(hub: Served) -> None:
    database = hub.world.database
    old, new = "{ viewer { clientId } }", "{ viewer { role } }"
    await register(database, "bureau", passing=old)
    assert told(await ask(hub, documentId="passing")) == {"data": {"viewer": {"clientId": "bureau"}}}
    assert (await ask(hub, documentId=sha256(old))).status_code == 200
    (done,) = await register(database, "bureau", passing=new)
    assert (done.kind, done.before) == ("replaced", f"sha256:{sha256(old)}")
    await refused_soon(hub, sha256(old))
    assert told(await ask(hub, documentId="passing")) == {"data": {"viewer": {"role": "bureau"}}}
    await remove(database, "bureau", ["passing"])
    await refused_soon(hub, "passing")


async def test_a_text_that_was_replaced_may_stay_for_some_days(hub: Served) -> None:
    """By its id: a page that was loaded before goes on. The name means the new text."""
    database = hub.world.database
    old, new = "{ viewer { roleLabel } }", "{ viewer { divisionCode } }"
    await register(database, "bureau", staying=old)
    await register(database, "bureau", 7, staying=new)
    assert told(await ask(hub, documentId=sha256(old))) == {"data": {"viewer": {"roleLabel": "民政部门"}}}
    answer = await ask(hub, documentId="staying")
    assert told(answer) == {"data": {"viewer": {"divisionCode": "450305000000"}}}
    await remove(database, "bureau", ["staying"])
    await refused_soon(hub, sha256(old))
