"""How a client proves who it is, and every way of not proving it."""

import asyncio
import datetime as dt
import json
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from joserfc.jws import JWSRegistry
from sqlalchemy import text

from hub.oauth.clients import resume_client, suspend_client
from hub.oauth.proving import REFUSED
from tests.support.oauth import (
    BASE_URL,
    OAuthHub,
    b64,
    compact_jwt,
    es256_key,
    hs256,
    new_key,
    oauth_hub,
    refused,
    signer,
    unsigned,
)

NOBODY = "nobody-knows-this-client"
NOW = int(time.time())


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[OAuthHub]:
    async with oauth_hub() as hub:
        yield hub


# The signature


async def test_a_wrong_key_is_refused(hub: OAuthHub) -> None:
    refused(await hub.post(hub.assertion("bureau", sign=signer("ES256", es256_key()))), "invalid_client")


async def test_the_key_of_another_client_is_refused(hub: OAuthHub) -> None:
    other = await hub.register("operator")
    key = hub.client_keys[other.client_id]
    assertion = hub.assertion("bureau", sign=signer("ES256", key), header={"kid": key.kid})
    refused(await hub.post(assertion), "invalid_client")


@pytest.mark.parametrize("alg", ["none", "None", "NONE", ""])
@pytest.mark.parametrize("sign", [unsigned, lambda _: b"\x00" * 64])
async def test_no_signature_is_refused(hub: OAuthHub, alg: str, sign: Any) -> None:
    refused(await hub.post(hub.assertion("bureau", sign=sign, header={"alg": alg})), "invalid_client")


async def test_the_public_key_is_no_hmac_secret(hub: OAuthHub) -> None:
    key = hub.client_keys["bureau"]
    public = key.as_dict(private=False)
    for secret in (key.as_pem(private=False), key.as_der(private=False), json.dumps(public).encode(), b""):
        assertion = hub.assertion("bureau", sign=hs256(secret), header={"alg": "HS256"})
        refused(await hub.post(assertion), "invalid_client")


@pytest.mark.parametrize("alg", ["RS256", "PS384"])
async def test_other_algorithms_of_a_good_key_are_refused(hub: OAuthHub, alg: str) -> None:
    client = await hub.register("operator", algorithm="PS256")
    assertion = hub.assertion(client.client_id, header={"alg": alg})
    refused(await hub.post(assertion), "invalid_client")


async def test_a_key_in_the_header_is_not_believed(hub: OAuthHub) -> None:
    key = es256_key()
    for name, value in (("jwk", key.as_dict(private=False)), ("jku", "https://attacker.example/jwks")):
        assertion = hub.assertion("bureau", sign=signer("ES256", key), header={name: value, "kid": key.kid})
        refused(await hub.post(assertion), "invalid_client")


@pytest.mark.parametrize(
    "assertion", ["", "x", "..", "a.b.c", "é.é.é", "a" * 9000, "e30.e30.e30", "\x00.\x00.\x00"]
)
async def test_text_that_is_no_assertion_is_refused(hub: OAuthHub, assertion: str) -> None:
    refused(await hub.post(assertion), "invalid_client")


async def test_a_payload_that_ends_parsers_is_refused(hub: OAuthHub) -> None:
    head = b64(json.dumps({"alg": "ES256"}).encode())
    for payload in (b"[" * 3000, b'{"sub":' * 700, b"9" * 5000, b"\xff", b"[]", b'"bureau"', b"null"):
        refused(await hub.post(f"{head}.{b64(payload)}.{b64(b'1' * 64)}"), "invalid_client")


async def test_an_access_token_is_no_assertion(hub: OAuthHub) -> None:
    refused(await hub.post(await hub.token("bureau")), "invalid_client")
    typed = hub.assertion("bureau", header={"typ": "at+jwt"})
    refused(await hub.post(typed), "invalid_client")


# The claims


