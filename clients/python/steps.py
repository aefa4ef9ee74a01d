"""Plays steps, a JSON array of ``[name, …]`` on standard input, and prints what came of each.

HUB_URL, CLIENT_KEY (a private JWK), STORE (a file)
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from offline import Away, Copy, Hub, Kind, Queue, Refused, Store, Tokens

KINDS = {"visit": Kind("visits"), "dossier": Kind("dossiers", record="dossier")}
DOCUMENTS = {name: name for name in ("caseload", "visits", "dossiers")}


class Player:
    def __init__(self) -> None:
        given = os.environ
        tokens = Tokens(given["HUB_URL"], "field-1", json.loads(given["CLIENT_KEY"]))
        self.hub = Hub(tokens, DOCUMENTS, tries=3, first=0.01, most=0.02, timeout=3)
        self.path = Path(given["STORE"])
        self.open()

    def play(self, name: str, *given: Any) -> Any:
        """What a step says, or what it failed with."""
        try:
            return getattr(self, name)(*given)
        except Away as away:
            return "AWAY" if away.wait is None else f"AWAY {away.wait:.0f}"
        except Refused as refused:
            return refused.code
        except Exception as error:
            return f"{type(error).__name__}: {error}"

    def open(self) -> None:
        """As another process does, too."""
        self.store = Store(self.path)
        self.queue = Queue(self.hub, self.store, KINDS)

    def put(self, key: str, kind: str, item: dict[str, Any], base: dict[str, Any] | None = None) -> None:
        self.queue.put(kind, item, base=base, key=key)

    def together(self, *items: list[Any]) -> None:
        for item in items:
            self.put(*item)

    def behind(self, key: str) -> None:
        """Another that has the store open puts something."""
        Queue(self.hub, Store(self.path), KINDS).put("visit", {}, key=key)

    def send(self) -> None:
        self.queue.send()

    def pull(self) -> list[str]:
        return sorted(Copy(self.hub, self.store).pull().changed)

    def verify(self) -> list[str]:
        return sorted(Copy(self.hub, self.store).verify().changed)

    def states(self) -> dict[str, str]:
        return {entry.key: entry.state for entry in self.queue.entries()}

    def modes(self) -> list[str]:
        return sorted({oct(file.stat().st_mode & 0o777) for file in self._files()})

    def holds(self, text: str) -> bool:
        """Whether any file of the store does."""
        return any(text.encode() in file.read_bytes() for file in self._files())

    def _files(self) -> list[Path]:
        return list(self.path.parent.glob(f"{self.path.name}*"))


if __name__ == "__main__":
    player = Player()
    print(json.dumps([player.play(*step) for step in json.load(sys.stdin)]))
