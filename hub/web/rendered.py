"""Pages from ``hub/web/templates``: one policy, one set of headers, one style sheet, no line of script."""

from __future__ import annotations

import secrets
from functools import cache
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import Response

from hub.errors import Language
from hub.web.login_words import WORDS

# A browser holds the redirect that answers a form to form-action too.
POLICY: Final = (
    "default-src 'none'; style-src 'nonce-{nonce}'; form-action {targets}; base-uri 'none';"
    " frame-ancestors 'none'"
)


def rendered(
    name: str,
    language: Language,
    *,
    title: str,
    csrf: str = "",
    error: str = "",
    targets: str = "'self'",
    status: int = 200,
    **values: Any,
) -> Response:
    """``targets``: where forms of the page may lead, as sources of a Content-Security-Policy."""
    words, nonce = WORDS[language], secrets.token_urlsafe(16)
    common = {"w": words, "lang": words["lang"], "nonce": nonce, "title": title, "csrf": csrf, "error": error}
    given = {"field": "", "next": "", "switch": "", **common, **values}
    headers = {
        "content-security-policy": POLICY.format(nonce=nonce, targets=targets),
        "cache-control": "no-store",
        # With no-referrer a browser would send its form without saying where from.
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "content-language": words["lang"],
        "vary": "accept-language, cookie",
    }
    body = _templates().get_template(f"{name}.html").render(given)
    return Response(body, status, headers, media_type="text/html")


@cache
def _templates() -> Environment:
    loader = PackageLoader("hub.web", "templates")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
