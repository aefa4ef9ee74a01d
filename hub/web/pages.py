"""A page for users, and what its browser sent: language, cookies, and a form that only our page can send.

Pages work without a line of script, and their policy lets none run. A form is taken when the browser says
it comes from here (``Sec-Fetch-Site``, ``Origin``) and it holds what was made from this browser's cookie.
"""

from __future__ import annotations

import secrets
from hmac import compare_digest
from typing import Any, Final
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import Response

from hub.errors import Forbidden, HubError, Language
from hub.oauth.sessions import csrf_of
from hub.oauth.signed_in import LOGIN_PATH
from hub.web.accept import language
from hub.web.following import Places, safe_next
from hub.web.forms import is_own_form
from hub.web.login_words import WORDS
from hub.web.rendered import rendered

MAX_BYTES: Final = 16 * 1024
MAX_FIELDS: Final = 20
SESSION, DEVICE, BLANK, TONGUE = "hub_session", "hub_device", "hub_form", "hub_language"
"""Cookies: who is there, which browser signed in before, whose form of the first page it is, the language."""
LANGUAGES: Final[dict[str, Language]] = {"zh": "zh", "en": "en"}
PAGES: Final = {
    "login": LOGIN_PATH,
    "code": "/login/code",
    "enrol": "/login/enrol",
    "choose": "/login/password",
    "onward": "/login/onward",
    "account": "/account",
    "change": "/account/password",
    "end": "/account/end",
    "withdraw": "/account/grants",
    "logout": "/logout",
}
ACCOUNT: Final = PAGES["account"]


class FormRefused(Forbidden):
    """The form is not of this page, or too old; try again here."""

    code, zh = "FORM_REFUSED", "表单不是由本页面提交，或已过期，请在此重试"


class Visit:
    """One request of a browser, and the cookies its answer will set."""

    def __init__(self, request: Request, places: Places) -> None:
        self.request = request
        self.places = places
        self._set: list[tuple[str, str, int | None]] = []
        wished = LANGUAGES.get(request.query_params.get("lang", ""))
        kept = LANGUAGES.get(self.cookie(TONGUE) or "")
        said = request.headers.get("accept-language", "")
        self.language: Language = wished or kept or (language(said) if said else "zh")
        self.fields: dict[str, str] = {}
        if wished:
            self.keep(TONGUE, wished, 365 * 86_400)

    @property
    def words(self) -> Any:
        return WORDS[self.language]

    @property
    def next(self) -> str:
        """Where to go on after signing in."""
        given = self.fields.get("next") or self.request.query_params.get("next", "")
        return safe_next(given, self.places.path(ACCOUNT))

    @property
    def asked_again(self) -> bool:
        """Whether the user has to sign in anew, signed in or not."""
        return self.request.query_params.get("prompt") == "login"

    def cookie(self, name: str) -> str | None:
        return self.request.cookies.get(self.places.cookie(name))

    def keep(self, name: str, value: str, seconds: int | None = None) -> None:
        """Without ``seconds`` the browser keeps it until it is closed."""
        self._set.append((name, value, seconds))

    def drop(self, name: str) -> None:
        self.keep(name, "", 0)

    async def read(self, csrf: str | None) -> None:
        """The fields of a form; FormRefused unless it comes from a page shown to this browser."""
        if not is_own_form(self.request, self.places.origin):
            raise FormRefused
        try:
            pairs = parse_qsl(
                (await self.request.body()).decode("ascii"), True, max_num_fields=MAX_FIELDS, errors="strict"
            )
        except ValueError:
            raise FormRefused from None
        self.fields = dict(pairs)
        if len(self.fields) < len(pairs) or "\0" in "".join(self.fields.values()):
            raise FormRefused
        if csrf is None or not compare_digest(self.fields.get("csrf", "").encode(), csrf.encode()):
            raise FormRefused

    def blank(self) -> str:
        """The proof for the form of the first page, whose browser has no session."""
        return csrf_of(self.blank_cookie())

    def blank_cookie(self) -> str:
        """Of a browser that has no session."""
        cookie = self.cookie(BLANK)
        if not cookie:
            cookie = secrets.token_urlsafe(32)
            self.keep(BLANK, cookie)
        return cookie

    @property
    def proof(self) -> str | None:
        """What the form of the first page must bring."""
        cookie = self.cookie(BLANK)
        return csrf_of(cookie) if cookie else None

    def page(
        self, name: str, csrf: str = "", error: HubError | None = None, *, title: str = "", **values: Any
    ) -> Response:
        answer = rendered(
            name,
            self.language,
            title=self.words[f"{title or name}_title"],
            csrf=csrf,
            error=_said(error, self.language),
            status=error.status if error else 200,
            at={page: self.places.path(path) for page, path in PAGES.items()},
            field=getattr(error, "field", ""),
            **{"next": self.next, "switch": self._switch(), **values},
        )
        wait = error.retry_after if error else None
        if wait is not None:
            answer.headers["retry-after"] = str(wait)
        return self._sent(answer)

    def go(self, path: str) -> Response:
        """To a path of this host; 303, so that a form is never sent on."""
        return self._redirected(self.places.url(path), "same-origin")

    def leave(self, url: str) -> Response:
        """To another host, which does not learn from where."""
        return self._redirected(url, "no-referrer")

    def _redirected(self, url: str, policy: str) -> Response:
        return self._sent(Response(status_code=303, headers={"location": url, "referrer-policy": policy}))

    def go_page(self, page: str) -> Response:
        """To another step, which still knows where to go on afterwards."""
        return self.go(self.places.with_query(PAGES[page], {"next": self.next}))

    def _sent(self, response: Response) -> Response:
        response.headers["cache-control"] = "no-store"
        for name, value, seconds in self._set:
            response.set_cookie(
                self.places.cookie(name),
                value,
                seconds,
                secure=self.places.secure,
                httponly=True,
                samesite="lax",
            )
        return response

    def _switch(self) -> str:
        """This page in the other language; a page that only answers a form has no address to switch to."""
        path, other = self.request.url.path, "en" if self.language == "zh" else "zh"
        if path not in (PAGES[p] for p in ("login", "code", "enrol", "choose", "account", "change")):
            return ""
        return self.places.with_query(path, {"lang": other, "next": self.next})


def _said(error: HubError | None, chosen: Language) -> str:
    if error is None:
        return ""
    return error.message_zh if chosen == "zh" else error.message
