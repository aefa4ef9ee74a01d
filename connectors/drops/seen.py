"""What was read of a source's drops, as its checkpoint says it.

``files``: by name the state in which a file was read, its day, list and turn; ``full``: by list day and name
of the newest whole list; ``waits``: by name since when a file, in a state, has not fitted its digest.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from connectors.drops.drop import Drop


class Seen:
    def __init__(self, checkpoint: Mapping[str, Any] | None) -> None:
        held = checkpoint or {}
        self._files: dict[str, Any] = dict(held.get("files", {}))
        self._full: dict[str, list[str]] = dict(held.get("full", {}))
        self._waits: dict[str, Any] = dict(held.get("waits", {}))

    def has(self, drop: Drop, digest: str) -> bool:
        held = self._files.get(drop.name)
        return held is not None and bool(held["state"] == _state(drop, digest))

    def has_content(self, drop: Drop, digest: str) -> bool:
        """Whether the file came again as it was."""
        held = self._files.get(drop.name)
        return held is not None and bool(held["state"][-1] == digest)

    def digest_of(self, drop: Drop) -> str:
        """Of a file that has the size and time it was read with, else empty."""
        held = self._files.get(drop.name)
        if held is None or held["state"][:2] != [drop.entry.size, drop.entry.modified]:
            return ""
        return str(held["state"][2])

    def is_past(self, drop: Drop, there: Collection[str]) -> bool:
        """Whether a whole list behind it has taken the file's place: one of a later day, or of a later name.

        Of one day a file that was put later counts, too. ``there``: names in the folder; what came instead of
        a file that is gone may be of the same second.
        """
        kind, day = _of_day(drop)
        full_day, full = self._full.get(kind, ["", ""])
        if day != full_day or drop.name >= full:
            return day < full_day
        read_at = self._files[full]["state"][1] if full in self._files else drop.entry.modified
        return drop.entry.modified < read_at + (full in there)

    def turns(self, drops: Iterable[Drop]) -> Mapping[str, int]:
        """By name the turn of each file within its day: behind those that were read before, in order."""
        found: dict[str, int] = {}
        last: dict[str, int] = {}
        for drop in drops:
            kind, day = _of_day(drop)
            held = (f["turn"] for f in self._files.values() if (f["list"], f["day"]) == (kind, day))
            last[day] = 1 + (last[day] if day in last else max(held, default=0))
            found[drop.name] = last[day]
        return found

    def note(self, drop: Drop, digest: str, turn: int, *, whole: bool) -> None:
        kind, day = _of_day(drop)
        self._files[drop.name] = {
            "state": _state(drop, digest),
            "list": kind,
            "day": day,
            "turn": turn,
        }
        if whole and day >= self._full.get(kind, [""])[0]:
            self._full[kind] = [day, drop.name]

    def refuse(self, drop: Drop) -> None:
        """What the file said before it was refused counts as not read, for its name is in quarantine now."""
        if (held := self._files.get(drop.name)) is not None:
            held["state"] = [*held["state"][:2], ""]

    def waiting_since(self, drop: Drop, digest: str, now: dt.datetime) -> dt.datetime:
        """Since when the file is in the state it is in; a file that grows is on its way."""
        state = _state(drop, digest)
        if self._waits.get(drop.name, {}).get("state") != state:
            self._waits[drop.name] = {"state": state, "since": now.isoformat()}
        return dt.datetime.fromisoformat(self._waits[drop.name]["since"])

    def checkpoint(self, drops: Iterable[Drop]) -> Mapping[str, Any]:
        """What the next run must know: no files whose place a whole list has taken."""
        there = {drop.name for drop in drops}
        files = {n: f for n, f in self._files.items() if [f["day"], n] >= self._full.get(f["list"], [])}
        waits = {n: w for n, w in self._waits.items() if n in there and n not in files}
        return {"files": files, "full": self._full, "waits": waits}


def _of_day(drop: Drop) -> list[str]:
    assert drop.day is not None
    return [drop.list.mapping.kind, drop.day.isoformat()]


def _state(drop: Drop, digest: str) -> list[Any]:
    return [drop.entry.size, drop.entry.modified, digest]
