"""``/account``: a user's sessions, each of which can be ended, and the password."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from hub.domain.dates import CHINA
from hub.errors import HubError
from hub.oauth.consents import Given
from hub.oauth.sessions import Held, SignedIn
from hub.oauth.signing_in import SigningIn
from hub.web.consent import sentences_of
from hub.web.following import Places
from hub.web.login import new_password, page_route
from hub.web.pages import ACCOUNT, DEVICE, PAGES, SESSION, Visit

Show = Callable[[Visit, SignedIn, HubError | None], Awaitable[Response]]
Act = Callable[[Visit, SignedIn], Awaitable[Response]]

DONE = ("changed", "ended", "withdrawn")


class AccountPages:
    def __init__(self, places: Places, signing_in: SigningIn) -> None:
        self._places = places
        self._signing_in = signing_in
        self._sessions = signing_in.sessions
        self._consents = signing_in.consents

    def routes(self) -> list[Route]:
        return [
            self._route("account", self._account, self._nothing),
            self._route("change", self._password, self._change),
            self._route("end", self._account, self._end),
            self._route("withdraw", self._account, self._withdraw),
            self._route("logout", self._account, self._logout),
        ]

    async def _account(self, visit: Visit, who: SignedIn, error: HubError | None) -> Response:
        words = visit.words
        done = visit.request.query_params.get("done")
        left = await self._signing_in.recovery.left(who.user_id)
        return visit.page(
            "account",
            who.csrf,
            error,
            next="",
            who=words["who"].format(name=who.display_name, login=who.login),
            left=words["left"].format(count=left),
            done=words[done] if done in DONE else "",
            has_password=who.has_password,
            grants=[_given(visit, each) for each in await self._consents.held(who.user_id)],
            sessions=[_told(words, each, who) for each in await self._sessions.held(who.user_id)],
        )

    async def _nothing(self, visit: Visit, who: SignedIn) -> Response:
        return visit.go(visit.places.path(ACCOUNT))

    async def _password(self, visit: Visit, who: SignedIn, error: HubError | None) -> Response:
        action, why = visit.places.path(PAGES["change"]), visit.words["change_why"]
        given: dict[str, Any] = {"action": action, "why": why, "present": True, "next": ""}
        return visit.page("password", who.csrf, error, title="change", **given)

    async def _change(self, visit: Visit, who: SignedIn) -> Response:
        present = visit.fields.get("password", "")
        await self._signing_in.change(who, present, new_password(visit), visit.cookie(DEVICE))
        return self._done(visit, "changed")

    async def _end(self, visit: Visit, who: SignedIn) -> Response:
        wanted = visit.fields.get("session", "")
        if wanted == "others":
            await self._sessions.end(who.user_id, but=who.session_id)
        elif wanted.isascii() and wanted.isdigit() and len(wanted) < 19:
            await self._sessions.end(who.user_id, only=int(wanted))
        return self._done(visit, "ended")

    async def _withdraw(self, visit: Visit, who: SignedIn) -> Response:
        await self._consents.withdraw(who.user_id, visit.fields.get("client", ""))
        return self._done(visit, "withdrawn")

    async def _logout(self, visit: Visit, who: SignedIn) -> Response:
        await self._sessions.end(who.user_id, only=who.session_id)
        visit.drop(SESSION)
        return visit.go(visit.places.path(PAGES["login"]))

    def _done(self, visit: Visit, what: str) -> Response:
        return visit.go(f"{visit.places.path(ACCOUNT)}?done={what}")

    def _route(self, page: str, show: Show, act: Act) -> Route:
        """Of a page that only who is signed in gets; others sign in first."""

        async def shown(visit: Visit, error: HubError | None) -> Response:
            who = await self._sessions.of(visit.cookie(SESSION))
            return await show(visit, who, error) if who else self._sign_in(visit)

        async def acted(visit: Visit) -> Response:
            who = await self._sessions.of(visit.cookie(SESSION))
            if who is None:
                return self._sign_in(visit)
            await visit.read(who.csrf)
            return await act(visit, who)

        return page_route(self._places, page, shown, acted)

    def _sign_in(self, visit: Visit) -> Response:
        following = urlencode({"next": visit.places.path(ACCOUNT)})
        return visit.go(f"{visit.places.path(PAGES['login'])}?{following}")


def _told(words: Any, held: Held, who: SignedIn) -> dict[str, Any]:
    text = words["session"].format(
        browser=held.browser or words["unknown_browser"],
        begun=_minute(held.signed_in_at),
        seen=_minute(held.seen_at),
    )
    return {"id": held.id, "text": text, "own": held.id == who.session_id}


def _given(visit: Visit, held: Given) -> dict[str, Any]:
    text = visit.words["grant"].format(begun=_minute(held.begun_at), seen=_minute(held.used_at))
    sentences = sentences_of(held.scopes, visit.language)
    return {"client_id": held.client_id, "name": held.client_name, "text": text, "sentences": sentences}


def _minute(at: dt.datetime) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}"
