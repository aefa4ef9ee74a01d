"""Where a browser goes on after signing in: never to another host, however it is written."""

from __future__ import annotations

import pytest

from hub.oauth.metadata import Issuer
from hub.oauth.signed_in import LONGEST_NEXT
from hub.web.browsers import browser_name
from hub.web.following import Places, safe_next

HOSTILE = [
    "",
    "account",
    "https://evil.example/",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "/%2fevil.example",
    "/%2Fevil.example",
    "/%5cevil.example",
    "/%5Cevil.example",
    "/%252fevil.example",
    "/%25252fevil.example",
    "/x//evil.example",
    "/./%2f/evil.example",
    "/..//evil.example",
    "/../x",
    "/%2e%2e/x",
    "/x/..",
    "/\tevil.example",
    "/%09/evil.example",
    "/x\r\nSet-Cookie: a=b",
    "/x%0d%0aSet-Cookie:%20a=b",
    "/ /evil.example",
    " //evil.example",
    "javascript:alert(1)",
    "/\u3000/evil.example",
    "/\u2044evil.example",
    "@evil.example",
    "?next=//evil.example",
    "#//evil.example",
    "/" + "x" * LONGEST_NEXT,
]


@pytest.mark.parametrize("given", HOSTILE)
def test_anything_doubtful_leads_to_the_account(given: str) -> None:
    assert safe_next(given, "/account") == "/account"


@pytest.mark.parametrize(
    "given",
    [
        "/",
        "/explorer",
        "/oauth/consent?request=abc-_1",
        "/oauth/authorize?redirect_uri=https%3A%2F%2Fportal.example%2Fback&scope=a%20b",
        "/explorer?x=//y#z",
        "/%E6%B0%91",
        "/100%25",
    ],
)
def test_a_path_of_this_host_is_kept(given: str) -> None:
    assert safe_next(given, "/account") == given


def test_addresses_are_the_hubs_own_and_below_its_path() -> None:
    places = Places(Issuer.of("https://gov.example:8443/hub/"))
    assert places.origin == "https://gov.example:8443"
    assert places.url(places.path("/login")) == "https://gov.example:8443/hub/login"
    assert places.secure
    assert not Places(Issuer.of("http://127.0.0.1:8000")).secure


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox, Linux"),
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0",
            "Edge, Windows",
        ),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", "Safari, iOS"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/140.0 MicroMessenger/8.0", "WeChat, Android"),
        ("<script>", ""),
    ],
)
def test_a_browser_is_told_by_its_kind_only(sent: str, said: str) -> None:
    assert browser_name(sent) == said
