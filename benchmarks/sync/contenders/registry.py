"""The contenders by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from benchmarks.sync.contenders.contender import Contender
from benchmarks.sync.contenders.dlt import Dlt
from benchmarks.sync.contenders.floor import Floor
from benchmarks.sync.contenders.hub import Hub

CONTENDERS: Final[Mapping[str, type[Contender]]] = {each.name: each for each in (Floor, Dlt, Hub)}
