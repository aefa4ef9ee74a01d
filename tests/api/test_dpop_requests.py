"""Requests with bound tokens over every way in: GraphQL, event streams, sockets, documents (RFC 9449, 7)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE
from joserfc.jwk import ECKey

from hub.oauth.clients import register_client
from hub.oauth.tokens import make_assertion
from tests.support.dpop import Prover
from tests.support.http import ANSWER, QUERY, told
from tests.support.reading import QIXING
from tests.support.streaming import Followed, following, streaming

PORTAL = "https://portal.example"
BODY = {"query": QUERY}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[Followed]:
    async with streaming(cors_origins=PORTAL) as followed:
        yield followed


class Holder:
    """A client with a token bound to the key of its ``prover``."""

    def __init__(self, hub: Followed, name: str) -> None:
        self.hub, self.name, self.token = hub, name, ""
        self.prover, self.key = Prover(), ECKey.generate_key("P-256", auto_kid=True)

    async def begin(self) -> Holder:
        jwks = {"keys": [self.key.as_dict(private=False)]}
        given: Any = {"role": "bureau", "division_code": QIXING, "profile": "FAPI2"}
        await register_client(self.hub.database, self.name, name="证", jwks=jwks, **given)
        answers = [await self.form("/oauth/token", grant_type="client_credentials") for _ in range(2)]
        assert answers[0].json()["error"] == "use_dpop_nonce"
        assert answers[1].status_code == 200, answers[1].text
        self.token = answers[1].json()["access_token"]
        return self

    async def form(self, path: str, **fields: str) -> httpx.Response:
        proof = make_assertion(self.name, self.key.as_dict(private=True), self.url(""))
        form = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": proof, **fields}
        headers = {"dpop": self.prover.proof("POST", self.url(path))}
        return self.prover.learn(await self.hub.served.http.post(path, data=form, headers=headers))

    def url(self, path: str = "/graphql") -> str:
        return self.hub.served.settings.base_url + path

    def headers(self, method: str = "POST", path: str = "/graphql", **claims: Any) -> dict[str, str]:
        proof = self.prover.proof(method, self.url(path), self.token, **claims)
        return {"Authorization": f"DPoP {self.token}", "DPoP": proof}

    async def post(self, headers: dict[str, str]) -> httpx.Response:
        return await self.hub.served.http.post("/graphql", json=BODY, headers=headers)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def holder(hub: Followed) -> Holder:
    return await Holder(hub, "prover").begin()


def code(answer: httpx.Response) -> str:
    return str(answer.json()["errors"][0]["extensions"]["code"])


async def test_a_proven_request_is_answered_and_gets_the_next_nonce(holder: Holder) -> None:
    answer = await holder.post(holder.headers())
    assert (answer.status_code, told(answer)) == (200, ANSWER)
    assert answer.headers["dpop-nonce"]


async def test_a_missing_nonce_is_given(holder: Holder) -> None:
    answer = await holder.post(holder.headers(nonce=None))
    assert (answer.status_code, code(answer)) == (401, "DPOP_NONCE_NEEDED")
    challenge = answer.headers["www-authenticate"]
    assert challenge.startswith("DPoP ")
    assert 'error="use_dpop_nonce"' in challenge
    assert 'algs="ES256 EdDSA Ed25519 PS256"' in challenge
    given = holder.headers(nonce=answer.headers["dpop-nonce"])
    assert (await holder.post(given)).status_code == 200


async def test_a_proof_is_good_once(holder: Holder) -> None:
    given = holder.headers()
    answers = await asyncio.gather(*(holder.post(given) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200, *[401] * 9]
    assert {code(answer) for answer in answers if answer.status_code == 401} == {"DPOP_PROOF_REFUSED"}


@pytest.mark.parametrize(
    "changed",
    [
        {"Authorization": "Bearer"},
        {"DPoP": None},
        {"DPoP": ""},
        {"DPoP": "a.b.c"},
    ],
)
async def test_a_bound_token_without_its_proof_is_refused(
    holder: Holder, changed: dict[str, str | None]
) -> None:
    given: dict[str, Any] = {**holder.headers(), **changed}
    if given["Authorization"] == "Bearer":
        given["Authorization"] += f" {holder.token}"
    answer = await holder.post({name: value for name, value in given.items() if value is not None})
    assert answer.status_code == 401
    assert "algs=" in answer.headers["www-authenticate"]


async def test_a_host_header_does_not_move_what_is_proven(holder: Holder) -> None:
    evil = {"host": "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "http"}
    good = await holder.post({**holder.headers(), **evil})
    assert good.status_code == 200
    answer = await holder.post({**holder.headers(htu="https://evil.example/graphql"), **evil})
    assert answer.status_code == 401


async def test_a_flood_of_proofs_is_stopped_before_it_is_read(hub: Followed, holder: Holder) -> None:
    headers = [("authorization", f"DPoP {holder.token}")]
    headers += [("dpop", holder.headers()["DPoP"]) for _ in range(80)]
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(hub.http_url, json=BODY, headers=headers)
        assert answer.status_code == 431
        twice = [*headers[:1], *headers[1:3]]
        answer = await http.post(hub.http_url, json=BODY, headers=twice)
        assert answer.status_code == 401


async def test_reading_by_get_is_proven_as_get(hub: Followed, holder: Holder) -> None:
    http = hub.served.http
    given = holder.headers("GET")
    assert (await http.get("/graphql", params=BODY, headers=given)).status_code == 200
    given = holder.headers("POST")
    assert (await http.get("/graphql", params=BODY, headers=given)).status_code == 401


async def test_documents_are_proven_at_their_own_address(hub: Followed, holder: Holder) -> None:
    http = hub.served.http
    given = holder.headers("GET", "/documents")
    answer = await http.get("/documents", headers=given)
    assert answer.status_code == 200
    assert answer.headers["dpop-nonce"]
    assert (await http.get("/documents", headers=given)).status_code == 401
    answer = await http.get("/documents/名单", headers=holder.headers("GET", "/documents/名单"))
    assert answer.status_code == 404  # let in, and there is none
    answer = await http.get("/documents/other", headers=holder.headers("GET", "/documents"))
    assert answer.status_code == 401


async def test_an_event_stream_is_proven_when_it_begins(hub: Followed, holder: Holder) -> None:
    given = holder.headers()
    async with hub.sse(following(), headers=given) as stream:
        assert (await stream.next())["operation"] == "CURRENT"
        assert stream.answer.headers["dpop-nonce"]
    async with hub.sse(following(), headers=given) as stream:
        assert stream.answer.status_code == 401


async def test_a_stream_ends_when_its_token_is_given_back(hub: Followed) -> None:
    leaver = await Holder(hub, "leaver").begin()
    async with hub.sse(following(), headers=leaver.headers()) as stream, hub.socket(None) as socket:
        await socket.init(leaver.headers("GET"))
        assert (await stream.next())["operation"] == "CURRENT"
        assert (await leaver.form("/oauth/revoke", token=leaver.token)).status_code == 200
        kind, ended = await stream.event()
        assert (kind, ended["errors"][0]["extensions"]["code"]) == ("next", "UNAUTHENTICATED")
        assert (await socket.code())[0] in {4401, 4403}


async def test_a_socket_is_proven_when_it_begins(hub: Followed, holder: Holder) -> None:
    given = holder.headers("GET")
    async with hub.socket(None) as socket:
        await socket.init(given)
        await socket.subscribe("a", following())
        assert (await socket.next("a"))["operation"] == "CURRENT"
    async with hub.socket(None) as socket:
        await socket.say(type="connection_init", payload=given)
        assert await socket.code() == (4403, "Forbidden")
    async with hub.socket(None, headers=holder.headers("GET")) as socket:
        await socket.init({})
    async with hub.socket(None) as socket:
        await socket.say(type="connection_init", payload={**holder.headers("GET"), "DPoP": 7})
        assert (await socket.code())[0] == 4400


@pytest.mark.parametrize("scheme", ["Bearer", "DPoP"])
async def test_a_socket_without_a_proof_is_refused(hub: Followed, holder: Holder, scheme: str) -> None:
    async with hub.socket(None) as socket:
        await socket.say(type="connection_init", payload={"Authorization": f"{scheme} {holder.token}"})
        assert await socket.code() == (4403, "Forbidden")


async def test_a_socket_is_told_the_nonce_when_it_is_closed(hub: Followed, holder: Holder) -> None:
    async with hub.socket(None) as socket:
        await socket.say(type="connection_init", payload=holder.headers("GET", nonce="old"))
        closed, reason = await socket.code()
    word, _, nonce = reason.partition(" ")
    assert (closed, word) == (4403, "use_dpop_nonce")
    async with hub.socket(None) as socket:
        await socket.init(holder.headers("GET", nonce=nonce))


async def test_a_bearer_token_is_taken_as_ever(hub: Followed) -> None:
    answer = await hub.served.http.post("/graphql", json=BODY, headers=hub.served.bearer())
    assert answer.status_code == 200
    assert "dpop-nonce" not in answer.headers
    challenge = (await hub.served.http.post("/graphql", json=BODY)).headers["www-authenticate"]
    assert challenge.startswith('Bearer realm="hub"')
    assert ', DPoP algs="' in challenge


async def test_a_page_of_a_portal_may_send_proofs_and_read_nonces(hub: Followed, holder: Holder) -> None:
    for path in ("/graphql", "/documents", "/oauth/token"):
        asked = {
            "Origin": PORTAL,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization, dpop",
        }
        answer = await hub.served.http.options(path, headers=asked)
        assert answer.status_code == 200
        assert "DPoP" in answer.headers["access-control-allow-headers"]
    answer = await holder.post({**holder.headers(), "Origin": PORTAL})
    assert "DPoP-Nonce" in answer.headers["access-control-expose-headers"]


async def test_no_log_holds_a_proof_or_a_token(hub: Followed, holder: Holder) -> None:
    given = holder.headers()
    await holder.post(given)
    await holder.post(given)
    logged = str(hub.served.logs.lines())
    assert "dpop_proof_refused" in logged
    for secret in (given["DPoP"].rpartition(".")[2], holder.token.rpartition(".")[2]):
        assert secret not in logged
