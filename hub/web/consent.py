"""The page that asks a user what a client may do, in Chinese or English, without a line of script."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from functools import cache
from html import escape
from importlib import resources
from string import Template
from typing import Final
from urllib.parse import urlsplit

from authlib.oauth2.base import OAuth2Error
from starlette.responses import Response

from hub.access.scopes import describe
from hub.errors import Language
from hub.oauth.authorize import Question
from hub.oauth.consents import GRANT_DAYS, IDLE_DAYS
from hub.oauth.metadata import CONSENT_PATH, Issuer
from hub.oauth.redirects import source_of
from hub.oauth.signed_in import SignedIn
from hub.web.accept import language

# A browser holds the redirect that answers the form to form-action too.
POLICY: Final = (
    "default-src 'none'; style-src 'nonce-{nonce}'; form-action {targets}; base-uri 'none';"
    " frame-ancestors 'none'"
)
WORDS: Final[dict[Language, Mapping[str, str]]] = {
    "zh": {
        "title": "授权确认 · 民政服务站数据枢纽",
        "asks": "“{client}”请求以您的名义访问数据",
        "who": "您当前登录的是：{user}。",
        "may": "如果允许，它可以：",
        "bounds": "它看到的不会超过您本人可以看到的内容。授权最长 {most} 天，{idle} 天未使用即失效。",
        "then": "之后您将返回 {host}。",
        "none": "它不能用于您的账户，或您没有它所请求的权限。",
        "allow": "允许",
        "deny": "拒绝",
        "back": "返回",
        "failed": "无法继续",
        "invalid_client": "请求来自未登记或已停用的应用。",
        "invalid_request": "请求有误，或已失效。请回到原来的应用重新开始。",
        "access_denied": "此账户不能再使用该应用。",
        "temporarily_unavailable": "服务暂不可用，请稍后再试。",
    },
    "en": {
        "title": "Consent · Civil-affairs hub",
        "asks": "“{client}” asks to reach data in your name",
        "who": "You are signed in as {user}.",
        "may": "If you allow it, it can:",
        "bounds": "It sees no more than you do. This ends after {most} days, or {idle} days without use.",
        "then": "You will then return to {host}.",
        "none": "It cannot be used with your account, or you do not have the rights it asks for.",
        "allow": "Allow",
        "deny": "Refuse",
        "back": "Go back",
        "failed": "This cannot go on",
        "invalid_client": "The application that asks is not registered, or not active.",
        "invalid_request": "The request is wrong, or has ended. Go back to the application and start again.",
        "access_denied": "This account cannot use the application any more.",
        "temporarily_unavailable": "The hub cannot answer now; try again later.",
    },
}
_LOCALE: Final = re.compile(r"(zh|en)(?![a-z])", re.IGNORECASE)


def spoken(locales: str, accept_language: str) -> Language:
    """The first of ``ui_locales`` that there is, or what the browser likes; Chinese where neither says."""
    for locale in locales.split(" "):
        if found := _LOCALE.match(locale):
            return "en" if found[1].lower() == "en" else "zh"
    return language(accept_language) if accept_language else "zh"


def consent_page(issuer: Issuer, question: Question, user: SignedIn, chosen: Language) -> Response:
    words = WORDS[chosen]
    content = [_paragraph(words["who"].format(user=user.display_name))]
    if question.scopes:
        sentences = (describe(scope)[chosen == "en"] for scope in question.scopes)
        content += [
            _paragraph(words["may"]),
            f"<ul>{''.join(f'<li>{escape(sentence)}</li>' for sentence in sentences)}</ul>",
            _paragraph(words["bounds"].format(most=GRANT_DAYS, idle=IDLE_DAYS)),
        ]
    else:
        content.append(_paragraph(words["none"]))
    content.append(_paragraph(words["then"].format(host=urlsplit(question.redirect_uri).netloc)))
    content.append(_form(issuer, question, user.csrf, words))
    heading = words["asks"].format(client=question.client_name)
    return _page(chosen, heading, content, targets=f"'self' {source_of(question.redirect_uri)}")


def failure_page(error: OAuth2Error, chosen: Language) -> Response:
    """For errors that must not be sent to anybody: who asked is not known to be who it says."""
    words = WORDS[chosen]
    detail = f'<p lang="en"><small>{escape(error.description)}</small></p>'
    content = [_paragraph(words[error.error]), detail]
    return _page(chosen, words["failed"], content, status=error.status_code)


def _form(issuer: Issuer, question: Question, csrf: str, words: Mapping[str, str]) -> str:
    # What is not on this page is not consented to, whatever the user may have by the time of the answer.
    hidden = {"request": question.name, "csrf": csrf, "scope": " ".join(question.scopes)}
    buttons = [("allow", words["allow"], ' class="first"'), ("deny", words["deny"], "")]
    if not question.scopes:
        buttons = [("deny", words["back"], "")]
    return "\n".join(
        (
            f'<form method="post" action="{escape(urlsplit(issuer.url).path + CONSENT_PATH)}">',
            *(f'<input type="hidden" name="{name}" value="{escape(v)}">' for name, v in hidden.items()),
            *(
                f'<button type="submit" name="decision" value="{value}"{style}>{escape(label)}</button>'
                for value, label, style in buttons
            ),
            "</form>",
        )
    )


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


@cache
def _template() -> Template:
    file = resources.files("hub.web") / "static" / "consent" / "page.html"
    return Template(file.read_text(encoding="utf-8"))


def _page(
    chosen: Language, heading: str, content: list[str], *, targets: str = "'none'", status: int = 200
) -> Response:
    nonce = secrets.token_urlsafe(16)
    body = _template().substitute(
        lang="zh-CN" if chosen == "zh" else "en",
        title=escape(WORDS[chosen]["title"]),
        nonce=nonce,
        heading=escape(heading),
        content="\n".join(content),
    )
    headers = {
        "content-security-policy": POLICY.format(nonce=nonce, targets=targets),
        "cache-control": "no-store",
        # With no-referrer a browser would send its form without saying where from.
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
    }
    return Response(body, status, headers, media_type="text/html")
