"""``/login`` and its steps: password, second factor or its set-up, a password of one's own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import segno
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.errors import BadUserInput, HubError
from hub.oauth import totp
from hub.oauth.sessions import Pending, Step
from hub.oauth.signing_in import ISSUER, SigningIn
from hub.oauth.tries import DEVICE_DAYS
from hub.web.browsers import browser_name
from hub.web.following import Places
from hub.web.login_words import WORDS
from hub.web.pages import BLANK, DEVICE, MAX_BYTES, PAGES, SESSION, Visit

Buttons = Callable[[Visit], Awaitable[list[dict[str, str]]]]
Show = Callable[[Visit, HubError | None], Awaitable[Response]]
Act = Callable[[Visit], Awaitable[Response]]
ShowStep = Callable[[Visit, Pending, HubError | None], Awaitable[Response]]
ActStep = Callable[[Visit, Pending], Awaitable[Response]]

STEPS: Final = {Step.ENROL: "enrol", Step.CODE: "code", Step.PASSWORD: "choose"}


class TwoPasswords(BadUserInput):
    """The two new passwords are not the same."""

    code, zh = "PASSWORDS_DIFFER", WORDS["zh"]["differ"]
    field = "again"


class LoginPages:
    """``buttons``: other ways to sign in, each a ``label`` and a ``path``."""

    def __init__(self, places: Places, signing_in: SigningIn, buttons: Buttons) -> None:
        self._places = places
        self._buttons = buttons
        self._signing_in = signing_in
        self._sessions = signing_in.sessions

    def routes(self) -> list[Route]:
        return [
            page_route(self._places, "login", self._login, self._begin),
            self._step_route(Step.ENROL, self._enrol, self._confirm),
            self._step_route(Step.CODE, self._code, self._prove),
            self._step_route(Step.PASSWORD, self._choose, self._chosen),
            page_route(self._places, "onward", self._again, self._onward),
        ]

    async def _login(self, visit: Visit, error: HubError | None) -> Response:
        if error is None and not visit.asked_again and await self._sessions.of(visit.cookie(SESSION)):
            return visit.go(visit.next)
        given, providers = visit.fields.get("login", ""), await self._buttons(visit)
        return visit.page("login", visit.blank(), error, given=given, providers=providers)

    async def _begin(self, visit: Visit) -> Response:
        await visit.read(visit.proof)
        browser = browser_name(visit.request.headers.get("user-agent", ""))
        login, password = visit.fields.get("login", ""), visit.fields.get("password", "")
        cookie = await self._signing_in.begin(login, password, visit.cookie(DEVICE), browser)
        before = await self._sessions.of(visit.cookie(SESSION))
        if before:
            await self._sessions.end(before.user_id, only=before.session_id)
        visit.keep(SESSION, cookie)
        return await self._next_step(visit, cookie)

    async def _enrol(self, visit: Visit, who: Pending, error: HubError | None) -> Response:
        secret = await self._signing_in.offer(who)
        code = segno.make(totp.uri(secret, who.login, ISSUER), error="m")
        picture = code.svg_inline(svgclass=None, lineclass=None, omitsize=True)
        grouped = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
        return visit.page("enrol", who.csrf, error, picture=picture, secret=grouped)

    async def _confirm(self, visit: Visit, who: Pending) -> Response:
        codes = await self._signing_in.confirm(who, visit.fields.get("code", ""))
        return visit.page("recovery", who.csrf, codes=codes, switch="")  # shown once, so not left

    async def _code(self, visit: Visit, who: Pending, error: HubError | None) -> Response:
        return visit.page("code", who.csrf, error)

    async def _prove(self, visit: Visit, who: Pending) -> Response:
        await self._signing_in.prove(who, visit.fields.get("code", ""), visit.cookie(DEVICE))
        return await self._next_step(visit, visit.cookie(SESSION))

    async def _choose(self, visit: Visit, who: Pending, error: HubError | None) -> Response:
        action, why = visit.places.path(PAGES["choose"]), visit.words["password_why"]
        return visit.page("password", who.csrf, error, action=action, why=why, present=False)

    async def _chosen(self, visit: Visit, who: Pending) -> Response:
        await self._signing_in.choose(who, new_password(visit))
        return await self._next_step(visit, visit.cookie(SESSION))

    async def _again(self, visit: Visit, error: HubError | None) -> Response:
        """Nothing to show there: it is the button under the recovery codes."""
        return visit.page("message", error=error) if error else visit.go_page("login")

    async def _onward(self, visit: Visit) -> Response:
        cookie = visit.cookie(SESSION)
        who = await self._sessions.pending(cookie)
        await visit.read(who.csrf if who else None)
        return await self._next_step(visit, cookie)

    async def _next_step(self, visit: Visit, cookie: str | None) -> Response:
        who = await self._sessions.pending(cookie)
        if who is None:
            return visit.go_page("login")
        if who.step in STEPS:
            return visit.go_page(STEPS[who.step])
        device = visit.cookie(DEVICE)
        whole = await self._signing_in.finish(who, device)
        if whole is None:
            return visit.go_page("login")
        visit.keep(SESSION, whole)
        visit.drop(BLANK)
        if not self._signing_in.tries.knows(who.login, device):
            visit.keep(DEVICE, self._signing_in.tries.new_device(who.login), DEVICE_DAYS * 86_400)
        return visit.go(visit.next)

    def _step_route(self, step: Step, show: ShowStep, act: ActStep) -> Route:
        """Of a page that only who is at ``step`` gets; others go where they belong."""

        async def shown(visit: Visit, error: HubError | None) -> Response:
            who = await self._sessions.pending(visit.cookie(SESSION))
            if who is not None and who.step is step:
                return await show(visit, who, error)
            return visit.go_page(STEPS.get(who.step, "login") if who else "login")

        async def acted(visit: Visit) -> Response:
            who = await self._sessions.pending(visit.cookie(SESSION))
            if who is None or who.step is not step:
                return await shown(visit, None)
            await visit.read(who.csrf)
            return await act(visit, who)

        return page_route(self._places, STEPS[step], shown, acted)


def page_route(places: Places, page: str, show: Show, act: Act) -> Route:
    """GET shows a page, POST does what its form says, or shows it again with what was wrong."""

    async def answer(request: Request) -> Response:
        visit = Visit(request, places)
        try:
            if request.method != "POST":
                return await show(visit, None)
            try:
                return await act(visit)
            except HubError as error:
                return await show(visit, error)
        except HubError as error:  # PostgreSQL is away, so there may be no page to show it on
            return visit.page("message", error=error)

    return Route(PAGES[page], answer, methods=["GET", "POST"], max_body_size=MAX_BYTES)


def new_password(visit: Visit) -> str:
    """The one that the form has twice; TwoPasswords when it has two."""
    new = visit.fields.get("new", "")
    if new != visit.fields.get("again", ""):
        raise TwoPasswords
    return new
