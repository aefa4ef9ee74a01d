"""Where a browser goes on after signing in: a path of this host, and nothing that could be another's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote, urlencode, urlsplit

from hub.oauth.metadata import Issuer
from hub.oauth.signed_in import LONGEST_NEXT

# Visible ASCII without a backslash, which browsers read as a slash.
_VISIBLE: Final = re.compile(r"/[\x21-\x5b\x5d-\x7e]*", re.ASCII)
_DOUBTFUL: Final = re.compile(r"//|\\|[\x00-\x20\x7f-\xa0]|/\.\.?(/|$)")


def safe_next(given: str, otherwise: str) -> str:
    """``given`` if it is a path of this host, however often it is decoded; else ``otherwise``."""
    if len(given) > LONGEST_NEXT or not _VISIBLE.fullmatch(given):
        return otherwise
    path = re.split("[?#]", given, maxsplit=1)[0]
    while True:
        if not path.startswith("/") or _DOUBTFUL.search(path):
            return otherwise
        if (decoded := unquote(path)) == path:
            return given
        path = decoded


class Places:
    """Addresses of pages, below the hub's own and never the request's."""

    def __init__(self, issuer: Issuer) -> None:
        parts = urlsplit(issuer.url)
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.base = parts.path
        self.secure = parts.scheme == "https"

    def path(self, path: str) -> str:
        return self.base + path

    def with_query(self, path: str, values: Mapping[str, str]) -> str:
        return f"{self.path(path)}?{urlencode(values)}"

    def cookie(self, name: str) -> str:
        """Its whole name; the prefix binds it to this host, and needs https."""
        return f"__Host-{name}" if self.secure else name

    def url(self, path: str) -> str:
        """Of a path that ``path`` or ``safe_next`` gave."""
        return self.origin + path
