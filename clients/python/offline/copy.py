"""The copy: pages of ``caseload`` are taken in their order, each with its cursor, and checked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from offline.hub import Hub, Refused
from offline.store import Store, text_of

TRIES = 3
"""Of a page that is not what its checksum says."""


class Damaged(Exception):
    """What arrives, or what is held, is not what the hub says it is, time and again."""


@dataclass
class Pulled:
    """``gone``: reasons by id. ``anew``: the copy was dropped, and begun again."""

    changed: set[str] = field(default_factory=set)
    gone: dict[str, str] = field(default_factory=dict)
    anew: bool = False


@dataclass
class Copy:
    """``document``: asks for ``caseload``, with variables ``since``, ``first`` and ``whole``."""

    hub: Hub
    store: Store
    document: str = "caseload"
    first: int = 200

    def pull(self) -> Pulled:
        """All there is by now; Away, Refused, Damaged. What was taken before stays taken."""
        return self._pull(Pulled())

    def verify(self) -> Pulled:
        """Pulls, and holds the copy against the checksum of the whole; begins anew where it differs."""
        pulled = self._pull(Pulled())
        while not self._is_checked(pulled):
            self._pull(pulled)
        return pulled

    def _pull(self, pulled: Pulled) -> Pulled:
        while (page := self._take(pulled, self.first)) is None or page["hasMore"]:
            pass
        return pulled

    def _take(self, pulled: Pulled, first: int, *, whole: bool = False) -> dict[str, Any] | None:
        """The next page; None where the copy was dropped instead."""
        try:
            page = self._page(first, whole=whole)
        except Refused as error:
            if error.code != "RESYNC" or self.store.cursor is None:
                raise
            self._begin_anew(pulled)
            return None
        self.store.take(page["entries"], page["cursor"])
        _note(pulled, page["entries"])
        if not page["hasMore"] and (pulled.gone or pulled.anew):
            self.store.tidy()
        return page

    def _page(self, first: int, *, whole: bool) -> dict[str, Any]:
        asked = {"since": self.store.cursor, "first": first, "whole": whole}
        for _ in range(TRIES):
            data, _errors = self.hub.ask(self.document, asked)
            page: dict[str, Any] = data["caseload"]
            if page_checksum(page["entries"]) == page["checksum"]:
                return page
        raise Damaged

    def _is_checked(self, pulled: Pulled) -> bool:
        """Whether there was nothing more to pull, and the copy is whole; else there is more."""
        page = self._take(pulled, 1, whole=True)
        if page is None or page["hasMore"]:
            return False
        versions = self.store.versions()
        if page["whole"] == {"count": len(versions), "checksum": whole_checksum(versions)}:
            return True
        if pulled.anew:
            raise Damaged
        self._begin_anew(pulled)
        return False

    def _begin_anew(self, pulled: Pulled) -> None:
        self.store.begin_anew()
        pulled.anew = True


def _note(pulled: Pulled, entries: list[dict[str, Any]]) -> None:
    for entry in entries:
        if entry["operation"] == "UPSERT":
            pulled.changed.add(entry["id"])
            pulled.gone.pop(entry["id"], None)
        else:
            pulled.gone[entry["id"]] = entry["reason"]
            pulled.changed.discard(entry["id"])


def page_checksum(entries: list[dict[str, Any]]) -> str:
    """Of entries as they were sent."""
    return hashlib.sha256(text_of(entries).encode()).hexdigest()


def whole_checksum(versions: Mapping[str, str]) -> str:
    """Of all that is held, in whatever order."""
    found = 0
    for id, version in versions.items():
        found ^= int.from_bytes(hashlib.sha256(f"{id} {version}".encode()).digest()[:16])
    return f"{found:032x}"
