"""The contenders by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from benchmarks.sync.contenders.contender import Contender
from benchmarks.sync.contenders.dlt import Dlt, DltAdbc
from benchmarks.sync.contenders.floor import Floor, FloorIndexed
from benchmarks.sync.contenders.hub import Hub
from benchmarks.sync.contenders.roster import Roster, RosterOfWorkbooks

CONTENDERS: Final[Mapping[str, type[Contender]]] = {
    each.name: each for each in (Floor, FloorIndexed, Dlt, DltAdbc, Hub, Roster, RosterOfWorkbooks)
}
UNUSUAL: Final = (FloorIndexed.name, Roster.name, RosterOfWorkbooks.name)
USUAL: Final = tuple(name for name in CONTENDERS if name not in UNUSUAL)
