"""Trusted documents as endpoints: who knows no GraphQL asks them with parameters or a JSON object."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from hub.oauth.clients import limit_to_documents
from tests.support.http import refused as refused_by_graphql
from tests.support.http import told
from tests.support.logs import SENTINELS
from tests.support.serving import Served, serving
from tests.support.trusted import (
    CASELOAD,
    DIVISION,
    DIVISION_ANSWER,
    STATION,
    STATIONS,
    eventually,
    register,
    url,
)

STATUS = """query ($idNumber: String!, $programme: Programme!, $on: Date) {
  beneficiaryStatus(idNumber: $idNumber, programme: $programme, on: $on) { entitled programme on }
}"""
KINDS = """query ($yes: Boolean = false, $names: [String!], $ids: [ID], $code: String!, $first: Int) {
  viewer { role @include(if: $yes) clientId }
  stations(first: $first, where: {name: {in: $names}}) { nodes { id name } }
  division(code: $code) { name }
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Served]:
    async with serving() as served:
        database = served.world.database
        await register(
            database,
            "bureau",
            caseload=CASELOAD,
            station=STATION,
            stations=STATIONS,
            division=DIVISION,
            kinds=KINDS.replace(", $ids: [ID]", ""),
        )
        await register(database, "agency", beneficiary_status=STATUS)
        yield served


HUB_COST = r"static=\d+, actual=\d+, per-request=200000, per-minute=2000000, remaining=\d+"


async def get(hub: Served, path: str, role: str = "bureau", **parameters: Any) -> httpx.Response:
    return await hub.http.get(url(path, **parameters), headers=hub.bearer(role))


async def post(hub: Served, path: str, role: str = "bureau", **variables: Any) -> httpx.Response:
    return await hub.http.post(path, json=variables, headers=hub.bearer(role))


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert answer.headers["cache-control"] == "no-store"
    (error,) = answer.json()["errors"]
    assert error["extensions"]["code"] == code
    return dict(error)


async def test_a_document_is_an_endpoint(hub: Served) -> None:
    for answer in (await get(hub, "/documents/division"), await post(hub, "/documents/division")):
        assert (answer.status_code, answer.json()) == (200, DIVISION_ANSWER)
        assert answer.headers["content-type"] == "application/json; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-request-id"]
        assert re.fullmatch(HUB_COST, answer.headers["hub-cost"])
    empty = await hub.http.post("/documents/division", headers=hub.bearer())
    assert (empty.status_code, empty.json()) == (200, DIVISION_ANSWER)
    head = await hub.http.head("/documents/division", headers=hub.bearer())
    assert head.status_code == 200


async def test_it_answers_what_graphql_answers(hub: Served) -> None:
    given: dict[str, Any] = {"first": 3, "risks": ["LEVEL_1", "LEVEL_2"], "withAddress": True}
    plain = await hub.http.post(
        "/graphql", json={"query": CASELOAD, "variables": given}, headers=hub.bearer()
    )
    assert plain.json()["data"]["beneficiaries"]["nodes"]
    posted = await post(hub, "/documents/caseload", **given)
    path = "/documents/caseload?first=3&risks=LEVEL_1&risks=LEVEL_2&withAddress=true"
    got = await hub.http.get(path, headers=hub.bearer())
    assert told(plain) == posted.json()
    assert posted.content == got.content


