"""The running application as its operator sees it: health, metrics, headers, failures, logs."""

import asyncio
import itertools
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import asyncpg
import httpx
import pytest
import pytest_asyncio
from joserfc.jwk import ECKey
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from hub.app import create
from hub.errors import Unavailable
from hub.oauth.clients import register_client
from hub.oauth.metadata import TOKEN_PATH
from hub.oauth.tokens import fetch_token
from hub.settings import Settings
from hub.store.database import Database
from hub.store.lender import Lender
from hub.web.middleware import SECURITY_HEADERS
from tests.support.http import told
from tests.support.logs import SENTINELS, captured_logs, without_sentinels
from tests.support.oauth import QIXING
from tests.support.postgres import FIELD_KEY, fresh_database, nothing, server

ROOT = Path(__file__).resolve().parents[2]
NAME, NUMBER, TOKEN = SENTINELS["name"], SENTINELS["id_number"], SENTINELS["token"]
STATUS = (
    'query($n: String!) { beneficiaryStatus(idNumber: $n, programme: DIBAO, on: "2026-03-31") { entitled } }'
)
UNEXPECTED = {
    "errors": [
        {
            "message": "Internal error.",
            "extensions": {"code": "INTERNAL_ERROR", "messageZh": "系统内部错误"},
        }
    ]
}


def unique_violation() -> asyncpg.PostgresError:
    error = asyncpg.UniqueViolationError(f"duplicate key for {NAME}")
    error.detail = f"Key (id_number)=({NUMBER}) already exists."
    return error


async def fails(_: Request) -> Response:
    raise unique_violation()


async def fails_late(_: Request) -> Response:
    async def content() -> AsyncIterator[bytes]:
        yield b"beginning"
        raise unique_violation()

    return StreamingResponse(content())


@asynccontextmanager
async def running(
    database: Database, settings: Settings
) -> AsyncIterator[tuple[Starlette, httpx.AsyncClient]]:
    """The application with two routes more, which fail; logging is as before afterwards."""
    app = create(settings, database)
    with captured_logs(settings):
        async with app.router.lifespan_context(app):
            app.router.routes += [Route("/fails", fails), Route("/fails-late", fails_late)]
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(transport=transport, base_url=settings.base_url) as http:
                yield app, http


class Hub:
    def __init__(self, app: Starlette, http: httpx.AsyncClient, settings: Settings, token: str) -> None:
        self.app, self.http, self.settings = app, http, settings
        self.bearer = {"Authorization": f"Bearer {token}"}

    async def ask(self, query: str, **variables: Any) -> httpx.Response:
        body = {"query": query, "variables": variables}
        return await self.http.post("/graphql", json=body, headers=self.bearer)

    async def metrics(self) -> str:
        answer = await self.http.get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
        return answer.text


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Hub]:
    """With one client: an agency of 七星区."""
    async with fresh_database() as database:
        settings = Settings(
            data_dir=(await server()).directory / "operations", field_key=SecretStr(FIELD_KEY)
        )
        key = ECKey.generate_key("P-256", auto_kid=True)
        async with running(database, settings) as (app, http):
            await register_client(
                database,
                "agency",
                name="医疗保障局",
                role="agency",
                jwks={"keys": [key.as_dict(private=False)]},
                division_code=QIXING,
            )
            token_url = f"{settings.base_url}{TOKEN_PATH}"
            token = await fetch_token(http, token_url, "agency", key.as_dict(private=True), None)
            yield Hub(app, http, settings, token)


async def test_a_hub_that_can_answer_says_so(hub: Hub) -> None:
    live, ready = await hub.http.get("/health/live"), await hub.http.get("/health/ready")
    assert (live.status_code, live.json()) == (200, {"status": "live"})
    assert (ready.status_code, ready.json()) == (200, {"status": "ready"})


async def test_without_its_database_the_hub_lives_but_is_not_ready() -> None:
    async with fresh_database() as database:
        settings = Settings(data_dir=(await server()).directory / "closed", field_key=SecretStr(FIELD_KEY))
        async with running(database, settings) as (_, http):
            await database.close()
            assert (await http.get("/health/live")).status_code == 200
            ready = await http.get("/health/ready")
            assert (ready.status_code, ready.json()) == (503, {"status": "unavailable"})
            metrics = await http.get("/metrics")
            assert metrics.status_code == 200
            assert "hub_database_up 0.0" in metrics.text


async def test_a_hub_whose_database_was_not_migrated_does_not_start() -> None:
    async with fresh_database(nothing) as database:
        settings = Settings(data_dir=(await server()).directory / "bare", field_key=SecretStr(FIELD_KEY))
        with pytest.raises(Unavailable, match="run `hub migrate`"):
            async with running(database, settings):
                pass


