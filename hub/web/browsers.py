"""The kind of a browser, so that users know their sessions apart; nothing finer is kept of them."""

from __future__ import annotations

from typing import Final

# The first that is found counts: browsers name those they are made from, too.
NAMES: Final = (
    ("MicroMessenger/", "WeChat"),
    ("Edg", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS: Final = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(user_agent: str) -> str:
    """Such as ``Firefox, Windows``; empty when neither is known."""
    found = (next((name for mark, name in known if mark in user_agent), None) for known in (NAMES, SYSTEMS))
    return ", ".join(filter(None, found))