async def test_a_text_of_a_url_becomes_what_the_variable_wants(hub: Served) -> None:
    path = "/documents/kinds?code=450305&yes=true&names=服务站1&names=服务站2&first=1"
    answer = await hub.http.get(path, headers=hub.bearer())
    assert answer.json() == {
        "data": {
            "viewer": {"role": "bureau", "clientId": "bureau"},
            "stations": {"nodes": [{"id": "Station:1", "name": "服务站1"}]},
            "division": {"name": "七星区"},
        }
    }
    assert (await get(hub, "/documents/kinds", code="450305", yes="")).json()["data"]["viewer"] == {
        "clientId": "bureau"
    }
    where = {"name": {"eq": "服务站2"}}
    for found in (
        await get(hub, "/documents/stations", where=where),
        await post(hub, "/documents/stations", where=where),
    ):
        assert found.json() == {"data": {"stations": {"nodes": [{"name": "服务站2"}]}}}


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("", 422, "BAD_USER_INPUT"),
        ("code=", 422, "BAD_USER_INPUT"),
        ("code=450305&first=one", 422, "BAD_USER_INPUT"),
        ("code=450305&first=1.5", 422, "BAD_USER_INPUT"),
        ("code=450305&first=" + "9" * 18, 422, "BAD_USER_INPUT"),
        ("code=450305&first=" + "9" * 5000, 422, "BAD_USER_INPUT"),
        ("code=450305&first=%EF%BC%91", 422, "BAD_USER_INPUT"),
        ("code=450305&first=null", 422, "BAD_USER_INPUT"),
        ("code=450305&first=true", 422, "BAD_USER_INPUT"),
        ("code=450305&yes=1", 422, "BAD_USER_INPUT"),
        ("code=450305&yes=True", 422, "BAD_USER_INPUT"),
        ("code=450305&first=1&first=2", 422, "BAD_DOCUMENT"),
        ("code=450305&code=450305", 422, "BAD_DOCUMENT"),
        ("code=450305&frist=1", 422, "BAD_ARGUMENT"),
        ("code=450305&query={viewer{role}}", 422, "BAD_ARGUMENT"),
        ("code=450305&variables={}", 422, "BAD_ARGUMENT"),
        ("code=450305&" + "&".join(f"names={n}" for n in range(1001)), 422, "BAD_ARGUMENT"),
        ("code=" + "x" * 60_000, 422, "BAD_ARGUMENT"),
        ("code=4503' or '1'='1", 422, "BAD_ARGUMENT"),
    ],
)  # fmt: skip
async def test_a_wrong_parameter_is_told(hub: Served, query: str, status: int, code: str) -> None:
    answer = await hub.http.get(f"/documents/kinds?{query}", headers=hub.bearer())
    refused(answer, status, code)
    assert "or '1'" not in answer.text


@pytest.mark.parametrize(
    ("where", "status", "code"),
    [
        ("{", 400, "BAD_DOCUMENT"),
        ("x", 400, "BAD_DOCUMENT"),
        ("[" * 5000, 400, "BAD_DOCUMENT"),
        ("1", 422, "BAD_USER_INPUT"),
        ('{"nmae": {"eq": "x"}}', 422, "BAD_USER_INPUT"),
        ('{"name": {"in": "x"}}', 200, ""),
    ],
)
async def test_an_object_is_json_in_one_parameter(hub: Served, where: str, status: int, code: str) -> None:
    answer = await get(hub, "/documents/stations", where=where)
    if code:
        refused(answer, status, code)
    else:
        assert answer.status_code == status, answer.text


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        ("{", {}, 400, "BAD_DOCUMENT"),
        ("[]", {}, 422, "BAD_DOCUMENT"),
        ("null", {}, 422, "BAD_DOCUMENT"),
        ('"x"', {}, 422, "BAD_DOCUMENT"),
        ('[{"code": "450305"}]', {}, 422, "BAD_DOCUMENT"),
        ('{"code": 450305}', {}, 422, "BAD_USER_INPUT"),
        ('{"code": "450305", "first": "1"}', {}, 422, "BAD_USER_INPUT"),
        ('{"code": "450305", "first": true}', {}, 422, "BAD_USER_INPUT"),
        ('{"code": "450305", "frist": 1}', {}, 422, "BAD_ARGUMENT"),
        ('{"query": "{ viewer { role } }", "variables": {}}', {}, 422, "BAD_ARGUMENT"),
        (json.dumps({"code": "450305", "names": ["x"] * 25_001}), {}, 422, "LIMIT_EXCEEDED"),
        ('{"code": "450305"}', {"Content-Type": "text/plain"}, 415, "BAD_DOCUMENT"),
        ("code=450305", {"Content-Type": "application/x-www-form-urlencoded"}, 415, "BAD_DOCUMENT"),
        ('{"code": "450305"}', {"Content-Encoding": "gzip"}, 415, "BAD_DOCUMENT"),
        ('{"code": "' + "x" * (4 << 20) + '"}', {}, 413, "BAD_DOCUMENT"),
        ('{"code": "450305"}', {"Accept": "text/html"}, 406, "BAD_DOCUMENT"),
    ],
)  # fmt: skip
async def test_a_wrong_body_is_told(
    hub: Served, content: str, headers: dict[str, str], status: int, code: str
) -> None:
    given = {"Content-Type": "application/json", **hub.bearer(), **headers}
    refused(await hub.http.post("/documents/kinds", content=content, headers=given), status, code)


