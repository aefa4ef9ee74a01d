"""How a client may get tokens, and which of it hangs together in one registration."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hub.errors import BadArgument
from hub.oauth.redirects import check_redirect_uri, is_loopback

AUTH_METHOD: Final = "private_key_jwt"
PUBLIC: Final = "none"
"""The method of a client that has no key: a program in its users' hands."""
AUTH_METHODS: Final = (AUTH_METHOD, PUBLIC)
GRANT_TYPE: Final = "client_credentials"
CODE_GRANT: Final = "authorization_code"
REFRESH_GRANT: Final = "refresh_token"
GRANT_TYPES: Final = (GRANT_TYPE, CODE_GRANT, REFRESH_GRANT)
BASELINE: Final = "BASELINE"
FAPI2: Final = "FAPI2"
"""Of the FAPI 2.0 Security Profile, 5.3.2: pushed requests, tokens bound to a key, no public client."""
PROFILES: Final = (BASELINE, FAPI2)
MOST_REDIRECTS: Final = 10


def check_flows(
    grant_types: Sequence[str], redirect_uris: Sequence[str], auth_method: str, profile: str
) -> None:
    """BadArgument says what such a registration needs."""
    if not grant_types or not set(grant_types) <= set(GRANT_TYPES):
        raise BadArgument(f"A grant type is one of: {', '.join(GRANT_TYPES)}; a client has at least one.")
    if REFRESH_GRANT in grant_types and CODE_GRANT not in grant_types:
        raise BadArgument(f"What {REFRESH_GRANT} refreshes comes from {CODE_GRANT}.")
    if auth_method not in AUTH_METHODS:
        raise BadArgument(f"A client authenticates with one of: {', '.join(AUTH_METHODS)}.")
    if auth_method == PUBLIC and GRANT_TYPE in grant_types:
        raise BadArgument(f"A public client cannot have {GRANT_TYPE}: it has nothing to prove itself with.")
    if profile not in PROFILES:
        raise BadArgument(f"A profile is one of: {', '.join(PROFILES)}.")
    if profile == FAPI2 and auth_method == PUBLIC:
        raise BadArgument(f"A client of profile {FAPI2} authenticates with {AUTH_METHOD}.")
    _check_redirects(redirect_uris, CODE_GRANT in grant_types, profile)


def _check_redirects(uris: Sequence[str], needed: bool, profile: str) -> None:
    if needed != bool(uris) or len(uris) > MOST_REDIRECTS or len(set(uris)) < len(uris):
        raise BadArgument(
            f"A client with {CODE_GRANT} has 1 to {MOST_REDIRECTS} redirect URIs, each once; others none."
        )
    for uri in uris:
        check_redirect_uri(uri)
        if profile == FAPI2 and is_loopback(uri):
            raise BadArgument(f"A redirect URI of profile {FAPI2} is an https address.")
