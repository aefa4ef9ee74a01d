"""The authorization endpoint and codes: who is sent where, with what, and what a code is good for."""

import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from joserfc import jwt
from joserfc.jwk import KeySet
from structlog.testing import capture_logs

from hub.oauth.clients import suspend_client
from tests.support.oauth import ANOTHER_TOWN, BASE_URL, DONGJIANG, GUILIN, QIXING, refused
from tests.support.portal import CALLBACK, PortalHub, portal_hub, sent_back, shown


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[PortalHub]:
    async with portal_hub() as hub:
        yield hub


# The whole way


@pytest.mark.parametrize("pushed", [True, False])
async def test_a_user_lets_a_portal_ask(hub: PortalHub, pushed: bool) -> None:
    person = await hub.user()
    for client in (await hub.portal(), await hub.app()):
        flow = hub.flow(client, person)
        back = sent_back(await flow.decide(await flow.page(pushed=pushed)))
        assert set(back) == {"code", "state", "iss"}
        assert (back["state"], back["iss"]) == (flow.asked["state"], BASE_URL)
        answer = await flow.redeem(back["code"])
        assert answer.headers["cache-control"] == "no-store"
        body = answer.json()
        assert set(body) == {"access_token", "token_type", "expires_in", "scope", "refresh_token"}
        assert (body["expires_in"], body["scope"]) == (300, "station.rs visit.rs")


async def test_the_token_is_the_users(hub: PortalHub) -> None:
    portal, person = await hub.portal(), await hub.user()
    token = (await hub.flow(portal, person).tokens())["access_token"]
    keys = KeySet.import_key_set((await hub.http.get("/oauth/jwks.json")).json())
    claims = jwt.decode(token, keys, algorithms=["ES256"]).claims
    assert abs(claims.pop("iat") - time.time()) < 5
    (grant,) = await hub.sql("select id::text from oauth_grant where user_id = :user", user=person.user_id)
    for name in ("exp", "jti"):
        claims.pop(name)
    assert claims == {
        "iss": BASE_URL,
        "aud": BASE_URL,
        "sub": f"user:{person.user_id}",
        "client_id": portal.client_id,
        "scope": "station.rs visit.rs",
        "role": "township",
        "division": DONGJIANG,
        "grant": grant[0],
        "series": 0,
    }
    viewer = await hub.bearer.viewer(f"Bearer {token}")
    assert (viewer.client_id, viewer.user_id) == (portal.client_id, person.user_id)
    assert (viewer.role, viewer.division_code) == ("township", DONGJIANG)
    assert viewer.resources == {"station", "visit"}


async def test_without_a_refresh_grant_there_is_no_refresh_token(hub: PortalHub) -> None:
    portal = await hub.portal(grant_types=["authorization_code"])
    assert "refresh_token" not in await hub.flow(portal, await hub.user()).tokens()


