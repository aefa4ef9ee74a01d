"""Reading tokens from outside: anything is either a token or refused, never an accident."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, Key, OctKey, OKPKey

from hub.errors import BadArgument, ConfigurationError
from hub.oauth.jose import CLIENTS, OURS, SigningKeys, Unverified, key_for, peek, public_jwks, verified
from tests.support.oauth import b64, compact_jwt, es256_key, hs256, new_key, signer, unsigned

KEY = es256_key()
RSA = new_key("PS256")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "alg": st.sampled_from(["ES256", "EdDSA", "PS256", "none", "HS256", 7, None, ["ES256"]]) | JSON,
        "kid": st.just(KEY.kid) | JSON,
        "typ": JSON,
        "crit": st.sampled_from([None, ["b64"], ["exp"]]) | JSON,
        "b64": JSON,
        "jwk": JSON,
    },
)


def any_key(_: object) -> Key:
    return KEY


@given(st.text() | st.from_regex(r"[\w-]{0,9}\.[\w-]{0,9}\.[\w-]{0,9}", fullmatch=True))
def test_any_text_is_refused(text: str) -> None:
    with pytest.raises(Unverified):
        verified(text, any_key, CLIENTS)


@given(HEADERS | JSON, JSON)
def test_any_header_and_payload_is_refused_without_a_signature(header: Any, payload: Any) -> None:
    with pytest.raises(Unverified):
        verified(compact_jwt(header, payload, lambda _: b"\x01" * 64), any_key, CLIENTS)


@given(HEADERS | JSON, JSON)
def test_a_peek_gives_objects_or_is_refused(header: Any, payload: Any) -> None:
    try:
        found = peek(compact_jwt(header, payload, lambda _: b"\x01"))
    except Unverified:
        return
    assert isinstance(found.header, dict)
    assert isinstance(found.claims, dict)


@pytest.mark.parametrize("nested", ["[" * 3000 + "]" * 3000, '{"a":' * 1500 + "1" + "}" * 1500, "9" * 5000])
def test_deep_or_long_json_is_refused(nested: str) -> None:
    head, body = b64(json.dumps({"alg": "ES256"}).encode()), b64(nested.encode())
    for read in (peek, lambda token: verified(token, any_key, CLIENTS)):
        with pytest.raises(Unverified):
            read(f"{head}.{body}.{b64(b'1' * 64)}")


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "Ed25519", "PS256"])
def test_clients_may_sign_with(algorithm: str) -> None:
    key = RSA if algorithm == "PS256" else new_key(algorithm)
    token = compact_jwt({"alg": algorithm}, {"sub": "c"}, signer(algorithm, key))
    assert verified(token, lambda _: key, CLIENTS).claims == {"sub": "c"}


@pytest.mark.parametrize("algorithm", ["ES384", "ES512", "ES256K", "RS256", "PS384"])
def test_clients_may_not_sign_with(algorithm: str) -> None:
    curve = {"ES384": "P-384", "ES512": "P-521", "ES256K": "secp256k1"}.get(algorithm)
    key: Key = ECKey.generate_key(curve) if curve else RSA
    with pytest.raises(Unverified):
        verified(compact_jwt({"alg": algorithm}, {}, signer(algorithm, key)), lambda _: key, CLIENTS)


@pytest.mark.parametrize(
    ("header", "sign"),
    [
        ({"alg": "none"}, unsigned),
        ({"alg": "None"}, lambda _: b"x"),
        ({"alg": "HS256"}, hs256(KEY.as_pem(private=False))),
        ({"alg": "HS256"}, hs256(json.dumps(KEY.as_dict(private=False)).encode())),
        ({"alg": "ES256", "jwk": KEY.as_dict(private=False)}, signer("ES256", KEY)),
        ({"alg": "ES256", "jku": "https://attacker.example/jwks"}, signer("ES256", KEY)),
        ({"alg": "ES256", "crit": ["exp"], "exp": 1}, signer("ES256", KEY)),
        ({"alg": "ES256", "b64": False, "crit": ["b64"]}, signer("ES256", KEY)),
    ],
)
def test_a_header_cannot_choose_how_it_is_checked(header: dict[str, Any], sign: Any) -> None:
    with pytest.raises(Unverified):
        verified(compact_jwt(header, {"sub": "c"}, sign), any_key, OURS)


def test_access_tokens_have_one_algorithm() -> None:
    assert OURS.allowed == ("ES256",)


def test_the_same_header_without_the_trick_is_taken() -> None:
    token = compact_jwt({"alg": "ES256"}, {"sub": "c"}, signer("ES256", KEY))
    assert verified(token, any_key, OURS).claims == {"sub": "c"}


@pytest.mark.parametrize("tail", ["=", "==", "\n", "!", ".", "A"])
def test_a_signature_has_one_spelling(tail: str) -> None:
    token = compact_jwt({"alg": "ES256"}, {"sub": "c"}, signer("ES256", KEY))
    with pytest.raises(Unverified):
        verified(token + tail, any_key, OURS)


def test_the_stored_key_set_is_public_and_named() -> None:
    keys = [KEY, new_key("EdDSA"), RSA]
    given = {"keys": [key.as_dict(private=False, use="sig", x5u="https://x.example") for key in keys]}
    stored = public_jwks(given)
    assert [set(jwk) for jwk in stored["keys"]] == [
        {"kty", "crv", "x", "y", "kid"},
        {"kty", "crv", "x", "kid"},
        {"kty", "n", "e", "kid"},
    ]
    for key, algorithm in zip(keys, ("ES256", "Ed25519", "PS256"), strict=True):
        found = key_for(stored, {"alg": algorithm, "kid": key.kid})
        assert found is not None
        assert found.thumbprint() == key.thumbprint()


@pytest.mark.parametrize(
    "jwks",
    [
        {},
        {"keys": []},
        {"keys": "x"},
        {"keys": [None]},
        {"keys": [{"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]},
        {"keys": [es256_key().as_dict(private=True)]},
        {"keys": [OctKey.generate_key(256).as_dict(private=True)]},
        {"keys": [ECKey.generate_key("P-384").as_dict(private=False)]},
        {"keys": [OKPKey.generate_key("X25519").as_dict(private=False)]},
        {"keys": [{"kty": "RSA", "e": "AQAB", "n": b64(b"\xff" * 128)}]},
        {"keys": [KEY.as_dict(private=False)] * 2},
        {"keys": [es256_key().as_dict(private=False) for _ in range(9)]},
        {"keys": [{**KEY.as_dict(private=False), "kid": 7}]},
    ],
)
@pytest.mark.filterwarnings("ignore:Key size")
def test_a_key_set_the_hub_does_not_take(jwks: dict[str, Any]) -> None:
    with pytest.raises(BadArgument):
        public_jwks(jwks)


@pytest.mark.parametrize(
    "keys",
    [[], [new_key("EdDSA")], [ECKey.generate_key("P-384")], [ECKey.generate_key("P-256", private=False)]],
)
def test_signing_keys_the_hub_does_not_take(keys: list[Key]) -> None:
    with pytest.raises(ConfigurationError):
        SigningKeys(keys)


def test_published_keys_are_public() -> None:
    keys = [es256_key(), es256_key()]
    published = SigningKeys(keys).published()["keys"]
    assert [set(jwk) for jwk in published] == [{"kty", "crv", "x", "y", "kid", "use", "alg"}] * 2
    assert [jwk["kid"] for jwk in published] == [key.kid for key in keys]
