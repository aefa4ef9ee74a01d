"""Sessions end by time, by their user and by the operator; forms are taken from our own pages only."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html.parser import HTMLParser

import pytest
import pytest_asyncio
from argon2 import PasswordHasher

from hub.oauth.sessions import IDLE_MINUTES, WHOLE_HOURS
from hub.oauth.users import Users
from hub.web.login_words import WORDS
from tests.support.oauth import BASE_URL
from tests.support.serving import serving
from tests.support.users import OWN, Browser, UserHub, user_hub

NEW = "Nine-brown 竹林 cups"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def hub() -> AsyncIterator[UserHub]:
    async with user_hub() as hub:
        yield hub


async def signed_in(hub: UserHub, login: str, count: int = 1) -> list[Browser]:
    if not await hub.fetch("select id from hub_user where login = $1", login):
        await hub.settled(login)
    browsers = [hub.browser() for _ in range(count)]
    for browser in browsers:
        await browser.whole(login)
    return browsers


async def age(hub: UserHub, login: str, minutes: float) -> None:
    """Let time pass for the user's sessions, unused."""
    await hub.db.fetch(
        "update user_session set seen_at = seen_at - make_interval(secs => $2),"
        " expires_at = expires_at - make_interval(secs => $2)"
        " where user_id = (select id from hub_user where login = $1)",
        login,
        minutes * 60,
    )


async def test_a_session_that_is_not_used_ends(hub: UserHub) -> None:
    (browser,) = await signed_in(hub, "idle")
    for _ in range(3):
        await age(hub, "idle", IDLE_MINUTES - 1)
        assert await browser.who() is not None
    await age(hub, "idle", IDLE_MINUTES + 1)
    assert await browser.who() is None
    assert "/login?next=" in (await browser.get("/account")).headers["location"]