async def test_codes_and_tokens_are_stored_as_digests(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    code = await flow.code()
    token = (await flow.redeem(code)).json()["refresh_token"]
    for table in ("oauth_code", "oauth_refresh", "oauth_grant", "oauth_request"):
        held = str(await hub.sql(f"select * from {table}"))
        assert code not in held
        assert token not in held
        assert not any(part in held for part in token.split("."))


async def test_logs_hold_nothing_that_opens_or_names(hub: PortalHub) -> None:
    with capture_logs() as said:
        flow = hub.flow(await hub.app(), await hub.user())
        code = await flow.code()
        token = (await flow.redeem(code)).json()["refresh_token"]
        for _ in range(3):
            await flow.refresh(token)
            await flow.redeem(code)
        await hub.flow(await hub.portal(), redirect_uri="https://evil.example/secret").begin(pushed=False)
    assert {"consent_given", "token_issued", "token_refused", "grant_revoked", "authorization_refused"} <= {
        entry["event"] for entry in said
    }
    for held in (code, *token.split("."), flow.verifier, flow.asked["state"], "周明", "secret", CALLBACK):
        assert held not in str(said)


async def test_a_user_gives_what_it_has_and_no_more(hub: PortalHub) -> None:
    person = await hub.user(scopes=["visit.rs", "station.r"])
    flow = hub.flow(await hub.portal(), person, scope="station.rs visit.rs field:care")
    page = await flow.page()
    assert "读取、检索探访记录" in page.text
    assert "field" not in page.text
    assert (await flow.tokens())["scope"] == "station.r visit.rs"


async def test_without_scope_all_of_the_clients_is_asked_for(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(scopes=["visit.rs"]), await hub.user(), scope=None)
    assert (await flow.tokens())["scope"] == "visit.rs"


@pytest.mark.parametrize(
    ("client", "user", "served"),
    [
        ({"division_code": QIXING}, {"division_code": DONGJIANG}, True),
        ({"division_code": QIXING}, {"role": "bureau", "division_code": QIXING}, True),
        ({"division_code": QIXING}, {"role": "bureau", "division_code": GUILIN}, False),
        ({"role": "township", "division_code": DONGJIANG}, {"division_code": ANOTHER_TOWN}, False),
        ({"division_code": QIXING}, {"role": "operator", "division_code": None}, False),
        ({"role": "operator"}, {"division_code": DONGJIANG}, True),
        ({"role": "contractor"}, {"role": "contractor", "division_code": None}, False),
    ],
)
async def test_a_client_takes_users_of_its_own_place(
    hub: PortalHub, client: dict[str, Any], user: dict[str, Any], served: bool
) -> None:
    flow = hub.flow(await hub.portal(**client), await hub.user(**user))
    page = await flow.page()
    assert ('value="allow"' in page.text) is served
    back = sent_back(await flow.decide(page))
    assert ("code" in back) is served
    assert served or back["error"] == "access_denied"


async def test_a_contractors_portal_takes_its_own_people(hub: PortalHub) -> None:
    own, other = await hub.contractor(), await hub.contractor()
    portal = await hub.portal(role="contractor", organisation_id=own)
    for organisation, served in ((own, True), (other, False)):
        person = await hub.user("contractor", None, organisation_id=organisation)
        page = await hub.flow(portal, person).page()
        assert ('value="allow"' in page.text) is served


# Who is sent where


async def test_who_is_not_signed_in_signs_in_first(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal())
    for pushed in (True, False):
        answer = await flow.begin(pushed=pushed)
        if pushed:
            answer = await flow.get(answer.headers["location"])
        assert answer.status_code == 303
        login = urlsplit(answer.headers["location"])
        assert f"{login.scheme}://{login.netloc}{login.path}" == f"{BASE_URL}/login"
        (following,) = parse_qs(login.query)["next"]
        assert following.startswith("/oauth/")
        flow.sign_in(await hub.user())
        page = await flow.get(following)
        if not pushed:
            page = await flow.get(page.headers["location"])
        assert "code" in sent_back(await flow.decide(page))
        flow.cookie = None


async def test_a_stranger_leaves_nothing_behind(hub: PortalHub) -> None:
    before = await hub.sql("select count(*) from oauth_request")
    for _ in range(3):
        await hub.flow(await hub.portal()).begin(pushed=False)
    assert await hub.sql("select count(*) from oauth_request") == before


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"scope": "quarantine.rs"}, "invalid_scope"),
        ({"prompt": "create"}, "invalid_request"),
        ({"request": "a.b.c"}, "request_not_supported"),
    ],
)
async def test_errors_go_to_the_client(hub: PortalHub, changed: dict[str, str | None], error: str) -> None:
    flow = hub.flow(await hub.portal(), await hub.user(), **changed)
    back = sent_back(await flow.begin(pushed=False))
    assert set(back) == {"error", "error_description", "state", "iss"}
    assert (back["error"], back["state"], back["iss"]) == (error, flow.asked["state"], BASE_URL)


