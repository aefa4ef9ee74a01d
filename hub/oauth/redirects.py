"""Where a browser may be sent back to: what can be registered, and what a request may name of it.

Compared byte by byte (RFC 9700, 2.1). The one exception is RFC 8252, 7.3: a program on the user's own
machine listens on whatever port it gets, so for a public client the port of a loopback address is free.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from hub.errors import BadArgument

LONGEST: Final = 500
LOOPBACK: Final = ("127.0.0.1", "[::1]")
"""Not ``localhost``, which a resolver may send elsewhere (RFC 8252, 8.3)."""
OURS: Final = frozenset({"code", "state", "iss", "error", "error_description", "error_uri"})
"""Parameters of an answer: a registered address must not bring its own."""

_HTTPS: Final = re.compile(r"https://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?(?=/)", re.ASCII)
_LOCAL: Final = re.compile(r"http://(?:127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?(?=/)", re.ASCII)
_REST: Final = re.compile(r"/[A-Za-z0-9._~!$&'()+,;=:@%/-]*(?:\?[A-Za-z0-9._~!$&'()+,;=:@%/?-]*)?", re.ASCII)


def check_redirect_uri(uri: str) -> None:
    """BadArgument unless codes can travel there safely: one https address, or one on this machine."""
    start = _HTTPS.match(uri) or _LOCAL.match(uri)
    if not start or len(uri) > LONGEST or not _REST.fullmatch(uri, start.end()):
        raise BadArgument(
            "A redirect URI is an https address with a path, its host in small letters, without fragment,"
            f" user or wildcard, of {LONGEST} characters at most; or http on {' or '.join(LOOPBACK)}."
        )
    if {name for name, _ in parse_qsl(urlsplit(uri).query, True)} & OURS:
        raise BadArgument(f"The query of a redirect URI names none of: {', '.join(sorted(OURS))}.")


def is_loopback(uri: str) -> bool:
    return _LOCAL.match(uri) is not None


def is_same(registered: str, given: str, *, any_port: bool) -> bool:
    """Whether ``given`` is what was registered."""
    if registered == given:
        return True
    return any_port and _portless(registered) is not None and _portless(registered) == _portless(given)


def _portless(uri: str) -> str | None:
    """A loopback address without its port; None for any other."""
    start = _LOCAL.match(uri)
    if start is None:
        return None
    end = start.end() if start[1] is None else start.start(1)
    return uri[:end] + uri[start.end() :]


def source_of(uri: str) -> str:
    """Its origin, as a source of a Content-Security-Policy, which has no form for an IPv6 address."""
    parts = urlsplit(uri)
    return "http:" if parts.netloc.startswith("[") else f"{parts.scheme}://{parts.netloc}"
