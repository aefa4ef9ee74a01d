"""What a mutation is asked with: the read engine fills it in, the write engine does it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeAlias

from hub.access.limits import Limits
from hub.access.viewer import Viewer
from hub.store.database import Database
from hub.store.vault import Vault

ITEMS: Final = "items"
"""Argument of a mutation that does many."""


@dataclass(frozen=True, slots=True)
class Mutation:
    """``name``: of the field; ``operation``: of the operation, if it has one. ``arguments``: as GraphQL names
    them, coerced. ``values``: the viewer's, as slices name them. ``digest``: of the whole document, and
    ``document`` its text without values.
    """

    database: Database
    vault: Vault
    viewer: Viewer
    values: Mapping[str, Any]
    now: dt.datetime
    name: str
    arguments: Mapping[str, Any]
    digest: bytes
    document: str
    operation: str | None
    limits: Limits = field(default_factory=Limits)

    @property
    def items(self) -> list[Mapping[str, Any]]:
        """Of a mutation that does many: the arguments of each."""
        given: list[Mapping[str, Any]] = self.arguments[ITEMS]
        return given

    def one(self, name: str, arguments: Mapping[str, Any]) -> Mutation:
        """The same for one of them, as the mutation ``name`` would be asked."""
        return replace(self, name=name, arguments=arguments)


Write: TypeAlias = Callable[[Mutation], Awaitable[str]]
"""Does it and tells the global id of the record it is about, without the type: ``450305:17`` or ``12``."""
WriteEach: TypeAlias = Callable[[Mutation], Awaitable[list[str | Exception]]]
"""Does all items: of each what ``Write`` tells, or why it was not done, in the order in which they came."""