async def test_a_state_that_is_none_is_not_sent_back(hub: PortalHub) -> None:
    for state in ("x" * 2001, "状态", "a\r\nset-cookie: b=c"):
        back = sent_back(
            await hub.flow(await hub.portal(), await hub.user(), state=state).begin(pushed=False)
        )
        assert "state" not in back
        assert back["error"] == "invalid_request"


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": None},
        {"client_id": "nobody"},
        {"client_id": "x" * 65},
        {"client_id": "民政局"},
        {"client_id": "bureau\x00"},
        {"redirect_uri": None},
        {"redirect_uri": "https://evil.example/signed-in"},
        {"redirect_uri": "https://portal.example.evil.example/signed-in"},
        {"redirect_uri": "https://portal.example@evil.example/signed-in"},
        {"redirect_uri": "https://portal.example/signed-in/../out"},
        {"redirect_uri": "https://portal.example/signed-in?next=https://evil.example"},
        {"redirect_uri": "https://portal.example/signed-in#x"},
        {"redirect_uri": "https://PORTAL.example/signed-in"},
        {"redirect_uri": "http://portal.example/signed-in"},
        {"redirect_uri": "//evil.example"},
        {"redirect_uri": "javascript:alert(1)"},
        {"redirect_uri": "\\\\evil.example"},
    ],
)
async def test_nobody_is_sent_where_the_client_did_not_say(
    hub: PortalHub, changed: dict[str, str | None]
) -> None:
    shown(await hub.flow(await hub.portal(), await hub.user(), **changed).begin(pushed=False))


