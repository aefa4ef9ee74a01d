"""The explorer's paths, without a browser."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from graphql import GraphQLSchema, parse, validate
from starlette.applications import Starlette

from graphql_schema.schema import audience
from hub.access.scopes import DEFAULT_SCOPES
from hub.access.viewer import make_viewer
from hub.settings import Settings
from hub.web.explorer import FILES, PERSONA_FIELDS, TYPES, Example, examples, explorer_routes
from tests.web.stand_in import PERSONAS, stand_in

HOST = "http://127.0.0.1:8000"
SOURCES = Path(__file__).parents[2] / "explorer"
BUILT = Path(str(FILES))


def client(demo: bool = True) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(stand_in(Settings.model_validate({"demo": demo})))
    return httpx.AsyncClient(transport=transport, base_url=HOST)


@pytest.fixture(name="hub")
async def _hub() -> AsyncIterator[httpx.AsyncClient]:
    async with client() as opened:
        yield opened


def schema_of(role: str) -> GraphQLSchema:
    """What a client of the role sees with the scopes it is given by default."""
    return audience(make_viewer("test", role, frozenset(DEFAULT_SCOPES[role])).capability)


async def test_every_page_has_its_own_nonce_and_lets_nothing_else_run(hub: httpx.AsyncClient) -> None:
    first, second = await hub.get("/explorer"), await hub.get("/explorer")
    policy = first.headers["content-security-policy"]
    nonce = re.search(r"script-src 'nonce-([\w-]{22})';", policy)
    assert nonce is not None
    assert f'nonce="{nonce[1]}"' in first.text
    assert nonce[1] not in second.text
    assert "default-src 'none'" in policy
    assert not re.search(r"unsafe|https?:|\*", policy)
    assert first.headers["cache-control"] == "no-store"


async def test_the_page_names_only_its_own_files(hub: httpx.AsyncClient) -> None:
    page = (await hub.get("/explorer")).text
    loaded = re.findall(r'(?:src|href)="(?!data:)([^"]+)"', page)
    assert len(loaded) == 2
    for address in loaded:
        answer = await hub.get("/" + address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]


async def test_a_saved_query_cannot_end_the_element_it_stands_in() -> None:
    async def mint(persona: str) -> tuple[str, int]:
        raise AssertionError(persona)

    given = {"idNumber": "</script><b>"}
    routes = explorer_routes(settings=Settings.model_validate({}), personas=[], mint=mint, variables=given)
    transport = httpx.ASGITransport(Starlette(routes=routes))
    async with httpx.AsyncClient(transport=transport, base_url=HOST) as hub:
        page = (await hub.get("/explorer")).text
    assert "</script><b>" not in page
    assert "\\u003c/script>\\u003cb>" in page


@pytest.mark.parametrize("name", TYPES)
async def test_a_file_is_packed_tagged_and_not_sent_twice(hub: httpx.AsyncClient, name: str) -> None:
    address = f"/explorer/assets/{name}"
    plain = await hub.get(address, headers={"accept-encoding": "identity"})
    assert plain.content == (BUILT / name).read_bytes()
    assert plain.headers["content-type"] == TYPES[name]
    assert plain.headers["cache-control"] == "no-cache"
    assert plain.headers["x-content-type-options"] == "nosniff"
    async with hub.stream("GET", address, headers={"accept-encoding": "gzip"}) as packed:
        raw = b"".join([part async for part in packed.aiter_raw()])
    assert gzip.decompress(raw) == plain.content
    again = await hub.get(address, headers={"if-none-match": plain.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["page.html", "nothing.js", "..%2f..%2f..%2fexplorer.py", "index.json"])
async def test_only_the_built_files_are_served(hub: httpx.AsyncClient, name: str) -> None:
    assert (await hub.get(f"/explorer/assets/{name}")).status_code == 404


async def test_without_demo_mode_there_are_no_personas() -> None:
    async with client(demo=False) as hub:
        assert (await hub.get("/demo/personas")).status_code == 404
        assert (await hub.post("/demo/token", json={"persona": PERSONAS[0]["name"]})).status_code == 404
        assert '"demo":false' in (await hub.get("/explorer")).text


async def test_personas_show_their_six_facts_and_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PERSONAS[0], "private_key_jwk", {"d": "secret"})
    async with client() as hub:
        answer = await hub.get("/demo/personas")
    assert [set(persona) for persona in answer.json()] == [set(PERSONA_FIELDS)] * len(PERSONAS)
    assert "secret" not in answer.text


async def test_a_persona_gets_a_token(hub: httpx.AsyncClient) -> None:
    answer = await hub.post(
        "/demo/token",
        json={"persona": "agency-qixing"},
        headers={"origin": HOST, "sec-fetch-site": "same-origin"},
    )
    assert answer.json() == {"access_token": "token-agency-qixing-1", "expires_in": 300}
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "none"},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:9999"},
        {"origin": "null"},
        {"host": "evil.example:8000"},
        {"host": "evil.example:8000", "origin": "http://evil.example:8000", "sec-fetch-site": "same-origin"},
        {"host": "["},
        {"host": ""},
    ],
)
async def test_other_sites_get_no_token(hub: httpx.AsyncClient, headers: dict[str, str]) -> None:
    for answer in (
        await hub.post("/demo/token", json={"persona": "agency-qixing"}, headers=headers),
        await hub.get("/demo/personas", headers=headers),
    ):
        assert answer.status_code == 403
        assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:45678", "[::1]:8000"])
async def test_one_machine_has_several_names(hub: httpx.AsyncClient, host: str) -> None:
    headers = {"host": host, "origin": f"http://{host}"}
    answer = await hub.post("/demo/token", json={"persona": "agency-qixing"}, headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        ('{"persona":"agency-qixing"}', "text/plain", 415, "BAD_DOCUMENT"),
        ("persona=agency-qixing", "application/x-www-form-urlencoded", 415, "BAD_DOCUMENT"),
        ('{"persona":"agency-qixing"}', "application/jsonp", 415, "BAD_DOCUMENT"),
        ("{", "application/json", 400, "BAD_DOCUMENT"),
        ("[]", "application/json", 422, "BAD_ARGUMENT"),
        ('{"persona":7}', "application/json", 422, "BAD_ARGUMENT"),
        ('{"persona":"nobody"}', "application/json; charset=utf-8", 422, "BAD_ARGUMENT"),
    ],
)
async def test_a_wrong_body_gets_a_reason(
    hub: httpx.AsyncClient, content: str, kind: str, status: int, code: str
) -> None:
    answer = await hub.post("/demo/token", content=content, headers={"content-type": kind})
    assert answer.status_code == status
    assert answer.json()["errors"][0]["extensions"]["code"] == code
    assert "nobody" not in answer.text


async def test_a_large_body_is_refused(hub: httpx.AsyncClient) -> None:
    answer = await hub.post("/demo/token", json={"persona": "x" * 5000})
    assert answer.status_code == 413


@pytest.mark.parametrize("example", examples(), ids=lambda example: example.name)
def test_a_saved_query_is_valid_and_documented(example: Example) -> None:
    document = parse(example.query)
    for role in example.roles:
        assert validate(schema_of(role), document) == []
    assert example.query.startswith("# ")
    assert set(example.title) == set(example.audience) == {"zh", "en"}


def test_given_variables_replace_only_those_of_the_same_name() -> None:
    values = {e.name: e.variables for e in examples({"idNumber": "459999200001010011", "other": 1})}
    assert values["beneficiary-status"]["idNumber"] == "459999200001010011"
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", values["beneficiary-status"]["on"])
    assert values["stations"] == {}


def test_the_bundle_is_small_and_names_no_registry() -> None:
    assert (BUILT / "explorer.js").stat().st_size < 1_300_000
    assert "sourceMappingURL" not in (BUILT / "explorer.js").read_text("utf-8")
    lock = json.loads((SOURCES / "package-lock.json").read_text("utf-8"))
    assert not [name for name, entry in lock["packages"].items() if "resolved" in entry]
    notices = (BUILT / "THIRD-PARTY-NOTICES.txt").read_text("utf-8")
    assert f"graphiql {lock['packages']['node_modules/graphiql']['version']} (MIT)" in notices


@pytest.mark.skipif(
    os.environ.get("HUB_TEST_REBUILD") != "1", reason="HUB_TEST_REBUILD=1 rebuilds the bundle"
)
def test_the_committed_bundle_is_what_its_sources_build(tmp_path: Path) -> None:
    npm = shutil.which("npm")
    assert npm, "HUB_TEST_REBUILD needs Node and npm"
    there = tmp_path / "explorer"
    shutil.copytree(SOURCES, there, ignore=shutil.ignore_patterns("node_modules"))
    subprocess.run([npm, "ci", "--no-audit", "--no-fund"], cwd=there, check=True, timeout=300)
    subprocess.run([npm, "run", "check"], cwd=there, check=True, timeout=300)
    subprocess.run([npm, "run", "build", "--", str(tmp_path / "built")], cwd=there, check=True, timeout=300)
    for name in TYPES:
        assert (tmp_path / "built" / name).read_bytes() == (BUILT / name).read_bytes(), name
