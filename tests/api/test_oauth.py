"""The token endpoint over HTTP: real keys, a real database, and everything it must refuse."""

import base64
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import KeySet

from hub.access.scopes import DEFAULT_SCOPES
from hub.errors import BadArgument, Unauthenticated
from hub.oauth.tokens import fetch_token, make_assertion
from tests.support.oauth import BASE_URL, TOKEN_URL, OAuthHub, oauth_hub, refused


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[OAuthHub]:
    async with oauth_hub() as hub:
        yield hub


# What is given out


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "Ed25519", "PS256"])
async def test_a_client_gets_a_token(hub: OAuthHub, algorithm: str) -> None:
    client = await hub.register("contractor", algorithm=algorithm)
    answer = await hub.post(hub.assertion(client.client_id, header={"alg": algorithm}))
    assert answer.status_code == 200, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["pragma"] == "no-cache"
    body = answer.json()
    assert set(body) == {"access_token", "token_type", "expires_in", "scope"}
    assert (body["token_type"], body["expires_in"]) == ("Bearer", 300)
    assert body["scope"] == " ".join(DEFAULT_SCOPES["contractor"])


async def test_the_token_is_one_of_rfc_9068_and_verifies_with_the_published_keys(hub: OAuthHub) -> None:
    client = await hub.register("contractor")
    published = (await hub.http.get("/oauth/jwks.json")).json()
    token = jwt.decode(
        await hub.token(client.client_id, "visit.rs"), KeySet.import_key_set(published), algorithms=["ES256"]
    )
    assert token.header == {"alg": "ES256", "typ": "at+jwt", "kid": hub.signing[0].kid}
    claims = token.claims
    assert claims.pop("exp") - claims["iat"] == 300
    assert abs(claims.pop("iat") - time.time()) < 5
    assert len(claims.pop("jti")) >= 16
    assert claims == {
        "iss": BASE_URL,
        "aud": BASE_URL,
        "sub": client.client_id,
        "client_id": client.client_id,
        "scope": "visit.rs",
        "role": "contractor",
        "organisation": client.organisation_id,
        "series": 0,
    }


async def test_only_the_active_key_signs(hub: OAuthHub) -> None:
    heads = [(await hub.token("bureau")).partition(".")[0] for _ in range(8)]
    kids = {json.loads(base64.urlsafe_b64decode(head + "=="))["kid"] for head in heads}
    assert kids == {hub.signing[0].kid}


@pytest.mark.parametrize("audience", [BASE_URL, TOKEN_URL, [TOKEN_URL], [BASE_URL, TOKEN_URL]])
async def test_the_assertion_may_name_issuer_or_token_endpoint(hub: OAuthHub, audience: Any) -> None:
    assert (await hub.post(hub.assertion("bureau", aud=audience))).status_code == 200


@pytest.mark.parametrize(
    "claims",
    [{"iat": None}, {"exp": 290}, {"exp": 60.5}, {"nbf": -10}, {"iat": 20}, {"iat": -200}],
)
async def test_reasonable_times_are_taken(hub: OAuthHub, claims: dict[str, Any]) -> None:
    now = int(time.time())
    times = {name: now + offset if offset is not None else None for name, offset in claims.items()}
    assert (await hub.post(hub.assertion("bureau", **times))).status_code == 200


@pytest.mark.parametrize("kind", ["JWT", "client-authentication+jwt"])
async def test_types_of_assertions_that_are_taken(hub: OAuthHub, kind: str) -> None:
    assert (await hub.post(hub.assertion("bureau", header={"typ": kind}))).status_code == 200


async def test_a_key_without_kid_is_found_by_its_algorithm(hub: OAuthHub) -> None:
    assert (await hub.post(hub.assertion("bureau", header={"kid": None}))).status_code == 200


async def test_the_client_may_repeat_its_name(hub: OAuthHub) -> None:
    assert (await hub.post(hub.assertion("bureau"), client_id="bureau")).status_code == 200


async def test_what_clients_use_themselves(hub: OAuthHub) -> None:
    key = hub.client_keys["bureau"].as_dict(private=True)
    token = await fetch_token(hub.http, TOKEN_URL, "bureau", key, "station.rs")
    viewer = await hub.bearer.viewer(f"Bearer {token}")
    assert viewer.resources == {"station"}
    with pytest.raises(BadArgument):
        make_assertion("bureau", hub.client_keys["bureau"].as_dict(private=False), BASE_URL)
    with pytest.raises(Unauthenticated, match="invalid_scope"):
        await fetch_token(hub.http, TOKEN_URL, "bureau", key, "all")


