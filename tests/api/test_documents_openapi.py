"""OpenAPI of a client's documents: valid, and every real answer is what it says."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import pytest_asyncio
from graphql import is_input_type
from openapi_spec_validator import OpenAPIV31SpecValidator

from graphql_schema.schema import audience
from hub.documents.registry import remove
from hub.web.explorer import examples
from hub.web.openapi_types import Components
from tests.support.reading import VIEWERS
from tests.support.serving import Served, serving
from tests.support.trusted import CASELOAD, DIVISION, STATION, STATIONS, register, url

MANY = """query Many(
  \"\"\"How many — 条数\"\"\" $first: Int = 1, $orderBy: [BeneficiaryOrderBy!], $code: String!,
  $ids: [String!]!, $yes: Boolean!, $maybe: Boolean = true, $day: Date, $programme: Programme = DIBAO
) {
  __typename
  again: viewer { role ...Mine @include(if: $yes) }
  viewer { scopes readable { name groups allRows } ... on Viewer @skip(if: $maybe) { clientId divisionCode } }
  beneficiaries(first: $first, orderBy: $orderBy) {
    pageInfo { hasNextPage endCursor }
    edges { cursor node { ...Person } }
  }
  division(code: $code) { parent { name } name @skip(if: true) level @include(if: true) kind @skip(if: $yes) }
  none: station(id: "Station:999999") { name }
  merged: division(code: "450305") @include(if: $yes) { name }
  merged: division(code: "450305") { code }
  stations(where: {name: {in: $ids}}) { totalCount nodes { status personnel { nodes { name } } } }
  stationsAggregate { count groups(by: [status]) { key count } }
  beneficiaryStatus(idNumber: "459999195003070019", programme: $programme, on: $day) { entitled on }
}
fragment Mine on Viewer { roleLabel }
fragment Person on Beneficiary {
  name riskLevel birthOn sex deceasedOn household { id address }
  visits(first: 2) { totalCount nodes { visitedOn kind worker { name } } }
  provenance { field source observedAt }
}
"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Served]:
    async with serving() as served:
        texts: dict[str, Any] = {
            "caseload": CASELOAD,
            "division": DIVISION,
            "station": STATION,
            "stations": STATIONS,
        }
        await register(served.world.database, "bureau", **texts, many=MANY)
        await register(served.world.database, "operator", division=DIVISION)
        yield served


async def described(hub: Served, role: str = "bureau") -> dict[str, Any]:
    answer = await hub.http.get("/documents/openapi.json", headers=hub.bearer(role))
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def schema_of(page: dict[str, Any], name: str, status: str = "200") -> dict[str, Any]:
    """Of an answer, with the components it refers to."""
    found = page["paths"][f"/documents/{name}"]["get"]["responses"][status]
    if "$ref" in found:
        found = page["components"]["responses"][found["$ref"].rpartition("/")[2]]
    made = {**found["content"]["application/json"]["schema"], "components": page["components"]}
    jsonschema.Draft202012Validator.check_schema(made)
    return made


def check(page: dict[str, Any], name: str, answer: Any, status: str = "200") -> None:
    jsonschema.Draft202012Validator(schema_of(page, name, status)).validate(answer)


