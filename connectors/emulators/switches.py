"""Faults of emulators that run: switched on by name for a number of times, and counted.

The switches are files in a folder, so that another process, such as ``hub sandbox fault``, can turn them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple


class Words(NamedTuple):
    """What a fault is, for people."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Switches:
    """``folder`` holds ``NAME.on`` with the times left and ``NAME.count`` with those that were."""

    folder: Path

    def turn_on(self, name: str, times: int = 1) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self._file(name, "on").write_text(str(times))

    def turn_off(self, name: str) -> None:
        self._file(name, "on").unlink(missing_ok=True)

    def strikes(self, name: str) -> bool:
        """Whether it is to happen now; one time less is left then."""
        left = self._number(name, "on")
        if left <= 0:
            return False
        if left == 1:
            self.turn_off(name)
        else:
            self._file(name, "on").write_text(str(left - 1))
        self._file(name, "count").write_text(str(self.count(name) + 1))
        return True

    def count(self, name: str) -> int:
        return self._number(name, "count")

    def left(self, name: str) -> int:
        """How often it is still to happen."""
        return self._number(name, "on")

    def happened(self, name: str, times: int = 1) -> None:
        """Count what was done without a switch."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._file(name, "count").write_text(str(self.count(name) + times))

    def _number(self, name: str, kind: str) -> int:
        try:
            return int(self._file(name, kind).read_text())
        except (FileNotFoundError, ValueError):
            return 0

    def _file(self, name: str, kind: str) -> Path:
        return self.folder / f"{name}.{kind}"
