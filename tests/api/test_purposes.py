"""Purposes over every way in: stated by header, token or registration, refused when they have ended, and what
only a purpose opens."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE
from joserfc import jwt
from joserfc.jwk import ECKey

from hub.access.limits import Allowance
from hub.oauth.clients import find_client, register_client
from hub.oauth.jose import peek
from hub.oauth.purposes import (
    allow_client,
    end_purpose,
    grant_purpose,
    need_purpose,
    withdraw_purpose,
)
from hub.oauth.tokens import make_assertion
from tests.support.dpop import Prover
from tests.support.purposes import LAW, granted
from tests.support.reading import QIXING
from tests.support.serving import CLIENTS
from tests.support.streaming import Followed, following, streaming
from tests.support.trusted import register

WHAT_FOR = "{ viewer { purpose } }"
ALL = """{ viewer { purpose purposeRequired purposes { code until }
  statedPurpose { code label labelEn legalBasis citation opens until }
  limits { purposes { purpose costPerMinute } } } }"""
CHILDREN = "{ beneficiaries(first: 200) { nodes { id guardianName } } }"
FORGOTTEN = 2.1
"""Seconds after which nobody remembers what a token stood for."""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Followed]:
    async with streaming() as followed:
        await register(followed.database, "bureau", what_for=WHAT_FOR)
        yield followed


class Client:
    """A client of its own for each test, with one token."""

    count = 0

    def __init__(self, hub: Followed, name: str, prover: Prover | None = None) -> None:
        self.hub, self.name, self.prover = hub, name, prover
        self.key, self.token = ECKey.generate_key("P-256", auto_kid=True), ""

    async def asked(self, **fields: str) -> httpx.Response:
        url = self.hub.served.settings.base_url + "/oauth/token"
        proof = make_assertion(self.name, self.key.as_dict(private=True), url)
        form = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": proof, **fields}
        headers = {"dpop": self.prover.proof("POST", url)} if self.prover else {}
        answer = await self.hub.served.http.post("/oauth/token", data=form, headers=headers)
        return self.prover.learn(answer) if self.prover else answer

    async def begin(self, **fields: str) -> Client:
        for _ in range(2 if self.prover else 1):
            answer = await self.asked(grant_type="client_credentials", **fields)
        assert answer.status_code == 200, answer.text
        self.token = answer.json()["access_token"]
        return self

    def headers(
        self, purpose: str | None = None, method: str = "POST", path: str = "/graphql"
    ) -> dict[str, str]:
        given = {} if purpose is None else {"Hub-Purpose": purpose}
        if self.prover is None:
            return {"Authorization": f"Bearer {self.token}", **given}
        proof = self.prover.proof(method, self.hub.served.settings.base_url + path, self.token)
        return {"Authorization": f"DPoP {self.token}", "DPoP": proof, **given}

    async def ask(self, query: str = WHAT_FOR, purpose: str | None = None) -> httpx.Response:
        answer = await self.hub.served.http.post(
            "/graphql", json={"query": query}, headers=self.headers(purpose)
        )
        return self.prover.learn(answer) if self.prover else answer

    async def purpose(self, purpose: str | None = None) -> Any:
        return (await self.ask(WHAT_FOR, purpose)).json()["data"]["viewer"]["purpose"]


async def client_of(
    hub: Followed, role: str = "bureau", prover: Prover | None = None, **options: Any
) -> Client:
    Client.count += 1
    made = Client(hub, f"{role}-{Client.count}", prover)
    jwks: Any = {"keys": [made.key.as_dict(private=False)]}
    await register_client(
        hub.database, made.name, name="客户端", role=role, jwks=jwks, **CLIENTS[role], **options
    )
    return made


def error(answer: httpx.Response) -> tuple[int, str, list[str]]:
    (found,) = answer.json()["errors"]
    told = found["extensions"]
    assert found["message"]
    assert told["messageZh"]
    return answer.status_code, told["code"], told["purposes"]


# ── stating ──────────────────────────────────────────────────────────────────────────────────────────


async def test_a_client_with_one_purpose_needs_no_header(hub: Followed) -> None:
    client = await client_of(hub, purpose_needed=True)
    end = dt.datetime(2099, 1, 2, tzinfo=dt.UTC)
    await granted(hub.database, client.name, "duty")
    await grant_purpose(hub.database, "duty", client.name, until=end, usual=True)
    await allow_client(hub.database, client.name, Allowance(cost_per_minute=5_000))
    await client.begin()
    told = (await client.ask(ALL)).json()["data"]["viewer"]
    until = told["purposes"][0]["until"]
    assert dt.datetime.fromisoformat(until) == end
    assert told == {
        "purpose": "duty",
        "purposeRequired": True,
        "purposes": [{"code": "duty", "until": until}],
        "statedPurpose": {
            "code": "duty",
            "label": "用途 duty",
            "labelEn": "Purpose duty",
            "legalBasis": "STATUTORY_DUTY",
            "citation": LAW,
            "opens": [],
            "until": until,
        },
        "limits": {"purposes": [{"purpose": "duty", "costPerMinute": 5_000}]},  # it spends the client's own
    }


async def test_a_client_that_is_held_to_a_purpose_must_state_one(hub: Followed) -> None:
    client = await client_of(hub, purpose_needed=True)
    await granted(hub.database, client.name, "duty", "relief")
    await client.begin()
    assert error(await client.ask()) == (403, "PURPOSE_REQUIRED", ["duty", "relief"])
    assert "Granted: duty, relief." in (await client.ask()).json()["errors"][0]["message"]
    assert await client.purpose("relief") == "relief"
    assert error(await client.ask(purpose="statistics")) == (403, "PURPOSE_REFUSED", ["duty", "relief"])
    answer = await hub.served.http.get("/documents", headers=client.headers())
    assert error(answer) == (403, "PURPOSE_REQUIRED", ["duty", "relief"])
    headers = {"Accept": "text/event-stream", **client.headers()}
    answer = await hub.served.http.post("/graphql", json={"query": following()}, headers=headers)
    assert error(answer)[1] == "PURPOSE_REQUIRED"
    async with hub.socket(None) as socket:
        await socket.init(client.headers())
        for query in (WHAT_FOR, following()):
            await socket.subscribe("a", query)
            assert (await socket.hear())["payload"][0]["extensions"]["code"] == "PURPOSE_REQUIRED"
    await need_purpose(hub.database, client.name, needed=False)
    await asyncio.sleep(FORGOTTEN)
    assert await client.purpose() is None


async def test_a_client_that_has_none_is_told_so(hub: Followed) -> None:
    client = await (await client_of(hub, purpose_needed=True)).begin()
    answer = await client.ask()
    assert error(answer) == (403, "PURPOSE_REQUIRED", [])
    assert "None is granted" in answer.json()["errors"][0]["message"]


async def test_a_purpose_of_another_role_is_none(hub: Followed) -> None:
    """As when a client is registered anew in another role."""
    client = await client_of(hub)
    await granted(hub.database, client.name, "for-bureaus", roles=("bureau",))
    jwks: Any = {"keys": [client.key.as_dict(private=False)]}
    given: Any = {"role": "agency", "division_code": QIXING, "replace": True}
    await register_client(hub.database, client.name, name="换", jwks=jwks, **given)
    await client.begin()
    assert error(await client.ask(purpose="for-bureaus")) == (403, "PURPOSE_REFUSED", [])


async def test_it_holds_for_documents_and_bound_tokens(hub: Followed) -> None:
    client = await client_of(hub, prover=Prover(), purpose_needed=True)
    await granted(hub.database, client.name, "duty", "relief")
    await register(hub.database, client.name, what_for=WHAT_FOR)
    await client.begin()
    await client.ask()  # which brings a nonce
    assert error(await client.ask()) == (403, "PURPOSE_REQUIRED", ["duty", "relief"])
    assert await client.purpose("relief") == "relief"
    path = "/documents/what-for"
    answer = await hub.served.http.get(path, headers=client.headers("duty", "GET", path))
    assert answer.json() == {"data": {"viewer": {"purpose": "duty"}}}
    answer = await hub.served.http.get(path, headers=client.headers(None, "GET", path))
    assert error(answer)[1] == "PURPOSE_REQUIRED"


# ── a token for one purpose ──────────────────────────────────────────────────────────────────────────


async def test_a_token_is_for_the_purpose_it_was_asked_for(hub: Followed) -> None:
    client = await client_of(hub, purpose_needed=True)
    await granted(hub.database, client.name, "duty", "relief")
    await client.begin(purpose="relief")
    assert peek(client.token).claims["purpose"] == "relief"
    assert await client.purpose() == await client.purpose("relief") == "relief"
    answer = await client.ask(purpose="duty")
    assert error(answer) == (403, "PURPOSE_FIXED", ["relief"])
    await withdraw_purpose(hub.database, "relief", client.name)
    await asyncio.sleep(FORGOTTEN)
    assert error(await client.ask()) == (403, "PURPOSE_ENDED", ["duty"])


@pytest.mark.parametrize("purpose", ["statistics", "Relief", "救助", "relief duty", "ended"])
async def test_no_token_is_issued_for_another(hub: Followed, purpose: str) -> None:
    client = await client_of(hub)
    await granted(hub.database, client.name, "duty", "relief", "ended")
    await withdraw_purpose(hub.database, "ended", client.name)
    answer = await client.asked(grant_type="client_credentials", purpose=purpose)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_purpose")
    assert "Granted: duty, relief." in answer.json()["error_description"]


async def test_a_token_names_one_purpose_that_can_be_read(hub: Followed) -> None:
    for purpose in (5, "", "Relief", ["relief"]):
        client = await client_of(hub)
        await client.begin()
        signed = _signed(hub, client, purpose)
        answer = await hub.served.http.post(
            "/graphql", json={"query": WHAT_FOR}, headers={"Authorization": f"Bearer {signed}"}
        )
        assert answer.status_code == 401


def _signed(hub: Followed, client: Client, purpose: Any) -> str:
    """The client's token with another purpose, signed by the hub's own key."""
    from hub.store.keys import load_signing_keys

    key = load_signing_keys(hub.served.settings).keys[0]
    token = peek(client.token)
    return jwt.encode(token.header, {**token.claims, "purpose": purpose}, key, algorithms=["ES256"])


# ── what a purpose opens ─────────────────────────────────────────────────────────────────────────────


async def test_a_field_that_takes_a_purpose_is_not_there_without_one(hub: Followed) -> None:
    client = await client_of(hub, "contractor")
    await granted(hub.database, client.name, "paperwork")
    await granted(hub.database, client.name, "child-care", opens=("minor",))
    await client.begin()
    fields = '{ __type(name: "Beneficiary") { fields { name } } }'
    for purpose in (None, "paperwork"):
        refused = (await client.ask(CHILDREN, purpose)).json()["errors"][0]
        assert refused["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
        names = (await client.ask(fields, purpose)).json()["data"]["__type"]["fields"]
        assert "guardianName" not in {field["name"] for field in names}
        where = "{ beneficiaries(where: {guardianName: {isNull: false}}) { totalCount } }"
        assert "errors" in (await client.ask(where, purpose)).json()
    assert (await client.ask(CHILDREN, "child-care")).status_code == 200
    names = (await client.ask(fields, "child-care")).json()["data"]["__type"]["fields"]
    assert {"guardianName", "school"} <= {field["name"] for field in names}
    groups = "{ viewer { readable { name groups } } }"
    for purpose, there in ((None, False), ("child-care", True)):
        told = (await client.ask(groups, purpose)).json()["data"]["viewer"]["readable"]
        (own,) = (each["groups"] for each in told if each["name"] == "beneficiary")
        assert ("minor" in own) == there


async def test_a_purpose_opens_no_more_than_the_scopes(hub: Followed) -> None:
    client = await client_of(hub, "contractor")
    await granted(hub.database, client.name, "child-care", opens=("minor",))
    await client.begin(scope="beneficiary.rs field:care", purpose="child-care")
    assert "errors" in (await client.ask(CHILDREN)).json()


async def test_a_document_is_pushed_for_all_purposes_and_answered_for_its_own(hub: Followed) -> None:
    client = await client_of(hub, "contractor")
    await granted(hub.database, client.name, "child-care", opens=("minor",))
    await register(hub.database, client.name, children=CHILDREN)
    await client.begin()
    path = "/documents/children"
    answer = await hub.served.http.get(path, headers=client.headers("child-care"))
    assert answer.status_code == 200
    answer = await hub.served.http.get(path, headers=client.headers())
    assert answer.json()["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    for purpose, there in ((None, False), ("child-care", True)):
        described = await hub.served.http.get("/documents/openapi.json", headers=client.headers(purpose))
        assert (path in described.json()["paths"]) == there


# ── ending ───────────────────────────────────────────────────────────────────────────────────────────


async def test_a_purpose_that_has_ended_is_refused_and_its_streams_are_closed(hub: Followed) -> None:
    client = await client_of(hub)
    await granted(hub.database, client.name, "ends-soon", "duty")
    await client.begin()
    headers = client.headers("ends-soon")
    async with hub.sse(following(), headers=headers) as stream, hub.socket(None) as socket:
        assert (await stream.next())["operation"] == "CURRENT"
        await socket.init(headers)
        await socket.subscribe("a", following())
        assert (await socket.next("a"))["operation"] == "CURRENT"
        await end_purpose(hub.database, "ends-soon")
        kind, payload = await stream.event()
        assert (kind, payload["errors"][0]["extensions"]["code"]) == ("next", "PURPOSE_ENDED")
        assert await stream.event() == ("complete", None)
        assert await socket.code() == (4401, "PURPOSE_ENDED")
    assert error(await client.ask(purpose="ends-soon")) == (403, "PURPOSE_ENDED", ["duty"])
    assert await client.purpose("duty") == "duty"


async def test_a_grant_that_ends_by_itself_closes_its_streams(hub: Followed) -> None:
    client = await client_of(hub)
    await granted(hub.database, client.name, "duty")
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=1.5)
    await grant_purpose(hub.database, "duty", client.name, until=soon, usual=True)
    await client.begin()
    async with hub.sse(following(), headers=client.headers()) as stream:
        assert (await stream.next())["operation"] == "CURRENT"
        kind, payload = await stream.event()
        assert (kind, payload["errors"][0]["extensions"]["code"]) == ("next", "PURPOSE_ENDED")
    assert error(await client.ask()) == (403, "PURPOSE_ENDED", [])  # what it is for by itself has ended


async def test_a_stream_whose_client_is_for_something_else_now_begins_anew(hub: Followed) -> None:
    client = await client_of(hub)
    await granted(hub.database, client.name, "duty", usual=True)
    await granted(hub.database, client.name, "relief")
    await client.begin()
    async with hub.sse(following(), headers=client.headers()) as stream:
        assert (await stream.next())["operation"] == "CURRENT"
        await grant_purpose(hub.database, "relief", client.name, usual=True)
        _, payload = await stream.event()
        assert payload["errors"][0]["extensions"]["code"] == "ACCESS_CHANGED"
    assert await client.purpose() == "relief"


# ── the log ──────────────────────────────────────────────────────────────────────────────────────────


async def test_the_access_log_tells_the_law_of_a_purpose_that_has_ended(hub: Followed) -> None:
    client = await client_of(hub)
    await granted(hub.database, client.name, "spot-check")
    await client.begin()
    asked = "{ beneficiaries(first: 1) { nodes { id name } } }"
    answer = await client.ask(asked, "spot-check")
    person = answer.json()["data"]["beneficiaries"]["nodes"][0]["id"]
    await end_purpose(hub.database, "spot-check")
    query = """query ($id: ID!) { accessLog(beneficiary: $id) {
        clientId purpose purposeLabel legalBasis citation } }"""
    told = (await hub.served.ask(query, id=person)).json()["data"]["accessLog"]
    (use,) = (each for each in told if each["clientId"] == client.name)
    assert use == {
        "clientId": client.name,
        "purpose": "spot-check",
        "purposeLabel": "用途 spot-check",
        "legalBasis": "STATUTORY_DUTY",
        "citation": LAW,
    }
    found = await find_client(hub.database, client.name)
    assert found is not None
    assert not found.granted("bureau").live


async def test_the_answer_is_the_same_bytes_for_whoever_names_its_usual_purpose(hub: Followed) -> None:
    client = await client_of(hub)
    await granted(hub.database, client.name, "duty", usual=True)
    await client.begin()
    bodies = [(await client.ask(WHAT_FOR, purpose)).json()["data"] for purpose in (None, "duty")]
    assert bodies[0] == bodies[1] == json.loads('{"viewer": {"purpose": "duty"}}')
