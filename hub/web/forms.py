"""Forms of the hub's own pages, which no other site's page may send in a user's name."""

from __future__ import annotations

from starlette.requests import Request

from hub.oauth.server import FORM


def is_own_form(request: Request, origin: str) -> bool:
    """Whether a form was sent by a page of ``origin``, as far as the browser says."""
    given = request.headers
    return (
        given.get("content-type", "").partition(";")[0].strip().lower() == FORM
        and given.get("sec-fetch-site", "same-origin") == "same-origin"
        and given.get("origin", origin) == origin
    )