async def test_requests_are_counted_by_route_and_never_by_path(hub: Hub) -> None:
    await hub.http.get(f"/{NAME}/{NUMBER}")
    await hub.http.get(f"/explorer/assets/{NUMBER}")
    text = await hub.metrics()
    assert 'hub_requests_total{route="other",status="404"}' in text
    assert 'hub_requests_total{route="/explorer/assets/{name}",status="404"}' in text
    assert 'hub_request_seconds_bucket{le="0.002",route="/health/live"}' in text
    without_sentinels(text)


async def test_sources_are_measured() -> None:
    async with fresh_database() as database:
        settings = Settings(data_dir=(await server()).directory / "sources", field_key=SecretStr(FIELD_KEY))
        async with database.transaction() as connection:
            await connection.execute(
                "insert into source (code, name, connector, location, max_age_hours, last_success_at) values"
                " ('synced', '名单', 'roster', '', 24, now() - interval '1 hour'),"
                " ('never', '名单', 'roster', '', 24, null)"
            )
        async with running(database, settings) as (_, http):
            text = (await http.get("/metrics")).text
    assert "hub_database_up 1.0" in text
    assert 'hub_quarantined_rows{source="synced"} 0.0' in text
    assert 'hub_source_age_seconds{source="never"}' not in text
    (age,) = (
        line for line in text.splitlines() if line.startswith('hub_source_age_seconds{source="synced"}')
    )
    assert 3600 <= float(age.split()[1]) < 3700


PAGES: Final = ("/login", "/account", "/logout", "/oauth/authorize", "/oauth/consent")
"""Of users: they know a session, not a token."""


async def test_every_answer_has_the_security_headers(hub: Hub) -> None:
    paths = {route.path for route in hub.app.router.routes if isinstance(route, Route)} - {"/fails-late"}
    assert {"/graphql", "/oauth/token", "/metrics", "/explorer"} <= paths
    for path, method in itertools.product(
        sorted(paths | {"/nothing-here"}), ("GET", "POST", "PUT", "OPTIONS")
    ):
        answer = await hub.http.request(method, path)
        for name, value in SECURITY_HEADERS:
            told = answer.headers.get(name.decode())
            # Without it a browser would send no Origin with the forms of these pages.
            kept = name == b"referrer-policy" and path.startswith(PAGES) and told == "same-origin"
            assert kept or told == value.decode(), (method, path, name)
        assert len(answer.headers["x-request-id"]) == 32, (method, path)


async def test_requests_without_a_token_get_401(hub: Hub) -> None:
    """Every route but those that are open on purpose."""
    opened = (
        "/health/",
        "/metrics",
        "/oauth/",
        "/.well-known/",
        "/explorer",
        "/fails",
        "/receipts/",
        "/packages/recalled",
        *PAGES,
    )
    paths = {route.path for route in hub.app.router.routes if isinstance(route, Route)} - {"/"}
    closed = [path for path in paths if not path.startswith(opened)]
    read = {"/documents", "/documents/openapi.json"}
    pushed = "/hooks/{source}"  # opened by a signature, and by POST only
    read |= {f"/reports/draft.{ending}" for ending in ("docx", "xlsx", "pdf")}
    messages = {path for path in closed if path.startswith("/dci/")}  # opened by POST only
    packages = {"/packages", "/packages/{id}/deleted"}
    messages.add("/packages/{id}/deleted")
    jobs = {"/jobs"}
    looked = {"/jobs/{id}", "/jobs/{id}/result.{format}"}  # the latter by a signed address, too
    read |= looked
    known = {"/graphql", "/documents/{name:path}", pushed, *read, *messages, *packages, *jobs}
    assert set(closed) == known
    assert len(messages) == 9
    for path in closed:
        got = await hub.http.get(path, params={"query": "{ viewer { role } }"})
        assert got.status_code == (405 if path in {pushed, *messages} else 401)
        posted = await hub.http.post(path, json={"query": "{ viewer { role } }"})
        assert posted.status_code == (405 if path in read else 401)


async def test_the_proxy_passes_on_every_route_but_what_stays_inside(hub: Hub) -> None:
    """As ``deploy/nginx.conf`` finds the place of a path: exact ones, then patterns, then beginnings."""
    places = re.findall(
        r"location (= |~ )?(\S+) \{[^}]*?proxy_pass", (ROOT / "deploy/nginx.conf").read_text("utf-8")
    )
    patterns = [
        {"= ": f"{re.escape(place)}$", "~ ": place, "": re.escape(place)}[kind] for kind, place in places
    ]
    paths = {route.path for route in hub.app.router.routes if isinstance(route, Route)}
    inside = {path for path in paths if not any(re.match(each, path) for each in patterns)}
    assert inside == {"/metrics", "/fails", "/fails-late"}