async def test_a_session_that_is_used_ends_after_a_working_day(hub: UserHub) -> None:
    (browser,) = await signed_in(hub, "whole")
    for _ in range(WHOLE_HOURS * 60 // 25):
        assert await browser.who() is not None
        await age(hub, "whole", 25)
    await age(hub, "whole", 6)
    assert await browser.who() is None


async def test_half_a_sign_in_ends_soon(hub: UserHub) -> None:
    await hub.settled("half")
    browser = hub.browser()
    await browser.sign_in("half", OWN)
    await age(hub, "half", 21)
    answer = await browser.submit("/login/code", code=hub.code("half"))
    assert "/login?" in answer.headers["location"]
    assert await browser.who() is None


async def test_ended_sessions_are_deleted(hub: UserHub) -> None:
    await signed_in(hub, "purged", 2)
    await age(hub, "purged", IDLE_MINUTES + 1)
    await signed_in(hub, "purged")
    number = await hub.fetch("select id from hub_user where login = 'purged'")
    assert await hub.fetch("select count(*) from user_session where user_id = $1", number) == 1


async def test_the_page_lists_ones_own_sessions_and_ends_one(hub: UserHub) -> None:
    first, second, third = await signed_in(hub, "lists", 3)
    (stranger,) = await signed_in(hub, "stranger")
    await first.get("/account")
    assert first.page.count('<li class="session">') == 3
    assert first.page.count("Firefox, Linux") == 3
    assert first.page.count("当前会话") == 1
    who = await second.who()
    other = await stranger.who()
    assert who is not None
    assert other is not None
    answer = await first.submit("/account/end", session=str(who.session_id))
    assert answer.headers["location"] == f"{BASE_URL}/account?done=ended"
    assert "会话已结束" in first.page
    for number in (str(other.session_id), "x", "", "9" * 30, "-1"):
        await first.submit("/account/end", session=number)
    assert await second.who() is None
    assert await third.who() is not None
    assert await stranger.who() is not None


async def test_all_other_sessions_end_and_this_one_stays(hub: UserHub) -> None:
    first, second, third = await signed_in(hub, "others", 3)
    await first.get("/account")
    await first.submit("/account/end", session="others")
    assert [await b.who() is not None for b in (first, second, third)] == [True, False, False]
    assert 'value="others"' not in first.page


async def test_signing_out_ends_the_session_and_takes_the_cookie_away(hub: UserHub) -> None:
    (browser,) = await signed_in(hub, "leaves")
    cookie = browser.cookie
    await browser.get("/account")
    answer = await browser.submit("/logout")
    assert answer.headers["location"] == f"{BASE_URL}/login"
    assert browser.cookie is None
    assert await hub.sessions.of(cookie) is None


async def test_another_password_ends_the_other_sessions(hub: UserHub) -> None:
    first, second = await signed_in(hub, "changes", 2)
    await first.get("/account/password")
    for fields, problem, field in (
        ({"password": "wrong", "new": NEW, "again": NEW}, "当前口令有误", "password"),
        ({"password": OWN, "new": NEW, "again": OWN}, "两次输入的新口令不一致", "again"),
        ({"password": OWN, "new": "short", "again": "short"}, "12 至 128", "new"),
        ({"password": OWN, "new": OWN, "again": OWN}, "不能与原口令相同", "new"),
        ({"password": OWN, "new": "changes-x9!k2 mm", "again": "changes-x9!k2 mm"}, "登录名", "new"),
        ({"password": OWN, "new": "password1234", "again": "password1234"}, "容易被猜中", "new"),
    ):
        answer = await first.submit("/account/password", **fields)
        assert answer.status_code == 422, fields
        assert problem in first.problem()
        assert f'<a href="#{field}">' in first.page
    answer = await first.submit("/account/password", password=OWN, new=NEW, again=NEW)
    assert answer.headers["location"] == f"{BASE_URL}/account?done=changed"
    assert await first.who() is not None
    assert await second.who() is None
    assert (await hub.browser().sign_in("changes", OWN)).status_code == 422
    assert (await hub.browser().whole("changes", NEW)).status_code == 303


async def test_a_hash_of_older_parameters_is_made_anew(hub: UserHub) -> None:
    await hub.settled("older")
    weak = PasswordHasher(1, 8192, 1).hash(OWN)
    await hub.db.fetch("update hub_user set password_hash = $1 where login = 'older'", weak)
    assert (await hub.browser().whole("older")).status_code == 303
    kept = await hub.fetch("select password_hash from hub_user where login = 'older'")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert (await hub.browser().whole("older")).status_code == 303


@pytest.mark.parametrize("change", ["lock", "reset_password", "reset_totp", "end_sessions"])
async def test_what_the_operator_does_ends_sessions(hub: UserHub, change: str) -> None:
    login = f"op-{change.replace('_', '-')}"
    (browser,) = await signed_in(hub, login)
    half = hub.browser()
    await half.sign_in(login, OWN)
    await getattr(Users(hub.db, hub.vault), change)(login)
    assert await browser.who() is None
    assert await hub.sessions.pending(half.cookie) is None
    if change == "lock":
        await hub.users.unlock(login)
        assert await browser.who() is None


async def test_a_locked_user_has_no_session_even_where_a_row_is_left(hub: UserHub) -> None:
    (browser,) = await signed_in(hub, "kept")
    await hub.db.fetch("update hub_user set status = 'SUSPENDED' where login = 'kept'")
    assert await browser.who() is None


async def test_a_password_that_was_reset_meanwhile_begins_nothing(hub: UserHub) -> None:
    await hub.settled("meanwhile")
    number = await hub.fetch("select id from hub_user where login = 'meanwhile'")
    held = await hub.fetch("select password_hash from hub_user where login = 'meanwhile'")
    await hub.users.reset_password("meanwhile")
    assert await hub.sessions.begin(number, held, "") is None


async def test_after_a_reset_everything_is_set_up_anew(hub: UserHub) -> None:
    codes = await hub.settled("anew")
    password = await hub.users.reset_password("anew")
    await hub.users.reset_totp("anew")
    browser = hub.browser()
    assert "/login/enrol" in (await browser.sign_in("anew", password)).headers["location"]
    await browser.enrol("anew")
    assert "/login/password" in (await browser.submit("/login/onward")).headers["location"]
    assert (await browser.submit("/login/password", new=NEW, again=NEW)).status_code == 303
    hub.clock.pass_step()
    other = hub.browser()
    await other.sign_in("anew", NEW)
    assert (await other.submit("/login/code", code=codes[0])).status_code == 422


# Forms


@pytest.mark.parametrize("cookie", [None, "", "x", "é", "\x00", "x" * 5000])
async def test_a_cookie_of_nobody_is_nobody(hub: UserHub, cookie: str | None) -> None:
    assert await hub.sessions.of(cookie) is None
    assert await hub.sessions.pending(cookie) is None


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"content-type": "text/plain"},
        {"content-type": "application/json"},
    ],
)
async def test_a_form_of_another_page_is_refused(hub: UserHub, headers: dict[str, str]) -> None:
    (browser,) = await signed_in(hub, "forged")
    await browser.get("/account")
    for path in ("/account/end", "/account/password", "/logout"):
        answer = await browser.submit(path, headers, session="others", password=OWN, new=NEW, again=NEW)
        assert answer.status_code == 403, path
    assert await browser.who() is not None
    await browser.get("/login", prompt="login")
    answer = await browser.submit("/login", headers, login="forged", password=OWN)
    assert answer.status_code == 403
    assert "已过期" in browser.problem()