@pytest.mark.parametrize("claim", ["iss", "sub", "aud", "exp", "jti"])
async def test_a_missing_claim_is_refused(hub: OAuthHub, claim: str) -> None:
    answer = await hub.post(hub.assertion("bureau", **{claim: None}))
    refused(answer, "invalid_client")
    # Without sub nobody is asked for, as for a client that does not exist.
    said = "Client authentication failed." if claim == "sub" else f"out of time: {claim}."
    assert answer.json()["error_description"].endswith(said)


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "operator"},
        {"iss": ["bureau"]},
        {"iss": BASE_URL},
        {"sub": "Bureau"},
        {"sub": ["bureau"]},
        {"sub": "bureau\x00"},
        {"sub": "\ud800"},
        {"sub": 7},
        {"sub": {"a": "bureau"}},
        {"aud": "https://other.example"},
        {"aud": BASE_URL + "/"},
        {"aud": BASE_URL.upper()},
        {"aud": BASE_URL + "/graphql"},
        {"aud": []},
        {"aud": ["https://other.example"]},
        {"aud": [BASE_URL, "https://other.example"]},
        {"aud": {BASE_URL: 1}},
        {"jti": ""},
        {"jti": 7},
        {"jti": "a\x00b"},
        {"jti": "a b"},
        {"jti": "编号"},
        {"jti": "j" * 129},
    ],
)
async def test_a_wrong_claim_is_refused(hub: OAuthHub, claims: dict[str, Any]) -> None:
    refused(await hub.post(hub.assertion("bureau", **claims)), "invalid_client")


@pytest.mark.parametrize(
    "times",
    [
        {"exp": NOW - 60},
        {"exp": 0},
        {"exp": str(NOW + 60)},
        {"exp": True},
        {"exp": float("nan")},
        {"exp": float("inf")},
        {"exp": NOW + 3600},
        {"exp": 10**400},
        {"iat": NOW + 3600},
        {"iat": NOW - 3600},
        {"iat": "now"},
        {"iat": -(10**400)},
        {"nbf": NOW + 3600},
        {"nbf": []},
    ],
)
async def test_times_out_of_reason_are_refused(hub: OAuthHub, times: dict[str, Any]) -> None:
    refused(await hub.post(hub.assertion("bureau", **times)), "invalid_client")


async def test_another_client_id_beside_the_assertion_is_refused(hub: OAuthHub) -> None:
    refused(await hub.post(hub.assertion("bureau"), client_id="operator"), "invalid_client")


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"aud": "https://other.example"}, "aud"),
        ({"iss": "operator"}, "iss"),
        ({"exp": NOW - 60}, "exp"),
        ({"iat": NOW + 3600}, "iat"),
        ({"nbf": NOW + 3600}, "nbf"),
        ({"jti": ""}, "jti"),
        ({"aud": None, "jti": None}, "aud,jti"),
    ],
)
async def test_whoever_signed_it_is_told_which_claim_is_wrong(
    hub: OAuthHub, claims: dict[str, Any], said: str
) -> None:
    """And nobody else; what the claim says is not repeated."""
    answer = await hub.post(hub.assertion("bureau", **claims))
    wrong = f"A claim of the assertion is missing, wrong or out of time: {said}."
    assert answer.json()["error_description"] == wrong
    forged = await hub.post(hub.assertion("bureau", sign=signer("ES256", es256_key()), **claims))
    assert forged.json()["error_description"] == "Client authentication failed."


# The client


async def test_a_suspended_client_is_refused_until_resumed(hub: OAuthHub) -> None:
    client = await hub.register("operator")
    await suspend_client(hub.db, client.client_id)
    refused(await hub.post(hub.assertion(client.client_id)), "invalid_client")
    await resume_client(hub.db, client.client_id)
    assert (await hub.post(hub.assertion(client.client_id))).status_code == 200