async def test_a_body_without_a_type_is_refused(hub: Served) -> None:
    answer = await hub.http.post("/documents/kinds", content=b'{"code": "450305"}', headers=hub.bearer())
    refused(answer, 415, "BAD_DOCUMENT")


async def test_a_post_takes_its_variables_from_the_body_only(hub: Served) -> None:
    answer = await hub.http.post("/documents/kinds?code=450305", json={}, headers=hub.bearer())
    refused(answer, 422, "BAD_DOCUMENT")


async def test_an_error_of_a_field_is_told_by_the_status_too(hub: Served) -> None:
    """The draft's 294 is for clients that know it; here only 200 is a whole answer."""
    answer = await get(hub, "/documents/station", id="Station:x")
    error = refused(answer, 422, "BAD_ARGUMENT")
    assert error["path"] == ["station"]
    assert answer.json()["data"] == {"station": None}


@pytest.mark.parametrize(
    "name",
    [
        "none", "beneficiary-status", "Division", "division/", "division.json", "..%2Fgraphql",
        "%2e%2e/health/live", "division%00", "division' or '1'='1", "division;drop table x", "%25", "_",
        "分区", "sha256:0", "division%20", "a" * 5000, "openapi.json/", "openapi", "division/x", "//division",
    ],
)  # fmt: skip
async def test_a_name_that_is_not_this_clients_is_not_found(hub: Served, name: str) -> None:
    error = refused(await hub.http.get(f"/documents/{name}", headers=hub.bearer()), 404, "NOT_FOUND")
    assert error["message"] == "This client has no document of this name."
    answer = await hub.http.get(f"/documents/{name}")
    refused(answer, 401, "UNAUTHENTICATED")


async def test_only_a_name_is_a_path(hub: Served) -> None:
    """A hash names a document at /graphql."""
    listed = await get(hub, "/documents")
    for found in listed.json()["documents"]:
        refused(await get(hub, f"/documents/{found['id']}"), 404, "NOT_FOUND")


@pytest.mark.parametrize("path", ["/documents", "/documents/openapi.json", "/documents/division"])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "POST"])
async def test_another_method_is_refused(hub: Served, path: str, method: str) -> None:
    if (path, method) != ("/documents/division", "POST"):
        answer = await hub.http.request(method, path, headers=hub.bearer())
        refused(answer, 405, "BAD_DOCUMENT")
        assert "GET" in answer.headers["allow"]
        assert ("POST" in answer.headers["allow"]) == (path == "/documents/division")


async def test_a_client_sees_its_own_list(hub: Served) -> None:
    answer = await get(hub, "/documents", "agency")
    (found,) = answer.json()["documents"]
    assert found["name"] == "beneficiary-status"
    assert found["path"] == "/documents/beneficiary-status"
    assert found["id"].startswith("sha256:")
    listed = (await get(hub, "/documents")).json()["documents"]
    assert [entry["name"] for entry in listed] == ["caseload", "division", "kinds", "station", "stations"]
    assert listed[0]["description"] == "Beneficiaries by risk — 按风险等级列出服务对象"
    assert listed[1]["description"] == "A division by its code. 按代码查区划"
    assert (await get(hub, "/documents", "operator")).json() == {"documents": []}
    refused(await hub.http.get("/documents"), 401, "UNAUTHENTICATED")


async def test_an_agency_asks_its_question(hub: Served) -> None:
    given = {"idNumber": SENTINELS["id_number"], "programme": "DIBAO", "on": "2026-06-01"}
    for answer in (
        await get(hub, "/documents/beneficiary-status", "agency", **given),
        await post(hub, "/documents/beneficiary-status", "agency", **given),
    ):
        assert answer.json() == {
            "data": {"beneficiaryStatus": {"entitled": False, "programme": "DIBAO", "on": "2026-06-01"}}
        }  # fmt: skip
    wrong = await get(hub, "/documents/beneficiary-status", "agency", **{**given, "programme": "dibao"})
    refused(wrong, 422, "BAD_USER_INPUT")


