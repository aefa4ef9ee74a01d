"""All contenders, in the order they are shown."""

from __future__ import annotations

from typing import Final

from benchmarks.read.contenders.contender import Contender
from benchmarks.read.contenders.floor import Floor
from benchmarks.read.contenders.hub import Hub
from benchmarks.read.contenders.postgraphile import PostGraphile
from benchmarks.read.contenders.strawberry import Strawberry, StrawberryWithCaches
from benchmarks.read.contenders.unlocked import Open, Told

CONTENDERS: Final[dict[str, type[Contender]]] = {
    kind.name: kind for kind in (Floor, Hub, Told, Open, PostGraphile, Strawberry, StrawberryWithCaches)
}

USUAL: Final = ("floor", "hub", "postgraphile", "strawberry")
"""Those that run where nobody names others."""
