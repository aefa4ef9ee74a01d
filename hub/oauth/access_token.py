"""What an access token of ours says, once it is known to be one."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any, Final

import structlog
from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry

from hub.access.purposes import CODE
from hub.access.scopes import parse
from hub.errors import BadArgument, Unauthenticated
from hub.oauth.jose import OURS, SigningKeys, Unverified, verified
from hub.oauth.metadata import Issuer
from hub.oauth.tokens import IDENTITY_CLAIMS

log = structlog.get_logger(__name__)

CLOCK_SKEW: Final = 5
"""The hosts of one hub keep the same time within this."""
FORM: Final = re.compile(r"[\w.-]+", re.ASCII)

_GRANT: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII)
_TYPES: Final = ("at+jwt", "application/at+jwt")


@dataclass(frozen=True, slots=True)
class AccessToken:
    """``identity``: role, division and organisation when it was issued.

    ``grant``: of a user's token, what the user consented to. Times are in seconds since 1970; ``ends_at`` is
    ``exp`` and what clocks may differ.
    """

    jti: str
    subject: str
    client_id: str
    scope: str
    identity: dict[str, Any]
    issued_at: float
    ends_at: float
    series: int
    """``token_series`` of the client when it was issued."""
    grant: str | None = None
    jkt: str | None = None
    """Thumbprint of the key it is bound to (RFC 9449, 6)."""
    purpose: str | None = None
    """What it may be used for, and nothing else."""


class Reader:
    def __init__(self, issuer: Issuer, keys: SigningKeys) -> None:
        self._keys = keys
        self._expected = JWTClaimsRegistry(
            leeway=CLOCK_SKEW,
            iss={"essential": True, "value": issuer.url},
            aud={"essential": True, "value": issuer.url},
            sub={"essential": True},
            client_id={"essential": True},
            scope={"essential": True},
            iat={"essential": True},
            exp={"essential": True},
            jti={"essential": True},
        )

    def read(self, text: str) -> AccessToken:
        """Unauthenticated unless the signature, the type and every claim are good, and it has not ended."""
        try:
            header, claims = verified(text, self._keys.named, OURS)
            self._expected.validate(claims)
            parse(claims["scope"])
        except (Unverified, JoseError, BadArgument) as error:
            raise refused(str(error)) from None
        if str(header.get("typ")).lower() not in _TYPES:
            raise refused("typ")
        grant = claims.get("grant")
        if grant is None and claims["sub"] != claims["client_id"]:
            raise refused("sub")
        if grant is not None and not _GRANT.fullmatch(str(grant)):
            raise refused("grant")
        ends_at = claims["exp"] + CLOCK_SKEW
        if ends_at <= time.time():
            raise refused("expired")
        identity: dict[str, Any] = {name: claims[name] for name in IDENTITY_CLAIMS if name in claims}
        return AccessToken(
            str(claims["jti"]),
            claims["sub"],
            claims["client_id"],
            claims["scope"],
            identity,
            claims["iat"],
            ends_at,
            claims.get("series", 0),  # without one: of a hub that had none
            grant,
            _bound_to(claims),
            _purpose_of(claims),
        )


def _bound_to(claims: dict[str, Any]) -> str | None:
    """What is bound in a way the hub does not know is not taken as unbound."""
    if "cnf" not in claims:
        return None
    confirmation = claims["cnf"]
    if not isinstance(confirmation, dict) or set(confirmation) != {"jkt"}:
        raise refused("cnf")
    return str(confirmation["jkt"])


def _purpose_of(claims: dict[str, Any]) -> str | None:
    purpose = claims.get("purpose")
    if purpose is not None and not CODE.fullmatch(str(purpose)):
        raise refused("purpose")
    return purpose


def refused(reason: str) -> Unauthenticated:
    log.info("access_token_refused", reason=reason)
    return Unauthenticated("The access token is not valid, or not any more.", zh="访问令牌无效或已过期")
