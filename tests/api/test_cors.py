"""Pages of other sites: none may ask, or those of the sites that are named, where they need to."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
import pytest_asyncio
from pydantic import ValidationError

from hub.settings import Settings
from tests.support.http import ANSWER, BODY, told
from tests.support.serving import Served, serving

PORTAL = "https://portal.example"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Served]:
    async with serving(cors_origins=(PORTAL, "http://localhost:5173")) as served:
        yield served


async def preflight(hub: Served, path: str, origin: str, **headers: str) -> httpx.Response:
    asked = {"Origin": origin, "Access-Control-Request-Method": "POST", **headers}
    return await hub.http.options(path, headers=asked)


@pytest.mark.parametrize("path", ["/graphql", "/oauth/token", "/oauth/par"])
@pytest.mark.parametrize("origin", [PORTAL, "http://localhost:5173"])
async def test_a_named_site_may_ask(hub: Served, path: str, origin: str) -> None:
    headers = {"Access-Control-Request-Headers": "authorization, content-type"}
    answer = await preflight(hub, path, origin, **headers)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == origin
    assert "access-control-allow-credentials" not in answer.headers
    assert answer.headers["access-control-allow-methods"] == "GET, POST"
    assert "origin" in answer.headers["vary"].lower()


async def test_its_answers_can_be_read(hub: Served) -> None:
    good = await hub.post(BODY, headers={"Origin": PORTAL, "Accept-Encoding": "gzip"})
    assert (good.status_code, told(good)) == (200, ANSWER)
    refused = await hub.http.post("/graphql", content=BODY, headers={"Origin": PORTAL})
    assert refused.status_code == 401
    for answer in (good, refused):
        assert answer.headers["access-control-allow-origin"] == PORTAL
        assert "X-Request-Id" in answer.headers["access-control-expose-headers"]
        assert {"origin", "accept-encoding"} <= {v.strip().lower() for v in answer.headers["vary"].split(",")}


@pytest.mark.parametrize(
    "origin",
    ["https://elsewhere.example", "https://portal.example.elsewhere.example", "http://portal.example",
     "https://portal.example:8443", "null", "*", "https://PORTAL.example"],
)  # fmt: skip
async def test_another_site_may_not(hub: Served, origin: str) -> None:
    answer = await preflight(hub, "/graphql", origin)
    assert answer.status_code == 400
    plain = await hub.post(BODY, headers={"Origin": origin})
    for each in (answer, plain):
        assert "access-control-allow-origin" not in each.headers


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
async def test_a_named_site_may_not_do_what_nobody_may(hub: Served, method: str) -> None:
    answer = await hub.http.options(
        "/graphql", headers={"Origin": PORTAL, "Access-Control-Request-Method": method}
    )
    assert answer.status_code == 400
    answer = await preflight(hub, "/graphql", PORTAL, **{"Access-Control-Request-Headers": "x-anything"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "path",
    ["/", "/explorer", "/metrics", "/health/live", "/oauth/jwks", "/.well-known/oauth-authorization-server"],
)
async def test_nothing_else_is_open_to_it(hub: Served, path: str) -> None:
    for answer in (await preflight(hub, path, PORTAL), await hub.http.get(path, headers={"Origin": PORTAL})):
        assert not [name for name in answer.headers if name.startswith("access-control")]


async def test_by_default_no_site_may() -> None:
    async with serving() as hub:
        for path in ("/graphql", "/oauth/token"):
            answer = await preflight(hub, path, PORTAL)
            assert answer.status_code == 405
            assert not [name for name in answer.headers if name.startswith("access-control")]
        answer = await hub.post(BODY, headers={"Origin": PORTAL})
        assert not [name for name in answer.headers if name.startswith("access-control")]


def test_sites_are_given_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_CORS_ORIGINS", " https://a.example , https://b.example:8443,")
    assert Settings().cors_origins == ("https://a.example", "https://b.example:8443")
    monkeypatch.setenv("HUB_CORS_ORIGINS", "")
    assert Settings().cors_origins == ()


@pytest.mark.parametrize(
    "given",
    ["*", "portal.example", "http://portal.example", "https://a.example/", "https://*.example", "null"],
)
def test_a_site_is_an_origin_with_tls(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_CORS_ORIGINS", given)
    with pytest.raises(ValidationError):
        Settings()
