"""Which pages of other sites a browser lets ask: none, or those of portals the operator names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

SHOWN: Final = (
    "Deprecation",
    "DPoP-Nonce",
    "Hub-Cost",
    "Hub-Receipt",
    "Preference-Applied",
    "Retry-After",
    "Sunset",
    "WWW-Authenticate",
    "X-Request-Id",
)
"""Headers of an answer that such a page may read besides the usual ones."""
REMEMBERED_SECONDS: Final = 600


def cors(origins: Sequence[str]) -> list[Middleware]:
    """Around a route. No credentials: a browser's own are cookies, and the hub has none."""
    if not origins:
        return []
    return [
        Middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=("GET", "POST"),
            allow_headers=(
                "Authorization",
                "Content-Type",
                "DPoP",
                "Hub-Purpose",
                "Emergency-Access",
                "Prefer",
            ),
            expose_headers=SHOWN,
            max_age=REMEMBERED_SECONDS,
        )
    ]
