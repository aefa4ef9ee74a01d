"""The grants a client can use at the token endpoint."""

from __future__ import annotations

from typing import Any, Final

from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant

from hub.oauth.code import S256, AuthorizationCode
from hub.oauth.flows import AUTH_METHOD, CODE_GRANT, GRANT_TYPE, REFRESH_GRANT
from hub.oauth.refresh import Refresh


class ClientCredentials(ClientCredentialsGrant):  # type: ignore[misc]  # Authlib has no types
    TOKEN_ENDPOINT_AUTH_METHODS = (AUTH_METHOD,)


GRANTS: Final[dict[str, tuple[type[Any], tuple[Any, ...]]]] = {
    GRANT_TYPE: (ClientCredentials, ()),
    CODE_GRANT: (AuthorizationCode, (S256(),)),
    REFRESH_GRANT: (Refresh, ()),
}
"""By grant_type: Authlib's grant and its extensions."""