# Scopes


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("visit.rs", "visit.rs"),
        ("visit.r visit.s visit.rs", "visit.rs"),
        ("field:care visit.s", "visit.s field:care"),
    ],
)
async def test_fewer_scopes_can_be_asked_for(hub: OAuthHub, asked: str, given: str) -> None:
    assert (await hub.post(hub.assertion("bureau"), scope=asked)).json()["scope"] == given


@pytest.mark.parametrize(
    "asked",
    ["visit.rs beneficiary.rs", "visit.c", "all", "visit.rs  station.rs", "受助人.rs", '"', "x" * 9000],
)
async def test_a_scope_that_is_not_granted_is_refused(hub: OAuthHub, asked: str) -> None:
    client = await hub.register("township", scopes=["visit.rs", "station.rs"])
    refused(await hub.post(hub.assertion(client.client_id), scope=asked), "invalid_scope")


async def test_a_client_without_scopes_gets_no_token(hub: OAuthHub) -> None:
    client = await hub.register("township", scopes=[])
    refused(await hub.post(hub.assertion(client.client_id)), "invalid_scope")


async def test_an_assertion_is_used_up_by_a_refused_scope(hub: OAuthHub) -> None:
    assertion = hub.assertion("bureau")
    refused(await hub.post(assertion, scope="all"), "invalid_scope")
    refused(await hub.post(assertion), "invalid_client")


# Requests that are not token requests

FORM = {"grant_type": "client_credentials", "client_assertion": "a.b.c"}


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
async def test_only_post(hub: OAuthHub, method: str) -> None:
    answer = await hub.http.request(method, "/oauth/token")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "multipart/form-data; boundary=x",
        "text/plain",
        "application/x-www-form-urlencoded2",
        "x/x; application/x-www-form-urlencoded",
        "",
    ],
)
async def test_only_forms(hub: OAuthHub, content_type: str) -> None:
    answer = await hub.http.post(
        "/oauth/token", content=b"grant_type=client_credentials", headers={"content-type": content_type}
    )
    refused(answer, "invalid_request", 415)


@pytest.mark.parametrize(
    ("body", "error", "status"),
    [
        (b"", "invalid_request", 400),
        (b"grant_type", "invalid_request", 400),
        (b"grant_type=", "invalid_request", 400),
        (b"grant_type=password", "unsupported_grant_type", 400),
        ("grant_type=密码".encode(), "invalid_request", 400),
        (b"grant_type=%E5%AF%86", "unsupported_grant_type", 400),
        (b"grant_type=%FF", "invalid_request", 400),
        (b"\xff\xfe\x00", "invalid_request", 400),
        (b"grant_type=client_credentials&grant_type=client_credentials", "invalid_request", 400),
        (b"grant_type=client_credentials&x=1&x=1", "invalid_request", 400),
        (b"grant_type=client_credentials&scope=&scope=", "invalid_request", 400),
        (b"&".join(b"x%d=1" % number for number in range(17)), "invalid_request", 400),
        (b"grant_type=client_credentials&x=" + b"x" * 17000, "invalid_request", 413),
        (b"grant_type=client_credentials", "invalid_client", 400),
        (b"grant_type=client_credentials&client_id=bureau", "invalid_client", 400),
        (b"grant_type=client_credentials&client_id=bureau&client_secret=s", "invalid_client", 400),
        (b"grant_type=client_credentials&client_assertion=a.b.c", "invalid_client", 400),
        (b"grant_type=client_credentials&client_assertion=a.b.c&client_secret=s", "invalid_request", 400),
    ],
)
async def test_forms_that_are_refused(hub: OAuthHub, body: bytes, error: str, status: int) -> None:
    answer = await hub.http.post(
        "/oauth/token", content=body, headers={"content-type": "application/x-www-form-urlencoded"}
    )
    refused(answer, error, status)


async def test_parameters_do_not_stand_in_the_address(hub: OAuthHub) -> None:
    answer = await hub.http.post("/oauth/token?scope=visit.rs", data=FORM)
    refused(answer, "invalid_request")


async def test_a_header_is_no_way_to_authenticate(hub: OAuthHub) -> None:
    answer = await hub.http.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, auth=("bureau", "secret")
    )
    refused(answer, "invalid_client", 401)
    assert answer.headers["www-authenticate"].startswith("Basic ")


async def test_one_way_to_authenticate_at_a_time(hub: OAuthHub) -> None:
    for extra in ({"auth": ("bureau", "secret")}, {"headers": {"authorization": "Bearer x"}}):
        answer = await hub.http.post("/oauth/token", data=FORM, **extra)
        refused(answer, "invalid_request")


async def test_another_type_of_assertion_is_refused(hub: OAuthHub) -> None:
    kind = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer"
    refused(await hub.post(hub.assertion("bureau"), client_assertion_type=kind), "invalid_client")
