"""What a run was given, as far as it decides what the run may conclude."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Delivered:
    """``files`` a run was given and the ``kinds`` of lists in them.

    ``unread``: file and sheet of what was refused as a whole, the sheet empty for a whole file.
    ``whole``: the run was the whole source.
    """

    files: set[str] = field(default_factory=set)
    unread: set[tuple[str, str]] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    whole: bool = True
