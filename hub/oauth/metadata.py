"""Where things are: the issuer's name, its endpoints, and the two documents that publish them.

Every address is built from ``HUB_BASE_URL``; what a request calls itself (``Host``, ``Forwarded``) is
never believed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from authlib.common.security import is_secure_transport
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.rfc8414 import get_well_known_url

from hub.access.scopes import SUPPORTED
from hub.errors import ConfigurationError
from hub.oauth.flows import AUTH_METHOD, AUTH_METHODS, GRANT_TYPES
from hub.oauth.jose import CLIENTS

TOKEN_PATH: Final = "/oauth/token"  # noqa: S105 - a path
JWKS_PATH: Final = "/oauth/jwks.json"
CACHED_SECONDS: Final = 300
"""How long others may keep the documents and the keys."""
PAR_PATH: Final = "/oauth/par"
REVOKE_PATH: Final = "/oauth/revoke"
INTROSPECT_PATH: Final = "/oauth/introspect"
AUTHORIZE_PATH: Final = "/oauth/authorize"
CONSENT_PATH: Final = "/oauth/consent"
PROMPTS: Final = ("none", "login", "consent", "select_account")


@dataclass(frozen=True, slots=True)
class Issuer:
    """``url``: issuer of tokens and the one audience they have; no slash at its end."""

    url: str

    @classmethod
    def of(cls, base_url: str) -> Issuer:
        """ConfigurationError unless tokens can travel there safely: https, or http on this machine."""
        url = base_url.rstrip("/")
        if not is_secure_transport(url) or "?" in url or "#" in url:
            raise ConfigurationError(
                "HUB_BASE_URL is an https address, or http on a loopback address, without query or fragment."
            )
        return cls(url)

    @property
    def names(self) -> tuple[str, ...]:
        """What clients may call this server in an assertion, its issuer first."""
        return self.url, self.token_url, self.par_url, self.revoke_url, self.introspect_url

    def check_resource(self, asked: str | None) -> None:
        """What a token is to be for (RFC 8707): this hub, if anything is said; an ``OAuth2Error`` otherwise.

        A slash at the end is what libraries for addresses add.
        """
        if asked is not None and asked.removesuffix("/") != self.url:
            raise OAuth2Error(
                "The one resource is this hub, named as in its metadata (RFC 9728).", error="invalid_target"
            )

    @property
    def token_url(self) -> str:
        return self.url + TOKEN_PATH

    @property
    def par_url(self) -> str:
        return self.url + PAR_PATH

    @property
    def revoke_url(self) -> str:
        return self.url + REVOKE_PATH

    @property
    def introspect_url(self) -> str:
        return self.url + INTROSPECT_PATH

    @property
    def server_metadata_path(self) -> str:
        return str(get_well_known_url(self.url))

    @property
    def resource_metadata_path(self) -> str:
        return str(get_well_known_url(self.url, suffix="oauth-protected-resource"))

    @property
    def resource_metadata_url(self) -> str:
        return str(get_well_known_url(self.url, external=True, suffix="oauth-protected-resource"))


def server_metadata(issuer: Issuer) -> dict[str, Any]:
    """RFC 8414, with members of RFC 7636, 9126 and 9207."""
    algorithms = list(CLIENTS.allowed or ())
    return {
        "issuer": issuer.url,
        "token_endpoint": issuer.token_url,
        "authorization_endpoint": issuer.url + AUTHORIZE_PATH,
        "pushed_authorization_request_endpoint": issuer.par_url,
        "require_pushed_authorization_requests": False,  # of each client, by its profile
        "authorization_response_iss_parameter_supported": True,
        "code_challenge_methods_supported": ["S256"],
        "prompt_values_supported": list(PROMPTS),
        "jwks_uri": issuer.url + JWKS_PATH,
        "scopes_supported": list(SUPPORTED),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": list(GRANT_TYPES),
        "token_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "token_endpoint_auth_signing_alg_values_supported": algorithms,
        "revocation_endpoint": issuer.revoke_url,
        "revocation_endpoint_auth_methods_supported": list(AUTH_METHODS),
        "revocation_endpoint_auth_signing_alg_values_supported": algorithms,
        "introspection_endpoint": issuer.introspect_url,
        "introspection_endpoint_auth_methods_supported": [AUTH_METHOD],
        "introspection_endpoint_auth_signing_alg_values_supported": algorithms,
        "dpop_signing_alg_values_supported": algorithms,
        "ui_locales_supported": ["zh-CN", "en"],
    }


def resource_metadata(issuer: Issuer) -> dict[str, Any]:
    """RFC 9728."""
    return {
        "resource": issuer.url,
        "resource_name": "Civil-affairs service station hub",
        "resource_name#zh-CN": "民政服务站数据枢纽",
        "authorization_servers": [issuer.url],
        "scopes_supported": list(SUPPORTED),
        "bearer_methods_supported": ["header"],
        "dpop_signing_alg_values_supported": list(CLIENTS.allowed or ()),
        "dpop_bound_access_tokens_required": False,
    }
