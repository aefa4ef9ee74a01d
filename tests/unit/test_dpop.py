"""What is a proof of a key, and what is none (RFC 9449, 4.3)."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey, RSAKey

from hub.oauth import nonces
from hub.oauth.dpop import CLOCK_SKEW, PROOF_SECONDS, BadProof, NonceNeeded, Proofs
from hub.oauth.nonces import WINDOW_SECONDS, Nonces
from tests.support.dpop import Prover
from tests.support.oauth import b64, compact_jwt, es256_key, hs256, signer, unsigned

URL = "https://hub.example/graphql"
TOKEN = "a.b.c"
NOW = int(time.time())


@pytest.fixture(scope="module")
def proofs() -> Proofs:
    return Proofs(Nonces(b"k" * 32))


@pytest.fixture
def prover(proofs: Proofs) -> Prover:
    made = Prover()
    made.nonce = proofs.nonces.now()
    return made


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "Ed25519", "PS256"])
def test_a_good_proof_tells_its_key(proofs: Proofs, algorithm: str) -> None:
    prover = Prover(algorithm)
    prover.nonce = proofs.nonces.now()
    found = proofs.check(prover.proof("POST", URL, TOKEN, jti="one"), "POST", URL, TOKEN)
    assert (found.jkt, found.jti) == (prover.jkt, "one")
    # Remembered for longer than it is taken.
    assert found.until >= time.time() + PROOF_SECONDS + CLOCK_SKEW - 1


@pytest.mark.parametrize(
    "header",
    [
        {"typ": None},
        {"typ": "JWT"},
        {"typ": "at+jwt"},
        {"typ": ["dpop+jwt"]},
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "ES384"},
        {"alg": "PS256"},
        {"alg": None},
        {"jwk": None},
        {"jwk": "x"},
        {"jwk": []},
        {"jwk": {}},
        {"jwk": es256_key().as_dict(private=True)},
        {"jwk": es256_key().as_dict(private=False)},
        {"jwk": ECKey.generate_key("P-384").as_dict(private=False)},
        {"jwk": OctKey.generate_key(256).as_dict()},
        {"jwk": {**es256_key().as_dict(private=False), "k": "AAAA"}},
        {"kid": "one"},
        {"jku": "https://attacker.example"},
        {"x5c": ["AAAA"]},
        {"crit": ["b64"]},
        {"b64": False},
    ],
)
def test_a_wrong_header(proofs: Proofs, prover: Prover, header: dict[str, Any]) -> None:
    with pytest.raises(BadProof):
        proofs.check(prover.proof("POST", URL, header=header), "POST", URL)


@pytest.mark.parametrize(
    "claims",
    [
        {"htm": None},
        {"htm": "GET"},
        {"htm": "post"},
        {"htm": ["POST"]},
        {"htu": None},
        {"htu": 7},
        {"htu": ""},
        {"htu": "/graphql"},
        {"htu": "https://hub.example"},
        {"htu": "https://hub.example/graphql/"},
        {"htu": "https://hub.example/documents"},
        {"htu": "http://hub.example/graphql"},
        {"htu": "https://evil.example/graphql"},
        {"htu": "https://hub.example:8443/graphql"},
        {"htu": "https://hub.example:x/graphql"},
        {"htu": "https://hub.example@evil.example/graphql"},
        {"htu": "https://user@hub.example/graphql"},
        {"htu": "https://[/graphql"},
        {"jti": None},
        {"jti": ""},
        {"jti": 7},
        {"jti": "a b"},
        {"jti": "a\x00"},
        {"jti": "编号"},
        {"jti": "j" * 129},
        {"iat": None},
        {"iat": "now"},
        {"iat": True},
        {"iat": []},
        {"iat": float("nan")},
        {"iat": float("inf")},
        {"iat": NOW - PROOF_SECONDS - CLOCK_SKEW - 60},
        {"iat": NOW + CLOCK_SKEW + 3600},
        {"iat": -(10**400)},
        {"ath": None},
        {"ath": ""},
        {"ath": "x" * 43},
        {"ath": 7},
    ],
)
def test_a_wrong_claim(proofs: Proofs, prover: Prover, claims: dict[str, Any]) -> None:
    with pytest.raises(BadProof) as error:
        proofs.check(prover.proof("POST", URL, TOKEN, **claims), "POST", URL, TOKEN)
    assert error.value.word == "invalid_dpop_proof"


@pytest.mark.parametrize(
    "htu",
    [
        "https://hub.example/graphql?a=b",
        "https://hub.example/graphql#x",
        "HTTPS://HUB.EXAMPLE/graphql",
        "https://hub.example:443/graphql",
        "https://hub.example/%67raphql",
    ],
)
def test_other_spellings_of_one_address(proofs: Proofs, prover: Prover, htu: str) -> None:
    assert proofs.check(prover.proof("POST", htu), "POST", URL)


def test_names_in_chinese_are_one_however_they_are_escaped(proofs: Proofs, prover: Prover) -> None:
    url = "https://hub.example/documents/名单"
    for htu in (
        url,
        "https://hub.example/documents/%E5%90%8D%E5%8D%95",
        "https://hub.example/documents/%e5%90%8d单",
    ):
        assert proofs.check(prover.proof("GET", htu), "GET", url)


NONCES: list[Any] = [None, "", "x", 7, [], "A" * 28, "é", Nonces(b"o" * 32).now()]


@pytest.mark.parametrize("nonce", NONCES, ids=range(len(NONCES)))
def test_a_nonce_of_ours_is_asked_for(proofs: Proofs, prover: Prover, nonce: Any) -> None:
    with pytest.raises(NonceNeeded) as error:
        proofs.check(prover.proof("POST", URL, nonce=nonce), "POST", URL)
    assert error.value.word == "use_dpop_nonce"


def test_a_nonce_lasts_one_to_two_minutes_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    at = [float(NOW - NOW % WINDOW_SECONDS)]

    class Clock:
        @staticmethod
        def time() -> float:
            return at[0]

    monkeypatch.setattr(nonces, "time", Clock)
    here, there = Nonces(b"k" * 32), Nonces(b"k" * 32)
    nonce = here.now()
    assert "k" not in repr(here).partition("(")[2]
    for seconds, good in ((0, True), (59, True), (119, True), (120, False), (-1, True), (-61, False)):
        at[0] = NOW - NOW % WINDOW_SECONDS + seconds
        assert there.is_good(nonce) is good, seconds
    at[0] = NOW - NOW % WINDOW_SECONDS + 60.0
    assert here.now() != nonce


@pytest.mark.parametrize(
    "text", ["", "x", "a.b.c", "a.b.c, a.b.c", "é.é.é", "a." * 9000, "e30.e30.e30", "\x00"]
)
def test_text_that_is_no_proof(proofs: Proofs, text: str) -> None:
    with pytest.raises(BadProof):
        proofs.check(text, "POST", URL)


def test_signatures_that_are_none(proofs: Proofs, prover: Prover) -> None:
    public = json.dumps(prover.key.as_dict(private=False)).encode()
    for sign in (unsigned, signer("ES256", es256_key()), hs256(public), lambda _: b"\x00" * 64):
        with pytest.raises(BadProof):
            proofs.check(prover.proof("POST", URL, sign=sign), "POST", URL)


def test_a_proof_is_small(proofs: Proofs, prover: Prover) -> None:
    with pytest.raises(BadProof):
        proofs.check(prover.proof("POST", URL, more="x" * 4000), "POST", URL)
    large = Prover("PS256")
    large.key, large.nonce = RSAKey.generate_key(4096), prover.nonce
    assert proofs.check(large.proof("POST", URL, TOKEN), "POST", URL, TOKEN)


def test_payloads_that_end_parsers(proofs: Proofs, prover: Prover) -> None:
    jwk = prover.key.as_dict(private=False)
    head = b64(json.dumps({"typ": "dpop+jwt", "alg": "ES256", "jwk": {"kty": "EC"}}).encode())
    for payload in (b"[" * 2000, b'{"htm":' * 300, b"9" * 2500, b"\xff", b"[]", b"null"):
        with pytest.raises(BadProof):
            proofs.check(f"{head}.{b64(payload)}.{b64(b'1' * 64)}", "POST", URL)
    parts: tuple[Any, ...] = ([], "x", None)
    for claims in parts:
        header = {"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk}
        proof = compact_jwt(header, claims, signer("ES256", prover.key))
        with pytest.raises(BadProof):
            proofs.check(proof, "POST", URL)