async def test_a_suspended_client_sends_nobody(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    page = await flow.page()
    await suspend_client(hub.db, flow.client.client_id)
    shown(await flow.begin(pushed=False))
    shown(await flow.decide(page))


async def test_an_address_that_was_taken_back_is_not_used(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    page = await flow.page()
    await hub.sql(
        "update oauth_client set redirect_uris = '{https://other.example/}' where client_id = :name",
        name=flow.client.client_id,
    )
    shown(await flow.decide(page))


@pytest.mark.parametrize(
    "name", ["client_id", "redirect_uri", "state", "scope", "code_challenge", "prompt", "resource"]
)
async def test_a_repeated_parameter_sends_nobody_anywhere(hub: PortalHub, name: str) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    asked = [*flow.asked.items(), (name, flow.asked.get(name, "login")), (name, "x")]
    shown(await hub.http.get("/oauth/authorize", params=asked))


async def test_a_host_header_moves_nothing(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    lies = {"host": "evil.example", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    cookie = {"cookie": f"__Host-hub_session={flow.cookie}"}
    answer = await hub.http.get("/oauth/authorize", params=flow.asked, headers={**lies, **cookie})
    assert answer.headers["location"].startswith(f"{BASE_URL}/oauth/consent?request=")
    answer = await hub.http.get("/oauth/authorize", params=flow.asked, headers=lies)
    assert answer.headers["location"].startswith(f"{BASE_URL}/login?next=%2Foauth%2F")
    page = await hub.http.get((await flow.begin()).headers["location"], headers={**lies, **cookie})
    assert "evil" not in page.text
    assert "evil" not in str(page.headers)


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_the_endpoint_is_read(hub: PortalHub, method: str) -> None:
    assert (await hub.http.request(method, "/oauth/authorize")).status_code == 405


@pytest.mark.parametrize("port", ["", ":1", ":8765", ":65535"])
async def test_a_program_on_the_users_machine_has_any_port(hub: PortalHub, port: str) -> None:
    flow = hub.flow(await hub.app(), await hub.user(), redirect_uri=f"http://127.0.0.1{port}/back")
    answer = await flow.redeem(await flow.code())
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:8765/other",
        "http://127.0.0.1:x/back",
        "http://127.0.0.1:8765@evil.example/back",
        "http://localhost:8765/back",
        "http://127.0.0.2:8765/back",
        "https://127.0.0.1:8765/back",
        "https://portal.example:8765/signed-in",
    ],
)
async def test_any_port_is_all_that_is_free(hub: PortalHub, uri: str) -> None:
    shown(await hub.flow(await hub.app(), await hub.user(), redirect_uri=uri).begin(pushed=False))


async def test_the_port_of_a_client_with_a_key_is_not_free(hub: PortalHub) -> None:
    portal = await hub.portal(redirect_uris=["http://127.0.0.1:8765/back"])
    person = await hub.user()
    assert (
        await hub.flow(portal, person, redirect_uri="http://127.0.0.1:8765/back").begin()
    ).status_code == 303
    shown(await hub.flow(portal, person, redirect_uri="http://127.0.0.1:8766/back").begin(pushed=False))


# Prompts


async def test_prompt_none_never_asks(hub: PortalHub) -> None:
    for person, error in ((None, "login_required"), (await hub.user(), "consent_required")):
        flow = hub.flow(await hub.portal(), person, prompt="none")
        assert sent_back(await flow.begin(pushed=False))["error"] == error
        answer = await flow.begin()
        back = sent_back(await flow.get(answer.headers["location"]))
        assert (back["error"], back["state"], back["iss"]) == (error, flow.asked["state"], BASE_URL)


@pytest.mark.parametrize("prompt", ["login", "select_account", "login consent"])
async def test_prompt_login_wants_a_session_younger_than_the_request(hub: PortalHub, prompt: str) -> None:
    flow = hub.flow(await hub.portal(), await hub.user(), prompt=prompt)
    for pushed in (True, False):
        where = (await flow.begin(pushed=pushed)).headers["location"]
        answer = await flow.get(where)
        assert answer.headers["location"].startswith(f"{BASE_URL}/login?next=%2Foauth%2Fconsent")
        flow.sign_in(await hub.user())
        assert "code" in sent_back(await flow.decide(await flow.get(where)))


# What a code is good for


async def test_one_code_used_ten_times_at_once_yields_one_token(hub: PortalHub) -> None:
    for client in (await hub.portal(), await hub.app()):
        flow = hub.flow(client, await hub.user())
        code = await flow.code()
        answers = await hub.everywhere("/oauth/token", [flow.redeeming(code) for _ in range(10)])
        assert sorted(answer.status_code for answer in answers) == [200, *[400] * 9]
        for answer in answers:
            if answer.status_code != 200:
                refused(answer, "invalid_grant")


async def test_a_second_use_takes_back_what_the_first_gave(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    code = await flow.code()
    first = (await flow.redeem(code)).json()
    assert (await flow.refresh(first["refresh_token"])).status_code == 200
    refused(await flow.redeem(code, code_verifier="y" * 43), "invalid_grant")
    refused(await flow.refresh(first["refresh_token"]), "invalid_grant")
    with pytest.raises(Exception, match="consented"):
        await hub.bearer.viewer(f"Bearer {first['access_token']}")


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code": None}, "invalid_request"),
        ({"code": "guess"}, "invalid_grant"),
        ({"code": "编号"}, "invalid_grant"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"grant_type": "implicit"}, "unsupported_grant_type"),
        ({"client_assertion": None}, "invalid_client"),
    ],
)
async def test_who_does_not_bring_the_code_as_its_client_ends_nothing(
    hub: PortalHub, changed: dict[str, str | None], error: str
) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    code = await flow.code()
    refused(await flow.redeem(code, **changed), error)
    assert (await flow.redeem(code)).status_code == 200


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"redirect_uri": None}, "invalid_grant"),
        ({"redirect_uri": "https://evil.example/"}, "invalid_grant"),
        ({"redirect_uri": CALLBACK + "/"}, "invalid_grant"),
        ({"code_verifier": None}, "invalid_request"),
        ({"code_verifier": "x" * 42}, "invalid_request"),
        ({"code_verifier": "x" * 129}, "invalid_request"),
        ({"code_verifier": "x" * 43}, "invalid_grant"),
        ({"code_verifier": "校" * 43}, "invalid_request"),
    ],
)
async def test_a_code_that_was_brought_wrongly_is_used_up(
    hub: PortalHub, changed: dict[str, str | None], error: str
) -> None:
    """Nobody guesses on."""
    flow = hub.flow(await hub.portal(), person := await hub.user())
    code = await flow.code()
    refused(await flow.redeem(code, **changed), error)
    refused(await flow.redeem(code), "invalid_grant")
    assert await hub.sql(
        "select revoked_at is not null from oauth_grant where user_id = :user", user=person.user_id
    ) == [(True,)]


async def test_of_ten_verifiers_at_once_one_is_looked_at(hub: PortalHub) -> None:
    flow = hub.flow(await hub.app(), await hub.user())
    code = await flow.code()
    forms = [{**flow.redeeming(code), "code_verifier": f"{n}" * 43} for n in range(9)]
    answers = await hub.everywhere("/oauth/token", forms)
    said = sorted(answer.json()["error_description"] for answer in answers)
    assert said == ["Code challenge failed.", *["Invalid 'code' in request."] * 8]
    refused(await flow.redeem(code), "invalid_grant")


