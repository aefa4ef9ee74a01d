"""``/login/provider/…``: to an OpenID provider, and back from it."""

from __future__ import annotations

from typing import Final

from authlib.oauth2.base import OAuth2Error
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.errors import HubError
from hub.oauth.provider_sign_in import ProviderSignIn, SignInFailed
from hub.oauth.server import read_fields
from hub.oauth.sessions import Sessions
from hub.web.browsers import browser_name
from hub.web.following import Places
from hub.web.pages import BLANK, PAGES, SESSION, Visit

MOST_FIELDS: Final = 20
LONGEST_QUERY: Final = 8192
FROM_HERE: Final = ("same-origin", "none")


class ProviderPages:
    def __init__(self, places: Places, sign_in: ProviderSignIn, sessions: Sessions) -> None:
        self._places = places
        self._sign_in = sign_in
        self._sessions = sessions

    def routes(self) -> list[Route]:
        away = PAGES["login"] + "/provider/{name}"
        return [
            Route(away, self._away, methods=["GET"], name="provider"),
            Route(f"{away}/back", self._back, methods=["GET"], name="provider back"),
        ]

    async def buttons(self, visit: Visit) -> list[dict[str, str]]:
        """A link to each provider; what the login page was asked for goes along."""
        asked = {"next": visit.next, **({"prompt": "login"} if visit.asked_again else {})}
        return [
            {
                "label": visit.words["sign_in_at"].format(
                    name=each.title_zh if visit.language == "zh" else each.title_en
                ),
                "path": visit.places.with_query(f"{PAGES['login']}/provider/{each.name}", asked),
            }
            for each in await self._sign_in.offered()
        ]

    async def _away(self, request: Request) -> Response:
        visit = Visit(request, self._places)
        # Another site's page, or a picture in it, does not sign anybody in.
        if request.headers.get("sec-fetch-site", "none") not in FROM_HERE:
            return visit.go_page("login")
        try:
            return visit.leave(
                await self._sign_in.begin(
                    request.path_params["name"],
                    visit.blank_cookie(),
                    visit.next,
                    visit.language,
                    fresh=visit.asked_again,
                )
            )
        except HubError as error:
            return visit.page("message", error=error)

    async def _back(self, request: Request) -> Response:
        visit = Visit(request, self._places)
        try:
            welcome = await self._sign_in.finish(
                request.path_params["name"],
                visit.cookie(BLANK) or "",
                _given(request.scope["query_string"]),
                browser_name(request.headers.get("user-agent", "")),
            )
            before = await self._sessions.of(visit.cookie(SESSION))
            if before:
                await self._sessions.end(before.user_id, only=before.session_id)
        except HubError as error:
            return visit.page("message", error=error, next="")
        visit.keep(SESSION, welcome.cookie)
        visit.drop(BLANK)
        return visit.go(welcome.next)


def _given(query: bytes) -> dict[str, str]:
    """Each parameter once; SignInFailed otherwise."""
    if len(query) > LONGEST_QUERY:
        raise SignInFailed
    try:
        return read_fields(query, MOST_FIELDS)
    except OAuth2Error:
        raise SignInFailed from None
