"""The page that asks a user what a client may do, in Chinese or English, without a line of script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
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
from hub.web.rendered import rendered

WORDS: Final[dict[Language, Mapping[str, str]]] = {
    "zh": {
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
    return rendered(
        "consent",
        chosen,
        title=words["asks"].format(client=question.client_name),
        csrf=user.csrf,
        targets=f"'self' {source_of(question.redirect_uri)}",
        c=words,
        action=urlsplit(issuer.url).path + CONSENT_PATH,
        question=question,
        sentences=sentences_of(question.scopes, chosen),
        who=words["who"].format(user=user.display_name),
        bounds=words["bounds"].format(most=GRANT_DAYS, idle=IDLE_DAYS),
        then=words["then"].format(host=urlsplit(question.redirect_uri).netloc),
    )


def failure_page(error: OAuth2Error, chosen: Language) -> Response:
    """For errors that must not be sent to anybody: who asked is not known to be who it says."""
    words = WORDS[chosen]
    return rendered(
        "refused",
        chosen,
        title=words["failed"],
        targets="'none'",
        status=error.status_code,
        said=words[error.error],
        detail=error.description,
    )


def sentences_of(scopes: Iterable[str], chosen: Language) -> list[str]:
    return [describe(scope)[chosen == "en"] for scope in scopes]