async def test_no_log_line_holds_what_was_asked(hub: Served) -> None:
    """A name or a number in a URL, in a body, in a path."""
    name, number = SENTINELS["name"], SENTINELS["id_number"]
    for parameters in ({"code": name}, {"code": number}, {name: "x"}, {"code": "450305", "first": number}):
        await get(hub, "/documents/kinds", **parameters)
        await post(hub, "/documents/kinds", **parameters)
    await get(hub, f"/documents/{name}")
    await get(hub, f"/documents/{number}")
    await get(hub, "/documents/beneficiary-status", "agency", idNumber=number, programme="DIBAO")
    await hub.http.get(f"/documents/kinds?{SENTINELS['query']}", headers=hub.bearer())
    lines = [line for line in hub.logs.lines() if str(line.get("route", "")).startswith("/documents")]
    assert {line["route"] for line in lines} == {"/documents/{name:path}"} | {
        line["route"] for line in lines if line["route"] in ("/documents", "/documents/openapi.json")
    }
    assert {"bureau", "agency"} <= {line["client_id"] for line in lines}
    page = (await hub.http.get("/metrics")).text
    assert number not in page
    assert "/documents/{name:path}" in page


async def test_rights_that_went_away_take_the_document_with_them(hub: Served) -> None:
    """It is checked when it is asked, with the rights of the token, and not only when it is registered."""
    change = "update oauth_client set scopes = $1 where client_id = 'bureau' returning scopes"
    owner = hub.world.database.owner
    held = await owner.fetchval("select scopes from oauth_client where client_id = 'bureau'")
    await owner.fetchval(change, ["division.rs"])
    try:
        answer = await eventually(lambda: get(hub, "/documents/station", id="Station:1"), 422)
        assert answer.status_code == 422
        codes = {error["extensions"]["code"] for error in answer.json()["errors"]}
        assert codes == {"GRAPHQL_VALIDATION_FAILED"}
        described = (await get(hub, "/documents/openapi.json")).json()
        assert list(described["paths"]) == ["/documents/division"]
    finally:
        await owner.fetchval(change, held)


async def test_a_client_of_documents_only_asks_them_here(hub: Served) -> None:
    await limit_to_documents(hub.world.database, "agency", True)
    answer = await eventually(lambda: hub.ask("{ viewer { role } }", "agency"), 403)
    refused_by_graphql(answer, 403, "DOCUMENT_NOT_TRUSTED")
    given = {"idNumber": "459999195003070019", "programme": "DIBAO"}
    assert (await post(hub, "/documents/beneficiary-status", "agency", **given)).status_code == 200
    body = {"documentId": "beneficiary-status", "variables": given}
    again = await hub.http.post("/graphql", json=body, headers=hub.bearer("agency"))
    assert again.status_code == 200


async def test_a_copy_is_pulled_by_a_plain_endpoint(hub: Served) -> None:
    """The demo's for a contractor, here by a township: page after page, and then what there is since."""
    file = Path(__file__).parents[2] / "hub/demo_documents/contractor-xingyan/caseload.graphql"
    await register(hub.world.database, "township", copy=file.read_text(encoding="utf-8"))
    held, since = set[str](), dict[str, str]()
    while True:
        answer = await get(hub, "/documents/copy", "township", first=7, **since)
        assert answer.status_code == 200, answer.text
        page = answer.json()["data"]["caseload"]
        held |= {entry["id"] for entry in page["entries"]}
        since = {"since": page["cursor"]}
        if not page["hasMore"]:
            break
    assert held
    again = await post(hub, "/documents/copy", "township", **since)
    assert again.json()["data"]["caseload"]["entries"] == []
    refused(await get(hub, "/documents/copy", "township", since="x"), 422, "RESYNC")
    openapi = (await get(hub, "/documents/openapi.json", "township")).json()
    assert "hasMore" in json.dumps(openapi)