async def test_a_form_needs_the_proof_of_its_own_browser(hub: UserHub) -> None:
    victim, attacker = await signed_in(hub, "proof", 2)
    await attacker.get("/account")
    await victim.get("/account")
    for proof in (attacker.csrf, "", "x"):
        assert (await victim.http.post("/logout", data={"csrf": proof})).status_code == 403
    for body in (
        f"csrf={victim.csrf}&csrf={victim.csrf}",
        "csrf=%FF",
        "csrf=é",
        f"csrf={victim.csrf}&session=%00",
        "&".join(f"a{n}=" for n in range(30)),
    ):
        kind = {"content-type": "application/x-www-form-urlencoded"}
        answer = await victim.http.post("/logout", content=body.encode(), headers=kind)
        assert answer.status_code == 403, body
    assert (await victim.http.post("/logout", data={"csrf": "x" * 20_000})).status_code == 413
    assert await victim.who() is not None
    fresh, other = hub.browser(), hub.browser()
    await other.get("/login")
    await fresh.get("/login")
    fresh.page = other.page
    answer = await fresh.submit("/login", login="proof", password=OWN)
    assert answer.status_code == 403
    bare = await hub.browser().http.post("/login", data={"csrf": "", "login": "proof", "password": OWN})
    assert bare.status_code == 403


async def test_what_is_only_a_form_has_no_page(hub: UserHub) -> None:
    (browser,) = await signed_in(hub, "formless")
    assert (await browser.http.get("/login/onward")).status_code == 303
    answer = await browser.http.post("/account", data={"csrf": "x"})
    assert answer.status_code == 403
    await browser.get("/account")
    assert (await browser.submit("/account")).headers["location"] == f"{BASE_URL}/account"
    browser.http.cookies.clear()
    assert (await browser.http.post("/logout", data={"csrf": "x"})).status_code == 303
    answer = await browser.http.post("/login/onward", data={"csrf": "x"})
    assert answer.status_code == 403
    assert 'href="/login"' in answer.text


async def test_no_host_header_says_where_to_go(hub: UserHub) -> None:
    (browser,) = await signed_in(hub, "hosts")
    headers = {"host": "evil.example", "x-forwarded-host": "evil.example", "forwarded": "host=evil.example"}
    for path in ("/login?next=/account", "/login/code", "/login/onward"):
        answer = await browser.http.get(path, headers=headers)
        assert answer.headers["location"].startswith(f"{BASE_URL}/")


@pytest.mark.parametrize(
    "following", ["//evil.example", "/\\evil.example", "https://evil.example", "/%2fevil.example"]
)
async def test_no_next_leads_away(hub: UserHub, following: str) -> None:
    login = f"next-{abs(hash(following)) % 10**6}"
    await hub.settled(login)
    browser = hub.browser()
    await browser.get("/login", next=following)
    assert "evil" not in browser.page
    answer = await browser.submit("/login", login=login, password=OWN, next=following)
    assert answer.headers["location"] == f"{BASE_URL}/login/code?next=%2Faccount"
    answer = await browser.submit("/login/code", code=hub.code(login), next=following)
    assert answer.headers["location"] == f"{BASE_URL}/account"
    assert (await browser.get("/login", next=following)).headers["location"] == f"{BASE_URL}/account"


# Pages