async def test_an_unexpected_failure_says_nothing_of_itself(hub: Hub) -> None:
    answer = await hub.http.get("/fails")
    assert answer.status_code == 500
    assert answer.json() == UNEXPECTED


async def test_an_unexpected_failure_of_a_query_says_nothing_of_itself(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fetchval(*_: object) -> None:
        raise unique_violation()

    monkeypatch.setattr(Lender, "fetchval", fetchval)
    with captured_logs(hub.settings) as logs:
        answer = await hub.ask(STATUS, n=NUMBER)
    assert answer.json() == UNEXPECTED
    failed = next(line for line in logs.lines() if line["event"] == "request_failed")
    assert failed["kind"] == "UniqueViolationError"
    assert failed["request_id"] == answer.headers["x-request-id"]


async def test_a_failure_after_the_first_byte_breaks_the_answer_off(hub: Hub) -> None:
    with captured_logs(hub.settings) as logs, pytest.raises(asyncpg.UniqueViolationError):
        await hub.http.get("/fails-late")
    assert [line["event"] for line in logs.lines()] == ["request_failed", "request"]


async def test_a_request_is_one_line(hub: Hub) -> None:
    with captured_logs(hub.settings) as logs:
        answer = await hub.ask("{ viewer { role } }")
    assert told(answer) == {"data": {"viewer": {"role": "agency"}}}
    (line,) = (line for line in logs.lines() if line["logger"] == "hub.web")
    assert line.pop("timestamp")
    assert line.pop("duration_ms") > 0
    assert line == {
        "event": "request",
        "level": "info",
        "logger": "hub.web",
        "request_id": answer.headers["x-request-id"],
        "method": "POST",
        "route": "/graphql",
        "status": 200,
        "client_id": "agency",
        "role": "agency",
        "cost_static": 20,
        "cost_actual": 11,
    }


async def test_no_request_brings_a_person_into_logs_or_metrics(hub: Hub) -> None:
    """Names, numbers and tokens at every place a client can put them; all levels of the log are read."""
    settings = hub.settings.model_copy(update={"log_level": "debug"})
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": TOKEN,
    }
    with captured_logs(settings) as logs:
        answers = [
            await hub.ask(STATUS, n=NUMBER),
            await hub.ask(STATUS, n=NAME),
            await hub.ask(STATUS, n={"name": NAME}),
            await hub.ask(f'{{ beneficiaryStatus(idNumber: "{NUMBER}", on: "{NAME}") {{ entitled }} }}'),
            await hub.ask(f"{{ a{NUMBER} }} # {NAME}"),
            await hub.ask(f"{{ {NAME} }}"),
            await hub.http.get(
                f"/graphql?{SENTINELS['query']}", params={"query": STATUS}, headers=hub.bearer
            ),
            await hub.http.get(
                "/graphql",
                params={"query": STATUS, "variables": json.dumps({"n": NUMBER})},
                headers={**hub.bearer, "Referer": f"https://portal.example/{NUMBER}", "User-Agent": TOKEN},
            ),
            await hub.http.post("/graphql", content=f'{{"query": "{NAME}', headers=hub.bearer),
            await hub.http.get("/graphql", headers={"Authorization": f"Bearer {TOKEN}"}),
            await hub.http.get(f"/graphql/{NAME}?idNumber={NUMBER}"),
            await hub.http.post("/oauth/token", data=form),
            await hub.http.post("/oauth/token", data={**form, "scope": NAME, "client_id": NUMBER}),
            await hub.http.post(f"/oauth/token?{SENTINELS['query']}", data=form),
            await hub.http.get("/fails", params={"idNumber": NUMBER}),
            await hub.http.request(NUMBER, "/health/live"),
        ]
    assert {answer.status_code for answer in answers} >= {200, 401, 404, 405, 422, 500}
    assert len([line for line in logs.lines() if line["event"] == "request"]) == len(answers)
    without_sentinels(await hub.metrics())


async def test_a_client_that_leaves_is_noted(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    async def waits(*_: object, **__: object) -> None:
        await asyncio.sleep(30)

    monkeypatch.setattr(Lender, "fetchval", waits)
    with captured_logs(hub.settings) as logs:
        asked = asyncio.create_task(hub.ask(STATUS, n=NUMBER))
        await asyncio.sleep(0.1)
        asked.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asked
    (line,) = (line for line in logs.lines() if line["event"] == "request")
    assert (line["route"], line["status"]) == ("/graphql", 0)
