"""All pages of users."""

from __future__ import annotations

from starlette.routing import Route

from hub.oauth.metadata import Issuer
from hub.oauth.signing_in import SigningIn
from hub.web.account import AccountPages
from hub.web.following import Places
from hub.web.login import LoginPages


def user_routes(issuer: Issuer, signing_in: SigningIn) -> list[Route]:
    places = Places(issuer)
    return [*LoginPages(places, signing_in).routes(), *AccountPages(places, signing_in).routes()]