class Tags(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def of(self, wanted: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if tag == wanted]


async def pages(hub: UserHub, login: str) -> dict[str, str]:
    """Every page there is."""
    shown: dict[str, str] = {}
    browser = hub.browser()
    await browser.sign_in(login, await hub.add(login))
    shown["enrol"] = browser.page
    hub.secrets[login] = browser.secret
    shown["recovery"] = (await browser.submit("/login/enrol", code=hub.code(login))).text
    await browser.submit("/login/onward")
    shown["password"] = browser.page
    await browser.submit("/login/password", new=OWN, again=OWN)
    shown["account"] = browser.page
    await browser.get("/account/password")
    shown["change"] = browser.page
    hub.clock.pass_step()
    other = hub.browser()
    await other.sign_in(login, "wrong")
    shown["login, wrong"] = other.page
    await other.sign_in(login, OWN)
    shown["code"] = other.page
    await other.submit("/login/code", code="1")
    shown["code, wrong"] = other.page
    return shown


async def test_every_page_is_accessible_and_runs_nothing(hub: UserHub) -> None:
    for name, text in (await pages(hub, "accessible")).items():
        page = Tags(text)
        ids = [str(attrs["id"]) for _, attrs in page.tags if "id" in attrs]
        assert len(ids) == len({*ids}), name
        assert page.of("html")[0]["lang"] == "zh-CN"
        assert [len(page.of(tag)) for tag in ("h1", "main", "title")] == [1, 1, 1], name
        assert not page.of("script"), name
        assert not [attrs for _, attrs in page.tags if any(a == "style" or a.startswith("on") for a in attrs)]
        labels = {attrs["for"] for attrs in page.of("label")}
        for field in page.of("input"):
            if field["type"] != "hidden":
                assert field["id"] in labels, name
                assert field["autocomplete"], name
                assert {*str(field.get("aria-describedby") or ids[0]).split()} <= {*ids}, name
        assert all(attrs.get("type") == "submit" for attrs in page.of("button")), name
        assert not [attrs for _, attrs in page.tags if "tabindex" in attrs and attrs["tabindex"] != "-1"]
        if "wrong" in name:
            (problem,) = [attrs for attrs in page.of("div") if attrs.get("role") == "alert"]
            assert "autofocus" in problem
            wrong = next(attrs for attrs in page.of("input") if attrs.get("aria-invalid") == "true")
            assert f"{wrong['id']}-wrong" in str(wrong["aria-describedby"])
            assert f'<a href="#{wrong["id"]}">' in text
            assert re.search(r"<title>错误 · ", text)
        for held in (OWN, "wrong"):
            assert f'value="{held}"' not in text, "a password is never sent back"


async def test_every_answer_is_kept_nowhere_and_lets_nothing_in(hub: UserHub) -> None:
    (browser,) = await signed_in(hub, "headers")
    answers = [
        await browser.get("/account"),
        await browser.get("/account/password"),
        await browser.get("/login", prompt="login"),
        await browser.get("/login/code"),
        await browser.submit("/login", login="headers", password="wrong"),
        await browser.http.post("/logout", data={"csrf": ""}),
    ]
    nonces = set()
    for answer in answers:
        assert answer.headers["cache-control"] == "no-store"
        if answer.status_code == 303:
            continue
        policy = dict(
            p.strip().partition(" ")[::2] for p in answer.headers["content-security-policy"].split(";")
        )
        assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        assert policy["form-action"] == "'self'"
        assert set(policy) == {"default-src", "base-uri", "frame-ancestors", "form-action", "style-src"}
        nonces.add(policy["style-src"])
        assert f'<style nonce="{policy["style-src"][7:-1]}">' in answer.text
    assert len(nonces) == 5


@pytest.mark.parametrize(
    ("accept", "lang", "wanted"),
    [
        ("", "", "zh"),
        ("en-GB", "", "en"),
        ("fr, zh;q=0.5", "", "zh"),
        ("zh", "en", "en"),
        ("en", "zh", "zh"),
        ("", "x", "zh"),
    ],
)
async def test_the_language_is_the_browsers_or_the_one_chosen(
    hub: UserHub, accept: str, lang: str, wanted: str
) -> None:
    browser = hub.browser(**{"accept-language": accept})
    await browser.get("/login", next="/explorer", **({"lang": lang} if lang else {}))
    words = WORDS["en" if wanted == "en" else "zh"]
    other = "zh" if wanted == "en" else "en"
    assert f"<h1>{words['login_title']}</h1>" in browser.page
    assert f'href="/login?lang={other}&amp;next=%2Fexplorer" lang="{words["other_lang"]}"' in browser.page
    await browser.submit("/login", login="nobody", password="x")
    assert f"<h1>{words['login_title']}</h1>" in browser.page
    assert words["problem"] in browser.page


def test_both_languages_have_the_same_words() -> None:
    assert WORDS["zh"].keys() == WORDS["en"].keys()
    for name, text in WORDS["zh"].items():
        places = [sorted(re.findall(r"\{\w+\}", said)) for said in (text, WORDS["en"][name])]
        assert places[0] == places[1], name


async def test_a_name_is_shown_as_text(hub: UserHub) -> None:
    await hub.settled("markup")
    await hub.db.fetch("update hub_user set display_name = $1 where login = 'markup'", "<b>周</b> & “明”")
    browser = hub.browser()
    await browser.whole("markup")
    assert "&lt;b&gt;周&lt;/b&gt; &amp; “明”" in browser.page
    await browser.get("/login", prompt="login")
    await browser.submit("/login", login='"><script>', password="x")
    assert "<script>" not in browser.page


async def test_the_application_has_the_pages() -> None:
    async with serving() as served:
        answer = await served.http.get("/login", headers={"accept-language": "en"})
        assert answer.status_code == 200
        assert "<h1>Sign in</h1>" in answer.text
        assert answer.headers["referrer-policy"] == "same-origin", "a form says where it comes from"
        assert answer.headers["x-frame-options"] == "DENY"
        assert "hub_form=" in answer.headers["set-cookie"]
        assert served.logs.lines()[-1]["route"] == "/login"
