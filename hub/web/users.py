"""All pages of users."""

from __future__ import annotations

from starlette.routing import Route

from hub.oauth.metadata import Issuer
from hub.oauth.provider_sign_in import ProviderSignIn
from hub.oauth.signing_in import SigningIn
from hub.web.account import AccountPages
from hub.web.following import Places
from hub.web.login import LoginPages
from hub.web.providers import ProviderPages


def user_routes(issuer: Issuer, signing_in: SigningIn, providers: ProviderSignIn) -> list[Route]:
    places = Places(issuer)
    provided = ProviderPages(places, providers, signing_in.sessions)
    return [
        *LoginPages(places, signing_in, provided.buttons).routes(),
        *provided.routes(),
        *AccountPages(places, signing_in).routes(),
    ]
