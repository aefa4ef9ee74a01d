"""The headers of a request, read once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from starlette.types import Scope

KEPT: Final = "hub.heads"
PURPOSE: Final = "Hub-Purpose"
EMERGENCY: Final = "Emergency-Access"
"""What a request is for."""
VIEWER: Final = "hub.viewer"
"""In the scope: who was let in, before it is looked at what the request is for."""
ASKING: Final = "hub.asking"
"""In the scope: who asks, for what."""
DOCUMENT: Final = "hub.document"
"""In the scope: the text of a trusted document that the request names."""


def heads(scope: Scope) -> Mapping[str, str]:
    """By name in lower case; one that is given several times is one list (RFC 9110, 5.3)."""
    found: Mapping[str, str] | None = scope.get(KEPT)
    if found is None:
        found = scope[KEPT] = joined(scope["headers"])
    return found


def joined(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        found[key] = f"{found[key]}, {text}" if key in found else text
    return found
