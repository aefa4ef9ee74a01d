"""Access tokens at the resource side: one good one, and everything that is not."""

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from hub.access.scopes import DEFAULT_SCOPES, atoms
from hub.errors import Unauthenticated
from hub.oauth.access_token import CLOCK_SKEW
from hub.oauth.bearer import VIEWER_SECONDS
from hub.oauth.client_keys import rotate_keys
from hub.oauth.clients import Client, end_client, find_client, resume_client, suspend_client
from tests.support.oauth import (
    ANOTHER_TOWN,
    BASE_URL,
    QIXING,
    OAuthHub,
    es256_key,
    hs256,
    oauth_hub,
    signer,
    unsigned,
)

NOW = int(time.time())


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[OAuthHub]:
    async with oauth_hub() as hub:
        yield hub


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town(hub: OAuthHub) -> Client:
    return await hub.register("township")


async def refused(hub: OAuthHub, token: str) -> Unauthenticated:
    with pytest.raises(Unauthenticated) as error:
        await hub.bearer.viewer(f"Bearer {token}")
    challenge = hub.bearer.challenge(error.value)
    assert 'error="invalid_token"' in challenge
    assert token[:16] not in challenge
    return error.value


async def test_a_token_becomes_a_viewer(hub: OAuthHub) -> None:
    client = await hub.register("contractor")
    viewer = await hub.bearer.viewer(f"Bearer {await hub.token(client.client_id)}")
    assert (viewer.client_id, viewer.role) == (client.client_id, "contractor")
    assert (viewer.division_code, viewer.organisation_id) == (None, client.organisation_id)
    assert viewer.scopes == atoms(DEFAULT_SCOPES["contractor"])
    assert viewer.groups == {"public", "identity", "contact", "care"}  # minor takes a purpose
    assert "beneficiary" in viewer.resources
    assert "quarantine" not in viewer.resources


async def test_a_narrow_token_makes_a_narrow_viewer(hub: OAuthHub) -> None:
    viewer = await hub.bearer.viewer(f"bearer  {await hub.token('bureau', 'station.rs field:care')}")
    assert viewer.resources == {"station"}
    assert viewer.groups == {"public", "care"}
    assert viewer.division_code == QIXING


async def test_a_token_by_hand_is_good_as_a_start(hub: OAuthHub, town: Client) -> None:
    """Every refusal below changes one thing of this one."""
    viewer = await hub.bearer.viewer(f"Bearer {hub.access_token(town)}")
    assert viewer.resources == {"beneficiary"}


@pytest.mark.parametrize("header", [None, "", "Basic YTpi", "Token x", "bearer_token x"])
async def test_no_token_is_asked_for_without_an_error_code(hub: OAuthHub, header: str | None) -> None:
    with pytest.raises(Unauthenticated) as error:
        await hub.bearer.viewer(header)
    assert hub.bearer.challenge(error.value) == (
        f'Bearer realm="hub", resource_metadata="{BASE_URL}/.well-known/oauth-protected-resource",'
        ' DPoP algs="ES256 EdDSA Ed25519 PS256"'
    )


@pytest.mark.parametrize(
    "token",
    [
        "",
        " ",
        "x",
        "a.b",
        "a.b.c",
        "a.b.c.d.e",
        "a.b.c, Bearer a.b.c",
        "é.é.é",
        "a" * 9000,
        "\x00",
        "a.b.c\n",
    ],
)
async def test_text_that_is_no_token_is_refused(hub: OAuthHub, token: str) -> None:
    with pytest.raises(Unauthenticated) as error:
        await hub.bearer.viewer(f"Bearer {token}")
    assert 'error="invalid_token"' in hub.bearer.challenge(error.value)