async def test_it_is_openapi_of_this_client(hub: Served) -> None:
    page = await described(hub)
    OpenAPIV31SpecValidator(page).validate()
    assert list(page["paths"]) == [
        f"/documents/{n}" for n in ("caseload", "division", "many", "station", "stations")
    ]
    assert page["servers"] == [{"url": "http://127.0.0.1:8000"}]
    assert page["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    other = await described(hub, "operator")
    OpenAPIV31SpecValidator(other).validate()
    assert list(other["paths"]) == ["/documents/division"]
    assert set(other["components"]["schemas"]) == {"Refusal"}
    empty = await described(hub, "agency")
    OpenAPIV31SpecValidator(empty).validate()
    assert empty["paths"] == {}


async def test_nobody_gets_it_without_a_token(hub: Served) -> None:
    answer = await hub.http.get("/documents/openapi.json")
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_parameters_are_the_variables(hub: Served) -> None:
    page = await described(hub)
    get = page["paths"]["/documents/many"]["get"]
    found = {parameter["name"]: parameter for parameter in get["parameters"]}
    assert found["first"] == {
        "name": "first", "in": "query", "required": False, "description": "How many — 条数",
        "schema": {"type": "integer", "format": "int32", "default": 1},
    }  # fmt: skip
    assert found["code"] == {"name": "code", "in": "query", "required": True, "schema": {"type": "string"}}
    assert found["ids"] == {
        "name": "ids", "in": "query", "required": True, "style": "form", "explode": True,
        "schema": {"type": "array", "items": {"type": "string"}},
    }  # fmt: skip
    assert found["orderBy"]["content"]["application/json"]["schema"]["type"] == "array"
    assert found["day"]["schema"] == {"type": "string", "format": "date"}
    assert found["programme"]["schema"]["default"] == "DIBAO"
    programme = page["components"]["schemas"]["Programme"]
    assert "DIBAO" in programme["enum"]
    assert "`DIBAO`: " in programme["description"]
    body = page["paths"]["/documents/many"]["post"]["requestBody"]
    assert body["required"] is True
    taken = body["content"]["application/json"]["schema"]
    assert taken["required"] == ["code", "ids", "yes"]
    assert taken["properties"]["day"]["type"] == ["string", "null"]
    assert page["paths"]["/documents/caseload"]["get"]["description"].startswith("Beneficiaries by risk")
    assert page["paths"]["/documents/stations"]["post"]["requestBody"]["required"] is False


async def test_what_is_said_of_an_answer(hub: Served) -> None:
    page = await described(hub)
    data = schema_of(page, "caseload")["properties"]["data"]
    people = data["properties"]["beneficiaries"]
    person = people["properties"]["nodes"]["items"]
    assert person["required"] == ["id", "nameMasked", "riskLevel", "birthOn", "station"]
    assert person["properties"]["birthOn"]["type"] == ["string", "null"]
    assert person["properties"]["birthOn"]["format"] == "date"
    assert "出生日期" in person["properties"]["birthOn"]["description"]
    assert person["properties"]["riskLevel"]["anyOf"][0] == {"$ref": "#/components/schemas/RiskLevel"}
    assert people["properties"]["totalCount"]["type"] == "integer"


GIVEN = {"code": "450305", "ids": ["服务站1", "服务站2"], "first": 3}


@pytest.mark.parametrize("yes", [True, False])
@pytest.mark.parametrize("maybe", [True, False])
async def test_real_answers_are_as_described(hub: Served, yes: bool, maybe: bool) -> None:
    page = await described(hub)
    orders = [{"orderBy": [{"riskLevel": "DESC"}]}, {}]
    for more in orders:
        given = {**GIVEN, "yes": yes, "maybe": maybe, **more}
        answer = await hub.http.post("/documents/many", json=given, headers=hub.bearer())
        assert answer.status_code == 200, answer.text
        assert answer.json()["data"]["beneficiaries"]["edges"]
        check(page, "many", answer.json())
    for name, parameters in (
        ("caseload", {"withAddress": json_of(yes), "first": "20"}),
        ("division", {}),
        ("station", {"id": "Station:1"}),
        ("station", {"id": "Station:99999"}),
        ("stations", {}),
    ):
        answer = await hub.http.get(url(f"/documents/{name}", **parameters), headers=hub.bearer())
        assert answer.status_code == 200
        check(page, name, answer.json())


def json_of(value: bool) -> str:
    return str(value).lower()


async def test_another_answer_would_be_noticed(hub: Served) -> None:
    """The schemas are not so wide that they say nothing."""
    page = await described(hub)
    answer = (await hub.http.get("/documents/station?id=Station:1", headers=hub.bearer())).json()
    station = answer["data"]["station"]
    others: tuple[dict[str, Any], ...] = (
        {},
        {"data": None},
        {"data": {}},
        {"data": {"station": {**station, "more": 1}}},
        {"data": {"station": {**station, "name": None}}},
        {"data": {"station": {**station, "status": "NONE"}}},
        {"data": {"station": {"name": "x"}}},
        {**answer, "errors": []},
    )
    for wrong in others:
        with pytest.raises(jsonschema.ValidationError):
            check(page, "station", wrong)


async def test_refusals_are_as_described(hub: Served) -> None:
    page = await described(hub)
    for query, status in (("", "422"), ("?id=Station:x", "422"), ("?id=1&id=2", "422"), ("?x=1", "422")):
        answer = await hub.http.get(f"/documents/station{query}", headers=hub.bearer())
        assert answer.status_code == int(status)
        check(page, "station", answer.json(), status)
    answer = await hub.http.get("/documents/stations?where={", headers=hub.bearer())
    check(page, "stations", answer.json(), "400")
    answer = await hub.http.get("/documents/station?id=Station:1")
    check(page, "station", answer.json(), "401")


@pytest.mark.parametrize("role", ["bureau", "township", "contractor", "agency"])
async def test_every_saved_query_of_the_explorer_is_described(hub: Served, role: str) -> None:
    """Documents that were not written for this test, for everyone who may ask them."""
    texts: dict[str, Any] = {f"saved-{e.name}": e.query for e in examples() if role in e.roles}
    database, names = hub.world.database, list(texts)
    await register(database, role, **texts)
    assert names
    try:
        page = await described(hub, role)
        OpenAPIV31SpecValidator(page).validate()
        variables = {e.name: dict(e.variables) for e in examples()}
        for name in names:
            given = variables[name.removeprefix("saved-")]
            answer = await hub.http.post(f"/documents/{name}", json=given, headers=hub.bearer(role))
            assert answer.status_code == 200, answer.text
            check(page, name, answer.json())
    finally:
        await remove(database, role, names)


async def test_what_is_registered_next_is_described_at_once(hub: Served) -> None:
    database = hub.world.database
    await register(database, "operator", later="{ viewer { role } }")
    assert "/documents/later" in (await described(hub, "operator"))["paths"]
    await register(database, "operator", later="# other\n{ viewer { role } }")
    found = (await described(hub, "operator"))["paths"]["/documents/later"]["get"]
    assert found["description"] == "other"
    await remove(database, "operator", ["later"])
    assert "/documents/later" not in (await described(hub, "operator"))["paths"]


def test_every_input_and_enum_of_every_audience_has_a_schema() -> None:
    for viewer in VIEWERS.values():
        made, components = audience(viewer.capability), Components()
        for name, type_ in made.type_map.items():
            if is_input_type(type_) and not name.startswith("__"):
                found = {**components.of(type_), "components": {"schemas": components.schemas}}
                jsonschema.Draft202012Validator.check_schema(found)
        assert all(components.schemas.values())
