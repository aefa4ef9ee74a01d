"""The page that asks the user: what it says, whom it sends where, and who cannot answer for the user."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from html.parser import HTMLParser

import httpx
import pytest
import pytest_asyncio

from hub.access.scopes import atoms, describe
from hub.errors import Unavailable
from hub.oauth.metadata import Issuer
from hub.web.consent import spoken
from hub.web.following import Places
from hub.web.pages import SESSION
from tests.support.oauth import BASE_URL, DONGJIANG
from tests.support.portal import CALLBACK, SCOPES, Person, PortalHub, portal_hub, sent_back, shown


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[PortalHub]:
    async with portal_hub() as hub:
        yield hub


async def page(hub: PortalHub, accept_language: str = "", **changed: str | None) -> httpx.Response:
    flow = hub.flow(await hub.portal(name="七星区<门户> & “portal”"), await hub.user(), **changed)
    where = (await flow.begin()).headers["location"]
    headers = {"cookie": f"__Host-hub_session={flow.cookie}", "accept-language": accept_language}
    return await hub.http.get(where, headers=headers)


# What it says


async def test_scopes_are_sentences(hub: PortalHub) -> None:
    for language, number in (("zh-CN", 0), ("en", 1)):
        answer = await page(hub, language, scope="visit.rs field:care")
        for scope in ("visit.rs", "field:care"):
            assert f"<li>{describe(scope)[number]}</li>" in answer.text
        assert "visit.rs" not in answer.text.partition("<form")[0]


async def test_who_asks_and_who_answers_is_shown_as_text(hub: PortalHub) -> None:
    answer = await page(hub)
    assert "七星区&lt;门户&gt; &amp; “portal”" in answer.text
    assert "<门户>" not in answer.text
    assert "周明" in answer.text
    assert "portal.example" in answer.text


async def test_the_page_is_one_of_a_form_and_no_script(hub: PortalHub) -> None:
    class Seen(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.append((tag, dict(attrs)))

    tags: list[tuple[str, dict[str, str | None]]] = []
    answer = await page(hub)
    Seen().feed(answer.text)
    names = [tag for tag, _ in tags]
    assert names.count("h1") == names.count("main") == names.count("form") == names.count("title") == 1
    assert "script" not in names
    assert not any(name.startswith("on") for _, attrs in tags for name in attrs)
    assert next(attrs for tag, attrs in tags if tag == "html")["lang"] == "zh-CN"
    buttons = [attrs for tag, attrs in tags if tag == "button"]
    assert [(b["type"], b["name"], b["value"]) for b in buttons] == [
        ("submit", "decision", "allow"),
        ("submit", "decision", "deny"),
    ]


async def test_nothing_else_may_run_frame_or_keep_it(hub: PortalHub) -> None:
    headers = (await page(hub)).headers
    policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["form-action"] == "'self' https://portal.example"
    assert "script-src" not in policy
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


async def test_a_form_may_go_on_to_a_loopback_address(hub: PortalHub) -> None:
    for uri, source in (
        ("http://127.0.0.1:8765/back", "http://127.0.0.1:8765"),
        ("http://[::1]:80/b", "http:"),
    ):
        app = await hub.app(redirect_uris=[uri])
        flow = hub.flow(app, await hub.user(), redirect_uri=uri)
        assert f"form-action 'self' {source};" in (await flow.page()).headers["content-security-policy"]


@pytest.mark.parametrize(
    ("locales", "accepted", "language"),
    [
        ("", "", "zh"),
        ("", "en-GB,en", "en"),
        ("", "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en", "zh", "en"),
        ("fr zh-Hans en", "en", "zh"),
        ("ending", "zh", "zh"),
        ("fr", "fr", "en"),
    ],
)
def test_its_language(locales: str, accepted: str, language: str) -> None:
    assert spoken(locales, accepted) == language


async def test_the_client_may_choose_the_language(hub: PortalHub) -> None:
    answer = await page(hub, "zh", ui_locales="en zh")
    assert '<html lang="en">' in answer.text
    assert ">Allow<" in answer.text


async def test_failures_are_told_in_both_languages(hub: PortalHub) -> None:
    for language, said in (("zh", "无法继续"), ("en", "This cannot go on")):
        answer = await hub.http.get("/oauth/authorize", headers={"accept-language": language})
        shown(answer)
        assert said in answer.text


# What follows


async def test_refusing_is_an_answer(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), person := await hub.user())
    back = sent_back(await flow.decide(await flow.page(), "deny"))
    assert set(back) == {"error", "error_description", "state", "iss"}
    assert (back["error"], back["state"], back["iss"]) == ("access_denied", flow.asked["state"], BASE_URL)
    assert await hub.sql("select 1 from oauth_grant where user_id = :user", user=person.user_id) == []


@pytest.mark.parametrize("decision", ["", "yes", "ALLOW", "allow,deny"])
async def test_only_allowing_allows(hub: PortalHub, decision: str) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    assert sent_back(await flow.decide(await flow.page(), decision))["error"] == "access_denied"


async def test_a_question_is_answered_once(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    asked = await flow.page(pushed=False)
    answers = await asyncio.gather(*(flow.decide(asked) for _ in range(10)))
    assert sorted(answer.status_code for answer in answers) == [303, *[400] * 9]
    shown(await flow.decide(asked))


async def test_the_answer_is_a_303_that_tells_nobody_where_from(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    answer = await flow.decide(await flow.page())
    assert (answer.status_code, answer.headers["referrer-policy"]) == (303, "no-referrer")
    assert answer.headers["cache-control"] == "no-store"


async def test_without_state_none_comes_back(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user(), state=None)
    assert set(sent_back(await flow.decide(await flow.page()))) == {"code", "iss"}


async def test_a_redirect_uri_keeps_its_query(hub: PortalHub) -> None:
    uri = f"{CALLBACK}?op=oauth"
    flow = hub.flow(await hub.portal(redirect_uris=[uri]), await hub.user(), redirect_uri=uri)
    assert sent_back(await flow.decide(await flow.page()))["op"] == "oauth"


async def test_what_was_not_on_the_page_is_not_given(hub: PortalHub) -> None:
    """The user gets more rights, in a registry that others write, while the page is open."""
    flow = hub.flow(await hub.portal(), await hub.user(scopes=["visit.rs"]), scope="station.rs visit.rs")
    asked = await flow.page()
    assert flow.person
    more = Person(flow.person.user_id, "township", DONGJIANG, None, atoms(SCOPES), csrf=flow.person.csrf)
    hub.sessions.kept[str(flow.cookie)] = more
    await hub.sql("update hub_user set scopes = '{station.rs,visit.rs}' where id = :user", user=more.user_id)
    code = sent_back(await flow.decide(asked))["code"]
    assert (await flow.redeem(code)).json()["scope"] == "visit.rs"


@pytest.mark.parametrize("shown_scopes", [None, "", "all", "权限", "station.rs\0"])
async def test_an_answer_without_what_was_shown_gives_nothing(
    hub: PortalHub, shown_scopes: str | None
) -> None:
    flow = hub.flow(await hub.portal(), person := await hub.user())
    answer = await flow.decide(await flow.page(), scope=shown_scopes)
    assert "code=" not in answer.headers.get("location", "")
    assert answer.status_code in (303, 400)
    assert await hub.sql("select 1 from oauth_grant where user_id = :user", user=person.user_id) == []


async def test_an_answer_gives_no_more_than_was_asked(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user(), scope="visit.rs")
    code = sent_back(await flow.decide(await flow.page(), scope="visit.rs station.rs"))["code"]
    assert (await flow.redeem(code)).json()["scope"] == "visit.rs"


# Who cannot answer


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"content-type": "text/plain"},
        {"content-type": "multipart/form-data; boundary=x"},
    ],
)
async def test_another_sites_page_cannot_answer(hub: PortalHub, headers: dict[str, str]) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    asked = await flow.page()
    hub.http.headers.update(headers)
    try:
        shown(await flow.decide(asked))
    finally:
        for name in headers:
            del hub.http.headers[name]
    assert "code" in sent_back(await flow.decide(asked))


async def test_the_hubs_own_page_can(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    asked = await flow.page()
    hub.http.headers.update({"origin": BASE_URL, "sec-fetch-site": "same-origin"})
    try:
        assert "code" in sent_back(await flow.decide(asked))
    finally:
        del hub.http.headers["origin"], hub.http.headers["sec-fetch-site"]


@pytest.mark.parametrize("csrf", [None, "", "guess", "令牌"])
async def test_an_answer_carries_the_sessions_word(hub: PortalHub, csrf: str | None) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    asked = await flow.page()
    shown(await flow.decide(asked, csrf=csrf))
    assert "code" in sent_back(await flow.decide(asked))


async def test_another_session_cannot_use_the_page(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    asked = await flow.page()
    flow.sign_in(await hub.user())
    shown(await flow.decide(asked))
    flow.cookie = None
    shown(await flow.decide(asked))


@pytest.mark.parametrize("name", [None, "", "guess", "请求"])
async def test_a_question_nobody_asked(hub: PortalHub, name: str | None) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    shown(await flow.decide(await flow.page(), request=name))
    shown(await flow.get("/oauth/consent", **({"request": name} if name else {})))
    shown(await flow.get("/oauth/consent?request=a&request=b"))


async def test_a_long_form_is_not_read(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), await hub.user())
    assert (await flow.decide(await flow.page(), csrf="x" * 20_000)).status_code in (400, 413)


async def test_a_session_that_is_too_old_cannot_answer(hub: PortalHub) -> None:
    """Who leaves the page that wants a new session, and answers by hand."""
    flow = hub.flow(await hub.portal(), await hub.user())
    asked = await flow.page()
    await hub.sql("""update oauth_request set parameters = parameters || '{"prompt": "login"}'""")
    back = sent_back(await flow.decide(asked))
    assert back["error"] == "access_denied"


async def test_a_user_who_is_gone_meanwhile_gives_nothing(hub: PortalHub) -> None:
    flow = hub.flow(await hub.portal(), person := await hub.user())
    asked = await flow.page()
    await hub.sql("delete from hub_user where id = :user", user=person.user_id)
    shown(await flow.decide(asked))
    assert await hub.sql("select 1 from oauth_grant where user_id = :user", user=person.user_id) == []


async def test_old_sessions_are_young_enough_without_a_prompt(hub: PortalHub) -> None:
    person = await hub.user()
    object.__setattr__(person, "signed_in_at", dt.datetime.now(dt.UTC) - dt.timedelta(hours=8))
    assert (await hub.flow(await hub.portal(), person).page()).status_code == 200


async def test_a_database_that_is_away_is_told_as_such(
    hub: PortalHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(cookie: str | None) -> None:
        raise Unavailable

    flow = hub.flow(await hub.portal(), await hub.user())
    monkeypatch.setattr(hub.sessions, "of", away)
    shown(await flow.begin(), 503)


def test_the_cookie_is_bound_to_the_host_where_it_can_be() -> None:
    assert Places(Issuer.of(BASE_URL)).cookie(SESSION) == "__Host-hub_session"
    assert Places(Issuer.of("http://127.0.0.1:8000")).cookie(SESSION) == "hub_session"