@pytest.mark.parametrize(
    "header",
    [
        {"typ": None},
        {"typ": "JWT"},
        {"typ": "jwt"},
        {"typ": "id+jwt"},
        {"typ": ["at+jwt"]},
        {"kid": None},
        {"kid": "other"},
        {"kid": 7},
        {"crit": ["exp"]},
        {"jwk": {}},
        {"b64": False, "crit": ["b64"]},
    ],
)
async def test_a_wrong_header_is_refused(hub: OAuthHub, town: Client, header: dict[str, Any]) -> None:
    await refused(hub, hub.access_token(town, header=header))


@pytest.mark.parametrize("kind", ["at+jwt", "AT+JWT", "application/at+jwt"])
async def test_the_type_of_rfc_9068_is_taken_in_all_spellings(hub: OAuthHub, town: Client, kind: str) -> None:
    await hub.bearer.viewer(f"Bearer {hub.access_token(town, header={'typ': kind})}")


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "https://other.example"},
        {"iss": BASE_URL + "/"},
        {"iss": None},
        {"aud": "https://other.example"},
        {"aud": [BASE_URL + "/graphql"]},
        {"aud": None},
        {"exp": NOW - CLOCK_SKEW - 1},
        {"exp": None},
        {"exp": "never"},
        {"exp": float("nan")},
        {"iat": NOW + 3600},
        {"iat": None},
        {"nbf": NOW + 3600},
        {"jti": None},
        {"sub": None},
        {"sub": "bureau"},
        {"client_id": None},
        {"client_id": "bureau"},
        {"client_id": "nobody", "sub": "nobody"},
        {"scope": None},
        {"scope": ""},
        {"scope": "everything"},
        {"role": "bureau"},
        {"role": None},
        {"division": "450000000000"},
        {"division": None},
        {"organisation": 1},
    ],
)
async def test_a_wrong_claim_is_refused(hub: OAuthHub, town: Client, claims: dict[str, Any]) -> None:
    await refused(hub, hub.access_token(town, **claims))


async def test_only_our_signature_counts(hub: OAuthHub, town: Client) -> None:
    public = hub.signing[0].as_pem(private=False)
    for header, sign in (
        ({"alg": "none"}, unsigned),
        ({"alg": "none"}, lambda _: b"x"),
        ({"alg": "HS256"}, hs256(public)),
        ({"alg": "HS256"}, hs256(b"")),
        ({}, signer("ES256", es256_key())),
        ({}, lambda _: b"\x00" * 64),
        ({"kid": hub.signing[1].kid}, signer("ES256", hub.signing[0])),
    ):
        await refused(hub, hub.access_token(town, header=header, sign=sign))


async def test_a_client_cannot_write_its_own_token(hub: OAuthHub, town: Client) -> None:
    key = hub.client_keys[town.client_id]
    await refused(hub, hub.access_token(town, sign=signer("ES256", key), header={"kid": key.kid}))
    await refused(hub, hub.assertion(town.client_id, header={"typ": "at+jwt"}))


async def test_a_changed_token_is_refused_though_the_original_is_known(hub: OAuthHub, town: Client) -> None:
    token = hub.access_token(town)
    await hub.bearer.viewer(f"Bearer {token}")
    head, payload, signature = token.split(".")
    for changed in (f"{head}.{payload}A.{signature}", f"{head}.{payload}.{signature[:-2]}AA", f"{token}="):
        await refused(hub, changed)


async def test_tokens_of_the_key_before_still_count(hub: OAuthHub, town: Client) -> None:
    old = hub.signing[1]
    await hub.bearer.viewer(
        f"Bearer {hub.access_token(town, sign=signer('ES256', old), header={'kid': old.kid})}"
    )


async def test_a_remembered_token_still_ends(hub: OAuthHub, town: Client) -> None:
    token = hub.access_token(town, exp=time.time() - CLOCK_SKEW + 0.6)
    await hub.bearer.viewer(f"Bearer {token}")
    await asyncio.sleep(0.7)
    await refused(hub, token)


# The registry


