"""What a run was given, as far as it decides what the run may conclude."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field


@dataclass(slots=True)
class Delivered:
    """``files`` a run was given and the ``kinds`` of lists in them.

    ``unread``: file and sheet of what was refused as a whole, the sheet empty for a whole file.
    ``again``: file, sheet and number of rows that the hub said again itself. ``whole``: the run was the
    whole source. ``complete``: lists that were given in full, as of when; ``unsure``: lists with rows of
    which nobody can tell what they are about.
    """

    files: set[str] = field(default_factory=set)
    unread: set[tuple[str, str]] = field(default_factory=set)
    kinds: set[str] = field(default_factory=set)
    whole: bool = True
    complete: dict[str, dt.datetime] = field(default_factory=dict)
    again: set[tuple[str, str, int]] = field(default_factory=set)
    unsure: set[str] = field(default_factory=set)
