"""Tokens bound to a key: how the token endpoint gives them out, and how the resource side reads them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE
from sqlalchemy import text

from hub.errors import Unauthenticated
from hub.oauth.bearer import VIEWER_SECONDS
from hub.oauth.clients import Client
from hub.oauth.dpop import BadProof, Given
from hub.oauth.jose import peek
from tests.support.dpop import Prover
from tests.support.oauth import BASE_URL, TOKEN_URL, OAuthHub, refused
from tests.support.portal import PortalHub, portal_hub

GRAPHQL = BASE_URL + "/graphql"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[PortalHub]:
    async with portal_hub() as hub:
        await hub.register("bureau", client_id="bureau")
        yield hub


@pytest_asyncio.fixture(loop_scope="session")
async def prover(hub: OAuthHub) -> Prover:
    """With a nonce of the token endpoint."""
    made = Prover()
    answer = made.learn(await ask(hub, made.proof("POST", TOKEN_URL)))
    refused(answer, "use_dpop_nonce")
    assert made.nonce
    return made


async def ask(hub: OAuthHub, *proofs: str, client_id: str = "bureau", **fields: str) -> httpx.Response:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": hub.assertion(client_id),
        **fields,
    }
    headers = [("dpop", proof) for proof in proofs]
    return await hub.http.post("/oauth/token", data=form, headers=headers)


async def bound(hub: OAuthHub, prover: Prover) -> str:
    answer = await ask(hub, prover.proof("POST", TOKEN_URL))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def given(hub: OAuthHub, prover: Prover, token: str, **claims: Any) -> Given:
    prover.nonce = hub.bearer.nonces.now()
    return Given(prover.proof("POST", GRAPHQL, token, **claims), "POST", "/graphql")


# Giving them out


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "PS256"])
async def test_a_proof_makes_a_bound_token(hub: PortalHub, prover: Prover, algorithm: str) -> None:
    other = Prover(algorithm)
    other.nonce = prover.nonce
    answer = await ask(hub, other.proof("POST", TOKEN_URL))
    assert answer.status_code == 200, answer.text
    assert answer.json()["token_type"] == "DPoP"
    assert answer.headers["dpop-nonce"]
    assert peek(answer.json()["access_token"]).claims["cnf"] == {"jkt": other.jkt}


async def test_without_a_proof_nothing_changes(hub: PortalHub) -> None:
    answer = await ask(hub)
    assert answer.json()["token_type"] == "Bearer"
    assert "dpop-nonce" not in answer.headers
    assert "cnf" not in peek(answer.json()["access_token"]).claims


async def test_a_request_that_lacks_the_nonce_uses_up_nothing(hub: PortalHub) -> None:
    prover, assertion = Prover(), hub.assertion("bureau")
    fields = {"client_assertion": assertion}
    prover.learn(await ask(hub, prover.proof("POST", TOKEN_URL), **fields))
    assert (await ask(hub, prover.proof("POST", TOKEN_URL), **fields)).status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {"htu": "https://evil.example/oauth/token"},
        {"htu": GRAPHQL},
        {"htm": "GET"},
        {"iat": 1},
        {"header": {"typ": "JWT"}},
        {"jti": None},
    ],
)
async def test_a_wrong_proof_is_refused(hub: PortalHub, prover: Prover, claims: dict[str, Any]) -> None:
    answer = await ask(hub, prover.proof("POST", TOKEN_URL, **claims))
    refused(answer, "invalid_dpop_proof")
    assert answer.headers["dpop-nonce"]


async def test_several_proofs_are_none(hub: PortalHub, prover: Prover) -> None:
    proofs = [prover.proof("POST", TOKEN_URL) for _ in range(2)]
    refused(await ask(hub, *proofs), "invalid_dpop_proof")
    refused(await ask(hub, *proofs[:1] * 40), "invalid_dpop_proof")
    refused(await ask(hub, ""), "invalid_dpop_proof")


async def test_a_host_header_does_not_move_what_is_proven(hub: PortalHub, prover: Prover) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": hub.assertion("bureau"),
    }
    headers = {"host": "evil.example", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    evil = {**headers, "dpop": prover.proof("POST", "https://evil.example/oauth/token")}
    refused(await hub.http.post("/oauth/token", data=form, headers=evil), "invalid_dpop_proof")
    good = {**headers, "dpop": prover.proof("POST", TOKEN_URL)}
    assert (await hub.http.post("/oauth/token", data=form, headers=good)).status_code == 200


async def test_a_proof_is_good_once_at_the_token_endpoint(hub: PortalHub, prover: Prover) -> None:
    proof = prover.proof("POST", TOKEN_URL)
    answers = await asyncio.gather(*(ask(hub, proof) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 9]
    assert {answer.json()["error"] for answer in answers if answer.status_code == 400} == {
        "invalid_dpop_proof"
    }


async def test_who_is_not_known_uses_up_no_proof(hub: PortalHub, prover: Prover) -> None:
    proof = prover.proof("POST", TOKEN_URL)
    refused(await ask(hub, proof, client_assertion="a.b.c"), "invalid_client")
    assert (await ask(hub, proof)).status_code == 200


async def test_used_proofs_are_forgotten_when_they_could_not_be_used_anyway(
    hub: PortalHub, prover: Prover
) -> None:
    old = text(
        "insert into oauth_proof (jkt, jti, expires_at)"
        " select 'old', n::text, now() - interval '1 second' from generate_series(1, 15) n"
    )
    async with hub.db.engine.begin() as connection:
        await connection.execute(old)
    await ask(hub, prover.proof("POST", TOKEN_URL, jti="kept"))
    rows = await hub.sql("select jkt, jti, expires_at from oauth_proof")
    assert not [row for row in rows if row.jkt == "old"]
    (kept,) = (row for row in rows if row.jti == "kept")
    assert kept.jkt == prover.jkt
    assert kept.expires_at.timestamp() > time.time() + 90


async def test_users_tokens_are_bound_too(hub: PortalHub, prover: Prover) -> None:
    flow = hub.flow(await hub.app(), await hub.user())
    code = await flow.code()
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": flow.asked["redirect_uri"],
        "code_verifier": flow.verifier,
        **flow.proof,
    }
    answer = await hub.http.post("/oauth/token", data=form, headers={"dpop": prover.proof("POST", TOKEN_URL)})
    tokens = answer.json()
    assert tokens["token_type"] == "DPoP", tokens
    token = tokens["access_token"]
    viewer = await hub.bearer.proven(f"DPoP {token}", given(hub, prover, token))
    assert flow.person
    assert viewer.user_id == flow.person.user_id
    again = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"], **flow.proof}
    refused(await hub.http.post("/oauth/token", data=again), "invalid_grant")
    prover.learn(answer)
    headers = {"dpop": prover.proof("POST", TOKEN_URL)}
    assert (await hub.http.post("/oauth/token", data=again, headers=headers)).status_code == 200


async def test_a_client_of_profile_fapi2_needs_a_proof(hub: PortalHub, prover: Prover) -> None:
    client = await hub.register("operator", profile="FAPI2")
    refused(await ask(hub, client_id=client.client_id), "invalid_dpop_proof")
    answer = await ask(hub, prover.proof("POST", TOKEN_URL), client_id=client.client_id)
    assert answer.json()["token_type"] == "DPoP"


async def test_introspection_names_the_key(hub: PortalHub, prover: Prover) -> None:
    token = await bound(hub, prover)
    form = {
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": hub.assertion("bureau"),
        "token": token,
    }
    found = (await hub.http.post("/oauth/introspect", data=form)).json()
    assert (found["token_type"], found["cnf"]) == ("DPoP", {"jkt": prover.jkt})


async def test_the_documents_name_the_algorithms(hub: PortalHub) -> None:
    for kind in ("oauth-authorization-server", "oauth-protected-resource"):
        found = (await hub.http.get(f"/.well-known/{kind}")).json()
        assert found["dpop_signing_alg_values_supported"] == ["ES256", "EdDSA", "Ed25519", "PS256"]


# Reading them


async def test_a_bound_token_with_a_proof_is_good(hub: PortalHub, prover: Prover) -> None:
    token = await bound(hub, prover)
    viewer = await hub.bearer.proven(f"DPoP {token}", given(hub, prover, token))
    assert viewer.client_id == "bureau"
    assert await hub.bearer.still(f"dpop {token}") is viewer


async def is_refused(hub: OAuthHub, authorization: str, proof: Given | None) -> Unauthenticated:
    asking = hub.bearer.proven(authorization, proof) if proof else hub.bearer.viewer(authorization)
    with pytest.raises(Unauthenticated) as error:
        await asking
    return error.value


async def test_a_bound_token_is_no_bearer_token(hub: PortalHub, prover: Prover) -> None:
    token = await bound(hub, prover)
    await hub.bearer.proven(f"DPoP {token}", given(hub, prover, token))
    # Not even after a proven request, whose viewer is remembered.
    for authorization in (f"Bearer {token}", f"bearer {token}"):
        for proof in (None, given(hub, prover, token)):
            error = await is_refused(hub, authorization, proof)
            assert 'error="invalid_token"' in hub.bearer.challenge(error, authorization)
    error = await is_refused(hub, f"DPoP {token}", None)
    assert isinstance(error, BadProof)
    assert hub.bearer.challenge(error).startswith('DPoP realm="hub"')


async def test_a_bearer_token_is_no_bound_one(hub: PortalHub, prover: Prover) -> None:
    token = await hub.token("bureau")
    await hub.bearer.viewer(f"Bearer {token}")
    error = await is_refused(hub, f"DPoP {token}", given(hub, prover, token))
    challenge = hub.bearer.challenge(error, f"DPoP {token}")
    assert challenge.startswith("DPoP ")
    assert 'error="invalid_token"' in challenge
    assert 'algs="ES256 EdDSA Ed25519 PS256"' in challenge
    # As Bearer it is good, whatever proof comes with it.
    assert await hub.bearer.proven(f"Bearer {token}", Given("x", "POST", "/graphql"))


@pytest.mark.parametrize("cnf", [{}, {"x5t#S256": "x"}, {"jkt": "x", "x5t#S256": "x"}, "jkt", None, []])
async def test_what_is_bound_otherwise_is_not_taken_as_unbound(hub: PortalHub, cnf: Any) -> None:
    client: Client = await hub.register("operator")
    good = hub.access_token(client)
    assert await hub.bearer.viewer(f"Bearer {good}")
    if cnf is not None:  # which the helper leaves out
        await is_refused(hub, f"Bearer {hub.access_token(client, cnf=cnf)}", None)


async def test_the_proof_of_another_key_or_token_is_refused(hub: PortalHub, prover: Prover) -> None:
    token, other = await bound(hub, prover), Prover()
    assert isinstance(await is_refused(hub, f"DPoP {token}", given(hub, other, token)), BadProof)
    second = await bound(hub, prover)
    assert isinstance(await is_refused(hub, f"DPoP {token}", given(hub, prover, second)), BadProof)


async def test_a_refused_request_leaves_the_proof_good(hub: PortalHub, prover: Prover) -> None:
    token = await bound(hub, prover)
    proof = given(hub, prover, token)
    await is_refused(hub, f"DPoP {token}", Given(proof.proof, "GET", "/graphql"))
    assert await hub.bearer.proven(f"DPoP {token}", proof)
    await is_refused(hub, f"DPoP {token}", proof)


async def test_ten_copies_of_a_proof_let_one_request_in(hub: PortalHub, prover: Prover) -> None:
    token = await bound(hub, prover)
    proof = given(hub, prover, token)
    copies = (hub.bearer.proven(f"DPoP {token}", proof) for _ in range(10))
    answers = await asyncio.gather(*copies, return_exceptions=True)
    assert len([each for each in answers if isinstance(each, BadProof)]) == 9


async def test_a_revoked_bound_token_ends(hub: PortalHub, prover: Prover) -> None:
    token = await bound(hub, prover)
    await hub.bearer.proven(f"DPoP {token}", given(hub, prover, token))
    form = {
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": hub.assertion("bureau"),
        "token": token,
    }
    assert (await hub.http.post("/oauth/revoke", data=form)).status_code == 200
    await asyncio.sleep(VIEWER_SECONDS)
    error = await is_refused(hub, f"DPoP {token}", given(hub, prover, token))
    assert not isinstance(error, BadProof)
    with pytest.raises(Unauthenticated):
        await hub.bearer.still(f"DPoP {token}")