async def test_changes_of_the_registry_reach_tokens_within_two_seconds(hub: OAuthHub) -> None:
    """One wait for all of them: a suspension, an end, a narrower grant, another division, another role, keys
    that end at once, with those in their place or without, and keys that do not."""
    clients = [await hub.register("township") for _ in range(8)]
    suspended, ended, narrowed, moved, changed, robbed, replaced, rotated = clients
    tokens = {client.client_id: await hub.token(client.client_id) for client in clients}
    for token in tokens.values():
        assert "care" in (await hub.bearer.viewer(f"Bearer {token}")).groups
    await suspend_client(hub.db, suspended.client_id)
    past = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=1)
    await hub.register("township", client_id=ended.client_id, replace=True, expires_at=past)
    await hub.register("township", client_id=narrowed.client_id, replace=True, scopes=["visit.rs"])
    await hub.register("township", client_id=moved.client_id, replace=True, division_code=ANOTHER_TOWN)
    await hub.register("bureau", client_id=changed.client_id, replace=True)
    fresh = {"keys": [es256_key().as_dict(private=False)]}
    await rotate_keys(hub.db, robbed.client_id, fresh, dt.timedelta())
    await hub.register("township", client_id=replaced.client_id, replace=True, jwks=fresh)
    await rotate_keys(hub.db, rotated.client_id, fresh, dt.timedelta(hours=1))
    assert VIEWER_SECONDS <= 2
    await asyncio.sleep(VIEWER_SECONDS + 0.05)
    for client in (suspended, ended, moved, changed, robbed, replaced):
        await refused(hub, tokens[client.client_id])
    viewer = await hub.bearer.viewer(f"Bearer {tokens[narrowed.client_id]}")
    assert viewer.resources == {"visit"}
    assert viewer.groups == {"public"}
    await hub.bearer.viewer(f"Bearer {tokens[rotated.client_id]}")
    await resume_client(hub.db, suspended.client_id)
    await refused(hub, tokens[suspended.client_id])
    await hub.bearer.viewer(f"Bearer {await hub.token(suspended.client_id)}")


async def test_a_suspension_is_not_undone_by_being_short(hub: OAuthHub) -> None:
    client = await hub.register("township")
    token = await hub.token(client.client_id)
    await hub.bearer.viewer(f"Bearer {token}")
    await suspend_client(hub.db, client.client_id)
    await resume_client(hub.db, client.client_id)
    await asyncio.sleep(VIEWER_SECONDS + 0.05)
    await refused(hub, token)


@pytest.mark.parametrize("again", ["later", "never", "anew"])
async def test_the_end_of_a_registration_is_not_undone_by_prolonging_it(hub: OAuthHub, again: str) -> None:
    client = await hub.register("township")
    token, name = await hub.token(client.client_id), client.client_id
    now = dt.datetime.now(dt.UTC)
    await end_client(hub.db, name, now + dt.timedelta(hours=1))  # not ended yet, so this one goes on
    await hub.bearer.viewer(f"Bearer {token}")
    await end_client(hub.db, name, now - dt.timedelta(seconds=1))
    if again == "anew":
        await hub.register("township", client_id=name, replace=True, jwks=client.jwks)
    else:
        await end_client(hub.db, name, now + dt.timedelta(hours=1) if again == "later" else None)
    series = [each.token_series for each in (client, await find_client(hub.db, name)) if each]
    assert series == [0, 1]
    await asyncio.sleep(VIEWER_SECONDS + 0.05)
    await refused(hub, token)
    await hub.bearer.viewer(f"Bearer {await hub.token(name)}")


async def test_a_token_of_no_series_is_of_the_first(hub: OAuthHub) -> None:
    """Issued before there were any."""
    client = await hub.register("township")
    await hub.bearer.viewer(f"Bearer {hub.access_token(client)}")
    for other in (1, -1, "0", [0]):
        await refused(hub, hub.access_token(client, series=other))
    await suspend_client(hub.db, client.client_id)
    await resume_client(hub.db, client.client_id)
    await refused(hub, hub.access_token(client))
    await refused(hub, hub.access_token(client, series=0))
    await hub.bearer.viewer(f"Bearer {hub.access_token(client, series=1)}")