async def test_a_client_is_refused_when_its_registration_has_ended(hub: OAuthHub) -> None:
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=0.5)
    client = await hub.register("operator", expires_at=soon)
    assert (await hub.post(hub.assertion(client.client_id))).status_code == 200
    await asyncio.sleep(0.6)
    refused(await hub.post(hub.assertion(client.client_id)), "invalid_client")


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "PS256"])
async def test_an_unknown_client_looks_like_a_wrong_key(
    hub: OAuthHub, monkeypatch: pytest.MonkeyPatch, algorithm: str
) -> None:
    """Same answer, and the same work: one look-up, one verification with the algorithm that was named."""
    known = await hub.register("operator", algorithm=algorithm)
    model = JWSRegistry.algorithms[algorithm]
    results: list[bool] = []

    def watched(*given: Any, verify: Any = model.verify) -> bool:
        results.append(verify(*given))
        return results[-1]

    monkeypatch.setattr(model, "verify", watched)
    sign = signer(algorithm, new_key(algorithm))
    answers = [
        await hub.post(hub.assertion(name, sign=sign, header={"alg": algorithm}))
        for name in (known.client_id, NOBODY)
    ]
    for answer in answers:
        refused(answer, "invalid_client")
    assert answers[0].json()["error_description"] == answers[1].json()["error_description"] == REFUSED
    assert results == [False, False]


# One use


async def test_an_assertion_is_good_once(hub: OAuthHub) -> None:
    assertion = hub.assertion("bureau")
    assert (await hub.post(assertion)).status_code == 200
    refused(await hub.post(assertion), "invalid_client")


async def test_a_jti_is_good_once_whatever_else_the_assertion_says(hub: OAuthHub) -> None:
    assert (await hub.post(hub.assertion("bureau", jti="once"))).status_code == 200
    refused(await hub.post(hub.assertion("bureau", jti="once", exp=NOW + 200)), "invalid_client")


async def test_clients_do_not_share_jtis(hub: OAuthHub) -> None:
    other = await hub.register("operator")
    for name in ("bureau", other.client_id):
        assert (await hub.post(hub.assertion(name, jti="shared"))).status_code == 200


async def test_ten_copies_at_once_give_one_token(hub: OAuthHub) -> None:
    assertion = hub.assertion("bureau")
    answers = await asyncio.gather(*(hub.post(assertion) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 9]


async def test_a_forged_assertion_does_not_use_up_a_jti(hub: OAuthHub) -> None:
    refused(
        await hub.post(hub.assertion("bureau", jti="mine", sign=signer("ES256", es256_key()))),
        "invalid_client",
    )
    assert (await hub.post(hub.assertion("bureau", jti="mine"))).status_code == 200


async def test_used_assertions_are_forgotten_when_they_could_not_be_used_anyway(hub: OAuthHub) -> None:
    old = text(
        "insert into oauth_assertion (client_id, jti, expires_at)"
        " select 'bureau', 'old-' || n, now() - interval '1 second' from generate_series(1, 15) n"
    )
    async with hub.db.engine.begin() as connection:
        await connection.execute(old)
    await hub.post(hub.assertion("bureau", jti="fresh", exp=int(time.time()) + 60))
    async with hub.db.engine.begin() as connection:
        left = (await connection.execute(text("select jti, expires_at from oauth_assertion"))).all()
    kept = {row.jti: row.expires_at.timestamp() for row in left}
    assert not [jti for jti in kept if jti.startswith("old-")]
    # Longer than the assertion would be taken, clock skew included.
    assert kept["fresh"] >= time.time() + 60 + 30 - 5


async def test_no_log_holds_a_token(
    hub: OAuthHub, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    with caplog.at_level(logging.DEBUG):
        assertion = hub.assertion("bureau")
        token = (await hub.post(assertion)).json()["access_token"]
        await hub.bearer.viewer(f"Bearer {token}")
        refused(await hub.post(assertion), "invalid_client")
    logged = caplog.text + "".join(capsys.readouterr())
    for secret in (token, token.rpartition(".")[2], assertion.rpartition(".")[2]):
        assert secret not in logged


async def test_headers_that_are_no_headers_are_refused(hub: OAuthHub) -> None:
    claims = {"sub": "bureau"}
    for header in ("alg", ["alg"], {"alg": "ES256", "crit": None}, {"alg": ["ES256"]}, {"alg": None}, {}):
        refused(await hub.post(compact_jwt(header, claims, lambda _: b"1" * 64)), "invalid_client")