async def test_the_challenge_itself_is_no_verifier(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    refused(await flow.redeem(await flow.code(), code_verifier=flow.asked["code_challenge"]), "invalid_grant")


async def test_a_code_is_of_one_client(hub: PortalHub) -> None:
    flow, person = hub.flow(await hub.portal(), owner := await hub.user()), await hub.user()
    code = await flow.code()
    for other in (await hub.portal(), await hub.app()):
        thief = hub.flow(other, person)
        refused(await thief.redeem(code, code_verifier=flow.verifier), "invalid_grant")
    assert (await flow.redeem(code)).status_code == 200
    refused(await thief.redeem(code, code_verifier=flow.verifier), "invalid_grant")
    (ended,) = await hub.sql("select revoked_at from oauth_grant where user_id = :user", user=owner.user_id)
    assert ended[0] is None, "a stranger must not be able to end it"


async def test_a_portals_code_is_not_for_who_says_its_name(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    form = {
        "grant_type": "authorization_code",
        "code": await flow.code(),
        "client_id": flow.client.client_id,
        "redirect_uri": CALLBACK,
        "code_verifier": flow.verifier,
    }
    refused(await hub.http.post("/oauth/token", data=form), "invalid_client")


async def test_a_code_of_another_request_is_refused(hub: PortalHub) -> None:
    """Mixed-up and injected codes: the verifier belongs to the browser's own request."""
    portal = await hub.portal()
    victim, attacker = hub.flow(portal, await hub.user()), hub.flow(portal, await hub.user())
    refused(await victim.redeem(await attacker.code()), "invalid_grant")


async def test_a_code_ends_after_a_minute(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    code = await flow.code()
    (life,) = await hub.sql(
        "select extract(epoch from max(expires_at) - now())::float from oauth_code where used_at is null"
    )
    assert 50 < life[0] <= 60
    await hub.sql(
        "update oauth_code set expires_at = expires_at - interval '61 seconds' where used_at is null"
    )
    refused(await flow.redeem(code), "invalid_grant")


async def test_codes_are_forgotten_after_a_day(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    await flow.tokens()
    (before,) = await hub.sql("select count(*) from oauth_code")
    await hub.sql("update oauth_code set expires_at = expires_at - interval '2 days'")
    for _ in range(before[0] // 20 + 1):
        await flow.code()
    assert await hub.sql("select 1 from oauth_code where expires_at < now() - interval '1 day'") == []


@pytest.mark.parametrize(
    "ending",
    [
        "update hub_user set status = 'SUSPENDED' where id = :user",
        "delete from hub_user where id = :user",
        "update hub_user set scopes = '{source.rs}' where id = :user",
        "update hub_user set division_code = '450300000000' where id = :user",
        "update oauth_grant set revoked_at = now() where user_id = :user",
        "update oauth_grant set expires_at = now() where user_id = :user",
    ],
)
async def test_a_code_dies_with_what_it_stands_for(hub: PortalHub, ending: str) -> None:
    flow = hub.flow(await hub.portal(), person := await hub.user())
    code = await flow.code()
    await hub.sql(ending, user=person.user_id)
    refused(await flow.redeem(code), "invalid_grant")


async def test_scopes_are_those_of_now(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), person := await hub.user())
    code = await flow.code()
    await hub.sql("update hub_user set scopes = '{visit.rs}' where id = :user", user=person.user_id)
    assert (await flow.redeem(code)).json()["scope"] == "visit.rs"


async def test_a_code_bound_to_a_key_wants_that_key(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user(), dpop_jkt="k" * 43)
    refused(await flow.redeem(await flow.code()), "invalid_grant")


@pytest.mark.parametrize(
    "uri",
    [
        "https://portal.example/",
        "https://portal.example:8443/a/b-c_d~e",
        "https://portal.example/?op=callback",
        "https://xn--1qq.example/",
        "http://127.0.0.1/back",
        "http://127.0.0.1:8765/back",
        "http://[::1]/back",
    ],
)
async def test_addresses_that_can_be_registered(hub: PortalHub, uri: str) -> None:
    flow = hub.flow(await hub.portal(redirect_uris=[uri]), await hub.user(), redirect_uri=uri)
    answer = await flow.decide(await flow.page())
    assert answer.headers["location"].startswith(uri.partition("?")[0] + "?")
    assert f"iss={BASE_URL.replace('://', '%3A%2F%2F')}" in answer.headers["location"]
