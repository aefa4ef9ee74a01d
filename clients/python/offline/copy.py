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
        return self._pull(Pulled(), whole=False)

    def verify(self) -> Pulled:
        """Pulls, and holds the copy against the checksum of the whole; begins anew where it differs."""
        return self._pull(Pulled(), whole=True)

    def _pull(self, pulled: Pulled, *, whole: bool) -> Pulled:
        more = True
        while more:
            try:
                page = self._page(whole=whole)
            except Refused as error:
                if error.code != "RESYNC" or self.store.cursor is None:
                    raise
                self._begin_anew(pulled)
                continue
            self.store.take(page["entries"], page["cursor"])
            _note(pulled, page["entries"])
            more = page["hasMore"]
            if not more and whole and not self._is_whole(page["whole"]):
                if pulled.anew:
                    raise Damaged
                self._begin_anew(pulled)
                more = True
        return pulled

    def _page(self, *, whole: bool) -> dict[str, Any]:
        asked = {"since": self.store.cursor, "first": self.first, "whole": whole}
        for _ in range(TRIES):
            data, _errors = self.hub.ask(self.document, asked)
            page: dict[str, Any] = data["caseload"]
            if page_checksum(page["entries"]) == page["checksum"]:
                return page
        raise Damaged

    def _is_whole(self, told: Mapping[str, Any]) -> bool:
        versions = self.store.versions()
        return bool(told == {"count": len(versions), "checksum": whole_checksum(versions)})

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
